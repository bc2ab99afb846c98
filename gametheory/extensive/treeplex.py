"""A tree as what learning over realisation plans needs of it: per agent a treeplex, and joint payoffs.

Nodes that agree in every agent's sequence are one entry: with plans x_i the payoff of agent i is
``Σ_e payoffs[i, e] Π_j x_j[at[j, e]]``. Leduc poker's 9,457 nodes make 4,920 entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gametheory.extensive.sequences import Sequences, sequences
from gametheory.extensive.tree import Profile, Tree
from gametheory.extensive.values import float_tree, reach_probabilities
from gametheory.numerics import freeze
from gametheory.tables.branches import Ints

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Treeplexes:
    """All agents' sequences in one numbering: agent i's sequence s is ``begins[i] + s``."""

    tree: Tree
    begins: Ints  # [n + 1]
    at: Ints  # [n, E] the sequences of every entry, in the common numbering
    payoffs: Floats  # [n, E] chance's probability included
    set_begins: Ints  # [n + 1] information sets of agent i: set_begins[i] … set_begins[i + 1] − 1
    before: Ints  # [I] the sequence that leads to the information set
    first: Ints  # [I + 1] the sequences of its actions: first[h] … first[h] + widths[h] − 1
    widths: Ints  # [I]

    @cached_property
    def size(self) -> int:
        """Number of sequences of all agents."""
        return int(self.begins[-1])

    def profile(self, plans: Floats) -> Profile:
        """Behaviour strategies of realisation plans ``[size]``; uniform where a plan does not come."""
        out = []
        for i, span in enumerate(self.tree.spans):
            own = np.empty(span.stop - span.start)
            for h in range(int(self.set_begins[i]), int(self.set_begins[i + 1])):
                low, width = int(self.first[h]), int(self.widths[h])
                weights = plans[low : low + width]
                total = weights.sum()
                place = low - int(self.begins[i]) - 1
                own[place : place + width] = weights / total if total > 0 else 1 / width
            out.append(freeze(own))
        return tuple(out)


def treeplexes(tree: Tree, known: Sequences | None = None) -> Treeplexes:
    """The treeplexes of a tree with perfect recall.

    Raises:
        ImperfectRecallError: an agent forgets.
    """
    known = known or sequences(tree)
    floats = float_tree(tree)
    ones = tuple(np.ones(span.stop - span.start) for span in tree.spans)
    paid = floats.payoffs * reach_probabilities(floats, ones)  # chance's reach alone
    nodes = np.flatnonzero(paid.any(axis=0))
    begins = np.concatenate([[0], np.cumsum(known.counts)]).astype(np.int64)
    places, back = np.unique(known.at[:, nodes] + begins[:-1, None], axis=1, return_inverse=True)
    payoffs = np.zeros((len(tree.agents), places.shape[1]))
    np.add.at(payoffs.T, back.ravel(), paid[:, nodes].T)
    owner = tree.owners
    return Treeplexes(
        tree=tree,
        begins=begins,
        at=np.ascontiguousarray(places),
        payoffs=payoffs,
        set_begins=np.searchsorted(owner, np.arange(len(tree.agents) + 1)),
        before=known.before + begins[owner],
        first=tree.offsets[:-1] + owner + 1,  # one empty sequence more per agent
        widths=tree.widths,
    )
