"""Hypothesis strategies for tabular POSGs, AECGs and policies, and ``assert_equivalent``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.convert import Correspondence
from gametheory.equivalence import check_equivalence
from gametheory.numerics import Array
from gametheory.policy import TablePolicy
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.kernels import JointObservations

try:
    from hypothesis import strategies as st
except ImportError:  # pragma: no cover
    raise ImportError(
        "gametheory.testing needs Hypothesis: python -m pip install 'equilibrist[testing]'"
    ) from None

DISCOUNTS = (Fraction(1), Fraction(9, 10), Fraction(1, 2), Fraction(0))


def assert_equivalent(
    a: POSG | AECG, b: POSG | AECG, correspondence: Correspondence | None = None, horizon: int | None = None
) -> None:
    """Assert that two games induce the same laws; see ``check_equivalence``.

    Raises:
        AssertionError: they do not; the message shows the first trajectory that tells them apart.
    """
    found = check_equivalence(a, b, correspondence, horizon)
    if not found.equivalent:
        raise AssertionError(str(found))


@st.composite
def posgs(
    draw: st.DrawFn,
    agents: int | tuple[int, int] = (1, 2),
    max_states: int = 3,
    max_actions: int = 2,
    max_observations: int = 2,
) -> POSG:
    """Exact POSGs: factored or joint kernels, random rewards, ⊥, legal sets, ends, γ by state.

    They shrink to one agent with one action in one state that shows one symbol and pays nothing.

    Args:
        draw: given by Hypothesis.
        agents: how many, or the least and the most.
        max_states: at least one.
        max_actions: per agent.
        max_observations: per agent.
    """
    n, S = _count(draw, agents), draw(st.integers(1, max_states))
    counts = tuple(draw(st.integers(1, max_actions)) for _ in range(n))
    sizes = tuple(draw(st.integers(1, max_observations)) for _ in range(n))
    null = _rarely(draw, (S, n))
    P = draw(_laws((S, *counts, S)))
    values, weights = draw(_outcomes(n, S, counts))
    for i in range(n):  # an agent that sees ⊥ has no influence
        P = _deaf(P, 1 + i, null[:, i])
        values = _deaf(values, 2 + i, null[:, i], axis=1)
    kernels = draw(_kernels(S, counts, sizes, P, null))
    first = draw(_first_kernels(S, sizes, null))
    return POSG(
        P,
        Rewards(values, weights),
        kernels,
        draw(_laws((S,))),
        draw(_discounts(S)),
        initial_observations=first,
        null=null,
        legal=draw(_legal(counts, [size + 1 for size in sizes])),
        terminal=np.flatnonzero(_rarely(draw, (S,))),
    )


@st.composite
def aecgs(
    draw: st.DrawFn,
    agents: int | tuple[int, int] = (1, 2),
    max_states: int = 4,
    max_actions: int = 2,
    max_observations: int = 2,
) -> AECG:
    """Exact AECGs in which anybody may be the next to move.

    Args:
        draw: given by Hypothesis.
        agents: how many, or the least and the most.
        max_states: at least one.
        max_actions: per agent.
        max_observations: per agent.
    """
    n, S = _count(draw, agents), draw(st.integers(1, max_states))
    counts = tuple(draw(st.integers(1, max_actions)) for _ in range(n))
    sizes = tuple(draw(st.integers(1, max_observations)) for _ in range(n))
    null = _rarely(draw, (S, n))
    moves, following, rewards = [], [], []
    for i, count in enumerate(counts):
        moves.append(_deaf(draw(_integers((S, count), 0, S - 1)), 1, null[:, i]))
        following.append(_deaf(draw(_laws((S, count, n + 1))), 1, null[:, i]))
        values, weights = draw(_outcomes(n, S, (count,)))
        rewards.append(Rewards(_deaf(values, 2, null[:, i], axis=1), weights))
    values, weights = draw(_outcomes(n, S, ()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # agents that never move are welcome here
        return AECG.tabular(
            moves,
            draw(_laws((S, S))),
            [*following, draw(_laws((S, n + 1)))],
            [*rewards, Rewards(values, weights)],
            [draw(_laws((S, size))) for size in sizes],
            (draw(st.integers(0, S - 1)), draw(st.integers(0, n))),
            draw(_discounts(S)),
            null=null,
            legal=draw(_legal(counts, sizes)),
            terminal=np.flatnonzero(_rarely(draw, (S,))),
        )


@st.composite
def policies(draw: st.DrawFn, game: POSG | AECG) -> tuple[TablePolicy, ...]:
    """Exact policies that look at the latest observation, ``[|Ω^i| + 1, A_i]``; legal actions only."""
    out = []
    for size, count, legal in zip(game.observation_counts, game.action_counts, game.legal, strict=True):
        weights = np.array(draw(_integers((size + 1, count), 0, 3)))
        if legal is not None:
            weights[: len(legal)] *= legal
            first = np.argmax(legal, axis=1)
        else:
            first = np.zeros(size + 1, dtype=np.int64)
        first = np.append(first, np.zeros(size + 1 - len(first), dtype=np.int64))
        empty = ~weights.any(axis=1)
        weights[empty, first[empty]] = 1
        out.append(TablePolicy(_normalised(weights)))
    return tuple(out)


# --- parts ------------------------------------------------------------------------------------------


def _count(draw: st.DrawFn, agents: int | tuple[int, int]) -> int:
    return agents if isinstance(agents, int) else draw(st.integers(*agents))


def _integers(shape: tuple[int, ...], low: int, high: int) -> st.SearchStrategy[Array]:
    size = prod(shape)
    entries = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return entries.map(lambda own: np.array(own, dtype=np.int64).reshape(shape))


def _laws(shape: tuple[int, ...]) -> st.SearchStrategy[Array]:
    """Distributions over the last axis, zeros likely; they shrink to the first point."""
    return _integers(shape, 0, 2).map(_normalised)


def _normalised(weights: Array) -> Array:
    weights = weights.copy()
    weights[..., 0][~weights.any(axis=-1)] = 1
    sums = weights.sum(axis=-1, keepdims=True)
    out = np.empty(weights.size, dtype=object)
    pairs = zip(weights.ravel(), np.broadcast_to(sums, weights.shape).ravel(), strict=True)
    out[:] = [Fraction(int(w), int(total)) for w, total in pairs]
    return out.reshape(weights.shape)


def _rarely(draw: st.DrawFn, shape: tuple[int, ...]) -> Array:
    """A mask that is false everywhere half of the time and in most places otherwise."""
    if not draw(st.booleans()):
        return np.zeros(shape, dtype=bool)
    return np.asarray(draw(_integers(shape, 0, 3)) == 3)


def _discounts(states: int) -> st.SearchStrategy[Any]:
    per_state = st.lists(st.sampled_from(DISCOUNTS), min_size=states, max_size=states)
    return st.one_of(st.sampled_from(DISCOUNTS), per_state)


def _deaf(array: Array, own: int, silent: Any, axis: int = 0) -> Array:
    """The array made constant along the agent's axis ``own`` in the silent states of ``axis``."""
    shape = [1] * array.ndim
    shape[axis] = len(silent)
    return np.where(silent.reshape(shape), np.take(array, [0], axis=own), array)


