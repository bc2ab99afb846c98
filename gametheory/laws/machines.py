"""Games as machines that emit letters: the form in which laws of play are enumerated."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any, NamedTuple, Protocol

import numpy as np

from gametheory.aecg import AECG
from gametheory.numerics import Number
from gametheory.posg import POSG
from gametheory.tables.branches import Ints
from gametheory.tables.kernels import FactoredObservations


class Choice(NamedTuple):
    """One agent saw something and acted."""

    agent: int
    observation: int
    action: int


class Acts(NamedTuple):
    """The choices of one round, and what was paid before its last move (nothing, in a round as it should be)."""

    choices: tuple[Choice, ...]
    rewards: tuple[Number, ...]
    discount: Number
    over: bool


class Outcome(NamedTuple):
    """What the last move of a round, or the opening, brought."""

    rewards: tuple[Number, ...]
    discount: Number
    state: int | None
    """State of the original game, where a correspondence names it."""
    over: bool


Letter = Acts | Outcome
Belief = dict[Hashable, Any]
"""Weights of the hidden states of a machine: unnormalised, given the actions of a trajectory."""
Chances = list[tuple[Any, Hashable, Number]]
"""What is shown, the next hidden state, and its weight given the actions."""


class Machine(Protocol):
    """One step at a time: first the choices, then the draw."""

    agents: int

    def first(self) -> Belief: ...

    def acts(self, place: Any) -> Chances:
        """The choices ``tuple[Choice, …]`` that can be made here, each with the row it selects."""
        ...

    def moves(self, row: Any) -> Chances:
        """Rewards and γ ``(tuple, γ)`` of the draw, and the next place."""
        ...

    def over(self, place: Any) -> bool: ...

    def state(self, place: Any) -> int | None: ...


class PosgMachine:
    """Places are (state, joint action that led there, or None); rows (state, joint action)."""

    def __init__(self, game: POSG, named: bool) -> None:
        self.game, self.named = game, named
        self.agents = len(game.agents)
        self.acts, self.moves = cache(self._acts), cache(self._moves)

    def first(self) -> Belief:
        return {(int(s), None): self.game.initial[s] for s in np.flatnonzero(self.game.initial > 0)}

    def over(self, place: Any) -> bool:
        return bool(self.game.terminal[place[0]])

    def state(self, place: Any) -> int | None:
        return place[0] if self.named else None

    def _acts(self, place: Any) -> Chances:
        state, _ = place
        out: Chances = []
        acting = [i for i in range(self.agents) if not self.game.null[state, i]]
        for seen, weight in self._seen(place, acting):
            options = [_legal(self.game, i, w) for i, w in zip(acting, seen, strict=True)]
            for actions in product(*options):
                joint = [0] * self.agents
                for i, action in zip(acting, actions, strict=True):
                    joint[i] = action
                choices = tuple(map(Choice, acting, seen, actions))
                out.append((choices, (state, tuple(joint)), weight))
        return out

    def _seen(self, place: Any, acting: list[int]) -> Iterator[tuple[tuple[int, ...], Number]]:
        """Observations of the acting agents, with their weights."""
        state, joint = place
        game, first = self.game, self.game.initial_observations
        if joint is None and first is None:
            yield tuple(game.observation_counts[i] for i in acting), 1
            return
        told = () if joint is None else joint
        model = first if joint is None else game.observations
        if isinstance(model, FactoredObservations):
            yield from _independent([model.of_agent[i].support(state, *told[i : i + 1]) for i in acting])
        elif model is not None:
            sums: dict[tuple[int, ...], Any] = {}
            for seen, weight in model.support(state, *told):
                key = tuple(seen[i] for i in acting)
                sums[key] = sums.get(key, 0) + weight
            yield from sums.items()

    def _moves(self, row: Any) -> Chances:
        state, joint = row
        gamma = self.game.discount[state]
        return [
            ((tuple(pay), gamma), (int(successor), joint), weight)
            for successor, pay, weight in _columns(*self.game.transition(state, joint))
        ]


class AecgMachine:
    """Places are nodes, rows are rows of the branches."""

    def __init__(self, game: AECG, states: Ints | None) -> None:
        self.game, self.states = game, states
        self.agents = len(game.agents)
        self.acts, self.moves = cache(self._acts), cache(self._moves)

    def first(self) -> Belief:
        return {self.game.start: 1}

    def over(self, place: Any) -> bool:
        return bool(self.game.terminal[self.game.node_states[place]])

    def state(self, place: Any) -> int | None:
        return None if self.states is None else int(self.states[place])

    def _acts(self, place: Any) -> Chances:
        game, row = self.game, int(self.game.branches.offsets[place])
        if game.silent[place]:
            return [((), row, 1)]
        mover = int(game.movers[place])
        return [
            ((Choice(mover, seen, action),), row + action, weight)
            for seen, weight in game.observations[mover].support(int(game.node_states[place]))
            for action in _legal(game, mover, seen)
        ]

    def _moves(self, row: Any) -> Chances:
        branches = self.game.branches
        part = slice(int(branches.indptr[row]), int(branches.indptr[row + 1]))
        node = int(branches.state_of_row[row])
        gamma = self.game.discount[self.game.node_states[node]]
        return [
            ((tuple(pay), gamma), int(successor), weight)
            for successor, pay, weight in _columns(
                branches.successors[part], branches.rewards[:, part], branches.probabilities[part]
            )
        ]


@dataclass
class Rounds:
    """A machine read in rounds of ``length`` steps, after ``lead`` steps that open the play."""

    machine: Machine
    length: int = 1
    lead: int = 0
    exact: bool = True
    _nothing: tuple[Number, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._nothing = (0,) * self.machine.agents

    def opening(self) -> dict[Letter, Belief]:
        """The letters that begin a play."""
        runs: dict[Any, Belief] = {((), self._nothing, 1): self.machine.first()}
        for _ in range(self.lead):
            runs = self._step(self._act(runs))
        out: dict[Letter, Belief] = {}
        for (choices, rewards, discount), belief in runs.items():
            del choices
            self._sort(out, rewards, discount, belief)
        return out

    def act(self, belief: Belief) -> dict[Letter, Belief]:
        """The choices of a round: everything but its last draw."""
        runs: dict[Any, Belief] = {((), self._nothing, 1): belief}
        out: dict[Letter, Belief] = {}
        for step in range(self.length):
            runs = self._act(runs)
            if step < self.length - 1:
                runs = self._step(runs)
                for (choices, rewards, discount), places in runs.items():
                    for place in [place for place in places if self.machine.over(place)]:
                        _add(out, Acts(choices, rewards, discount, True), place, places.pop(place))
        for (choices, rewards, discount), rows in runs.items():
            for row, weight in rows.items():
                _add(out, Acts(choices, rewards, discount, False), row, weight)
        return out

    def move(self, belief: Belief) -> dict[Letter, Belief]:
        """The last draw of a round."""
        out: dict[Letter, Belief] = {}
        for (_, rewards, discount), places in self._step({((), self._nothing, 1): belief}).items():
            self._sort(out, rewards, discount, places)
        return out

    def _sort(self, out: dict[Letter, Belief], rewards: Any, discount: Any, belief: Belief) -> None:
        for place, weight in belief.items():
            letter = Outcome(rewards, discount, self.machine.state(place), self.machine.over(place))
            _add(out, letter, place, weight)

    def _act(self, runs: dict[Any, Belief]) -> dict[Any, Belief]:
        out: dict[Any, Belief] = {}
        for (choices, rewards, discount), places in runs.items():
            for place, mass in places.items():
                for made, row, weight in self.machine.acts(place):
                    _add(out, ((*choices, *made), rewards, discount), row, mass * weight)
        return out

    def _step(self, runs: dict[Any, Belief]) -> dict[Any, Belief]:
        out: dict[Any, Belief] = {}
        for (choices, rewards, discount), rows in runs.items():
            for row, mass in rows.items():
                for (paid, gamma), place, weight in self.machine.moves(row):
                    sums = tuple(self._number(r + discount * p) for r, p in zip(rewards, paid, strict=True))
                    _add(out, (choices, sums, self._number(discount * gamma)), place, mass * weight)
        return out

    def _number(self, value: Any) -> Number:
        return value if self.exact else round(float(value), 9)


def _add(out: dict[Any, Belief], key: Any, place: Hashable, weight: Any) -> None:
    belief = out.setdefault(key, {})
    belief[place] = belief.get(place, 0) + weight


def _legal(game: POSG | AECG, agent: int, observation: int) -> list[int]:
    legal = game.legal[agent]
    if legal is None:
        return list(range(game.action_counts[agent]))
    return [int(a) for a in np.flatnonzero(legal[observation])]


def _independent(laws: list[list[tuple[int, Number]]]) -> Iterator[tuple[tuple[int, ...], Number]]:
    for seen in product(*laws):
        yield tuple(symbol for symbol, _ in seen), math.prod(weight for _, weight in seen)


def _columns(successors: Any, rewards: Any, weights: Any) -> Iterator[tuple[Any, Any, Any]]:
    for k in np.flatnonzero(weights > 0):
        yield successors[k], rewards[:, k], weights[k]
