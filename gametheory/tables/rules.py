"""How a tabular game is played, one position at a time: what POSG and AECG have in common.

A *position* is a state (of an AECG: a node) together with what each agent is about to act on. The
two kinds of game are read here straight from their definitions; neither is converted.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Array, Number
from gametheory.posg import POSG
from gametheory.tables.kernels import FactoredObservations, JointObservations

Joint = tuple[int, ...]
"""One action per agent; ``NULL`` (∅) for those that make no choice."""


class Position(NamedTuple):
    """A state and the observation each agent acts on there; ``NULL`` (⊥) for those that do not."""

    state: int
    observations: Joint


class Arrival(NamedTuple):
    """One thing that a step may bring."""

    probability: Number
    rewards: tuple[Number, ...]
    position: Position


class Rules(ABC):
    """A game as a tree that is unfolded on demand. Nobody observes a terminal state."""

    def __init__(self, game: POSG | AECG, discount: Array, over: Array) -> None:
        b = game.branches
        self.game = game
        self.agents = game.agents
        self.discount: list[Number] = discount.tolist()
        self.over: list[bool] = over.tolist()
        self._offsets: list[int] = b.offsets.tolist()
        self._strides: list[list[int]] = b.strides.tolist()
        self._ends: list[int] = b.indptr.tolist()
        self._successors: list[int] = b.successors.tolist()
        self._probabilities: list[Number] = b.probabilities.tolist()
        self._expected: list[list[Number]] = b.expected_rewards.T.tolist()
        self._seen: dict[tuple[int, Joint | None], list[tuple[Number, Joint]]] = {}

    @abstractmethod
    def starts(self) -> list[tuple[Number, int]]:
        """The law of the first state."""

    @abstractmethod
    def observe(self, state: int, told: Joint | None) -> list[tuple[Number, Joint]]:
        """The law of what is seen on reaching a state; ``told`` as ``tells`` has it, None at the start."""

    @abstractmethod
    def tells(self, joint: Joint) -> Joint:
        """The joint action with ``NULL`` for the actions on which no observation depends."""

    @abstractmethod
    def name(self, state: int) -> str:
        """The state for people."""

    def legal(self, agent: int, observation: int) -> range | list[int]:
        """The agent's legal actions."""
        mask = self.game.legal[agent]
        if mask is None:
            return range(self.game.action_counts[agent])
        return [int(a) for a in np.flatnonzero(mask[observation])]

    def label(self, agent: int, observation: int) -> str:
        """An observation for people."""
        labels = self.game.observation_labels[agent]
        return labels[observation] if observation < len(labels) else "start"

    def number(self, value: Number) -> Number:
        """An answer as ``Fraction`` where the game is exact and all that it met was; else a float."""
        return Fraction(value) if self.game.exact and not isinstance(value, float) else float(value)

    def openings(self) -> list[tuple[Number, Position]]:
        """The law of the first position."""
        return [
            (p * q, Position(state, seen))
            for p, state in self.starts()
            for q, seen in self.observations(state, None)
        ]

    def row(self, state: int, joint: Joint) -> int:
        """The row of branches of a joint action.

        Raises:
            GameError: the game says nothing about it.
        """
        row = self._offsets[state]
        for stride, action in zip(self._strides[state], joint, strict=True):
            row += stride * action
        if self._ends[row] == self._ends[row + 1]:
            raise GameError(f"{self.name(state)} says nothing about the joint action {joint}")
        return row

    def expected(self, row: int) -> list[Number]:
        """The mean reward of every agent in a row."""
        return self._expected[row]

    def spread(self, rows: Sequence[tuple[Number, int]]) -> dict[int, Number]:
        """The weight of every state reached from weighted rows."""
        out: dict[int, Number] = {}
        for weight, row in rows:
            for k in range(self._ends[row], self._ends[row + 1]):
                if p := self._probabilities[k]:
                    state = self._successors[k]
                    out[state] = out.get(state, 0) + weight * p
        return out

    def arrivals(self, position: Position, joint: Joint) -> list[Arrival]:
        """The joint law of rewards and next position after a joint action."""
        row, told, b = self.row(position.state, joint), self.tells(joint), self.game.branches
        return [
            Arrival(p * q, tuple(b.rewards[:, k].tolist()), Position(self._successors[k], seen))
            for k in range(self._ends[row], self._ends[row + 1])
            if (p := self._probabilities[k])
            for q, seen in self.observations(self._successors[k], told)
        ]

    def observations(self, state: int, told: Joint | None) -> list[tuple[Number, Joint]]:
        """What is seen on reaching a state; nothing where play is over."""
        if self.over[state]:
            return [(1, (NULL,) * len(self.agents))]
        key = state, told
        if key not in self._seen:
            self._seen[key] = self.observe(state, told)
        return self._seen[key]


