"""Central critics over joint actions: what the CT-DE algorithms share.

Networks of n agents' critics are stacked so that critic k of agent i is number k·n + i; their
outputs are read as ``[twins, n, B]``. Their input is every agent's observation and action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from learners import losses
from learners.spaces import Spaces

Critics = Callable[[Tensor], Tensor]
"""``[K, B, inputs] → [K, B, 1]``."""


@dataclass(frozen=True)
class SmoothingNoise:
    """``clip(ε, −clip, clip)`` with ε ~ N(0, deviation²), in shares of half the action range."""

    deviation: float
    clip: float


class Heads:
    """From the actors' raw outputs ``[n, B, A]`` to actions as critics read them."""

    def __init__(self, spaces: Spaces, temperature: float, random: torch.Generator) -> None:
        self.any_discrete = bool(spaces.discrete.any())
        self.any_continuous = not spaces.discrete.all()
        self.discrete = torch.from_numpy(spaces.discrete).to(random.device)[:, None, None]
        self._temperature, self._random = temperature, random

    def actions(
        self, raw: Tensor, legal: Tensor, acting: Tensor, noise: SmoothingNoise | None = None
    ) -> Tensor:
        """``[n, B, A]``: fresh Gumbel one-hot samples, tanh (smoothed if ``noise``), zeros for ∅.

        Args:
            raw: ``[n, B, A]``, outputs of the actors.
            legal: ``[B, n, A]`` bool.
            acting: ``[B, n]``, 0 where the agent makes no choice.
            noise: smoothing of continuous actions; a discrete sample is its own smoothing.
        """
        legal = legal.transpose(0, 1)
        out = torch.tanh(raw)
        if noise is not None:
            draw = torch.empty_like(raw).normal_(generator=self._random) * noise.deviation
            out = losses.smoothed(out, draw, noise.clip)
        if self.any_discrete:
            gumbel = -torch.empty_like(raw).exponential_(generator=self._random).log()
            sample = losses.straight_through(losses.masked(raw, legal), gumbel, self._temperature)
            out = torch.where(self.discrete, sample, out)
        return out * (legal * acting.T[:, :, None])


def joint_values(critics: Critics, observations: Tensor, actions: Tensor, count: int) -> Tensor:
    """``[count/n, n, B]``: all ``count`` critics at one joint action ``[B, n, A]``."""
    joint = torch.cat((observations.flatten(1), actions.flatten(1)), dim=1)
    values = critics(joint.expand(count, -1, -1))
    return values.view(-1, actions.shape[1], len(actions))


def own_values(critics: Critics, observations: Tensor, own: Tensor, others: Tensor, count: int) -> Tensor:
    """``[count/n, n, B]``: agent i's critics at its own action beside the others' given ones.

    Args:
        critics: ``count`` stacked networks.
        observations: ``[B, n, D]``.
        own: ``[n, B, A]``, live.
        others: ``[B, n, A]``, without gradient.
        count: how many critics.
    """
    seen = observations.flatten(1).expand(len(own), -1, -1)
    copies = torch.cat((seen, losses.own_action_joint(own, others)), dim=2)
    values = critics(copies.repeat(count // len(own), 1, 1))
    return values.view(-1, len(own), own.shape[1])


@torch.no_grad()
def pure_values(critics: Critics, observations: Tensor, others: Tensor, count: int) -> Tensor:
    """``[count/n, n, B, A]``: agent i's critics at each of its pure actions beside the others' given ones."""
    batch, n, A = others.shape
    pure = torch.eye(A, device=others.device).repeat(batch, 1).expand(n, -1, -1)
    seen, given = observations.repeat_interleave(A, dim=0), others.repeat_interleave(A, dim=0)
    return own_values(critics, seen, pure, given, count).view(-1, n, batch, A)


def values_of_own(
    critics: Critics, heads: Heads, observations: Tensor, own: Tensor, others: Tensor, count: int
) -> Tensor:
    """``own_values`` with the right gradient: of the critic, or of its multilinear extension if discrete."""
    if not heads.any_discrete:
        return own_values(critics, observations, own, others, count)
    values = losses.multilinear(own, pure_values(critics, observations, others, count))
    if heads.any_continuous:
        smooth = own_values(critics, observations, own, others, count)
        values = torch.where(heads.discrete[:, 0], values, smooth)
    return values
