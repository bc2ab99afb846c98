"""The step-wise check that a correspondence of AECG nodes and POSG states preserves every law.

Why these local checks prove equality for every policy and every horizon. Relate an opening node u
(the first agent is on the move) to the POSG state ``s = posg_states[u]`` together with the *pending
observations* of u: agent j's is the law of what it sees on its turn after u. Relate an environment
node e to (s, a) where the agents' moves a lead from an opening node of s to e. Checked are, for
all related pairs that play can reach:

1. on the way from u to e the agents move once each, in their order, surely; nothing is paid, γ = 1,
   who is silent is who sees ⊥ in s, legal actions agree, and j's law on its turn is the same
   whatever the agents before it did, so that given u the observations are independent with the
   pending laws;
2. from e: γ(e) = γ(s), and the joint law of (s', rewards, observations) is that of the POSG at (s, a),
   where the AECG's observations are drawn from the pending laws of the opening node reached;
3. from the AECG's start: the law of (s_0, first observations) is the POSG's, nothing is paid, γ = 1;
4. a node is terminal exactly where its POSG state is.

Induction over t: for every sequence x of states, observations, joint actions, rewards and discounts up to
the t-th observations, ``Σ_u P(x, u) = P(x)``, where the sum runs over opening nodes of the last
state and both sides are for given policies. For t = 0 this is 3. Each agent's history is the same
function of x in both games, so the same policies draw the same actions with the same
probabilities (1), and each u leads to a node e related to (s, a); by 2 the next states, rewards and
observations have the POSG's law whichever e it is, so the sum over e keeps its value. Laws of all
finite sequences determine the law of the play.

With one AECG step to a POSG step the relation is node by node and the same argument has rounds of
one move.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gametheory.convert import Correspondence
from gametheory.laws.matching import Items, differing_pairs, entries, unequal
from gametheory.numerics import Array
from gametheory.tables.branches import Ints
from gametheory.tables.observed import ObservationLaws
from gametheory.tables.reach import Reach

CHUNK = 256  # pairs whose laws are spelled out at a time


@dataclass(frozen=True)
class Mismatch:
    """Where a step-wise check first fails."""

    node: int
    """The AECG node where it shows."""
    what: str


def first_mismatch(correspondence: Correspondence) -> Mismatch | None:
    """The local check nearest to the start that fails, or None: then the games have equal laws."""
    check = _Check(correspondence)
    structure = check.turns() if check.rounds else check.node_by_node()
    stuck = check.nearest(check.reach.stuck(), "a legal action leads nowhere")
    return stuck or structure or check.legal_sets() or check.laws()


class _Check:
    """The parts of the check, on whole arrays."""

    def __init__(self, correspondence: Correspondence) -> None:
        self.posg, self.aecg = correspondence.posg, correspondence.aecg
        self.place = correspondence.posg_states
        self.n = len(self.posg.agents)
        self.rounds = correspondence.steps_per_round > 1
        self.reach = Reach(self.aecg)
        self.seen = ObservationLaws(self.posg, self.aecg)

    def nearest(self, nodes: Ints, what: str) -> Mismatch | None:
        """The first of the nodes in order of reaching them, if there is one."""
        nodes = nodes[self.reach.rank[nodes] >= 0]
        return Mismatch(int(nodes[np.argmin(self.reach.rank[nodes])]), what) if len(nodes) else None

    # --- structure -----------------------------------------------------------------------------

    def node_by_node(self) -> Mismatch | None:
        """One AECG step to a POSG step: termination, who acts, discount."""
        aecg, posg = self.aecg, self.posg
        outside = (self.place < 0) | (self.place >= len(posg.states))
        place = np.where(outside, 0, self.place)
        over = aecg.terminal[aecg.node_states]
        acts = (aecg.movers[:, None] == np.arange(self.n)) & ~aecg.silent[:, None]  # [K, n]
        return (
            self.nearest(np.flatnonzero(outside), "the node stands for no state")
            or self.nearest(np.flatnonzero(over != posg.terminal[place]), "only one game ends here")
            or self.nearest(
                np.flatnonzero(~over & (acts == posg.null[place]).any(axis=1)),
                "different agents make a choice",
            )
            or self.nearest(
                np.flatnonzero(~over & self.discounts_by_other(posg.discount[place])), "γ differs"
            )
        )

    def discounts_by_other(self, due: Array) -> Array:
        """``[K]`` bool: γ of the node is not what is due."""
        return unequal(self.aecg.discount[self.aecg.node_states], due)

    def turns(self) -> Mismatch | None:
        """A round to a POSG step: turn order, silence, payment, discount, termination."""
        aecg, posg, n, reach = self.aecg, self.posg, self.n, self.reach
        start = np.arange(aecg.node_count) == aecg.start
        outside = (self.place < 0) | (self.place >= len(posg.states))
        place = np.where(outside, 0, self.place)
        over = aecg.terminal[aecg.node_states] & ~start
        by_agent = (aecg.movers < n) & ~over
        node, successor = reach.node[reach.live], aecg.branches.successors[reach.live]
        opens = over[successor] | (aecg.movers[successor] == 0)
        follows = np.where(by_agent[node], aecg.movers[successor] == aecg.movers[node] + 1, opens)
        strays = by_agent[node] & ((place[successor] != place[node]) | over[successor])
        free = np.asarray(by_agent | start)
        paid = np.any(aecg.branches.rewards[:, reach.live] != 0, axis=0) & free[node]
        due = np.where(free, np.array(1, dtype=posg.discount.dtype), posg.discount[place])
        mute = posg.null[place, np.minimum(aecg.movers, n - 1)]
        return (
            self.nearest(
                np.flatnonzero(start & (aecg.movers < n)), "the environment must draw the first state"
            )
            or self.nearest(np.flatnonzero(outside & ~start), "the node stands for no state")
            or self.nearest(
                np.flatnonzero(~start & (over != posg.terminal[place])), "only one game ends here"
            )
            or self.nearest(node[~follows], "the turns of a round are out of order")
            or self.nearest(node[strays], "the state changes before the environment's move")
            or self.nearest(reach.splits(by_agent), "an agent's move leads to several nodes")
            or self.nearest(np.flatnonzero(by_agent & (aecg.silent != mute)), "only one game shows ⊥ here")
            or self.nearest(node[paid], "rewards are paid before the environment's move")
            or self.nearest(np.flatnonzero(~over & self.discounts_by_other(due)), "γ differs")
        )

    def legal_sets(self) -> Mismatch | None:
        """Symbol by symbol, for symbols that play can show."""
        for i in range(self.n):
            mine = np.flatnonzero((self.aecg.movers == i) & (self.seen.law_of_node >= 0))
            mine = mine[self.reach.rank[mine] >= 0]
            shows = self.seen.shows(i, self.seen.legal_differs[i])  # per law
            bad = mine[shows[self.seen.law_of_node[mine]]]
            if found := self.nearest(bad, f"agent {self.posg.agents[i]} may choose among different actions"):
                return found
        return None

    # --- laws ------------------------------------------------------------------------------------

    @cached_property
    def pending(self) -> tuple[Ints, Ints]:
        """``[K, n]`` number of the law of each agent's next observation; nodes where it is unclear."""
        aecg, n = self.aecg, self.n
        over = aecg.terminal[aecg.node_states]
        out = np.where(over[:, None], -2, np.full((aecg.node_count, n), -1))
        mine = np.flatnonzero((aecg.movers < n) & ~over)
        out[mine, aecg.movers[mine]] = self.seen.law_of_node[mine]
        unclear = []
        for mover in range(n - 2, -1, -1) if self.rounds else ():
            branch = self.reach.live[self.reach.moved_by(mover)]
            node, successor = self.reach.node[branch], aecg.branches.successors[branch]
            out[node, mover + 1 :] = out[successor, mover + 1 :]
            wrong = (out[node, mover + 1 :] != out[successor, mover + 1 :]).any(axis=1)
            unclear.append(node[wrong])
        return out, np.concatenate(unclear) if unclear else np.zeros(0, dtype=np.int64)

    def laws(self) -> Mismatch | None:
        """The first draw, the independence of pending observations, and every related pair of rows."""
        if found := self.nearest(self.pending[1], "an observation depends on what others did in this round"):
            return found
        if self.differ(self.first_draw(), self.seen.first_draw()) is not None:
            return Mismatch(self.aecg.start, "the first state and observations have different laws")
        nodes, rows, posg_rows = self.related()
        order = np.argsort(self.reach.rank[nodes], kind="stable")
        at, branch = entries(self.aecg.branches.indptr, rows[order])
        pair = self.differ(self.items(at, branch), self.seen.after(posg_rows[order]))
        what = "the next state, rewards and observations have different joint laws"
        return None if pair is None else Mismatch(int(nodes[order][pair]), what)

    def items(self, pairs: Ints, branch: Ints) -> Items:
        """AECG branches, seen as steps of the POSG."""
        b = self.aecg.branches
        nodes = b.successors[branch]
        return Items(
            pairs, self.place[nodes], b.rewards[:, branch], self.pending[0][nodes].T, b.probabilities[branch]
        )

    def first_draw(self) -> Items:
        """The AECG's law of (s_0, first observations), under pair 0."""
        if not self.rounds:
            start = np.array([self.aecg.start])
            nothing, one = np.zeros((self.n, 1), dtype=object), np.ones(1, dtype=object)
            return Items(
                np.zeros(1, dtype=np.int64), self.place[start], nothing, self.pending[0][start].T, one
            )
        branch = self.reach.live[self.reach.node[self.reach.live] == self.aecg.start]
        return self.items(np.zeros(len(branch), dtype=np.int64), branch)

    def related(self) -> tuple[Ints, Ints, Ints]:
        """Related pairs as AECG node, AECG row and POSG row, each ``[pairs]``."""
        aecg, posg, reach = self.aecg, self.posg, self.reach
        going = (reach.rank >= 0) & ~aecg.terminal[aecg.node_states]
        if not self.rounds:
            rows = np.flatnonzero(reach.playable & going[aecg.branches.state_of_row])
            nodes = aecg.branches.state_of_row[rows]
            states = self.place[nodes]
            stride = np.append(posg.branches.strides, np.zeros((len(posg.states), 1), dtype=np.int64), axis=1)
            action = rows - aecg.branches.offsets[nodes]
            return nodes, rows, posg.branches.offsets[states] + stride[states, aecg.movers[nodes]] * action
        nodes = np.flatnonzero(going & (aecg.movers == 0))
        partial = posg.branches.offsets[self.place[nodes]]
        for mover in range(self.n):
            nodes, partial = self.moved(mover, nodes, partial)
        return nodes, aecg.branches.offsets[nodes], partial

    def moved(self, mover: int, nodes: Ints, partial: Ints) -> tuple[Ints, Ints]:
        """Distinct pairs of node and POSG row so far, one turn on."""
        branches = self.aecg.branches
        at, row = entries(branches.offsets, nodes)
        kept = self.reach.playable[row]
        at, row = at[kept], row[kept]
        action = row - branches.offsets[nodes[at]]
        partial = partial[at] + self.posg.branches.strides[self.place[nodes[at]], mover] * action
        pairs = np.unique(self.reach.leads_to[row] * self.posg.branches.row_count + partial)
        return np.divmod(pairs, self.posg.branches.row_count)

    def differ(self, a: Items, b: Items) -> int | None:
        """The first pair whose measures differ; laws are compared by number, then spelled out."""
        suspects = differing_pairs(a, b)
        for begin in range(0, len(suspects), CHUNK):
            part = suspects[begin : begin + CHUNK]
            wrong = differing_pairs(self.seen.spelled(a.of(part)), self.seen.spelled(b.of(part)))
            if len(wrong):
                return int(wrong[0])
        return None
