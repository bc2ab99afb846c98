"""Ordinal potentials: no weak improvement cycle (Voorneveld & Norde, *Games and Econ. Behavior* 19, 1997)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gametheory.classify.finding import NORMAL_FORM, Finding, Table
from gametheory.numerics import Array
from gametheory.solvers.scaling import comparable


@dataclass(frozen=True)
class _Steps:
    """Deviations between neighbours in payoff, along every agent's every line of joint actions."""

    worse: NDArray[np.intp]  # [E] joint actions, numbered in C order
    better: NDArray[np.intp]  # [E] at least as good for the deviator
    strict: NDArray[np.bool_]  # [E]
    size: int


def ordinal_potential(table: Table) -> Finding:
    """Whether some Φ has ``u_i(a_i', a^-i) > u_i(a)`` exactly where ``Φ(a_i', a^-i) > Φ(a)``.

    Joint actions between which somebody can move back and forth at no gain are merged; Φ exists if
    and only if strict improvements then make no cycle. Witness: Φ as ranks; or a cycle of
    deviations, none of which hurts the deviator and one of which pays.
    """
    from scipy.sparse.csgraph import connected_components

    steps = _steps(table)
    graph = _graph(steps)
    _, labels = connected_components(graph, connection="strong")
    inside = np.flatnonzero(steps.strict & (labels[steps.worse] == labels[steps.better]))
    if len(inside):
        return Finding(False, _cycle(table, steps, graph, int(inside[0])), NORMAL_FORM)
    ranks = _ranks(steps, labels)[labels].reshape(table.shape)
    return Finding(True, {"potential": ranks.tolist()}, NORMAL_FORM)


def _steps(table: Table) -> _Steps:
    cells = np.arange(table.rows.shape[1]).reshape(table.shape)
    worse, better, strict = [], [], []
    for i, payoffs in enumerate(table.integers):
        values = comparable(payoffs)
        order = np.argsort(values, axis=i, kind="stable")
        ranked = np.take_along_axis(values, order, axis=i)
        places = np.take_along_axis(cells, order, axis=i)
        low, high = slice(0, -1), slice(1, None)
        around = (slice(None),) * i
        worse.append(places[(*around, low)].ravel())
        better.append(places[(*around, high)].ravel())
        strict.append((ranked[(*around, high)] > ranked[(*around, low)]).ravel())
    return _Steps(
        np.concatenate(worse), np.concatenate(better), np.concatenate(strict).astype(bool), cells.size
    )


def _graph(steps: _Steps) -> Any:
    """Every step that does not hurt the deviator, as a sparse adjacency matrix."""
    from scipy.sparse import coo_array

    back = ~steps.strict
    sources = np.concatenate([steps.worse, steps.better[back]])
    targets = np.concatenate([steps.better, steps.worse[back]])
    return coo_array((np.ones(len(sources)), (sources, targets)), shape=(steps.size, steps.size)).tocsr()


def _cycle(table: Table, steps: _Steps, graph: Any, edge: int) -> dict[str, Any]:
    """A shortest way back from a strict step's end to its start, moves of one agent in a row joined."""
    from scipy.sparse.csgraph import breadth_first_order

    start, end = int(steps.worse[edge]), int(steps.better[edge])
    _, before = breadth_first_order(graph, end, return_predecessors=True)
    path = [start]
    while path[-1] != end:
        path.append(int(before[path[-1]]))
    cycle = path[::-1]  # end … start, closed by the strict step
    corners = np.array([np.unravel_index(cell, table.shape) for cell in cycle])
    movers = [int(np.flatnonzero(a != b)[0]) for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)]
    kept = [k for k in range(len(cycle)) if movers[k] != movers[k - 1]]
    return {
        "cycle": [table.joint(cycle[k]) for k in kept],
        "deviators": [table.agents[movers[k]] for k in kept],
    }


def _ranks(steps: _Steps, labels: Array) -> Array:
    """Length of the longest chain of strict improvements that leads to each merged class."""
    edges = np.unique(
        np.stack([labels[steps.worse[steps.strict]], labels[steps.better[steps.strict]]], axis=1), axis=0
    )
    count = int(labels.max()) + 1
    waiting = np.bincount(edges[:, 1], minlength=count)
    starts = np.searchsorted(edges[:, 0], np.arange(count + 1))
    ranks = np.zeros(count, dtype=np.int64)
    frontier = np.flatnonzero(waiting == 0).tolist()
    while frontier:
        node = frontier.pop()
        for other in edges[starts[node] : starts[node + 1], 1].tolist():
            ranks[other] = max(ranks[other], ranks[node] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                frontier.append(other)
    return ranks
