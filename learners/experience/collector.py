"""Taking in what was played: likelihoods, values and memories of every step, before anybody learns from it.

A transition does not say how likely its actions were. The networks that played them still stand
when they are observed, so they are asked here, with the memories that the policies had; an
update comes only afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gametheory.errors import GameError
from gametheory.numerics import Array
from learners.experience.on_policy import Advantages, Steps, Store, estimate
from learners.experience.spaces import Spaces
from learners.learner import Transition
from learners.nets.actor_critic import ActorCritic

ENDLESS = 0.95
"""Discount for games that neither end nor discount by themselves (as Lowe et al., NeurIPS 2017, chose)."""

_NEEDS_EVERY_STEP = "on-policy learners need every step of the same plays: training.n_step must be 1"


class _Plays(NamedTuple):
    """Where B plays stand after the newest step."""

    actor_memory: Tensor  # [n, B, H]
    critic_memory: Tensor  # [n, B, H]
    starts: Tensor  # [B] bool: the next step begins a play
    observations: Tensor  # [B, n, D], final ones where a play ended
    acting: Tensor  # [B, n] bool


class Collector:
    """The store, filled from transitions."""

    def __init__(self, spaces: Spaces, networks: ActorCritic, device: torch.device) -> None:
        self._spaces, self._networks, self._device = spaces, networks, device
        self._store = Store()
        self._plays: _Plays | None = None
        self._endless = False

    @property
    def fresh(self) -> int:
        """Rows since the last update."""
        return self._store.fresh

    @torch.no_grad()
    def add(self, transitions: Transition) -> None:
        """One step of B plays; a change of B between updates starts new plays.

        Raises:
            GameError: a number is not finite, B changes between two updates, or a step is not the
                one after, or spans several; nothing is stored.
        """
        if transitions.steps is not None and np.any(np.asarray(transitions.steps) > 1):
            raise GameError(f"{_NEEDS_EVERY_STEP}; it is {np.max(transitions.steps)}")
        step = self._encoded(transitions)
        following = self._spaces.encode_observations(transitions.next_observations)
        _need_finite("next observation", following)
        self._store.need_plays(len(step.acting))
        plays = self._plays
        if plays is None or len(plays.starts) != len(step.acting):
            plays = self._new_plays(step)
        _need_succession(plays, step)
        log_probs, actors = self._networks.judged(step, plays.actor_memory)
        values, critics = self._networks.valued(step.observations, step.acting, plays.critic_memory)
        observations = self._tensor(following)
        acting = self._tensor(self._spaces.seen(transitions.next_observations), torch.bool)
        final, truncated = torch.zeros_like(values), self._tensor(transitions.truncated, torch.bool)
        if truncated.any():
            final = self._networks.valued(observations, acting, critics)[0] * truncated[:, None]
        self._endless |= bool((truncated & (step.continues == 1)).any())
        self._store.add(
            step._replace(
                starts=plays.starts,
                values=values,
                final_values=final,
                final_acting=acting,
                log_probs=log_probs,
                actor_memory=plays.actor_memory.transpose(0, 1),
                critic_memory=plays.critic_memory.transpose(0, 1),
            )
        )
        going = ~step.ended[None, :, None]
        self._plays = _Plays(actors * going, critics * going, step.ended, observations, acting)

    def take(self, trace: float, discount: float | None = None) -> tuple[Steps, Advantages]:
        """All stored steps and what is to be learned from them; those done with are forgotten.

        Args:
            trace: λ.
            discount: multiplied into the game's own. None: 1, or ``ENDLESS`` where a play was cut
                off that discounts nothing: on and on, its values have no bound.
        """
        plays = self._plays
        assert plays is not None  # who takes has seen that something is there
        with torch.no_grad():
            ahead, _ = self._networks.valued(plays.observations, plays.acting, plays.critic_memory)
        steps, todo = self._store.stacked()
        factor = discount if discount is not None else ENDLESS if self._endless else 1.0
        found = estimate(steps._replace(continues=steps.continues * factor), ahead, plays.acting, trace)
        self._store.used(found.closed)
        return steps, found._replace(closed=found.closed & todo)

    def _new_plays(self, step: Steps) -> _Plays:
        batch = len(step.acting)
        return _Plays(
            self._networks.actors.start(batch),
            self._networks.critics.start(batch),
            torch.ones(batch, dtype=torch.bool, device=self._device),
            step.observations,
            step.acting,
        )

    def _encoded(self, transitions: Transition) -> Steps:
        """What a transition says by itself; what the networks say of it is left empty."""
        spaces, batch = self._spaces, len(transitions.rewards)
        over = np.asarray(transitions.terminated, dtype=bool)
        acting = np.asarray(transitions.acting, dtype=bool)
        observations = spaces.encode_observations(transitions.observations)
        actions = np.where(acting[:, :, None], spaces.encode_actions(transitions.actions), 0.0)
        for name, array in (
            ("reward", transitions.rewards),
            ("observation", observations),
            ("action", actions),
        ):
            _need_finite(name, np.asarray(array))
        unsaid = torch.zeros(0)
        return Steps(
            observations=self._tensor(observations),
            actions=self._tensor(actions),
            legal=self._tensor(spaces.encode_legal(transitions.legal, batch), torch.bool),
            acting=self._tensor(acting, torch.bool),
            starts=unsaid,
            rewards=self._tensor(transitions.rewards, torch.float64),
            continues=self._tensor(np.asarray(transitions.discount) * ~over, torch.float64),
            ended=self._tensor(over | np.asarray(transitions.truncated, dtype=bool), torch.bool),
            values=unsaid,
            final_values=unsaid,
            final_acting=unsaid,
            log_probs=unsaid,
            actor_memory=unsaid,
            critic_memory=unsaid,
        )

    def _tensor(self, array: Any, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.tensor(np.asarray(array), dtype=dtype, device=self._device)

    def state_dict(self) -> dict[str, Any]:
        """The steps not yet learned from, and where the plays stand."""
        return {
            "store": self._store.state_dict(),
            "endless": self._endless,
            "plays": None if self._plays is None else list(self._plays),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._store.load_state_dict(state["store"], self._device)
        self._endless = bool(state["endless"])
        self._plays = (
            None if state["plays"] is None else _Plays(*(part.to(self._device) for part in state["plays"]))
        )


def _need_succession(plays: _Plays, step: Steps) -> None:
    """Check that every play that goes on does so where it was."""
    jumped = (plays.observations != step.observations).flatten(1).any(dim=1) & ~plays.starts
    if jumped.any():
        row = int(jumped.int().argmax())
        raise GameError(f"play {row} does not go on at the observations that it led to; {_NEEDS_EVERY_STEP}")


def _need_finite(name: str, array: Array) -> None:
    """Check ``array [B, n]`` or ``[B, n, k]``, an encoded ⊥ being zeros."""
    bad = ~np.isfinite(array).reshape(*array.shape[:2], -1).all(axis=2)
    if bad.any():
        row, agent = np.argwhere(bad)[0].tolist()
        raise GameError(f"the {name} of agent {agent} in row {row} is {array[row, agent]}; it must be finite")
