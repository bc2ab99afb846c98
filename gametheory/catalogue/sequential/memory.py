"""Two small tasks that reward remembering, written down as their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from gametheory.errors import GameError
from gametheory.numerics import Number, as_numbers
from gametheory.posg import POSG
from gametheory.tables.assemble import to_posg
from gametheory.tables.listed import Observations, Outcome, explore

NORTH, EAST, SOUTH, WEST = range(4)
RIGHT_ARM, WRONG, STANDING = Fraction(4), Fraction(-1, 10), Fraction(-1, 10)
"""Rewards of Bakker's maze: for the arm of the sign, for the other one, for walking into a wall."""


class Walk(NamedTuple):
    """Where the sign points (``NORTH`` or ``SOUTH``), and how far east one stands; −1: play is over."""

    sign: int
    at: int

    def __str__(self) -> str:
        sign = "north" if self.sign == NORTH else "south"
        return f"sign {sign}, {'over' if self.at < 0 else f'at {self.at}'}"


@dataclass(frozen=True)
class TMaze:
    """A corridor with a sign at its start and a junction at its end, ``corridor`` steps to the east.

    The sign, seen at the start only, says which arm of the junction pays 4; the other one costs 0.1,
    and either ends play. Walking into a wall costs 0.1 and moves nobody. With probability ``slip``
    a step comes to nothing and pays nothing. Who remembers the sign gets ``4 γ^N`` from N steps of
    corridor without slips, and nobody who does not remember gets more than ``1.95 γ^N``.

    Source: Bakker, Reinforcement learning with long short-term memory, NIPS 2001; there γ = 0.98, no
    slips, and N from 5 to 70.

    Raises:
        GameError: no step of corridor, or ``slip`` outside [0, 1).
    """

    corridor: int = 5
    slip: Number = 0
    discount: Number = Fraction(49, 50)
    agents: tuple[str, ...] = ("walker",)
    actions: tuple[tuple[str, ...], ...] = (("north", "east", "south", "west"),)

    def __post_init__(self) -> None:
        _at_least(1, corridor=self.corridor)
        _share(self, "slip")

    def initial(self) -> Iterable[tuple[Number, Walk, Observations]]:
        starts = [Walk(sign, 0) for sign in (NORTH, SOUTH)]
        return [(Fraction(1, 2), start, self._seen(start)) for start in starts]

    def outcomes(self, state: Walk, joint: tuple[int, ...]) -> Iterable[Outcome]:
        reached, paid = self._moved(state, joint[0])
        yield Outcome(1 - self.slip, reached, (paid,), self._seen(reached))
        yield Outcome(self.slip, state, (0,), self._seen(state))

    def acting(self, state: Walk) -> Sequence[bool]:
        return (True,)

    def legal(self, state: Walk, agent: int) -> None:
        return None

    def terminal(self, state: Walk) -> bool:
        return state.at < 0

    def _moved(self, state: Walk, action: int) -> tuple[Walk, Number]:
        if state.at == self.corridor and action in (NORTH, SOUTH):
            return Walk(state.sign, -1), RIGHT_ARM if action == state.sign else WRONG
        east = state.at + {EAST: 1, WEST: -1}.get(action, 0)
        if east == state.at or not 0 <= east <= self.corridor:
            return state, STANDING
        return Walk(state.sign, east), 0

    def _seen(self, state: Walk) -> Observations:
        if state.at == 0:
            return (f"sign {'north' if state.sign == NORTH else 'south'}",)
        return ({-1: "over", self.corridor: "junction"}.get(state.at, "corridor"),)


class Asked(NamedTuple):
    """The first cue, whose turn it is, what it was shown, and how long ago."""

    cue: int
    turn: int
    shown: int
    time: int

    def __str__(self) -> str:
        return f"cue {self.cue + 1}; agent {self.turn + 1} was shown {self.shown + 1}, {self.time} steps ago"