@st.composite
def _outcomes(draw: st.DrawFn, n: int, states: int, counts: tuple[int, ...]) -> tuple[Array, Array | None]:
    """Rewards ``[n, S, A…, S', K]`` and their probabilities, which depend on s alone."""
    K = draw(st.integers(1, 2))
    by_successor = draw(st.sampled_from([1, states]))
    values = draw(_integers((n, states, *counts, by_successor, K), -2, 2))
    values = np.broadcast_to(values, (n, states, *counts, states, K)).astype(object)
    if K == 1:
        return values, None
    law = draw(_laws((states, K))).reshape(states, *(1 for _ in counts), 1, K)
    return values, np.broadcast_to(law, values.shape[1:])


@st.composite
def _kernels(
    draw: st.DrawFn, states: int, counts: tuple[int, ...], sizes: tuple[int, ...], P: Array, null: Array
) -> Any:
    """Kernels that do not depend on choices nobody could make."""
    joint = draw(st.booleans())
    kernel = draw(_laws((states, *counts, prod(sizes)))).reshape(states, *counts, *sizes) if joint else None
    own = [] if joint else [draw(_laws((states, *shape))) for shape in zip(counts, sizes, strict=True)]
    for i in range(len(counts)):
        reached = np.any(P[null[:, i]].reshape(-1, states) > 0, axis=0)
        if kernel is not None:
            kernel = _silenced(_deaf(kernel, 1 + i, reached), 1 + len(counts) + i, null[:, i])
        else:
            own[i] = _deaf(own[i], 1, reached)
    return own if kernel is None else JointObservations(kernel)


@st.composite
def _first_kernels(draw: st.DrawFn, states: int, sizes: tuple[int, ...], null: Array) -> Any:
    kind = draw(st.sampled_from(["start", "factored", "joint"]))
    if kind == "start":
        return None
    if kind == "factored":
        return [draw(_laws((states, size))) for size in sizes]
    kernel = draw(_laws((states, prod(sizes)))).reshape(states, *sizes)
    for i in range(len(sizes)):
        kernel = _silenced(kernel, 1 + i, null[:, i])
    return kernel


def _silenced(kernel: Array, axis: int, silent: Array) -> Array:
    """All weight of the agent's observation axis on index 0 where it sees ⊥."""
    total = kernel.sum(axis=axis, keepdims=True)
    gathered = np.concatenate([total, *[total * 0] * (kernel.shape[axis] - 1)], axis=axis)
    return np.where(silent.reshape(-1, *[1] * (kernel.ndim - 1)), gathered, kernel)


@st.composite
def _legal(draw: st.DrawFn, counts: Sequence[int], sizes: Sequence[int]) -> list[Array | None]:
    out: list[Array | None] = []
    for count, size in zip(counts, sizes, strict=True):
        mask = None
        if draw(st.booleans()):
            mask = draw(_integers((size, count), 0, 1)).astype(bool)
            mask[~mask.any(axis=1), 0] = True
        out.append(mask)
    return out
