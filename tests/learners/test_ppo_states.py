"""IPPO and MAPPO: when they learn, exact resume, shared networks, experience that cannot be."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from ppo_turns import MEMORY, NAMES, SMALL, Place, Turns, learner, played, same
from torch.testing import assert_close

from gametheory.errors import GameError
from gametheory.game import Discrete, Step
from gametheory.numerics import Array
from learners.learner import Transition
from learners.ppo import PPO
from learners.registry import make
from learners.running.rollout import advance, begin


def test_nothing_is_learned_before_the_horizon_and_all_of_it_then() -> None:
    made = learner("ippo")
    rollout = begin(Turns(), made.behaviour(), seed=0, plays=4)
    for _ in range(8):
        assert made.update() == {}
        rollout, transition, *_ = advance(Turns(), made.behaviour(), rollout, 5)
        made.observe(transition)
    assert set(made.update()) == {"actor_loss", "critic_loss", "entropy", "kl", "clipped"}
    assert made.update() == {}


def test_an_endless_game_without_discount_gets_one() -> None:
    made, found = learner("ippo"), []
    for truncated in (False, True):
        seen = (np.zeros(32, dtype=np.int64), np.zeros((32, 3)), np.zeros(32, dtype=np.int64))
        act = (np.zeros(32, dtype=np.int64), np.ones((32, 3)), np.zeros(32, dtype=np.int64))
        none, no = (None,) * 3, np.zeros(32, dtype=bool)
        one = Transition(
            seen,
            act,
            np.ones((32, 3)),
            seen,
            np.ones(32),
            no,
            no | truncated,
            np.ones((32, 3), dtype=bool),
            none,
            none,
        )
        made.observe(one)
        steps, (advantages, _) = made._collector.take(0.0)
        found.append((advantages - (1.0 - steps.values))[0, 0, 0] / steps.values[0, 0, 0])
    assert_close(torch.stack(found), torch.tensor([1.0, 0.95], dtype=torch.float64), rtol=1e-6, atol=0)


def test_an_agent_that_never_acts_is_never_trained() -> None:
    made, game = learner("ippo"), Turns()
    silent = [tensor[2].detach().clone() for tensor in made._networks.actors.weights]
    game.acting = lambda state: np.equal(state.time[:, None] % 2, np.arange(3))  # type: ignore[method-assign]
    rollout = begin(game, made.behaviour(), seed=0, plays=4)
    for _ in range(24):
        rollout, transition, *_ = advance(game, made.behaviour(), rollout, 5)
        made.observe(transition)
        assert all(np.isfinite(value) for value in made.update().values())
    assert made._updates == 3
    assert all(torch.equal(a[2], b) for a, b in zip(made._networks.actors.weights, silent, strict=True))


@NAMES
@MEMORY
def test_a_continued_learner_is_the_same_learner(name: str, recurrent: bool) -> None:
    """Saved in the middle of plays and of a horizon, with decisions still open."""

    def go_on(made: PPO, rollout: Any, steps: int) -> tuple[Any, list[Any]]:
        out: list[Any] = []
        for _ in range(steps):
            rollout, transition, *_ = advance(Turns(), made.behaviour(), rollout, 5)
            made.observe(transition)
            out += [dict(made.update()), *(a.tolist() for a in transition.actions)]
        return rollout, out

    made = learner(name, recurrent=recurrent)
    rollout, _ = go_on(made, begin(Turns(), made.behaviour(), seed=1, plays=4), 13)
    file = io.BytesIO()
    torch.save(made.state_dict(), file)
    file.seek(0)
    state = torch.load(file, weights_only=True)
    _, straight = go_on(made, rollout, 20)
    resumed = learner(name, seed=1, recurrent=recurrent)
    resumed.load_state_dict(state)
    assert go_on(resumed, rollout, 20)[1] == straight
    assert same(resumed.state_dict(), made.state_dict())


def test_a_state_of_another_learner_is_refused() -> None:
    state = learner("ippo").state_dict()
    with pytest.raises(GameError, match="saved by algorithm ippo; this learner's is mappo"):
        learner("mappo").load_state_dict(state)
    with pytest.raises(GameError, match="other sizes"):
        learner("ippo", actor_hidden=(9,)).load_state_dict(state)


def test_agents_share_networks_under_parameter_sharing_and_where_groups_say_so() -> None:
    like, acts = (Discrete(3), Discrete(3), Discrete(2)), (Discrete(2),) * 3

    def sizes(name: str, scheme: str | None, **settings: Any) -> tuple[int, int]:
        made = make(name, like, acts, seed=0, settings=SMALL | settings, scheme=scheme)
        assert isinstance(made, PPO)
        return len(made._networks.actors.weights[0]), len(made._networks.critics.weights[0])

    assert sizes("ippo", None) == (3, 3)
    assert sizes("ippo", "parameter-sharing") == (2, 2)
    assert sizes("ippo", "parameter-sharing", groups=((0,), (1,), (2,))) == (3, 3)
    assert sizes("mappo", None, groups=((0, 1), (2,))) == (2, 3)
    with pytest.raises(GameError, match="agents 0 and 2 cannot share"):
        sizes("mappo", None, groups=((0, 2), (1,)))


@pytest.mark.parametrize(
    ("name", "scheme", "recurrent"), [("ippo", "parameter-sharing", False), ("mappo", "ct-de", True)]
)
def test_a_group_learns_from_all_its_agents(name: str, scheme: str, recurrent: bool) -> None:
    """Three agents of one group, each paid for its own number: one network that knows who asks."""

    class Numbers:
        agents = ("a", "b", "c")
        observation_specs, action_specs = (Discrete(1),) * 3, (Discrete(3),) * 3

        def reset(self, keys: Any) -> Step[Place]:
            zeros = np.zeros(len(keys), dtype=np.int64)
            return self._step(Place(keys, zeros, zeros), np.zeros((len(keys), 3)))

        def step(self, state: Place, actions: Any) -> Step[Place]:
            return self._step(state, np.equal(np.stack(actions, axis=1), np.arange(3)).astype(np.float64))

        def acting(self, state: Place) -> Any:
            return np.ones((len(state.keys), 3), dtype=bool)

        def legal(self, state: Place) -> Any:
            return (None,) * 3

        def _step(self, state: Place, paid: Array) -> Step[Place]:
            none = np.zeros(len(paid), dtype=np.int64)
            return Step(state, (none,) * 3, paid, np.full(len(paid), 0.5), np.zeros(len(paid), dtype=bool))

    settings = {"groups": ((0, 1, 2),), "recurrent": recurrent, "horizon": 128, "actor_rate": 1e-2}
    game = Numbers()
    made = make(
        name, (Discrete(1),) * 3, (Discrete(3),) * 3, seed=0, settings=SMALL | settings, scheme=scheme
    )
    rollout = begin(game, made.behaviour(), seed=0, plays=16)
    for _ in range(120):
        rollout, transition, *_ = advance(game, made.behaviour(), rollout, 6)
        made.observe(transition)
        made.update()
    assert transition.rewards.mean() > 0.8


def test_experience_that_cannot_be_is_refused_and_changes_nothing() -> None:
    made = learner("ippo")
    (transition,) = played(made, 1)
    before = made.state_dict()
    bad = transition.rewards.copy()
    bad[2, 1] = np.nan
    with pytest.raises(GameError, match="reward of agent 1 in row 2 is nan"):
        made.observe(transition._replace(rewards=bad))
    with pytest.raises(GameError, match="7 plays follow 4"):
        played(made, 1, plays=7)
    with pytest.raises(GameError, match=r"play \d does not go on .*n_step must be 1"):
        made.observe(transition)
    assert same(made.state_dict(), before)
