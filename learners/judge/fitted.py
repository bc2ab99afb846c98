"""The linear policies nearest to what networks play in a linear-quadratic game. No torch.

Plays are simulated, and each agent's gain is the least-squares fit over the states that come up,
those at time t with weight γ^t:

    K_i = −E Σ_t γ^t u_t x_t' (E Σ_t γ^t x_t x_t')⁻¹,      M_i = E Σ_t γ^t e_t e_t',   e_t = u_t + K_i x_t

What is left, ``M_i``, is the misfit: 0 for linear feedback. So that gains are told apart where plays visit
few directions, as after a deviation they would not, policies are also asked near the visited states, and
these answers count a little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from environments.linear_quadratic import LinearQuadraticPlay
from gametheory import streams
from gametheory.game import take
from gametheory.numerics import Array, to_floats
from gametheory.policy import Policy
from gametheory.streams import Keys
from learners.learner import ask

FADED = 1e-2
"""Plays are followed until their discount falls below this."""
LONGEST = 100
"""Most steps, and how many there are without discount."""
LARGEST = 1e12
"""States beyond this end the look: nobody holds them any more."""
NEAR, LITTLE = 0.1, 1e-3
"""How far off policies are also asked, as a share of the states' root mean square, and what an answer counts."""
UNSEEN = 1e-12
"""Directions with a smaller share of the second moments get gain 0."""


@dataclass(frozen=True)
class Fit:
    """One agent's linear fit."""

    gain: Array  # K_i, [d, n]
    misfit: Array  # M_i, [d, d]
    share: float
    """Root mean square of what is left over that of the actions; 0 where there are none."""

    @property
    def numbers(self) -> Array:
        """``[d·n + d² + 1]``: gain, misfit, share."""
        return np.concatenate([self.gain.ravel(), self.misfit.ravel(), [self.share]])

    @classmethod
    def of(cls, numbers: Array, size: int, dimension: int) -> Fit:
        """The inverse of ``numbers`` for an action of length ``size``; gains alone are read, too."""
        flat = to_floats(np.asarray(numbers)).ravel()
        end, blank = size * dimension, np.zeros((size, size))
        if len(flat) == end:
            return cls(flat.reshape(size, dimension), blank, 0.0)
        return cls(flat[:end].reshape(size, dimension), flat[end:-1].reshape(size, size), float(flat[-1]))


def fitted(game: LinearQuadraticPlay, policies: Sequence[Policy], keys: Keys) -> tuple[Fit, ...]:
    """The linear fit of every agent's policy, where they all play together.

    Args:
        game: the game as it is played.
        policies: one per agent.
        keys: ``[B]``, one stream per play.

    A policy that answers with NaN or an infinity gets gains of NaN.
    """
    step, batch = game.reset(keys), len(keys)
    carries = [policy.start(batch) for policy in policies]
    gamma, weight = float(game.formal.discount), 1.0
    moments = [_Moments(size, game.formal.dimension) for size in game.formal.sizes]
    rows = np.tile(np.arange(batch), 2)
    for t in range(_steps(gamma)):
        x = step.observations[0]
        if np.abs(x).max() > LARGEST:
            break
        spread = NEAR * math.sqrt(float(np.mean(x**2)))
        asked = np.concatenate([x, x + spread * streams.normal(streams.derive(keys, t), 0, x.shape[1])])
        actions = []
        for i, policy in enumerate(policies):
            own = streams.derive(streams.derive(keys, t), i + 1)[rows]
            after, answer = ask(policy, take(carries[i], rows), asked, own, None)
            carries[i], answer = take(after, rows[:batch]), to_floats(answer)
            if not np.all(np.isfinite(answer)):
                return tuple(_broken(size, x.shape[1]) for size in game.formal.sizes)
            moments[i].add(weight / batch, asked, answer)
            actions.append(answer[:batch])
        step, weight = game.step(step.state, tuple(actions)), weight * gamma
    return tuple(own.fit() for own in moments)


class _Moments:
    """Second moments of states and answers: on the way ``[0]``, and with those near by ``[1]``."""

    def __init__(self, size: int, dimension: int) -> None:
        self.states = np.zeros((2, dimension, dimension))
        self.both = np.zeros((2, size, dimension))
        self.squares = np.zeros((size, size))

    def add(self, weight: float, asked: Array, answers: Array) -> None:
        """The first half of the rows is on the way."""
        way = slice(0, len(asked) // 2), slice(len(asked) // 2, None)
        for k, rows in enumerate(way):
            x, u, share = asked[rows], answers[rows], weight if k == 0 else weight * LITTLE
            self.states[k:] += share * x.T @ x
            self.both[k:] += share * u.T @ x
        self.squares += weight * answers[way[0]].T @ answers[way[0]]

    def fit(self) -> Fit:
        """The gain, and ``M = E Σ γ^t (u + Kx)(u + Kx)'`` on the way, without what rounding makes negative."""
        gain = -self.both[1] @ np.linalg.pinv(self.states[1], rcond=UNSEEN, hermitian=True)
        crossed = gain @ self.both[0].T
        left = self.squares + crossed + crossed.T + gain @ self.states[0] @ gain.T
        eigenvalues, vectors = np.linalg.eigh(left)
        misfit = np.asarray((vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T)
        whole = float(np.trace(self.squares))
        return Fit(gain, misfit, math.sqrt(float(np.trace(misfit)) / whole) if whole > 0 else 0.0)


def _broken(size: int, dimension: int) -> Fit:
    return Fit(np.full((size, dimension), np.nan), np.full((size, size), np.nan), math.nan)


def _steps(gamma: float) -> int:
    return LONGEST if gamma >= 1 else min(LONGEST, math.ceil(math.log(FADED) / math.log(gamma)))
