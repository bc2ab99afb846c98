"""A game as one agent faces it when the others play given policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import Game, Spec, Step, check_state, where
from gametheory.numerics import Array
from gametheory.policy import Policy
from gametheory.streams import Keys

_OTHERS = np.uint64(2**63)
"""Marks the streams of the others' choices, apart from the game's own draws."""


class OneAgentState(NamedTuple):
    """Where B plays stand, and what the others have seen and remember."""

    inner: Any
    keys: Keys  # [B], for the others' choices
    steps: Array  # [B]
    observations: tuple[Array, ...]  # of all agents
    carries: tuple[Any, ...]  # of all agents; None for the one that is left


class OneAgentGame:
    """Agent ``agent`` of a game alone: the others' policies are part of its world.

    The others' memories advance when they act, and their random choices come from the row's own
    key, so it keeps the contract of ``gametheory.game.Game`` where the game and the policies do.
    Who has ``takes_legal`` is shown which actions are legal.

    Args:
        game: any simulated game.
        agent: whose view, 0 … n−1.
        profile: one policy per agent; the agent's own is not read and may be None.

    Raises:
        GameError: no such agent, or a policy is missing.
    """

    def __init__(self, game: Game[Any], agent: int, profile: Sequence[Policy | None]) -> None:
        n = len(game.agents)
        if not 0 <= agent < n:
            raise GameError(f"agent is {agent}; the game has agents 0 … {n - 1}")
        if len(profile) != n:
            raise GameError(f"profile has {len(profile)} policies; the game has {n} agents")
        for i, policy in enumerate(profile):
            if policy is None and i != agent:
                raise GameError(
                    f"agent {game.agents[i]} has no policy; give one for all but {game.agents[agent]}"
                )
        self.game, self.agent, self.profile = game, agent, tuple(profile)
        self.agents = (game.agents[agent],)
        self.observation_specs: tuple[Spec, ...] = (game.observation_specs[agent],)
        self.action_specs: tuple[Spec, ...] = (game.action_specs[agent],)

    @property
    def silent(self) -> tuple[bool, ...]:
        """Whether the agent may see ⊥."""
        from environments.plays import silent_agents  # here, for it loads Gymnasium

        return (silent_agents(self.game)[self.agent],)

    def reset(self, keys: Keys) -> Step[OneAgentState]:
        step = self.game.reset(keys)
        carries = tuple(
            None if policy is None or i == self.agent else policy.start(len(keys))
            for i, policy in enumerate(self.profile)
        )
        own = streams.derive(keys, _OTHERS)
        return self._view(step, own, np.zeros(len(keys), dtype=np.int64), carries)

    def step(self, state: OneAgentState, actions: tuple[Array, ...]) -> Step[OneAgentState]:
        check_state(state, OneAgentState)
        if not isinstance(actions, tuple) or len(actions) != 1:
            raise GameError("actions must be a tuple of one array, of the one agent")
        acting, legal = self.game.acting(state.inner), self.game.legal(state.inner)
        keys = streams.derive(state.keys, state.steps)
        carries, joint = [], []
        for i, policy in enumerate(self.profile):
            carry, action = state.carries[i], actions[0]
            if i != self.agent and policy is not None:
                asked = carry, state.observations[i], streams.derive(keys, i)
                later, action = policy.act(*asked, *_shown(policy, legal[i], acting[:, i]))
                carry = where(acting[:, i], later, carry)
            carries.append(carry)
            joint.append(action)
        after = self.game.step(state.inner, tuple(joint))
        return self._view(after, state.keys, state.steps + 1, tuple(carries))

    def acting(self, state: OneAgentState) -> Array:
        return self.game.acting(state.inner)[:, self.agent : self.agent + 1]

    def legal(self, state: OneAgentState) -> tuple[Array | None, ...]:
        return (self.game.legal(state.inner)[self.agent],)

    def _view(
        self, step: Step[Any], keys: Keys, steps: Array, carries: tuple[Any, ...]
    ) -> Step[OneAgentState]:
        i = self.agent
        state = OneAgentState(step.state, keys, steps, step.observations, carries)
        own = step.rewards[:, i : i + 1]
        return Step(state, (step.observations[i],), own, step.discount, step.terminated)


def _shown(policy: Policy, legal: Array | None, acting: Array) -> tuple[Array, ...]:
    """The mask, for who takes one; no row is empty, for all is allowed where the agent does not act."""
    if legal is None or not getattr(policy, "takes_legal", False):
        return ()
    return (legal | ~acting[:, None],)
