"""What a certificate is: regrets, and how strong the claim is that they are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gametheory.numerics import Number

EPSILON = 1e-9
"""Largest regret, as a share of the agent's payoff range, that still counts as none in floats."""


class Kind(StrEnum):
    """How strong a certificate is."""

    EXACT = "exact"
    """All regrets are 0 in rationals."""
    ENCLOSED = "enclosed"
    """A verified enclosure contains an equilibrium, at most ``distance`` away in any probability."""
    NUMERIC = "numeric"
    """No regret exceeds epsilon times the agent's payoff range."""
    LOWER_BOUND = "lower bound"
    """Best responses were learned or sampled: true regrets may be larger."""


@dataclass(frozen=True)
class Certificate:
    """How far a profile is from equilibrium, and what that was checked with.

    ``regrets[i] = max_{π'} J^i(π', π^-i) − J^i(π)``, ``nash_conv = Σ_i regrets[i]``.
    """

    kind: Kind | None
    """None: the profile is not an equilibrium within epsilon."""
    regrets: tuple[Number, ...]
    values: tuple[Number, ...]
    nash_conv: Number
    epsilon: float
    """Relative to each agent's payoff range."""
    payoff_ranges: tuple[Number, ...]
    distance: float | None = None
    """Of an ``enclosed`` profile: a proved bound on how far it is from an equilibrium."""

    @property
    def holds(self) -> bool:
        """Whether the profile is an equilibrium, exactly or within epsilon."""
        return self.kind in (Kind.EXACT, Kind.NUMERIC, Kind.ENCLOSED)

    @property
    def grade(self) -> str:
        """The kind in words: ``enclosed (2e-16)`` with the distance, ``none`` where none holds."""
        if self.kind is None:
            return "none"
        return str(self.kind) if self.distance is None else f"{self.kind} ({self.distance:.1g})"

    @property
    def exploitability(self) -> Number:
        """``nash_conv / n``."""
        return self.nash_conv / len(self.regrets)
