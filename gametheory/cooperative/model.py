"""A cooperative POSG as dense tables, the form in which optimal policies are searched for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import to_floats
from gametheory.posg import POSG
from gametheory.tables.rules import Position, rules

Floats = NDArray[np.float64]

LARGEST_MODEL = 30_000_000
"""Cells beyond which no tables are built."""


@dataclass(frozen=True, eq=False)
class Model:
    """A Dec-POMDP: one reward for all, every agent acts in every step that is not the last.

    Joint actions a and joint observations o are numbered in C order, agent 0's digit first.
    """

    game: POSG
    start: Floats  # [O, S] law of the first observations and state
    moves: Floats  # [A, S, O, S'] law of the next observations and state; terminal states have left
    rewards: Floats  # [A, S]
    discount: Floats  # [S]

    @property
    def actions(self) -> tuple[int, ...]:
        return self.game.action_counts

    @cached_property
    def observations(self) -> tuple[int, ...]:
        """Per agent its number of observations, ``start`` included."""
        return tuple(count + 1 for count in self.game.observation_counts)


def model(game: POSG) -> Model:
    """The tables of a cooperative POSG.

    Raises:
        GameError: agents with different rewards (state and joint action named), an agent that sees ⊥
            in a state where play goes on, actions that are not always legal, or too large tables.
    """
    law, n = rules(game), len(game.agents)
    S, observed = len(game.states), tuple(count + 1 for count in game.observation_counts)
    going = np.flatnonzero(~game.terminal)
    if game.null[going].any():
        state, agent = np.argwhere(game.null & ~game.terminal[:, None])[0]
        raise GameError(
            f"agent {game.agents[agent]} makes no choice in state {game.states[state]}; "
            "this method needs every agent to act in every step"
        )
    for agent, mask in zip(game.agents, game.legal, strict=True):
        if mask is not None and not mask.all():
            raise GameError(f"agent {agent} has actions that are not always legal; this method needs that")
    A, O = prod(game.action_counts), prod(observed)  # noqa: E741
    if A * S * O * S > LARGEST_MODEL:
        raise GameError(
            f"tables of {A * S * O * S:,} cells would be needed; at most {LARGEST_MODEL:,} are built"
        )
    moves, rewards = np.zeros((A, S, O, S)), np.zeros((A, S))
    for k, joint in enumerate(product(*map(range, game.action_counts))):
        for s in going.tolist():
            row = law.row(s, joint)
            paid = law.expected(row)
            if any(r != paid[0] for r in paid):
                raise GameError(
                    f"not fully cooperative: in state {game.states[s]} the joint action "
                    f"{[game.actions[i][a] for i, a in enumerate(joint)]} pays {[str(r) for r in paid]}"
                )
            rewards[k, s] = float(paid[0])
            for arrival in law.arrivals(Position(s, (0,) * n), joint):
                _add(moves[k, s], law.over, arrival.position, observed, float(arrival.probability))
    start = np.zeros((O, S))
    for p, position in law.openings():
        _add(start, law.over, position, observed, float(p))
    return Model(game, start, moves, rewards, to_floats(game.discount))


def _add(table: Floats, over: list[bool], position: Position, observed: tuple[int, ...], p: float) -> None:
    if not over[position.state]:
        assert NULL not in position.observations
        table[np.ravel_multi_index(position.observations, observed), position.state] += p
