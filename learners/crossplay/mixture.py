"""Several policies of one agent, one of them drawn before each play: what a reply is trained against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import where
from gametheory.numerics import Array, check_simplex, to_floats
from gametheory.policy import Policy
from gametheory.streams import Keys
from learners.crossplay.blend import PLAYED
from learners.learner import ask
from learners.words import counted

_DRAW, _ACT = 0, 1
"""Labels of the streams: of which policy plays, and of what it does."""
_NOT_YET = -1


@dataclass(frozen=True, eq=False)
class PolicyMixture:
    """Plays ``policies[k]`` throughout a play with probability ``weights[k]``.

    Which one is drawn when its agent first moves: before that nothing of it can be seen.

    Raises:
        GameError: no policy, or weights that are no distribution over them.
    """

    policies: tuple[Policy, ...]
    weights: Array  # [K]

    takes_legal: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if len(self.policies) != len(self.weights) or not len(self.policies):
            raise GameError(
                f"{counted(len(self.policies), 'policy', 'policies')} for {counted(len(self.weights), 'weight')}; give one each"
            )
        check_simplex(self.weights, "weights")

    @classmethod
    def of(cls, policies: Sequence[Policy], weights: Array) -> PolicyMixture:
        """Those that are played at all."""
        chances = to_floats(np.asarray(weights))
        played = np.flatnonzero(chances > PLAYED).tolist()
        return cls(tuple(policies[k] for k in played), chances[played] / chances[played].sum())

    def start(self, batch: int) -> Any:
        none_yet = np.full(batch, _NOT_YET, dtype=np.int64)
        return none_yet, tuple(policy.start(batch) for policy in self.policies)

    def act(
        self, carry: Any, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        chosen, memories = carry
        u = streams.uniform(streams.derive(keys, _DRAW), 0, 1)[:, 0]
        drawn = streams.categorical(np.tile(np.cumsum(self.weights), (len(u), 1)), u)
        chosen = np.where(chosen == _NOT_YET, drawn, chosen)
        own_keys = streams.derive(keys, _ACT)
        after, action = [], None
        for k, (policy, memory) in enumerate(zip(self.policies, memories, strict=True)):
            later, own = ask(policy, memory, observation, own_keys, legal)
            after.append(later)
            action = own if action is None else where(chosen == k, own, action)
        return (chosen, tuple(after)), np.asarray(action)


@dataclass(frozen=True)
class UniformLegal:
    """Uniformly random over what is legal."""

    actions: int

    takes_legal: ClassVar[bool] = True

    def start(self, batch: int) -> None:
        return None

    def probabilities(self, carry: None, observation: Array, legal: Array | None = None) -> Array:
        mask = np.ones((len(observation), self.actions), dtype=bool) if legal is None else legal
        return np.asarray(mask / mask.sum(axis=1, keepdims=True))

    def act(
        self, carry: None, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[None, Array]:
        law = self.probabilities(carry, observation, legal)
        return None, streams.categorical(law.cumsum(axis=1), streams.uniform(keys, 0, 1)[:, 0])
