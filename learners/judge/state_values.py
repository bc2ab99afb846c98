"""Regrets of tables over observations, as arrays over states: for every evaluation point of a run.

Where one observation per agent and state tells the state, policies are tables over states. With
``w(r) = Π_j π_j(a_j | ω_j(s))`` for the legal joint actions r = (s, a),

    J = r_π + γ P_π J,                     r_π(s) = Σ_r w(r) E[R | r],  P_π(s'|s) = Σ_r w(r) P(s' | r)
    B_i(s) = max_{a_i} Σ_{r: a_i} w_{-i}(r) (E[R^i | r] + γ(s) Σ_s' P(s' | r) B_i(s'))

and agent i's regret is ``ρ_0 · (B_i − J_i)``. Certificates are recomputed by ``gametheory.certify``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from gametheory.game import NULL
from gametheory.numerics import Array, to_floats
from gametheory.posg import POSG
from gametheory.tables.rules import Position, Rules, rules

ROUNDING = 1e-12
"""Gains smaller than this, relative to the values, change no policy."""


@dataclass(frozen=True, eq=False)
class StateTables:
    """A POSG over the states that play can reach, S of them, with R legal joint actions."""

    observations: Array  # [S, n], NULL where the agent makes no choice
    states: Array  # [R], whose joint action it is
    actions: Array  # [R, n], NULL where the agent makes no choice
    onward: sparse.csr_matrix  # [R, S], probability times γ; nothing for what is over
    rewards: Array  # [R, n], expected
    initial: Array  # [S]
    ends: bool
    """Whether play surely ends, at γ = 1."""

    def regrets(self, tables: Sequence[Array], horizon: int | None) -> Array:
        """``[n]`` of policies ``[|Ω^i|, A_i]``."""
        laws = [self._chosen(i, own) for i, own in enumerate(tables)]
        out = []
        values = self._values(self._summed(np.prod(laws, axis=0)), horizon)
        for i in range(len(tables)):
            others = np.prod([own for j, own in enumerate(laws) if j != i], axis=0, initial=1.0)
            best = self._best(i, others * np.ones(len(self.states)), horizon)
            out.append(max(0.0, float(self.initial @ (best - values[:, i]))))
        return np.array(out)

    def returns(self, tables: Sequence[Array], horizon: int | None) -> Array:
        """``[n]``: what policies ``[|Ω^i|, A_i]`` get."""
        laws = [self._chosen(i, own) for i, own in enumerate(tables)]
        return np.asarray(self.initial @ self._values(self._summed(np.prod(laws, axis=0)), horizon))

    def ranges(self, horizon: int | None) -> Array:
        """``[n]``: the largest minus the smallest return that one mind moving all agents could bring about."""
        first = np.searchsorted(self.states, np.arange(len(self.observations)))
        ends = [
            [self.initial @ self._optimal(sign * own, self.onward, first, horizon) for sign in (1.0, -1.0)]
            for own in self.rewards.T
        ]
        return np.asarray(np.array(ends, dtype=np.float64).sum(axis=1))

    def _chosen(self, agent: int, table: Array) -> Array:
        """``[R]``: the probability of the agent's part in each joint action."""
        seen, action = self.observations[self.states, agent], self.actions[:, agent]
        return np.where(seen == NULL, 1.0, table[np.maximum(seen, 0), np.maximum(action, 0)])

    def _summed(self, weights: Array) -> sparse.csr_matrix:
        """``[S, R]``: sums the joint actions of each state with these weights."""
        shape = len(self.observations), len(self.states)
        return sparse.csr_matrix((weights, (self.states, np.arange(len(self.states)))), shape=shape)

    def _values(self, summed: sparse.csr_matrix, horizon: int | None) -> Array:
        """J, ``[S, n]``."""
        return _fixed_point(summed @ self.rewards, (summed @ self.onward).tocsr(), horizon, self.ends)

    def _best(self, agent: int, others: Array, horizon: int | None) -> Array:
        """B, ``[S]``: value iteration where play ends or has a horizon, else policy iteration."""
        width = int(self.actions[:, agent].max()) + 1
        choices, place = np.unique(
            self.states * (width + 1) + self.actions[:, agent] + 1, return_inverse=True
        )
        states = choices // (width + 1)
        first = np.searchsorted(states, np.arange(len(self.observations)))  # over: no choice
        pick = sparse.csr_matrix((others, (place, np.arange(len(place)))), shape=(len(choices), len(place)))
        gains, onward = pick @ self.rewards[:, agent], (pick @ self.onward).tocsr()
        return self._optimal(gains, onward, first, horizon)

    def _optimal(self, gains: Array, onward: sparse.csr_matrix, first: Array, horizon: int | None) -> Array:
        """``[S]``: ``max gains + onward V`` over each state's options, which begin at ``first``."""
        counts = np.diff([*first, len(gains)])
        lively = np.flatnonzero(counts)
        values = np.zeros(len(first))
        if horizon is not None or self.ends:
            for _ in range(len(values) + 1 if horizon is None else horizon):
                after = np.zeros_like(values)
                after[lively] = np.maximum.reduceat(gains + onward @ values, first[lively])
                if horizon is None and np.array_equal(after, values):
                    break
                values = after
            return values
        chosen = first[lively]
        while True:
            step = sparse.csr_matrix(
                (np.ones(len(lively)), (lively, chosen)), shape=(len(values), len(gains))
            )
            values = _fixed_point((step @ gains)[:, None], (step @ onward).tocsr(), None, False)[:, 0]
            worth = gains + onward @ values
            slack = ROUNDING * max(1.0, float(np.abs(values).max()))
            top = np.maximum.reduceat(worth, first[lively])
            better = top > worth[chosen] + slack
            if not better.any():
                return values
            leads = np.flatnonzero(worth >= np.repeat(top, counts[lively]))
            best = leads[np.searchsorted(leads, first[lively])]
            chosen = np.where(better, best, chosen)


