"""One kernel of observations: which law holds in which place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers, freeze
from gametheory.tables.distributions import Distributions, check_cells
from gametheory.tables.ragged import Ints


@dataclass(frozen=True, eq=False)
class Kernel:
    """Laws given where one is and what one did: in ``(s, a, …)`` the distribution ``rows[s, a, …]``.

    Places with one law may share a row, so that each distinct law need be stored but once.

    Args:
        rows: ``[S]``, then one axis per action that matters: ``A``, or 1 where it is immaterial.
            −1: nothing is said (the agent sees ⊥ there).
        laws: the distributions, or a table of them ``[R, |Ω|]``.
    """

    rows: Ints  # [S, A…]
    laws: Distributions  # [R, |Ω|]

    def __post_init__(self) -> None:
        rows, laws = np.asarray(self.rows), self.laws
        if not isinstance(laws, Distributions):
            laws = Distributions.of(as_numbers(laws, "laws"))
        if rows.dtype.kind not in "iu" or (rows.size and not -1 <= rows.min() <= rows.max() < len(laws)):
            raise GameError(f"rows of a kernel must be numbers −1 … {len(laws) - 1}")
        object.__setattr__(self, "rows", freeze(rows.astype(np.int64)))
        object.__setattr__(self, "laws", laws)

    @classmethod
    def dense(cls, table: Array, axes: int) -> Kernel:
        """Of a table ``[S, A…, Ω…]`` whose first ``axes`` axes say where; the others are numbered in C order.

        Axes along which the table is a broadcast view share their rows.
        """
        lead = table.shape[:axes]
        once = [stride == 0 and size > 1 for stride, size in zip(table.strides, lead, strict=False)]
        core = table[tuple(slice(0, 1) if again else slice(None) for again in once)]
        flat = core.reshape(math.prod(core.shape[:axes]), math.prod(core.shape[axes:]))
        rows = np.arange(len(flat)).reshape(core.shape[:axes])
        return cls(np.broadcast_to(rows, lead), Distributions.of(flat))

    @property
    def width(self) -> int:
        return self.laws.width

    def row(self, states: Any, *actions: Any) -> Any:
        """The rows in these places, numbers or arrays ``[B]``; immaterial actions may be left out."""
        own = (actions[k] if size > 1 else 0 for k, size in enumerate(self.rows.shape[1:]))
        return self.rows[(states, *own)]

    def support(self, state: int, *actions: int) -> list[tuple[int, Number]]:
        """What may be seen in a place, with its probability."""
        return self.laws.support(int(self.row(state, *actions)))

    def law(self, state: int, *actions: int) -> Array:
        """``[|Ω|]``: the law in a place."""
        return self.laws.law(int(self.row(state, *actions)))

    def table(self) -> Array:
        """``[S, A…, |Ω|]`` spelled out; where nothing is said, all weight lies on 0.

        Raises:
            GameError: it would be too large.
        """
        check_cells(*self.rows.shape, self.width)
        said = self.rows >= 0
        out = self.laws.zeros(*self.rows.shape, self.width)
        out[said] = self.laws.table()[self.rows[said]]
        out[~said, :1] += 1
        return freeze(out)

    def fitted(self, states: int, actions: tuple[int, ...], name: str, silent: Array | None = None) -> Kernel:
        """The same with axes of length 1 for actions that turn out to be immaterial.

        Args:
            states: how many there are.
            actions: how many each axis after the first should have, if not 1.
            name: of the kernel, for errors.
            silent: ``[S]`` bool: where ⊥ is seen and nothing need be said.

        Raises:
            GameError: axes of other lengths; the message names the kernel.
        """
        rows, shape = self.rows, (states, *actions)
        if rows.ndim == 1:
            rows = rows.reshape(-1, *(1 for _ in actions))
        if (
            rows.ndim != len(shape)
            or len(rows) != states
            or any(own not in (1, full) for own, full in zip(rows.shape[1:], actions, strict=True))
        ):
            given, full = [*self.rows.shape, self.width], ", ".join(map(str, shape))
            raise GameError(f"{name} has shape {given}; it must be [{full}, |Ω|] or [{states}, |Ω|]")
        if silent is not None:
            rows = np.where(silent.reshape(-1, *(1 for _ in actions)), -1, rows)
        for axis in range(1, rows.ndim):
            if rows.shape[axis] > 1 and not self._varies(rows, axis):
                rows = rows.take([0], axis=axis)
        return Kernel(rows, self.laws)

    def _varies(self, rows: Ints, axis: int) -> bool:
        """Whether the law depends on where one is along an axis."""
        first = np.broadcast_to(rows.take([0], axis=axis), rows.shape)
        other = rows != first
        a, b = rows[other], first[other]
        if np.any(np.minimum(a, b) < 0):
            return True
        return not bool(np.all(self.laws.same(a, b)))

    def check(self, asked: Array, name: str) -> None:
        """Check that in the states ``asked[S]`` every law is told and a distribution.

        Raises:
            GameError: names the kernel, the place and the value.
        """
        bad = np.append(self.laws.wrong, True)[self.rows]
        bad &= asked.reshape(-1, *(1 for _ in bad.shape[1:]))
        if not np.any(bad):
            return
        index = tuple(int(k) for k in np.argwhere(bad)[0])
        place, row = ", ".join(map(str, index)), int(self.rows[index])
        if row < 0:
            raise GameError(f"{name}[{place}] is missing; only where an agent sees ⊥ nothing need be said")
        part = slice(self.laws.indptr[row], self.laws.indptr[row + 1])
        for column, weight in zip(self.laws.columns[part], self.laws.weights[part], strict=True):
            if weight < 0:
                raise GameError(f"{name}[{place}, {column}] is {weight}; a probability is at least 0")
        raise GameError(f"{name}[{place}] must be a distribution; it sums to {self.laws.sums[row]}")
