"""Regrets in floats, fast enough for every evaluation point; ``certify`` has the last word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory.continuous import ContinuousGame, Mixture
from gametheory.numerics import Array, to_floats


def matrix_regrets(payoffs: Array, profile: Sequence[Array]) -> Array:
    """``max_a u_i(a, π^-i) − u_i(π)`` for every agent of ``payoffs[n, A_1, …, A_n]``."""
    out = []
    for i, own in enumerate(profile):
        values = payoffs[i]
        for j in reversed(range(len(profile))):
            if j != i:
                values = np.tensordot(values, profile[j], axes=(j, 0))
        out.append(max(0.0, float(values.max() - own @ values)))
    return np.array(out)


def quadratic_regrets(game: ContinuousGame, profile: Sequence[Any]) -> Array:
    """The same where payoffs are quadratic in one's own action: three payoffs give the maximum.

    ``profile`` holds an action ``[1]`` or a ``Mixture`` per agent.
    """
    points, weights = zip(*map(_support, profile), strict=True)
    low, high = to_floats(game.low), to_floats(game.high)
    out = []
    for i, own in enumerate(points):
        probes = np.array([low[i], (low[i] + high[i]) / 2, high[i]])
        gains = _gains(game, i, np.concatenate([probes, own]), points, weights)
        value = float(weights[i] @ gains[3:])
        out.append(max(0.0, _peak(*gains[:3])[1] - value))
    return np.array(out)


def _support(strategy: Any) -> tuple[Array, Array]:
    if isinstance(strategy, Mixture):
        weights = to_floats(strategy.weights)
        return to_floats(strategy.points), weights / weights.sum()
    return to_floats(strategy).reshape(1), np.ones(1)


def _gains(
    game: ContinuousGame, agent: int, actions: Array, points: Sequence[Array], weights: Sequence[Array]
) -> Array:
    """``[K]`` expected payoffs of the agent's ``actions[K]`` against the others' mixtures."""
    others = [j for j in range(len(points)) if j != agent]
    cells = list(itertools.product(*(points[j] for j in others)))
    grid = np.array(cells).reshape(len(cells), len(others))
    chance = np.array([np.prod(cell) for cell in itertools.product(*(weights[j] for j in others))])
    joint = np.empty((len(actions), len(grid), len(points)))
    joint[:, :, agent] = actions[:, None]
    joint[:, :, others] = grid
    payoffs = game.payoffs(joint.reshape(-1, len(points)))[:, agent]
    return np.asarray(payoffs.reshape(len(actions), len(grid)) @ chance)


def best_action(game: ContinuousGame, agent: int, actions: Array) -> Array:
    """``[n]``: the joint action with the agent's entry replaced by its best reply to the others."""
    low, high = float(game.low[agent]), float(game.high[agent])
    probes = np.repeat(to_floats(actions)[None], 3, axis=0)
    probes[:, agent] = [low, (low + high) / 2, high]
    at, _ = _peak(*game.payoffs(probes)[:, agent])
    out = to_floats(actions).copy()
    out[agent] = (low + high) / 2 + at * (high - low) / 2
    return out


def _peak(left: float, centre: float, right: float) -> tuple[float, float]:
    """Where on [−1, 1] the quadratic through (−1, left), (0, centre), (1, right) is largest; its value."""
    curvature, slope = (left - 2 * centre + right) / 2, (right - left) / 2
    if curvature >= 0:
        return (-1.0, float(left)) if left >= right else (1.0, float(right))
    peak = min(max(-slope / (2 * curvature), -1.0), 1.0)
    return float(peak), float(centre + slope * peak + curvature * peak * peak)
