"""Policies with memory: finite-state controllers, tables over histories, mixtures of policies."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import where
from gametheory.numerics import Array, as_numbers, check_simplex, freeze, to_floats
from gametheory.policy import Choice, FinitePolicy, Policy, StochasticPolicy
from gametheory.streams import Keys

Event = tuple[str, int]
"""``("o", ω)`` or ``("a", a)``."""
History = tuple[Event, ...]
"""An agent's own observations and actions in order, beginning and ending with an observation."""


@dataclass(frozen=True)
class Controller:
    """A finite-memory policy: ``π(a | m, ω)``, then ``m' = f(m, ω, a)`` or ``m' ~ f(· | m, ω, a)``.

    Args:
        table: ``[M, |Ω|, A_i]``, the law of the action.
        update: integers ``[M, |Ω|, A_i]``, or a law ``[M, |Ω|, A_i, M]``. Memory 0 is the first.

    Raises:
        GameError: wrong shapes, a row that is no distribution, a memory that does not exist.
    """

    table: Array  # [M, |Ω|, A_i]
    update: Array  # [M, |Ω|, A_i] or [M, |Ω|, A_i, M]

    def __post_init__(self) -> None:
        table = as_numbers(self.table, "table")
        if table.ndim != 3:
            raise GameError(
                f"table has shape {list(table.shape)}; it must be [memories, observations, actions]"
            )
        check_simplex(table, "table")
        update, count = np.asarray(self.update), len(table)
        if update.shape == (*table.shape, count):
            update = as_numbers(update, "update")
            check_simplex(update, "update")
        elif update.shape != table.shape or not np.issubdtype(update.dtype, np.integer):
            raise GameError(
                f"update has shape {list(update.shape)}; it must be integers {list(table.shape)} "
                f"or laws {[*table.shape, count]}"
            )
        elif np.any((update < 0) | (update >= count)):
            raise GameError(f"update names a memory outside 0 … {count - 1}")
        else:
            update = freeze(update.astype(np.intp))
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "update", update)

    def start(self, batch: int) -> Array:
        return np.zeros(batch, dtype=np.intp)

    @cached_property
    def _floats(self) -> Array:
        return to_floats(self.table)

    @cached_property
    def _cumulative_update(self) -> Array:
        return to_floats(self.update).cumsum(axis=-1)

    def probabilities(self, carry: Array, observation: Array) -> Array:
        return np.asarray(self._floats[carry, observation])

    def act(self, carry: Array, observation: Array, keys: Keys) -> tuple[Array, Array]:
        u = streams.uniform(keys, 0, 2)
        action = streams.categorical(self.probabilities(carry, observation).cumsum(axis=1), u[:, 0])
        if self.update.ndim == 3:
            return self.update[carry, observation, action], action
        return streams.categorical(self._cumulative_update[carry, observation, action], u[:, 1]), action

    @property
    def first(self) -> int:
        return 0

    def choices(self, memory: int, observation: int) -> tuple[Choice, ...]:
        if not 0 <= observation < self.table.shape[1]:
            raise GameError(f"the table has rows for observations 0 … {self.table.shape[1] - 1} only")
        out = []
        for action, p in enumerate(self.table[memory, observation].tolist()):
            if not p:
                continue
            follows = self.update[memory, observation, action]
            if self.update.ndim == 3:
                out.append(Choice(p, action, int(follows)))
            else:
                out += [Choice(p * q, action, m) for m, q in enumerate(follows.tolist()) if q]
        return tuple(out)


@dataclass(frozen=True)
class HistoryPolicy:
    """``table[h]`` is the law of the action after the agent's own history h.

    Args:
        table: from histories ``(("o", ω_0), ("a", a_0), …, ("o", ω_t))`` to distributions ``[A_i]``.
        default: ``[|Ω|, A_i]``, used by latest observation where the table is silent
            (``uniform_table(…).table`` is uniform over legal actions).

    Raises:
        GameError: a key that is no history, or numbers outside the default's shape.
    """

    table: Mapping[History, ArrayLike]
    default: Array  # [|Ω|, A_i]

    def __post_init__(self) -> None:
        default = as_numbers(self.default, "default")
        if default.ndim != 2:
            raise GameError(f"default has shape {list(default.shape)}; it must be [observations, actions]")
        check_simplex(default, "default")
        object.__setattr__(self, "default", default)
        laws = {}
        for history, law in self.table.items():
            _check_history(history, default.shape)
            laws[history] = as_numbers(law, f"table[{history}]")
            if laws[history].shape != default.shape[1:]:
                raise GameError(f"table[{history}] must have {default.shape[1]} probabilities")
            check_simplex(laws[history], f"table[{history}]")
        object.__setattr__(self, "table", laws)

    @cached_property
    def controller(self) -> Controller:
        """The same as a controller: one memory per history that the table tells apart."""
        memories: dict[History, int] = {(): 0}  # histories that end with an action
        for history in self.table:
            for end in range(2, len(history), 2):
                memories.setdefault(history[:end], len(memories))
        lost = len(memories)  # off the table, whence no way leads back
        table = np.repeat(self.default[None], lost + 1, axis=0)
        update = np.full(table.shape, lost, dtype=np.intp)
        if any(not np.issubdtype(np.asarray(law).dtype, np.object_) for law in self.table.values()):
            table = to_floats(table).copy()
        for past, memory in memories.items():
            if past:
                update[memories[past[:-2]], past[-2][1], past[-1][1]] = memory
        for history, law in self.table.items():
            table[memories[history[:-1]], history[-1][1]] = law
        return Controller(table, update)

    def start(self, batch: int) -> Array:
        return self.controller.start(batch)

    def probabilities(self, carry: Array, observation: Array) -> Array:
        return self.controller.probabilities(carry, observation)

    def act(self, carry: Array, observation: Array, keys: Keys) -> tuple[Array, Array]:
        return self.controller.act(carry, observation, keys)

    @property
    def first(self) -> int:
        return 0

    def choices(self, memory: int, observation: int) -> tuple[Choice, ...]:
        return self.controller.choices(memory, observation)


