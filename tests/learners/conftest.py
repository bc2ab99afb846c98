"""Stand-ins: a game whose plays differ in length, and a learner one can follow by hand."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from environments import Environment
from gametheory import streams
from gametheory.game import Box, Discrete, Spec, Step
from gametheory.policy import TablePolicy, uniform_profile
from learners.learner import Transition
from learners.registry import make

sys.path.insert(0, str(Path(__file__).parent))  # the modules beside the tests, importable by name


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Small networks only lose by sharing their work, the more so beside other tests."""
    torch.set_num_threads(1)


class WalkState(NamedTuple):
    keys: Any
    time: Any
    place: Any


class Walk:
    """Two agents push a piece by 0 … 2 each, and chance by 0 or 1; the play ends at ``length``.

    Observations are the place, capped; both are paid the distance gone; the discount is 1/2.
    """

    agents = ("a", "b")

    def __init__(self, length: int = 7) -> None:
        self.length = length
        self.observation_specs = (Discrete(length + 5), Discrete(length + 5))
        self.action_specs = (Discrete(3), Discrete(3))

    def reset(self, keys: Any) -> Step[WalkState]:
        zeros = np.zeros(len(keys), dtype=np.int64)
        return self._step(WalkState(keys, zeros, zeros), zeros)

    def step(self, state: WalkState, actions: Any) -> Step[WalkState]:
        luck = (streams.uniform(state.keys, state.time, 1)[:, 0] < 0.5).astype(np.int64)
        gone = actions[0] + actions[1] + luck
        return self._step(WalkState(state.keys, state.time + 1, state.place + gone), gone)

    def acting(self, state: WalkState) -> Any:
        return np.ones((len(state.keys), 2), dtype=bool)

    def legal(self, state: WalkState) -> Any:
        return (None, None)

    def _step(self, state: WalkState, gone: Any) -> Step[WalkState]:
        seen = np.minimum(state.place, self.length + 4)
        rewards = np.stack([gone, gone], axis=1).astype(np.float64)
        over = state.place >= self.length
        return Step(state, (seen, seen), rewards, np.full(len(gone), 0.5), over)


