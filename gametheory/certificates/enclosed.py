"""Proof that an equilibrium lies next to a float profile whose exact neighbour is irrational.

Where three agents or more mix, equilibria of rational games are roots of polynomials. This module encloses
one in balls of real numbers (python-flint's ``arb``, whose arithmetic bounds its own rounding); it shares no
code with the solvers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_fractions

BITS = 256
"""Precision of the balls."""
WIDTH = 2.0**-120
"""Half the width of the box in which the equilibrium is proved to lie, around Newton's last point."""
NEWTON = 4
"""Steps towards the root; each doubles the digits of a float solution."""
FARTHEST = 1e-6
"""An equilibrium farther away, in any probability, is not the one that was asked about."""
MOST_UNKNOWNS, MOST_CELLS = 40, 5_000
"""Larger supports are not tried: balls are slow."""


def distance_to_equilibrium(game: NormalForm, profile: Sequence[Array]) -> float | None:
    """A bound on the distance, in any probability, from the profile to an equilibrium; None: none was proved.

    The unknowns are the weights ``x_i(a)`` of the actions in the support of the profile, and the values ``v_i``:

        f(x, v) = (u_i(a, x) − v_i for a ∈ S_i;  Σ_a x_i(a) − 1)  = 0.

    Krawczyk's test (R. Krawczyk 1969; Neumaier, *Interval Methods for Systems of Equations*, 1990, ch. 5): if
    ``m − Y f(m) + (I − Y f'(X))(X − m)`` lies inside X, then X holds exactly one root. It is an equilibrium if
    in all of X weights are positive and actions outside the support pay less.

    Args:
        game: floats are the rationals that they are.
        profile: ``[A_i]`` each, nearly an equilibrium; its zeros are taken as zeros.
    """
    supports = [np.flatnonzero(np.asarray(own, dtype=float) > 0) for own in profile]
    unknowns = sum(len(own) + 1 for own in supports)
    cells = math.prod(game.shape)
    if unknowns > MOST_UNKNOWNS or cells > MOST_CELLS:
        return None
    import flint

    before, flint.ctx.prec = flint.ctx.prec, BITS
    try:
        return _Box(game, supports).prove(profile)
    except ZeroDivisionError:  # a singular derivative: no isolated root, or one of several degrees
        return None
    finally:
        flint.ctx.prec = before


class _Box:
    """The equations of one support over balls."""

    def __init__(self, game: NormalForm, supports: list[Array]) -> None:
        from flint import arb, arb_mat

        self.arb, self.matrix = arb, arb_mat
        self.supports = supports
        self.tables = [self._table(to_fractions(own)) for own in game.payoffs]
        sizes = [len(own) for own in supports]
        self.starts = np.cumsum([0, *sizes]).tolist()
        self.size = self.starts[-1] + len(sizes)

    def _table(self, payoffs: Array) -> Array:
        """Payoffs as balls, moved and scaled to [0, 1], which changes no equilibrium."""
        least, width = payoffs.min(), payoffs.max() - payoffs.min()
        out = np.empty(payoffs.shape, dtype=object)
        for place, value in np.ndenumerate(payoffs):
            share = (value - least) / width if width else Fraction(0)
            out[place] = self.arb(share.numerator) / share.denominator
        return out

    def prove(self, profile: Sequence[Array]) -> float | None:
        pairs = zip(profile, self.supports, strict=True)
        start = [weight for own, chosen in pairs for weight in to_fractions(own)[chosen]]
        given = [self.arb(w.numerator) / w.denominator for w in start]
        payoffs = [own[0] for own in self._payoffs(self._weights(given), inside=True)]
        m = self.matrix(self.size, 1, given + payoffs)
        for _ in range(NEWTON):
            m = (m - self._derivatives(m).inv() * self._values(m)).mid()
        Y = self._derivatives(m).inv().mid()
        ball = self.arb(0, WIDTH)
        X = self.matrix(self.size, 1, [entry + ball for entry in m.entries()])
        identity = self.matrix([[int(i == j) for j in range(self.size)] for i in range(self.size)])
        image = m - Y * self._values(m) + (identity - Y * self._derivatives(X)) * (X - m)
        inside = all(
            box.contains_interior(own) for box, own in zip(X.entries(), image.entries(), strict=True)
        )
        if not (inside and self._is_equilibrium(X)):
            return None
        moves = [abs(a - b) for a, b in zip(X.entries(), given, strict=False)]
        distance = max(math.nextafter(float(move.upper()), math.inf) for move in moves)
        return distance if distance <= FARTHEST else None

    def _is_equilibrium(self, X: Any) -> bool:
        entries = X.entries()
        n = len(self.supports)
        if not all(weight > 0 for weight in entries[:-n]):
            return False
        payoffs = self._payoffs(self._weights(entries), inside=False)
        for own, chosen, value in zip(payoffs, self.supports, entries[-n:], strict=True):
            if not all(bool(own[a] < value) for a in set(range(len(own))) - set(chosen.tolist())):
                return False
        return True

    def _weights(self, entries: Sequence[Any]) -> list[Array]:
        spans = zip(self.starts, self.starts[1:], strict=False)
        return [np.array(entries[first:last], dtype=object) for first, last in spans]

    def _payoffs(self, x: list[Array], *, inside: bool) -> list[Array]:
        """Per agent ``u_i(a, x)`` of the actions in its support, or of all."""
        return [self._contracted(i, x, (i,), inside) for i in range(len(x))]

    def _contracted(self, agent: int, x: list[Array], kept: tuple[int, ...], inside: bool = True) -> Array:
        """Agent's payoffs with the axes of all but the kept agents averaged out, over supports."""
        rows = [
            np.arange(self.tables[agent].shape[j]) if j in kept and not inside else support
            for j, support in enumerate(self.supports)
        ]
        table = self.tables[agent][np.ix_(*rows)]
        for j in reversed(range(len(x))):
            if j not in kept:
                table = np.tensordot(table, x[j], axes=(j, 0))
        return np.asarray(table, dtype=object)

    def _values(self, z: Any) -> Any:
        entries = z.entries()
        x, v = self._weights(entries), entries[self.starts[-1] :]
        own = [pay - v[i] for i, row in enumerate(self._payoffs(x, inside=True)) for pay in row]
        return self.matrix(self.size, 1, own + [sum(weights[1:], weights[0]) - 1 for weights in x])

    def _derivatives(self, z: Any) -> Any:
        x = self._weights(z.entries())
        J = np.full((self.size, self.size), self.arb(0), dtype=object)
        end, spans = (
            self.starts[-1],
            [slice(*pair) for pair in zip(self.starts, self.starts[1:], strict=False)],
        )
        for i, own in enumerate(spans):
            J[own, end + i], J[end + i, own] = self.arb(-1), self.arb(1)
            for j, other in enumerate(spans):
                if i != j:
                    block = self._contracted(i, x, (i, j))
                    J[own, other] = block if i < j else block.T
        return self.matrix(J.tolist())
