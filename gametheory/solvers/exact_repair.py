"""From a float solution of a matrix game to the exact one: its basis, solved in rationals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.numerics import Array
from gametheory.solvers.clock import Clock
from gametheory.solvers.vertex_enumeration import best_response_vertices

SUPPORT_TOLERANCE = 1e-9
"""Float weights below this are taken for zero; a wrong guess is found out and costs only the repair."""

REPAIRABLE = 400
"""Largest support whose linear system is solved in rationals: about ten seconds."""

ENUMERABLE = 20
"""Tables with at most so many rows and columns together may be solved by enumeration instead."""


def exact_optimum(
    integers: Array, table: Array, x: Array, y: Array, clock: Clock
) -> tuple[Array, Array, Fraction] | None:
    """Exactly optimal ``(x, y, value)`` of the matrix game ``integers``, or None.

    Accepted only if ``min_j (x^T T)_j = max_i (T y)_i`` in rationals, which proves both optimal.

    Args:
        integers: ``[m, n]`` Python ints.
        table: the same in floats, scaled to [0, 1].
        x: nearly optimal float strategy of the maximising side.
        y: the same of the minimising side.
        clock: its time limit is kept.
    """
    first = _basic_strategy(integers, x, (x @ table) - (x @ table).min())
    clock.tick()
    second = _basic_strategy(integers.T, y, (table @ y).max() - (table @ y))
    clock.tick()
    found = None
    if first is not None and second is not None:
        found = _if_optimal(integers, first, second)
    if found is None and sum(integers.shape) <= ENUMERABLE:
        found = _if_optimal(integers, _best_vertex(-integers, clock), _best_vertex(integers.T, clock))
    return found


def _basic_strategy(integers: Array, weights: Array, slack: Array) -> Array | None:
    """The strategy on the support of ``weights`` that makes the least slack columns equal.

    Unknowns are the support's weights and the value v; the equations are ``Σx = 1`` and, in order
    of slack, ``Σ_i x_i T[i, j] − v = 0``, as many as are independent.
    """
    from flint import fmpq_mat, fmpz_mat

    support = np.flatnonzero(weights > SUPPORT_TOLERANCE)
    if len(support) > REPAIRABLE:
        return None
    size = len(support) + 1
    order = np.argsort(slack, kind="stable")[: 2 * size]
    rows = [[1] * len(support) + [0]]
    rows += [[*column, -1] for column in integers[np.ix_(support, order)].T.tolist()]
    pivots = _pivots(fmpz_mat(rows).transpose())
    if len(pivots) < size:
        return None
    square = fmpq_mat(fmpz_mat([rows[k] for k in pivots]))
    right = fmpq_mat(fmpz_mat([[int(k == 0)] for k in pivots]))
    solved = [_fraction(entry) for entry in square.solve(right).entries()[:-1]]
    out = np.array([Fraction(0)] * len(weights), dtype=object)
    out[support] = solved
    return out if min(solved) >= 0 else None


def _pivots(matrix: Any) -> list[int]:
    """Pivot columns of an integer matrix."""
    reduced, _, rank = matrix.rref()
    pivots, column = [], 0
    for row in range(rank):
        while reduced[row, column] == 0:
            column += 1
        pivots.append(column)
    return pivots


def _if_optimal(integers: Array, x: Array, y: Array) -> tuple[Array, Array, Fraction] | None:
    from flint import fmpq_mat, fmpz_mat

    table = fmpq_mat(fmpz_mat(integers.tolist()))
    guaranteed = min((fmpq_mat(1, len(x), _flint(x)) * table).entries())
    allowed = max((table * fmpq_mat(len(y), 1, _flint(y))).entries())
    return (x, y, _fraction(guaranteed)) if guaranteed == allowed else None


def _flint(weights: Array) -> list[Any]:
    from flint import fmpq

    return [fmpq(weight.numerator, weight.denominator) for weight in weights]


def _fraction(entry: Any) -> Fraction:
    return Fraction(int(entry.p), int(entry.q))


def _best_vertex(losses: Array, clock: Clock) -> Array:
    """The strategy that minimises ``max_j Σ_i losses[i, j] x_i``: a vertex of its epigraph."""
    rows, columns = losses.shape
    vertices = best_response_vertices(
        losses, list(range(rows)), list(range(rows, rows + columns)), clock
    ).vectors[:, :rows]
    totals = vertices.sum(axis=1)
    worst = (vertices @ losses).max(axis=1)
    best = min(range(len(vertices)), key=lambda k: Fraction(worst[k], totals[k]))
    return np.array([Fraction(weight, totals[best]) for weight in vertices[best]], dtype=object)
