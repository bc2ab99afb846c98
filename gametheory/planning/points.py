"""The points of play that given policies bring about, numbered, and what follows each in flat arrays."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from gametheory.numerics import Array, Number, is_exact, settle, to_floats
from gametheory.planning.chain import Chain, Point
from gametheory.planning.markov import Row
from gametheory.planning.processes import distinct, onward
from gametheory.tables import ragged
from gametheory.tables.branches import Ints
from gametheory.tables.rules import Joint, Position

POINT_LIMIT = 500_000
"""Most points that are told apart."""

CHUNK = 1_000  # points whose steps are spelled out at a time


class _Choice(NamedTuple):
    """A joint action with what is told and remembered after it."""

    row: int
    weight: Number
    kind: int


class Points:
    """Points in order of finding them, without those where play is over.

    Step m leads from point ``at[m]`` to ``targets[m]`` with ``weights[m]``, probability times discount.
    """

    rewards: Array  # [n, X], expected in one step
    leaks: Array  # [X] bool: play may end here, or is discounted
    at: Ints  # [M], ascending
    targets: Ints  # [M]
    weights: Array  # [M]

    def __init__(self, chain: Chain) -> None:
        self.chain, self.rules = chain, chain.rules
        self.branches = chain.rules.game.branches
        self.over = np.array(chain.rules.over)
        self.order: list[Point] = []
        self._number: dict[Point, int] = {}
        self._kinds: list[tuple[Joint, tuple[Hashable, ...]]] = []
        self._kind: dict[tuple[Joint, tuple[Hashable, ...]], int] = {}
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object)
        self.rewards, self.leaks = np.zeros((len(chain.actors), 0), dtype=object), none.astype(bool)
        self.at, self.targets, self.weights = none, none, nothing
        openings = [(p, point) for point, p in chain.openings().items() if not chain.over(point)]
        self.openings = [(p, self._find(point)) for p, point in openings]

    def first(self) -> Array:
        """``[X]``: the law of the first point."""
        out = np.zeros(len(self.order), dtype=object)
        for p, k in self.openings:
            out[k] = p
        return settle(out)

    def expand(self) -> None:
        """Take one step from every point found so far, which may find new ones."""
        parts = [(self.rewards, self.leaks, self.at, self.targets, self.weights)]
        done, end = self.rewards.shape[1], len(self.order)
        parts += [self._steps(k, min(k + CHUNK, end)) for k in range(done, end, CHUNK)]
        if len(parts) > 1:
            columns = list(zip(*parts, strict=True))
            self.rewards, self.weights = _joined(columns[0]), _joined(columns[4])
            self.leaks, self.at, self.targets = map(np.concatenate, columns[1:4])

    def after(self, weights: Array) -> Array:
        """``[X]``: the weights one step later; points that have just been found count, too."""
        going = np.flatnonzero((weights != 0)[self.at])
        moved = weights[self.at[going]] * self.weights[going]
        out = np.zeros(len(self.order), dtype=moved.dtype)
        np.add.at(out, self.targets[going], moved)
        return out

    def rows(self) -> list[Row]:
        """Where the points lead, one by one."""
        pairs = list(zip(self.weights.tolist(), self.targets.tolist(), strict=True))
        ends = ragged.starts(np.bincount(self.at, minlength=self.rewards.shape[1])).tolist()
        return [pairs[begin:end] for begin, end in itertools.pairwise(ends)]

    def _steps(self, begin: int, end: int) -> tuple[Array, Array, Ints, Ints, Array]:
        """One step from some points: what the agents choose in words, what follows in arrays."""
        made = [self._choices(point) for point in self.order[begin:end]]
        at = np.repeat(np.arange(len(made)), [len(own) for own in made])
        kind = np.array([choice.kind for own in made for choice in own])
        groups, option = distinct(at * len(self._kinds) + kind)  # those after which all is the same
        owner, kinds = np.divmod(groups, len(self._kinds))
        row = np.array([choice.row for own in made for choice in own])
        weights = settle(np.array([choice.weight for own in made for choice in own], dtype=object))
        discount = [self.rules.discount[point.position.state] for point in self.order[begin:end]]
        gammas = settle(np.array(discount, dtype=object))
        paid = weights * self.branches.expected_rewards[:, row]
        rewards = np.zeros((len(paid), end - begin), dtype=paid.dtype)
        for total, payment in zip(rewards, paid, strict=True):
            np.add.at(total, owner[option], payment)
        parts = row, weights * gammas[owner[option]], option
        ends, at, targets, onwards = onward(self.branches, self.over, parts, kinds, self._look)
        leaks = np.asarray(gammas < 1, dtype=bool)
        leaks[owner[ends]] = True
        return settle(rewards), leaks, owner[at] + begin, targets, settle(onwards)

    def _choices(self, point: Point) -> list[_Choice]:
        """What all agents may do together at a point."""
        out = []
        for combination in itertools.product(*self.chain.options(point)):
            weight: Number = 1
            for choice in combination:
                weight = weight * choice.probability
            joint = tuple(choice.action for choice in combination)
            kind = self._kind_of(self.rules.tells(joint), tuple(choice.memory for choice in combination))
            out.append(_Choice(self.rules.row(point.position.state, joint), weight, kind))
        return out

    def _kind_of(self, told: Joint, memories: tuple[Hashable, ...]) -> int:
        kind = self._kind.setdefault((told, memories), len(self._kinds))
        if kind == len(self._kinds):
            self._kinds.append((told, memories))
        return kind

    def _look(self, kind: int, state: int) -> list[tuple[Number, int]]:
        told, memories = self._kinds[kind]
        return [
            (p, self._find(Point(Position(state, seen), memories)))
            for p, seen in self.rules.observations(state, told)
        ]

    def _find(self, point: Point) -> int:
        number = self._number.setdefault(point, len(self.order))
        if number == len(self.order):
            self.order.append(point)
        return number


def _joined(parts: Sequence[Array]) -> Array:
    """One array of one kind of number."""
    alike = len({is_exact(own) for own in parts if own.size}) < 2
    return np.concatenate(parts if alike else [to_floats(own) for own in parts], axis=-1)
