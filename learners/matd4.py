"""MATD4 and Soft MATD4 under centralized training with decentralized execution.

MATD3 (Ackermann et al. 2019) whose delayed actor step goes through the *minimum* of the agent's
two critics. Per update, on a batch of joint transitions (ω⃗, a⃗, r⃗, ω⃗'), all actions in [−1, 1]
or one-hot:

    ã'^j = clip(μ^j_targ(ω'^j) + clip(ε, −c, c), −1, 1)         for all agents j; discrete: a fresh
                                                                Gumbel sample of the target policy
    y^i  = r^i + γ(1 − d) min_k Q^i_{k,targ}(ω⃗', ã')
    φ^i_k descends mean (Q^i_k(ω⃗, a⃗) − y^i)²
    every ``policy_delay`` updates:
        θ^i ascends mean min_k Q^i_k(ω⃗, a⃗^{-i}, μ^i(ω^i))       a⃗^{-i} from the replay (plain), or
                                                                the others' current policies (Soft)
        all targets ← α · targets + (1 − α) · online

The gradient reaches θ^i only, and only through agent i's own action, in both variants. The plain
variant best-responds to the replay, i.e. to *history*; Soft to what the others do now.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal

import torch
from pydantic import Field
from torch import Tensor

from gametheory.errors import GameError
from gametheory.game import Spec
from gametheory.policy import Policy
from learners import central, losses
from learners.exploration import evaluation_policies, exploring
from learners.learner import Transition
from learners.networks import ACTIVATIONS, Trained, make_weights
from learners.replay import Batch, Replay, RewardScale
from learners.settings import Algorithm, as_specs, find_device
from learners.spaces import Spaces, need_bounded_actions

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of MATD4 and Soft MATD4."""

    actor_rate: Positive = 2e-3
    """Adam's learning rate of the actors at the start."""
    critic_rate: Positive = 1e-2
    """Adam's learning rate of the critics at the start; they must outrun the actors."""
    rate_decay: NonNegative = 1e-2
    """κ: both rates are multiplied by 1/√(1 + κ·updates), so that play settles; 0 keeps them constant."""
    actor_hidden: Annotated[tuple[Count, ...], Field(min_length=1)] = (64, 64)
    """Widths of the actors' hidden layers."""
    critic_hidden: Annotated[tuple[Count, ...], Field(min_length=1)] = (64, 64)
    """Widths of the critics' hidden layers."""
    activation: Literal["relu", "silu", "tanh"] = "silu"
    """Between layers; the actor follows the slope of Q, which a ReLU network has only in steps."""
    batch_size: Count = 256
    """Joint transitions in one update."""
    replay_size: Count = 100_000
    """Joint transitions kept; for the plain variant also how much history it responds to."""
    random_steps: Annotated[int, Field(ge=0)] = 500
    """Rows of experience gathered with uniformly random continuous actions; nothing is learned before."""
    policy_delay: Count = 2
    """Critic updates per update of actors and targets."""
    keep: Annotated[float, Field(ge=0, lt=1)] = 0.99
    """α: weight of the old target in one target update."""
    target_noise: NonNegative = 0.2
    """Standard deviation of target-policy smoothing, as a share of half the action range."""
    target_noise_clip: NonNegative = 0.5
    """Largest smoothing noise, as a share of half the action range."""
    exploration_noise: NonNegative = 0.3
    """Standard deviation of exploration around continuous actions, as a share of half their range.

    Critics learn the slope of Q from it: too little leaves the slope, and so the end point, unsure.
    """
    temperature: Positive = 1.0
    """T of the straight-through Gumbel-softmax's backward pass (discrete actions)."""
    logit_penalty: NonNegative = 1e-4
    """Weight of mean logit² in the actor loss (discrete actions)."""
    gradient_norm: Positive | None = None
    """Largest gradient norm of any one network; None does not clip."""
    initial_action: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Where every continuous policy starts, as a fraction of its box; None is the middle."""
    device: str = "cpu"
    """Torch device of networks and replay."""

    def __post_init__(self) -> None:
        if self.replay_size < self.batch_size:
            raise GameError(
                f"replay_size is {self.replay_size} and batch_size {self.batch_size}; "
                "the replay must hold at least one batch"
            )


class MATD4:
    """The learner; ``soft`` says against which actions of the others an actor steps."""

    def __init__(
        self,
        observation_specs: tuple[Spec, ...],
        action_specs: tuple[Spec, ...],
        *,
        seed: int,
        settings: Settings,
        soft: bool,
    ) -> None:
        self._settings, self._soft = settings, soft
        self._spaces = spaces = Spaces(as_specs(observation_specs), as_specs(action_specs))
        need_bounded_actions("MATD4", spaces)
        device = find_device(settings.device)
        self._random = torch.Generator(device).manual_seed(seed)
        n, D, A = spaces.agents, spaces.observation_width, spaces.action_width
        self._heads = central.Heads(spaces, settings.temperature, self._random)
        self._smoothing = central.SmoothingNoise(settings.target_noise, settings.target_noise_clip)
        activation = ACTIVATIONS[settings.activation]
        actors = make_weights(n, (D, *settings.actor_hidden, A), self._random)
        _start_at(actors, self._heads.discrete, settings.initial_action)
        self._actors = Trained(actors, activation, settings.actor_rate, settings.gradient_norm)
        self._count = 2 * n
        critics = make_weights(self._count, (n * (D + A), *settings.critic_hidden, 1), self._random)
        self._critics = Trained(critics, activation, settings.critic_rate, settings.gradient_norm)
        self._replay = Replay(spaces, settings.replay_size, device)
        self._scale = RewardScale(n)
        self._observed = self._updates = 0
        self._policies = evaluation_policies(self._actors, observation_specs, action_specs)
        self._behaviour = exploring(
            self._policies, settings.exploration_noise, lambda: self._observed < settings.random_steps
        )

    def policies(self) -> tuple[Policy, ...]:
        """Softmax policies (discrete) and deterministic μ (continuous)."""
        return self._policies

    def behaviour(self) -> tuple[Policy, ...]:
        """The same with exploration noise on continuous actions, at first uniformly random."""
        return self._behaviour

    def observe(self, transitions: Transition) -> None:
        """Store B joint transitions and take their rewards into the running scale."""
        self._replay.add(transitions)
        self._scale.observe(transitions.rewards, transitions.discount * ~transitions.terminated)
        self._observed += len(transitions.rewards)

    def update(self) -> Mapping[str, float]:
        """One step of all critics, and when due of all actors and targets."""
        settings = self._settings
        if self._observed < max(settings.batch_size, settings.random_steps):
            return {}
        batch = self._replay.sample(settings.batch_size, self._random)
        critic_loss = self._critic_loss(batch)
        factor = (1.0 + settings.rate_decay * self._updates) ** -0.5
        self._critics.descend(critic_loss, factor)
        metrics = {"critic_loss": critic_loss.item()}
        self._updates += 1
        if self._updates % settings.policy_delay == 0:
            actor_loss = self._actor_loss(batch)
            self._actors.descend(actor_loss, factor)
            self._critics.follow(settings.keep)
            self._actors.follow(settings.keep)
            metrics["actor_loss"] = actor_loss.item()
        return metrics

    def _critic_loss(self, batch: Batch) -> Tensor:
        with torch.no_grad():
            # where every play ends, y is the reward whatever the targets say
            following = self._following(batch) if batch.continues.any() else torch.zeros(())
            y = losses.td_target(self._scale(batch.rewards, batch.continues), batch.continues, following)
        values = central.joint_values(self._critics, batch.observations, batch.actions, self._count)
        return losses.critic_loss(values, y)

    def _following(self, batch: Batch) -> Tensor:
        """``Q_targ(ω⃗', ã') [2, n, B]``, every critic at every agent's smoothed target action."""
        raw = self._actors.target(batch.next_observations.transpose(0, 1))
        actions = self._heads.actions(raw, batch.next_legal, batch.next_acting, self._smoothing)
        joint = batch.next_observations, actions.transpose(0, 1)
        return central.joint_values(self._critics.target, *joint, self._count)

    def _actor_loss(self, batch: Batch) -> Tensor:
        raw = self._actors(batch.observations.transpose(0, 1))
        own = self._heads.actions(raw, batch.legal, batch.acting)
        others = own.detach().transpose(0, 1) if self._soft else batch.actions
        values = central.values_of_own(
            self._critics, self._heads, batch.observations, own, others, self._count
        )
        loss = losses.actor_loss(values, batch.acting)
        if self._heads.any_discrete and self._settings.logit_penalty:
            chosen = (batch.legal * batch.acting[:, :, None]).transpose(0, 1) * self._heads.discrete
            loss = loss + self._settings.logit_penalty * losses.logit_penalty(raw, chosen > 0)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """Networks, targets, optimisers, replay, generator, reward scale and counters."""
        return {
            "algorithm": self._name,
            "actors": self._actors.state_dict(),
            "critics": self._critics.state_dict(),
            "replay": self._replay.state_dict(),
            "scale": self._scale.state_dict(),
            "random": self._random.get_state(),
            "observed": self._observed,
            "updates": self._updates,
        }

    @property
    def _name(self) -> str:
        return "soft-matd4" if self._soft else "matd4"

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where the saved learner stood.

        Raises:
            GameError: saved by another algorithm, or with other sizes.
        """
        if state.get("algorithm") != self._name:
            raise GameError(f"the state was saved by {state.get('algorithm')}; this learner is {self._name}")
        self._actors.load_state_dict(state["actors"])
        self._critics.load_state_dict(state["critics"])
        self._replay.load_state_dict(state["replay"])
        self._scale.load_state_dict(state["scale"])
        self._random.set_state(state["random"].cpu())
        self._observed, self._updates = int(state["observed"]), int(state["updates"])


def _start_at(weights: list[Tensor], discrete: Tensor, fraction: float | None) -> None:
    """Make every first policy almost constant: uniform if discrete, else at ``fraction`` of its box."""
    weights[-2].mul_(0.01)
    start = 0.0 if fraction is None else math.atanh(2.0 * fraction - 1.0)
    weights[-1].copy_(torch.where(discrete, 0.0, start).expand_as(weights[-1]))


PLAIN = Algorithm(Settings, partial(MATD4, soft=False))
SOFT = Algorithm(Settings, partial(MATD4, soft=True))