def _fixed_point(rewards: Array, onward: sparse.csr_matrix, horizon: int | None, ends: bool) -> Array:
    """``V = r + P V`` of a matrix P with γ in it, ``[S, k]``; only ``horizon`` steps of it if given."""
    if horizon is None and not ends:
        system = sparse.identity(len(rewards), format="csc") - onward.tocsc()
        return np.asarray(spsolve(system, rewards)).reshape(rewards.shape)
    values = np.zeros_like(rewards)
    for _ in range(len(rewards) + 1 if horizon is None else horizon):
        after = rewards + onward @ values
        if horizon is None and np.array_equal(after, values):
            break
        values = after
    return values


def state_tables(posg: POSG, ends: bool) -> StateTables | None:
    """The game over states, or None where an agent may see different things in one state.

    Args:
        posg: the game.
        ends: whether play surely ends.
    """
    law = rules(posg)
    found = _explored(law)
    if found is None or not (ends or float(to_floats(posg.discount).max()) < 1.0):
        return None
    seen, rows, states, actions, initial = found
    b = posg.branches
    number = np.full(len(posg.states), -1)
    number[list(seen)] = np.arange(len(seen))
    counts = np.diff(b.indptr)[rows]
    branch = np.repeat(b.indptr[rows] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    branch = branch + np.arange(counts.sum())
    reached = b.successors[branch]
    weights = to_floats(b.probabilities)[branch] * to_floats(posg.discount)[np.repeat(states, counts)]
    weights = weights * ~posg.terminal[reached]
    onward = sparse.csr_matrix(
        (weights, (np.repeat(np.arange(len(rows)), counts), np.maximum(number[reached], 0))),
        shape=(len(rows), len(seen)),
    )
    return StateTables(
        observations=np.array(list(seen.values())),
        states=number[states],
        actions=actions,
        onward=onward,
        rewards=to_floats(b.expected_rewards[:, rows].T),
        initial=np.array([initial.get(state, 0.0) for state in seen]),
        ends=ends,
    )


def _explored(
    law: Rules,
) -> tuple[dict[int, tuple[int, ...]], Array, Array, Array, dict[int, float]] | None:
    """What is seen in each reachable state, and its rows, states and joint actions; and the first law."""
    seen: dict[int, tuple[int, ...]] = {}
    initial: dict[int, float] = {}
    waiting = []
    for p, position in law.openings():
        initial[position.state] = initial.get(position.state, 0.0) + float(p)
        waiting.append(position)
    rows, states, actions = [], [], []
    while waiting:
        state, own = waiting.pop()
        if law.over[state]:
            continue
        if state in seen:
            if seen[state] != tuple(own):
                return None
            continue
        seen[state] = tuple(own)
        legal = [[NULL] if w == NULL else law.legal(i, w) for i, w in enumerate(own)]
        for joint in itertools.product(*legal):
            rows.append(law.row(state, joint))
            states.append(state)
            actions.append(joint)
            waiting += {arrival.position for arrival in law.arrivals(Position(state, own), joint)}
    return seen, np.array(rows), np.array(states), np.array(actions), initial
