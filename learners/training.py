"""How a run is trained: the settings that are not the algorithm's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from gametheory.errors import GameError, UnknownName
from learners.words import counted


@dataclass(frozen=True)
class TrainingSettings:
    """How long, how often, and what counts as converged. Steps are environment steps.

    Raises:
        GameError: a value is of the wrong kind or out of range; the message names the field.
    """

    steps: int = 64_000
    """Length of the run: plays side by side times steps of each."""
    plays: int = 32
    """How many plays run side by side (B)."""
    n_step: int = 1
    """Steps of reward in one transition before the bootstrap; more is faster credit and some bias off-policy."""
    discount: float = 1.0
    """What learners discount by in every step, beside the game's own discount; returns are reported without it."""
    horizon: int | None = None
    """The game is played this many steps and no value follows, unlike ``episode_limit``; None: until it ends."""
    recall: int | None = None
    """Own past moves (seen, done) that an agent sees beside its observation; None: what the game needs."""
    normalise_observations: bool = False
    """Shift and scale boxes of observations by their running mean and deviation."""
    update_every: int = 32
    """Environment steps from one learning step to the next."""
    evaluations: int = 100
    """Evaluation points over the run, besides the one before training; the verdict rests on them."""
    evaluation_plays: int = 64
    """Plays per evaluation point, on their own random stream and without exploration."""
    episode_limit: int = 1000
    """A play that has not terminated after this many steps is truncated: a value would have followed."""
    checkpoints: int = 10
    """Checkpoints over the run, besides those at its end and on interruption."""
    snapshots: int = 0
    """How often, evenly over the run, its policies are kept for good, to be played against each other."""
    burn_in: float = 0.2
    """Share of the run whose snapshots are left out of the time-averaged policy."""
    epsilon: float = 0.01
    """Largest NashConv of a converged profile, relative to the smallest payoff range of any agent."""
    stop_when_converged: bool = False
    """End the run as soon as the verdict would be "converged" and a certificate confirms it."""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _checked(field.name, field.type, getattr(self, field.name)))
        if not 0 <= self.burn_in < 1:
            raise GameError(f"training.burn_in is {self.burn_in}; it must be at least 0 and below 1")
        if not 0 < self.discount <= 1:
            raise GameError(f"training.discount is {self.discount}; it must be above 0 and at most 1")
        if not 0 <= self.epsilon < 1:
            raise GameError(f"training.epsilon is {self.epsilon}; it must be at least 0 and below 1")
        if self.steps < self.plays * self.evaluations:
            raise GameError(
                f"training.steps is {self.steps}; with {counted(self.plays, 'play')} side by side and "
                f"{counted(self.evaluations, 'evaluation point')} it must be at least {self.plays * self.evaluations}"
            )

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> TrainingSettings:
        """Settings by name.

        Raises:
            UnknownName: there is no such field; the message names the nearest.
        """
        known = [field.name for field in fields(cls)]
        for key in values:
            if key not in known:
                raise UnknownName("training setting", key, known)
        return cls(**values)


def _checked(name: str, kind: object, value: object) -> int | float | None:
    if kind == "bool":
        if not isinstance(value, bool):
            raise GameError(f"training.{name} is {value!r}; it must be true or false")
        return value
    if value is None and kind == "int | None":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GameError(f"training.{name} is {value!r}; it must be a number")
    if kind == "float":
        return float(value)
    least = 0 if name in ("recall", "snapshots") else 1
    if value != int(value) or value < least:
        raise GameError(f"training.{name} is {value}; it must be an integer, at least {least}")
    return int(value)
