"""All equilibria of two-agent games, exactly, degenerate games included.

The extreme equilibria are the pairs of vertices of the two best-response polyhedra whose labels
together are all labels (Mangasarian 1964; von Stengel, *Handbook of Game Theory* 3, 2002, ch. 45).
Every equilibrium is a convex combination within a maximal Nash subset: a maximal ``U × V`` of
vertices all of whose pairs are equilibria (Winkels 1979; Jansen 1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, freeze
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solvers.double_description import Rays, Words, chunks, extend
from gametheory.solvers.scaling import to_integer_table


def vertex_enumeration(game: NormalForm, exact: bool = False, clock: Clock | None = None) -> Solution:
    """Every extreme equilibrium of a two-agent game and the sets they span.

    The arithmetic is in integers throughout. Strategies and values of an exact game, or with
    ``exact``, are ``Fraction``; those of a float game are the exact ones rounded to float64.

    Args:
        game: two agents.
        exact: return ``Fraction`` for a float game too.
        clock: its time limit is kept and its progress called.

    Raises:
        GameError: the game does not have two agents.
        LimitReached: the clock ran out.
    """
    if len(game.agents) != 2:
        raise GameError(f"vertex enumeration needs two agents; this game has {len(game.agents)}")
    clock = clock or Clock()
    (first, unit_1), (second, unit_2) = (to_integer_table(table) for table in game.payoffs)
    rows, columns = first.shape
    mine, theirs = list(range(rows)), list(range(rows, rows + columns))
    xs = best_response_vertices(second, mine, theirs, clock)
    ys = best_response_vertices(first.T, theirs, mine, clock)
    xs, ys, pairs = _in_order(xs, ys, _labelled_pairs(xs.zeros, ys.zeros, rows + columns, clock))
    exact = exact or game.exact
    strategies_1, strategies_2 = _strategies(xs, exact), _strategies(ys, exact)
    values_1 = _best_response_values(ys, first.T, unit_1, exact)
    values_2 = _best_response_values(xs, second, unit_2, exact)
    components = maximal_nash_subsets(pairs, clock)
    finite = all(len(subset) == 1 for subset in components)
    return Solution(
        concept="nash",
        profiles=tuple((strategies_1[u], strategies_2[v]) for u, v in pairs),
        values=tuple((values_1[v], values_2[u]) for u, v in pairs),
        outcome=Outcome.SOLVED,
        complete=True,
        method="vertex-enumeration",
        why="all equilibria" if finite else _continuum(components),
        components=components,
        parameters={"finite": finite},
    )


def best_response_vertices(
    payoffs: Array, own: Sequence[int], opposing: Sequence[int], clock: Clock | None = None
) -> Rays:
    """Vertices of ``{(x, v): x ≥ 0, Σx = 1, v ≥ Σ_i payoffs[i, j] x_i for all j}`` as coprime rays.

    A vertex carries label ``own[i]`` where ``x_i = 0`` and ``opposing[j]`` where j is a best
    response to x. Least payoffs are taken off row by row, which moves v and no label.

    Args:
        payoffs: ``[own actions, opposing actions]`` Python ints: what the opponent gets.
        own: the bit of each label ``x_i = 0`` in the zero sets.
        opposing: the bit of each best response.
        clock: its time limit is kept.
    """
    table = payoffs - payoffs.min(axis=1, keepdims=True)
    count, others = table.shape
    width = max(*own, *opposing) // 64 + 1
    vectors = np.zeros((count + 1, count + 1), dtype=object)  # (e_i, table[i, 0]) and (0, 1)
    vectors[np.arange(count), np.arange(count)] = vectors[count, count] = 1
    vectors[:count, count] = table[:, 0]
    labels = [*own, opposing[0]]
    zeros = np.zeros((count + 1, width), dtype=np.uint64)
    for ray in range(count + 1):
        for tight in labels[:ray] + labels[ray + 1 :]:
            zeros[ray, tight // 64] |= np.uint64(1 << tight % 64)
    constraints = np.ones((others - 1, count + 1), dtype=object)
    constraints[:, :count] = -table.T[1:]
    rays = extend(Rays(vectors, zeros), constraints, list(opposing[1:]), clock or Clock())
    bounded = np.flatnonzero(rays.vectors[:, :count].any(axis=1))  # all but (0, 1)
    return Rays(rays.vectors[bounded], rays.zeros[bounded])


def _labelled_pairs(first: Words, second: Words, count: int, clock: Clock) -> Array:
    """``[K, 2]`` indices of the pairs whose zero sets together hold labels 0 … count−1."""
    whole = (1 << count) - 1
    full = np.array([(whole >> 64 * w) & (2**64 - 1) for w in range(first.shape[1])], dtype=np.uint64)
    found = []
    for part in chunks(len(first), second.size):
        clock.tick(part.start, len(first), "matching vertices")
        hits = np.argwhere(((first[part, None] | second) == full).all(axis=2))
        found.append(hits + np.array([part.start, 0]))
    return np.concatenate(found)


def _in_order(xs: Rays, ys: Rays, pairs: Array) -> tuple[Rays, Rays, list[tuple[int, int]]]:
    """Only the vertices in use, early actions first, and the pairs renumbered and sorted."""
    kept, columns = [], []
    for side, rays in enumerate((xs, ys)):
        used = np.unique(pairs[:, side])
        order = used[_descending([_fractions(ray) for ray in rays.vectors[used]])].tolist()
        place = {k: rank for rank, k in enumerate(order)}
        columns.append([place[k] for k in pairs[:, side].tolist()])
        kept.append(Rays(rays.vectors[order], rays.zeros[order]))
    return kept[0], kept[1], sorted(zip(*columns, strict=True))


def _descending(rows: list[list[Fraction]]) -> list[int]:
    return sorted(range(len(rows)), key=rows.__getitem__, reverse=True)


def _fractions(ray: Array) -> list[Fraction]:
    total = sum(ray[:-1])
    return [Fraction(weight, total) for weight in ray[:-1]]


def _strategies(rays: Rays, exact: bool) -> list[Array]:
    """``Σx = 1`` per vertex; integer division rounds floats correctly."""
    if exact:
        return [freeze(np.array(_fractions(ray), dtype=object)) for ray in rays.vectors]
    totals = [sum(ray[:-1]) for ray in rays.vectors]
    return [
        freeze(np.array([weight / total for weight in ray[:-1]], dtype=np.float64))
        for ray, total in zip(rays.vectors, totals, strict=True)
    ]


def _best_response_values(rays: Rays, payoffs: Array, unit: Fraction, exact: bool) -> list[Number]:
    """What the best response to each vertex earns: ``max_j Σ_i payoffs[i, j] x_i``."""
    best = (rays.vectors[:, :-1] @ payoffs).max(axis=1)
    totals = rays.vectors[:, :-1].sum(axis=1)
    values = [unit * Fraction(top, total) for top, total in zip(best, totals, strict=True)]
    return list(values) if exact else [float(value) for value in values]


def maximal_nash_subsets(
    pairs: Sequence[tuple[int, int]], clock: Clock | None = None
) -> tuple[tuple[int, ...], ...]:
    """Maximal ``U × V`` all of whose pairs are listed, each as indices into the list.

    The possible V are the non-empty intersections of the vertices' partner sets.
    """
    clock = clock or Clock()
    partners: dict[int, int] = {}
    for u, v in pairs:
        partners[u] = partners.get(u, 0) | 1 << v
    closed: set[int] = set()
    for own in partners.values():
        clock.tick()
        closed |= {own & other for other in closed} | {own}
    closed.discard(0)
    subsets = []
    for common in closed:
        members = {u for u, own in partners.items() if own & common == common}
        subsets.append(tuple(k for k, (u, v) in enumerate(pairs) if u in members and common >> v & 1))
    return tuple(sorted(subsets))


def _continuum(components: tuple[tuple[int, ...], ...]) -> str:
    wide = sum(len(subset) > 1 for subset in components)
    return (
        "there are infinitely many equilibria: all extreme ones are listed, and mixing each agent's "
        f"strategies within a component gives the rest ({wide} of {len(components)} components are continua)"
    )
