"""Neural fictitious self-play (Heinrich & Silver 2016, arXiv:1603.01121).

Fictitious play answers the average of what the others did, and its average converges in two-agent
zero-sum games. Here both are networks. Every play an agent follows, with probability η, its best
response β (ε-greedy in Q), else its average policy Π. Per update, for every agent i,

    y^i = r̃ + γ̃ Q^i_targ(ω', argmax_a Q^i(ω', a))            on its recent decisions (double DQN)
    Q^i descends mean (Q^i(ω, a) − y^i)²
    Π^i descends mean −log Π^i(a | ω)                          on a fair sample of all decisions by β^i
    Q_targ ← α · Q_targ + (1 − α) · Q

with r̃ and γ̃ summed up to the agent's own next turn ω', and all maxima over legal actions. Π, what
``policies()`` gives, is what converges; β never settles. Each agent reads its own observation alone.
Where that does not tell its history, wrap the game in ``environments.remember``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from gametheory.errors import GameError
from gametheory.game import Discrete, Spec
from gametheory.policy import Policy
from learners import zero_sum_losses as losses
from learners.experience.anticipatory import BEST, Anticipatory, GreedyPolicy
from learners.experience.memories import Recent, Reservoir
from learners.experience.replay import RewardScale
from learners.experience.spaces import Spaces, need_discrete_actions
from learners.experience.turns import OwnTurns
from learners.learner import Transition
from learners.nets.exploration import DiscretePolicy
from learners.nets.kept import put_weights, weights_of
from learners.nets.networks import ACTIVATIONS, Trained, make_weights
from learners.scheme import CONCURRENT, SHARING, wire
from learners.settings import Algorithm, as_specs, find_device

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of neural fictitious self-play."""

    anticipatory: Share = 0.1
    """η: probability that an agent follows its best response through a play, not its average policy."""
    exploration: Share = 0.06
    """ε of the best response at the start: the share of its decisions that are uniformly random."""
    exploration_decay: NonNegative = 1e-2
    """ε is multiplied by 1/√(1 + κ·updates), so that the average forgets the random decisions."""
    value_rate: Positive = 5e-3
    """Adam's learning rate of Q at the start."""
    policy_rate: Positive = 5e-3
    """Adam's learning rate of the average policy at the start."""
    rate_decay: NonNegative = 1e-2
    """κ: both rates are multiplied by 1/√(1 + κ·updates); 0 keeps them constant."""
    hidden: Annotated[tuple[Count, ...], Field(min_length=1)] = (64,)
    """Widths of the hidden layers of both networks."""
    activation: Literal["relu", "silu", "tanh"] = "relu"
    """Between layers."""
    batch_size: Count = 128
    """Decisions per agent in one update, of each memory."""
    replay_size: Count = 2_000
    """Recent decisions per agent that Q learns from; old ones were made against other opponents."""
    reservoir_size: Count = 200_000
    """Size of the sample of all best-response decisions per agent that the average learns from."""
    keep: Annotated[float, Field(ge=0, lt=1)] = 0.99
    """α: weight of the old target in one target update."""
    gradient_norm: Positive | None = None
    """Largest gradient norm of any one network; None does not clip."""
    groups: tuple[tuple[Annotated[int, Field(ge=0)], ...], ...] | None = None
    """Agents, from 0, that share a Q and an average policy under parameter-sharing. None: all who can."""
    device: str = "cpu"
    """Torch device of networks and memories."""

    def __post_init__(self) -> None:
        if self.replay_size < self.batch_size:
            raise GameError(
                f"replay_size is {self.replay_size} and batch_size {self.batch_size}; "
                "the replay must hold at least one batch"
            )


