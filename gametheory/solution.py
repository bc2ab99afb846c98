"""What every solver returns, whatever it solves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gametheory.numerics import Array, Number

if TYPE_CHECKING:
    from gametheory.certificates.certificate import Certificate


class Outcome(StrEnum):
    """How a solver ended; ``advice`` says what a user can do about it."""

    SOLVED = "solved"
    PARTIAL = "partial"
    NOT_FOUND = "not found"
    TIME_LIMIT = "time limit"
    ITERATION_LIMIT = "iteration limit"

    @property
    def advice(self) -> str:
        return _ADVICE[self]


_ADVICE = {
    Outcome.SOLVED: "every answer asked for is here",
    Outcome.PARTIAL: "some answers are here; the method cannot promise that there are no others",
    Outcome.NOT_FOUND: "the method found nothing, which does not mean that there is nothing: try another",
    Outcome.TIME_LIMIT: "time ran out; what had been found is here: raise the limit or try another method",
    Outcome.ITERATION_LIMIT: "the iteration limit was reached; what had been found is here: raise the limit",
}


@dataclass(frozen=True)
class Trace:
    """What an iterative method recorded: ``iterations[T]`` and named quantities ``[T, …]``."""

    iterations: Array  # [T]
    quantities: Mapping[str, Array]  # name -> [T, …]


@dataclass(frozen=True)
class Solution:
    """The answers of one solver to one question.

    ``profiles[k]`` is the k-th answer: for a matrix game one mixed strategy per agent, for a
    game with continuous actions one action per agent, for a POSG or an AECG one policy per agent,
    for a tree one behaviour strategy ``[Q_i]`` per agent; of correlated equilibria the single joint
    distribution ``[A_1, …, A_n]``. ``values[k]`` are the agents' payoffs.

    A solver leaves ``certificates`` empty: it does not grade itself. ``gametheory.solve``
    fills them in, recomputed from the game alone.
    """

    concept: str
    """What was asked: "nash", "maximin", "correlated", …"""
    profiles: tuple[tuple[Any, ...], ...]
    values: tuple[tuple[Number, ...], ...]
    outcome: Outcome
    complete: bool
    """Whether the profiles are all there are (of a continuum: all its extreme points)."""
    method: str
    why: str = ""
    """Why this method, and what the list leaves out."""
    components: tuple[tuple[int, ...], ...] = ()
    """Maximal sets of profiles whose convex hull (per agent) is all equilibria; () if not computed."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    trace: Trace | None = None
    certificates: tuple[Certificate, ...] = ()
