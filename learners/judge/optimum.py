"""The best that agents with one interest can do together: what NashConv alone does not tell. No torch.

A joint policy from which no agent gains alone may be far from the best one. Where all agents are paid
alike the best value is known: of a matrix its largest entry; of one agent whatever it gets plus its
regret; of a team in a POSG what ``solve(…, "optimal")`` proves in a few seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_floats
from gametheory.planning.memoryless import best_memoryless
from gametheory.posg import POSG
from gametheory.solution import Outcome
from gametheory.solve import solve
from gametheory.streams import seed_keys
from learners.judge.reference import Reference

SECONDS = 10.0
"""Time for proving a team's optimum."""
MEMORYLESS = 300
"""Most joint policies without memory that are tried."""


class Optimum(NamedTuple):
    """What there is to reach."""

    value: float | None
    """Largest expected return of a joint policy; None: not proved in the time there is."""
    memoryless: float | None
    """The same among deterministic policies of the latest observation; None: too many to try, or no such game."""


def optimum(reference: Reference, horizon: int | None) -> Optimum | None:
    """The optimum of a game whose agents are all paid alike; None for other games."""
    formal = reference.formal
    if isinstance(formal, NormalForm):
        payoffs = to_floats(formal.payoffs)
        return Optimum(float(payoffs[0].max()), None) if np.all(payoffs == payoffs[:1]) else None
    if not isinstance(formal, POSG):
        return None
    paid = formal.branches.expected_rewards
    if not np.all(paid == paid[:1]):
        return None
    alone = len(formal.agents) == 1
    value = _alone(reference, formal.action_counts[0]) if alone else _team(formal, horizon)
    return Optimum(value, _memoryless(formal, horizon))


def _alone(reference: Reference, actions: int) -> float:
    """``J(π) + regret(π)``, the same for every policy π."""
    policy: Any = _Uniform(actions)
    point = reference.point([policy], (), seed_keys(0, 1))
    return float(reference.values(point)[0] + reference.regrets(point)[0])


@dataclass(frozen=True)
class _Uniform:
    """Any legal action, whatever is seen."""

    actions: int

    takes_legal: ClassVar[bool] = True

    def start(self, batch: int) -> None:
        return None

    def probabilities(self, carry: None, observation: Array, legal: Array | None = None) -> Array:
        weights = np.ones((len(observation), self.actions)) if legal is None else legal.astype(np.float64)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@lru_cache(maxsize=8)
def _team(posg: POSG, horizon: int | None) -> float | None:
    try:
        found = solve(posg, "optimal", horizon=horizon, time_limit=SECONDS)
    except (GameError, LimitReached):
        return None
    return float(found.values[0][0]) if found.outcome is Outcome.SOLVED else None


@lru_cache(maxsize=8)
def _memoryless(posg: POSG, horizon: int | None) -> float | None:
    try:
        return float(best_memoryless(posg, horizon, most=MEMORYLESS).value)
    except (GameError, LimitReached):
        return None
