"""Gradient play near the equilibria of a game with an interval of actions per agent."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.continuous.game import ContinuousGame, as_mixtures
from gametheory.errors import GameError
from gametheory.gradient_play.differences import moved, payoff, second
from gametheory.gradient_play.stability import Linearisation, Stability, judge
from gametheory.numerics import Array, to_fractions

STEP = Fraction(1, 2**20)
"""Of differences, as a share of the shortest interval; exact where payoffs are quadratic around the point."""
FLAT = Fraction(1, 10**9)
"""Slopes below this share of the payoff range count as none, of points given in floats."""


def linearise(game: ContinuousGame, profile: Sequence[Array]) -> Linearisation:
    """What play along everybody's own gradient, kept in the intervals, does near an equilibrium in pure actions.

    The Jacobian is ``∂²u_i/∂a_i∂a_j`` over the agents inside their intervals; an agent at a bound that it is
    pushed against stays there.

    Args:
        game: payoffs differentiable at the profile.
        profile: one action ``[1]`` per agent.

    Raises:
        GameError: the profile mixes, or an action is outside its interval.
    """
    mixtures = as_mixtures(game, profile)
    if any(len(own.points) != 1 for own in mixtures):
        raise GameError("gradients are taken at pure actions; this profile mixes")
    low, high = to_fractions(game.low), to_fractions(game.high)
    point = [
        min(max(to_fractions(own.points)[0], a), b) for own, a, b in zip(mixtures, low, high, strict=True)
    ]
    h = STEP * min((b - a for a, b in zip(low, high, strict=True) if a < b), default=Fraction(1))
    free, doubtful = [], []
    for i, (action, a, b) in enumerate(zip(point, low, high, strict=True)):
        if a < action < b:
            free.append(i)
            continue
        if a == b:  # it cannot move
            continue
        inward = h if action == a else -h
        gain = payoff(game, i, moved(point, {i: inward})) - payoff(game, i, point)
        if not gain < -FLAT * abs(h) * Fraction(game.payoff_ranges[i]) / (b - a):
            doubtful.append(i)
    J = np.array([[float(second(game, point, i, j, h)) for j in free] for i in free]).reshape(
        len(free), len(free)
    )
    eigenvalues = np.linalg.eigvals(J).astype(complex) if free else np.zeros(0, dtype=complex)
    strict = not doubtful and all(J[k, k] < 0 for k in range(len(free)))
    if doubtful:
        names = ", ".join(game.agents[i] for i in doubtful)
        return Linearisation(Stability.UNDECIDED, False, eigenvalues, f"no slope at the bound of {names}")
    why = "by the eigenvalues of ∂²u_i/∂a_i∂a_j" if free else "every agent is pushed against a bound"
    return Linearisation(judge(eigenvalues), strict, eigenvalues, why)
