"""Certificates of gains in linear-quadratic games: each agent's best reply as a single regulator.

Knows no solver of these games. To a horizon the best reply is that of dynamic programming, in the
numbers of the game; for ever it is the stabilising solution of the discrete algebraic Riccati
equation, found by scipy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.certificates.certificate import EPSILON, Certificate, Kind
from gametheory.continuous.lq.linear import positive_definite, solve, spectral_radius, zeros
from gametheory.continuous.lq.model import Gains, LinearQuadraticGame, as_gains
from gametheory.numerics import Array, Number, is_exact, to_floats


@dataclass(frozen=True)
class FeedbackCertificate(Certificate):
    """How far gains are from equilibrium, from the initial distribution and from every state.

    Payoffs are unbounded, so regrets are held against what the profile costs when every quadratic form
    is replaced by its absolute value (for costs that are nowhere negative: the cost itself), which
    stands in ``payoff_ranges``.

    For ever, an agent's replies are those under which ``γ^t E|x_t|²`` goes to 0.
    """

    anywhere: tuple[float, ...] = ()
    """Per agent the largest regret from any state, as a share of the size of its costs there."""
    gain_errors: tuple[float, ...] = ()
    """Per agent the largest entry of ``K_i − K_i*``, where K_i* is the best reply to the others."""
    spectral_radius: float = math.nan
    """Of ``A − ΣBK``: below 1, the state stays bounded. NaN with a horizon."""
    discounted_radius: float = math.nan
    """Of ``√γ(A − ΣBK)``: below 1, costs are finite. NaN with a horizon."""


@dataclass(frozen=True)
class _Judged:
    """One agent's side."""

    cost: Number
    regret: Number
    size: Number
    anywhere: float
    gain_error: float


_NO_REPLY = _Judged(math.inf, math.inf, math.inf, math.inf, math.inf)


def certify_gains(
    game: LinearQuadraticGame,
    profile: Sequence[Any],
    horizon: int | None = None,
    epsilon: float = EPSILON,
) -> FeedbackCertificate:
    """Recompute every agent's best reply to the others' gains and grade the profile.

    The regret is ``J_i(K) − min J_i(K', K_-i) = tr Δ_i S`` with
    ``Δ_i = D_i'(R_ii + γB_i'P*B_i)D_i + γM'Δ_iM`` and ``D_i = K_i − K_i*``: no difference of large numbers.
    ``exact`` needs a horizon, a rational game and rational gains, and D_i = 0 at every stage.

    Raises:
        GameError: gains that do not fit; noise without discount and horizon.
    """
    gains = as_gains(game, profile, horizon)
    if horizon is None:
        return _for_ever(game, tuple(map(to_floats, gains)), epsilon)
    exact = game.exact and all(map(is_exact, gains))
    played, read = (game, gains) if exact else (game.floats, tuple(map(to_floats, gains)))
    judged = [_to_horizon(played, read, i) for i in range(len(read))]
    return _certificate(judged, exact, epsilon)


def _certificate(
    judged: Sequence[_Judged], exact: bool, epsilon: float, radii: tuple[float, float] = (math.nan, math.nan)
) -> FeedbackCertificate:
    right = exact and all(own.gain_error == 0 for own in judged)
    within = all(own.regret <= epsilon * own.size and own.anywhere <= epsilon for own in judged)
    regrets = tuple(own.regret for own in judged)
    return FeedbackCertificate(
        kind=Kind.EXACT if right else Kind.NUMERIC if within else None,
        regrets=regrets,
        values=tuple(-own.cost for own in judged),
        nash_conv=sum(regrets[1:], regrets[0]),
        epsilon=epsilon,
        payoff_ranges=tuple(own.size for own in judged),
        anywhere=tuple(own.anywhere for own in judged),
        gain_errors=tuple(own.gain_error for own in judged),
        spectral_radius=radii[0],
        discounted_radius=radii[1],
    )


# --- to a horizon ------------------------------------------------------------------------------------


