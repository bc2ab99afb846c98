"""Iterated elimination of strictly dominated actions, by pure and by mixed strategies.

In finite games the survivors do not depend on the order (Osborne & Rubinstein, *A Course in Game
Theory*, 1994, section 4.2). An action is strictly dominated if and only if it is a best response to
no belief about the others' joint action (Pearce 1984).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.classify.finding import NORMAL_FORM, Finding, Table
from gametheory.numerics import Array, is_exact
from gametheory.solvers.scaling import comparable
from gametheory.solvers.zero_sum import security

LARGEST = 50_000
"""Most entries of a payoff table whose dominance by mixed strategies is tested."""

Weights = dict[int, Fraction]


@dataclass
class _Elimination:
    """The game that is left, and how it came to that."""

    table: Table
    left: list[list[int]]
    order: list[dict[str, Any]] = field(default_factory=list)
    beliefs: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    undecided: bool = False

    def payoffs(self, agent: int) -> Array:
        """``[own actions left, joint actions of the others left]``."""
        kept = self.table.integers[agent][np.ix_(*self.left)]
        return np.asarray(np.moveaxis(kept, agent, 0).reshape(len(self.left[agent]), -1))

    def others(self, agent: int, column: int) -> list[str]:
        """Labels of the others' joint action in one column of ``payoffs(agent)``."""
        rest = [k for k in range(len(self.left)) if k != agent]
        index = np.unravel_index(column, [len(self.left[k]) for k in rest])
        return [self.table.actions[k][self.left[k][a]] for k, a in zip(rest, index, strict=True)]


def dominance_solvable(table: Table) -> Finding:
    """Whether iterated strict dominance leaves a single joint action; decided exactly.

    Witness: the eliminations in order, each with the mixed strategy that dominates; and, where
    several joint actions survive, for every surviving action of an agent with a choice a belief
    about the others to which it is a best response. ``holds`` is None where a table is too large for
    the linear programs and pure strategies alone did not settle it.
    """
    state = _Elimination(table, [list(range(count)) for count in table.shape])
    while _one_pass(state):
        pass
    survivors = [[own[a] for a in kept] for own, kept in zip(table.actions, state.left, strict=True)]
    witness: dict[str, Any] = {"eliminated": state.order, "survivors": survivors}
    if all(len(kept) == 1 for kept in state.left):
        return Finding(True, witness, NORMAL_FORM)
    if state.undecided:
        return Finding(None, {**witness, "undecided": "too large for mixed dominance"}, NORMAL_FORM)
    return Finding(False, {**witness, "beliefs": list(state.beliefs.values())}, NORMAL_FORM)


def _one_pass(state: _Elimination) -> bool:
    """Test every action once, dropping what is dominated; whether anything was."""
    state.beliefs.clear()
    state.undecided = False
    dropped = False
    for agent in range(len(state.left)):
        for action in list(state.left[agent]):
            if len(state.left[agent]) > 1:
                dropped |= _test(state, agent, action)
    return dropped


def _test(state: _Elimination, agent: int, action: int) -> bool:
    """Drop the action if it is strictly dominated, else keep the belief that supports it."""
    payoffs = state.payoffs(agent)
    row = state.left[agent].index(action)
    advantage = comparable(payoffs - payoffs[row])  # of each own action over this one
    best_somewhere = np.flatnonzero((advantage <= 0).all(axis=0))
    always_better = np.flatnonzero((advantage > 0).all(axis=1))
    dominating: Weights | None = None
    belief: Weights | None = None
    if len(best_somewhere):
        belief = {int(best_somewhere[0]): Fraction(1)}
    elif len(always_better):
        dominating = {int(always_better[0]): Fraction(1)}
    elif payoffs.size <= LARGEST:
        dominating, belief = _by_mixtures(payoffs - payoffs[row])
    labels = state.table.actions[agent]
    place = {"agent": state.table.agents[agent], "action": labels[action]}
    if dominating is not None:
        by = {labels[state.left[agent][k]]: weight for k, weight in dominating.items()}
        state.order.append({**place, "dominated by": by})
        state.left[agent].remove(action)
        return True
    if belief is None:
        state.undecided = True
    else:
        likely = [{"others": state.others(agent, k), "p": weight} for k, weight in belief.items()]
        state.beliefs[agent, action] = {**place, "best response to": likely}
    return False


def _by_mixtures(advantage: Array) -> tuple[Weights | None, Weights | None]:
    """(dominating mixture, None) or (None, belief): the game "challenger against nature", exactly.

    The action is strictly dominated if and only if the value of ``advantage`` is positive. A float
    answer will do where it proves, once read as rationals, which side the value is on.
    """
    found = security(advantage)
    mixture, belief = _read(found.strategy), _read(found.punishment)
    if min(_combine(mixture, advantage)) > 0:
        return mixture, None
    if max(_combine(belief, advantage.T)) <= 0:
        return None, belief
    return None, None


def _read(weights: Array) -> Weights:
    """The positive weights as rationals that sum to one."""
    exact = {k: Fraction(w) for k, w in enumerate(weights.tolist()) if w > 0}
    if is_exact(weights):
        return exact
    total = sum(exact.values(), Fraction(0))
    return {k: weight / total for k, weight in exact.items()}


def _combine(weights: Weights, rows: Array) -> Array:
    return np.asarray(sum(weight * rows[k] for k, weight in weights.items()))
