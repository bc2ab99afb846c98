"""Playing a tabular POSG in batches, under the protocol of ``gametheory.game``."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import NULL, Discrete, Game, Spec, Step, check_actions
from gametheory.kernels import FactoredObservations
from gametheory.numerics import Array, to_floats
from gametheory.policy import uniform_profile
from gametheory.posg import POSG
from gametheory.streams import Keys


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
        self._observe = _ObservationTables(posg)

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


class _ObservationTables:
    """Cumulative observation kernels and their draws."""

    def __init__(self, posg: POSG) -> None:
        self.posg = posg
        kernels, first = posg.observations, posg.initial_observations
        self.factored = isinstance(kernels, FactoredObservations)
        n, S = len(posg.agents), len(posg.states)
        if isinstance(kernels, FactoredObservations):
            self.tables = [_cumulative(kernel) for kernel in kernels.kernels]
        else:
            self.tables = [_cumulative(kernels.kernel.reshape(*kernels.kernel.shape[: 1 + n], -1))]
        self.initial: list[NDArray[np.float64]] | None = None
        if isinstance(first, tuple):
            self.initial = [_cumulative(kernel) for kernel in first]
        elif first is not None:
            self.initial = [_cumulative(first.reshape(S, -1))]

    def first(self, states: Array, u: Array) -> tuple[Array, ...]:
        """Observations before the first action."""
        if self.initial is None:
            seen = [np.full(len(states), size, dtype=np.intp) for size in self.posg.observation_counts]
        else:
            seen = self._draw([table[states] for table in self.initial], u)
        return self._hide(states, seen)

    def after(self, states: Array, joint: tuple[Array, ...], u: Array) -> tuple[Array, ...]:
        """Observations on reaching ``states`` by the joint action."""
        if self.factored:
            counts = self.posg.action_counts
            rows = [table[states * counts[i] + joint[i]] for i, table in enumerate(self.tables)]
        else:
            shape = (len(self.posg.states), *self.posg.action_counts)
            rows = [self.tables[0][np.ravel_multi_index((states, *joint), shape)]]
        return self._hide(states, self._draw(rows, u))

    def _draw(self, rows: list[Array], u: Array) -> list[Array]:
        if len(rows) == len(self.posg.agents):
            return [streams.categorical(row, u[:, i]) for i, row in enumerate(rows)]
        index = streams.categorical(rows[0], u[:, 0])
        return list(np.unravel_index(index, self.posg.observation_counts))

    def _hide(self, states: Array, seen: list[Array]) -> tuple[Array, ...]:
        return tuple(np.where(self.posg.null[states, i], NULL, own) for i, own in enumerate(seen))


def _cumulative(weights: Array) -> NDArray[np.float64]:
    """Cumulative sums over the last axis, the other axes flattened into rows."""
    return to_floats(weights).cumsum(axis=-1).reshape(-1, weights.shape[-1])


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
