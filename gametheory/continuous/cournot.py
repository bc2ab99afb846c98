"""Cournot competition: firms choose quantities, the market sets one price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers, freeze, is_exact


@dataclass(frozen=True)
class Cournot:
    """``u_i(q) = q_i (a − b Σ_j q_j − c)``: linear inverse demand, constant unit cost.

    The price is not floored at zero. Quantities lie in ``[0, (a − c)/b]``; anything above loses
    money whatever the others do. The unique Nash equilibrium is ``q_i = (a − c) / ((n + 1) b)``
    (A. A. Cournot 1838; Tirole, *The Theory of Industrial Organization*, 1988, section 5.4): it
    solves the linear system of first-order conditions, whose matrix ``b(I + 11ᵀ)`` is positive
    definite, and mixing never pays since each payoff is strictly concave in the own quantity
    whatever the others mix.

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

    def __post_init__(self) -> None:
        if type(self.firms) is not int or self.firms < 1:
            raise GameError(f"firms is {self.firms!r}; it must be an integer, at least 1")
        for name in "abc":
            object.__setattr__(self, name, as_numbers([getattr(self, name)], name)[0])
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
        return is_exact(as_numbers([self.a, self.b, self.c], "parameters"))

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
        worst = -(self.firms - 1) * margin * margin / self.b
        return as_numbers([best - worst] * self.firms, "payoff_ranges")

    def payoff(self, agent: int, joint: Sequence[Number]) -> Number:
        a, b, c = Fraction(self.a), Fraction(self.b), Fraction(self.c)
        return joint[agent] * (a - b * sum(joint) - c)

    def payoffs(self, actions: Array) -> Array:
        price = float(self.a) - float(self.b) * actions.sum(axis=1, keepdims=True)
        return np.asarray(actions * (price - float(self.c)))

    @property
    def equilibria_complete(self) -> bool:
        return True

    def equilibria(self) -> tuple[tuple[Array, ...], ...]:
        quantity = (self.a - self.c) / ((self.firms + 1) * self.b)
        return (tuple(freeze(as_numbers([quantity], "quantity")) for _ in range(self.firms)),)
