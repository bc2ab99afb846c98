"""Policies: what one agent does with its own history, for a batch of plays at once.

A policy's memory is its *carry*. It advances only when the agent acts, so a policy cannot count
steps at which it saw the null observation ⊥ (formalism: ⊥ carries no information).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import Discrete, Spec
from gametheory.numerics import Array, Number, as_numbers, check_simplex, to_floats
from gametheory.streams import Keys


@runtime_checkable
class Policy(Protocol):
    """One agent's policy ``π^i(· | h^i)``, batched; randomness comes from ``keys`` alone."""

    def start(self, batch: int) -> Any:
        """The carry before the first observation: None, or nested tuples of arrays ``[B, …]``."""
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


class Choice(NamedTuple):
    """One thing that a policy may do: an action and what it then remembers."""

    probability: Number
    action: int
    memory: Hashable


class Chooser(Protocol):
    """What exact evaluation reads: the law of (action, next memory), at one memory and observation.

    Equal memories mean equal behaviour from then on.
    """

    @property
    def first(self) -> Hashable:
        """The memory before the first observation."""
        ...

    def choices(self, memory: Any, observation: int) -> tuple[Choice, ...]:
        """What may happen on an observation; the probabilities sum to 1."""
        ...


@runtime_checkable
class FinitePolicy(Policy, Chooser, Protocol):
    """A policy over discrete actions that lists its choices, so that its numbers stay exact.

    Any other ``StochasticPolicy`` is evaluated through ``gametheory.policies.history``.
    """


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

    @property
    def first(self) -> None:
        return None

    def choices(self, memory: None, observation: int) -> tuple[Choice, ...]:
        if not 0 <= observation < len(self.table):
            raise GameError(f"the table has rows for observations 0 … {len(self.table) - 1} only")
        return tuple(Choice(p, a, None) for a, p in enumerate(self.table[observation].tolist()) if p)


@dataclass(frozen=True)
class ConstantPolicy:
    """Always the same action."""

    action: ArrayLike

    def start(self, batch: int) -> None:
        return None

    def act(self, carry: None, observation: Array, keys: Keys) -> tuple[None, Array]:
        return None, np.repeat(np.asarray(self.action)[None], len(keys), axis=0)

    @property
    def first(self) -> None:
        return None

    def choices(self, memory: None, observation: int) -> tuple[Choice, ...]:
        action = np.asarray(self.action)
        if action.ndim or not np.issubdtype(action.dtype, np.integer):
            raise GameError(f"the constant action {action} is not the number of an action")
        return (Choice(Fraction(1), int(action), None),)


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

    @property
    def first(self) -> None:
        return None

    def choices(self, memory: None, observation: int) -> tuple[Choice, ...]:
        if not isinstance(self.spec, Discrete):
            raise GameError("a uniform policy over a box has no finite list of choices")
        weight = Fraction(1, self.spec.size)
        return tuple(Choice(weight, a, None) for a in range(self.spec.size))


def uniform_profile(specs: tuple[Spec, ...]) -> tuple[UniformPolicy, ...]:
    """One uniformly random policy per agent."""
    return tuple(UniformPolicy(spec) for spec in specs)


def uniform_table(actions: int, legal: Array | None, observations: int) -> TablePolicy:
    """Uniform over the legal actions ``legal[ω]`` of each observation, exactly.

    Args:
        actions: A_i.
        legal: ``[≥ |Ω|, A_i]`` bool, or None where every action is legal.
        observations: rows of the table; count one for ``start`` where the game shows it.
    """
    mask = np.ones((observations, actions), dtype=bool) if legal is None else legal[:observations]
    table = np.full(mask.shape, Fraction(0), dtype=object)
    for row, allowed in zip(table, mask, strict=True):
        row[allowed] = Fraction(1, int(allowed.sum()))
    return TablePolicy(table)
