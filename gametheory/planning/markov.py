"""Markov chains with accumulated discount, solved exactly where exact."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from graphlib import TopologicalSorter

import numpy as np

from gametheory.errors import LimitReached
from gametheory.numerics import Number

Row = Sequence[tuple[Number, int]]
"""Discounted weights ``γ·p`` and where they lead."""

EXACT_LIMIT = 1_000
"""Most unknowns of one strongly connected system that is solved in rationals."""


def endless(rows: Sequence[Row], leaks: Sequence[bool]) -> list[int]:
    """Nodes from which no leak can be reached: there ``Σ_t M^t`` diverges.

    The spectral radius of M is below 1 exactly if there are none (a substochastic matrix).
    """
    into: list[list[int]] = [[] for _ in rows]
    for x, row in enumerate(rows):
        for _, y in row:
            into[y].append(x)
    safe = {x for x, leaky in enumerate(leaks) if leaky}
    frontier = list(safe)
    while frontier:
        frontier = [x for y in frontier for x in into[y] if x not in safe]
        safe.update(frontier)
    return [x for x in range(len(rows)) if x not in safe]


def solve_chain(rows: Sequence[Row], rewards: Sequence[Sequence[Number]]) -> list[list[Number]]:
    """``v`` with ``v = r + M v``, where ``rows`` are those of M and ``r[x]`` is ``[k]``.

    Rationals are solved exactly, one strongly connected component at a time; floats by sparse
    Gaussian elimination. ``endless`` must be empty.

    Raises:
        LimitReached: an exact component of more than ``EXACT_LIMIT`` nodes.
    """
    numbers = [w for row in rows for w, _ in row] + [r for own in rewards for r in own]
    if any(isinstance(number, float) for number in numbers):
        return _solve_floats(rows, rewards)
    values: list[list[Number]] = [[] for _ in rows]
    for component in _components(rows):
        _solve_component(component, rows, rewards, values)
    return values


def _solve_floats(rows: Sequence[Row], rewards: Sequence[Sequence[Number]]) -> list[list[Number]]:
    from scipy.sparse import csc_array, eye_array
    from scipy.sparse.linalg import splu

    size = len(rows)
    at = np.repeat(np.arange(size), [len(row) for row in rows])
    to = np.array([y for row in rows for _, y in row], dtype=np.int64)
    weights = np.array([float(w) for row in rows for w, _ in row])
    system = eye_array(size, format="csc") - csc_array((weights, (at, to)), shape=(size, size))
    right = np.array([[float(r) for r in own] for own in rewards])
    out: list[list[Number]] = splu(system.tocsc()).solve(right).tolist()
    return out


def _components(rows: Sequence[Row]) -> list[list[int]]:
    """Strongly connected components, each after those it leads to."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(rows)
    at = np.repeat(np.arange(size), [len(row) for row in rows])
    to = np.array([y for row in rows for _, y in row], dtype=np.int64)
    graph = coo_array((np.ones(len(at)), (at, to)), shape=(size, size)).tocsr()
    count, label = connected_components(graph, connection="strong")
    members: list[list[int]] = [[] for _ in range(count)]
    for x, c in enumerate(label.tolist()):
        members[c].append(x)
    before = {c: {int(label[y]) for x in own for _, y in rows[x]} - {c} for c, own in enumerate(members)}
    return [members[c] for c in TopologicalSorter(before).static_order()]


def _solve_component(
    component: list[int],
    rows: Sequence[Row],
    rewards: Sequence[Sequence[Number]],
    values: list[list[Number]],
) -> None:
    """Fill in the values of one component, those it leads to being known."""
    place = {x: k for k, x in enumerate(component)}
    inner: list[tuple[int, int, Number]] = []
    right = [list(rewards[x]) for x in component]
    for k, x in enumerate(component):
        for weight, y in rows[x]:
            if y in place:
                inner.append((k, place[y], weight))
            else:
                for i, value in enumerate(values[y]):
                    right[k][i] += weight * value
    if len(component) == 1:
        stay = 1 - sum((weight for _, _, weight in inner), Fraction(0))
        values[component[0]] = [value / stay for value in right[0]]
        return
    if len(component) > EXACT_LIMIT:
        raise LimitReached(
            f"an exact linear system of {len(component):,} unknowns (at most {EXACT_LIMIT:,}); "
            "give the game as floats, or a horizon"
        )
    for x, own in zip(component, _solve_rationals(inner, right), strict=True):
        values[x] = own


def _solve_rationals(inner: list[tuple[int, int, Number]], right: list[list[Number]]) -> list[list[Number]]:
    from flint import fmpq, fmpq_mat

    def rational(number: Number) -> fmpq:
        value = Fraction(number)
        return fmpq(value.numerator, value.denominator)

    size, width = len(right), len(right[0])
    system = fmpq_mat(size, size)
    for k in range(size):
        system[k, k] = fmpq(1)
    for k, m, weight in inner:
        system[k, m] = system[k, m] - rational(weight)
    solved = system.solve(fmpq_mat(size, width, [rational(value) for own in right for value in own]))
    return [[Fraction(int(solved[k, i].p), int(solved[k, i].q)) for i in range(width)] for k in range(size)]
