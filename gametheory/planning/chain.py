"""The Markov chain that a game and its agents' policies make, one point at a time."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Number
from gametheory.policy import Choice, Chooser
from gametheory.tables.rules import Joint, Position, Rules


class Point(NamedTuple):
    """A position and what every agent remembers: all that the rest of play depends on."""

    position: Position
    memories: tuple[Hashable, ...]


class Expansion(NamedTuple):
    """One step from a point, in expectation."""

    rewards: tuple[Number, ...]
    successors: dict[Point, Number]


class Chain:
    """The Markov chain of points that a game and its agents' policies make."""

    def __init__(self, game_rules: Rules, profile: Sequence[Chooser]) -> None:
        self.rules, self.actors = game_rules, profile
        self._known: dict[Point, Expansion] = {}

    def openings(self) -> dict[Point, Number]:
        """The law of the first point."""
        memories = tuple(actor.first for actor in self.actors)
        out: dict[Point, Number] = {}
        for p, position in self.rules.openings():
            point = Point(position, memories)
            out[point] = out.get(point, 0) + p
        return out

    def over(self, point: Point) -> bool:
        """Whether play has stopped."""
        return self.rules.over[point.position.state]

    def expand(self, point: Point) -> Expansion:
        """Mean rewards and the law of the next point."""
        if point not in self._known:
            self._known[point] = step(self.rules, point.position, self.options(point))
        return self._known[point]

    def options(self, point: Point) -> list[tuple[Choice, ...]]:
        """Per agent what it may do; whoever sees ⊥ does nothing and remembers all."""
        return [
            actor.choices(memory, seen) if seen != NULL else (Choice(1, NULL, memory),)
            for actor, memory, seen in zip(
                self.actors, point.memories, point.position.observations, strict=True
            )
        ]


def step(game_rules: Rules, position: Position, options: Sequence[Sequence[Choice]]) -> Expansion:
    """One step in expectation, where agent i takes ``options[i]`` at random."""
    rewards: list[Number] = [0] * len(options)
    rows: dict[tuple[Joint, tuple[Hashable, ...]], list[tuple[Number, int]]] = {}
    for combination in itertools.product(*options):
        weight: Number = 1
        for choice in combination:
            weight = weight * choice.probability
        joint = tuple(choice.action for choice in combination)
        row = game_rules.row(position.state, joint)
        for i, reward in enumerate(game_rules.expected(row)):
            rewards[i] += weight * reward
        group = game_rules.tells(joint), tuple(choice.memory for choice in combination)
        rows.setdefault(group, []).append((weight, row))
    successors: dict[Point, Number] = {}
    for (told, memories), own in rows.items():
        for state, weight in game_rules.spread(own).items():
            for q, seen in game_rules.observations(state, told):
                point = Point(Position(state, seen), memories)
                successors[point] = successors.get(point, 0) + weight * q
    return Expansion(tuple(rewards), successors)


def check_horizon(horizon: int | None) -> None:
    """Check that a horizon is a number of steps.

    Raises:
        GameError: it is none.
    """
    if horizon is not None and (not isinstance(horizon, int) or horizon < 0):
        raise GameError(f"horizon is {horizon}; it must be a number of steps, or None for no end")
