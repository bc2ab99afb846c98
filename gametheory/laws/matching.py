"""Two collections of weighted items, held against each other: are they the same measures?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gametheory.numerics import Array, is_exact, to_floats
from gametheory.tables.branches import Ints

TOLERANCE = 1e-9
"""How far apart float probabilities may be, and (times the size, if above 1) other float numbers."""

_LARGEST = 2**62


def shared_ids(arrays: Sequence[Array]) -> list[Ints]:
    """Number the values of all arrays: equal values get equal numbers, in the arrays' own shapes.

    Rationals are compared by ``==``. If any array holds floats, neighbours in sorted order share a
    number where they are within ``TOLERANCE`` of each other.
    """
    if all(map(is_exact, arrays)):
        known: dict[object, int] = {}
        return [
            np.fromiter((known.setdefault(x, len(known)) for x in own.ravel()), np.int64, own.size).reshape(
                own.shape
            )
            for own in arrays
        ]
    values = np.concatenate([to_floats(own).ravel() for own in arrays])
    order = np.argsort(values)
    ranked = values[order]
    apart = np.diff(ranked) > TOLERANCE * np.maximum(1.0, np.abs(ranked[1:]))
    ids = np.empty(len(values), dtype=np.int64)
    ids[order] = np.concatenate([[0], apart.cumsum()])[: len(values)]
    ends = np.cumsum([own.size for own in arrays])[:-1]
    return [part.reshape(own.shape) for part, own in zip(np.split(ids, ends), arrays, strict=True)]


def fold(columns: Sequence[Ints]) -> Ints:
    """One number per row of equally long integer columns: equal exactly where all columns are equal."""
    out = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        if not len(column):
            break
        low, width = int(column.min()), int(np.ptp(column)) + 1
        if (int(out.max()) + 1) * width > _LARGEST:
            out = np.unique(out, return_inverse=True)[1]
        if (int(out.max()) + 1) * width > _LARGEST:
            column = np.unique(column, return_inverse=True)[1]
            low, width = 0, int(column.max()) + 1
        out = out * width + (column - low)
    return out


def entries(indptr: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """All entries of the given rows of a ragged table: position in ``rows`` and entry, both ``[M]``."""
    counts = np.diff(indptr)[rows]
    at = np.repeat(np.arange(len(rows)), counts)
    begins = np.repeat(indptr[rows] - (counts.cumsum() - counts), counts)
    return at, begins + np.arange(len(at))


@dataclass(frozen=True, eq=False)
class Items:
    """A measure per pair: item m has weight ``weights[m]`` under pair ``pairs[m]``, in order of pairs."""

    pairs: Ints  # [M]
    states: Ints  # [M]
    rewards: Array  # [n, M]
    laws: Ints  # [n, M], numbers of observation laws; below 0 where nothing is observed
    weights: Array  # [M]

    def where(self, kept: Array) -> Items:
        """The items chosen by a mask or by their numbers."""
        return Items(
            self.pairs[kept], self.states[kept], self.rewards[:, kept], self.laws[:, kept], self.weights[kept]
        )

    def of(self, chosen: Ints) -> Items:
        """The items of the pairs in ``chosen``."""
        return self.where(np.isin(self.pairs, chosen))


def unequal(a: Array, b: Array) -> Array:
    """Elementwise: exact numbers by ``==``, floats within the tolerance."""
    if is_exact(a) and is_exact(b):
        return np.asarray(a != b, dtype=bool)
    a, b = to_floats(a), to_floats(b)
    return np.asarray(np.abs(a - b) > TOLERANCE * np.maximum(1.0, np.abs(b)))


def differing_pairs(a: Items, b: Items) -> Ints:
    """Sorted pairs under which the two measures on (state, rewards, laws) differ."""
    suspects = _out_of_line(a, b)
    if not len(suspects):
        return suspects
    a, b = a.of(suspects), b.of(suspects)
    columns = [(a.pairs, b.pairs), (a.states, b.states), *zip(a.laws, b.laws, strict=True)]
    columns += list(zip(*shared_ids([a.rewards, b.rewards]), strict=True))
    keys = fold([np.concatenate(both) for both in columns])
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    if is_exact(a.weights) and is_exact(b.weights):
        difference = np.zeros(len(first), dtype=object)
        np.add.at(difference, inverse, np.concatenate([a.weights, -b.weights]))
        wrong = np.flatnonzero(difference != 0)
    else:
        signed = np.concatenate([to_floats(a.weights), -to_floats(b.weights)])
        wrong = np.flatnonzero(np.abs(np.bincount(inverse, signed, len(first))) > TOLERANCE)
    return np.unique(np.concatenate([a.pairs, b.pairs])[first[wrong]])


def _out_of_line(a: Items, b: Items) -> Ints:
    """Pairs whose items are not the same one by one; conversions keep the order, so these are few."""
    count = 1 + max((int(own.pairs.max()) for own in (a, b) if len(own.pairs)), default=-1)
    sizes = [np.bincount(own.pairs, minlength=count) for own in (a, b)]
    level = sizes[0] == sizes[1]
    left, right = a, b
    if not np.all(level):
        left, right = (own.where(np.flatnonzero(level[own.pairs])) for own in (a, b))
    same = np.array_equal(left.pairs, right.pairs)
    off = np.ones(len(left.pairs), dtype=bool)
    if same:
        off = (left.states != right.states) | (left.laws != right.laws).any(axis=0)
        off |= unequal(left.weights, right.weights) | unequal(left.rewards, right.rewards).any(axis=0)
    return np.union1d(np.flatnonzero(~level), left.pairs[off])
