"""Stochastic games of any number of agents to a horizon, by backward induction over stage games."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import freeze
from gametheory.policies.controllers import Controller
from gametheory.posg import POSG
from gametheory.solution import Outcome, Solution
from gametheory.solvers.batch import solve_batch
from gametheory.solvers.batch.nash import GameSolver
from gametheory.solvers.clock import Clock
from gametheory.stochastic.stages import Floats, Stages, read_stages


@dataclass(frozen=True)
class _Plan:
    values: Floats  # [H + 1, n, K], of what is left with that many steps played
    strategies: tuple[Floats, ...]  # per agent [H, K, A_i]
    unsolved: str
    """Where no equilibrium was found; "" where all were."""


def backward_induction(
    game: POSG, horizon: int, solver: GameSolver | None = None, clock: Clock | None = None
) -> Solution:
    """A Markov perfect equilibrium: in every state and at every time an equilibrium of the stage game.

    The stage game is ``Q_t^i(s, a) = R^i(s, a) + γ(s) Σ_s' P(s' | s, a) V_{t+1}^i(s')``; ``V_t^i(s)`` is
    what that equilibrium is worth, ``V_H = 0``.

    All states' stage games of one time are one call of ``solve_batch``, whose choice of an equilibrium
    it is. Other equilibria of the stage games may lead to other answers.

    Args:
        game: any number of agents, states observed, nobody ever sees ⊥ (then it could not count steps).
        horizon: how many steps are played.
        solver: for stage games of three and more agents without a pure equilibrium.
        clock: its time limit is kept.

    Returns:
        One profile of ``Controller``s that count steps; in ``parameters``: ``state_values [H, n, S]`` and
        ``state_policies``, per agent ``[H, S, A_i]``. No profile where a stage game was not solved.

    Raises:
        GameError: the game is not of this kind, or the horizon is not a positive whole number.
        LimitReached: the clock ran out.
    """
    if not isinstance(horizon, int) or isinstance(horizon, bool) or horizon < 1:
        raise GameError(f"horizon is {horizon}; it must be a whole number from 1 on")
    stages = read_stages(game)
    if np.asarray(game.null)[stages.states].any():
        raise GameError(
            "an agent sees ⊥ in some state and cannot count steps; solve the unrolled tree instead"
        )
    plan = _plan(stages, horizon, solver, clock or Clock())
    return _solution(stages, horizon, plan)


def _plan(stages: Stages, horizon: int, solver: GameSolver | None, clock: Clock) -> _Plan:
    count, n = len(stages), len(stages.counts)
    values = np.zeros((horizon + 1, n, count))
    strategies = tuple(np.zeros((horizon, count, actions)) for actions in stages.counts)
    for t in reversed(range(horizon)):
        clock.tick(horizon - t, horizon, "steps")
        tables = np.stack([stages.rewards[i] + stages.after(values[t + 1, i]) for i in range(n)], axis=1)
        found = solve_batch(
            tables.reshape(count, n, *stages.counts), legal=stages.legal, solver=solver, clock=clock
        )
        values[t] = found.values.T
        for table, own in zip(strategies, found.strategies, strict=True):
            table[t] = own
        if not found.solved.all():
            where = stages.game.states[stages.states[found.unsolved[0]]]
            return _Plan(
                values, strategies, f"the stage game of state {where} after {t} steps was not solved"
            )
    return _Plan(values, strategies, "")


def _solution(stages: Stages, horizon: int, plan: _Plan) -> Solution:
    if plan.unsolved:
        return Solution(
            "nash", (), (), Outcome.NOT_FOUND, complete=False, method="backward-induction", why=plan.unsolved
        )
    state_values = np.zeros((horizon, len(stages.counts), len(stages.game.states)))
    state_values[:, :, stages.states] = plan.values[:-1]
    policies = []
    for own in plan.strategies:
        table = np.zeros((horizon, len(stages.game.states), own.shape[2]))
        table[:, stages.states] = own
        policies.append(freeze(table))
    return Solution(
        concept="nash",
        profiles=(tuple(_counting(stages, i, own) for i, own in enumerate(plan.strategies)),),
        values=(tuple((plan.values[0] @ stages.initial).tolist()),),
        outcome=Outcome.SOLVED,
        complete=False,
        method="backward-induction",
        why="one Markov perfect equilibrium; others were not searched",
        parameters={
            "horizon": horizon,
            "state_values": freeze(state_values),
            "state_policies": tuple(policies),
        },
    )


def _counting(stages: Stages, agent: int, strategies: Floats) -> Controller:
    """The policy that plays ``strategies[t]`` at its own move number t."""
    tables = np.stack([stages.policy_table(agent, own) for own in strategies])  # [H, |Ω^i| + 1, A_i]
    following = np.minimum(np.arange(len(tables)) + 1, len(tables) - 1)
    return Controller(tables, np.broadcast_to(following[:, None, None], tables.shape).copy())