def _check_history(history: Any, shape: tuple[int, ...]) -> None:
    """A history alternates observations and actions and ends with an observation."""
    good = isinstance(history, tuple) and len(history) % 2 == 1
    for place, event in enumerate(history if good else ()):
        kind, size = ("o", shape[0]) if place % 2 == 0 else ("a", shape[1])
        good = good and isinstance(event, tuple) and len(event) == 2
        good = good and event[0] == kind and 0 <= event[1] < size
    if not good:
        raise GameError(
            f'{history!r} is no history: write (("o", ω), ("a", a), …, ("o", ω)) '
            f"with observations below {shape[0]} and actions below {shape[1]}"
        )


@dataclass(frozen=True)
class MixturePolicy:
    """One of several policies, drawn once before the first action and then kept.

    Args:
        weights: ``[K]``, the law of the draw.
        policies: K policies; exact evaluation needs ``FinitePolicy``.
    """

    weights: Array  # [K]
    policies: Sequence[Policy]

    def __post_init__(self) -> None:
        weights = as_numbers(self.weights, "weights")
        if weights.shape != (len(self.policies),):
            raise GameError(
                f"weights has shape {list(weights.shape)}; there are {len(self.policies)} policies"
            )
        check_simplex(weights, "weights")
        object.__setattr__(self, "weights", weights)

    def start(self, batch: int) -> tuple[Array, tuple[Any, ...]]:
        """The policy drawn (−1: not yet) and every policy's own carry."""
        return np.full(batch, -1), tuple(policy.start(batch) for policy in self.policies)

    def probabilities(self, carry: tuple[Array, tuple[Any, ...]], observation: Array) -> Array:
        chosen, own = carry
        out: Array = np.zeros((len(observation), 1))
        for k, (policy, memory) in enumerate(zip(self.policies, own, strict=True)):
            if not isinstance(policy, StochasticPolicy):
                raise GameError(f"policy {k} of the mixture does not tell its probabilities")
            weight = np.where(chosen < 0, float(self.weights[k]), chosen == k)
            out = out + weight[:, None] * policy.probabilities(memory, observation)
        return np.asarray(out)

    def act(
        self, carry: tuple[Array, tuple[Any, ...]], observation: Array, keys: Keys
    ) -> tuple[tuple[Array, tuple[Any, ...]], Array]:
        chosen, own = carry
        cumulative = np.broadcast_to(to_floats(self.weights).cumsum(), (len(keys), len(self.weights)))
        drawn = streams.categorical(cumulative, streams.uniform(keys, 0, 1)[:, 0])
        chosen = np.where(chosen < 0, drawn, chosen)
        taken, carries = None, []
        for k, (policy, memory) in enumerate(zip(self.policies, own, strict=True)):
            after, action = policy.act(memory, observation, streams.derive(keys, k + 1))
            taken = action if taken is None else where(chosen == k, action, taken)
            carries.append(after)
        return (chosen, tuple(carries)), np.asarray(taken)

    @property
    def first(self) -> Hashable:
        return None

    def choices(self, memory: Any, observation: int) -> tuple[Choice, ...]:
        if memory is not None:
            k, own = memory
            return tuple(Choice(p, a, (k, m)) for p, a, m in self._part(k).choices(own, observation))
        return tuple(
            Choice(weight * p, a, (k, m))
            for k, weight in enumerate(self.weights.tolist())
            if weight
            for p, a, m in self._part(k).choices(self._part(k).first, observation)
        )

    def _part(self, k: int) -> FinitePolicy:
        policy = self.policies[k]
        if not isinstance(policy, FinitePolicy):
            raise GameError(f"policy {k} of the mixture does not list its choices; see FinitePolicy")
        return policy


def pure(action: int, actions: int) -> list[Fraction]:
    """The distribution ``[A_i]`` of one sure action."""
    return [Fraction(a == action) for a in range(actions)]
