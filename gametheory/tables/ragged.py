"""Rows of different lengths in flat arrays: row r holds the entries ``indptr[r] … indptr[r+1] − 1``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from gametheory.numerics import Array, is_exact, to_floats

Ints = NDArray[np.int64]


def starts(counts: Array | Sequence[int]) -> Ints:
    """``indptr``, ``[R + 1]``, of rows with these many entries."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def rows_of_entries(indptr: Ints) -> Ints:
    """``[M]`` the row that each entry belongs to."""
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


def entries(indptr: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """All entries of the rows asked for: position in ``rows`` and entry, both ``[M]``."""
    counts = np.diff(indptr)[rows]
    at = np.repeat(np.arange(len(rows)), counts)
    begins = np.repeat(indptr[rows] - (counts.cumsum() - counts), counts)
    return at, begins + np.arange(len(at))


def sums(indptr: Ints, weights: Array) -> Array:
    """``[R]`` the sum of each row's weights; 0 for a row without entries."""
    if is_exact(weights):
        found = _sums_over_one_denominator(indptr, weights)
        if found is not None:
            return found
    out = np.zeros(len(indptr) - 1, dtype=weights.dtype)
    np.add.at(out, rows_of_entries(indptr), weights)
    return out


def _sums_over_one_denominator(indptr: Ints, weights: Array) -> Array | None:
    """Rationals summed as integers, many times faster; None where 64 bits would not hold them."""
    try:
        top = np.fromiter((weight.numerator for weight in weights), np.int64, len(weights))
        bottom = np.fromiter((weight.denominator for weight in weights), np.int64, len(weights))
    except (OverflowError, AttributeError):  # large integers; floats among the rationals
        return None
    common = math.lcm(*np.unique(bottom).tolist())
    most = int(np.diff(indptr).max(initial=1))
    if common * most * max(int(np.abs(top).max(initial=0)), 1) >= 2**62:
        return None
    totals = np.zeros(len(indptr) - 1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        totals[filled] = np.add.reduceat(top * (common // bottom), indptr[filled])
    values, place = np.unique(totals, return_inverse=True)
    rationals = np.empty(len(values), dtype=object)
    rationals[:] = [Fraction(value, common) for value in values.tolist()]
    return np.asarray(rationals[place])


def any_of(indptr: Ints, holds: Array) -> Array:
    """``[R, …]`` bool: whether ``holds[M, …]`` for some entry of the row."""
    out = np.zeros((len(indptr) - 1, *holds.shape[1:]), dtype=bool)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        out[filled] = np.logical_or.reduceat(holds, indptr[filled], axis=0)
    return out


def cumulative(indptr: Ints, weights: Array) -> NDArray[np.float64]:
    """Row number plus the cumulative share within the row: increasing over all entries."""
    row = rows_of_entries(indptr)
    total = np.concatenate([[0.0], to_floats(weights).cumsum()])
    within = total[1:] - total[indptr[:-1]][row]
    mass = total[indptr[1:]] - total[indptr[:-1]]
    return np.asarray(row + within / np.where(mass > 0, mass, 1.0)[row])


def draw(shares: NDArray[np.float64], indptr: Ints, rows: Ints, u: NDArray[np.float64]) -> Ints:
    """``[B]`` one entry of each row, drawn by the uniform numbers ``u[B]``; ``shares`` is ``cumulative``'s."""
    drawn = np.searchsorted(shares, rows + u, side="right")
    return np.asarray(np.clip(drawn, indptr[rows], indptr[rows + 1] - 1), dtype=np.int64)
