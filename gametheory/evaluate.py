"""What given policies are worth, exactly: ``J^i(π) = E[Σ_t Γ_t r^i_{t+1}]``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError, LimitReached
from gametheory.numerics import Number
from gametheory.planning.chain import Chain, check_horizon
from gametheory.planning.markov import endless, solve_chain
from gametheory.planning.points import POINT_LIMIT, Points
from gametheory.policies.history import actors
from gametheory.policy import Policy
from gametheory.posg import POSG
from gametheory.tables.rules import rules


def evaluate(game: POSG | AECG, profile: Sequence[Policy], horizon: int | None = None) -> tuple[Number, ...]:
    """``J^i(π) = E[Σ_{t < horizon} Γ_t r^i_{t+1}]`` of every agent, with ``Γ_t = Π_{k<t} γ(s_k)``.

    With a horizon: the law of points (state, pending observations, memories), one step after the
    other. Without: one linear system over the points that can be reached. Exact for exact games
    and policies; floats within rounding otherwise.

    Args:
        game: a POSG or an AECG.
        profile: one policy per agent, each a ``FinitePolicy`` or any ``StochasticPolicy``.
        horizon: how many steps are played, in the game's own steps (t steps of a POSG are
            1 + t(n + 1) steps of the AECG made from it); None: until play ends.

    Raises:
        GameError: an illegal action; or no horizon, and play may go on for ever at γ = 1 or the
            policies have too many memories.
    """
    game_rules = rules(game)
    return value(Chain(game_rules, actors(game_rules, profile)), horizon)


def value(chain: Chain, horizon: int | None) -> tuple[Number, ...]:
    """``J`` of every agent in a chain of points."""
    check_horizon(horizon)
    return _to_the_end(chain) if horizon is None else _to_horizon(chain, horizon)


def _to_horizon(chain: Chain, horizon: int) -> tuple[Number, ...]:
    points = Points(chain)
    weights = points.first()  # of each point: probability times accumulated discount
    totals = np.zeros(len(chain.actors), dtype=object)
    for _ in range(horizon):
        known = len(points.order)
        points.expand()
        if len(points.order) - known > POINT_LIMIT:
            raise LimitReached(f"more than {POINT_LIMIT:,} histories to tell apart; give a shorter horizon")
        totals = totals + (points.rewards[:, :known] * weights).sum(axis=1)
        weights = points.after(weights)
    return tuple(map(chain.rules.number, totals.tolist()))


def _to_the_end(chain: Chain) -> tuple[Number, ...]:
    points, known = Points(chain), -1
    while known < len(points.order):
        known = len(points.order)
        points.expand()
        if len(points.order) > POINT_LIMIT:
            raise GameError(
                f"more than {POINT_LIMIT:,} points of play to tell apart (the policies may remember "
                "without bound); give a horizon"
            )
    rows = points.rows()
    lost = endless(rows, points.leaks.tolist())
    if lost:
        raise GameError(
            f"no value without a horizon: from {chain.rules.name(points.order[lost[0]].position.state)} on play "
            "never ends and γ = 1; give a horizon, a discount below 1 or terminal states"
        )
    values = solve_chain(rows, points.rewards.T.tolist())
    return tuple(
        chain.rules.number(sum(p * values[k][i] for p, k in points.openings))
        for i in range(len(chain.actors))
    )
