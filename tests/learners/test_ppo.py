"""IPPO and MAPPO: what is learned from, and that agents are apart."""

from typing import Any

import numpy as np
import pytest
import torch
from ppo_turns import MEMORY, NAMES, SMALL, AtOnce, Turns, learner, taken
from torch.testing import assert_close

from gametheory.game import Discrete
from gametheory.streams import seed_keys
from learners.experience.on_policy import Steps, sequences
from learners.learner import Transition
from learners.nets.networks import forward
from learners.running.rollout import advance, begin


@NAMES
@MEMORY
def test_likelihoods_are_those_of_the_policies_that_acted(name: str, recurrent: bool) -> None:
    """Also after an update in the middle of a play, where policies go on with the memory they had."""
    made, game, asked, told = learner(name, recurrent=recurrent), Turns(), [], []
    rollout = begin(game, made.behaviour(), seed=0, plays=4)
    for _ in range(20):
        policy, carry, state = made.behaviour()[2], rollout.carries[2], rollout.step
        legal = game.legal(state.state)[2]
        p = policy.probabilities(carry, state.observations[2], legal)  # type: ignore[attr-defined]
        rollout, transition, *_ = advance(game, made.behaviour(), rollout, 5)
        made.observe(transition)
        logs = made._collector._store._steps[-1].log_probs[:, 2].exp()
        mine = transition.acting[:, 2]
        asked += p[np.arange(4), transition.actions[2]][mine].tolist()
        told += logs[torch.from_numpy(mine)].tolist()
        made.update()
    assert made._updates == 2
    assert len(told) > 10
    np.testing.assert_allclose(told, asked, rtol=1e-5)


@NAMES
@MEMORY
def test_before_the_first_gradient_step_nothing_has_changed(name: str, recurrent: bool) -> None:
    """Replayed in pieces, likelihoods and values are what they were step by step."""
    made = learner(name, recurrent=recurrent)
    parts = taken(made)
    steps = Steps(*parts[:-4])
    log_ratio, _ = made._networks.replayed(steps)
    assert log_ratio.detach().abs().max() < 1e-5
    acting = steps.acting.movedim(2, 0)
    values = made._networks.revalued(steps).detach()[acting]
    assert_close(values, steps.values.movedim(2, 0)[acting].float(), rtol=1e-4, atol=1e-5)


@NAMES
@MEMORY
@pytest.mark.parametrize("game", [Turns(), AtOnce()], ids=["by turns", "at once"])
def test_no_agent_trains_another(name: str, recurrent: bool, game: Any) -> None:
    """What agent 0 did and earned moves agent 0's networks alone, over a whole minibatch step."""
    after = []
    for factor in (1.0, -5.0):
        made = learner(name, recurrent=recurrent, gradient_norm=0.5)
        parts = list(taken(made, game=game))
        for k in (-4, -3):  # advantages and returns
            parts[k] = parts[k] * torch.tensor([factor, 1.0, 1.0])
        made._minibatch(tuple(parts), torch.zeros(3, dtype=torch.bool))
        after.append([*made._networks.actors.weights, *made._networks.critics.weights])
    first_of_critics = len(made._networks.actors.weights)
    for k in (0, first_of_critics):
        assert not torch.equal(after[0][k][0], after[1][k][0])
    assert all(torch.equal(one[1:], two[1:]) for one, two in zip(*after, strict=True))


