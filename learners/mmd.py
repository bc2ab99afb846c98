"""Magnetic mirror descent, and Nash policy gradient: its form with a magnet that moves.

Policy gradients go round mixed equilibria. Held back by a magnet ρ they come to rest (Sokota et al.,
ICLR 2023). Update k takes the decisions made since the last one, by π_b, and climbs for every agent

    E_{a ~ π_b} [π(a|ω)/π_b(a|ω) · A(ω, a)] − α_k KL(π(·|ω) ‖ ρ(·|ω)) − (1/η_k) KL(π(·|ω) ‖ π_old(·|ω))

by some gradient steps. In a game of one state the maximum is the matrix game's mirror step
``π ∝ [π_old ρ^{αη} exp(η A)]^{1/(1+αη)}``. Both divergences are exact sums over legal actions. A is the
generalised advantage along the agent's own decisions, in units of the widest spread that its returns
had so far: *not* made mean 0 and spread 1 each time, for at a mixed equilibrium nothing is left but
noise, which must not be blown up to the size of payoffs.

``mmd``: ρ is uniform for ever, and α_k falls so that the magnet's bias does. ``nash-pg``: α stays, and
ρ is what π was at the last refresh, the proximal point method. In two-agent zero-sum games the *last*
policy of either converges, given η small against α and enough plays per update. Policies read their
agent's own observation alone; where that does not tell its history, train with recall.
"""

