"""External-sampling Monte Carlo CFR, for games whose trees do not fit.

A walk for agent i tries all its actions and samples everything else: chance, and what the others do
under their current strategies. At an own information set h the action a gained, in that sample, what
the walk below it returned, and ``regret(h, a) += gain(a) − Σ_b σ(b) gain(b)``; next time regrets are
matched. Positions are unfolded from the game's rules as walks come by them, and only information
sets that were met are kept.

The average strategies are what approaches an equilibrium of two-agent zero-sum games, NashConv as
O(1/√T) with high probability; of other games nothing is promised.

Source: Lanctot, Waugh, Zinkevich & Bowling, *Monte Carlo Sampling for Regret Minimization in
Extensive Games*, NIPS 2009.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError, LimitReached
from gametheory.extensive.growth import HORIZON_NEEDED, count_nodes
from gametheory.extensive.history_laws import history_policies
from gametheory.extensive.mccfr_walks import Walks
from gametheory.extensive.yardstick import Yardstick
from gametheory.numerics import freeze
from gametheory.posg import POSG
from gametheory.solution import Outcome, Solution, Trace
from gametheory.solvers.clock import Clock
from gametheory.tables.rules import rules

MEASURED = 20_000
"""Nodes of the whole tree up to which NashConv is measured on the way."""

PLAYS = 10_000
"""Plays from which the values are estimated where the tree is larger."""


def mccfr(
    game: POSG | AECG,
    exact: bool = False,
    clock: Clock | None = None,
    *,
    iterations: int = 100_000,
    seed: int = 0,
    horizon: int | None = None,
) -> Solution:
    """Average strategies of external-sampling CFR, one policy over own histories per agent.

    The trace has "information_sets" met so far and, where the tree is small enough to be measured,
    "nash_conv". Values are estimates from sampled plays where it is not; ``parameters`` then has
    their standard errors. The same seed gives the same answer.

    Args:
        game: any number of agents.
        exact: refused: the method samples.
        clock: its time limit is kept; what was reached by then is returned.
        iterations: how many; each walks once for every agent.
        seed: of all that is drawn.
        horizon: in the game's own steps; None: until play ends, which it must.

    Raises:
        GameError: ``exact``, no iteration, or play may go on for ever and no horizon is given.
    """
    if exact:
        raise GameError("Monte Carlo CFR samples; ask sequence-form for an exact answer")
    if iterations < 1:
        raise GameError(f"iterations is {iterations}; it must be at least 1")
    if horizon is not None and horizon < 0:
        raise GameError(f"horizon is {horizon}; it must be at least 0")
    clock, law = clock or Clock(), rules(game)
    size = count_nodes(law, horizon)
    if size is None:
        raise GameError(HORIZON_NEEDED)
    run = Walks(law, horizon, seed)
    yardstick = Yardstick(game, horizon) if size <= MEASURED else None
    outcome, record = _until(run, iterations, clock, yardstick)
    return _solution(game, run, outcome, record, yardstick)


class _Record(NamedTuple):
    iterations: int
    information_sets: int
    nash_conv: float


def _until(
    run: Walks, iterations: int, clock: Clock, yardstick: Yardstick | None
) -> tuple[Outcome, list[_Record]]:
    """Iterate, with a record at growing intervals, a fifth of what was done."""
    record: list[_Record] = []
    outcome, due = Outcome.ITERATION_LIMIT, 1
    while run.done < iterations:
        run.iterate()
        if run.done == due or run.done == iterations:
            due += max(1, due // 5)
            record.append(_measured(run, yardstick))
        try:
            clock.tick(run.done, iterations, "" if run.done % 64 else f"{run.count:,} information sets")
        except LimitReached:
            outcome = Outcome.TIME_LIMIT
            break
    if record[-1].iterations < run.done:
        record.append(_measured(run, yardstick))
    return outcome, record


def _measured(run: Walks, yardstick: Yardstick | None) -> _Record:
    nash_conv = yardstick.nash_conv(run.averages()) if yardstick else np.nan
    return _Record(run.done, run.count, nash_conv)


def _solution(
    game: POSG | AECG, run: Walks, outcome: Outcome, record: list[_Record], yardstick: Yardstick | None
) -> Solution:
    iterations, sets, nash_convs = (freeze(np.array(column)) for column in zip(*record, strict=True))
    quantities = {"information_sets": sets}
    parameters: dict[str, Any] = {"iterations": run.done, "seed": run.seed, "horizon": run.horizon}
    if yardstick:
        quantities["nash_conv"] = nash_convs
        values, reached = yardstick.values(run.averages()), f"NashConv {record[-1].nash_conv:.3g}"
    else:
        values, errors = run.estimate(PLAYS)
        parameters["standard_errors"] = errors
        reached = f"values from {PLAYS:,} plays; NashConv was not measured"
    promise = "" if len(game.agents) == 2 else "; with more than two agents nothing is promised"
    return Solution(
        concept="nash",
        profiles=(history_policies(game, run.averages()),),
        values=(values,),
        outcome=outcome,
        complete=False,
        method="mccfr",
        why=f"external sampling, {run.done:,} iterations, {run.count:,} information sets met, {reached}{promise}",
        parameters=parameters,
        trace=Trace(iterations, quantities),
    )
