"""Proper subgames of a tree: where one begins, and the tree with the subgames inside it played out.

A node begins a subgame if no information set has one node in the part below it (itself included)
and another outside (Selten 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory.extensive.tree import Bools, Tree
from gametheory.numerics import Array, freeze
from gametheory.tables.branches import Ints


def subgame_roots(tree: Tree) -> Bools:
    """``[K]``: whether a subgame begins in the node; at leaves it is no game but counts as one."""
    first, size = _intervals(tree)
    crossed = np.zeros(len(tree), dtype=bool)
    nodes = np.flatnonzero(tree.decisions)
    order = nodes[np.lexsort((first[nodes], tree.infosets[nodes]))]
    edges = np.flatnonzero(np.diff(tree.infosets[order])) + 1
    for members in np.split(order, edges):
        if len(members) > 1:
            _mark_ways(tree, members, first, size, crossed)
    return freeze(~crossed)


def _mark_ways(tree: Tree, members: Ints, first: Ints, size: Ints, crossed: Bools) -> None:
    """Mark what lies between an information set's nodes and their last common ancestor."""
    low, high = int(first[members[0]]), int(first[members[-1]])
    seen: set[int] = set()
    for member in members.tolist():
        node = member
        while node not in seen and not (first[node] <= low and high < first[node] + size[node]):
            seen.add(node)
            node = int(tree.parents[node])
    crossed[list(seen)] = True


def _intervals(tree: Tree) -> tuple[Ints, Ints]:
    """Depth-first numbers ``[K]`` and sizes ``[K]`` of what is below: descendants are an interval."""
    size = np.ones(len(tree), dtype=np.int64)
    for level in reversed(tree.levels[1:]):
        np.add.at(size, tree.parents[level], size[level])
    first = np.zeros(len(tree), dtype=np.int64)
    for level in tree.levels[1:]:
        before = np.cumsum(size[level]) - size[level]
        eldest = tree.first[tree.parents[level]] - level.start
        first[level] = first[tree.parents[level]] + 1 + before - before[eldest]
    return first, size


@dataclass(frozen=True, eq=False)
class Subgame:
    """A subgame whose own proper subgames are replaced by what they are worth."""

    tree: Tree
    nodes: Ints  # [k] the nodes in the whole tree
    sets: Ints  # [I'] the information sets in the whole tree


def cut_out(tree: Tree, root: int, roots: Bools, worth: Array) -> Subgame:
    """The part of the tree from a root to the next roots, which become leaves worth ``worth[:, k]``.

    Args:
        tree: the whole tree.
        root: where the subgame begins.
        roots: ``subgame_roots(tree)``.
        worth: ``[n, K]`` what play from a node on is worth, the node's own payment not counted.
    """
    nodes, ends = [root], []
    for node in nodes:  # grows while it is read
        inner = node != root and bool(roots[node])
        ends.append(inner)
        if not inner:
            nodes += range(int(tree.first[node]), int(tree.first[node + 1]))
    kept, leaf = np.array(nodes), np.array(ends)
    payoffs = tree.payoffs[:, kept].copy()
    payoffs[:, 0] = payoffs[:, 0] * 0  # paid on the way in, not inside
    payoffs[:, leaf] += worth[:, kept[leaf]]
    probabilities = tree.probabilities[kept].copy()
    probabilities[0] = probabilities[0] * 0 + 1
    moving = tree.decisions[kept] & ~leaf
    used = np.unique(tree.infosets[kept[moving]])
    by_first = {int(h): k for k, h in reversed(list(enumerate(tree.infosets[kept[moving]].tolist())))}
    sets = np.array(sorted(used.tolist(), key=lambda h: (tree.owners[h], by_first[h])), dtype=np.int64)
    number = np.zeros(len(tree.information), dtype=np.int64)
    number[sets] = np.arange(len(sets))
    part = Tree(
        counts=np.where(leaf, 0, tree.counts[kept]),
        chance=tree.chance[kept] & ~leaf,
        infosets=np.where(moving, number[tree.infosets[kept]], 0),
        probabilities=probabilities,
        payoffs=payoffs,
        information=tuple(tree.information[h] for h in sets),
        agents=tree.agents,
        moves=[tree.moves[k] for k in nodes] if len(tree.moves) else (),
        title=f"{tree.title}, from {tree.describe_node(root)}",
    )
    return Subgame(part, kept, sets)
