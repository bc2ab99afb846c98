"""MATD4 against a plain one-agent-at-a-time computation, its isolation of agents, and exact resume."""

import copy
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.testing import assert_close

from gametheory.errors import GameError
from gametheory.game import Box, Discrete, Spec
from gametheory.numerics import Array
from gametheory.streams import derive, seed_keys, uniform
from learners import central
from learners.learner import Transition
from learners.matd4 import MATD4
from learners.registry import make

SEEN: tuple[Spec, ...] = (Discrete(2), Box([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]), Discrete(3))
CONTINUOUS: tuple[Spec, ...] = (Box([0.0], [2.0]), Box([-1.0, -1.0], [1.0, 1.0]), Box([5.0], [6.0]))
DISCRETE: tuple[Spec, ...] = (Discrete(2), Discrete(4), Discrete(3))
MIXED: tuple[Spec, ...] = (Discrete(2), Box([-1.0, 0.0, 0.0], [1.0, 4.0, 1.0]), Discrete(3))
KINDS = pytest.mark.parametrize("actions", [CONTINUOUS, DISCRETE, MIXED], ids=["box", "discrete", "mixed"])
VARIANTS = pytest.mark.parametrize("name", ["matd4", "soft-matd4"])
SMALL = {
    "batch_size": 16,
    "random_steps": 0,
    "actor_hidden": (8,),
    "critic_hidden": (8, 8),
    "replay_size": 64,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def learner(name: str, actions: tuple[Spec, ...], seed: int = 0, **settings: Any) -> MATD4:
    out = make(name, SEEN, actions, seed=seed, settings=SMALL | settings)
    assert isinstance(out, MATD4)
    # far from the almost constant start, so that every derivative is alive
    for tensor in out._actors.weights[-2:] + out._actors.targets[-2:]:
        with torch.no_grad():
            tensor.add_(torch.randn(tensor.shape, generator=torch.Generator().manual_seed(seed)))
    return out


def values_of(spec: Spec, u: Array) -> Array:
    if isinstance(spec, Discrete):
        return (u[:, 0] * spec.size).astype(np.int64)
    return spec.low + u[:, : spec.size] * (spec.high - spec.low)


def experience(actions: tuple[Spec, ...], batch: int = 32, seed: int = 0, **changes: Any) -> Transition:
    keys = seed_keys(seed, batch)
    draws = iter(range(100))

    def some(specs: tuple[Spec, ...]) -> tuple[Array, ...]:
        return tuple(values_of(spec, uniform(keys, next(draws), 4)) for spec in specs)

    base = Transition(
        observations=some(SEEN),
        actions=some(actions),
        rewards=uniform(keys, next(draws), 3),
        next_observations=some(SEEN),
        discount=np.full(batch, 0.9),
        terminated=uniform(keys, next(draws), 1)[:, 0] < 0.3,
        truncated=np.zeros(batch, dtype=bool),
        acting=np.ones((batch, 3), dtype=bool),
        legal=(None,) * 3,
        next_legal=(None,) * 3,
    )
    return base._replace(**changes)


def ready(name: str, actions: tuple[Spec, ...], **settings: Any) -> tuple[MATD4, Any]:
    out = learner(name, actions, **settings)
    out.observe(experience(actions))
    return out, out._replay.sample(16, torch.Generator().manual_seed(3))


def perceptron(weights: list[torch.Tensor], k: int, x: torch.Tensor) -> torch.Tensor:
    for layer in range(0, len(weights), 2):
        x = functional.linear(x, weights[layer][k].T, weights[layer + 1][k, 0])
        x = functional.silu(x) if layer < len(weights) - 2 else x
    return x


def gradients(loss: torch.Tensor, made: MATD4) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, made._actors.weights, retain_graph=True))


