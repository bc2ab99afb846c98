"""Quadratic games: payoffs are quadratics of everybody's action, actions lie in intervals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from gametheory.continuous.box import extremes
from gametheory.continuous.complementarity import (
    MOST_LISTED,
    by_pivoting,
    every_solution,
    rosen_weights,
)
from gametheory.continuous.parameters import as_profile
from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers, is_exact, to_fractions

PULL = (
    ((-1, "1/2", 0), (0, 0, 0), (0, 0, 0)),
    ((0, 0, 0), ("1/2", -1, "1/2"), (0, 0, 0)),
    ((0, 0, 0), (0, 0, 0), (0, "-1/2", -1)),
)
"""A chain of three agents: the first two follow their neighbours, the third shuns its own."""


class QuadraticGame:
    """Quadratic game: each payoff is a quadratic of all actions, one shot.

    ``u_i(a) = a' Q_i a + c_i' a`` with ``Q_i[i, i] < 0``, each action a number in ``[low_i, high_i]``.

    A best reply is unique, whatever the others mix, so all Nash equilibria are pure: the solutions
    of ``F = M a + q``, ``M[i, j] = Q_i[i, j] + Q_i[j, i]``, ``q_i = c_i[i]``, with F_i = 0 inside the
    interval, ≤ 0 at its low and ≥ 0 at its high end. If ``RM + (RM)'`` is negative definite for some
    weights ``R = diag(r) > 0``, there is exactly one (J. B. Rosen, *Existence and uniqueness of
    equilibrium points for concave n-person games*, Econometrica 33, 1965, theorems 2 and 6). That is
    proved in rationals; otherwise, of up to six agents, all faces of the box are tried, and the list
    is complete if each face fixes its point. Else what pivoting finds is given, and no more claimed.

    Payoff ranges are exact while the payoff depends on few actions (``box.MOST_FACES``); beyond
    that each is bounded from above, term by term.

    Args:
        Q: ``[n, n, n]``, one matrix per agent; they need not be symmetric.
        c: ``[n, n]``, one vector per agent.
        low: ``[n]``, or one number for all.
        high: the same.

    Raises:
        GameError: wrong shapes, an own curvature that is not negative, or low above high.
    """

    def __init__(
        self,
        Q: ArrayLike = PULL,
        c: ArrayLike = ((1, 0, 0), (0, 3, 0), (0, 0, 3)),
        low: ArrayLike = 0,
        high: ArrayLike = 3,
    ) -> None:
        self.Q = as_numbers(Q, "Q")  # [n, n, n]
        self.c = as_numbers(c, "c")  # [n, n]
        n = self.Q.shape[0] if self.Q.ndim else 0
        if n == 0 or self.Q.shape != (n, n, n):
            raise GameError(f"Q has shape {self.Q.shape}; it must be [n, n, n], one matrix per agent")
        if self.c.shape != (n, n):
            raise GameError(f"c has shape {self.c.shape}; it must be [{n}, {n}], one vector per agent")
        self.low, self.high = _interval_ends(low, "low", n), _interval_ends(high, "high", n)
        for i in range(n):
            if not self.Q[i, i, i] < 0:
                raise GameError(f"Q[{i}, {i}, {i}] is {self.Q[i, i, i]}; the own curvature must be negative")
            if not self.low[i] <= self.high[i]:
                raise GameError(
                    f"low[{i}] is {self.low[i]} and high[{i}] is {self.high[i]}; needs low <= high"
                )
        self.agents = tuple(f"agent {i + 1}" for i in range(n))
        self.exact = all(map(is_exact, (self.Q, self.c, self.low, self.high)))

    @classmethod
    def potential(
        cls,
        P: ArrayLike = ((-1, "1/2", 0), ("1/2", -1, "1/2"), (0, "1/2", -1)),
        c: ArrayLike = (3, -4, 3),
        low: ArrayLike = -2,
        high: ArrayLike = 2,
    ) -> QuadraticGame:
        """Quadratic potential game: every agent is paid the potential, one shot.

        The potential is ``a'Pa + c'a``. ``P`` is ``[n, n]``, ``c`` is ``[n]``. If P is negative definite (its symmetric part is), the
        only equilibrium is the potential's maximum over the box (Neyman, *Correlated equilibrium and
        potential games*, International Journal of Game Theory 26, 1997).
        """
        matrix, vector = as_numbers(P, "P"), as_numbers(c, "c")
        if matrix.ndim != 2 or vector.shape != matrix.shape[:1]:
            raise GameError(f"P has shape {matrix.shape} and c {vector.shape}; they must be [n, n] and [n]")
        n = len(vector)
        return cls(np.stack([matrix] * n), np.stack([vector] * n), low, high)

    @classmethod
    def zero_sum(
        cls,
        Q: ArrayLike = ((-1, 2), (0, 1)),
        c: ArrayLike = (1, -2),
        low: ArrayLike = -1,
        high: ArrayLike = 2,
    ) -> QuadraticGame:
        """Quadratic zero-sum game: a saddle between two agents, one shot.

        The first agent receives ``a'Qa + c'a``, the second loses it.
        ``Q`` is ``[2, 2]`` with ``Q[0, 0] < 0 < Q[1, 1]``, so the equilibrium is the saddle point of a
        strictly concave-convex function, and there is exactly one.
        """
        matrix, vector = as_numbers(Q, "Q"), as_numbers(c, "c")
        if matrix.shape != (2, 2) or vector.shape != (2,):
            raise GameError(f"Q has shape {matrix.shape} and c {vector.shape}; they must be [2, 2] and [2]")
        if not matrix[0, 0] < 0 < matrix[1, 1]:
            raise GameError(f"Q has the diagonal {matrix[0, 0]}, {matrix[1, 1]}; needs Q[0, 0] < 0 < Q[1, 1]")
        return cls(np.stack([matrix, -matrix]), np.stack([vector, -vector]), low, high)

    @property
    def is_potential(self) -> bool:
        """Whether it is an exact potential game: ``M = M'`` (Monderer and Shapley, *Potential games*, 1996)."""
        M = self._pulls
        return all(own == list(column) for own, column in zip(M, zip(*M, strict=True), strict=True))

    @property
    def is_zero_sum(self) -> bool:
        """Whether all payoffs sum to 0 whatever is played."""
        total = to_fractions(self.Q).sum(axis=0)
        return not np.any(total + total.T) and not np.any(to_fractions(self.c).sum(axis=0))

    @property
    def title(self) -> str:
        kind = ", zero-sum" if self.is_zero_sum else ", exact potential" if self.is_potential else ""
        return f"Quadratic game of {len(self.agents)} agents{kind}"

    @property
    def payoff_ranges(self) -> Array:
        low, high, widths = to_fractions(self.low), to_fractions(self.high), []
        for Q, c in zip(to_fractions(self.Q), to_fractions(self.c), strict=True):
            used = [j for j in range(len(c)) if c[j] or np.any(Q[j]) or np.any(Q[:, j])]
            least, greatest = extremes(
                Q[np.ix_(used, used)].tolist(), *(end[used].tolist() for end in (c, low, high))
            )
            widths.append(greatest - least)
        return as_numbers([w if self.exact else float(w) for w in widths], "payoff_ranges")

    @cached_property
    def _terms(self) -> list[list[tuple[int, int, Fraction]]]:
        """Per agent the coefficients of ``a_j a_k`` that are not 0; a linear term has ``k = −1``."""
        out = []
        for Q, c in zip(to_fractions(self.Q), to_fractions(self.c), strict=True):
            linear = [(j, -1, value) for j, value in enumerate(c) if value]
            out.append(linear + [(j, k, value) for (j, k), value in np.ndenumerate(Q) if value])
        return out

    def payoff(self, agent: int, joint: Sequence[Number]) -> Number:
        total: Number = Fraction(0)
        for j, k, value in self._terms[agent]:
            total += value * joint[j] * (joint[k] if k >= 0 else 1)
        return total

    def payoffs(self, actions: Array) -> Array:
        out = np.zeros(actions.shape)
        for i, terms in enumerate(self._terms):  # term by term: a row is rounded alike in any batch
            for j, k, value in terms:
                out[:, i] += float(value) * actions[:, j] * (actions[:, k] if k >= 0 else 1.0)
        return out

    @cached_property
    def _pulls(self) -> list[list[Fraction]]:
        """``M[i, j]``: by how much more of j's action moves what i gains from more of its own."""
        Q, agents = to_fractions(self.Q), range(len(self.agents))
        return [[Q[i, i, j] + Q[i, j, i] for j in agents] for i in agents]

    @cached_property
    def _answers(self) -> tuple[tuple[Sequence[Fraction], ...], bool]:
        """The equilibria that were found, and whether there are no others."""
        M, q = self._pulls, [Fraction(own[i]) for i, own in enumerate(self.c)]
        low, high = to_fractions(self.low).tolist(), to_fractions(self.high).tolist()
        unique = rosen_weights(M) is not None
        if len(q) <= MOST_LISTED and not unique:
            return every_solution(M, q, low, high)
        found = by_pivoting(M, q, low, high)
        return ((), False) if found is None else ((found,), unique)

    @property
    def jointly_quadratic(self) -> bool:
        return True

    @property
    def equilibria_complete(self) -> bool:
        return self._answers[1]

    def equilibria(self) -> tuple[tuple[Array, ...], ...]:
        return tuple(as_profile(found, self.exact) for found in self._answers[0])


def _interval_ends(ends: ArrayLike, name: str, count: int) -> Array:
    """One number per agent."""
    array = as_numbers(ends, name)
    if array.shape not in ((), (count,)):
        raise GameError(
            f"{name} has shape {array.shape}; it must be one number, or one for each of {count} agents"
        )
    return as_numbers(np.broadcast_to(array, (count,)).copy(), name)
