"""Policies: what one agent does with its own history, for a batch of plays at once.

A policy's memory is its *carry*. It advances only when the agent acts, so a policy cannot count
steps at which it saw the null observation ⊥ (formalism: ⊥ carries no information).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import Discrete, Spec
from gametheory.numerics import Array, as_numbers, check_simplex, to_floats
from gametheory.streams import Keys


@runtime_checkable
class Policy(Protocol):
    """One agent's policy ``π^i(· | h^i)``, batched; randomness comes from ``keys`` alone."""

    def start(self, batch: int) -> Any:
        """The carry before the first observation."""
        ...

    def act(self, carry: Any, observation: Array, keys: Keys) -> tuple[Any, Array]:
        """Next carry and actions, ``[B]`` or ``[B, d]``, for observations ``[B]`` or ``[B, d]``."""
        ...


@runtime_checkable
class StochasticPolicy(Policy, Protocol):
    """A policy over discrete actions that can say its probabilities; exact evaluation needs it."""

    def probabilities(self, carry: Any, observation: Array) -> Array:
        """``[B, A_i]``: the distribution that ``act`` would draw from; changes nothing."""
        ...


@dataclass(frozen=True)
class TablePolicy:
    """A Markov policy over discrete observations: ``table[ω, a]`` is π(a | ω)."""

    table: Array  # [|Ω|, A_i]

    def __post_init__(self) -> None:
        table = as_numbers(self.table, "table")
        if table.ndim != 2:
            raise GameError(f"table has shape {list(table.shape)}; it must be [observations, actions]")
        check_simplex(table, "table")
        object.__setattr__(self, "table", table)

    def start(self, batch: int) -> None:
        return None

    def probabilities(self, carry: None, observation: Array) -> Array:
        return to_floats(self.table)[observation]

    def act(self, carry: None, observation: Array, keys: Keys) -> tuple[None, Array]:
        cumulative = self.probabilities(carry, observation).cumsum(axis=1)
        return None, streams.categorical(cumulative, streams.uniform(keys, 0, 1)[:, 0])


@dataclass(frozen=True)
class ConstantPolicy:
    """Always the same action."""

    action: ArrayLike

    def start(self, batch: int) -> None:
        return None

    def act(self, carry: None, observation: Array, keys: Keys) -> tuple[None, Array]:
        return None, np.repeat(np.asarray(self.action)[None], len(keys), axis=0)


@dataclass(frozen=True)
class UniformPolicy:
    """Uniformly random over the action space."""

    spec: Spec

    def start(self, batch: int) -> None:
        return None

    def act(self, carry: None, observation: Array, keys: Keys) -> tuple[None, Array]:
        if isinstance(self.spec, Discrete):
            u = streams.uniform(keys, 0, 1)[:, 0]
            return None, (u * self.spec.size).astype(np.intp)
        width = self.spec.high - self.spec.low
        return None, self.spec.low + width * streams.uniform(keys, 0, self.spec.size)


def uniform_profile(specs: tuple[Spec, ...]) -> tuple[UniformPolicy, ...]:
    """One uniformly random policy per agent."""
    return tuple(UniformPolicy(spec) for spec in specs)