class TestAgainstPlainLoops:
    """The stacked computation of three unlike agents against loops over agents and critics."""

    sizes = (1, 2, 1)

    def joint(self, seen: torch.Tensor, actions: list[torch.Tensor]) -> torch.Tensor:
        padded = [functional.pad(a, (0, 2 - a.shape[1])) for a in actions]
        return torch.cat([seen.flatten(1), *padded], dim=1)

    def test_critic_loss(self) -> None:
        made, batch = ready("matd4", CONTINUOUS)
        for tensor in made._actors.targets + made._critics.targets:
            tensor.mul_(1.1)  # targets differ from the online networks
        generator = torch.Generator().manual_seed(9)
        made._random.set_state(generator.get_state())
        loss = made._critic_loss(batch)
        noise = (torch.empty(3, 16, 2).normal_(generator=generator) * 0.2).clamp(-0.5, 0.5)
        following = []
        for j, size in enumerate(self.sizes):
            mean = torch.tanh(perceptron(made._actors.targets, j, batch.next_observations[:, j]))[:, :size]
            following.append((mean + noise[j, :, :size]).clamp(-1, 1))
        ahead = self.joint(batch.next_observations, following)
        here = self.joint(batch.observations, [batch.actions[:, j, :s] for j, s in enumerate(self.sizes)])
        scaled = made._scale(batch.rewards, batch.continues)
        expected = 0.0
        for i in range(3):
            smaller = torch.minimum(*(perceptron(made._critics.targets, k, ahead)[:, 0] for k in (i, 3 + i)))
            y = (scaled[:, i] + batch.continues * smaller).detach()
            for k in (i, 3 + i):
                error = perceptron(made._critics.weights, k, here)[:, 0] - y
                expected = expected + (error**2).mean()
        assert_close(loss, expected)
        assert 0 < (batch.continues == 0).sum() < 16  # both kinds of transition were in it

    @VARIANTS
    def test_actor_loss(self, name: str) -> None:
        made, batch = ready(name, CONTINUOUS)
        current = [
            torch.tanh(perceptron(made._actors.weights, j, batch.observations[:, j]))[:, :size]
            for j, size in enumerate(self.sizes)
        ]
        expected = 0.0
        for i in range(3):
            given = [batch.actions[:, j, :s] for j, s in enumerate(self.sizes)]
            others = [a.detach() for a in current] if name == "soft-matd4" else given
            actions = [current[j] if j == i else others[j] for j in range(3)]
            joint = self.joint(batch.observations, actions)
            pair = [perceptron(made._critics.weights, k, joint)[:, 0] for k in (i, 3 + i)]
            expected = expected - torch.minimum(*pair).mean()
        loss = made._actor_loss(batch)
        assert_close(loss, expected)
        for mine, plain in zip(gradients(loss, made), gradients(expected, made), strict=True):
            assert_close(mine, plain)


@VARIANTS
@KINDS
def test_no_critic_of_another_agent_trains_an_actor(name: str, actions: tuple[Spec, ...]) -> None:
    made, batch = ready(name, actions)
    made._random.manual_seed(4)
    before = gradients(made._actor_loss(batch), made)
    assert all(part[i].abs().sum() > 0 for part in before for i in range(3))
    with torch.no_grad():
        for tensor in made._critics.weights:
            tensor[[1, 2, 4, 5]] *= -3.0  # all but agent 0's
    made._random.manual_seed(4)
    after = gradients(made._actor_loss(batch), made)
    for old, new in zip(before, after, strict=True):
        assert torch.equal(old[0], new[0])
        assert not torch.equal(old[1], new[1])


@VARIANTS
@KINDS
def test_the_gradient_goes_through_the_own_action_only(name: str, actions: tuple[Spec, ...]) -> None:
    made, batch = ready(name, actions, logit_penalty=0.0)
    width, first = batch.actions.shape[2], batch.observations[0].numel()
    with torch.no_grad():  # agent 0's critics ignore its own action, and no one else's
        made._critics.weights[0][[0, 3], first : first + width] = 0.0
    after = gradients(made._actor_loss(batch), made)
    assert all(part[0].abs().max() < 1e-7 for part in after)
    assert all(part[1].abs().sum() > 0 for part in after)


