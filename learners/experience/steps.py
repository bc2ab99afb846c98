"""Transitions over several steps of the game at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gametheory.errors import GameError
from gametheory.game import take
from gametheory.numerics import Array
from learners.learner import Transition


class Pending(NamedTuple):
    """Steps of B plays whose reward is still being summed."""

    observations: tuple[Array, ...]
    actions: tuple[Array, ...]
    acting: Array  # [B, n]
    legal: tuple[Array | None, ...]
    rewards: Array  # [B, n], Σ_k Γ_k r_{k+1} so far
    discount: Array  # [B], Γ so far
    open: Array  # [B] bool, whether the row still waits
    carries: tuple[Any, ...] = ()


class NStep:
    """Transitions over n steps of the game.

        R = Σ_{k<m} Γ_k r_{t+k+1},  Γ_k = Π_{j<k} γ_{t+j},  bootstrap Γ_m Q(ω_{t+m})

    with m = n, or fewer where the play ends before: a transition never reaches past its play's end. One
    that termination cuts short bootstraps nothing; one that truncation cuts short bootstraps from the
    true final observation. n = 1 hands every step on as it is. Each step begins one transition, which
    keeps what its behaviour policies remembered.

    Row b of every step must be row b of the step before.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.pending: list[Pending] = []  # the oldest first

    def take(self, step: Transition) -> tuple[Transition, ...]:
        """The transitions that this step completes, those of longer standing first."""
        if self.steps == 1:
            return (step,)
        over = np.asarray(step.terminated, dtype=bool) | np.asarray(step.truncated, dtype=bool)
        waiting = [*(self._grown(own, step) for own in self.pending), _begun(step)]
        full = len(waiting) == self.steps
        out, self.pending = [], []
        for age, own in enumerate(waiting):
            done = own.open & (over | (full and age == 0))
            if done.any():
                out.append(_completed(own, step, done, len(waiting) - age))
            if not (full and age == 0):
                self.pending.append(own._replace(open=own.open & ~done))
        return tuple(out)

    def _grown(self, own: Pending, step: Transition) -> Pending:
        return own._replace(
            rewards=own.rewards + own.discount[:, None] * step.rewards, discount=own.discount * step.discount
        )

    def state_dict(self) -> dict[str, Any]:
        """What is still being summed."""
        return {"steps": self.steps, "pending": [tuple(own) for own in self.pending]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what ``state_dict`` gave.

        Raises:
            GameError: it was saved with another number of steps.
        """
        if state["steps"] != self.steps:
            raise GameError(f"the state was saved with training.n_step {state['steps']}; it is {self.steps}")
        self.pending = [Pending(*own) for own in state["pending"]]


def _begun(step: Transition) -> Pending:
    everywhere = np.ones(len(step.rewards), dtype=bool)
    discount = np.asarray(step.discount, dtype=np.float64)
    return Pending(
        step.observations,
        step.actions,
        step.acting,
        step.legal,
        step.rewards,
        discount,
        everywhere,
        step.carries,
    )


def _completed(own: Pending, step: Transition, done: Array, steps: int) -> Transition:
    """The rows ``done``, from the step that began them to this one."""
    end = take(step, done)
    return Transition(
        observations=take(own.observations, done),
        actions=take(own.actions, done),
        rewards=own.rewards[done],
        next_observations=end.next_observations,
        discount=own.discount[done],
        terminated=end.terminated,
        truncated=end.truncated,
        acting=own.acting[done],
        legal=take(own.legal, done),
        next_legal=end.next_legal,
        carries=take(own.carries, done),
        next_acting=end.next_acting,
        steps=np.full(int(done.sum()), steps),
    )
