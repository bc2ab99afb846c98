"""Constant-sum, and zero-sum and identical-interest up to positive affine maps per agent.

Maps ``R^i ↦ α_i R^i + β_i`` with ``α_i > 0`` leave best responses, and so equilibria, as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from gametheory.classify.finding import Finding, Table
from gametheory.numerics import Array
from gametheory.solvers.clock import Clock
from gametheory.solvers.double_description import Rays, extend


def constant_sum(table: Table) -> Finding:
    """Whether ``Σ_i R^i`` is the same at every joint action."""
    sums = table.rows.sum(axis=0)
    other = np.flatnonzero(sums != sums[0])
    if not len(other):
        return Finding(True, {"sum": sums[0] * table.unit})
    return Finding(False, {"places": [table.place(0), table.place(other[0])]})


def affine_zero_sum(table: Table) -> Finding:
    """Whether ``Σ_i α_i R^i`` is constant for some ``α > 0``.

    Witness: the weights α and the constant; or at most n + 1 joint actions at which no positive
    weights give equal sums.
    """
    weights, tried = _balancing_weights(table.rows)
    if weights is not None:
        constant = (weights @ table.rows[:, 0]) * table.unit
        return Finding(True, {"weights": [Fraction(weight) for weight in weights], "sum": constant})
    cells = _minimal(tried, lambda some: _balancing_weights(table.rows[:, some])[0] is None)
    return Finding(False, {"places": [table.place(cell) for cell in cells]})


def _balancing_weights(rows: Array) -> tuple[Array | None, list[int]]:
    """Positive integers α with ``Σ_i α_i rows[i]`` constant, if any, and the columns that mattered.

    All ``α ≥ 0`` that balance the columns so far form a cone; its extreme rays are kept, and a
    column that some ray does not balance cuts it. Each cut lowers the dimension, so n cuts do.
    """
    count = len(rows)
    differences = rows - rows[:, :1]
    rays = Rays(np.eye(count, dtype=object), _orthant_zeros(count))
    columns = [0]
    for cut in range(count + 1):
        unbalanced = np.flatnonzero((rays.vectors @ differences != 0).any(axis=0))
        if not len(unbalanced):
            break
        column = int(unbalanced[0])
        columns.append(column)
        face = np.array([differences[:, column], -differences[:, column]], dtype=object)
        rays = extend(rays, face, [count + 2 * cut, count + 2 * cut + 1], Clock())
    total = rays.vectors.sum(axis=0) if len(rays) else np.zeros(count, dtype=object)
    return (total // np.gcd.reduce(total) if (total > 0).all() else None), columns


def _orthant_zeros(count: int) -> Array:
    """Zero sets of the unit vectors, with room for two more labels per cut."""
    zeros = np.zeros((count, (3 * count + 2) // 64 + 1), dtype=np.uint64)
    for ray in range(count):
        zeros[ray, 0] = ((1 << count) - 1) ^ (1 << ray)
    return zeros


def identical_interest(table: Table) -> Finding:
    """Whether ``R^i = α_i R^1 + β_i`` with ``α_i > 0`` for every agent i.

    Witness: α and β; or an agent and at most three joint actions that forbid it.
    """
    base = table.rows[0]
    slopes, shifts = [], []
    for i, own in enumerate(table.rows):
        line, cells = _positive_line(base, own)
        if line is None:
            kept = _minimal(cells, lambda some, own=own: _positive_line(base[some], own[some])[0] is None)  # type: ignore[misc]
            return Finding(
                False,
                {"pair": [table.agents[0], table.agents[i]], "places": [table.place(cell) for cell in kept]},
            )
        slopes.append(line[0])
        shifts.append(line[1] * table.unit)
    return Finding(True, {"slopes": slopes, "shifts": shifts})


def _positive_line(base: Array, own: Array) -> tuple[tuple[Fraction, Fraction] | None, list[int]]:
    """(α, β) with ``own = α base + β`` and ``α > 0``, or columns that show there is none."""
    rise, run = own - own[0], base - base[0]
    moved = np.flatnonzero((rise != 0) | (run != 0))
    if not len(moved):
        return (Fraction(1), Fraction(own[0] - base[0])), [0]
    t = int(moved[0])
    if rise[t] * run[t] <= 0:
        return None, [0, t]
    off = np.flatnonzero(rise * run[t] != run * rise[t])
    if len(off):
        return None, [0, t, int(off[0])]
    slope = Fraction(rise[t], run[t])
    return (slope, own[0] - slope * base[0]), [0, t]


def _minimal(cells: list[int], refutes: Callable[[list[int]], bool]) -> list[int]:
    """A subset of the cells that still refutes and none of whose cells can be spared."""
    kept = list(cells)
    for cell in cells:
        fewer = [other for other in kept if other != cell]
        if fewer and refutes(fewer):
            kept = fewer
    return kept


def general_sum(zero: Finding, identical: Finding) -> Finding:
    """Neither zero-sum nor identical-interest, even up to positive affine maps."""
    if zero.holds:
        return Finding(False, {"is": "zero-sum up to positive affine maps"})
    if identical.holds:
        return Finding(False, {"is": "identical-interest up to positive affine maps"})
    return Finding(True, {"not zero-sum": zero.witness, "not identical-interest": identical.witness})
