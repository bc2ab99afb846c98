"""Playing a tabular POSG in batches, under the protocol of ``gametheory.game``."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import NULL, Discrete, Game, Spec, Step, check_actions, check_state
from gametheory.numerics import Array, to_floats
from gametheory.policy import uniform_profile
from gametheory.posg import POSG
from gametheory.streams import Keys
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import FactoredObservations, Observations


class TabularState(NamedTuple):
    """Where B plays stand."""

    keys: Keys  # [B]
    draws: Array  # [B], how many steps were drawn
    states: Array  # [B]
    observations: tuple[Array, ...]  # per agent [B], what it saw last


class TabularGame:
    """A ``POSG`` as a ``Game``: one table look-up and one draw per random part and step.

    Agent i's observations are the numbers ``0 … |Ω^i|−1``; ``|Ω^i|`` stands for ``start`` and −1
    for ⊥. Illegal actions raise.
    """

    def __init__(self, posg: POSG) -> None:
        self.posg = posg
        self.agents = posg.agents
        self.action_specs: tuple[Spec, ...] = tuple(Discrete(len(own), own) for own in posg.actions)
        self.observation_specs: tuple[Spec, ...] = tuple(
            Discrete(len(own) + 1, (*own, "start")) for own in posg.observation_labels
        )
        self._rewards = np.ascontiguousarray(to_floats(posg.branches.rewards).T)  # [M, n]
        self._initial = to_floats(posg.initial).cumsum()
        self._discount = to_floats(posg.discount)
        self._observe = _Sights(posg)

    @cached_property
    def deterministic(self) -> bool:
        """Whether the agents' choices decide every step: nothing is left to chance but the start."""
        seen = self.posg.observations
        kernels = seen.of_agent if isinstance(seen, FactoredObservations) else (seen.joint,)
        tables = [self.posg.branches.indptr, *(own.laws.indptr for own in kernels)]
        return all(bool(np.all(np.diff(indptr) <= 1)) for indptr in tables)

    def reset(self, keys: Keys) -> Step[TabularState]:
        batch = len(keys)
        u = streams.uniform(keys, 0, 1 + len(self.agents))
        states = streams.categorical(np.broadcast_to(self._initial, (batch, len(self.posg.states))), u[:, 0])
        observations = self._observe.first(states, u[:, 1:])
        return Step(
            TabularState(keys, np.zeros(batch, dtype=np.uint64), states, observations),
            observations,
            np.zeros((batch, len(self.agents))),
            np.ones(batch),
            self.posg.terminal[states],
        )

    def step(self, state: TabularState, actions: tuple[Array, ...]) -> Step[TabularState]:
        check_state(state, TabularState)
        check_actions(self.action_specs, self.agents, actions, len(state.keys))
        joint = self._checked(state, actions)
        draws = state.draws + np.uint64(1)
        u = streams.uniform(state.keys, draws, 1 + len(self.agents))
        branches = self.posg.branches
        drawn = branches.draw(branches.rows(state.states, joint), u[:, 0])
        successors = branches.successors[drawn]
        observations = self._observe.after(successors, joint, u[:, 1:])
        return Step(
            TabularState(state.keys, draws, successors, observations),
            observations,
            self._rewards[drawn],
            self._discount[state.states],
            self.posg.terminal[successors],
        )

    def acting(self, state: TabularState) -> Array:
        return ~(self.posg.null | self.posg.terminal[:, None])[state.states]

    def legal(self, state: TabularState) -> tuple[Array | None, ...]:
        return tuple(
            None if own is None else own[seen]
            for own, seen in zip(self.posg.legal, state.observations, strict=True)
        )

    def _checked(self, state: TabularState, actions: tuple[Array, ...]) -> tuple[Array, ...]:
        """The joint action with a fixed entry for whoever makes no choice.

        Raises:
            GameError: an illegal action, or a play that is over.
        """
        over = self.posg.terminal[state.states]
        if np.any(over):
            raise GameError(f"row {int(np.argmax(over))} has terminated; reset it before stepping")
        acting = self.acting(state)
        joint = tuple(np.where(acting[:, i], action, 0) for i, action in enumerate(actions))
        for i, mask in enumerate(self.legal(state)):
            if mask is None:
                continue
            bad = acting[:, i] & ~mask[np.arange(len(joint[i])), joint[i]]
            if np.any(bad):
                row = int(np.argmax(bad))
                label = self.posg.actions[i][joint[i][row]]
                raise GameError(f"action {label} of agent {self.agents[i]} in row {row} is illegal here")
        return joint


class _Sights:
    """Draws of observations."""

    def __init__(self, posg: POSG) -> None:
        self.posg = posg

    def first(self, states: Array, u: Array) -> tuple[Array, ...]:
        """Observations before the first action."""
        model = self.posg.initial_observations
        if model is None:
            seen = [np.full(len(states), size, dtype=np.intp) for size in self.posg.observation_counts]
            return self._hide(states, seen)
        return self._drawn(model, states, [()] * len(self.posg.agents), u)

    def after(self, states: Array, joint: tuple[Array, ...], u: Array) -> tuple[Array, ...]:
        """Observations on reaching ``states`` by the joint action."""
        return self._drawn(self.posg.observations, states, [(own,) for own in joint], u)

    def _drawn(
        self, model: Observations, states: Array, actions: list[tuple[Array, ...]], u: Array
    ) -> tuple[Array, ...]:
        if isinstance(model, FactoredObservations):
            seen = [_draw(own, own.row(states, *actions[i]), u[:, i]) for i, own in enumerate(model.of_agent)]
        else:
            taken = [action for own in actions for action in own]
            seen = list(model.symbols(_draw(model.joint, model.joint.row(states, *taken), u[:, 0])))
        return self._hide(states, seen)

    def _hide(self, states: Array, seen: list[Array]) -> tuple[Array, ...]:
        return tuple(np.where(self.posg.null[states, i], NULL, own) for i, own in enumerate(seen))


def _draw(kernel: Kernel, rows: Array, u: Array) -> Array:
    """``[B]`` symbols from rows ``[B]``; any one where nothing is said, for ⊥ hides it."""
    if not len(kernel.laws):
        return np.zeros(len(rows), dtype=np.int64)
    return kernel.laws.draw(np.maximum(rows, 0), u)


def random_actions(game: Game[Any], state: Any, keys: streams.Keys) -> tuple[Array, ...]:
    """Uniformly random legal actions; 0 or the box's low end for whoever does not act."""
    out = []
    legal = game.legal(state)
    profile = uniform_profile(game.action_specs)
    for i, (spec, policy) in enumerate(zip(game.action_specs, profile, strict=True)):
        own_keys = streams.derive(keys, i)
        _, action = policy.act(None, np.zeros(len(keys)), own_keys)
        mask = legal[i]
        if isinstance(spec, Discrete) and mask is not None:
            weights = np.where(mask.any(axis=1, keepdims=True), mask, True).astype(np.float64)
            action = streams.categorical(weights.cumsum(axis=1), streams.uniform(own_keys, 1, 1)[:, 0])
        out.append(action)
    return tuple(out)
