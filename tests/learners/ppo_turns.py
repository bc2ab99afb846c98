"""Three unlike agents that take turns, and a small learner for them that every derivative is alive in."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from gametheory.game import Box, Discrete, Spec, Step
from gametheory.streams import uniform
from learners.experience.on_policy import sequences
from learners.learner import Transition
from learners.ppo import PPO
from learners.registry import make
from learners.running.rollout import advance, begin

SEEN: tuple[Spec, ...] = (Discrete(2), Box([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]), Discrete(3))
ACTIONS: tuple[Spec, ...] = (Discrete(2), Box([-1.0, 0.0, 0.0], [1.0, 4.0, 1.0]), Discrete(3))
SMALL = {"horizon": 32, "actor_hidden": (8,), "critic_hidden": (8,), "memory": 4, "sequence": 3}
NAMES = pytest.mark.parametrize("name", ["ippo", "mappo"])
MEMORY = pytest.mark.parametrize("recurrent", [False, True], ids=["memoryless", "recurrent"])


class Place(NamedTuple):
    keys: Any
    time: Any
    bit: Any


class Turns:
    """Three unlike agents move in turn, for as long as it takes; rewards come on every move."""

    agents = ("a", "b", "c")
    observation_specs, action_specs = SEEN, ACTIONS

    def reset(self, keys: Any) -> Step[Place]:
        return self._step(
            Place(keys, np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64))
        )

    def step(self, state: Place, actions: Any) -> Step[Place]:
        return self._step(state._replace(time=state.time + 1))

    def acting(self, state: Place) -> Any:
        return np.equal(state.time[:, None] % 3, np.arange(3))

    def legal(self, state: Place) -> Any:
        asleep = ~self.acting(state)[:, 2:]
        return (None, None, ~asleep & np.array([True, False, True]))

    def _step(self, state: Place) -> Step[Place]:
        acting, u = self.acting(state), uniform(state.keys, state.time, 8)
        seen = (
            np.where(acting[:, 0], (u[:, 0] * 2).astype(np.int64), -1),
            np.where(acting[:, 1:2], u[:, 1:4], np.nan),
            np.where(acting[:, 2], (u[:, 4] * 3).astype(np.int64), -1),
        )
        over = (u[:, 5] < 0.1) & (state.time > 0)
        return Step(state, seen, u[:, 5:8], np.full(len(u), 0.9), over)


class AtOnce(Turns):
    """The same three, all moving in every step."""

    def acting(self, state: Place) -> Any:
        return np.ones((len(state.time), 3), dtype=bool)


def learner(name: str, seed: int = 0, actions: tuple[Spec, ...] = ACTIONS, **settings: Any) -> PPO:
    out = make(name, SEEN[: len(actions)], actions, seed=seed, settings=SMALL | settings)
    assert isinstance(out, PPO)
    # far from the almost uniform start, so that every derivative is alive
    for networks in (out._networks.actors, out._networks.critics):
        with torch.no_grad():
            weight = networks.weights[networks.head][0]
            weight.add_(torch.randn(weight.shape, generator=torch.Generator().manual_seed(seed)))
    return out


def played(
    made: PPO, steps: int, seed: int = 0, game: Any = None, plays: int = 4, limit: int = 5
) -> list[Transition]:
    """The learner's own transitions, observed on the way."""
    game, out = game or Turns(), []
    rollout = begin(game, made.behaviour(), seed=seed, plays=plays)
    for _ in range(steps):
        rollout, transition, *_ = advance(game, made.behaviour(), rollout, limit)
        made.observe(transition)
        out.append(transition)
    return out


def taken(made: PPO, steps: int = 12, game: Any = None) -> tuple[torch.Tensor, ...]:
    """Parts of a minibatch of everything, with advantages and returns of no meaning."""
    played(made, steps, game=game)
    own, found = made._collector.take(0.9)
    random = torch.Generator().manual_seed(3)
    lessons = [torch.randn(found.advantages.shape, generator=random) for _ in range(3)]
    return sequences((*own, *lessons, found.closed), 3 if made._settings.recurrent else 1)


def same(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)
