"""The game as learners play it: to a horizon, and with as much of the past in sight as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from environments import Environment
from gametheory.best_response import against
from gametheory.errors import GameError, LimitReached
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.tree import Tree
from gametheory.extensive.unroll import unroll
from gametheory.game import Game, Spec, Step
from gametheory.numerics import Array, to_floats
from gametheory.planning.known_states import known_states
from gametheory.policy import TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from gametheory.streams import Keys
from gametheory.tables.rules import rules
from learners.experience.limits import cut_off
from learners.experience.recall import Recall
from learners.learner import Learner
from learners.training import TrainingSettings

LARGEST_TREE = 500_000
"""Nodes of the largest tree that is built beside a run."""
LONGEST_RECALL = 8
"""Own past moves in sight where nothing says how many are enough, and the most there are unasked."""


def prepared(environment: Environment, training: TrainingSettings) -> Environment:
    """The environment with its game as the settings have it played."""
    game = environment.game
    if training.horizon is not None:
        game = ToHorizon(game, training.horizon)
    moves = training.recall
    if moves is None:
        found = environment.game
        moves = needed_recall(found.posg, training.horizon) if isinstance(found, TabularGame) else 0
    return replace(environment, game=Recall(game, moves) if moves else game)


def inner(game: Game[Any]) -> Game[Any]:
    """The game that was prepared."""
    return inner(game.game) if isinstance(game, Recall | ToHorizon) else game


@lru_cache(maxsize=8)
def needed_recall(posg: POSG, horizon: int | None) -> int:
    """How many own past moves an agent must see to know all it could.

    0 where observations tell the state; the longest own history of a game that ends, up to
    ``LONGEST_RECALL``; else that.
    """
    if tells_states(posg, horizon):
        return 0
    tree = small_tree(posg, horizon)
    if tree is None:
        return LONGEST_RECALL
    longest = max((len(own.history or ()) for own in tree.information), default=1) // 2
    return min(longest, LONGEST_RECALL)


@lru_cache(maxsize=8)
def small_tree(posg: POSG, horizon: int | None) -> Tree | None:
    """The game's tree, or None if it has no end or too many nodes. The last step before a horizon pays its mean."""
    size = count_nodes(rules(posg), horizon, draw_last=False)
    if size is None or size > LARGEST_TREE:
        return None
    return unroll(posg, horizon, limit=LARGEST_TREE, draw_last=False)


@lru_cache(maxsize=8)
def tells_states(posg: POSG, horizon: int | None) -> bool:
    """Whether what every agent sees when it moves tells it all that counts."""
    profile = [
        TablePolicy(to_floats(uniform_table(actions, legal, seen + 1).table))
        for actions, legal, seen in zip(posg.action_counts, posg.legal, posg.observation_counts, strict=True)
    ]
    try:
        return all(
            known_states(against(rules(posg), i, profile), i, horizon) is not None
            for i in range(len(posg.agents))
        )
    except (GameError, LimitReached):
        return False


def learner_for(
    environment: Environment,
    training: TrainingSettings,
    algorithm: str,
    settings: Mapping[str, Any] | None,
    seed: int,
    scheme: str | None = None,
) -> Learner:
    """A fresh learner for a prepared environment.

    Raises:
        UnknownName: no such algorithm, setting or scheme.
        GameError: a bad value, or a scheme or spaces that the algorithm cannot serve.
    """
    from learners import registry
    from learners.experience.normalise import Normalised, widened

    seen, actions = environment.game.observation_specs, environment.game.action_specs
    if not training.normalise_observations:
        return registry.make(algorithm, seen, actions, seed=seed, settings=settings, scheme=scheme)
    made = registry.make(algorithm, widened(seen), actions, seed=seed, settings=settings, scheme=scheme)
    return Normalised(made, seen)


class HorizonState(NamedTuple):
    """Where B plays stand, and how long they have been going on."""

    state: Any
    moves: Array  # [B]


class ToHorizon:
    """A game that is over after ``horizon`` steps: no value follows, as none does at a terminal state."""

    def __init__(self, game: Game[Any], horizon: int) -> None:
        self.game, self.horizon = game, horizon
        self.agents, self.action_specs = game.agents, game.action_specs
        self.observation_specs: tuple[Spec, ...] = game.observation_specs

    def reset(self, keys: Keys) -> Step[HorizonState]:
        first = self.game.reset(keys)
        return first._replace(state=HorizonState(first.state, np.zeros(len(keys), dtype=np.int64)))

    def step(self, state: HorizonState, actions: tuple[Array, ...]) -> Step[HorizonState]:
        after, moves = self.game.step(state.state, actions), state.moves + 1
        return after._replace(
            state=HorizonState(after.state, moves), terminated=after.terminated | (moves >= self.horizon)
        )

    def acting(self, state: HorizonState) -> Array:
        return self.game.acting(state.state) & (state.moves < self.horizon)[:, None]

    def legal(self, state: HorizonState) -> tuple[Array | None, ...]:
        return self.game.legal(state.state)

    def cut_off(self, state: HorizonState) -> Array | None:
        found = cut_off(self.game, state.state)
        return None if found is None else found & (state.moves < self.horizon)[:, None]
