"""Cournot competition: firms choose quantities, the market sets one price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.continuous.parameters import all_exact, as_profile, check_count, read_numbers
from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers


@dataclass(frozen=True)
class Cournot:
    """Cournot competition: firms choose quantities, one shot.

    ``u_i(q) = q_i (a − b Σ_j q_j − c)``: linear inverse demand, constant unit cost. The price is not
    floored at zero, unless ``floor``: then ``u_i(q) = q_i (max(a − b Σ_j q_j, 0) − c)``.

    Quantities lie in ``[0, (a − c)/b]``; anything above loses money whatever the others do. The
    unique Nash equilibrium is ``q_i = (a − c) / ((n + 1) b)`` (A. A. Cournot 1838; Tirole, *The
    Theory of Industrial Organization*, 1988, section 5.4): it solves the linear system of
    first-order conditions, whose matrix ``b(I + 11ᵀ)`` is positive definite, and mixing never pays
    since each payoff is strictly concave in the own quantity whatever the others mix.

    With the floor it remains an equilibrium: the best reply to any quantities leaves the price at
    least c. It remains the only one, mixed ones included, for two firms and ``c > 0``: quantities
    above ``(a − c)/2b`` are then strictly dominated by that one, and without them the price is
    positive. (At ``c = 0`` two firms may also flood the market, and earn nothing.) For more firms it
    is not claimed.

    Raises:
        GameError: unless ``a > c ≥ 0``, ``b > 0`` and ``firms ≥ 1``.
    """

    firms: int = 2
    a: Number = 10
    """Price at quantity zero."""
    b: Number = 1
    """Slope of inverse demand: price lost per unit of quantity."""
    c: Number = 1
    """Unit cost."""
    floor: bool = False
    """Whether the price stops at zero."""

    def __post_init__(self) -> None:
        check_count(self.firms, "firms", 1)
        read_numbers(self, "abc")
        if type(self.floor) is not bool:
            raise GameError(f"floor is {self.floor!r}; it must be true or false")
        if not (self.a > self.c >= 0):
            raise GameError(f"a is {self.a} and c is {self.c}; needs a > c >= 0")
        if not self.b > 0:
            raise GameError(f"b is {self.b}; the slope must be positive")

    @property
    def title(self) -> str:
        return f"Cournot competition of {self.firms} firms, price {self.a} − {self.b}·Q, unit cost {self.c}"

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(f"firm {i + 1}" for i in range(self.firms))

    @property
    def exact(self) -> bool:
        return all_exact([self.a, self.b, self.c])

    @property
    def low(self) -> Array:
        return as_numbers([0] * self.firms, "low")

    @property
    def high(self) -> Array:
        return as_numbers([(self.a - self.c) / self.b] * self.firms, "high")

    @property
    def payoff_ranges(self) -> Array:
        """From everyone flooding the market to a monopolist's best: ``(n − 1 + 1/4)(a − c)²/b``."""
        margin = self.a - self.c
        best = margin * margin / (4 * self.b)
        price = self.a - self.firms * margin  # when all produce the most
        worst = margin / self.b * ((max(price, 0) if self.floor else price) - self.c)
        return as_numbers([best - worst] * self.firms, "payoff_ranges")

    def payoff(self, agent: int, joint: Sequence[Number]) -> Number:
        a, b, c = Fraction(self.a), Fraction(self.b), Fraction(self.c)
        price = a - b * sum(joint)
        return joint[agent] * ((max(price, Fraction(0)) if self.floor else price) - c)

    def payoffs(self, actions: Array) -> Array:
        price = float(self.a) - float(self.b) * actions.sum(axis=1, keepdims=True)
        if self.floor:
            price = np.maximum(price, 0.0)
        return np.asarray(actions * (price - float(self.c)))

    def kinks(self, agent: int, joint: Sequence[Number]) -> Sequence[Number]:
        """The quantity that brings the price to zero, if it stops there."""
        if not self.floor:
            return ()
        return (Fraction(self.a) / Fraction(self.b) - (sum(joint) - joint[agent]),)

    @property
    def jointly_quadratic(self) -> bool:
        return not self.floor  # at price zero, profits have a kink

    @property
    def equilibria_complete(self) -> bool:
        return not self.floor or self.firms == 1 or (self.firms == 2 and self.c > 0)

    def equilibria(self) -> tuple[tuple[Array, ...], ...]:
        quantity = (self.a - self.c) / ((self.firms + 1) * self.b)
        return (as_profile([quantity] * self.firms, self.exact),)
