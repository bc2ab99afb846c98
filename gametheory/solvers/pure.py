"""Pure equilibria of games of any number of agents, by exact comparison of payoffs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, as_numbers
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solvers.scaling import comparable

LISTED = 1000
"""Most profiles that are written out; the count of all is always given."""


def pure_joint_actions(game: NormalForm) -> NDArray[np.intp]:
    """``[K, n]``: the joint actions from which no agent gains by changing its own action alone.

    ``payoffs[i, a] = max_{a_i'} payoffs[i, a_i', a^-i]`` for every agent i, compared exactly.
    """
    stable = np.ones(game.shape, dtype=bool)
    for i, payoffs in enumerate(game.payoffs):
        table = comparable(payoffs)
        stable &= np.asarray(table == table.max(axis=i, keepdims=True), dtype=bool)
    return np.argwhere(stable)


def pure_equilibria(
    game: NormalForm, exact: bool = False, clock: Clock | None = None, limit: int = LISTED
) -> Solution:
    """All equilibria in which every agent plays one action.

    The list says nothing about mixed equilibria, so it is complete only for a single agent, whose
    equilibria are the mixtures of its best actions.

    Raises:
        LimitReached: the clock ran out.
    """
    (clock or Clock()).tick()
    found = pure_joint_actions(game)
    listed = found[:limit]
    exact = exact or game.exact
    unit = [[_one_hot(a, count, exact) for a in range(count)] for count in game.shape]
    profiles = tuple(tuple(unit[i][a] for i, a in enumerate(joint)) for joint in listed)
    alone = len(game.agents) == 1 and len(listed) == len(found)
    return Solution(
        concept="nash",
        profiles=profiles,
        values=tuple(tuple(game.payoffs[(slice(None), *joint)].tolist()) for joint in listed),
        outcome=Outcome.SOLVED if alone else Outcome.PARTIAL if profiles else Outcome.NOT_FOUND,
        complete=alone,
        method="pure",
        why=_account(len(found), len(listed), alone),
        components=(tuple(range(len(profiles))),) if alone else (),
        parameters={"pure_equilibria": len(found)},
    )


def _account(found: int, listed: int, alone: bool) -> str:
    if alone:
        return "one agent: its equilibria are the mixtures of its best actions"
    if listed < found:
        return f"the first {listed} of {found} pure equilibria; mixed ones were not searched"
    if not found:
        return "there is no pure equilibrium; mixed ones were not searched"
    return f"all {found} pure equilibria; mixed ones were not searched"


def _one_hot(action: int, count: int, exact: bool) -> Array:
    one, zero = (1, 0) if exact else (1.0, 0.0)
    return as_numbers([one if a == action else zero for a in range(count)], "strategy")