def rules(game: POSG | AECG) -> Rules:
    """The rules of a game, ready to be unfolded."""
    return _SimultaneousRules(game) if isinstance(game, POSG) else _TurnRules(game)


class _SimultaneousRules(Rules):
    """All agents act at once; observations are drawn on reaching a state."""

    def __init__(self, game: POSG) -> None:
        super().__init__(game, game.discount, game.terminal)
        self.posg = game
        kernels = game.observations
        if isinstance(kernels, FactoredObservations):
            self._telling = [own.rows.shape[1] > 1 for own in kernels.of_agent]
        else:
            self._telling = [length > 1 for length in kernels.joint.rows.shape[1:]]

    def starts(self) -> list[tuple[Number, int]]:
        return [(p, s) for s, p in enumerate(self.posg.initial.tolist()) if p]

    def name(self, state: int) -> str:
        return f"state {self.posg.states[state]}"

    def tells(self, joint: Joint) -> Joint:
        return tuple(a if telling else NULL for a, telling in zip(joint, self._telling, strict=True))

    def observe(self, state: int, told: Joint | None) -> list[tuple[Number, Joint]]:
        first = self.posg.initial_observations
        if told is None and first is None:
            return self._hidden(state, [(1, self.posg.observation_counts)])
        model = first if told is None else self.posg.observations
        taken = () if told is None else tuple(max(a, 0) for a in told)
        if isinstance(model, JointObservations):
            return self._hidden(state, [(p, seen) for seen, p in model.support(state, *taken)])
        assert model is not None
        silent = self.posg.null[state].tolist()
        return _product(
            [
                [(NULL, 1)] if silent[i] else own.support(state, *taken[i : i + 1])
                for i, own in enumerate(model.of_agent)
            ]
        )

    def _hidden(self, state: int, law: list[tuple[Number, Joint]]) -> list[tuple[Number, Joint]]:
        """The law with ⊥ in the place of agents that see nothing here."""
        null = self.posg.null[state].tolist()
        return [
            (p, tuple(NULL if hide else w for hide, w in zip(null, seen, strict=True))) for p, seen in law
        ]


class _TurnRules(Rules):
    """One agent, or the environment, moves at a time; only the mover observes."""

    def __init__(self, game: AECG) -> None:
        super().__init__(game, game.discount[game.node_states], game.terminal[game.node_states])
        self.aecg = game

    def starts(self) -> list[tuple[Number, int]]:
        return [(1, self.aecg.start)]

    def name(self, state: int) -> str:
        mover = int(self.aecg.movers[state])
        who = "the environment" if mover == self.aecg.environment else f"agent {self.agents[mover]}"
        return f"state {self.aecg.states[int(self.aecg.node_states[state])]} moved by {who}"

    def tells(self, joint: Joint) -> Joint:
        return (NULL,) * len(joint)

    def observe(self, state: int, told: Joint | None) -> list[tuple[Number, Joint]]:
        nobody = (NULL,) * len(self.agents)
        if self.aecg.silent[state]:
            return [(1, nobody)]
        mover = int(self.aecg.movers[state])
        law = self.aecg.observations[mover].support(int(self.aecg.node_states[state]))
        return [(p, (*nobody[:mover], w, *nobody[mover + 1 :])) for w, p in law]


def _product(laws: Sequence[list[tuple[int, Number]]]) -> list[tuple[Number, Joint]]:
    out: list[tuple[Number, Joint]] = []
    for combination in itertools.product(*laws):
        p: Number = 1
        for _, q in combination:
            p = p * q
        out.append((p, tuple(seen for seen, _ in combination)))
    return out
