"""IPPO and MAPPO: every agent climbs its own clipped surrogate (Schulman et al. 2017; Yu et al. 2022).

What was played since the last update, under the policies π_old that still stand, is learned from for
a few epochs and forgotten. Per agent i, on a minibatch of its own decisions, with
ρ = π^i(a|h)/π^i_old(a|h) and Â^i the generalised advantages, shifted to mean 0 and spread 1:

    θ^i ascends  mean min(ρ Â, clip(ρ, 1 − ε, 1 + ε) Â)  +  β · mean H(π^i(·|h))
    φ^i descends mean (V^i(x) − (Â^i + V^i_old − μ)/σ)²           x = h^i (IPPO) or all agents' ω (MAPPO)

and V^i is kept in units of the returns: V = μ + σ·(output), outputs preserved when μ and σ move
(PopArt, van Hasselt et al., NeurIPS 2016). h^i is the observation, or with ``recurrent`` what a GRU
kept of all the agent saw on its turns. Agents share nothing but the data, unless they are in one group.
In games without a pure equilibrium these dynamics cycle, as gradient play does; then neither the
last policy nor, in general, the time average is an equilibrium.
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
from gametheory.game import Discrete, Spec
from gametheory.policy import Policy
from learners.experience.collector import Collector
from learners.experience.on_policy import Spread, Steps, sequences
from learners.experience.spaces import Spaces, need_bounded_actions
from learners.learner import Transition
from learners.nets.actor_critic import ActorCritic
from learners.nets.kept import put_weights, weights_of
from learners.nets.laws import Laws
from learners.nets.networks import ACTIVATIONS
from learners.nets.recurrent import AgentNetworks, Sizes
from learners.nets.stochastic import stochastic_policies
from learners.scheme import CONCURRENT, CT_DE, SHARING, wire
from learners.settings import Algorithm, as_specs, find_device
from learners.surrogate import clipped_surrogate, kl_estimate, mean_over, standardised, value_loss

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Widths = Annotated[tuple[Count, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Settings:
    """Hyperparameters of IPPO and MAPPO."""

    horizon: Count = 1024
    """Rows of experience (plays side by side times steps) between two updates."""
    epochs: Count = 4
    """How often an update goes through what was played."""
    minibatches: Count = 4
    """Parts that an epoch is cut into, one gradient step each."""
    clip: Positive = 0.2
    """ε: how far ρ may go from 1 before the surrogate stops rewarding it."""
    trace: Annotated[float, Field(ge=0, le=1)] = 0.95
    """λ of the generalised advantage estimates."""
    discount: Annotated[float, Field(gt=0, le=1)] | None = None
    """Multiplied into the game's own. None: 1, but 0.95 once a play was cut off that discounts nothing."""
    actor_rate: Positive = 1e-3
    """Adam's learning rate of the actors at the start."""
    critic_rate: Positive = 1e-3
    """Adam's learning rate of the critics at the start."""
    rate_decay: NonNegative = 1e-2
    """κ: both rates are multiplied by 1/√(1 + κ·updates), so that play settles; 0 keeps them constant."""
    entropy: NonNegative = 1e-2
    """β: weight of the entropy bonus at the start."""
    entropy_decay: NonNegative = 1e-1
    """β is multiplied by 1/(1 + κ·updates) with this κ; a bonus that stays keeps mixed play from its end."""
    value_clip: Positive | None = None
    """How far V may go from V_old, in spreads of the returns, before its loss stops falling; None: anywhere."""
    largest_kl: Positive | None = None
    """A group whose KL(π_old, π) on a minibatch exceeds this stands still for the rest of the update."""
    gradient_norm: Positive | None = 0.5
    """Largest gradient norm of any one network; None does not clip."""
    actor_hidden: Widths = (64, 64)
    """Widths of the actors' hidden layers."""
    critic_hidden: Widths = (64, 64)
    """Widths of the critics' hidden layers."""
    activation: Literal["relu", "silu", "tanh"] = "tanh"
    """Between layers."""
    recurrent: bool = False
    """Actors and critics remember, by a GRU after their hidden layers."""
    memory: Count = 64
    """Width of the GRU's state."""
    sequence: Count = 32
    """Steps that gradients flow back through memory; longer plays are cut, each piece begins as it was played."""
    groups: tuple[tuple[Annotated[int, Field(ge=0)], ...], ...] | None = None
    """Agents, from 0, that share networks. None: under parameter-sharing all who can, else nobody."""
    squash: Literal["clip", "tanh"] = "clip"
    """How a Gaussian stays in its box: clipped, with the likelihood of clipped actions, or through tanh."""
    deviation: Positive = 0.5
    """Standard deviation of continuous actions at the start, as a share of half the action range."""
    play_centre: bool = True
    """Evaluate continuous policies at their centre; if not, as they are while learning, noise included."""
    initial_action: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Where every continuous policy starts, as a fraction of its box; None is the middle."""
    returns_memory: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Weight that older returns keep at each update in the mean and spread of an agent's returns."""
    device: str = "cpu"
    """Torch device of networks and experience."""


