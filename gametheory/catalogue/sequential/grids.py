"""Games on a grid: Littman's soccer, pursuit and evasion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from gametheory.numerics import Number
from gametheory.posg import POSG
from gametheory.tables.assemble import to_posg
from gametheory.tables.listed import Observations, Outcome, explore

MOVES = {"north": (-1, 0), "south": (1, 0), "east": (0, 1), "west": (0, -1), "stand": (0, 0)}
Cell = tuple[int, int]
"""Row from the top, column from the left."""


class Pitch(NamedTuple):
    """Where A and B stand and who has the ball (0 or 1); -1 for the ball once it is in a goal."""

    cells: tuple[Cell, Cell]
    ball: int

    def __str__(self) -> str:
        (a, b), owner = self.cells, "AB"[self.ball] if self.ball >= 0 else "goal"
        return f"A{a[0]}{a[1]} B{b[0]}{b[1]} {owner}"


@dataclass(frozen=True)
class Soccer:
    """Littman's soccer (ICML 1994): a 4 × 5 pitch, goals on the two middle rows of the short sides.

    Both choose at once, and their moves are carried out in random order. A move onto the other's
    cell does not happen, and the ball goes to the one who stood there. A carries the ball to the
    right, B to the left; a goal pays 1 and ends play. The ball is A's or B's at first with
    probability 1/2 each.
    """

    rows: int = 4
    columns: int = 5
    discount: Number = Fraction(9, 10)
    agents: tuple[str, ...] = ("A", "B")
    actions: tuple[tuple[str, ...], ...] = (tuple(MOVES),) * 2

    def initial(self) -> Iterable[tuple[Number, Pitch, Observations]]:
        cells = (2, 1), (1, self.columns - 2)
        return [(Fraction(1, 2), *_seen_by_both(Pitch(cells, owner))) for owner in (0, 1)]

    def outcomes(self, state: Pitch, joint: tuple[int, ...]) -> Iterable[Outcome]:
        for order in ((0, 1), (1, 0)):
            reached, reward = state, 0
            for mover in order:
                if not reward:
                    reached, reward = self._moved(reached, mover, list(MOVES.values())[joint[mover]])
            end, seen = _seen_by_both(reached)
            yield Outcome(Fraction(1, 2), end, (reward, -reward), (None, None) if reward else seen)

    def _moved(self, state: Pitch, mover: int, step: Cell) -> tuple[Pitch, int]:
        row, column = (a + b for a, b in zip(state.cells[mover], step, strict=True))
        if state.ball == mover and row in self._goal_rows() and column == (self.columns, -1)[mover]:
            return Pitch(state.cells, -1), (1, -1)[mover]
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return state, 0
        if (row, column) == state.cells[1 - mover]:
            return Pitch(state.cells, 1 - mover), 0
        cells = ((row, column), state.cells[1]) if mover == 0 else (state.cells[0], (row, column))
        return Pitch(cells, state.ball), 0

    def _goal_rows(self) -> range:
        return range((self.rows - 1) // 2, self.rows // 2 + 1)

    def acting(self, state: Pitch) -> Sequence[bool]:
        return True, True

    def legal(self, state: Any, agent: int) -> None:
        return None

    def terminal(self, state: Pitch) -> bool:
        return state.ball < 0


def soccer() -> POSG:
    """Littman's soccer as a POSG whose agents see the state."""
    return to_posg(explore(Soccer()), "Littman's soccer")


class Chase(NamedTuple):
    """Where the pursuer and the evader are."""

    cells: tuple[Cell, Cell]

    def __str__(self) -> str:
        (p, e) = self.cells
        return f"pursuer {p[0]}{p[1]} evader {e[0]}{e[1]}"


@dataclass(frozen=True)
class Pursuit:
    """Pursuit and evasion on a square grid with a wall in the middle; both see each other.

    Both move at once; a move into a wall or off the grid is none. The pursuer wins 1 from the evader
    when they are on one cell or have swapped cells, and play ends. They start in opposite corners.
    """

    size: int = 3
    discount: Number = Fraction(9, 10)
    agents: tuple[str, ...] = ("pursuer", "evader")
    actions: tuple[tuple[str, ...], ...] = field(default=(tuple(MOVES),) * 2)

    def initial(self) -> Iterable[tuple[Number, Chase, Observations]]:
        return [(1, *_seen_by_both(Chase(((0, 0), (self.size - 1, self.size - 1)))))]

    def outcomes(self, state: Chase, joint: tuple[int, ...]) -> Iterable[Outcome]:
        one, two = (
            self._moved(cell, list(MOVES.values())[a]) for cell, a in zip(state.cells, joint, strict=True)
        )
        if one == two or (one, two) == state.cells[::-1]:
            return [Outcome(1, Chase((two, two)), (1, -1), (None, None))]
        reached, seen = _seen_by_both(Chase((one, two)))
        return [Outcome(1, reached, (0, 0), seen)]

    def _moved(self, cell: Cell, step: Cell) -> Cell:
        row, column = cell[0] + step[0], cell[1] + step[1]
        inside = 0 <= row < self.size and 0 <= column < self.size
        wall = (row, column) == (self.size // 2, self.size // 2)
        return (row, column) if inside and not wall else cell

    def acting(self, state: Chase) -> Sequence[bool]:
        return True, True

    def legal(self, state: Any, agent: int) -> None:
        return None

    def terminal(self, state: Chase) -> bool:
        return state.cells[0] == state.cells[1]


def pursuit() -> POSG:
    """Pursuit and evasion on a 3 × 3 grid."""
    return to_posg(explore(Pursuit()), "Pursuit and evasion")


def _seen_by_both(state: Any) -> tuple[Any, Observations]:
    return state, (str(state), str(state))
