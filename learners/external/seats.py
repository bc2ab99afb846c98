"""What a callable may answer in an agent's seat, and what is wrong with an answer. No torch."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from gametheory import streams
from gametheory.errors import GameError, UnknownName
from gametheory.game import Box, Discrete, Game, Spec
from gametheory.numerics import Array
from gametheory.simulate import TabularGame
from learners.words import counted

TOLERANCE = 1e-4
"""How far told probabilities may be from summing to one; single precision is within it."""


class Answers(Enum):
    """What a callable answers with."""

    ACTION = "action"
    """One action, the same whenever it is asked the same."""
    DRAW = "draw"
    """One action, perhaps another the next time."""
    LAW = "law"
    """A probability for every action, in order; the action is drawn here."""


class Mask(Enum):
    """Where a callable is shown which actions are legal, in games that say so."""

    WITHIN = "within"
    """``{"observation": …, "action_mask": …}`` in place of the observation, as in PettingZoo."""
    INFO = "info"
    """A second argument ``{"action_mask": …}``, as in Gymnasium's ``info``; ``{}`` in other games."""
    NOTHING = "nothing"
    """Nowhere."""


@dataclass(frozen=True)
class Seat:
    """One agent's place in a game."""

    agent: str
    sees: Spec
    actions: Spec
    masked: bool
    """Whether the game says which actions are legal."""
    legal: Array | None
    """[|Ω|, A_i] bool by observation, where the game is a table and so says it."""

    @classmethod
    def of(cls, game: Game[Any], agent: int | str) -> Seat:
        """The place of an agent, by number or name.

        Raises:
            GameError: there is no such agent.
        """
        if isinstance(agent, str):
            if agent not in game.agents:
                raise UnknownName("agent", agent, game.agents)
            agent = game.agents.index(agent)
        if not 0 <= agent < len(game.agents):
            raise GameError(f"agent is {agent}; the game has agents 0 … {len(game.agents) - 1}")
        mask = game.legal(game.reset(streams.seed_keys(0, 1)).state)[agent]
        legal = game.posg.legal[agent] if isinstance(game, TabularGame) else None
        specs = game.observation_specs[agent], game.action_specs[agent]
        return cls(game.agents[agent], *specs, mask is not None, legal)

    def wanted(self, answers: Answers) -> str:
        """What an answer must be, in words."""
        spec = self.actions
        if isinstance(spec, Box):
            return f"it must be {counted(spec.size, 'number')} in {spec.low.tolist()} … {spec.high.tolist()}"
        if answers is Answers.LAW:
            return f"it must be {counted(spec.size, 'probability', 'probabilities')} that sum to 1"
        either = "" if answers is Answers.ACTION else f", or {spec.size} probabilities each time"
        return f"it must be a whole number from 0 to {spec.size - 1}{either}"

    def refusal(self, given: Any, shown: Any, wanted: str) -> GameError:
        """The error of a wrong answer."""
        return GameError(
            f"the policy of agent {self.agent} answered {words(given)} when it saw {words(shown)}; {wanted}"
        )

    def checked(self, answers: Answers, raw: list[Array], shown: Array, masks: Array | None) -> Array:
        """``[K]``, ``[K, d]`` or ``[K, A]`` of K answers.

        Raises:
            GameError: one of them is out of range; names the agent, the answer and what was seen.
        """
        spec, law = self.actions, answers is Answers.LAW
        shape = () if isinstance(spec, Discrete) and not law else (spec.size,)
        for own, at in zip(raw, shown, strict=True):
            if own.size != int(np.prod(shape)):
                raise self.refusal(own, at, self.wanted(answers))
        out = np.stack([own.reshape(shape) for own in raw])
        if isinstance(spec, Box):
            out, bad = _in_box(spec, out)
        elif law:
            out, bad = _distributions(out, masks)
        else:
            bad = _no_actions(spec, out, masks)
        if np.any(bad):
            row = int(np.argmax(bad))
            allowed = "" if masks is None else f"; legal are {np.flatnonzero(masks[row]).tolist()}"
            raise self.refusal(raw[row], shown[row], self.wanted(answers) + allowed)
        return out


def _in_box(spec: Box, answers: Array) -> tuple[Array, Array]:
    """Answers moved in by what single precision is off, and which are further out."""
    inside = np.clip(answers.astype(np.float64), spec.low, spec.high)
    near = np.abs(inside - answers) <= 1e-6 * np.maximum(1.0, np.abs(inside))
    return inside, ~(near | (answers == inside)).all(axis=1)


def _no_actions(spec: Discrete, answers: Array, masks: Array | None) -> Array:
    """Which answers are no legal action."""
    if answers.dtype.kind not in "iu":
        return np.ones(len(answers), dtype=bool)
    bad = np.asarray((answers < 0) | (answers >= spec.size))
    return bad if masks is None else bad | ~masks[np.arange(len(answers)), np.where(bad, 0, answers)]


def _distributions(answers: Array, masks: Array | None) -> tuple[Array, Array]:
    """Answers normalised, and which are no distribution over the legal actions."""
    law = answers.astype(np.float64)
    totals = law.sum(axis=1)
    good = (np.abs(totals - 1.0) <= TOLERANCE) & (law >= 0).all(axis=1)
    if masks is not None:
        good &= ~(law * ~masks).any(axis=1)
    return np.asarray(law / np.where(good, totals, 1.0)[:, None]), ~good


def words(value: Any) -> str:
    """A value in a line, cut where it is long."""
    plain = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return reprlib.repr(plain)
