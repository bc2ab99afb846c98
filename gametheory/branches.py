"""The sparse heart of every tabular game: who can do what where, and what may then happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gametheory.numerics import Array, is_exact, to_floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Branches:
    """For each state and joint action the joint law of (successor, rewards), in flat arrays.

    Row ``offsets[s] + Σ_i strides[s, i]·a_i`` belongs to state s and joint action a. An agent that
    makes no choice in s has stride 0 there, so its entry of a joint action is never read; rows are
    in C order of the others' actions. Branch k of row r, ``indptr[r] ≤ k < indptr[r+1]``, leads to
    ``successors[k]`` and pays ``rewards[:, k]`` with probability ``probabilities[k]``. Two branches
    of one row may share their successor: that is how random rewards are stored.
    """

    offsets: Ints  # [S + 1]
    strides: Ints  # [S, n]
    indptr: Ints  # [rows + 1]
    successors: Ints  # [M]
    probabilities: Array  # [M]
    rewards: Array  # [n, M]

    def row(self, state: int, joint: Sequence[int]) -> int:
        """The row of one state and joint action."""
        return int(self.offsets[state] + self.strides[state] @ np.asarray(joint))

    def rows(self, states: Array, joint: Sequence[Array]) -> Ints:
        """``[B]`` rows for ``states[B]`` and one array of actions ``[B]`` per agent."""
        out = self.offsets[states]
        for i, action in enumerate(joint):
            out = out + self.strides[states, i] * action
        return np.asarray(out, dtype=np.int64)

    @property
    def row_count(self) -> int:
        return len(self.indptr) - 1

    @cached_property
    def row_of_branch(self) -> Ints:
        """``[M]`` the row that each branch belongs to."""
        return np.repeat(np.arange(self.row_count), np.diff(self.indptr))

    @cached_property
    def state_of_row(self) -> Ints:
        """``[rows]`` the state that each row belongs to."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def row_sums(self) -> Array:
        """``[rows]`` the sum of each row's probabilities; 0 for a row without branches."""
        sums = np.zeros(self.row_count, dtype=self.probabilities.dtype)
        np.add.at(sums, self.row_of_branch, self.probabilities)
        return sums

    @property
    def exact(self) -> bool:
        return is_exact(self.probabilities) and is_exact(self.rewards)

    @cached_property
    def expected_rewards(self) -> Array:
        """``[n, rows]``: ``Σ_k probabilities[k]·rewards[:, k]`` over each row's branches."""
        out = np.zeros((len(self.rewards), self.row_count), dtype=self.rewards.dtype)
        for i, own in enumerate(self.rewards):
            np.add.at(out[i], self.row_of_branch, self.probabilities * own)
        return out

    @cached_property
    def _cumulative(self) -> NDArray[np.float64]:
        """Row number plus the cumulative probability within the row: increasing over all branches."""
        weights = to_floats(self.probabilities)
        total = np.concatenate([[0.0], weights.cumsum()])
        within = total[1:] - total[self.indptr[:-1]][self.row_of_branch]
        mass = total[self.indptr[1:]] - total[self.indptr[:-1]]
        return np.asarray(self.row_of_branch + within / mass[self.row_of_branch])

    def draw(self, rows: Ints, u: NDArray[np.float64]) -> Ints:
        """``[B]`` one branch of each row, drawn by the uniform numbers ``u[B]``."""
        drawn = np.searchsorted(self._cumulative, rows + u, side="right")
        return np.asarray(np.clip(drawn, self.indptr[rows], self.indptr[rows + 1] - 1), dtype=np.int64)


def c_order_strides(counts: Ints) -> Ints:
    """Strides ``[S, n]`` of rows in C order for per-state action counts ``[S, n]``; 0 where 1."""
    after = np.concatenate([counts[:, 1:], np.ones((len(counts), 1), dtype=np.int64)], axis=1)
    strides = after[:, ::-1].cumprod(axis=1)[:, ::-1]
    return np.where(counts > 1, strides, 0)
