"""Observation kernels of a POSG: factored across agents, or joint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers
from gametheory.tables import ragged
from gametheory.tables.distributions import at_rows
from gametheory.tables.kernel import Kernel
from gametheory.tables.ragged import Ints

MOST_SYMBOLS = 2**62
"""Joint observations are numbered, and the numbers must fit."""


@dataclass(frozen=True, eq=False, init=False)
class FactoredObservations:
    """``O^i(ω | s', a^i)``, independent across agents: the form of the lecture.

    Args:
        kernels: per agent ``[S', A_i, |Ω^i|]``, or ``[S', |Ω^i|]`` where the action is immaterial;
            or a ``Kernel`` with rows ``[S', A_i]`` or ``[S', 1]``.
        actions: ``(A_1, …, A_n)``, if known.
    """

    of_agent: tuple[Kernel, ...]
    actions: tuple[int, ...] | None

    def __init__(self, kernels: Sequence[Any], actions: tuple[int, ...] | None = None) -> None:
        own = tuple(_own_kernel(kernel, f"O^{i}") for i, kernel in enumerate(kernels))
        object.__setattr__(self, "of_agent", own)
        object.__setattr__(self, "actions", actions)

    @property
    def sizes(self) -> tuple[int, ...]:
        """``|Ω^i|`` per agent."""
        return tuple(own.width for own in self.of_agent)

    @property
    def exact(self) -> bool:
        return all(own.laws.exact for own in self.of_agent)

    @cached_property
    def kernels(self) -> tuple[Array, ...]:
        """Per agent ``[S', A_i, |Ω^i|]`` spelled out; ``[S', |Ω^i|]`` of first observations.

        Raises:
            GameError: too large for that; ``of_agent`` has the rows.
        """
        return tuple(
            _spelled(own.table(), None if self.actions is None else (self.actions[i],))
            for i, own in enumerate(self.of_agent)
        )

    def spread(self, actions: tuple[int, ...], null: Array) -> FactoredObservations:
        """The same, fitted to the game's actions and to who sees ⊥ where, ``null[S, n]``.

        Raises:
            GameError: a kernel of another shape; the message names it.
        """
        if len(self.of_agent) != len(actions):
            raise GameError(
                f"observations has {len(self.of_agent)} kernels; the game has {len(actions)} agents"
            )
        own = [
            kernel.fitted(len(null), (count,), f"O^{i}", null[:, i])
            for i, (kernel, count) in enumerate(zip(self.of_agent, actions, strict=True))
        ]
        return FactoredObservations(own, actions)

    def of_states(self, states: Ints) -> FactoredObservations:
        """The same for a game whose state k is ``states[k]`` here."""
        own = [Kernel(kernel.rows[states], kernel.laws) for kernel in self.of_agent]
        return FactoredObservations(own, self.actions)

    def allows(self, agent: int, legal: Array) -> Array:
        """``[S', A_i]`` bool: actions that ``legal[|Ω^i| (+ 1), A_i]`` has after what may be seen in s'."""
        return _somewhere(self.of_agent[agent], self.of_agent[agent].laws.meets(legal))


@dataclass(frozen=True, eq=False, init=False)
class JointObservations:
    """``O(ω^1,…,ω^n | s', a)``: observations that may be correlated and depend on all actions.

    Where an agent sees ⊥, all weight lies on its symbol 0, which then stands for ⊥.

    Args:
        kernel: ``[S', A_1, …, A_n, |Ω^1|, …, |Ω^n|]``; or a ``Kernel`` with rows ``[S', A_1, …, A_n]``
            (1 for an action that is immaterial) over joint observations numbered in C order.
        sizes: ``(|Ω^1|, …, |Ω^n|)``, to be given with a ``Kernel``.
        actions: ``(A_1, …, A_n)``, if known.
    """

    joint: Kernel
    sizes: tuple[int, ...]
    actions: tuple[int, ...] | None

    def __init__(
        self, kernel: Any, sizes: tuple[int, ...] | None = None, actions: tuple[int, ...] | None = None
    ) -> None:
        if not isinstance(kernel, Kernel):
            table = as_numbers(kernel, "O")
            n = (table.ndim - 1) // 2
            sizes, kernel = table.shape[1 + n :], Kernel.dense(table, 1 + n)
        if sizes is None or kernel.width != math.prod(sizes):
            raise GameError(f"a joint kernel over {kernel.width} joint observations needs sizes to match")
        if kernel.width >= MOST_SYMBOLS:
            raise GameError("the agents have too many joint observations to number them")
        object.__setattr__(self, "joint", kernel)
        object.__setattr__(self, "sizes", tuple(map(int, sizes)))
        object.__setattr__(self, "actions", actions)

    @property
    def agents(self) -> int:
        return len(self.sizes)

    @property
    def exact(self) -> bool:
        return self.joint.laws.exact

    @cached_property
    def kernel(self) -> Array:
        """``[S', A_1, …, A_n, |Ω^1|, …, |Ω^n|]`` spelled out; without actions for first observations.

        Raises:
            GameError: too large for that; ``joint`` has the rows.
        """
        table = _spelled(self.joint.table(), self.actions)
        return table.reshape(*table.shape[:-1], *self.sizes)

    def symbols(self, joint: Any) -> tuple[Any, ...]:
        """Per agent its symbol in joint observations, given by their numbers."""
        return np.unravel_index(joint, self.sizes)

    def support(self, state: int, *actions: int) -> list[tuple[tuple[int, ...], Number]]:
        """What the agents may see together in a place, with its probability."""
        found = self.joint.support(state, *actions)
        return [(tuple(map(int, self.symbols(seen))), weight) for seen, weight in found]

    def spread(self, actions: tuple[int, ...], null: Array) -> JointObservations:
        """The same, fitted to the game's actions and states, ``null[S, n]``.

        Raises:
            GameError: another shape.
        """
        if self.agents != len(actions):
            raise GameError(f"O shows {self.agents} agents something; the game has {len(actions)} agents")
        return JointObservations(self.joint.fitted(len(null), actions, "O"), self.sizes, actions)

    def of_states(self, states: Ints) -> JointObservations:
        """The same for a game whose state k is ``states[k]`` here."""
        return JointObservations(Kernel(self.joint.rows[states], self.joint.laws), self.sizes, self.actions)

    def allows(self, agent: int, legal: Array) -> Array:
        """``[S', A_i]`` bool: actions that ``legal[|Ω^i| (+ 1), A_i]`` has after what may be seen in s'."""
        own = self.symbols(self.joint.laws.columns)[agent]
        return _somewhere(self.joint, ragged.any_of(self.joint.laws.indptr, legal[own]))


Observations = FactoredObservations | JointObservations


def _own_kernel(kernel: Any, name: str) -> Kernel:
    if isinstance(kernel, Kernel):
        return kernel
    table = as_numbers(kernel, name)
    if table.ndim not in (2, 3):
        raise GameError(f"{name} has shape {list(table.shape)}; it must be [S, A, |Ω|] or [S, |Ω|]")
    return Kernel.dense(table, table.ndim - 1)


def _spelled(table: Array, actions: tuple[int, ...] | None) -> Array:
    """``[S, A…, |Ω|]`` with immaterial actions spread out again."""
    return table if actions is None else np.broadcast_to(table, (len(table), *actions, table.shape[-1]))


def _somewhere(kernel: Kernel, of_law: Array) -> Array:
    """``[S, A]`` bool: whether ``of_law[R, A]`` holds for some law that the kernel has in s."""
    found = at_rows(of_law, kernel.rows)
    return np.asarray(found.any(axis=tuple(range(1, kernel.rows.ndim))))


def read_observations(observations: Any, actions: tuple[int, ...], null: Array) -> Observations:
    """Observations from either class or from a sequence of per-agent kernels."""
    if isinstance(observations, FactoredObservations | JointObservations):
        return observations.spread(actions, null)
    if isinstance(observations, Sequence):
        return FactoredObservations(observations).spread(actions, null)
    raise GameError("observations must be FactoredObservations, JointObservations or one kernel per agent")


def read_initial(initial: Any, states: int, sizes: tuple[int, ...]) -> Observations | None:
    """First observations: per agent ``[S, |Ω^i|]``, or one joint ``[S, |Ω^1|, …, |Ω^n|]``, or None."""
    if initial is None:
        return None
    observations: Observations
    if isinstance(initial, FactoredObservations | JointObservations):
        observations = initial
    elif isinstance(initial, tuple | list):
        observations = FactoredObservations([_own_kernel(own, f"O0^{i}") for i, own in enumerate(initial)])
    else:
        table = as_numbers(initial, "O0")
        if table.shape != (states, *sizes):
            raise GameError(f"O0 has shape {list(table.shape)}; it must be {[states, *sizes]}")
        observations = JointObservations(Kernel.dense(table, 1), sizes)
    kernels: tuple[Kernel, ...]
    if isinstance(observations, FactoredObservations):
        kernels, widths = observations.of_agent, sizes
    else:
        kernels, widths = (observations.joint,), (math.prod(sizes),)
    shapes = [[*kernel.rows.shape, kernel.width] for kernel in kernels]
    wanted = [[states, width] for width in widths]
    if shapes != wanted or observations.sizes != sizes:
        raise GameError(f"initial observations have shapes {shapes}; they must be {wanted}")
    return observations