class NFSP:
    """The learner."""

    def __init__(
        self,
        observation_specs: tuple[Spec, ...],
        action_specs: tuple[Spec, ...],
        *,
        seed: int,
        settings: Settings,
        scheme: str = CONCURRENT,
    ) -> None:
        self._settings, self._scheme = settings, scheme
        self._spaces = spaces = Spaces(as_specs(observation_specs), as_specs(action_specs))
        need_discrete_actions("NFSP", spaces, "MATD4 or Soft MATD4 serve continuous actions")
        device = find_device(settings.device)
        self._random = torch.Generator(device).manual_seed(seed)
        n, D, A = spaces.agents, spaces.observation_width, spaces.action_width
        self._groups = wire(scheme, spaces, settings.groups).actors
        activation, norm = ACTIVATIONS[settings.activation], settings.gradient_norm
        sizes = (D, *settings.hidden, A)
        values, average = (make_weights(1 + max(self._groups), sizes, self._random) for _ in range(2))
        average[-2].mul_(0.01)  # every first average is almost uniform
        average[-1].zero_()
        self._values = Trained(values, activation, settings.value_rate, norm, self._groups)
        self._average = Trained(average, activation, settings.policy_rate, norm, self._groups)
        self._turns = OwnTurns(spaces.observations)
        self._recent = Recent(n, settings.replay_size, (D, 1, 1, 1, D, A), device)
        self._reservoir = Reservoir(n, settings.reservoir_size, (D, 1, A), device, seed)
        self._scale = RewardScale(n)
        self._updates = 0
        self._policies = self._read(self._average)
        self._behaviour = tuple(
            Anticipatory(GreedyPolicy(values_of, lambda: self._exploration), usual, settings.anticipatory)
            for values_of, usual in zip(self._read(self._values), self._policies, strict=True)
        )

    def _read(self, networks: Trained) -> tuple[DiscretePolicy, ...]:
        specs = zip(self._spaces.observations, self._spaces.actions, strict=True)
        return tuple(
            DiscretePolicy(networks, self._groups[i], seen, spec)
            for i, (seen, spec) in enumerate(specs)
            if isinstance(spec, Discrete)
        )

    @property
    def _exploration(self) -> float:
        settings = self._settings
        return float(settings.exploration * (1.0 + settings.exploration_decay * self._updates) ** -0.5)

    def policies(self) -> tuple[Policy, ...]:
        """The average policies Π: what converges."""
        return self._policies

    def behaviour(self) -> tuple[Policy, ...]:
        """``η β + (1 − η) Π``, mixed per play."""
        return self._behaviour

    def observe(self, transitions: Transition) -> None:
        """Put settled decisions into the replay, and those made now by best responses into the reservoir.

        Raises:
            GameError: the transition does not tell what the behaviour remembered.
        """
        if len(transitions.carries) != self._spaces.agents:
            raise GameError(
                "NFSP must know which decisions its best responses made; hand over `carries`, the carries "
                "of `behaviour()` after they acted, with each transition"
            )
        self._scale.observe(transitions.rewards, transitions.discount * ~transitions.terminated)
        for settled in self._turns.take(transitions):
            self._remember(settled)
        self._imitate(transitions)

    def _remember(self, settled: Transition) -> None:
        """Decisions whose consequences are known, into the replay."""
        spaces = self._spaces
        seen, following = map(spaces.encode_observations, (settled.observations, settled.next_observations))
        legal = spaces.encode_legal(settled.next_legal, len(seen))
        continues = settled.discount * ~settled.terminated
        for i, rows in enumerate(settled.acting.T):
            actions, rewards = settled.actions[i][rows], settled.rewards[rows, i]
            parts = seen[rows, i], actions, rewards, continues[rows], following[rows, i], legal[rows, i]
            self._recent.add(i, *parts)

    def _imitate(self, step: Transition) -> None:
        """Decisions made by best responses, into the reservoir."""
        seen = self._spaces.encode_observations(step.observations)
        legal = self._spaces.encode_legal(step.legal, len(seen))
        for i, modes in enumerate(step.carries):
            rows = step.acting[:, i] & (modes == BEST)
            self._reservoir.add(i, seen[rows, i], step.actions[i][rows], legal[rows, i])

    def update(self) -> Mapping[str, float]:
        """One step of every Q, and of every average policy that has something to imitate."""
        settings = self._settings
        if self._recent.sizes.max() < settings.batch_size:
            return {}
        factor = (1.0 + settings.rate_decay * self._updates) ** -0.5
        value_loss = self._value_loss(self._recent.sample(settings.batch_size, self._random))
        self._values.descend(value_loss, factor)
        self._values.follow(settings.keep)
        metrics = {"value_loss": value_loss.item()}
        self._updates += 1
        if self._reservoir.sizes.max() >= settings.batch_size:
            imitation_loss = self._imitation_loss(self._reservoir.sample(settings.batch_size, self._random))
            self._average.descend(imitation_loss, factor)
            metrics["imitation_loss"] = imitation_loss.item()
        return metrics

    def _value_loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        seen, action, reward, continues, following, next_legal = batch  # [n, B, ·]
        deviation = torch.from_numpy(self._scale.deviation).to(reward)[:, None]
        with torch.no_grad():
            ahead = losses.double_q(self._values(following), self._values.target(following), next_legal > 0)
            y = reward[:, :, 0] / deviation + continues[:, :, 0] * ahead
        values = self._values(seen).gather(2, action.long())[:, :, 0]
        return losses.mean_of_agents((values - y).square(), self._has(self._recent.sizes))

    def _imitation_loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        seen, action, legal = batch
        logs = losses.log_policy(self._average(seen), legal > 0)
        chosen = logs.gather(2, action.long())[:, :, 0]
        return losses.mean_of_agents(-chosen, self._has(self._reservoir.sizes))

    def _has(self, sizes: np.ndarray[Any, Any]) -> Tensor:
        return torch.from_numpy((sizes > 0).astype(np.float32)).to(self._random.device)

    def state_dict(self) -> dict[str, Any]:
        """Networks, target, optimisers, both memories, open decisions, generator, scale and counter."""
        return {
            "algorithm": "nfsp",
            "scheme": self._scheme,
            "values": self._values.state_dict(),
            "average": self._average.state_dict(),
            "turns": self._turns.state_dict(),
            "recent": self._recent.state_dict(),
            "reservoir": self._reservoir.state_dict(),
            "scale": self._scale.state_dict(),
            "random": self._random.get_state(),
            "updates": self._updates,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where the saved learner stood.

        Raises:
            GameError: saved by another algorithm, or with other sizes.
        """
        for part, own in (("algorithm", "nfsp"), ("scheme", self._scheme)):
            if state.get(part) != own:
                raise GameError(f"the state was saved by {state.get(part)}; this learner is {own}")
        for name in ("values", "average", "turns", "recent", "reservoir", "scale"):
            getattr(self, f"_{name}").load_state_dict(state[name])
        self._random.set_state(state["random"].cpu())
        self._updates = int(state["updates"])

    def policy_state(self) -> dict[str, Any]:
        """The actors' weights alone."""
        return weights_of(self._average)

    def load_policy_state(self, state: Mapping[str, Any]) -> None:
        """Play as these weights say."""
        put_weights(self._average, state)


PLAIN = Algorithm(Settings, NFSP, (CONCURRENT, SHARING))