class ActionValues:
    """Averages what each action earned, and plays softmax(average / temperature) everywhere."""

    def __init__(self, environment: Environment, temperature: float = 0.2, breaks_at: int = 0) -> None:
        game = environment.game
        self.sizes = [spec.size for spec in game.action_specs]
        self.seen = [spec.size for spec in game.observation_specs]
        self.temperature, self.breaks_at = temperature, breaks_at
        self.sums = [np.zeros(size) for size in self.sizes]
        self.counts = [np.ones(size) for size in self.sizes]
        self.values = [np.zeros(size) for size in self.sizes]
        self.updates = 0

    def policies(self) -> tuple[TablePolicy, ...]:
        out = []
        for values, seen in zip(self.values, self.seen, strict=True):
            weights = np.exp((values - values.max()) / self.temperature)
            out.append(TablePolicy(np.tile(weights / weights.sum(), (seen, 1))))
        return tuple(out)

    def behaviour(self) -> tuple[TablePolicy, ...]:
        return self.policies()

    def observe(self, transitions: Any) -> None:
        for i, actions in enumerate(transitions.actions):
            np.add.at(self.sums[i], actions, transitions.rewards[:, i])
            np.add.at(self.counts[i], actions, 1)

    def update(self) -> Mapping[str, float]:
        self.updates += 1
        before = np.concatenate(self.values)
        self.values = [total / count for total, count in zip(self.sums, self.counts, strict=True)]
        if self.updates == self.breaks_at:
            return {"loss": float("nan")}
        return {"loss": float(np.abs(np.concatenate(self.values) - before).sum())}

    def state_dict(self) -> dict[str, Any]:
        return {
            "sums": [part.copy() for part in self.sums],
            "counts": [part.copy() for part in self.counts],
            "values": [part.copy() for part in self.values],
            "updates": self.updates,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.sums, self.counts = list(state["sums"]), list(state["counts"])
        self.values, self.updates = list(state["values"]), state["updates"]


@pytest.fixture(scope="session")
def doubles() -> SimpleNamespace:
    return SimpleNamespace(Walk=Walk, ActionValues=ActionValues)


@pytest.fixture
def walk() -> Environment:
    return Environment("walk", Walk(), None)


class Family:
    """Three agents with unlike spaces (``alike``: the first and the third equal) for every learner."""

    specs: Mapping[str, tuple[tuple[Spec, ...], tuple[Spec, ...]]] = {
        "box": (
            (Discrete(2), Box([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]), Discrete(3)),
            (Box([0.0], [2.0]), Box([-1.0, -1.0], [1.0, 1.0]), Box([5.0], [6.0])),
        ),
        "discrete": (
            (Discrete(2), Box([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]), Discrete(3)),
            (Discrete(2), Discrete(4), Discrete(3)),
        ),
        "mixed": (
            (Discrete(2), Box([-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]), Discrete(3)),
            (Discrete(2), Box([-1.0, 0.0, 0.0], [1.0, 4.0, 1.0]), Discrete(3)),
        ),
    }
    small: Mapping[str, Any] = {
        "batch_size": 16,
        "random_steps": 0,
        "actor_hidden": (8,),
        "critic_hidden": (8, 8),
        "replay_size": 64,
    }

    def spaces(self, kind: str, alike: bool = False) -> tuple[tuple[Spec, ...], tuple[Spec, ...]]:
        seen, actions = self.specs[kind]
        if not alike:
            return seen, actions
        return (seen[0], seen[1], seen[0]), (actions[0], actions[1], actions[0])

    def learner(
        self,
        name: str,
        kind: str,
        scheme: str | None = None,
        seed: int = 0,
        alike: bool = False,
        **settings: Any,
    ) -> Any:
        specs = self.spaces(kind, alike)
        made: Any = make(name, *specs, seed=seed, scheme=scheme, settings={**self.small, **settings})
        # far from the almost constant start, so that every derivative is alive
        last = made.models.actors.weights[-2:] + made.models.actors.targets[-2:]
        for tensor in last:
            with torch.no_grad():
                tensor.add_(torch.randn(tensor.shape, generator=torch.Generator().manual_seed(seed)))
        return made

    def experience(
        self, kind: str, batch: int = 32, seed: int = 0, alike: bool = False, **changes: Any
    ) -> Transition:
        keys = streams.seed_keys(seed, batch)
        seen, actions = self.spaces(kind, alike)

        def some(specs: tuple[Spec, ...], label: int) -> tuple[Any, ...]:
            return tuple(
                policy.act(None, np.zeros(batch), streams.derive(keys, label + i))[1]
                for i, policy in enumerate(uniform_profile(specs))
            )

        base = Transition(
            observations=some(seen, 0),
            actions=some(actions, 10),
            rewards=streams.uniform(streams.derive(keys, 30), 0, 3),
            next_observations=some(seen, 20),
            discount=np.full(batch, 0.9),
            terminated=streams.uniform(streams.derive(keys, 31), 0, 1)[:, 0] < 0.3,
            truncated=np.zeros(batch, dtype=bool),
            acting=np.ones((batch, 3), dtype=bool),
            legal=(None,) * 3,
            next_legal=(None,) * 3,
        )
        return base._replace(**changes)

    def ready(
        self, name: str, kind: str, scheme: str | None = None, alike: bool = False, **settings: Any
    ) -> tuple[Any, Any]:
        made = self.learner(name, kind, scheme, alike=alike, **settings)
        for seed in range(2):  # a learner of own turns knows what followed one step later
            made.observe(self.experience(kind, seed=seed, alike=alike))
        return made, made.replay.sample(16, torch.Generator().manual_seed(3))


@pytest.fixture(scope="session")
def family() -> Family:
    return Family()
