"""Observations shifted and scaled by their running mean and deviation, around any learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gametheory.errors import GameError
from gametheory.game import Box, Spec
from gametheory.numerics import Array
from gametheory.policies.history import RemembersActions
from gametheory.policy import Policy, StochasticPolicy
from gametheory.streams import Keys
from learners.learner import Learner, Transition, ask, kept, law, play_as

LARGEST = 10.0
"""Normalised numbers are clipped here."""


@dataclass(frozen=True)
class Lens:
    """``clip((ω − mean) / deviation, −10, 10)``; None leaves symbols as they are."""

    mean: Array | None = None  # [d]
    deviation: Array | None = None  # [d]

    def __call__(self, observation: Array) -> Array:
        if self.mean is None or self.deviation is None:
            return observation
        return np.clip((observation - self.mean) / self.deviation, -LARGEST, LARGEST)


@dataclass(frozen=True)
class Lenses:
    """One lens per agent, for an agent's part of a model that reads everybody's observations."""

    lenses: tuple[Lens, ...]
    agent: int

    def __call__(self, observation: Array | tuple[Array, ...]) -> Any:
        if not isinstance(observation, tuple):
            return self.lenses[self.agent](observation)
        return _seen(self.lenses, observation)


class Moments:
    """Running mean and variance of the observations ``[B, d]`` of one agent."""

    def __init__(self, spec: Spec) -> None:
        self.boxed = isinstance(spec, Box)
        self.count = 0
        self.mean, self.squares = np.zeros(spec.size), np.zeros(spec.size)

    def observe(self, observation: Array) -> None:
        """Take in the rows that are not ⊥ (Chan, Golub & LeVeque 1979)."""
        rows = observation[~np.isnan(observation).any(axis=1)] if self.boxed else np.zeros((0, 1))
        if not len(rows):
            return
        total = self.count + len(rows)
        mean = rows.mean(axis=0)
        delta = mean - self.mean
        self.squares = (
            self.squares + ((rows - mean) ** 2).sum(axis=0) + delta**2 * (self.count * len(rows) / total)
        )
        self.mean = self.mean + delta * (len(rows) / total)
        self.count = total

    def lens(self) -> Lens:
        """The lens as of now; it does not change when more is observed."""
        if not self.boxed or not self.count:
            return Lens()
        deviation = np.sqrt(self.squares / self.count)
        # what never varies is shifted only
        return Lens(
            self.mean, np.where(deviation > 1e-6 * np.maximum(1.0, np.abs(self.mean)), deviation, 1.0)
        )


@dataclass(frozen=True)
class LensPolicy:
    """A policy that sees through a lens."""

    policy: Policy
    lens: Lens | Lenses
    takes_legal: ClassVar[bool] = True

    @property
    def reads_all(self) -> bool:
        return bool(getattr(self.policy, "reads_all", False))

    def start(self, batch: int) -> Any:
        return self.policy.start(batch)

    def act(
        self, carry: Any, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        return ask(self.policy, carry, self.lens(observation), keys, legal)


@dataclass(frozen=True)
class StochasticLensPolicy(LensPolicy):
    """One that tells its probabilities."""

    policy: StochasticPolicy

    def probabilities(self, carry: Any, observation: Array, legal: Array | None = None) -> Array:
        return law(self.policy, carry, self.lens(observation), legal)


@dataclass(frozen=True)
class RememberingLensPolicy(StochasticLensPolicy):
    """One that tells its probabilities and what it remembers."""

    policy: Any

    def remember(self, carry: Any, observation: Array, action: Array) -> Any:
        return self.policy.remember(carry, self.lens(observation), action)


def through(policy: Policy, lens: Lens | Lenses) -> Policy:
    """The policy behind a lens, with all that it could tell before."""
    if not isinstance(policy, StochasticPolicy):
        return LensPolicy(policy, lens)
    remembers = isinstance(policy, RemembersActions)
    return RememberingLensPolicy(policy, lens) if remembers else StochasticLensPolicy(policy, lens)


def widened(specs: tuple[Spec, ...]) -> tuple[Spec, ...]:
    """The specs of what a learner behind a lens sees: its boxes have no bounds."""
    return tuple(
        Box(np.full(spec.size, -np.inf), np.full(spec.size, np.inf)) if isinstance(spec, Box) else spec
        for spec in specs
    )


class Normalised:
    """A learner that sees every box of observations through its running moments.

    The lens is taken anew for every step of play and every evaluation; transitions are handed on as
    they were seen. Policies that were handed out keep the lens they were made with.
    """

    def __init__(self, learner: Learner, observation_specs: tuple[Spec, ...]) -> None:
        self.learner = learner
        self.moments = tuple(map(Moments, observation_specs))

    def policies(self) -> tuple[Policy, ...]:
        return self._through(self.learner.policies())

    def behaviour(self) -> tuple[Policy, ...]:
        return self._through(self.learner.behaviour())

    def _through(self, policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
        lenses = tuple(own.lens() for own in self.moments)
        return tuple(
            through(policy, Lenses(lenses, i) if getattr(policy, "reads_all", False) else own)
            for i, (policy, own) in enumerate(zip(policies, lenses, strict=True))
        )

    def observe(self, transitions: Transition) -> None:
        before = [own.lens() for own in self.moments]  # those that the actions were chosen through
        for own, observation in zip(self.moments, transitions.observations, strict=True):
            own.observe(observation)
        after = [own.lens() for own in self.moments]  # those that the next actions will be chosen through
        self.learner.observe(
            transitions._replace(
                observations=_seen(before, transitions.observations),
                next_observations=_seen(after, transitions.next_observations),
            )
        )

    def update(self) -> Mapping[str, float]:
        return self.learner.update()

    def state_dict(self) -> dict[str, Any]:
        """The learner's state and the moments."""
        return {"learner": self.learner.state_dict(), "moments": self._told()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._need_moments(state)
        self.learner.load_state_dict(state["learner"])
        self._take(state)

    def policy_state(self) -> dict[str, Any]:
        """What the learner's policies are made of, and the moments."""
        return {"learner": kept(self.learner), "moments": self._told()}

    def load_policy_state(self, state: Mapping[str, Any]) -> None:
        self._need_moments(state)
        play_as(self.learner, state["learner"])
        self._take(state)

    def _told(self) -> list[dict[str, Any]]:
        return [{"count": m.count, "mean": m.mean.copy(), "squares": m.squares.copy()} for m in self.moments]

    def _need_moments(self, state: Mapping[str, Any]) -> None:
        if "moments" not in state or len(state["moments"]) != len(self.moments):
            raise GameError("the state was saved without normalised observations, or of another game")

    def _take(self, state: Mapping[str, Any]) -> None:
        for own, saved in zip(self.moments, state["moments"], strict=True):
            own.count, own.mean, own.squares = int(saved["count"]), saved["mean"], saved["squares"]


def _seen(lenses: Sequence[Lens], observations: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(lens(own) for lens, own in zip(lenses, observations, strict=True))
