"""Games in extensive form, in flat arrays.

Nodes are numbered level by level: the root is 0, and the children of a node stand side by side, in
the order of its actions, after those of all earlier nodes. So ``counts`` alone says who is whose
child, every level is a slice, and algorithms are a few array operations per level.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gametheory.errors import GameError
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, as_numbers, freeze, is_exact
from gametheory.policies.controllers import History
from gametheory.tables.branches import Ints

Bools = NDArray[np.bool_]

Profile = tuple[Array, ...]
"""Behaviour strategies: per agent ``[Q_i]``, the action probabilities of its information sets, one
set after the other."""


@dataclass(frozen=True)
class InformationSet:
    """What an agent knows when it moves."""

    agent: int
    actions: tuple[str, ...]
    label: str = ""
    history: History | None = None
    """The agent's own observations and actions so far, where the tree was unrolled from a game."""
    words: tuple[str, ...] = ()
    """The history's observations and actions by name."""
    codes: tuple[int, ...] = ()
    """The game's numbers of the actions, where the tree was unrolled from a game."""


@dataclass(frozen=True, eq=False)
class Tree:
    """A finite game in extensive form (Kuhn 1953): K nodes, I information sets, n agents.

    Args:
        counts: ``[K]`` number of children, 0 at leaves.
        chance: ``[K]`` whether chance moves.
        infosets: ``[K]`` the information set, read only where an agent moves.
        probabilities: ``[K]`` probability of chance's move into the node; 1 after an agent's move.
        payoffs: ``[n, K]`` what is paid on reaching the node, discount included.
        information: ``[I]``, agent by agent, within an agent by first appearance.
        agents: names.
        labels: ``[K]`` names of nodes; () for none.
        moves: ``[K]`` names of chance's moves into nodes; () for none.
        title, comment: free text.

    Raises:
        GameError: arrays that describe no tree, an information set without nodes or with nodes of
            another number of actions, chance probabilities that do not sum to one; names the node.
    """

    counts: Ints  # [K]
    chance: Bools  # [K]
    infosets: Ints  # [K]
    probabilities: Array  # [K]
    payoffs: Array  # [n, K]
    information: tuple[InformationSet, ...]
    agents: tuple[str, ...]
    labels: Sequence[str] = ()
    moves: Sequence[str] = ()
    title: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        for name, kind in (("counts", np.int64), ("infosets", np.int64), ("chance", np.bool_)):
            object.__setattr__(self, name, freeze(np.asarray(getattr(self, name), dtype=kind)))
        for name in ("probabilities", "payoffs"):
            object.__setattr__(self, name, as_numbers(getattr(self, name), name))
        _check_shape(self)
        _check_information(self)
        _check_chance(self)

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def exact(self) -> bool:
        """Whether every payoff and probability is rational."""
        return is_exact(self.payoffs) and is_exact(self.probabilities)

    @cached_property
    def first(self) -> Ints:
        """``[K + 1]``: the children of k are ``first[k] … first[k + 1] − 1``."""
        return freeze(np.concatenate([[1], 1 + np.cumsum(self.counts)]))

    @cached_property
    def parents(self) -> Ints:
        """``[K]``: the parent; of the root, the root itself."""
        return freeze(np.concatenate([[0], np.repeat(np.arange(len(self)), self.counts)]))

    @cached_property
    def levels(self) -> tuple[slice, ...]:
        """The nodes of each depth."""
        out, start, stop = [], 0, 1
        while start < stop:
            out.append(slice(start, stop))
            start, stop = stop, int(self.first[stop])
        return tuple(out)

    @cached_property
    def decisions(self) -> Bools:
        """``[K]``: whether an agent moves."""
        return freeze((self.counts > 0) & ~self.chance)

    @cached_property
    def leaves(self) -> Ints:
        """The nodes at which play ends."""
        return freeze(np.flatnonzero(self.counts == 0))

    @cached_property
    def owners(self) -> Ints:
        """``[I]``: whose information set it is."""
        return freeze(np.array([own.agent for own in self.information], dtype=np.int64))

    @cached_property
    def widths(self) -> Ints:
        """``[I]``: number of actions of each information set."""
        return freeze(np.array([len(own.actions) for own in self.information], dtype=np.int64))

    @cached_property
    def offsets(self) -> Ints:
        """``[I + 1]``: action a of information set h has number ``offsets[h] + a`` among all Q."""
        return freeze(np.concatenate([[0], np.cumsum(self.widths)]).astype(np.int64))

    @cached_property
    def spans(self) -> tuple[slice, ...]:
        """Per agent its part of the Q action numbers."""
        edges = np.searchsorted(self.owners, np.arange(len(self.agents) + 1))
        return tuple(slice(int(self.offsets[a]), int(self.offsets[b])) for a, b in itertools.pairwise(edges))

    @cached_property
    def entries(self) -> Ints:
        """``[K]``: the action number of an agent's move into the node; −1 for the root and chance's moves."""
        above = self.parents
        place = np.arange(len(self)) - self.first[above]
        numbers = self.offsets[np.where(self.decisions[above], self.infosets[above], 0)] + place
        out = np.where(self.decisions[above], numbers, -1)
        out[0] = -1
        return freeze(out)

    @cached_property
    def totals(self) -> Array:
        """``[n, L]``: what each agent has got in all when play ends in each leaf."""
        paid = self.payoffs.copy()
        for level in self.levels[1:]:
            paid[:, level] += paid[:, self.parents[level]]
        return freeze(paid[:, self.leaves])

    def describe_node(self, node: int) -> str:
        """A node for people: its number, its name and the moves that lead to it."""
        way = []
        at = node
        while at:
            above = int(self.parents[at])
            place = at - int(self.first[above])
            if self.chance[above]:
                way.append(self.moves[at] if len(self.moves) and self.moves[at] else str(place + 1))
            else:
                way.append(self.information[int(self.infosets[above])].actions[place])
            at = above
        name = f" {self.labels[node]!r}" if len(self.labels) and self.labels[node] else ""
        return f"node {node}{name} (after {', '.join(reversed(way)) or 'nothing'})"


