"""Two-agent zero-sum and constant-sum games, and security values, by linear programming.

The security value of a payoff table T ``[own actions, opposing actions]`` is

    max_x min_j Σ_i x_i T[i, j] = min_y max_i Σ_j T[i, j] y_j

(von Neumann 1928); x is the maximin strategy and y the punishment that proves it best.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, freeze, is_exact, to_fractions
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solvers.exact_repair import exact_optimum
from gametheory.solvers.scaling import to_integer_table

SUM_TOLERANCE = 1e-12
"""How far payoff sums of a float game may be apart, as a share of the payoff range: rounding of 1 − p."""


@dataclass(frozen=True)
class Security:
    """The security value of a payoff table with the two strategies that prove it."""

    strategy: Array  # [own actions]
    punishment: Array  # [opposing actions]
    value: Number
    """What ``strategy`` guarantees: ``min_j Σ_i x_i T[i, j]``."""
    gap: Number
    """``max_i Σ_j T[i, j] y_j − value``: no strategy guarantees more than value + gap."""


def security(table: Array, exact: bool = False, clock: Clock | None = None) -> Security:
    """Maximin strategy, punishment and security value of ``table[own, opposing]``.

    Payoffs are moved and scaled to [0, 1] before HiGHS sees them. For an exact answer its basis is
    solved again in rationals and kept only if both strategies are then exactly optimal; where that
    fails the floats are returned, with their gap.

    Args:
        table: ``[own actions, opposing actions]``.
        exact: rationals are wanted for a float table too.
        clock: its time limit is kept.

    Raises:
        LimitReached: the clock ran out.
        ArithmeticError: HiGHS gave up.
    """
    clock = clock or Clock()
    unit_table = _to_unit_interval(table)
    x, y = _linear_program(unit_table, clock)
    if exact or is_exact(table):
        clock.tick(note="solving the basis in rationals")
        integers, unit = to_integer_table(table)
        repaired = exact_optimum(integers, unit_table, x, y, clock)
        if repaired is not None:
            return Security(freeze(repaired[0]), freeze(repaired[1]), repaired[2] * unit, Fraction(0))
    low, high = Fraction(table.min()), Fraction(table.max())
    guaranteed, allowed = float((x @ unit_table).min()), float((unit_table @ y).max())
    value = float(low + (high - low) * Fraction(guaranteed))
    return Security(
        freeze(x), freeze(y), value, float((high - low) * Fraction(max(0.0, allowed - guaranteed)))
    )


def _to_unit_interval(table: Array) -> Array:
    """``(table − min) / (max − min)`` as floats, each entry within two roundings of the exact one."""
    if is_exact(table):
        integers, _ = to_integer_table(table)
        low, width = integers.min(), (integers.max() - integers.min()) or 1
        flat = [(entry - low) / width for entry in integers.ravel()]  # int / int rounds correctly
        return np.array(flat, dtype=np.float64).reshape(table.shape)
    _, exponent = np.frexp(np.abs(table).max())
    scaled = np.ldexp(table, -exponent)  # so that max − min neither overflows nor vanishes
    moved = scaled - scaled.min()
    return np.asarray(moved / (moved.max() or 1.0))


def _linear_program(table: Array, clock: Clock) -> tuple[Array, Array]:
    """Optimal strategies of both sides: maximise v subject to ``v ≤ Σ_i x_i T[i, j]``, x in the simplex."""
    from scipy.optimize import linprog

    rows, columns = table.shape
    result: Any = linprog(
        c=np.append(np.zeros(rows), -1.0),
        A_ub=np.hstack([-table.T, np.ones((columns, 1))]),
        b_ub=np.zeros(columns),
        A_eq=np.append(np.ones(rows), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * rows + [(None, None)],
        method="highs",
        options={} if clock.remaining is None else {"time_limit": clock.remaining},
    )
    if result.status == 1:
        raise LimitReached("the time limit was reached inside the linear program")
    if result.status != 0:
        raise ArithmeticError(f"HiGHS did not solve the linear program: {result.message}")
    return _distribution(result.x[:-1]), _distribution(-result.ineqlin.marginals)


def _distribution(weights: Array) -> Array:
    positive = np.clip(weights, 0.0, None)
    return np.asarray(positive / positive.sum())


def zero_sum(game: NormalForm, exact: bool = False, clock: Clock | None = None) -> Solution:
    """One equilibrium of a two-agent zero-sum or constant-sum game: a pair of maximin strategies.

    ``parameters`` gives the duality gap, the most either agent could gain.

    Raises:
        GameError: the payoffs do not sum to one constant; the message names two cells.
        LimitReached: the clock ran out.
    """
    constant = constant_sum(game, exact)
    found = security(game.payoffs[0], exact, clock)
    other = constant - found.value
    why = "one equilibrium; all of a zero-sum game's equilibria have the same value"
    if (exact or game.exact) and not is_exact(found.strategy):
        why += f"; its rationals could not be recovered, so these are floats with duality gap {found.gap:.1e}"
    return Solution(
        concept="nash",
        profiles=((found.strategy, found.punishment),),
        values=((found.value, other),),
        outcome=Outcome.SOLVED,
        complete=False,
        method="linear-program",
        why=why,
        parameters={"duality_gap": found.gap},
    )


def constant_sum(game: NormalForm, exact: bool = False) -> Number:
    """The constant that all joint actions' payoffs of a two-agent game sum to.

    Exact games must meet it exactly, and float games with ``exact``; otherwise float games within
    ``SUM_TOLERANCE`` of the payoff range.

    Raises:
        GameError: not two agents, or not constant-sum; the message names two cells.
    """
    if len(game.agents) != 2:
        raise GameError(f"a zero-sum solver needs two agents; this game has {len(game.agents)}")
    exact = exact or game.exact
    payoffs = to_fractions(game.payoffs) if exact else game.payoffs / 2  # halves: no sum overflows
    sums = payoffs[0] + payoffs[1]
    allowed = 0 if exact else SUM_TOLERANCE * float(np.ptp(payoffs[0]) + np.ptp(payoffs[1]))
    if sums.max() - sums.min() > allowed:
        least, most = (_cell(game, sums, int(flat)) for flat in (sums.argmin(), sums.argmax()))
        raise GameError(
            f"the game is not constant-sum: payoffs sum to {least} and to {most}; "
            "use vertex enumeration, or the maximin concept"
        )
    return sums[0, 0] if exact else 2 * float(sums[0, 0])


def _cell(game: NormalForm, sums: Array, flat: int) -> str:
    a, b = np.unravel_index(flat, sums.shape)
    total = game.payoffs[0, a, b] + game.payoffs[1, a, b]
    return f"{total} at ({game.actions[0][a]}, {game.actions[1][b]})"


def maximin(game: NormalForm, exact: bool = False, clock: Clock | None = None) -> Solution:
    """Each of two agents' maximin strategy; ``values`` are what they guarantee, their security values.

    ``parameters["punishments"][i]`` is the opponent's strategy that holds agent i to its value, and
    ``parameters["gaps"][i]`` how much more than its value agent i could at most guarantee.

    Raises:
        GameError: the game does not have two agents.
        LimitReached: the clock ran out.
    """
    if len(game.agents) != 2:
        raise GameError(
            f'maximin needs two agents and this game has {len(game.agents)}; ask for concept "nash"'
        )
    found = [security(table, exact, clock) for table in (game.payoffs[0], game.payoffs[1].T)]
    return Solution(
        concept="maximin",
        profiles=(tuple(own.strategy for own in found),),
        values=(tuple(own.value for own in found),),
        outcome=Outcome.SOLVED,
        complete=False,
        method="linear-program",
        why="one maximin strategy of each agent; the value is unique, the strategy need not be",
        parameters={
            "punishments": tuple(own.punishment for own in found),
            "gaps": tuple(own.gap for own in found),
        },
    )
