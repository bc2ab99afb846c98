"""Sequences: an agent's own moves up to a node, and perfect recall.

Agent i's sequence 0 is the empty one; sequence 1 + q, with q counted within the agent's own action
numbers, ends with that action. With perfect recall (Kuhn 1953) an information set has one sequence
leading to it, so a sequence is known by its last action (von Stengel 1996).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory.errors import GameError
from gametheory.extensive.tree import Tree
from gametheory.numerics import freeze
from gametheory.tables.branches import Ints


@dataclass(frozen=True, eq=False)
class Sequences:
    """The sequences of a tree with perfect recall."""

    at: Ints  # [n, K] each agent's own sequence on reaching the node
    before: Ints  # [I] the owner's sequence that leads to the information set
    counts: tuple[int, ...]
    """Per agent its number of sequences, the empty one included: 1 + Q_i."""


class ImperfectRecallError(GameError):
    """An agent that forgets what it did or knew; names the agent, the information set, two of its nodes."""


def own_sequences(tree: Tree) -> Ints:
    """``[n, K]``: the last own action of every agent on the way to every node, as a sequence number."""
    n = len(tree.agents)
    at = np.zeros((n, len(tree)), dtype=np.int64)
    entries = tree.entries
    owner_of_action = np.repeat(tree.owners, tree.widths)
    for level in tree.levels[1:]:
        at[:, level] = at[:, tree.parents[level]]
        moved = level.start + np.flatnonzero(entries[level] >= 0)
        mover = owner_of_action[entries[moved]]
        begins = np.array([span.start for span in tree.spans])
        at[mover, moved] = entries[moved] - begins[mover] + 1
    return freeze(at)


def sequences(tree: Tree) -> Sequences:
    """Check perfect recall and number the sequences.

    Information sets of one agent are numbered by first appearance, so a set's leading sequence
    always ends in an earlier set.

    Raises:
        ImperfectRecallError: two nodes of an information set are reached by different own moves.
    """
    at = own_sequences(tree)
    nodes = np.flatnonzero(tree.decisions)
    sets = tree.infosets[nodes]
    own = at[tree.owners[sets], nodes] if len(nodes) else np.zeros(0, dtype=np.int64)
    before = np.zeros(len(tree.information), dtype=np.int64)
    before[sets[::-1]] = own[::-1]  # that of the first node
    different = np.flatnonzero(own != before[sets])
    if len(different):
        late = int(nodes[different[0]])
        h = int(tree.infosets[late])
        early = int(nodes[np.argmax(sets == h)])
        agent = tree.agents[int(tree.owners[h])]
        name = f" {tree.information[h].label!r}" if tree.information[h].label else ""
        raise ImperfectRecallError(
            f"agent {agent} has no perfect recall: its information set{name} holds {tree.describe_node(early)} "
            f"and {tree.describe_node(late)}, reached by different own moves"
        )
    counts = tuple(1 + span.stop - span.start for span in tree.spans)
    return Sequences(at, freeze(before), counts)