class PPO:
    """The learner; the scheme says whether critics see every agent's observation, and who shares networks."""

    def __init__(
        self,
        observation_specs: tuple[Spec, ...],
        action_specs: tuple[Spec, ...],
        *,
        seed: int,
        settings: Settings,
        scheme: str = CONCURRENT,
    ) -> None:
        self._settings, self._scheme, self._updates = settings, scheme, 0
        self._spaces = spaces = Spaces(as_specs(observation_specs), as_specs(action_specs))
        need_bounded_actions(self._name.upper(), spaces)
        device = find_device(settings.device)
        self._random = torch.Generator(device).manual_seed(seed)
        self._wiring = wire(scheme, spaces, settings.groups)
        self._networks = self._built(device)
        self._collector = Collector(spaces, self._networks, device)
        hand_out = partial(stochastic_policies, self._networks.actors, spaces, settings.squash)
        self._policies, self._behaviour = hand_out(centre=settings.play_centre), hand_out(centre=False)

    def _built(self, device: torch.device) -> ActorCritic:
        """Networks; every first policy almost uniform or around ``initial_action``, every first value about 0."""
        settings, spaces = self._settings, self._spaces
        n, D, A = spaces.agents, spaces.observation_width, spaces.action_width
        build = partial(
            AgentNetworks,
            activation=ACTIVATIONS[settings.activation],
            max_norm=settings.gradient_norm,
            random=self._random,
        )
        wiring, memory = self._wiring, settings.memory if settings.recurrent else 0
        acting = Sizes(D, settings.actor_hidden, memory, A)
        judging = Sizes(n * (D + 1) if wiring.central else D, settings.critic_hidden, memory, 1)
        free = 0 if spaces.discrete.all() else A
        actors = build(acting, wiring.actors, rate=settings.actor_rate, free=free)
        critics = build(judging, wiring.critics, rate=settings.critic_rate)
        fraction = settings.initial_action
        centre = 0.0 if fraction is None else math.atanh(2.0 * fraction - 1.0)
        first = [0.0 if isinstance(spec, Discrete) else centre for spec in spaces.actions]
        with torch.no_grad():
            for networks in (actors, critics):
                networks.weights[networks.head][0].mul_(0.01)
                networks.weights[networks.head][1].zero_()
            actors.weights[actors.head][1][actors.groups] = torch.tensor(first, device=device)[:, None, None]
            if free:
                actors.weights[-1].fill_(math.log(settings.deviation))
        spread = Spread(max(wiring.critics) + 1, settings.returns_memory)
        laws = Laws(spaces, settings.squash, device)
        return ActorCritic(actors, critics, laws, spread, central=wiring.central)

    def policies(self) -> tuple[Policy, ...]:
        """Softmax policies as they play while learning; Gaussians at their centre, unless told otherwise."""
        return self._policies

    def behaviour(self) -> tuple[Policy, ...]:
        """Softmax and Gaussian policies."""
        return self._behaviour

    def observe(self, transitions: Transition) -> None:
        """Store one step of B plays, with likelihoods and values under the networks that played it."""
        self._collector.add(transitions)

    def update(self) -> Mapping[str, float]:
        """All epochs of one update; nothing before ``horizon`` rows were played."""
        settings = self._settings
        if self._collector.fresh < settings.horizon:
            return {}
        steps, (advantages, closed) = self._collector.take(settings.trace, settings.discount)
        if not closed.any():
            return {}
        returns = advantages + steps.values
        self._networks.measure(returns, closed)
        mean, deviation = self._networks.units
        lessons = (
            standardised(advantages, closed, deviation).float(),
            ((returns - mean) / deviation).float(),
            ((steps.values - mean) / deviation).float(),
            closed,
        )
        length = settings.sequence if settings.recurrent else 1
        metrics = self._learn(sequences((*steps, *lessons), length))
        self._updates += 1
        return metrics

    def _learn(self, parts: tuple[Tensor, ...]) -> dict[str, float]:
        """Every epoch over pieces ``[L, M, …]``."""
        settings, device = self._settings, self._random.device
        still = torch.zeros(max(self._wiring.actors) + 1, dtype=torch.bool, device=device)
        seen = []
        for _ in range(settings.epochs):
            order = torch.randperm(parts[0].shape[1], generator=self._random, device=device)
            for rows in order.chunk(settings.minibatches):
                metrics, still = self._minibatch(tuple(part[:, rows] for part in parts), still)
                seen.append(metrics)
        return {name: float(torch.stack([metrics[name] for metrics in seen]).mean()) for name in seen[0]}

    def _minibatch(self, parts: tuple[Tensor, ...], still: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """One gradient step of all; which groups ``[K]`` stand still from now on."""
        settings, networks = self._settings, self._networks
        steps = Steps(*parts[:-4])
        advantages, returns, old_values, closed = (part.movedim(2, 0) for part in parts[-4:])
        log_ratio, entropy = networks.replayed(steps)
        weights = closed.float()
        gain = mean_over(clipped_surrogate(log_ratio, advantages, settings.clip), weights)
        spread = mean_over(entropy, weights)
        beta = settings.entropy / (1.0 + settings.entropy_decay * self._updates)
        actor_loss = -(networks.actors.shares * (gain + beta * spread)).sum()
        errors = value_loss(networks.revalued(steps), returns, old_values, settings.value_clip)
        critic_loss = (networks.critics.shares * mean_over(errors, weights)).sum()
        kl = mean_over(kl_estimate(log_ratio.detach()), weights)
        if settings.largest_kl is not None:
            still = still.index_fill(0, networks.actors.groups[kl > settings.largest_kl], True)
        factor = (1.0 + settings.rate_decay * self._updates) ** -0.5
        _descend_but(networks.actors, still, actor_loss, factor)
        networks.critics.trained.descend(critic_loss, factor)
        clipped = mean_over(((log_ratio.exp() - 1.0).abs() > settings.clip).float(), weights)
        metrics = {"actor_loss": actor_loss, "critic_loss": critic_loss, "entropy": spread, "kl": kl}
        return {
            name: value.detach().mean() for name, value in (metrics | {"clipped": clipped}).items()
        }, still

    def state_dict(self) -> dict[str, Any]:
        """Networks, optimisers, the steps not yet learned from, memories, generator and counter."""
        return {
            "algorithm": self._name,
            "scheme": self._scheme,
            "networks": self._networks.state_dict(),
            "collector": self._collector.state_dict(),
            "random": self._random.get_state(),
            "updates": self._updates,
        }

    @property
    def _name(self) -> str:
        return "mappo" if self._scheme == CT_DE else "ippo"

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where the saved learner stood.

        Raises:
            GameError: saved by another algorithm, under another scheme, or with other sizes.
        """
        for part, own in (("algorithm", self._name), ("scheme", self._scheme)):
            if state.get(part) != own:
                raise GameError(f"the state was saved by {part} {state.get(part)}; this learner's is {own}")
        self._networks.load_state_dict(state["networks"])
        self._collector.load_state_dict(state["collector"])
        self._random.set_state(state["random"].cpu())
        self._updates = int(state["updates"])

    def policy_state(self) -> dict[str, Any]:
        """The actors' weights alone."""
        return weights_of(self._networks.actors.trained)

    def load_policy_state(self, state: Mapping[str, Any]) -> None:
        """Play as these weights say."""
        put_weights(self._networks.actors.trained, state)


def _descend_but(networks: AgentNetworks, still: Tensor, loss: Tensor, factor: float) -> None:
    """One step of all networks, undone for those that stand still: no agent's step waits for another's."""
    before = [tensor.detach().clone() for tensor in networks.weights] if still.any() else []
    networks.trained.descend(loss, factor)
    with torch.no_grad():
        for tensor, old in zip(networks.weights, before, strict=False):
            tensor.copy_(torch.where(still[:, None, None], old, tensor))


INDEPENDENT = Algorithm(Settings, PPO, (CONCURRENT, SHARING))
CENTRAL = Algorithm(Settings, partial(PPO, scheme=CT_DE), (CT_DE,))