@pytest.mark.parametrize(("name", "elsewhere"), [("ippo", False), ("mappo", True)])
def test_critics_see_the_own_observation_or_all(name: str, elsewhere: bool) -> None:
    made = learner(name)
    shown = torch.randn(2, 3, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    values, _ = made._networks.valued(
        shown, torch.ones(2, 3, dtype=torch.bool), made._networks.critics.start(2)
    )
    for i in range(3):
        (gradient,) = torch.autograd.grad(values[:, i].sum(), shown, retain_graph=True)
        assert gradient[:, i].abs().sum() > 0
        others = [j for j in range(3) if j != i]
        assert bool((gradient[:, others].abs().sum(dim=(0, 2)) > 0).all()) == elsewhere


def test_values_do_not_change_when_their_units_do() -> None:
    made = learner("mappo")
    shown, acting = torch.rand(4, 3, 3), torch.ones(4, 3, dtype=torch.bool)
    memory = made._networks.critics.start(4)
    before, _ = made._networks.valued(shown, acting, memory)
    made._networks.measure(
        torch.tensor([[1e3, 0.0, 5.0], [3e3, 1e-3, 5.0]], dtype=torch.float64),
        torch.ones(2, 3, dtype=torch.bool),
    )
    after, _ = made._networks.valued(shown, acting, memory)
    assert made._networks.units[1].tolist() == pytest.approx([1e3, 5e-4, 1.0])
    assert_close(before[:, 1:].detach(), after[:, 1:].detach(), rtol=1e-5, atol=1e-5)
    assert_close(before[:, 0].detach(), after[:, 0].detach(), rtol=0, atol=1e3 * 1e-6)


def test_a_group_beyond_its_divergence_stands_still_and_the_others_go_on() -> None:
    made = learner("ippo", largest_kl=1e-9)
    parts = taken(made)
    still = torch.zeros(3, dtype=torch.bool)
    _, still = made._minibatch(parts, still)
    assert not still.any()  # at first π is π_old
    with torch.no_grad():
        for tensor in made._networks.actors.weights:
            tensor[2].mul_(-3.0)
    made._settings = type(made._settings)(**(SMALL | {"largest_kl": 0.02, "entropy": 1.0}))
    before = [tensor.detach().clone() for tensor in made._networks.actors.weights]
    _, still = made._minibatch(parts, still)
    assert still.tolist() == [False, False, True]
    after = made._networks.actors.weights
    assert all(torch.equal(one[2], two[2]) for one, two in zip(before, after, strict=True))
    assert not torch.equal(before[0][0], after[0][0])
    assert not torch.equal(before[0][1], after[0][1])


def test_on_a_bandit_the_gradient_is_that_of_the_expected_payoff() -> None:
    payoffs, made = np.array([1.0, 0.0, 0.5]), learner("ippo", actions=(Discrete(3),), entropy=0.0)
    one = torch.tensor([[[1.0, 0.0]]])
    weights = made._networks.actors.weights
    pi = torch.softmax(forward(weights, one, torch.tanh)[0, 0], dim=0)
    exact = torch.autograd.grad((pi * torch.tensor(payoffs)).sum(), weights)
    batch = 40_000
    seen, keys = np.zeros(batch, dtype=np.int64), seed_keys(0, batch)
    _, actions = made.behaviour()[0].act(None, seen, keys)
    yes, none = np.ones(batch, dtype=bool), (None,)
    made.observe(
        Transition(
            (seen,),
            (actions,),
            payoffs[actions][:, None],
            (seen,),
            np.ones(batch),
            yes,
            ~yes,
            yes[:, None],
            none,
            none,
        )
    )
    steps, (advantages, closed) = made._collector.take(0.95)
    made._networks.actors.trained.descend = lambda loss, factor: sampled.extend(
        torch.autograd.grad(loss, weights)
    )  # type: ignore[method-assign]
    sampled: list[torch.Tensor] = []
    lessons = (advantages.float(), advantages.float(), advantages.float(), closed)
    made._minibatch(sequences((*steps, *lessons), 1), torch.zeros(1, dtype=torch.bool))
    # per decision the score has length ≤ 2 and the payoff range is 1: three deviations of the mean
    for mine, right in zip(sampled, exact, strict=True):
        assert_close(-mine, right, rtol=0, atol=float(3 * 2 * right.abs().max() + 3) / batch**0.5)
    flat, right = torch.cat([g.flatten() for g in sampled]), torch.cat([g.flatten() for g in exact])
    assert float(torch.cosine_similarity(-flat, right.float(), dim=0)) > 0.995
