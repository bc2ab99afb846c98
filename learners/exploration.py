"""Policies that a learner hands out: for evaluation, and with exploration for gathering experience.

They hold the learner's networks, so they are always current. All their randomness comes from
the keys they are given, row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from gametheory import streams
from gametheory.game import Box, Discrete, Spec
from gametheory.numerics import Array
from gametheory.policy import Policy
from gametheory.streams import Keys
from learners.networks import Trained
from learners.spaces import encode_observation, to_box


def _outputs(actors: Trained, agent: int, spec: Spec, observation: Array) -> Array:
    """``[B, A]``: the raw outputs of agent's network, padded columns included."""
    with torch.inference_mode():
        device, width = actors.weights[0].device, actors.weights[0].shape[1]
        encoded = encode_observation(spec, observation)
        x = torch.zeros(len(encoded), width)
        x[:, : encoded.shape[1]] = torch.from_numpy(encoded)
        return np.asarray(actors.one(agent, x.to(device)).cpu().numpy(), dtype=np.float64)


@dataclass(frozen=True)
class DiscretePolicy:
    """``π(a | ω) = softmax(logits(ω))`` over the legal actions; explores by itself."""

    actors: Trained
    agent: int
    observation_spec: Spec
    spec: Discrete

    def start(self, batch: int) -> None:
        return None

    def _logits(self, observation: Array, legal: Array | None) -> Array:
        logits = _outputs(self.actors, self.agent, self.observation_spec, observation)[:, : self.spec.size]
        return logits if legal is None else np.where(legal, logits, -np.inf)

    def probabilities(self, carry: None, observation: Array, legal: Array | None = None) -> Array:
        """``[B, A_i]``; rows of ``legal`` must have an action."""
        logits = self._logits(observation, legal)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def act(
        self, carry: None, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[None, Array]:
        """Gumbel-max: ``argmax(logits + g)`` is a sample of the softmax."""
        logits = self._logits(observation, legal)
        return None, np.argmax(logits + streams.gumbel(keys, 0, self.spec.size), axis=1)


@dataclass(frozen=True)
class ContinuousPolicy:
    """``μ(ω)``: tanh of the network's output, mapped to the box."""

    actors: Trained
    agent: int
    observation_spec: Spec
    spec: Box

    def start(self, batch: int) -> None:
        return None

    def mean(self, observation: Array) -> Array:
        """``[B, d]`` in [−1, 1]."""
        raw = _outputs(self.actors, self.agent, self.observation_spec, observation)
        return np.tanh(raw[:, : self.spec.size])

    def act(
        self, carry: None, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[None, Array]:
        return None, to_box(self.spec, self.mean(observation))


@dataclass(frozen=True)
class NoisyPolicy:
    """``clip(μ(ω) + ε, low, high)``, ε ~ N(0, (noise · half-range)²); uniform while ``warm`` says so."""

    policy: ContinuousPolicy
    noise: float
    warm: Callable[[], bool]

    def start(self, batch: int) -> None:
        return None

    def act(
        self, carry: None, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[None, Array]:
        spec = self.policy.spec
        if self.warm():
            return None, to_box(spec, 2.0 * streams.uniform(keys, 0, spec.size) - 1.0)
        noisy = self.policy.mean(observation) + self.noise * streams.normal(keys, 0, spec.size)
        return None, to_box(spec, noisy.clip(-1.0, 1.0))


def evaluation_policies(
    actors: Trained, observation_specs: tuple[Spec, ...], action_specs: tuple[Spec, ...]
) -> tuple[DiscretePolicy | ContinuousPolicy, ...]:
    """One policy per agent, without exploration noise; discrete ones stay stochastic."""
    return tuple(
        DiscretePolicy(actors, i, seen, spec)
        if isinstance(spec, Discrete)
        else ContinuousPolicy(actors, i, seen, spec)
        for i, (seen, spec) in enumerate(zip(observation_specs, action_specs, strict=True))
    )


def exploring(
    policies: tuple[DiscretePolicy | ContinuousPolicy, ...], noise: float, warm: Callable[[], bool]
) -> tuple[Policy, ...]:
    """The same policies, continuous ones with noise around them."""
    return tuple(
        NoisyPolicy(policy, noise, warm) if isinstance(policy, ContinuousPolicy) else policy
        for policy in policies
    )
