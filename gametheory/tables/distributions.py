"""Many distributions over one finite set, stored by their non-zero weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gametheory.errors import GameError
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, Number, as_numbers, freeze, is_exact, settle
from gametheory.tables import ragged
from gametheory.tables.ragged import Ints

MOST_CELLS = 60_000_000
"""Largest table that is ever spelled out: about half a gigabyte."""


@dataclass(frozen=True, eq=False)
class Distributions:
    """Row r gives ``columns[k]`` the weight ``weights[k]``, for ``indptr[r] ≤ k < indptr[r+1]``.

    Columns lie in ``0 … width−1`` and increase within a row; weights of 0 are not stored. Whether
    rows sum to one is for the owner to check, who knows which of them count (``wrong``).

    Raises:
        GameError: arrays that do not fit together, columns out of range or out of order, or a
            weight that is no finite number.
    """

    indptr: Ints  # [R + 1]
    columns: Ints  # [M]
    weights: Array  # [M]
    width: int

    def __post_init__(self) -> None:
        indptr, columns = (np.asarray(own, dtype=np.int64) for own in (self.indptr, self.columns))
        weights = _as_weights(self.weights)
        if (
            indptr.ndim != 1
            or not len(indptr)
            or indptr[0] != 0
            or np.any(np.diff(indptr) < 0)
            or not indptr[-1] == len(columns) == len(weights)
        ):
            raise GameError("indptr must rise from 0 to the number of columns and weights")
        if len(columns) and not 0 <= columns.min() <= columns.max() < self.width:
            raise GameError(f"columns must lie in 0 … {self.width - 1}")
        row = ragged.rows_of_entries(indptr)
        if np.any((np.diff(columns) <= 0) & (np.diff(row) == 0)):
            raise GameError("columns must increase within a row")
        kept = np.asarray(weights != 0, dtype=bool)
        if not np.all(kept):
            indptr = ragged.starts(np.bincount(row[kept], minlength=len(indptr) - 1))
            columns, weights = columns[kept], weights[kept]
        for name, own in (("indptr", indptr), ("columns", columns), ("weights", weights)):
            object.__setattr__(self, name, freeze(own.view()))

    @classmethod
    def of(cls, table: Array) -> Distributions:
        """The rows of a table ``[R, width]``."""
        row, column = np.nonzero(table.astype(bool))
        return cls(
            ragged.starts(np.bincount(row, minlength=len(table))), column, table[row, column], table.shape[1]
        )

    @classmethod
    def points(cls, width: int, columns: Sequence[int] | None = None) -> Distributions:
        """Row k surely gives ``columns[k]``; k itself, and there are ``width`` rows, unless given."""
        own = np.arange(width) if columns is None else np.array(columns, dtype=np.int64)
        ones = np.full(len(own), Fraction(1), dtype=object)
        return cls(np.arange(len(own) + 1), own, ones, width)

    @classmethod
    def stack(cls, parts: Sequence[Distributions], width: int) -> Distributions:
        """The rows of all parts, one after the other, over ``0 … width−1``."""
        parts = [own for own in parts if len(own)] or parts[:1]
        return cls(
            ragged.starts(np.concatenate([np.diff(own.indptr) for own in parts])),
            np.concatenate([own.columns for own in parts]),
            settle(np.concatenate([own.weights for own in parts])),
            width,
        )

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def exact(self) -> bool:
        return is_exact(self.weights)

    @cached_property
    def sums(self) -> Array:
        """``[R]`` the sum of each row."""
        return ragged.sums(self.indptr, self.weights)

    @cached_property
    def wrong(self) -> Array:
        """``[R]`` bool: rows that are no distribution."""
        off = self.sums != 1 if self.exact else ~(np.abs(self.sums - 1.0) <= SIMPLEX_TOLERANCE)
        return np.asarray(off | ragged.any_of(self.indptr, self.weights < 0), dtype=bool)

    # --- one row ---------------------------------------------------------------------------------

    def support(self, row: int) -> list[tuple[int, Number]]:
        """The row's columns of positive weight with their weights."""
        part = slice(self.indptr[row], self.indptr[row + 1])
        pairs = zip(self.columns[part].tolist(), self.weights[part].tolist(), strict=True)
        return [(column, weight) for column, weight in pairs if weight > 0]

    def law(self, row: int) -> Array:
        """``[width]``: the row spelled out."""
        out = self.zeros(self.width)
        part = slice(self.indptr[row], self.indptr[row + 1])
        out[self.columns[part]] = self.weights[part]
        return freeze(out)

    # --- many rows ---------------------------------------------------------------------------------

    def table(self) -> Array:
        """``[R, width]``: all rows spelled out.

        Raises:
            GameError: more than ``MOST_CELLS`` cells.
        """
        check_cells(len(self), self.width)
        out = self.zeros(len(self), self.width)
        out[ragged.rows_of_entries(self.indptr), self.columns] = self.weights
        return freeze(out)

    def entries(self, rows: Ints) -> tuple[Ints, Ints, Array]:
        """Of the rows asked for: position in ``rows``, column and weight, each ``[M]``."""
        at, entry = ragged.entries(self.indptr, rows)
        return at, self.columns[entry], self.weights[entry]

    def take(self, rows: Any) -> Distributions:
        """The rows asked for, in this order."""
        rows = np.asarray(rows, dtype=np.int64)
        _, columns, weights = self.entries(rows)
        return Distributions(ragged.starts(np.diff(self.indptr)[rows]), columns, weights, self.width)

    def same(self, a: Ints, b: Ints) -> Array:
        """``[B]`` bool: whether rows ``a[B]`` and ``b[B]`` are equal."""
        size = np.diff(self.indptr)
        out = np.asarray(size[a] == size[b])
        level = np.flatnonzero(out)
        at, left = ragged.entries(self.indptr, a[level])
        _, right = ragged.entries(self.indptr, b[level])
        off = (self.columns[left] != self.columns[right]) | (self.weights[left] != self.weights[right])
        out[level[at[np.asarray(off, dtype=bool)]]] = False
        return out

    def meets(self, holds: Array) -> Array:
        """``[R, …]`` bool: whether ``holds[width, …]`` for some column of the row."""
        return ragged.any_of(self.indptr, holds[self.columns])

    def draw(self, rows: Ints, u: NDArray[np.float64]) -> Ints:
        """``[B]`` one column of each row, drawn by the uniform numbers ``u[B]``."""
        return np.asarray(self.columns[ragged.draw(self._shares, self.indptr, rows, u)])

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        return ragged.cumulative(self.indptr, self.weights)

    def zeros(self, *shape: int) -> Array:
        """Zeros of the kind of number that the weights are."""
        return np.full(shape, Fraction(0), dtype=object) if self.exact else np.zeros(shape)


def at_rows(of_law: Array, rows: Ints) -> Array:
    """``of_law[R, …]``, a mask, at the rows asked for; false at row −1."""
    return np.asarray(np.concatenate([of_law, np.zeros((1, *of_law.shape[1:]), dtype=bool)])[rows])


def check_cells(*shape: int) -> None:
    """Refuse to spell out a table that is too large.

    Raises:
        GameError: more than ``MOST_CELLS`` cells.
    """
    cells = int(np.prod(np.array(shape, dtype=object)))
    if cells > MOST_CELLS:
        raise GameError(f"spelled out, the table would have {cells:,} cells; read its rows instead")


def _as_weights(weights: Array) -> Array:
    """The numbers of a caller; arrays that are numbers already are not read one by one."""
    array = np.asarray(weights)
    if array.dtype == object and all(type(weight) is Fraction for weight in array.flat):
        return array
    return as_numbers(array, "weights")
