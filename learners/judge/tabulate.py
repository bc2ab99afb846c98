"""What a policy does at everything an agent can know, asked in as few questions as its memory allows.

A network without memory is asked once, one with a memory once per number of own moves: a forward
pass over all information sets side by side, not one for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

import numpy as np

from gametheory.errors import GameError
from gametheory.extensive.tree import Tree
from gametheory.game import Game
from gametheory.numerics import Array
from gametheory.policies.history import RemembersActions
from gametheory.policy import Policy, StochasticPolicy
from gametheory.posg import POSG
from learners.experience.recall import Recall
from learners.learner import law


def told(policy: Policy, carry: Any, observation: Array, legal: Array | None) -> Array:
    """``[B, A_i]``: the policy's probabilities, with the mask if it takes one.

    Raises:
        GameError: it does not tell them.
    """
    if not _tells(policy):
        raise GameError("a policy does not tell its probabilities; exact NashConv needs them")
    return law(policy, carry, observation, legal)


def _tells(policy: Policy) -> TypeGuard[StochasticPolicy]:
    return hasattr(policy, "probabilities")  # a protocol's isinstance takes longer than a small network


@dataclass(frozen=True, eq=False)
class KnownSets:
    """All information sets of one agent, as a policy is asked about them at once."""

    seen: Array  # [I] or [I, …], what the agent sees in the game as it is played
    legal: Array  # [I, A_i] bool
    above: Array  # [I], the own set before; −1 for none
    taken: Array  # [I], the own action that led on from there

    @classmethod
    def of(cls, tree: Tree, posg: POSG, game: Game[Any], agent: int) -> KnownSets:
        own = [found for found in tree.information if found.agent == agent]
        histories = [found.history or () for found in own]
        number = {history: k for k, history in enumerate(histories)}
        legal = np.zeros((len(own), posg.action_counts[agent]), dtype=bool)
        for row, found in zip(legal, own, strict=True):
            row[list(found.codes)] = True
        latest = np.array([history[-1][1] for history in histories], dtype=np.int64)
        shown = game.histories(agent, histories) if isinstance(game, Recall) else latest
        above = np.array([number.get(history[:-2], -1) for history in histories], dtype=np.int64)
        taken = np.array([history[-2][1] if len(history) > 1 else 0 for history in histories], dtype=np.int64)
        return cls(shown, legal, above, taken)

    def behaviour(self, policy: Policy) -> Array:
        """``[Q_i]``, the probabilities of the legal actions, set after set.

        Raises:
            GameError: the policy tells no probabilities, or not what it remembers.
        """
        places, begins, widths = self._legal_places
        law = self._law(policy).take(places)
        if not len(begins):
            return law
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(law / np.add.reduceat(law, begins).repeat(widths))

    @cached_property
    def _legal_places(self) -> tuple[Array, Array, Array]:
        """Where legal actions stand in a flat ``[I · A_i]``; where each set's begin among them, how many it has."""
        widths = self.legal.sum(axis=1)
        return np.flatnonzero(self.legal), np.cumsum(widths) - widths, widths

    def _law(self, policy: Policy) -> Array:
        carry = policy.start(len(self.seen))
        if not len(self.seen):
            return np.zeros(self.legal.shape)
        if carry is None:  # no memory: one question
            return told(policy, None, self.seen, self.legal)
        if not isinstance(policy, RemembersActions):
            raise GameError(
                "a policy with a memory must say what it remembers after an action: "
                "give it `remember(carry, observation, action)`"
            )
        out = np.zeros(self.legal.shape)
        for rows in self._depths:  # one question per number of own moves made
            if self.above[rows[0]] >= 0:
                up = self.above[rows]
                after = policy.remember(_rows(carry, up), self.seen[up], self.taken[rows])
                carry = _put(carry, rows, after)
            out[rows] = told(policy, _rows(carry, rows), self.seen[rows], self.legal[rows])
        return out

    @cached_property
    def _depths(self) -> list[Array]:
        depth = np.zeros(len(self.above), dtype=np.int64)
        for k, up in enumerate(self.above.tolist()):  # an earlier set always has a lower number
            depth[k] = 0 if up < 0 else depth[up] + 1
        return [np.flatnonzero(depth == d) for d in range(int(depth.max()) + 1)]


def _rows(carry: Any, index: Array) -> Any:
    return tuple(_rows(part, index) for part in carry) if isinstance(carry, tuple) else carry[index]


def _put(carry: Any, index: Array, new: Any) -> Any:
    if isinstance(carry, tuple):
        return tuple(_put(part, index, after) for part, after in zip(carry, new, strict=True))
    out = np.array(carry)
    out[index] = new
    return out