@KINDS
def test_soft_asks_the_critics_about_current_actions_and_plain_about_replayed_ones(
    actions: tuple[Spec, ...],
) -> None:
    changes = {}
    for name in ("matd4", "soft-matd4"):
        made, batch = ready(name, actions)
        losses = []
        for shown in (batch, batch._replace(actions=torch.zeros_like(batch.actions))):
            made._random.manual_seed(4)
            losses.append(made._actor_loss(shown).item())
        changes[name] = losses[0] != losses[1]
    assert changes == {"matd4": True, "soft-matd4": False}


@VARIANTS
@KINDS
def test_every_critic_sees_every_observation_and_action(name: str, actions: tuple[Spec, ...]) -> None:
    made, batch = ready(name, actions)
    shown = [part.clone().requires_grad_() for part in (batch.observations, batch.actions)]
    values = central.joint_values(made._critics, *shown, 6)
    for value in values.flatten(0, 1):
        for part in torch.autograd.grad(value.sum(), shown, retain_graph=True):
            assert torch.all(part.abs().sum(dim=(0, 2)) > 0)


@KINDS
def test_smoothing_moves_the_target_action_of_every_agent(actions: tuple[Spec, ...]) -> None:
    made, batch = ready("matd4", actions)
    seen: list[torch.Tensor] = []
    true_target = made._critics.target
    made._critics.target = lambda x: (seen.append(x[0]), true_target(x))[1]  # type: ignore[method-assign,func-returns-value]
    for _ in range(2):
        made._critic_loss(batch)
    start = batch.next_observations[0].numel()
    one, two = (x[:, start:].view(16, 3, -1) for x in seen)
    assert torch.all((one - two).abs().sum(dim=(0, 2)) > 0)
    for i, spec in enumerate(actions):
        if isinstance(spec, Discrete):
            assert torch.all((one[:, i].sum(dim=1) == 1) & (one[:, i].amax(dim=1) == 1))
        else:
            assert one[:, i].abs().max() <= 1.0


def test_targets_do_not_depend_on_the_online_networks() -> None:
    made, batch = ready("matd4", MIXED)
    seen: list[torch.Tensor] = []
    for _ in range(2):
        made._random.manual_seed(4)
        seen.append(made._following(batch))
        with torch.no_grad():
            for tensor in made._actors.weights + made._critics.weights:
                tensor.mul_(-2.0)
    assert torch.equal(*seen)


def test_targets_and_actors_move_only_when_the_delay_is_over() -> None:
    made, _ = ready("matd4", MIXED, policy_delay=3)
    for step in range(1, 7):
        before = copy.deepcopy(made.state_dict())
        made.update()
        after = made.state_dict()
        moved = {
            (part, kind): any(
                not torch.equal(a, b) for a, b in zip(before[part][kind], after[part][kind], strict=True)
            )
            for part in ("actors", "critics")
            for kind in ("weights", "targets")
        }
        due = step % 3 == 0
        assert moved[("critics", "weights")]
        assert moved[("actors", "weights")] == due
        assert moved[("actors", "targets")] == due
        assert moved[("critics", "targets")] == due


def test_terminal_transitions_teach_the_critics() -> None:
    made = learner("matd4", CONTINUOUS)
    made.observe(experience(CONTINUOUS, terminated=np.ones(32, dtype=bool)))
    first = np.mean([made.update()["critic_loss"] for _ in range(20)])
    for _ in range(200):
        last = made.update()["critic_loss"]
    assert last < 0.5 * first


def test_what_is_stored_is_what_the_environment_played() -> None:
    made = learner("matd4", MIXED)
    shown = experience(MIXED, batch=16)
    keys = seed_keys(1, 16)
    played = tuple(
        policy.act(None, shown.observations[i], derive(keys, i))[1]
        for i, policy in enumerate(made.behaviour())
    )
    made.observe(shown._replace(actions=played))
    batch = made._replay.sample(64, torch.Generator().manual_seed(0))
    stored = {tuple(row) for row in batch.actions[:, 0].int().tolist()}
    assert stored <= {(1, 0, 0), (0, 1, 0)}
    back = {round(float(x), 5) for x in batch.actions[:, 1, 1]}
    assert back <= {round(float(x) / 2.0 - 1.0, 5) for x in played[1][:, 1]}


