"""The repeated prisoner's dilemma, its strategies of memory one, and when they are equilibria.

With the payoffs T > R > P > S of tempting, rewarding, punishing and being the sucker, played for ever:

    grim trigger against itself is an equilibrium  ⇔  γ ≥ (T − R) / (T − P)
    tit for tat against itself                     ⇔  γ ≥ max((T − R) / (T − P), (T − R) / (R − S))

since after a deviation grim trigger leaves P for ever, and tit for tat the choice between defecting on
and alternating (J. W. Friedman, Review of Economic Studies 38, 1971; R. Axelrod,
The Evolution of Cooperation, 1984, appendix B). To a horizon, backward induction leaves defecting alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gametheory.catalogue.sequential.repeated import repeated_by_name
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Number, as_numbers
from gametheory.policy import TablePolicy
from gametheory.posg import POSG

COOPERATE, DEFECT = range(2)
START = 4
"""The row of the first round, after those of the four joint actions in C order."""


def prisoners_dilemma(times: int | None = 5, discount: Number = 1) -> POSG:
    """The prisoner's dilemma, several rounds or (times none, discount below 1) for ever.

    See ``gametheory.catalogue.sequential.repeated``.
    """
    return repeated_by_name("prisoners-dilemma", times, discount)


def memory_one(first: int, after: Sequence[int]) -> TablePolicy:
    """The policy that plays ``first``, and later what ``after[own last, other's last]`` says, four actions."""
    table = np.zeros((5, 2), dtype=np.int64)
    table[START, first] = 1
    table[range(4), list(after)] = 1
    return TablePolicy(as_numbers(table, "table"))


def grim_trigger() -> TablePolicy:
    """Cooperate as long as both have."""
    return memory_one(COOPERATE, (COOPERATE, DEFECT, DEFECT, DEFECT))


def tit_for_tat() -> tuple[TablePolicy, TablePolicy]:
    """Cooperate, then do what the other did last; one policy per agent, as both see the joint action."""
    first = memory_one(COOPERATE, (COOPERATE, DEFECT, COOPERATE, DEFECT))
    return first, memory_one(COOPERATE, (COOPERATE, COOPERATE, DEFECT, DEFECT))


def trigger_discount(game: NormalForm) -> Number:
    """The least γ at which grim trigger is an equilibrium: ``max_i (T − R) / (T − P)``.

    Raises:
        GameError: the game is no prisoner's dilemma of two agents.
    """
    return max((t - r) / (t - p) for t, r, p, _ in _payoffs(game))


def tit_for_tat_discount(game: NormalForm) -> Number:
    """The least γ at which tit for tat is one: ``max_i max((T − R) / (T − P), (T − R) / (R − S))``.

    Raises:
        GameError: the game is no prisoner's dilemma of two agents.
    """
    return max(max((t - r) / (t - p), (t - r) / (r - s)) for t, r, p, s in _payoffs(game))


def _payoffs(game: NormalForm) -> list[tuple[Number, Number, Number, Number]]:
    """T, R, P and S of either agent."""
    if game.shape != (2, 2):
        raise GameError(f"the game has shape {list(game.shape)}; a prisoner's dilemma is 2 × 2")
    out = []
    for i in range(2):
        own = np.moveaxis(game.payoffs[i], i, 0)
        t, r, p, s = (
            own[DEFECT, COOPERATE],
            own[COOPERATE, COOPERATE],
            own[DEFECT, DEFECT],
            own[COOPERATE, DEFECT],
        )
        if not t > r > p > s:
            raise GameError(f"agent {game.agents[i]} is in no prisoner's dilemma: T > R > P > S fails")
        out.append((t, r, p, s))
    return out


REPEATED: dict[str, Callable[..., POSG]] = {
    "repeated": repeated_by_name,
    "repeated-prisoners-dilemma": prisoners_dilemma,
}
"""By name, with their parameters."""
