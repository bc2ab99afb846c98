"""Exact and weighted potentials (Monderer & Shapley, *Games and Economic Behavior* 14, 1996)."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from gametheory.classify.finding import NORMAL_FORM, Finding, Table
from gametheory.numerics import Array

Cycle = dict[str, Any]


def exact_potential(table: Table) -> Finding:
    """Whether some Φ has ``u_i(a_i', a^-i) − u_i(a) = Φ(a_i', a^-i) − Φ(a)`` for every deviation.

    Witness: Φ, nested like a payoff tensor; or a 4-cycle of deviations around which the deviators'
    gains do not sum to zero.
    """
    for i, j in combinations(range(len(table.agents)), 2):
        bent = np.argwhere(_interaction(table, i, i, j) != _interaction(table, j, i, j))
        if len(bent):
            return Finding(False, _four_cycle(table, i, j, tuple(bent[0])), NORMAL_FORM)
    return Finding(True, {"potential": table.amounts(_potential(table.integers))}, NORMAL_FORM)


def weighted_potential(table: Table) -> Finding:
    """Whether some Φ and ``w > 0`` have ``u_i(a_i', a^-i) − u_i(a) = w_i (Φ(a_i', a^-i) − Φ(a))``.

    That is, whether dividing each agent's payoffs by its weight leaves an exact potential game.
    Witness: Φ and w; or the 4-cycles (one, two, or two per pair of a ring of agents) whose gains no
    weights reconcile.
    """
    count = len(table.agents)
    ratios: dict[tuple[int, int], tuple[Fraction, tuple[int, ...]]] = {}
    for i, j in combinations(range(count), 2):
        mine, theirs = _interaction(table, i, i, j), _interaction(table, j, i, j)
        cells = np.argwhere((mine != 0) | (theirs != 0))
        if not len(cells):
            continue
        cell = tuple(cells[0])
        if mine[cell] * theirs[cell] <= 0:
            return _refuted(table, [(i, j, cell)])
        off = np.argwhere(mine * theirs[cell] != theirs * mine[cell])
        if len(off):
            return _refuted(table, [(i, j, cell), (i, j, tuple(off[0]))])
        ratios[i, j] = (Fraction(mine[cell], theirs[cell]), cell)  # w_i / w_j
        ratios[j, i] = (Fraction(theirs[cell], mine[cell]), cell)
    weights, parents = _spread(count, ratios)
    for (i, j), (ratio, _) in ratios.items():
        if weights[i] != ratio * weights[j]:
            ring = _ring(parents, i, j)
            edges = [(min(e), max(e), ratios[e][1]) for e in zip(ring, ring[1:] + ring[:1], strict=True)]
            return _refuted(table, edges)
    scaled = table.integers.copy()
    for i, weight in enumerate(weights):
        scaled[i] = table.integers[i] * (1 / weight)
    return Finding(True, {"weights": weights, "potential": table.amounts(_potential(scaled))}, NORMAL_FORM)


def _interaction(table: Table, agent: int, i: int, j: int) -> Array:
    """``f(a) − f(a_i = 0) − f(a_j = 0) + f(a_i = a_j = 0)`` for f the agent's payoff: ``[A_1, …, A_n]``."""
    f = table.integers[agent]
    along = f - np.take(f, [0], axis=i)
    return np.asarray(along - np.take(along, [0], axis=j))


def _potential(payoffs: Array) -> Array:
    """Φ by walking from the first joint action, agent after agent: the sum of the walkers' gains."""
    total = np.zeros(payoffs.shape[1:], dtype=object)
    for i in range(len(payoffs)):
        walked = payoffs[i]
        for later in range(i + 1, len(payoffs)):
            walked = np.take(walked, [0], axis=later)
        total = total + (walked - np.take(walked, [0], axis=i))
    return total


def _four_cycle(table: Table, i: int, j: int, cell: tuple[int, ...]) -> Cycle:
    """Agents i and j deviate in turn between their first actions and those of ``cell``."""
    corner, gains = list(cell), Fraction(0)
    corner[i] = corner[j] = 0
    cycle = []
    for agent, action in ((i, cell[i]), (j, cell[j]), (i, 0), (j, 0)):
        before = table.integers[(agent, *corner)]
        cycle.append([own[a] for own, a in zip(table.actions, corner, strict=True)])
        corner[agent] = action
        gains += (table.integers[(agent, *corner)] - before) * table.unit
    return {"cycle": cycle, "deviators": [table.agents[k] for k in (i, j, i, j)], "sum of gains": gains}


def _refuted(table: Table, cycles: list[tuple[int, int, tuple[int, ...]]]) -> Finding:
    return Finding(False, {"cycles": [_four_cycle(table, *cycle) for cycle in cycles]}, NORMAL_FORM)


def _spread(
    count: int, ratios: dict[tuple[int, int], tuple[Fraction, tuple[int, ...]]]
) -> tuple[list[Fraction], list[int | None]]:
    """Weights along a spanning forest of the agents' interactions, and each agent's parent in it."""
    weights: list[Fraction | None] = [None] * count
    parents: list[int | None] = [None] * count
    for root in range(count):
        if weights[root] is not None:
            continue
        weights[root] = Fraction(1)
        frontier = [root]
        while frontier:
            j = frontier.pop()
            for i in range(count):
                if (i, j) in ratios and weights[i] is None:
                    weights[i], parents[i] = ratios[i, j][0] * (weights[j] or 1), j
                    frontier.append(i)
    return [weight if weight is not None else Fraction(1) for weight in weights], parents


def _ring(parents: list[int | None], i: int, j: int) -> list[int]:
    """The agents on the forest's path from i to j."""
    up = [_to_root(parents, k) for k in (i, j)]
    while len(up[0]) > 1 and len(up[1]) > 1 and up[0][-2] == up[1][-2]:
        for path in up:
            path.pop()
    return up[0] + up[1][-2::-1]


def _to_root(parents: list[int | None], agent: int) -> list[int]:
    path: list[int] = [agent]
    while (parent := parents[path[-1]]) is not None:
        path.append(parent)
    return path