@dataclass(frozen=True)
class Recall:
    """See a symbol, wait ``delay`` steps, name it: 1 if right, else 0.

    With several agents a relay: what an agent names is shown to the next one, which waits and is asked
    in turn; the last answer is held against the first symbol and pays all alike. All act at every
    step, and only an answer does anything. With probability ``noise`` an agent is shown one of the
    other symbols instead. One agent that remembers gets ``1 − noise``, and a last agent without memory
    gets ``1/symbols``, whatever the others do.

    Source: this project, after the delayed-response tasks of psychology (W. S. Hunter, The delayed
    reaction in animals and children, 1913).

    Raises:
        GameError: fewer than two symbols or one agent, a negative ``delay``, or ``noise`` outside
            [0, 1).
    """

    symbols: int = 2
    delay: int = 2
    noise: Number = 0
    count: int = 1
    """How many agents."""
    discount: Number = Fraction(1)

    def __post_init__(self) -> None:
        _at_least(2, symbols=self.symbols)
        _at_least(1, agents=self.count)
        _at_least(0, delay=self.delay)
        _share(self, "noise")

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(str(i + 1) for i in range(self.count))

    @property
    def actions(self) -> tuple[tuple[str, ...], ...]:
        return (tuple(str(symbol + 1) for symbol in range(self.symbols)),) * self.count

    def initial(self) -> Iterable[tuple[Number, Asked, Observations]]:
        for cue in range(self.symbols):
            for p, shown in self._shown(cue):
                start = Asked(cue, 0, shown, 0)
                yield p / self.symbols, start, self._seen(start)

    def outcomes(self, state: Asked, joint: tuple[int, ...]) -> Iterable[Outcome]:
        if state.time <= self.delay:
            later = state._replace(time=state.time + 1)
            return [Outcome(1, later, (0,) * self.count, self._seen(later))]
        said, turn = joint[state.turn], state.turn + 1
        paid = (int(turn == self.count and said == state.cue),) * self.count
        shown = self._shown(said) if turn < self.count else [(Fraction(1), said)]
        reached = [(p, Asked(state.cue, turn, own, 0)) for p, own in shown]
        return [Outcome(p, after, paid, self._seen(after)) for p, after in reached]

    def acting(self, state: Asked) -> Sequence[bool]:
        return (True,) * self.count

    def legal(self, state: Asked, agent: int) -> None:
        return None

    def terminal(self, state: Asked) -> bool:
        return state.turn == self.count

    def _shown(self, symbol: int) -> list[tuple[Number, int]]:
        other = self.noise / (self.symbols - 1)
        return [(1 - self.noise if own == symbol else other, own) for own in range(self.symbols)]

    def _seen(self, state: Asked) -> Observations:
        if state.turn == self.count:
            return ("over",) * self.count
        late = {0: f"cue {state.shown + 1}", self.delay + 1: "name it"}
        own = late.get(state.time, "wait")
        return tuple(own if i == state.turn else "wait" for i in range(self.count))


def t_maze(corridor: int = 5, slip: Number = 0, discount: Number = Fraction(49, 50)) -> POSG:
    """The T-maze, in which only the memory of a sign tells the way.

    See ``TMaze``.
    """
    return to_posg(
        explore(TMaze(corridor, slip, _one(discount, "discount"))), f"T-maze, corridor of {corridor}"
    )


def recall(symbols: int = 2, delay: int = 2, noise: Number = 0, agents: int = 1) -> POSG:
    """Name a symbol seen a while ago, alone or in a relay of agents.

    See ``Recall``.
    """
    title = f"Recall of one of {symbols} symbols after {delay} steps"
    return to_posg(explore(Recall(symbols, delay, noise, agents)), title)


MEMORY: dict[str, Callable[..., POSG]] = {"t-maze": t_maze, "recall": recall}
"""By name, with their parameters."""


def _one(value: Any, name: str) -> Number:
    number: Number = as_numbers([value], name)[0]
    return number


def _share(rules: Any, name: str) -> None:
    """Read a probability into the frozen rules."""
    value = _one(getattr(rules, name), name)
    if not 0 <= value < 1:
        raise GameError(f"{name} is {value}; it must be a probability below 1")
    object.__setattr__(rules, name, value)


def _at_least(least: int, **counts: Any) -> None:
    for name, count in counts.items():
        if type(count) is not int or count < least:
            raise GameError(f"{name} is {count!r}; it must be a whole number, at least {least}")
