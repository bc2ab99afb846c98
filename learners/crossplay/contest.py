"""Cross-play from end to end: runs in, payoffs, rankings and the meta-game's equilibria out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gametheory.errors import GameError, LimitReached, UnknownName
from gametheory.normal_form import NormalForm
from gametheory.solution import Solution
from learners.crossplay.blend import mixed
from learners.crossplay.entrants import CHECKPOINTS, Entrant, Field, enter
from learners.crossplay.ranking import Ranking, Scores, constant_sum, matches, rank
from learners.crossplay.resampling import Stability, of_plays
from learners.crossplay.sides import asked_sides
from learners.crossplay.table import Table, Told, evaluate_all
from learners.judge.reference import nash_conv
from learners.running.runs import RunFolder

PLAYS = 1_000
"""Plays of each joint choice where payoffs are estimated."""
LISTED = 8
"""Entrants of a two-sided meta-game up to which all its equilibria are listed."""
SECONDS = 20.0
"""For the equilibria."""


@dataclass(frozen=True, eq=False)
class CrossPlay:
    """Entrants of one game played against each other, and what follows."""

    game: str
    field: Field
    table: Table
    ranking: Ranking
    stability: dict[str, Stability]
    """By kind of ranking; empty where payoffs are exact."""
    solution: Solution | None
    """Of the meta-game on the payoffs as they were found."""
    unsolved: str
    """Why there is no solution, where there is none."""
    plays: int
    seed: int

    nash_conv: float | None = None
    """Of the meta-game's first equilibrium in the whole game; None where that is not known."""

    @property
    def entrants(self) -> tuple[Entrant, ...]:
        return self.field.entrants


def cross_play(
    runs: Sequence[Path | RunFolder],
    *,
    sides: str | None = None,
    checkpoints: str = "last",
    plays: int = PLAYS,
    seed: int = 0,
    labels: Sequence[str] | None = None,
    told: Told = lambda done, total: None,
) -> CrossPlay:
    """Play the policies of runs against each other.

    Args:
        runs: folders of runs of one game.
        sides: which agents one entrant plays together (``learners.crossplay.sides.asked_sides``); None: the
            game's teams, else every agent for itself.
        checkpoints: ``last`` or ``all``.
        plays: of each joint choice, where payoffs cannot be computed.
        seed: of the plays.
        labels: what to call the runs.
        told: called with how many joint choices are done, and of how many.

    Raises:
        UnknownName: no such agent, team or kind of checkpoints.
        GameError: runs that cannot be put together, or too many joint choices.
    """
    if checkpoints not in CHECKPOINTS:
        raise UnknownName("kind of checkpoints", checkpoints, CHECKPOINTS)
    opened = [run if isinstance(run, RunFolder) else RunFolder.open(run) for run in runs]
    field = enter(opened, checkpoints, labels)
    if len(field.entrants) < 2:
        raise GameError(
            "there is one entrant only; give more runs, or --checkpoints all for one run against itself"
        )
    table = evaluate_all(field, asked_sides(sides, field.environment.game), plays=plays, seed=seed, told=told)
    return concluded(opened[0].config.game, field, table, plays, seed)


def concluded(game: str, field: Field, table: Table, plays: int, seed: int) -> CrossPlay:
    """Rankings and equilibria of a table."""
    scores = None
    if table.samples is not None and len(table.sides) == 2:
        scores = Scores(matches(table.samples, table.ranges).mean(axis=0), plays)
    ranking = rank(table.payoffs, table.ranges, scores)
    stability = {} if table.samples is None else of_plays(table.samples, table.ranges, seed)
    solution, why = solved(table)
    whole = None if solution is None else _nash_conv(field, table, solution)
    return CrossPlay(game, field, table, ranking, stability, solution, why, plays, seed, whole)


def _nash_conv(field: Field, table: Table, solution: Solution) -> float | None:
    """What can still be gained over the first equilibrium by policies that did not enter."""
    reference = field.monitor.reference
    if reference is None or not table.parts or any(len(side.agents) > 1 for side in table.sides):
        return None
    weights = {side.agents[0]: own for side, own in zip(table.sides, solution.profiles[0], strict=True)}
    agents = sorted(weights)
    parts = [[part[agent] for part in table.parts] for agent in agents]
    profile = mixed(reference, parts, [weights[agent] for agent in agents])
    return None if profile is None else nash_conv(reference, profile)


def solved(table: Table) -> tuple[Solution | None, str]:
    """The meta-game's equilibria, certified on the payoffs as they are; or None and why.

    A constant sum is solved by a linear program: Nash averaging says which of several equilibria counts.
    Policies that mix make payoff tables of low rank, whose equilibria are many and not worth listing.
    """
    from gametheory.solve import solve

    game, count = table.game(), len(table.names)
    try:
        if len(table.sides) > 2:
            return _found(solve(game, time_limit=SECONDS))
        total = constant_sum(table.payoffs, float(table.ranges.mean()))
        if total is not None:
            return _found(solve(_exactly_constant(game, total), method="linear-program"))
        if count <= LISTED:
            return _found(solve(game, time_limit=SECONDS))
        return _found(solve(game, method="lemke-howson", time_limit=SECONDS))
    except (GameError, LimitReached) as error:
        return None, str(error)


def _found(solution: Solution) -> tuple[Solution | None, str]:
    return (solution, "") if solution.profiles else (None, f"{solution.outcome}: {solution.why}")


def _exactly_constant(game: NormalForm, total: float) -> NormalForm:
    """The second side's payoffs as the total less the first's: apart by rounding alone."""
    first = game.payoffs[0]
    return NormalForm(np.stack([first, total - first]), agents=game.agents, actions=game.actions)