from __future__ import annotations

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
from learners.experience.collector import Collector
from learners.experience.on_policy import Spread, Steps
from learners.experience.spaces import Spaces, need_discrete_actions
from learners.learner import Transition
from learners.nets.actor_critic import ActorCritic
from learners.nets.kept import put_weights, weights_of
from learners.nets.laws import Laws
from learners.nets.networks import ACTIVATIONS
from learners.nets.recurrent import AgentNetworks, Sizes
from learners.nets.stochastic import stochastic_policies
from learners.scheme import CONCURRENT, CT_DE, SHARING, wire
from learners.settings import Algorithm, as_specs, find_device
from learners.surrogate import mean_over
from learners.zero_sum_losses import log_policy, mirror_objective

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Widths = Annotated[tuple[Count, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of magnetic mirror descent and Nash policy gradient."""

    horizon: Count = 1024
    """Rows of experience (plays side by side times steps) between two updates."""
    steps: Count = 8
    """Gradient steps of an update, each over everything that was played."""
    temperature: Positive = 0.3
    """α at the start, in units of the spread of returns: the pull of the magnet."""
    temperature_decay: NonNegative = 0.1
    """mmd: α is multiplied by 1/√(1 + κ·updates) with this κ. nash-pg does not read it: α stays."""
    step_size: Positive = 1.0
    """η at the start, per unit of the spread of returns: how far one update may move."""
    step_decay: NonNegative = 0.05
    """η is multiplied by 1/(1 + κ·updates) with this κ: noise is averaged over more and more updates."""
    refresh: Count = 20
    """nash-pg: updates between two moves of the magnet to the current policy. mmd does not read it."""
    trace: Annotated[float, Field(ge=0, le=1)] = 0.95
    """λ of the generalised advantage estimates."""
    actor_rate: Positive = 1e-2
    """Adam's learning rate of the actors at the start; it falls with √η."""
    critic_rate: Positive = 1e-2
    """Adam's learning rate of the critics at the start; it falls with √η."""
    actor_hidden: Widths = (256,)
    """Widths of the actors' hidden layers; wide ones let rare observations move apart from frequent ones."""
    critic_hidden: Widths = (64,)
    """Widths of the critics' hidden layers."""
    activation: Literal["relu", "silu", "tanh"] = "relu"
    """Between layers."""
    gradient_norm: Positive | None = None
    """Largest gradient norm of any one network; None does not clip."""
    groups: tuple[tuple[Annotated[int, Field(ge=0)], ...], ...] | None = None
    """Agents, from 0, that share networks. None: under parameter-sharing all who can, else nobody."""
    returns_memory: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Weight that older returns keep at each update in the critics' units."""
    device: str = "cpu"
    """Torch device of networks and experience."""


class MMD:
    """The learner; ``moving`` says whether the magnet follows the policy."""

    def __init__(
        self,
        observation_specs: tuple[Spec, ...],
        action_specs: tuple[Spec, ...],
        *,
        seed: int,
        settings: Settings,
        moving: bool,
        scheme: str = CONCURRENT,
    ) -> None:
        self._settings, self._moving, self._scheme, self._updates = settings, moving, scheme, 0
        self._spaces = spaces = Spaces(as_specs(observation_specs), as_specs(action_specs))
        need_discrete_actions(self._name, spaces, "ippo, mappo and the matd4 family serve continuous actions")
        device = find_device(settings.device)
        self._random = torch.Generator(device).manual_seed(seed)
        wiring = wire(scheme, spaces, settings.groups)
        self._groups = wiring.actors
        n, D, A = spaces.agents, spaces.observation_width, spaces.action_width
        actors = self._network(Sizes(D, settings.actor_hidden, 0, A), settings.actor_rate)
        read = n * (D + 1) if wiring.central else D
        critics = self._network(Sizes(read, settings.critic_hidden, 0, 1), settings.critic_rate)
        self._magnet = self._network(Sizes(D, settings.actor_hidden, 0, A), settings.actor_rate)
        spread = Spread(1 + max(self._groups), settings.returns_memory)
        laws = Laws(spaces, "clip", device)
        self._networks = ActorCritic(actors, critics, laws, spread, central=wiring.central)
        self._move_magnet()
        self._collector = Collector(spaces, self._networks, device)
        self._unit = torch.zeros(n, dtype=torch.float64, device=device)
        self._policies = stochastic_policies(actors, spaces, "clip", centre=False)

    def _network(self, sizes: Sizes, rate: float) -> AgentNetworks:
        """Fresh networks, whose outputs are almost 0: every first policy is almost uniform."""
        settings = self._settings
        out = AgentNetworks(
            sizes,
            self._groups,
            activation=ACTIVATIONS[settings.activation],
            rate=rate,
            max_norm=settings.gradient_norm,
            random=self._random,
        )
        with torch.no_grad():
            out.weights[out.head][0].mul_(0.01)
            out.weights[out.head][1].zero_()
        return out

    def policies(self) -> tuple[Policy, ...]:
        """The current policies: the last iterate is what converges."""
        return self._policies

    def behaviour(self) -> tuple[Policy, ...]:
        """The same: softmax policies explore by themselves."""
        return self._policies

    def observe(self, transitions: Transition) -> None:
        """Store one step of B plays, with likelihoods and values under the networks that played it."""
        self._collector.add(transitions)

    @property
    def temperature(self) -> float:
        """α now, in units of the spread of returns."""
        settings = self._settings
        decay = 0.0 if self._moving else settings.temperature_decay
        return float(settings.temperature * (1.0 + decay * self._updates) ** -0.5)

    @property
    def step_size(self) -> float:
        """η now, per unit of the spread of returns."""
        settings = self._settings
        return settings.step_size / (1.0 + settings.step_decay * self._updates)

    def update(self) -> Mapping[str, float]:
        """One mirror step of all policies; nothing before ``horizon`` rows were played."""
        settings = self._settings
        if self._collector.fresh < settings.horizon:
            return {}
        steps, (advantages, closed) = self._collector.take(settings.trace)
        if not closed.any():
            return {}
        returns = advantages + steps.values
        self._networks.measure(returns, closed)
        self._widen(returns, closed)
        mean, deviation = self._networks.units
        targets = ((returns - mean) / deviation).float().movedim(2, 0)
        gains = (advantages / torch.where(self._unit > 0, self._unit, 1.0)).float().movedim(2, 0)
        metrics = self._climb(steps, gains, targets, closed.movedim(2, 0).float())
        self._updates += 1
        if self._moving and self._updates % settings.refresh == 0:
            self._move_magnet()
        return metrics

    def _widen(self, returns: Tensor, closed: Tensor) -> None:
        """The unit of every agent's payoffs: the widest spread of its returns in any update so far.

        It never shrinks, so that payoffs that became sure do not look larger and larger.
        """
        for i in range(len(self._unit)):
            own = returns[..., i][closed[..., i]]
            if len(own):
                self._unit[i] = torch.maximum(self._unit[i], own.std(correction=0))

    def _climb(self, steps: Steps, gains: Tensor, targets: Tensor, weights: Tensor) -> dict[str, float]:
        """Gradient steps on actors and critics; ``gains``, ``targets`` and ``weights`` are ``[n, T, B]``."""
        settings, networks = self._settings, self._networks
        taken, legal = steps.actions.movedim(2, 0), steps.legal.movedim(2, 0)
        with torch.no_grad():
            old, magnet = self._logs(networks.actors, steps, legal), self._pull(steps, legal)
        share = 1.0 / torch.bincount(networks.actors.groups)[networks.actors.groups].float()
        factor = (self.step_size / settings.step_size) ** 0.5
        found: dict[str, Tensor] = {}
        for _ in range(settings.steps):
            logs = self._logs(networks.actors, steps, legal)
            own = (logs * taken).sum(dim=-1)
            ratios = torch.where(weights > 0, own - steps.log_probs.movedim(2, 0), 0.0).exp()
            gained = mirror_objective(logs, old, magnet, gains, ratios, self.temperature, self.step_size)
            found["actor_loss"] = -(share * mean_over(gained, weights)).sum()
            networks.actors.trained.descend(found["actor_loss"], factor)
            errors = (networks.revalued(steps) - targets).square()
            found["critic_loss"] = (share * mean_over(errors, weights)).sum()
            networks.critics.trained.descend(found["critic_loss"], factor)
            found["entropy"] = mean_over(-(logs.exp() * logs).sum(dim=-1), weights).mean()
        return {name: value.item() for name, value in found.items()} | {"temperature": self.temperature}

    def _logs(self, networks: AgentNetworks, steps: Steps, legal: Tensor) -> Tensor:
        """``log π(· | ω) [n, T, B, A]``."""
        acting, memory = steps.acting.movedim(2, 0), steps.actor_memory[0].transpose(0, 1)
        raw, _ = networks(steps.observations.movedim(2, 0), memory, steps.starts, acting)
        return log_policy(raw, legal)

    def _pull(self, steps: Steps, legal: Tensor) -> Tensor:
        """``log ρ(· | ω) [n, T, B, A]``."""
        if self._moving:
            return self._logs(self._magnet, steps, legal)
        return log_policy(torch.zeros_like(legal, dtype=torch.float32), legal)

    def _move_magnet(self) -> None:
        with torch.no_grad():
            for mine, theirs in zip(self._magnet.weights, self._networks.actors.weights, strict=True):
                mine.copy_(theirs)

    def state_dict(self) -> dict[str, Any]:
        """Networks, magnet, optimisers, the steps not yet learned from, units, generator and counter."""
        return {
            "algorithm": self._name,
            "scheme": self._scheme,
            "networks": self._networks.state_dict(),
            "magnet": self._magnet.trained.state_dict(),
            "collector": self._collector.state_dict(),
            "unit": self._unit.clone(),
            "random": self._random.get_state(),
            "updates": self._updates,
        }

    @property
    def _name(self) -> str:
        return "nash-pg" if self._moving else "mmd"

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where the saved learner stood.

        Raises:
            GameError: saved by another algorithm, or with other sizes.
        """
        for part, own in (("algorithm", self._name), ("scheme", self._scheme)):
            if state.get(part) != own:
                raise GameError(f"the state was saved by {state.get(part)}; this learner is {own}")
        self._networks.load_state_dict(state["networks"])
        self._magnet.trained.load_state_dict(state["magnet"])
        self._collector.load_state_dict(state["collector"])
        self._unit.copy_(state["unit"])
        self._random.set_state(state["random"].cpu())
        self._updates = int(state["updates"])

    def policy_state(self) -> dict[str, Any]:
        """The actors' weights alone."""
        return weights_of(self._networks.actors.trained)

    def load_policy_state(self, state: Mapping[str, Any]) -> None:
        """Play as these weights say."""
        put_weights(self._networks.actors.trained, state)


SCHEMES = CONCURRENT, SHARING, CT_DE
FIXED = Algorithm(Settings, partial(MMD, moving=False), SCHEMES)
MOVING = Algorithm(Settings, partial(MMD, moving=True), SCHEMES)
