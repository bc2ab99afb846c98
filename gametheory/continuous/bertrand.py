"""Bertrand competition with differentiated goods: firms choose prices, demand is linear."""

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
class Bertrand:
    """Bertrand competition with differentiated goods: firms choose prices, one shot.

    ``u_i(p) = (p_i − c)(a − b p_i + d Σ_{j≠i} p_j)``: the goods are substitutes, and a price moves
    the own demand more than all other prices together, ``b > (n − 1) d ≥ 0``. Demand is not floored
    at zero.

    Prices lie in ``[c, a / (b − (n − 1) d)]``. Up there a firm sells nothing if all charge that much;
    above, the dearest firm would sell less than nothing, and below c every sale loses money. The
    unique Nash equilibrium is ``p_i = (a + b c) / (2 b − (n − 1) d)`` (Gibbons, *Game Theory for
    Applied Economists*, 1992, section 1.2.B, for two firms and b = 1). There are no others: the
    Jacobian of the first-order conditions, ``−2b I + d(11ᵀ − I)``, is negative definite (J. B.
    Rosen, *Existence and uniqueness of equilibrium points for concave n-person games*,
    Econometrica 33, 1965, theorems 2 and 6), and mixing never pays since each payoff is strictly
    concave in the own price whatever the others mix.

    Raises:
        GameError: unless ``firms ≥ 1``, ``b > (firms − 1) d``, ``d ≥ 0``, ``c ≥ 0`` and somebody
            would buy at cost, ``a > (b − (firms − 1) d) c``.
    """

    firms: int = 2
    a: Number = 10
    """Demand at price zero."""
    b: Number = 2
    """Demand lost per unit of the own price."""
    d: Number = 1
    """Demand won per unit of another firm's price."""
    c: Number = 1
    """Unit cost."""

    def __post_init__(self) -> None:
        check_count(self.firms, "firms", 1)
        read_numbers(self, "abcd")
        if not self.c >= 0:
            raise GameError(f"c is {self.c}; the unit cost must be at least 0")
        if not (self.d >= 0 and self._loss > 0):
            raise GameError(f"b is {self.b} and d is {self.d}; needs b > (firms - 1) d >= 0")
        if not self.a > self._loss * self.c:
            raise GameError(f"a is {self.a}; at cost {self.c} nobody buys: needs a > (b - (firms - 1) d) c")

    @property
    def _loss(self) -> Number:
        """Demand that each firm loses when all raise their price by one."""
        return self.b - (self.firms - 1) * self.d

    @property
    def title(self) -> str:
        return (
            f"Bertrand competition of {self.firms} firms, demand {self.a} − {self.b}·p + {self.d}·others, "
            f"unit cost {self.c}"
        )

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(f"firm {i + 1}" for i in range(self.firms))

    @property
    def exact(self) -> bool:
        return all_exact([self.a, self.b, self.c, self.d])

    @property
    def low(self) -> Array:
        return as_numbers([self.c] * self.firms, "low")

    @property
    def high(self) -> Array:
        return as_numbers([self.a / self._loss] * self.firms, "high")

    @property
    def payoff_ranges(self) -> Array:
        """Exact: of a quadratic of the own price p and the sum s of the others."""
        a, b, c, d = as_fractions(self.a, self.b, self.c, self.d)
        bottom, top, others = Fraction(self.low[0]), Fraction(self.high[0]), self.firms - 1
        quadratic = [[-b, d], [Fraction(0), Fraction(0)]]  # (p − c)(a − b p + d s) = −b p² + d p s + …
        ends = [bottom, others * bottom], [top, others * top]
        least, greatest = extremes(quadratic, [a + b * c, -c * d], *ends)
        width = greatest - least
        return as_numbers([width if self.exact else float(width)] * self.firms, "payoff_ranges")

    def payoff(self, agent: int, joint: Sequence[Number]) -> Number:
        a, b, c, d = as_fractions(self.a, self.b, self.c, self.d)
        own = joint[agent]
        return (own - c) * (a - b * own + d * (sum(joint) - own))

    def payoffs(self, actions: Array) -> Array:
        others = actions.sum(axis=1, keepdims=True) - actions
        demand = float(self.a) - float(self.b) * actions + float(self.d) * others
        return np.asarray((actions - float(self.c)) * demand)

    @property
    def jointly_quadratic(self) -> bool:
        return True

    @property
    def equilibria_complete(self) -> bool:
        return True

    def equilibria(self) -> tuple[tuple[Array, ...], ...]:
        price = (self.a + self.b * self.c) / (self.b + self._loss)
        return (as_profile([price] * self.firms, self.exact),)
