"""Dense tables of a POSG as a user writes them, and the way from them to branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, as_numbers, is_exact, settle, to_floats
from gametheory.tables.branches import Branches, c_order_strides


@dataclass(frozen=True, eq=False)
class Rewards:
    """``R(r^1,…,r^n | s, a, s')`` of finite support: outcome k pays ``values[:, s, a, s', k]``.

    Args:
        values: ``[n, S, A_1, …, A_n, S', K]``.
        probabilities: ``[S, A_1, …, A_n, S', K]``, or None where K = 1 (a point mass).
    """

    values: Array  # [n, S, A_1, …, A_n, S', K]
    probabilities: Array | None = None  # [S, A_1, …, A_n, S', K]

    def __post_init__(self) -> None:
        values = as_numbers(self.values, "rewards")
        object.__setattr__(self, "values", values)
        if self.probabilities is None:
            if values.shape[-1] != 1:
                raise GameError(f"rewards has {values.shape[-1]} outcomes; random rewards need probabilities")
            return
        probabilities = as_numbers(self.probabilities, "reward probabilities")
        if probabilities.shape != values.shape[1:]:
            raise GameError(
                f"reward probabilities has shape {list(probabilities.shape)}; it must be {list(values.shape[1:])}"
            )
        object.__setattr__(self, "probabilities", probabilities)

    @property
    def exact_weights(self) -> bool:
        return self.probabilities is None or is_exact(self.probabilities)

    def expected(self) -> Array:
        """``[n, S, A_1, …, A_n, S']``: the mean over outcomes."""
        if self.probabilities is None:
            return self.values[..., 0]
        return np.asarray((self.values * self.probabilities[None]).sum(axis=-1))


def read_rewards(rewards: Any, shape: tuple[int, ...], n: int) -> Rewards:
    """Rewards from ``Rewards``, numbers ``[n, S, A…, S']``, or numbers ``[n, S, A…]`` for any s'."""
    if isinstance(rewards, Rewards):
        out = rewards
    else:
        numbers = as_numbers(rewards, "rewards")
        if numbers.shape == (n, *shape[:-1]):
            numbers = np.broadcast_to(numbers[..., None], (n, *shape))
        out = Rewards(numbers[..., None])
    if out.values.shape[:-1] != (n, *shape):
        raise GameError(f"rewards has shape {list(out.values.shape[:-1])}; it must be {[n, *shape]}")
    return out


@dataclass(frozen=True, eq=False)
class Tables:
    """Transitions and rewards over all triples (s, a, s')."""

    transitions: Array  # [S, A_1, …, A_n, S']
    rewards: Rewards


def read_tables(transitions: Any, rewards: Any) -> Tables:
    """Tables from array-likes.

    Raises:
        GameError: wrong shapes.
    """
    P = as_numbers(transitions, "P")
    if P.ndim < 3 or P.shape[0] != P.shape[-1] or 0 in P.shape:
        raise GameError(f"P has shape {list(P.shape)}; it must be [S, A_1, …, A_n, S]")
    return Tables(P, read_rewards(rewards, P.shape, P.ndim - 2))


def dense_to_branches(tables: Tables, null: Array, terminal: Array) -> Branches:
    """The non-zero branches of dense tables, with one row where an agent makes no choice.

    Args:
        tables: transitions and rewards, which already keep the null-observation rule.
        null: ``[S, n]`` bool: who makes no choice where.
        terminal: ``[S]`` bool; terminal states get no rows.
    """
    P, rewards = tables.transitions, tables.rewards
    S, counts = P.shape[0], P.shape[1:-1]
    n, K = len(counts), rewards.values.shape[-1]
    weights = P[..., None] if rewards.probabilities is None else P[..., None] * rewards.probabilities
    if not (is_exact(P) and rewards.exact_weights):  # float · Fraction stands in an array of objects
        weights = to_floats(weights)
    kept = np.ones((S, *counts), dtype=bool)
    kept[terminal] = False
    for i, count in enumerate(counts):
        first = np.zeros(count, dtype=bool)
        first[0] = True
        chosen = first | ~null[:, i, None]  # [S, A_i]
        kept &= chosen.reshape(S, *(count if k == i else 1 for k in range(n)))
    rows = weights.reshape(S * int(np.prod(counts)), -1)[kept.reshape(-1)]  # [rows, S'·K]
    row, cell = np.nonzero(rows != 0)
    flat_rewards = rewards.values.reshape(n, -1, rows.shape[1])[:, kept.reshape(-1)]
    per_state = np.where(null, 1, np.array(counts, dtype=np.int64))
    sizes = np.where(terminal, 0, per_state.prod(axis=1))
    return Branches(
        offsets=np.concatenate([[0], sizes.cumsum()]).astype(np.int64),
        strides=c_order_strides(per_state),
        indptr=np.concatenate([[0], np.bincount(row, minlength=len(rows)).cumsum()]).astype(np.int64),
        successors=cell // K,
        probabilities=settle(rows[row, cell]),
        rewards=flat_rewards[:, row, cell],
    )
