"""Own histories as observations: what an agent without memory of its own needs where things are hidden.

A tabular game tells an agent something new at each of its moves, and never again. A network that
reads one observation at a time forgets the card it was dealt; here it sees its last ``k`` moves,
what it saw and what it did, beside what it sees now. That keeps the rule of ⊥: a history grows only
when its agent acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gametheory.game import NULL, Box, Discrete, Game, Spec, Step
from gametheory.numerics import Array
from gametheory.policies.controllers import History
from gametheory.streams import Keys
from learners.experience.limits import cut_off
from learners.experience.spaces import encode_action, encode_observation, seen


class RecallState(NamedTuple):
    """Where B plays stand, and what their agents remember."""

    state: Any
    observations: tuple[Array, ...]  # per agent, as the game showed them last
    past: tuple[Array, ...]  # per agent [B, k · (observation + action)], the latest move last


class Recall:
    """A game whose agents see their own last ``moves`` moves beside each observation.

    Observations become unbounded boxes ``[B, k · (|ω| + |a|) + |ω|]``: symbols one-hot, vectors as
    they are encoded for networks, zeros where there is no past yet; NaN where the agent sees ⊥.
    """

    def __init__(self, game: Game[Any], moves: int) -> None:
        self.game, self.moves = game, moves
        self.agents, self.action_specs = game.agents, game.action_specs
        self._entries = [
            spec.size + action.size
            for spec, action in zip(game.observation_specs, game.action_specs, strict=True)
        ]
        widths = [
            moves * entry + spec.size
            for entry, spec in zip(self._entries, game.observation_specs, strict=True)
        ]
        self.observation_specs: tuple[Spec, ...] = tuple(
            Box(np.full(width, -np.inf), np.full(width, np.inf)) for width in widths
        )

    def reset(self, keys: Keys) -> Step[RecallState]:
        past = tuple(np.zeros((len(keys), self.moves * entry)) for entry in self._entries)
        return self._step(self.game.reset(keys), past)

    def step(self, state: RecallState, actions: tuple[Array, ...]) -> Step[RecallState]:
        acting = self.game.acting(state.state)
        past = tuple(
            np.where(acting[:, i, None], self._grown(i, own, state.observations[i], actions[i]), own)
            for i, own in enumerate(state.past)
        )
        return self._step(self.game.step(state.state, actions), past)

    def acting(self, state: RecallState) -> Array:
        return self.game.acting(state.state)

    def legal(self, state: RecallState) -> tuple[Array | None, ...]:
        return self.game.legal(state.state)

    def cut_off(self, state: RecallState) -> Array | None:
        return cut_off(self.game, state.state)

    def histories(self, agent: int, known: Sequence[History]) -> Array:
        """``[I, …]``: what the agent sees after each of its own histories of a game with symbols."""
        past = np.zeros((len(known), self.moves * self._entries[agent]))
        for back in range(self.moves, 0, -1):  # the oldest first
            codes = np.array([_back(history, back) for history in known], dtype=np.int64).reshape(-1, 2)
            past = np.where(codes[:, :1] == NULL, past, self._grown(agent, past, codes[:, 0], codes[:, 1]))
        return self._shown(agent, past, np.array([history[-1][1] for history in known], dtype=np.int64))

    def _grown(self, agent: int, past: Array, observation: Array, action: Array) -> Array:
        new = (
            encode_observation(self.game.observation_specs[agent], observation),
            encode_action(self.action_specs[agent], action),
        )
        return np.concatenate([past[:, self._entries[agent] :], *new], axis=1)

    def _shown(self, agent: int, past: Array, observation: Array) -> Array:
        spec = self.game.observation_specs[agent]
        out = np.concatenate([past, encode_observation(spec, observation)], axis=1)
        return np.where(seen(spec, observation)[:, None], out, np.nan)

    def _step(self, step: Step[Any], past: tuple[Array, ...]) -> Step[RecallState]:
        shown = tuple(
            self._shown(i, own, now) for i, (own, now) in enumerate(zip(past, step.observations, strict=True))
        )
        state = RecallState(step.state, step.observations, past)
        return Step(state, shown, step.rewards, step.discount, step.terminated)


def _back(history: History, moves: int) -> tuple[int, int]:
    """What was seen and done ``moves`` own moves ago; ⊥ twice if the history is not that long."""
    place = len(history) - 1 - 2 * moves
    return (history[place][1], history[place + 1][1]) if place >= 0 else (NULL, NULL)


def symbolic(game: Game[Any]) -> bool:
    """Whether all observations and actions are symbols."""
    return all(isinstance(spec, Discrete) for spec in (*game.observation_specs, *game.action_specs))
