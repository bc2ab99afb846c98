"""Transitions from an agent's own turn to its next: what a critic needs that sees its own agent alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from gametheory.errors import GameError
from gametheory.game import NULL, Discrete, Spec, where
from gametheory.numerics import Array
from learners.experience.spaces import seen
from learners.learner import Transition


class Turn(NamedTuple):
    """One agent's latest decision in each of B plays, and what it has brought so far."""

    observation: Array
    action: Array
    legal: Array | None
    reward: Array  # [B], Σ_k Γ_k r_{k+1}
    discount: Array  # [B], Γ
    begun: Array  # [B], the number of the step it was made in
    open: Array  # [B] bool, whether its consequence is still unknown


class OwnTurns:
    """Joint transitions in which every agent that takes part goes from its own turn to its next.

    An agent that takes turns sees ⊥ while others move, and ⊥ has no value to bootstrap from. What
    follows from its decision at step t is its next turn, at step u:

        R = Σ_{t ≤ k < u} Γ_k r_{k+1},  Γ_k = Π_{t ≤ j < k} γ_j,  bootstrap Γ_u Q(ω_u).

    Decisions made in one step that are settled in one step make one transition; whoever takes no part
    in it has ⊥, no action and no reward there. So where all act at once, every step is handed on as it
    is, whatever its rows are, over n steps too. A play that terminates before an agent's next turn
    bootstraps nothing; a decision whose play is cut off while another agent has the turn is dropped, for
    nobody knows what it would have led to.

    While an agent waits for its next turn, row b of every step must be row b of the step before.
    """

    def __init__(self, observation_specs: tuple[Spec, ...]) -> None:
        self._specs = observation_specs
        self._time = 0
        self._turns: list[Turn] | None = None  # None while nobody waits

    def take(self, step: Transition) -> tuple[Transition, ...]:
        """The transitions that this step settles.

        Raises:
            GameError: somebody waits for its next turn, and the step is over several steps of the game
                or of other plays than the one before.
        """
        acting, terminated = np.asarray(step.acting, dtype=bool), np.asarray(step.terminated, dtype=bool)
        known = self._acts_next(step) | terminated[:, None]
        if self._turns is None and acting.all() and known.all():
            return (step,)
        self._turns = self._waiting(step)
        self._turns = [self._after(step, i, acting[:, i]) for i in self._agents]
        self._time += 1
        out = self._settled(step, self._opened & known)
        waiting = self._opened & ~known & ~(terminated | np.asarray(step.truncated, dtype=bool))[:, None]
        _need_one_step(step, waiting)
        turns = [own._replace(open=mine) for own, mine in zip(self._turns, waiting.T, strict=True)]
        self._turns = turns if waiting.any() else None
        return tuple(out)

    def _acts_next(self, step: Transition) -> Array:
        """``[B, n]`` bool: who has a turn where the step leads to."""
        if step.next_acting is not None:
            return np.asarray(step.next_acting, dtype=bool)
        return np.stack(
            [seen(s, o) for s, o in zip(self._specs, step.next_observations, strict=True)], axis=1
        )

    def _waiting(self, step: Transition) -> list[Turn]:
        """The decisions not settled yet, in the plays of this step."""
        batch = len(step.rewards)
        if self._turns is None:
            return [self._turn(step, i)._replace(open=np.zeros(batch, dtype=bool)) for i in self._agents]
        if len(self._turns[0].open) != batch:
            raise GameError(
                f"a step of {batch} plays follows one of {len(self._turns[0].open)}, and agents wait for "
                "their next turns; hand over the same plays in every step"
            )
        return self._turns

    @property
    def _agents(self) -> range:
        return range(len(self._specs))

    @property
    def _opened(self) -> Array:
        return np.stack([own.open for own in self._turns or ()], axis=1)  # [B, n]

    def _turn(self, step: Transition, agent: int) -> Turn:
        batch = len(step.rewards)
        return Turn(
            step.observations[agent],
            step.actions[agent],
            step.legal[agent],
            np.asarray(step.rewards[:, agent], dtype=np.float64),
            np.asarray(step.discount, dtype=np.float64),
            np.full(batch, self._time),
            np.ones(batch, dtype=bool),
        )

    def _after(self, step: Transition, agent: int, acts: Array) -> Turn:
        """A new decision where the agent acts; elsewhere the old one, with this step's reward."""
        assert self._turns is not None
        old = self._turns[agent]
        grown = old._replace(
            reward=old.reward + old.discount * step.rewards[:, agent], discount=old.discount * step.discount
        )
        out: Turn = where(acts, self._turn(step, agent), grown)
        return out

    def _settled(self, end: Transition, which: Array) -> list[Transition]:
        """The transitions of the decisions ``which[B, n]``, one for each step that they were made in."""
        assert self._turns is not None
        begun = np.stack([own.begun for own in self._turns], axis=1)
        out, left = [], which.copy()
        for leader in self._agents:
            members = left & (begun == begun[:, leader, None]) & left[:, leader, None]
            rows = members[:, leader]
            if rows.any():
                out.append(self._joint(end, members[rows], rows, self._turns[leader].discount[rows]))
                left &= ~members
        return out

    def _joint(self, end: Transition, members: Array, rows: Array, discount: Array) -> Transition:
        assert self._turns is not None
        turns = list(zip(self._turns, self._specs, members.T, strict=True))
        return Transition(
            observations=tuple(_shown(spec, own.observation[rows], part) for own, spec, part in turns),
            actions=tuple(own.action[rows] for own in self._turns),
            rewards=np.stack([np.where(part, own.reward[rows], 0.0) for own, _, part in turns], axis=1),
            next_observations=tuple(
                _shown(spec, after[rows], part)
                for (_, spec, part), after in zip(turns, end.next_observations, strict=True)
            ),
            discount=discount,
            terminated=np.asarray(end.terminated, dtype=bool)[rows],
            truncated=np.asarray(end.truncated, dtype=bool)[rows],
            acting=members,
            legal=tuple(None if own.legal is None else own.legal[rows] for own in self._turns),
            next_legal=tuple(None if own is None else own[rows] for own in end.next_legal),
        )

    def state_dict(self) -> dict[str, Any]:
        """The decisions whose consequences are not known yet."""
        return {"time": self._time, "turns": None if self._turns is None else list(map(tuple, self._turns))}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what ``state_dict`` gave."""
        self._time = int(state["time"])
        self._turns = None if state["turns"] is None else [Turn(*own) for own in state["turns"]]


def _need_one_step(step: Transition, waiting: Array) -> None:
    """Check that nobody of ``waiting [B, n]`` does so after several steps: what is between is not known."""
    if step.steps is None:
        return
    late = waiting & (step.steps > 1)[:, None]
    if late.any():
        row, agent = np.argwhere(late)[0].tolist()
        raise GameError(
            f"training.n_step is {step.steps[row]}, and agent {agent} has no turn after so many steps; where "
            "agents take turns, critics of one agent alone need training.n_step=1 (central ones do not: matd4)"
        )


def _shown(spec: Spec, observation: Array, part: Array) -> Array:
    """The observation of those who take part, ⊥ for the others."""
    if isinstance(spec, Discrete):
        return np.where(part, observation, NULL)
    return np.where(part[:, None], observation, np.nan)
