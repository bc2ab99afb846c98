"""One equilibrium of a two-agent game of any size, exactly, by Lemke and Howson's path.

Lemke & Howson 1964, with integer pivoting and the lexicographic rule, so that degenerate games do
not make it cycle (von Stengel, in *Algorithmic Game Theory*, 2007, ch. 3).
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, freeze, to_floats, to_fractions
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solvers.scaling import to_integer_table


class _Tableau:
    """``payoffs · z + slack = 1`` with ``z, slack ≥ 0``, solved for the basic variables.

    Columns are labels 0 … m+n−1, then the right-hand side. All entries share the denominator
    ``self.scale``, the last pivot.
    """

    def __init__(self, payoffs: Array, own: list[int], slack: list[int]) -> None:
        rows, count = payoffs.shape
        self.entries = np.zeros((rows, rows + count + 1), dtype=object)
        self.entries[:, own] = payoffs - payoffs.min() + 1  # positive: the polytope is bounded
        self.entries[np.arange(rows), slack] = 1
        self.entries[:, -1] = 1
        self.basis = list(slack)
        self.lexicon = [rows + count, *slack]  # decides ties between rows
        self.own, self.scale = own, 1

    def enter(self, label: int) -> int:
        """Bring the label's variable into the basis; the label that leaves is returned."""
        entries, column = self.entries, self.entries[:, label].copy()
        rows = np.flatnonzero(column > 0).tolist()
        for place in self.lexicon:
            ratios = [Fraction(entries[r, place], column[r]) for r in rows]
            least = min(ratios)
            rows = [r for r, ratio in zip(rows, ratios, strict=True) if ratio == least]
            if len(rows) == 1:
                break
        row = rows[0]
        pivot, line = column[row], entries[row].copy()
        entries[:] = (entries * pivot - column[:, None] * line) // self.scale
        entries[row] = line
        self.scale = pivot
        leaving, self.basis[row] = self.basis[row], label
        return leaving

    def strategy(self) -> Array:
        """The basic solution, normalised to a distribution."""
        values = dict(zip(self.basis, self.entries[:, -1], strict=True))
        weights = [values.get(label, 0) for label in self.own]
        total = sum(weights)
        return np.array([Fraction(weight, total) for weight in weights], dtype=object)


def lemke_howson(
    game: NormalForm, exact: bool = False, clock: Clock | None = None, drop: int = 0
) -> Solution:
    """The equilibrium at the end of the path that starts by dropping one label.

    Args:
        game: two agents.
        exact: return ``Fraction`` for a float game too.
        clock: its time limit is kept, its progress called.
        drop: the label, one of the first agent's actions, then the second's.

    Raises:
        GameError: not two agents, or no such label.
        LimitReached: the clock ran out.
    """
    if len(game.agents) != 2:
        raise GameError(f"Lemke-Howson needs two agents; this game has {len(game.agents)}")
    rows, columns = game.shape
    if not 0 <= drop < rows + columns:
        raise GameError(f"drop is {drop}; it must be a label from 0 to {rows + columns - 1}")
    profile, pivots = _path(game, drop, clock or Clock())
    payoffs = to_fractions(game.payoffs)
    values = tuple(profile[0] @ table @ profile[1] for table in payoffs)
    if not (exact or game.exact):
        profile, values = tuple(map(to_floats, profile)), tuple(map(float, values))
    return Solution(
        concept="nash",
        profiles=(tuple(map(freeze, profile)),),
        values=(values,),
        outcome=Outcome.SOLVED,
        complete=False,
        method="lemke-howson",
        why="one equilibrium; others were not searched",
        parameters={"drop": drop, "pivots": pivots},
    )


def _path(game: NormalForm, drop: int, clock: Clock) -> tuple[tuple[Array, ...], int]:
    rows, columns = game.shape
    mine, theirs = list(range(rows)), list(range(rows, rows + columns))
    first, second = (to_integer_table(table)[0] for table in game.payoffs)
    of_first = _Tableau(second.T, mine, theirs)
    of_second = _Tableau(first, theirs, mine)
    current, other = (of_first, of_second) if drop < rows else (of_second, of_first)
    label, pivots = drop, 0
    while True:
        label = current.enter(label)
        pivots += 1
        if label == drop:
            return (of_first.strategy(), of_second.strategy()), pivots
        current, other = other, current
        clock.tick(pivots, 0, "pivots")
