"""The equations of deterministic multi-agent actor-critic learning, as pure functions.

Shapes: n agents, m objectives (m = n, or 1 for a team), B transitions, A action columns. Noise
comes in as an argument. Sources: MADDPG (Lowe et al., NeurIPS 2017), TD3 (Fujimoto et al., ICML 2018), MATD3
(Ackermann et al. 2019), Straka's lecture notes NPFL139 (2024) for Soft and for MATD4.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import mse_loss


def smoothed(actions: Tensor, noise: Tensor, clip: float) -> Tensor:
    """Target-policy smoothing of actions in [−1, 1]: ``clip(a + clip(ε, −c, c), −1, 1)``."""
    return (actions + noise.clamp(-clip, clip)).clamp(-1.0, 1.0)


def masked(logits: Tensor, legal: Tensor) -> Tensor:
    """Logits with every illegal action at −1e9, which softmax and argmax never choose."""
    return torch.where(legal, logits, -1e9)


def straight_through(logits: Tensor, gumbel: Tensor, temperature: float) -> Tensor:
    """Straight-through Gumbel-softmax ``[…, A]`` (Jang, Gu & Poole, ICLR 2017).

    Forward: one-hot ``argmax(logits + g)``, an exact sample of softmax(logits). Backward: the
    gradient of ``softmax((logits + g)/T)``.
    """
    perturbed = logits + gumbel
    sample = torch.zeros_like(logits).scatter_(-1, perturbed.argmax(-1, keepdim=True), 1.0)
    relaxed = torch.softmax(perturbed / temperature, dim=-1)
    # the difference is exactly 0, so the forward value is exactly the one-hot
    return sample + (relaxed - relaxed.detach())


def td_target(rewards: Tensor, continues: Tensor, following: Tensor) -> Tensor:
    """``y^i = r^i + γ(1 − d) · Q^i_targ(ω⃗', ã')``, ``[m, B]``, without gradient.

    Args:
        rewards: ``[B, m]``.
        continues: ``[B]``, γ(1 − d): 0 after termination, γ otherwise, truncation included.
        following: ``[m, B]``, the target critic, or the smaller of two, at the target policies' actions.
    """
    return (rewards.T + continues * following).detach()


def critic_loss(values: Tensor, targets: Tensor) -> Tensor:
    """``Σ_i Σ_k mean_b (Q^i_k(ω⃗, a⃗) − y^i)²`` over all transitions, terminal ones included.

    The sum over critics gives each of them its own mean squared error's gradient.

    Args:
        values: ``[twins, m, B]``.
        targets: ``[m, B]``.
    """
    return mse_loss(values, targets.expand_as(values), reduction="sum") / values.shape[2]


def own_action_joint(own: Tensor, others: Tensor) -> Tensor:
    """Joint actions ``[n, B, n·A]`` in which copy i has agent i's live action and the others' given ones.

    The gradient of copy i can reach nothing but ``own[i]``.

    Args:
        own: ``[n, B, A]``, every agent's current action, differentiable.
        others: ``[B, n, A]``, replayed actions (plain) or current detached ones (Soft).
    """
    n, batch, columns = own.shape
    given = others.detach().reshape(1, batch, n * columns)
    live = own.transpose(0, 1).reshape(1, batch, n * columns)
    mine = torch.eye(n, dtype=torch.bool, device=own.device).repeat_interleave(columns, dim=1)
    return torch.where(mine[:, None, :], live, given)


def multilinear(own: Tensor, vertex_values: Tensor) -> Tensor:
    """``Q_k(ω⃗, a⃗) = Σ_a a^i_a Q_k(ω⃗, a⃗^{-i}, e_a)``, ``[twins, n, B]``: critics of a discrete own action.

    At one-hot actions, all that a critic is ever trained on, this *is* the critic. Its gradient
    there is the differences of the critic's values, while a network's own gradient at a one-hot
    input depends on how it happens to go on off the simplex, and can have the wrong sign.

    Args:
        own: ``[n, B, A]``, straight-through samples.
        vertex_values: ``[twins, n, B, A]``, critics of agent i at each of its pure actions.
    """
    return (own * vertex_values.detach()).sum(dim=-1)


def actor_loss(values: Tensor, acting: Tensor) -> Tensor:
    """``−Σ_i mean_b Q^i(ω⃗, a⃗^{-i}, μ^i(ω^i))`` over the transitions in which somebody has a choice.

    Args:
        values: ``[m, B]``, of the critic that judges, or of the smaller of two.
        acting: ``[B, m]``, 1 where agent i acts, or anybody of a team.
    """
    weights = acting.T / acting.T.sum(dim=1, keepdim=True).clamp(min=1.0)
    return -(values * weights).sum()


def logit_penalty(logits: Tensor, legal: Tensor) -> Tensor:
    """``Σ_i mean logit²`` over transitions and legal actions, ``[n, B, A]``: keeps policies soft."""
    squares = torch.where(legal, logits, 0.0).square().sum(dim=(1, 2))
    return (squares / legal.sum(dim=(1, 2)).clamp(min=1)).sum()


def follow(targets: list[Tensor], online: list[Tensor], keep: float) -> None:
    """``φ_targ ← α φ_targ + (1 − α) φ``, in place, for every tensor."""
    with torch.no_grad():
        torch._foreach_lerp_(targets, online, 1.0 - keep)


def decay(kappa: float, updates: int) -> float:
    """``1/√(1 + κ·updates)``: what a learning rate is multiplied by."""
    return float((1.0 + kappa * updates) ** -0.5)
