"""What play can reach in an AECG: which rows legal moves choose, and which nodes they lead to."""

from __future__ import annotations

import numpy as np

from gametheory.aecg import AECG
from gametheory.numerics import Array
from gametheory.tables.aecg_checks import playable_rows
from gametheory.tables.branches import Ints


class Reach:
    """Breadth-first order of the nodes of an AECG under all legal moves."""

    def __init__(self, game: AECG) -> None:
        from scipy.sparse import csr_array  # here, so that importing gametheory stays quick
        from scipy.sparse.csgraph import breadth_first_order

        self.game = game
        branches, K = game.branches, game.node_count
        self.node = branches.state_of_row[branches.row_of_branch]  # [M]
        self.playable = playable_rows(game)  # [rows]
        live = self.playable[branches.row_of_branch] & (branches.probabilities > 0).astype(bool)
        edges = np.flatnonzero(live)
        graph = csr_array(
            (np.ones(len(edges), dtype=np.int8), (self.node[edges], branches.successors[edges])), shape=(K, K)
        )
        order, self.before = breadth_first_order(graph, game.start)
        self.rank = np.full(K, -1)
        """``[K]`` when the node is first reached; −1: never."""
        self.rank[order] = np.arange(len(order))
        self.live = edges[self.rank[self.node[edges]] >= 0]
        """Branches that play can take."""
        self.leads_to = np.full(branches.row_count, -1)
        """``[rows]`` a node that a playable row may lead to; −1: none."""
        self.leads_to[branches.row_of_branch[self.live[::-1]]] = branches.successors[self.live[::-1]]

    def stuck(self) -> Ints:
        """Nodes at which an action may be chosen that leads nowhere."""
        state = self.game.branches.state_of_row
        return np.asarray(state[self.playable & (self.leads_to < 0) & (self.rank[state] >= 0)])

    def moved_by(self, mover: int) -> Array:
        """Mask over ``live``: branches of this mover's nodes."""
        return np.asarray(self.game.movers[self.node[self.live]] == mover)

    def splits(self, nodes: Array) -> Ints:
        """Those of the nodes ``[K]`` (a mask) at which one row may lead to different nodes."""
        row, successor = self.game.branches.row_of_branch[self.live], self.game.branches.successors[self.live]
        first = np.concatenate([[True], row[1:] != row[:-1]]) if len(row) else np.zeros(0, dtype=bool)
        group = first.cumsum() - 1
        other = successor != successor[first][group]
        split = self.node[self.live][other]
        return np.asarray(split[nodes[split]])

    def path(self, node: int) -> list[tuple[int, int]]:
        """A shortest way to the node: (node, action of its mover) from the start on, the end left out."""
        way = []
        branches = self.game.branches
        while node != self.game.start:
            earlier = int(self.before[node])
            low, high = (int(branches.indptr[branches.offsets[earlier + k]]) for k in (0, 1))
            taken = np.arange(low, high)[branches.successors[low:high] == node]
            taken = taken[np.isin(taken, self.live)]
            row = int(branches.row_of_branch[taken[0]])
            way.append((earlier, row - int(branches.offsets[earlier])))
            node = earlier
        return way[::-1]