def _check_shape(tree: Tree) -> None:
    K, n = len(tree.counts), len(tree.agents)
    wanted = {"chance": (K,), "infosets": (K,), "probabilities": (K,), "payoffs": (n, K)}
    for name, shape in wanted.items():
        if getattr(tree, name).shape != shape:
            raise GameError(f"{name} has shape {list(getattr(tree, name).shape)}; it must be {list(shape)}")
    if not K or np.any(tree.counts < 0) or tree.counts.sum() != K - 1:
        raise GameError(f"counts must be the numbers of children of a tree's {K} nodes, {K - 1} in all")
    if np.any(tree.first[:-1] <= np.arange(K)):
        node = int(np.argmax(tree.first[:-1] <= np.arange(K)))
        raise GameError(f"node {node} comes before its parent; number the nodes level by level")
    for name in ("labels", "moves"):
        if len(getattr(tree, name)) not in (0, K):
            raise GameError(f"{name} has {len(getattr(tree, name))} entries for {K} nodes")


def _check_information(tree: Tree) -> None:
    count, nodes = len(tree.information), np.flatnonzero(tree.decisions)
    sets = tree.infosets[nodes]
    if np.any((sets < 0) | (sets >= count)):
        node = int(nodes[np.argmax((sets < 0) | (sets >= count))])
        raise GameError(
            f"{tree.describe_node(node)} is in information set {tree.infosets[node]}; there are {count}"
        )
    if np.any(np.diff(tree.owners) < 0):
        raise GameError("information sets must be listed agent by agent")
    if count and not (tree.owners[0] >= 0 and tree.owners[-1] < len(tree.agents)):
        raise GameError(f"an information set belongs to an agent outside 0 … {len(tree.agents) - 1}")
    missing = np.flatnonzero(np.bincount(sets, minlength=count) == 0)
    if len(missing):
        raise GameError(f"information set {missing[0]} has no node")
    appears = np.full(count, len(tree))
    np.minimum.at(appears, sets, nodes)
    if np.any((np.diff(appears) < 0) & (np.diff(tree.owners) == 0)):
        raise GameError("information sets of an agent must be listed in the order of their first nodes")
    wrong = tree.counts[nodes] != tree.widths[sets]
    if np.any(wrong):
        node = int(nodes[np.argmax(wrong)])
        h = int(tree.infosets[node])
        raise GameError(
            f"{tree.describe_node(node)} has {tree.counts[node]} moves; its information set {h} has {tree.widths[h]}"
        )


def _check_chance(tree: Tree) -> None:
    if np.any(tree.probabilities < 0):
        node = int(np.argmax(tree.probabilities < 0))
        raise GameError(f"{tree.describe_node(node)} is reached with probability {tree.probabilities[node]}")
    nodes = np.flatnonzero(tree.chance & (tree.counts > 0))
    if not len(nodes):
        return
    starts = np.concatenate([[0], np.cumsum(tree.counts[nodes])[:-1]])
    children = np.flatnonzero((tree.chance & (tree.counts > 0))[tree.parents] & (np.arange(len(tree)) > 0))
    sums = np.add.reduceat(tree.probabilities[children], starts)
    off = abs(sums - 1) > (0 if is_exact(sums) else SIMPLEX_TOLERANCE)
    if np.any(off):
        k = int(np.argmax(off))
        raise GameError(
            f"chance's probabilities at {tree.describe_node(int(nodes[k]))} sum to {sums[k]}; they must sum to 1"
        )
