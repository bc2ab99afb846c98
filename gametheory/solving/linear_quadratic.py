"""From a linear-quadratic game to certified gains: picks a method, runs it, certifies.

The counterpart of ``gametheory.solve`` for these games.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gametheory.certificates.linear_quadratic import certify_gains
from gametheory.continuous.lq.model import LinearQuadraticGame
from gametheory.continuous.lq.scalar import is_scalar
from gametheory.errors import GameError, LimitReached
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solving.methods import LINEAR_QUADRATIC, chosen


def solve_linear_quadratic(
    game: LinearQuadraticGame,
    concept: str,
    clock: Clock,
    *,
    all_equilibria: bool = False,
    exact: bool = False,
    method: str | None = None,
    horizon: int | None = None,
    options: Mapping[str, Any],
) -> Solution:
    """The part of ``gametheory.solve`` that a linear-quadratic game goes through.

    Profiles are one gain per agent: ``[d_i, n]`` without a horizon, ``[H, d_i, n]`` with one.

    Raises:
        UnknownName: no such concept or method.
        GameError: a method that does not fit the horizon.
    """
    name, reason = (method, "as asked") if method else _choose(game, horizon)
    run = chosen(LINEAR_QUADRATIC, "linear-quadratic games", concept, name)
    if "horizon" in run.options():
        options = {**options, "horizon": horizon}
    elif horizon is not None:
        raise GameError(f"{name} finds gains for ever; drop --horizon, or use --method coupled-riccati")
    try:
        found = run(game, exact, clock, options)
    except LimitReached as limit:
        found = Solution(concept, (), (), Outcome.TIME_LIMIT, complete=False, method=name, why=str(limit))
    if all_equilibria and not found.complete and found.outcome is Outcome.SOLVED:
        found = replace(found, outcome=Outcome.PARTIAL)
    parameters = {**found.parameters, "horizon": horizon}
    return _certified(game, replace(found, why=f"{reason}: {found.why}", parameters=parameters), exact)


def _choose(game: LinearQuadraticGame, horizon: int | None) -> tuple[str, str]:
    if horizon is not None:
        return "coupled-riccati", f"a horizon of {horizon}"
    if is_scalar(game) and game.B[1].any():
        return "scalar-resultant", "two agents, one state and one action each, for ever"
    return "multi-start", "for ever"


def _certified(game: LinearQuadraticGame, found: Solution, exact: bool) -> Solution:
    """The same solution with certificates, without the profiles that have none."""
    played = game.fractions if exact else game
    grades = [certify_gains(played, profile, found.parameters["horizon"]) for profile in found.profiles]
    kept = [k for k, grade in enumerate(grades) if grade.holds]
    kept_only = replace(
        found,
        profiles=tuple(found.profiles[k] for k in kept),
        values=tuple(found.values[k] for k in kept),
        certificates=tuple(grades[k] for k in kept),
    )
    lost = len(grades) - len(kept)
    if not lost:
        return kept_only
    # Stationary points of the gradients that are no equilibria: with indefinite costs there are such.
    why = f"{found.why}; {lost} of {len(grades)} solutions of the first-order conditions are no equilibria"
    outcome = found.outcome if kept or found.outcome is Outcome.TIME_LIMIT else Outcome.NOT_FOUND
    return replace(kept_only, outcome=outcome, why=why)