def _to_horizon(game: LinearQuadraticGame, gains: Gains, agent: int) -> _Judged:
    """Backwards through the stages: the agent's best reply, its own cost, and what it regrets."""
    assert game.final is not None
    exact, n, gamma = game.exact and is_exact(gains[0]), game.dimension, game.discount
    b, best, own = game.B[agent], game.final[agent], game.final[agent]
    size, lost = _absolute(own), zeros(n, n, exact)
    totals = [_Total(game, own), _Total(game, lost), _Total(game.floats, size)]
    error, anywhere = 0.0, 0.0
    for t in reversed(range(len(gains[0]))):
        now = [k[t] for k in gains]
        loop = game.A - np.asarray(sum(c @ k for c, k in zip(game.B, now, strict=True)))
        alone = loop + b @ now[agent]
        curvature = game.R[agent][agent] + gamma * b.T @ best @ b
        if not positive_definite(curvature):
            return _NO_REPLY
        reply = solve(curvature, gamma * b.T @ best @ alone)
        assert reply is not None  # a positive definite matrix is invertible
        apart = now[agent] - reply
        error = max(error, float(np.abs(to_floats(apart)).max()))
        met, answered = alone - b @ reply, [reply if j == agent else k for j, k in enumerate(now)]
        best = _running(game, agent, answered) + gamma * met.T @ best @ met
        lost = apart.T @ curvature @ apart + gamma * loop.T @ lost @ loop
        own = _running(game, agent, now) + gamma * loop.T @ own @ loop
        steps = to_floats(loop)
        size = _running_size(game, agent, now) + float(gamma) * steps.T @ size @ steps
        anywhere = max(anywhere, _share(to_floats(lost), size))
        for total, matrix in zip(totals, (own, lost, size), strict=True):
            total.before(matrix)
    cost, regret, scale = (total.amount for total in totals)
    if exact:
        return _Judged(cost, regret, float(scale), anywhere, error)
    return _Judged(float(cost), max(float(regret), 0.0), float(scale), anywhere, error)


class _Total:
    """``tr X_0 E x_0x_0' + Σ_t γ^{t+1} tr X_{t+1} W`` as the X_t come, backwards."""

    def __init__(self, game: LinearQuadraticGame, last: Array) -> None:
        self.game, self.matrix, self.paid = game, last, Fraction(0)

    def before(self, matrix: Array) -> None:
        noise = np.trace(np.asarray(self.matrix @ self.game.noise))
        self.paid = self.game.discount * (self.paid + noise)
        self.matrix = matrix

    @property
    def amount(self) -> Any:
        return np.trace(self.matrix @ self.game.second_moment) + self.paid


def _running(game: LinearQuadraticGame, agent: int, gains: Sequence[Array]) -> Array:
    paid = sum(k.T @ r @ k for r, k in zip(game.R[agent], gains, strict=True))
    return np.asarray(game.Q[agent] + paid)


def _running_size(game: LinearQuadraticGame, agent: int, gains: Sequence[Array]) -> Array:
    parts = zip(game.R[agent], map(to_floats, gains), strict=True)
    return np.asarray(_absolute(game.Q[agent]) + sum(k.T @ _absolute(r) @ k for r, k in parts))


# --- for ever ----------------------------------------------------------------------------------------


def _for_ever(game: LinearQuadraticGame, gains: Gains, epsilon: float) -> FeedbackCertificate:
    scaled = game.scaled
    loop = scaled.loop(gains)
    discounted = spectral_radius(loop)
    radii = (discounted / float(game.discount) ** 0.5, discounted)
    if discounted >= 1:
        return _certificate([_NO_REPLY] * len(gains), False, epsilon, radii)
    judged = [_stationary(game, gains, i, loop) for i in range(len(gains))]
    return _certificate(judged, False, epsilon, radii)


def _stationary(game: LinearQuadraticGame, gains: Gains, agent: int, loop: Array) -> _Judged:
    from scipy.linalg import solve_discrete_are

    scaled = game.scaled
    b, r = scaled.B[agent], scaled.R[agent][agent]
    alone = loop + b @ gains[agent]
    others = scaled.running(agent, gains) - gains[agent].T @ r @ gains[agent]
    try:
        best = solve_discrete_are(alone, b, (others + others.T) / 2, r)
    except (np.linalg.LinAlgError, ValueError):
        return _NO_REPLY
    curvature = r + b.T @ best @ b
    if not positive_definite(curvature):
        return _NO_REPLY
    apart = gains[agent] - np.linalg.solve(curvature, b.T @ best @ alone)
    lost = _lyapunov(loop.T, apart.T @ curvature @ apart)
    size = _lyapunov(loop.T, _running_size(game, agent, gains))
    cost = _lyapunov(loop.T, scaled.running(agent, gains))
    on_average = [float(np.trace(matrix @ scaled.start)) for matrix in (cost, lost, size)]
    return _Judged(
        on_average[0],
        max(on_average[1], 0.0),
        on_average[2],
        _share(lost, size),
        float(np.abs(apart).max()),
    )


def _lyapunov(matrix: Array, right: Array) -> Array:
    """``P = right + matrix P matrix'``."""
    from scipy.linalg import solve_discrete_lyapunov

    return np.asarray(solve_discrete_lyapunov(matrix, right))


# --- sizes -------------------------------------------------------------------------------------------


def _absolute(matrix: Array) -> Array:
    """``|X|``: the same eigenvectors, eigenvalues without sign."""
    eigenvalues, vectors = np.linalg.eigh(to_floats(matrix))
    return np.asarray((vectors * np.abs(eigenvalues)) @ vectors.T)


def _share(lost: Array, size: Array) -> float:
    """The largest loss over the largest size: ``‖lost‖ / ‖size‖``, 0 where nothing is lost."""
    most = float(np.abs(np.linalg.eigvalsh(lost)).max())
    return most / float(np.linalg.eigvalsh(size).max()) if most else 0.0
