"""The observation laws of a POSG and an AECG, numbered together agent by agent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gametheory.aecg import AECG
from gametheory.branches import Ints
from gametheory.kernels import FactoredObservations
from gametheory.matching import Items, entries, fold, shared_ids
from gametheory.numerics import Array
from gametheory.posg import POSG

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
        self.laws: list[Array] = []  # per agent [L, |Ω^i|]
        self.after_action: list[Ints] = []  # per agent [S, A_i] or [S, 1]; only of factored kernels
        self.at_first: list[Ints] = []  # per agent [S]
        self.points: list[Ints] = []  # per agent [|Ω^i|]: the law that surely shows this symbol
        for i in range(self.n):
            own = self._arrays(i)
            ids, laws = _number_rows(own)
            after, first, turns, points = ids
            self.laws.append(laws)
            self.points.append(points)
            self.after_action.append(after.reshape(S, -1))
            self.at_first.append(first if len(first) == S else np.repeat(points[-1:], S))
            mine = np.flatnonzero((aecg.movers == i) & ~aecg.silent)
            self.law_of_node[mine] = turns[aecg.observations[i].rows[aecg.node_states[mine]]]
        self.shown = [np.asarray(laws > 0, dtype=bool) for laws in self.laws]
        self.legal_differs = [self._legal_differs(i) for i in range(self.n)]

    def _width(self, agent: int) -> int:
        own = self.posg.observation_counts[agent] + (self.posg.initial_observations is None)
        return max(own, self.aecg.observation_counts[agent])

    def _arrays(self, agent: int) -> list[Array]:
        """Laws of the POSG after a step, its first ones, the AECG's, and the point masses."""
        kernels, first, width = self.posg.observations, self.posg.initial_observations, self._width(agent)
        after = np.zeros((0, 1), dtype=object)
        if isinstance(kernels, FactoredObservations):
            kernel = kernels.kernels[agent]
            kernel = kernel[:, :1] if kernel.strides[1] == 0 else kernel
            after = kernel.reshape(-1, kernel.shape[-1])
        begin = first[agent] if isinstance(first, tuple) else np.zeros((0, 1), dtype=object)
        points = np.eye(width, dtype=np.int64).astype(object)
        return [_widen(own, width) for own in (after, begin, self.aecg.observations[agent].table)] + [points]

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
        states = np.flatnonzero(posg.initial > 0)
        weights = posg.initial[states]
        if first is None or isinstance(first, tuple):
            laws = np.array([own[states] for own in self.at_first])
        else:
            flat = first.reshape(len(posg.states), -1)[states]
            at, seen = np.nonzero(flat > 0)
            weights, states = weights[at] * flat[at, seen], states[at]
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
        actions = actions_of_rows(posg)[rows]  # [pairs, n]
        if isinstance(kernels, FactoredObservations):
            laws = np.array(
                [
                    own[states, actions[at, i] if own.shape[1] > 1 else 0]
                    for i, own in enumerate(self.after_action)
                ]
            )
        else:
            flat = kernels.kernel.reshape(-1, int(np.prod(posg.observation_counts)))
            cell, seen = np.nonzero(flat > 0)
            indptr = np.concatenate([[0], np.bincount(cell, minlength=len(flat)).cumsum()])
            shape = (len(posg.states), *posg.action_counts)
            item, entry = entries(indptr, np.ravel_multi_index((states, *actions[at].T), shape))
            weights = weights[item] * flat[cell, seen][entry]
            at, branch, states = at[item], branch[item], states[item]
            laws = self._points_of(seen[entry])
        return Items(at, states, posg.branches.rewards[:, branch], self._hide(states, laws), weights)

    # --- laws spelled out ------------------------------------------------------------------------

    def spelled(self, items: Items) -> Items:
        """The same measure with the observations themselves in place of their laws."""
        for i, laws in enumerate(self.laws):
            law, symbol = np.nonzero(laws > 0)
            counts = np.concatenate([[1, 1], np.bincount(law, minlength=len(laws))])
            indptr = np.concatenate([[0], counts.cumsum()])
            symbols = np.concatenate([[OVER, NOTHING], symbol])
            chances = np.concatenate([np.array([1, 1], dtype=laws.dtype), laws[law, symbol]])
            item, entry = entries(indptr, items.laws[i] + 2)
            items = items.where(item)
            spread = items.laws.copy()
            spread[i] = symbols[entry]
            items = replace(items, laws=spread, weights=items.weights * chances[entry])
        return items


def actions_of_rows(posg: POSG) -> Ints:
    """``[rows, n]`` the joint action of each row, 0 for whoever makes no choice."""
    branches, n = posg.branches, len(posg.agents)
    out = np.zeros((branches.row_count, n), dtype=np.int64)
    kinds, kind = np.unique(posg.null, axis=0, return_inverse=True)
    for k, null in enumerate(kinds):
        states = np.flatnonzero((kind.reshape(-1) == k) & ~posg.terminal)
        counts = [1 if silent else count for silent, count in zip(null, posg.action_counts, strict=True)]
        grid = np.indices(tuple(counts)).reshape(n, -1).T  # [joint, n]
        rows = branches.offsets[states][:, None] + branches.strides[states] @ grid.T
        out[rows] = grid
    return out


def _widen(laws: Array, width: int) -> Array:
    return np.concatenate([laws, np.zeros((len(laws), width - laws.shape[1]), dtype=laws.dtype)], axis=1)


def _number_rows(arrays: list[Array]) -> tuple[list[Ints], Array]:
    """Numbers of the rows of all arrays (equal rows, equal numbers), and the row of each number."""
    ids = np.concatenate(shared_ids(arrays))
    _, first, number = np.unique(fold(list(ids.T)), return_index=True, return_inverse=True)
    ends = np.cumsum([len(own) for own in arrays])[:-1]
    kept = np.concatenate(arrays)[first]
    exact = all(own.dtype == object for own in arrays)
    return np.split(number, ends), kept if exact else kept.astype(np.float64)
