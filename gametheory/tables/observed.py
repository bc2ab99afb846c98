"""The observation laws of a POSG and an AECG, numbered together agent by agent."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from gametheory.aecg import AECG
from gametheory.laws.matching import Items, entries, shared_ids
from gametheory.numerics import Array
from gametheory.posg import POSG
from gametheory.tables.branches import Ints
from gametheory.tables.distributions import Distributions
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import FactoredObservations

OVER, NOTHING = -2, -1
"""Stand for the laws of observations that nobody acts on: after the end, and ⊥."""


class ObservationLaws:
    """Equal laws of agent i's observation have equal numbers, whichever game they come from.

    The symbol ``start`` of a POSG without an initial model is the number ``|Ω^i|``.
    """

    def __init__(self, posg: POSG, aecg: AECG) -> None:
        self.posg, self.aecg = posg, aecg
        self.n, S = len(posg.agents), len(posg.states)
        self.law_of_node: Ints = np.full(aecg.node_count, NOTHING)
        self.laws: list[Distributions] = []  # per agent [L, |Ω^i|]
        self.after_action: list[Ints] = []  # per agent [S, A_i] or [S, 1]; only of factored kernels
        self.at_first: list[Ints] = []  # per agent [S]
        self.points: list[Ints] = []  # per agent [|Ω^i|]: the law that surely shows this symbol
        for i in range(self.n):
            after, first, turns, points, laws = self._numbered(i)
            self.laws.append(laws)
            self.points.append(points)
            self.after_action.append(after)
            self.at_first.append(first if len(first) == S else np.repeat(points[-1:], S))
            mine = np.flatnonzero((aecg.movers == i) & ~aecg.silent)
            self.law_of_node[mine] = turns[aecg.observations[i].rows[aecg.node_states[mine]]]
        self.legal_differs = [self._legal_differs(i) for i in range(self.n)]

    def _width(self, agent: int) -> int:
        own = self.posg.observation_counts[agent] + (self.posg.initial_observations is None)
        return max(own, self.aecg.observation_counts[agent])

    def _numbered(self, agent: int) -> tuple[Ints, Ints, Ints, Ints, Distributions]:
        """Numbers of the POSG's laws after a step and at first, of the AECG's, of the point masses; the laws."""
        kernels, first, width = self.posg.observations, self.posg.initial_observations, self._width(agent)
        nothing = Kernel(np.zeros((0, 1), dtype=np.int64), Distributions.points(width, []))
        own = kernels.of_agent[agent] if isinstance(kernels, FactoredObservations) else nothing
        begin = first.of_agent[agent] if isinstance(first, FactoredObservations) else nothing
        parts = [own.laws, begin.laws, self.aecg.observations[agent].laws, Distributions.points(width)]
        ids, laws = _number_rows(parts, width)
        after, at_first = (
            np.append(numbers, NOTHING)[kernel.rows]
            for numbers, kernel in zip(ids[:2], (own, begin), strict=True)
        )
        return after, at_first, ids[2], ids[3], laws

    def shows(self, agent: int, symbols: Array) -> Array:
        """``[L]`` bool: the laws that may show one of the symbols, a mask ``[|Ω^i|]``."""
        return self.laws[agent].meets(symbols)

    def _legal_differs(self, agent: int) -> Array:
        width, count = self._width(agent), self.posg.action_counts[agent]
        sets = []
        for game in (self.posg, self.aecg):
            full = np.ones((width, count), dtype=bool)
            own = game.legal[agent]
            if own is not None:
                full[: min(len(own), width)] = own[:width]
            sets.append(full)
        return np.asarray((sets[0] != sets[1]).any(axis=1))

    # --- what the POSG shows ---------------------------------------------------------------------

    def _hide(self, states: Ints, laws: Ints) -> Ints:
        """Laws ``[n, M]`` with the marks of ⊥ and of the end."""
        laws = np.where(self.posg.null[states].T, NOTHING, laws)
        return np.where(self.posg.terminal[states], OVER, laws)

    def first_draw(self) -> Items:
        """The law of (s_0, first observations), under pair 0."""
        posg, first = self.posg, self.posg.initial_observations
        states = np.flatnonzero(posg.initial.astype(bool))  # a law: nothing is below 0
        weights = posg.initial[states]
        if first is None or isinstance(first, FactoredObservations):
            laws = np.array([own[states] for own in self.at_first])
        else:
            at, seen, chances = first.joint.laws.entries(first.joint.rows[states])
            weights, states = weights[at] * chances, states[at]
            laws = self._points_of(seen)
        nothing = np.zeros((self.n, len(states)), dtype=object)
        return Items(
            np.zeros(len(states), dtype=np.int64), states, nothing, self._hide(states, laws), weights
        )

    def _points_of(self, joint: Ints) -> Ints:
        symbols = np.unravel_index(joint, self.posg.observation_counts)
        return np.array([points[own] for points, own in zip(self.points, symbols, strict=True)])

    def after(self, rows: Ints) -> Items:
        """The law of (s', rewards, observations) of POSG rows; pair k is ``rows[k]``."""
        posg, kernels = self.posg, self.posg.observations
        at, branch = entries(posg.branches.indptr, rows)
        states, weights = posg.branches.successors[branch], posg.branches.probabilities[branch]
        if isinstance(kernels, FactoredObservations):
            told = [own.shape[1] > 1 for own in self.after_action]
            actions = self._actions(rows) if any(told) else np.zeros((len(rows), self.n), dtype=np.int64)
            laws = np.array(
                [
                    own[states, actions[at, i] if matters else 0]
                    for i, (own, matters) in enumerate(zip(self.after_action, told, strict=True))
                ]
            )
        else:
            where = kernels.joint.row(states, *self._actions(rows)[at].T)
            item, seen, chances = kernels.joint.laws.entries(where)
            weights = weights[item] * chances
            at, branch, states = at[item], branch[item], states[item]
            laws = self._points_of(seen)
        return Items(at, states, posg.branches.rewards[:, branch], self._hide(states, laws), weights)

    def _actions(self, rows: Ints) -> Ints:
        """``[pairs, n]`` the joint action of each POSG row, 0 for whoever makes no choice."""
        return self.posg.branches.joint_actions(rows, self.posg.action_counts)

    # --- laws spelled out ------------------------------------------------------------------------

    def spelled(self, items: Items) -> Items:
        """The same measure with the observations themselves in place of their laws."""
        for i, laws in enumerate(self.laws):
            indptr = np.concatenate([[0, 1], laws.indptr + 2])  # the two marks stand first
            symbols = np.concatenate([[OVER, NOTHING], laws.columns])
            chances = np.concatenate([np.array([1, 1], dtype=laws.weights.dtype), laws.weights])
            item, entry = entries(indptr, items.laws[i] + 2)
            items = items.where(item)
            spread = items.laws.copy()
            spread[i] = symbols[entry]
            items = replace(items, laws=spread, weights=items.weights * chances[entry])
        return items


def actions_of_rows(posg: POSG) -> Ints:
    """``[rows, n]`` the joint action of each row, 0 for whoever makes no choice."""
    return posg.branches.joint_actions(np.arange(posg.branches.row_count), posg.action_counts)


def _number_rows(parts: list[Distributions], width: int) -> tuple[list[Ints], Distributions]:
    """Numbers of the rows of all parts (equal rows, equal numbers), and the row of each number."""
    whole = Distributions.stack(parts, width)
    zero, ids = shared_ids([whole.zeros(1), whole.weights])
    kept = ids != zero  # floats may be as good as 0
    pairs = np.stack([whole.columns[kept], ids[kept]], axis=1).tobytes()
    ends = 16 * np.concatenate([[0], kept.cumsum()])[whole.indptr]
    known: dict[bytes, int] = {}
    first: list[int] = []
    numbers = np.zeros(len(whole), dtype=np.int64)
    for row, (begin, end) in enumerate(itertools.pairwise(ends.tolist())):
        number = known.setdefault(pairs[begin:end], len(known))
        if number == len(first):
            first.append(row)
        numbers[row] = number
    return np.split(numbers, np.cumsum([len(own) for own in parts])[:-1]), whole.take(first)
