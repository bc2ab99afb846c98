"""What given policies are worth, exactly: ``J^i(π) = E[Σ_t Γ_t r^i_{t+1}]``."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import NamedTuple

from gametheory.aecg import AECG
from gametheory.errors import GameError, LimitReached
from gametheory.game import NULL
from gametheory.history import actors
from gametheory.markov import endless, solve_chain
from gametheory.numerics import Number
from gametheory.policy import Choice, Chooser, Policy
from gametheory.posg import POSG
from gametheory.rules import Joint, Position, Rules, rules

POINT_LIMIT = 500_000
"""Most points (position and memories) that are told apart."""


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


def evaluate(game: POSG | AECG, profile: Sequence[Policy], horizon: int | None = None) -> tuple[Number, ...]:
    """``J^i(π) = E[Σ_{t < horizon} Γ_t r^i_{t+1}]`` of every agent, with ``Γ_t = Π_{k<t} γ(s_k)``.

    With a horizon: the law of points (state, pending observations, memories), one step after the
    other. Without: one linear system over the points that can be reached. Exact for exact games
    and policies; floats within rounding otherwise.

    Args:
        game: a POSG or an AECG.
        profile: one policy per agent, each a ``FinitePolicy`` or any ``StochasticPolicy``.
        horizon: how many steps are played, in the game's own steps (t steps of a POSG are
            1 + t(n + 1) steps of the AECG made from it); None: until play ends.

    Raises:
        GameError: an illegal action; or no horizon, and play may go on for ever at γ = 1 or the
            policies have too many memories.
    """
    game_rules = rules(game)
    return value(Chain(game_rules, actors(game_rules, profile)), horizon)


def value(chain: Chain, horizon: int | None) -> tuple[Number, ...]:
    """``J`` of every agent in a chain of points."""
    check_horizon(horizon)
    return _to_the_end(chain) if horizon is None else _to_horizon(chain, horizon)


def check_horizon(horizon: int | None) -> None:
    """Check that a horizon is a number of steps.

    Raises:
        GameError: it is none.
    """
    if horizon is not None and (not isinstance(horizon, int) or horizon < 0):
        raise GameError(f"horizon is {horizon}; it must be a number of steps, or None for no end")


def _to_horizon(chain: Chain, horizon: int) -> tuple[Number, ...]:
    totals: list[Number] = [0] * len(chain.actors)
    weights = chain.openings()  # of each point: probability times accumulated discount
    for _ in range(horizon):
        after: dict[Point, Number] = {}
        for point, weight in weights.items():
            if chain.over(point):
                continue
            rewards, successors = chain.expand(point)
            for i, reward in enumerate(rewards):
                totals[i] += weight * reward
            going = weight * chain.rules.discount[point.position.state]
            if going:
                for reached, p in successors.items():
                    after[reached] = after.get(reached, 0) + going * p
        if len(after) > POINT_LIMIT:
            raise LimitReached(f"more than {POINT_LIMIT:,} histories to tell apart; give a shorter horizon")
        weights = after
    return tuple(map(chain.rules.number, totals))


def _to_the_end(chain: Chain) -> tuple[Number, ...]:
    openings = chain.openings()
    number = {point: k for k, point in enumerate(openings)}
    order = list(openings)
    rows: list[list[tuple[Number, int]]] = []
    leaks: list[bool] = []
    rewards: list[list[Number]] = []
    for point in order:  # grows while it is read
        if chain.over(point):
            rows.append([])
            leaks.append(True)
            rewards.append([Fraction(0)] * len(chain.actors))
            continue
        paid, successors = chain.expand(point)
        gamma = chain.rules.discount[point.position.state]
        rewards.append(list(paid))
        leaks.append(gamma < 1)
        rows.append(
            [(gamma * p, _numbered(reached, number, order)) for reached, p in successors.items() if gamma]
        )
        if len(order) > POINT_LIMIT:
            raise GameError(
                f"more than {POINT_LIMIT:,} points of play to tell apart (the policies may remember "
                "without bound); give a horizon"
            )
    lost = endless(rows, leaks)
    if lost:
        raise GameError(
            f"no value without a horizon: from {chain.rules.name(order[lost[0]].position.state)} on play "
            "never ends and γ = 1; give a horizon, a discount below 1 or terminal states"
        )
    values = solve_chain(rows, rewards)
    return tuple(
        chain.rules.number(sum(p * values[number[point]][i] for point, p in openings.items()))
        for i in range(len(chain.actors))
    )


def _numbered(point: Point, number: dict[Point, int], order: list[Point]) -> int:
    if point not in number:
        number[point] = len(order)
        order.append(point)
    return number[point]
