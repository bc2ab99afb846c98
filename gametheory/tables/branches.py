"""The sparse heart of every tabular game: who can do what where, and what may then happen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gametheory.errors import GameError
from gametheory.numerics import LARGEST, SIMPLEX_TOLERANCE, Array, is_exact
from gametheory.tables import ragged
from gametheory.tables.ragged import Ints as Ints


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
        return ragged.rows_of_entries(self.indptr)

    @cached_property
    def state_of_row(self) -> Ints:
        """``[rows]`` the state that each row belongs to."""
        return ragged.rows_of_entries(self.offsets)

    def joint_actions(self, rows: Ints, counts: tuple[int, ...]) -> Ints:
        """``[B, n]`` the joint actions of rows ``[B]``, 0 for whoever makes no choice.

        ``counts`` are ``(A_1, …, A_n)``.
        """
        state = self.state_of_row[rows]
        strides = self.strides[state]
        within = (rows - self.offsets[state])[:, None]
        return np.asarray(np.where(strides > 0, within // np.maximum(strides, 1) % np.array(counts), 0))

    @cached_property
    def row_sums(self) -> Array:
        """``[rows]`` the sum of each row's probabilities; 0 for a row without branches."""
        return ragged.sums(self.indptr, self.probabilities)

    @property
    def exact(self) -> bool:
        return is_exact(self.probabilities) and is_exact(self.rewards)

    @cached_property
    def expected_rewards(self) -> Array:
        """``[n, rows]``: ``Σ_k probabilities[k]·rewards[:, k]`` over each row's branches."""
        sums = [ragged.sums(self.indptr, self.probabilities * own) for own in self.rewards]
        return np.array(sums).astype(self.rewards.dtype)

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        return ragged.cumulative(self.indptr, self.probabilities)

    def draw(self, rows: Ints, u: NDArray[np.float64]) -> Ints:
        """``[B]`` one branch of each row, drawn by the uniform numbers ``u[B]``."""
        return ragged.draw(self._shares, self.indptr, rows, u)


def c_order_strides(counts: Ints) -> Ints:
    """Strides ``[S, n]`` of rows in C order for per-state action counts ``[S, n]``; 0 where 1."""
    after = np.concatenate([counts[:, 1:], np.ones((len(counts), 1), dtype=np.int64)], axis=1)
    strides = after[:, ::-1].cumprod(axis=1)[:, ::-1]
    return np.where(counts > 1, strides, 0)


def check_branches(b: Branches, place: Callable[[int], str], kind: str) -> None:
    """Check that branches lead to what exists and that rows, where they are not empty, are distributions.

    Args:
        b: the branches.
        place: the name of a state (of an AECG: a node) by its number.
        kind: what such a thing is called.

    Raises:
        GameError: names the branch or the state, and the value.
    """
    S, M = len(b.offsets) - 1, len(b.successors)
    if b.indptr[-1] != M or b.probabilities.shape != (M,) or b.rewards.shape[1:] != (M,):
        raise GameError(f"branches must have {b.indptr[-1]} successors, probabilities and rewards per agent")
    if np.any((b.successors < 0) | (b.successors >= S)):
        raise GameError(f"a branch leads to {kind} {b.successors.max()}; the game has {kind}s 0 … {S - 1}")
    for name, values in (("probability", b.probabilities[None]), ("reward", b.rewards)):
        if not is_exact(values) and not np.all(np.abs(values) <= LARGEST):
            bad = np.argwhere(~(np.abs(values) <= LARGEST))[0]
            raise GameError(f"branch {bad[1]} has {name} {values[tuple(bad)]}, not a number of everyday size")
    if np.any(b.probabilities < 0):
        k = int(np.argmax(b.probabilities < 0))
        raise GameError(f"branch {k} has probability {b.probabilities[k]}; a probability is at least 0")
    sums = b.row_sums
    wrong = sums != 1 if is_exact(sums) else np.abs(sums - 1.0) > SIMPLEX_TOLERANCE
    wrong = np.asarray(wrong & (np.diff(b.indptr) > 0), dtype=bool)
    if np.any(wrong):
        row = int(np.argmax(wrong))
        raise GameError(
            f"a row of {place(int(b.state_of_row[row]))} must be a distribution; it sums to {sums[row]}"
        )