@VARIANTS
def test_agents_that_sometimes_see_nothing_do_no_harm(name: str) -> None:
    made = learner(name, MIXED)
    shown = experience(MIXED)
    asleep = np.arange(32) % 2 == 0
    acting = np.stack([~asleep, asleep, np.zeros(32, dtype=bool)], axis=1)
    seen = (
        np.where(asleep, -1, shown.observations[0]),
        np.where(asleep[:, None], shown.observations[1], np.nan),
        np.full(32, -1),
    )
    masks = (np.where(asleep[:, None], False, np.array([True, False])), None, np.zeros((32, 3), dtype=bool))
    silent = [tensor[2].detach().clone() for tensor in made._actors.weights]
    made.observe(
        shown._replace(
            observations=seen, next_observations=seen, acting=acting, legal=masks, next_legal=masks
        )
    )
    for _ in range(20):
        metrics = made.update()
        assert all(np.isfinite(value) for value in metrics.values())
    # an agent that never acts is never trained
    assert all(torch.equal(a[2], b) for a, b in zip(made._actors.weights, silent, strict=True))


def test_nothing_is_learned_before_there_is_a_batch() -> None:
    made = learner("matd4", CONTINUOUS, random_steps=40)
    made.observe(experience(CONTINUOUS))
    assert made.update() == {}
    made.observe(experience(CONTINUOUS, seed=1))
    assert set(made.update()) == {"critic_loss"}
    assert set(made.update()) == {"critic_loss", "actor_loss"}


@pytest.mark.parametrize("fraction", [0.02, 0.5, 0.9])
def test_policies_start_where_asked(fraction: float) -> None:
    made = make("soft-matd4", SEEN, MIXED, seed=3, settings={"initial_action": fraction})
    shown = experience(MIXED).observations
    played = made.policies()[1].act(None, shown[1], seed_keys(0, 32))[1]
    expected = np.array([-1.0, 0.0, 0.0]) + fraction * np.array([2.0, 4.0, 1.0])
    np.testing.assert_allclose(played, np.tile(expected, (32, 1)), atol=0.03)
    probabilities = made.policies()[0].probabilities(None, shown[0])  # type: ignore[attr-defined]
    np.testing.assert_allclose(probabilities, 0.5, atol=0.02)


def same(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)


@VARIANTS
@KINDS
def test_a_continued_learner_is_the_same_learner(name: str, actions: tuple[Spec, ...]) -> None:
    def go_on(made: MATD4, steps: range) -> list[Any]:
        out: list[Any] = []
        for t in steps:
            made.observe(experience(actions, batch=8, seed=t))
            out.append(dict(made.update()))
            shown = experience(actions, batch=2, seed=100 + t).observations
            keys = seed_keys(t, 2)
            out += [p.act(None, o, keys)[1].tolist() for p, o in zip(made.behaviour(), shown, strict=True)]
        return out

    made = learner(name, actions, random_steps=80)
    go_on(made, range(15))
    file = io.BytesIO()
    torch.save(made.state_dict(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    straight = go_on(made, range(15, 30))
    resumed = learner(name, actions, seed=1, random_steps=80)
    resumed.load_state_dict(state)
    assert go_on(resumed, range(15, 30)) == straight
    assert same(resumed.state_dict(), made.state_dict())


def test_a_state_of_another_learner_is_refused() -> None:
    state = learner("matd4", CONTINUOUS).state_dict()
    with pytest.raises(GameError, match="saved by matd4; this learner is soft-matd4"):
        learner("soft-matd4", CONTINUOUS).load_state_dict(state)
    with pytest.raises(GameError, match="other sizes"):
        learner("matd4", CONTINUOUS, actor_hidden=(9,)).load_state_dict(state)


def test_seeds_differ_and_repeat() -> None:
    one, again, other = (learner("matd4", CONTINUOUS, seed=s).state_dict() for s in (0, 0, 1))
    assert same(one, again)
    assert not same(one["critics"], other["critics"])
