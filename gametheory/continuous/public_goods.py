"""Public goods: everybody may pay for what everybody enjoys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.continuous.box import extremes
from gametheory.continuous.parameters import (
    all_exact,
    as_fractions,
    as_profile,
    check_count,
    read_numbers,
)
from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers


@dataclass(frozen=True)
class PublicGoods:
    """Public good with quadratic benefit and cost: agents choose contributions, one shot.

    ``u_i(x) = w − p x_i − (k/2) x_i² + b G − (s/2) G²`` with ``G = Σ_j x_j`` and ``0 ≤ x_i ≤ w``:
    endowment w, unit cost p, convexity k of the cost, benefit b of the first unit and its decline s,
    the saturation. With ``p = 1`` and ``k = s = 0`` it is the voluntary-contribution game, b being
    the marginal per-capita return.

    The symmetric equilibrium is ``x = (b − p) / (k + n s)``, brought into ``[0, w]``: there the
    derivative ``b − p − k x_i − s G`` is 0, or points out of the interval. It is the only one
    if ``k > 0``, as the Jacobian ``−k I − s 11ᵀ`` is negative definite (J. B. Rosen, *Existence and
    uniqueness of equilibrium points for concave n-person games*, Econometrica 33, 1965, theorems 2
    and 6). If ``k = 0`` it is the only one for a single agent with ``s > 0``, and where nothing or all
    is strictly dominant: ``b < p``; or ``b = p`` and ``s > 0``; or ``b > p`` and ``b − p ≥ s n w``.
    Otherwise G alone matters: every way of contributing ``(b − p)/s`` together is an equilibrium (if
    ``s = 0``, every profile is), and the list holds one (two) of a continuum. Mixing never pays where
    a payoff is strictly concave in the own action or an action is strictly dominant.

    Raises:
        GameError: unless ``contributors ≥ 1``, ``endowment > 0`` and the rest is at least 0.
    """

    contributors: int = 3
    endowment: Number = 5
    """The most that one can contribute."""
    benefit: Number = 8
    """What the first unit is worth to everybody."""
    saturation: Number = Fraction(1, 2)
    """By how much that falls per unit."""
    unit_cost: Number = 2
    """What the first own unit costs."""
    convexity: Number = Fraction(5, 2)
    """By how much that rises per own unit."""

    def __post_init__(self) -> None:
        check_count(self.contributors, "contributors", 1)
        names = ("endowment", "benefit", "saturation", "unit_cost", "convexity")
        read_numbers(self, names)
        if not self.endowment > 0:
            raise GameError(f"endowment is {self.endowment}; it must be positive")
        for name in names[1:]:
            if not getattr(self, name) >= 0:
                raise GameError(f"{name} is {getattr(self, name)}; it must be at least 0")

    @classmethod
    def voluntary(
        cls, contributors: int = 4, endowment: Number = 20, share: Number = Fraction(2, 5)
    ) -> PublicGoods:
        """Voluntary contributions: all earn a share of what anybody gives, one shot.

        ``u_i(x) = w − x_i + m Σ_j x_j``: each keeps what it does not give; m is the share. With
        ``m < 1`` giving nothing is strictly dominant, though all would be better off giving all if
        ``m n > 1`` (Isaac and Walker, *Group size effects in public goods provision*, Quarterly
        Journal of Economics 103, 1988; the numbers are those of Fehr and Gächter, *Cooperation and
        punishment in public goods experiments*, American Economic Review 90, 2000).
        """
        return cls(contributors, endowment, share, saturation=0, unit_cost=1, convexity=0)

    @property
    def _numbers(self) -> tuple[Fraction, ...]:
        """``w, b, s, p, k``."""
        return as_fractions(self.endowment, self.benefit, self.saturation, self.unit_cost, self.convexity)

    @property
    def title(self) -> str:
        return (
            f"Public good of {self.contributors} agents, benefit {self.benefit}, unit cost {self.unit_cost}"
        )

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(f"contributor {i + 1}" for i in range(self.contributors))

    @property
    def exact(self) -> bool:
        return all_exact([self.endowment, self.benefit, self.saturation, self.unit_cost, self.convexity])

    @property
    def low(self) -> Array:
        return as_numbers([0] * self.contributors, "low")

    @property
    def high(self) -> Array:
        return as_numbers([self.endowment] * self.contributors, "high")

    @property
    def payoff_ranges(self) -> Array:
        """Exact: of a quadratic of the own contribution and the sum of the others'."""
        w, b, s, p, k = self._numbers
        quadratic = [[-(k + s) / 2, -s], [Fraction(0), -s / 2]]
        ends = [Fraction(0)] * 2, [w, (self.contributors - 1) * w]
        least, greatest = extremes(quadratic, [b - p, b], *ends)
        width = greatest - least
        return as_numbers([width if self.exact else float(width)] * self.contributors, "payoff_ranges")

    def payoff(self, agent: int, joint: Sequence[Number]) -> Number:
        w, b, s, p, k = self._numbers
        own, total = joint[agent], sum(joint)
        return w - own * (p + k * own / 2) + total * (b - s * total / 2)

    def payoffs(self, actions: Array) -> Array:
        w, b, s, p, k = map(float, self._numbers)
        total = actions.sum(axis=1, keepdims=True)
        return np.asarray(w - actions * (p + k * actions / 2) + total * (b - s * total / 2))

    @property
    def jointly_quadratic(self) -> bool:
        return True

    @property
    def equilibria_complete(self) -> bool:
        w, b, s, p, k = self._numbers
        if k > 0 or b < p:
            return True
        if s == 0:
            return b > p
        return self.contributors == 1 or b == p or b - p >= s * self.contributors * w

    def equilibria(self) -> tuple[tuple[Array, ...], ...]:
        w, b, s, p, k = self._numbers
        bend = k + self.contributors * s
        if bend:
            levels = [min(max((b - p) / bend, Fraction(0)), w)]
        else:
            levels = [Fraction(0)] * (b <= p) + [w] * (b >= p)
        return tuple(as_profile([level] * self.contributors, self.exact) for level in levels)
