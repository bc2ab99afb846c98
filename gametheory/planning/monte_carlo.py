"""What policies earn on average over many plays, with the error of that average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from gametheory import streams
from gametheory.aecg import AECG
from gametheory.convert import aecg_to_posg
from gametheory.errors import GameError
from gametheory.game import Game, take, where
from gametheory.numerics import Array
from gametheory.planning.chain import check_horizon
from gametheory.policy import Policy
from gametheory.posg import POSG
from gametheory.simulate import TabularGame

BATCH = 65_536
"""Plays that run side by side."""

STEP_LIMIT = 100_000
"""Most steps of a play without a horizon."""

NEGLIGIBLE = 1e-12
"""Without a horizon a play stops once its accumulated discount is below this."""

_GAME, _ACTIONS = 0, 1


@dataclass(frozen=True, eq=False)
class Estimate:
    """Means over plays of the agents' discounted returns.

    The standard error is ``sqrt(s² / plays)`` with the unbiased sample variance s². The interval
    is the normal approximation at level 95 %; with rare large rewards it needs many plays.
    """

    mean: Array  # [n]
    standard_error: Array  # [n]
    plays: int

    @property
    def interval(self) -> Array:
        """``[n, 2]``: mean ± 1.96 standard errors."""
        half = ndtri(0.975) * self.standard_error
        return np.stack([self.mean - half, self.mean + half], axis=1)


def monte_carlo(
    game: POSG | AECG | Game[Any],
    profile: Sequence[Policy],
    *,
    plays: int,
    seed: int,
    horizon: int | None = None,
) -> Estimate:
    """Estimate ``J^i(π) = E[Σ_{t < horizon} Γ_t r^i_{t+1}]`` of every agent from sampled plays.

    Play b draws from the stream (seed, b) alone.

    Args:
        game: a POSG, an AECG or a simulated game.
        profile: one policy per agent.
        plays: how many, at least 2.
        seed: of the family of streams.
        horizon: in the game's own steps; None: until play ends or its accumulated discount is
            below ``NEGLIGIBLE``.

    Raises:
        GameError: an illegal action, or no horizon where a play does not end.
    """
    check_horizon(horizon)
    simulated = _simulated(game)
    if len(profile) != len(simulated.agents):
        raise GameError(f"profile has {len(profile)} policies; the game has {len(simulated.agents)} agents")
    if plays < 2:
        raise GameError(f"plays is {plays}; an error needs at least 2")
    starts = range(0, plays, BATCH)
    returns = np.concatenate(
        [
            _play(simulated, profile, streams.seed_keys(seed, min(BATCH, plays - start), start), horizon)
            for start in starts
        ]
    )
    error = returns.std(axis=0, ddof=1) / np.sqrt(plays)
    return Estimate(returns.mean(axis=0), error, plays)


def _simulated(game: POSG | AECG | Game[Any]) -> Game[Any]:
    if isinstance(game, AECG):
        game = aecg_to_posg(game)[0]
    return TabularGame(game) if isinstance(game, POSG) else game


def _play(game: Game[Any], profile: Sequence[Policy], keys: streams.Keys, horizon: int | None) -> Array:
    """``[B, n]`` discounted returns; rows that are over are taken out of the batch."""
    step = game.reset(streams.derive(keys, _GAME))
    returns = np.zeros((len(keys), len(game.agents)))
    weights = np.ones(len(keys))
    going = np.flatnonzero(~step.terminated)
    state, seen = take((step.state, step.observations), going)
    carries: tuple[Any, ...] = take(tuple(policy.start(len(keys)) for policy in profile), going)
    for t in range(STEP_LIMIT if horizon is None else horizon):
        if not len(going):
            return returns
        carries, actions = _act(game, profile, state, carries, seen, streams.derive(keys[going], t + 1))
        step = game.step(state, actions)
        returns[going] += weights[going, None] * step.rewards
        weights[going] *= step.discount
        enough = NEGLIGIBLE if horizon is None else 0.0
        left = np.flatnonzero(~step.terminated & (weights[going] > enough))
        state, seen, carries = take((step.state, step.observations, carries), left)
        going = going[left]
    if horizon is None and len(going):
        raise GameError(f"{len(going)} plays did not end within {STEP_LIMIT:,} steps; give a horizon")
    return returns


def _act(
    game: Game[Any],
    profile: Sequence[Policy],
    state: Any,
    carries: tuple[Any, ...],
    seen: tuple[Array, ...],
    keys: streams.Keys,
) -> tuple[tuple[Any, ...], tuple[Array, ...]]:
    """Next carries and actions; a memory advances only where its agent acts."""
    acting = game.acting(state)
    after, actions = [], []
    for i, policy in enumerate(profile):
        carry, action = policy.act(carries[i], seen[i], streams.derive(keys, _ACTIONS + i))
        after.append(where(acting[:, i], carry, carries[i]))
        actions.append(action)
    return tuple(after), tuple(actions)
