"""Between specs and network columns: one-hot symbols, boxes in [−1, 1], all agents padded to one width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gametheory.errors import GameError
from gametheory.game import NULL, Box, Discrete, Spec
from gametheory.numerics import Array


def to_box(spec: Box, x: Array) -> Array:
    """Actions of the box from network actions: ``low + (x + 1)/2 · (high − low)``, ``[…, d]``."""
    return np.asarray(np.clip(spec.low + (x + 1.0) * 0.5 * (spec.high - spec.low), spec.low, spec.high))


def from_box(spec: Box, action: Array) -> Array:
    """Inverse of ``to_box``; 0 in a dimension without width."""
    width = spec.high - spec.low
    return np.where(width > 0, 2.0 * (action - spec.low) / np.where(width > 0, width, 1.0) - 1.0, 0.0)


def encode_action(spec: Spec, action: Array) -> Array:
    """``[B, size]``: one-hot of ``[B]`` indices, or ``from_box`` of ``[B, d]``."""
    if isinstance(spec, Discrete):
        return _one_hot(spec.size, action)
    return from_box(spec, action)


def encode_observation(spec: Spec, observation: Array) -> Array:
    """``[B, size]``: one-hot, or the box's bounded dimensions in [−1, 1] and the others as they are.

    The null observation (code −1; NaN in a box) becomes zeros.
    """
    if isinstance(spec, Discrete):
        return _one_hot(spec.size, observation)
    bounded = np.isfinite(spec.low) & np.isfinite(spec.high)
    if bounded.any():
        low, high = np.where(bounded, spec.low, -1.0), np.where(bounded, spec.high, 1.0)
        observation = from_box(Box(low, high), observation)
    return np.where(np.isnan(observation), 0.0, observation)


def seen(spec: Spec, observation: Array) -> Array:
    """``[B]`` bool: false where the observation is ⊥."""
    if isinstance(spec, Discrete):
        return np.not_equal(observation, NULL)
    return np.asarray(~np.isnan(observation).any(axis=1))


def _one_hot(size: int, codes: Array) -> Array:
    return np.equal(codes[:, None], np.arange(size)).astype(np.float64)


@dataclass(frozen=True)
class Spaces:
    """The specs of all agents and the widths that networks need: D and A, the largest sizes."""

    observations: tuple[Spec, ...]
    actions: tuple[Spec, ...]

    def __post_init__(self) -> None:
        if not self.actions or len(self.actions) != len(self.observations):
            raise GameError(
                f"{len(self.observations)} observation specs for {len(self.actions)} action specs; "
                "a learner needs one of each per agent, and at least one agent"
            )

    @property
    def agents(self) -> int:
        return len(self.actions)

    @cached_property
    def observation_width(self) -> int:
        return max(spec.size for spec in self.observations)

    @cached_property
    def action_width(self) -> int:
        return max(spec.size for spec in self.actions)

    @cached_property
    def discrete(self) -> Array:
        """``[n]`` bool: whose actions are discrete."""
        return np.array([isinstance(spec, Discrete) for spec in self.actions])

    @cached_property
    def columns(self) -> Array:
        """``[n, A]`` bool: which of the A action columns agent i has."""
        sizes = np.array([spec.size for spec in self.actions])
        return np.asarray(np.arange(self.action_width) < sizes[:, None])

    def encode_actions(self, actions: Sequence[Array]) -> Array:
        """``[B, n, A]``, zero in padded columns."""
        parts = [encode_action(spec, action) for spec, action in zip(self.actions, actions, strict=True)]
        return _pad(parts, self.action_width)

    def encode_observations(self, observations: Sequence[Array]) -> Array:
        """``[B, n, D]``, zero in padded columns."""
        parts = [encode_observation(s, o) for s, o in zip(self.observations, observations, strict=True)]
        return _pad(parts, self.observation_width)

    def seen(self, observations: Sequence[Array]) -> Array:
        """``[B, n]`` bool: false where the agent's observation is ⊥."""
        return np.stack([seen(s, o) for s, o in zip(self.observations, observations, strict=True)], axis=1)

    def encode_legal(self, legal: Sequence[Array | None], batch: int) -> Array:
        """``[B, n, A]`` bool; where a mask is absent or empty, every action that the agent has."""
        out = np.broadcast_to(self.columns, (batch, *self.columns.shape)).copy()
        for i, mask in enumerate(legal):
            if mask is not None:
                usable = mask.any(axis=1)
                out[usable, i, : mask.shape[1]] = mask[usable]
        return out


def _pad(parts: Sequence[Array], width: int) -> Array:
    out = np.zeros((len(parts[0]), len(parts), width))
    for i, part in enumerate(parts):
        out[:, i, : part.shape[1]] = part
    return out


def need_bounded_actions(algorithm: str, spaces: Spaces) -> None:
    """Check that every continuous action space is a finite box with some width.

    Raises:
        GameError: names the agent and what would serve.
    """
    for i, spec in enumerate(spaces.actions):
        if isinstance(spec, Box) and not (np.isfinite(spec.low).all() and np.isfinite(spec.high).all()):
            raise GameError(
                f"{algorithm} cannot serve agent {i}: its action box {spec.low} … {spec.high} is unbounded; "
                "give every action dimension finite bounds, or make the actions Discrete"
            )
        if isinstance(spec, Box) and spec.size == 0:
            raise GameError(
                f"{algorithm} cannot serve agent {i}: its action box has no dimension; "
                "an agent without choices needs Discrete(1)"
            )


def need_discrete_actions(algorithm: str, spaces: Spaces, instead: str) -> None:
    """Check that every action space is discrete.

    Raises:
        GameError: names the agent, and ``instead``, what would serve.
    """
    for i, spec in enumerate(spaces.actions):
        if not isinstance(spec, Discrete):
            raise GameError(f"{algorithm} cannot serve agent {i}: its actions are continuous; {instead}")
