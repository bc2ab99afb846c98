"""Games that list their outcomes, and the walk through everything they can reach."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, runtime_checkable

from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Number

Observations = tuple[Hashable | None, ...]
"""What each agent sees; None is ⊥."""

Joint = tuple[int, ...]
"""One action per agent; ``NULL`` (∅) for those that make no choice."""


class Outcome(NamedTuple):
    """One thing that a step may bring."""

    probability: Number
    state: Hashable
    rewards: Sequence[Number]
    observations: Observations


@runtime_checkable
class Listed(Protocol):
    """A small game as its rules: states are anything hashable, and every law is a finite list.

    States and observations are named in the result by ``str``. An agent sees ⊥ (None) in a state
    where play goes on exactly if it does not act there.
    """

    @property
    def agents(self) -> tuple[str, ...]: ...

    @property
    def actions(self) -> tuple[tuple[str, ...], ...]:
        """The names of each agent's actions."""
        ...

    @property
    def discount(self) -> Number: ...

    def initial(self) -> Iterable[tuple[Number, Hashable, Observations]]:
        """The law of the first state and of what is seen there."""
        ...

    def outcomes(self, state: Any, joint: Joint) -> Iterable[Outcome]:
        """The law of a step by a legal joint action."""
        ...

    def acting(self, state: Any) -> Sequence[bool]:
        """Who acts now."""
        ...

    def legal(self, state: Any, agent: int) -> Sequence[int] | None:
        """The legal actions of an acting agent, a function of what it sees; None: all of them."""
        ...

    def terminal(self, state: Any) -> bool: ...


class Place(NamedTuple):
    """A state together with what the agents see on reaching it: a state of the tabulated game."""

    state: Hashable
    observations: Observations


class Branch(NamedTuple):
    """One outcome, by the number of the place it leads to."""

    probability: Number
    place: int
    rewards: tuple[Number, ...]


@dataclass(frozen=True)
class Explored:
    """Everything that a listed game can reach, in the order of the walk."""

    game: Listed
    places: tuple[Place, ...]
    initial: dict[int, Number]
    acting: tuple[tuple[bool, ...], ...]  # [S][n], all false where play is over
    terminal: tuple[bool, ...]  # [S]
    rows: tuple[dict[Joint, list[Branch]], ...]  # [S], legal joint actions only
    symbols: tuple[dict[Hashable, int], ...]  # per agent: its observations, numbered
    legal: tuple[dict[int, tuple[int, ...]], ...]  # per agent: legal actions by observation acted on


def explore(game: Listed, *, state_limit: int = 100_000) -> Explored:
    """Walk through all places that legal play can reach, breadth first.

    Raises:
        GameError: more than ``state_limit`` places (the message estimates the growth), or a game
            that breaks the rules of ``Listed``.
    """
    return _Walk(game, state_limit).run()


class _Walk:
    def __init__(self, game: Listed, limit: int) -> None:
        self.game, self.limit = game, limit
        self.n = len(game.agents)
        self.number: dict[Place, int] = {}
        self.places: list[Place] = []
        self.levels: list[int] = [0]  # how many places were known when each depth began
        self.symbols: tuple[dict[Hashable, int], ...] = tuple({} for _ in game.agents)
        self.legal: tuple[dict[int, tuple[int, ...]], ...] = tuple({} for _ in game.agents)

    def run(self) -> Explored:
        initial: dict[int, Number] = {}
        for probability, state, seen in self.game.initial():
            place = self._place(state, seen)
            initial[place] = initial.get(place, 0) + probability
        acting, terminal, rows = [], [], []
        for k in itertools.count():
            if k == len(self.places):
                break
            if k >= self.levels[-1]:
                self.levels.append(len(self.places))
            state = self.places[k].state
            terminal.append(bool(self.game.terminal(state)))
            acting.append((False,) * self.n if terminal[k] else tuple(map(bool, self.game.acting(state))))
            rows.append({} if terminal[k] else self._rows(k, acting[k]))
        return Explored(
            self.game,
            tuple(self.places),
            initial,
            tuple(acting),
            tuple(terminal),
            tuple(rows),
            self.symbols,
            self.legal,
        )

    def _rows(self, k: int, acting: tuple[bool, ...]) -> dict[Joint, list[Branch]]:
        place = self.places[k]
        choices = []
        for i, acts in enumerate(acting):
            if acts == (place.observations[i] is None):
                word = "acts on ⊥" if acts else "sees something and makes no choice"
                raise GameError(f"agent {self.game.agents[i]} {word} in state {place.state}")
            choices.append(self._choices(place, i) if acts else (NULL,))
        return {joint: list(self._branches(place, joint)) for joint in itertools.product(*choices)}

    def _choices(self, place: Place, agent: int) -> tuple[int, ...]:
        """The legal actions of an acting agent, which its observation must tell."""
        count, name = len(self.game.actions[agent]), self.game.agents[agent]
        given = self.game.legal(place.state, agent)
        choices = tuple(range(count)) if given is None else tuple(sorted(set(map(int, given))))
        if not choices or choices[0] < 0 or choices[-1] >= count:
            raise GameError(
                f"agent {name} has the legal actions {list(choices)} in state {place.state}; "
                f"it needs at least one of 0 … {count - 1}"
            )
        symbol = self.symbols[agent][place.observations[agent]]
        known = self.legal[agent].setdefault(symbol, choices)
        if known != choices:
            raise GameError(
                f"agent {name} sees {place.observations[agent]} with the legal actions {list(known)} and "
                f"with {list(choices)}; what is legal must follow from what is seen"
            )
        return choices

    def _branches(self, place: Place, joint: Joint) -> Iterator[Branch]:
        """The outcomes of one joint action; equal ones are counted once."""
        found: dict[tuple[int, tuple[Number, ...]], Number] = {}
        for probability, state, rewards, seen in self.game.outcomes(place.state, joint):
            if len(rewards) != self.n:
                raise GameError(
                    f"state {place.state} pays {len(rewards)} rewards; the game has {self.n} agents"
                )
            key = self._place(state, seen), tuple(rewards)
            found[key] = found.get(key, 0) + probability
        return (Branch(weight, at, rewards) for (at, rewards), weight in found.items() if weight != 0)

    def _place(self, state: Hashable, seen: Observations) -> int:
        place = Place(state, tuple(seen))
        known = self.number.get(place)
        if known is not None:
            return known
        if len(place.observations) != self.n:
            raise GameError(
                f"state {state} shows {len(place.observations)} observations; the game has {self.n} agents"
            )
        if len(self.places) == self.limit:
            raise GameError(self._refusal())
        self.number[place] = len(self.places)
        self.places.append(place)
        for symbol, own in zip(place.observations, self.symbols, strict=True):
            if symbol is not None:
                own.setdefault(symbol, len(own))
        return self.number[place]

    def _refusal(self) -> str:
        """How far the walk came, and what the next depths would hold if they grew like the last."""
        sizes = [after - before for before, after in itertools.pairwise(self.levels)]
        depth = len(sizes)
        text = f"more than {self.limit:,} states are reachable; {depth} steps were explored"
        if depth >= 2 and sizes[-2]:
            factor = sizes[-1] / sizes[-2]
            ahead = sizes[-1] * factor * (1 + factor)
            text += f", the last multiplied the new states by {factor:.1f}, and two more would add about {ahead:,.0f}"
        return f"{text}; raise state_limit, merge states with a coarser key, or make the game smaller"
