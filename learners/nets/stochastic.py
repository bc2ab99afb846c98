"""Stochastic policies: what gathers experience is what is evaluated. Their memory is their carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch

from gametheory import streams
from gametheory.game import Box, Discrete, Spec
from gametheory.numerics import Array
from gametheory.streams import Keys
from learners.experience.spaces import Spaces, encode_observation, to_box
from learners.nets.laws import Squash
from learners.nets.recurrent import AgentNetworks

Carry = Array | None
"""``[B, H]`` float32, or None without memory."""


@dataclass(frozen=True)
class _Actor:
    """One agent's network, asked in numpy."""

    networks: AgentNetworks
    agent: int
    width: int
    observation_spec: Spec

    def start(self, batch: int) -> Carry:
        return np.zeros((batch, self.networks.memory), dtype=np.float32) if self.networks.memory else None

    def ask(self, carry: Carry, observation: Array, columns: int) -> tuple[Carry, Array]:
        """Next carry and raw outputs ``[B, columns]``."""
        with torch.inference_mode():
            device, encoded = (
                self.networks.groups.device,
                encode_observation(self.observation_spec, observation),
            )
            x = torch.zeros(len(encoded), self.width)
            x[:, : encoded.shape[1]] = torch.from_numpy(encoded)
            memory = torch.zeros(len(x), 0) if carry is None else torch.tensor(carry)
            raw, after = self.networks.one(self.agent, x.to(device), memory.to(device))
            out = np.asarray(raw[:, :columns].cpu().numpy(), dtype=np.float64)
            return None if carry is None else after.cpu().numpy(), out


@dataclass(frozen=True)
class SoftmaxPolicy:
    """``π(a | h) = softmax(logits(h))`` over the legal actions."""

    actor: _Actor
    spec: Discrete

    takes_legal: ClassVar[bool] = True

    def start(self, batch: int) -> Carry:
        return self.actor.start(batch)

    def _ask(self, carry: Carry, observation: Array, legal: Array | None) -> tuple[Carry, Array]:
        after, logits = self.actor.ask(carry, observation, self.spec.size)
        if legal is None:
            return after, logits
        # an agent that makes no choice has no legal action, and nobody reads what it plays
        return after, np.where(legal | ~legal.any(axis=1, keepdims=True), logits, -np.inf)

    def probabilities(self, carry: Carry, observation: Array, legal: Array | None = None) -> Array:
        """``[B, A_i]``, exactly 0 where an action is illegal."""
        _, logits = self._ask(carry, observation, legal)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def act(
        self, carry: Carry, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        """Gumbel-max: ``argmax(logits + g)`` is a sample of the softmax."""
        after, logits = self._ask(carry, observation, legal)
        return after, np.argmax(logits + streams.gumbel(keys, 0, self.spec.size), axis=1)

    def remember(self, carry: Carry, observation: Array, action: Array) -> Carry:
        """The next carry, which does not depend on what was drawn."""
        return self.actor.ask(carry, observation, self.spec.size)[0]


@dataclass(frozen=True)
class GaussianPolicy:
    """A clipped or tanh-squashed Gaussian in the box (``learners.nets.laws``); its centre if ``centre``."""

    actor: _Actor
    spec: Box
    squash: Squash
    centre: bool

    takes_legal: ClassVar[bool] = True

    def start(self, batch: int) -> Carry:
        return self.actor.start(batch)

    def act(
        self, carry: Carry, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        after, raw = self.actor.ask(carry, observation, self.spec.size)
        noise = 0.0 if self.centre else self._deviation() * streams.normal(keys, 0, self.spec.size)
        inside = np.tanh(raw + noise) if self.squash == "tanh" else np.clip(np.tanh(raw) + noise, -1.0, 1.0)
        return after, to_box(self.spec, inside)

    def _deviation(self) -> Array:
        with torch.inference_mode():
            log = self.actor.networks.free[self.actor.agent, 0, : self.spec.size]
            return np.asarray(np.exp(log.cpu().numpy().astype(np.float64)))


def stochastic_policies(
    networks: AgentNetworks, spaces: Spaces, squash: Squash, *, centre: bool
) -> tuple[SoftmaxPolicy | GaussianPolicy, ...]:
    """One policy per agent; ``centre`` says that Gaussians play their centre."""
    out: list[SoftmaxPolicy | GaussianPolicy] = []
    for i, (seen, spec) in enumerate(zip(spaces.observations, spaces.actions, strict=True)):
        actor = _Actor(networks, i, spaces.observation_width, seen)
        if isinstance(spec, Discrete):
            out.append(SoftmaxPolicy(actor, spec))
        else:
            out.append(GaussianPolicy(actor, spec, squash, centre))
    return tuple(out)
