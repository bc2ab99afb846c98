"""The learner that every deterministic actor-critic algorithm is: it plays, remembers and updates.

What an update is, is the algorithm's own: its file gives a ``Rule``, and a scheme the wiring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from gametheory.errors import GameError
from gametheory.game import Spec
from gametheory.policy import Policy
from learners.experience.replay import Batch, Replay
from learners.experience.spaces import Spaces, need_bounded_actions
from learners.experience.turns import OwnTurns
from learners.hyperparameters import ActorCritic
from learners.learner import Transition
from learners.nets import models
from learners.nets.exploration import evaluation_policies, exploring
from learners.nets.kept import put_weights, weights_of
from learners.nets.models import Models
from learners.nets.world import World, WorldSettings
from learners.scheme import wire
from learners.settings import as_specs, find_device

Losses = dict[str, Tensor]


@dataclass(frozen=True)
class Rule:
    """An algorithm: how many critics it has and what one update does."""

    name: str
    twins: int
    """Critics of each objective."""
    update: Callable[[Models, Batch, int, Any], Losses]
    """``update(models, batch, updates so far, settings)`` changes the models and tells the losses."""


class OffPolicy:
    """Replay, exploration, counters and state around a rule."""

    def __init__(
        self,
        observation_specs: tuple[Spec, ...],
        action_specs: tuple[Spec, ...],
        *,
        seed: int,
        settings: ActorCritic,
        scheme: str,
        rule: Rule,
    ) -> None:
        self.settings, self._rule, self._scheme = settings, rule, scheme
        spaces = Spaces(as_specs(observation_specs), as_specs(action_specs))
        need_bounded_actions(rule.name.upper(), spaces)
        wiring = wire(scheme, spaces, settings.groups)
        device = find_device(settings.device)
        self.random = torch.Generator(device).manual_seed(seed)
        self.models = models.build(spaces, wiring, settings, rule.twins, self.random)
        if isinstance(settings, WorldSettings):
            world = World(spaces, wiring, settings, self.random)
            self.models = replace(self.models, world=world)
        self.replay = Replay(spaces, settings.replay_size, device)
        # a critic of its own agent alone cannot bootstrap from ⊥
        self._turns = None if wiring.central else OwnTurns(spaces.observations)
        self._observed = self._updates = 0
        self._policies = evaluation_policies(self.models.actors, spaces, wiring)
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
        for part in (transitions,) if self._turns is None else self._turns.take(transitions):
            self.replay.add(part)
        rewards = transitions.rewards
        if self.models.wiring.team:
            rewards = rewards.sum(axis=1, keepdims=True)
        self.models.scale.observe(rewards, transitions.discount * ~transitions.terminated)
        if self.models.world is not None:
            self.models.world.observe(transitions)
        self._observed += len(rewards)

    def update(self) -> Mapping[str, float]:
        """One update of the rule; nothing while there is less than a batch."""
        settings = self.settings
        if self._observed < settings.random_steps or self.replay.size < settings.batch_size:
            return {}
        batch = self.replay.sample(settings.batch_size, self.random)
        losses = self._rule.update(self.models, batch, self._updates, settings)
        self._updates += 1
        return {name: loss.item() for name, loss in losses.items()}

    def state_dict(self) -> dict[str, Any]:
        """Networks, targets, optimisers, replay, generator, reward scale and counters."""
        world = self.models.world
        return {
            "algorithm": self._rule.name,
            "scheme": self._scheme,
            "actors": self.models.actors.state_dict(),
            "critics": self.models.critics.state_dict(),
            "replay": self.replay.state_dict(),
            "turns": None if self._turns is None else self._turns.state_dict(),
            "scale": self.models.scale.state_dict(),
            "random": self.random.get_state(),
            "observed": self._observed,
            "updates": self._updates,
        } | ({} if world is None else {"world": world.state_dict()})

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where the saved learner stood.

        Raises:
            GameError: saved by another algorithm, under another scheme, or with other sizes.
        """
        for part, own in (("algorithm", self._rule.name), ("scheme", self._scheme)):
            if state.get(part) != own:
                raise GameError(f"the state was saved by {state.get(part)}; this learner is {own}")
        self.models.actors.load_state_dict(state["actors"])
        self.models.critics.load_state_dict(state["critics"])
        self.replay.load_state_dict(state["replay"])
        if self._turns is not None:
            self._turns.load_state_dict(state["turns"])
        self.models.scale.load_state_dict(state["scale"])
        if self.models.world is not None:
            self.models.world.load_state_dict(state["world"])
        self.random.set_state(state["random"].cpu())
        self._observed, self._updates = int(state["observed"]), int(state["updates"])

    def policy_state(self) -> dict[str, Any]:
        """The actors' weights alone."""
        return weights_of(self.models.actors)

    def load_policy_state(self, state: Mapping[str, Any]) -> None:
        """Play as these weights say."""
        put_weights(self.models.actors, state)
