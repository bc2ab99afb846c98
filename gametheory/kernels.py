"""Observation kernels of a POSG: factored across agents, or joint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, as_numbers, freeze


@dataclass(frozen=True, eq=False)
class FactoredObservations:
    """``O^i(ω | s', a^i)``, independent across agents: the form of the lecture.

    Args:
        kernels: per agent ``[S', A_i, |Ω^i|]``, or ``[S', |Ω^i|]`` where the action is immaterial.
    """

    kernels: tuple[Array, ...]

    def __post_init__(self) -> None:
        arrays = tuple(as_numbers(kernel, f"O^{i}") for i, kernel in enumerate(self.kernels))
        object.__setattr__(self, "kernels", arrays)

    @property
    def sizes(self) -> tuple[int, ...]:
        """``|Ω^i|`` per agent."""
        return tuple(kernel.shape[-1] for kernel in self.kernels)

    def spread(self, states: int, actions: tuple[int, ...]) -> FactoredObservations:
        """The same with every kernel ``[S', A_i, |Ω^i|]``.

        Raises:
            GameError: a kernel of another shape; the message names it.
        """
        if len(self.kernels) != len(actions):
            raise GameError(
                f"observations has {len(self.kernels)} kernels; the game has {len(actions)} agents"
            )
        out = []
        for i, (kernel, count) in enumerate(zip(self.kernels, actions, strict=True)):
            if kernel.ndim == 2:
                kernel = np.repeat(kernel[:, None, :], count, axis=1)
            if kernel.ndim != 3 or kernel.shape[:2] != (states, count):
                raise GameError(
                    f"O^{i} has shape {list(kernel.shape)}; it must be [{states}, {count}, |Ω|] or [{states}, |Ω|]"
                )
            out.append(kernel)
        return FactoredObservations(tuple(out))

    def possible(self, agent: int) -> Array:
        """``[S', |Ω^i|]`` bool: which observations the agent may receive on reaching s'."""
        return np.asarray((self.kernels[agent] > 0).any(axis=1))


@dataclass(frozen=True, eq=False)
class JointObservations:
    """``O(ω^1,…,ω^n | s', a)``: observations that may be correlated and depend on all actions.

    Args:
        kernel: ``[S', A_1, …, A_n, |Ω^1|, …, |Ω^n|]``. On the axis of an agent that sees ⊥ in s'
            all weight lies on index 0, which then stands for ⊥.
    """

    kernel: Array

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernel", as_numbers(self.kernel, "O"))

    @property
    def agents(self) -> int:
        return (self.kernel.ndim - 1) // 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """``|Ω^i|`` per agent."""
        return self.kernel.shape[1 + self.agents :]

    def spread(self, states: int, actions: tuple[int, ...]) -> JointObservations:
        """Itself, after a check of its shape."""
        n = len(actions)
        if self.kernel.ndim != 1 + 2 * n or self.kernel.shape[: 1 + n] != (states, *actions):
            raise GameError(
                f"O has shape {list(self.kernel.shape)}; it must begin with {[states, *actions]} "
                f"and go on with {n} observation axes"
            )
        return self

    def possible(self, agent: int) -> Array:
        """``[S', |Ω^i|]`` bool: which observations the agent may receive on reaching s'."""
        axes = tuple(k for k in range(1, self.kernel.ndim) if k != 1 + self.agents + agent)
        return np.asarray((self.kernel > 0).any(axis=axes))


Observations = FactoredObservations | JointObservations


def read_observations(observations: Any, states: int, actions: tuple[int, ...]) -> Observations:
    """Observations from either class or from a sequence of per-agent kernels."""
    if isinstance(observations, FactoredObservations | JointObservations):
        return observations.spread(states, actions)
    if isinstance(observations, Sequence):
        return FactoredObservations(tuple(observations)).spread(states, actions)
    raise GameError("observations must be FactoredObservations, JointObservations or one kernel per agent")


def read_initial(initial: Any, states: int, sizes: tuple[int, ...]) -> tuple[Array, ...] | Array | None:
    """Initial observations: per agent ``[S, |Ω^i|]``, or one joint ``[S, |Ω^1|, …, |Ω^n|]``, or None."""
    if initial is None:
        return None
    if isinstance(initial, tuple | list):
        kernels = tuple(as_numbers(kernel, f"O0^{i}") for i, kernel in enumerate(initial))
        wanted = [(states, size) for size in sizes]
        if [kernel.shape for kernel in kernels] != wanted:
            raise GameError(
                f"initial observations have shapes {[list(k.shape) for k in kernels]}; "
                f"they must be {[list(shape) for shape in wanted]}"
            )
        return kernels
    kernel = as_numbers(initial, "O0")
    if kernel.shape != (states, *sizes):
        raise GameError(f"O0 has shape {list(kernel.shape)}; it must be {[states, *sizes]}")
    return freeze(kernel)
