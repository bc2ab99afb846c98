"""Policies held against linear-quadratic games: exact regrets of the linear policies nearest to them. No torch.

A network is not linear, and what could be gained against it is not known exactly. What is: its linear
fit ``u = −K_i x + e_i`` (``learners.judge.fitted``), with the misfit ``e_i`` taken for noise of its own
size. Agent i's best reply ``K_i*`` to the others' gains is that of one regulator, and its regret is

    tr D_i'H_i D_i S + tr H_i M_i,      D_i = K_i − K_i*,   H_i = R_ii + γ B_i'P_i*B_i,
    S = E x_0x_0' + γ/(1−γ) W + γ Σ_j B_j M_j B_j' + γ (A − ΣBK) S (A − ΣBK)'

So a policy far from linear has a regret of its own, and "converged" asks for a small misfit as well.
What an agent could gain that knew the others' misfits is not in it; it is of the order of their square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from environments.linear_quadratic import LinearQuadraticPlay
from gametheory import streams
from gametheory.certificates.certificate import Kind
from gametheory.certificates.linear_quadratic import certify_gains
from gametheory.certify import Certificate
from gametheory.continuous.lq import LinearQuadraticGame
from gametheory.continuous.lq.loop import Loop
from gametheory.continuous.lq.model import Scaled
from gametheory.continuous.lq.replies import best_reply
from gametheory.errors import GameError
from gametheory.game import Game
from gametheory.numerics import Array, to_floats
from gametheory.policy import Policy
from gametheory.solution import Solution
from gametheory.streams import Keys
from learners.judge.fitted import Fit, fitted
from learners.judge.reference import Distance, Point

PLAYS = 128
"""Plays that policies are fitted to."""
SECONDS = 10.0
"""Time for computing equilibria before a run."""
WORST = 100.0
"""Regrets of this many payoff ranges or more, infinite ones included, count as this many."""
LINEAR = 1e-6
"""A misfit of a smaller share is rounding."""


@dataclass(frozen=True, eq=False)
class GainReference:
    """Linear fits held against a linear-quadratic game; a point is per agent ``Fit.numbers``."""

    formal: LinearQuadraticGame
    game: LinearQuadraticPlay
    solution: Solution
    norm: str = (
        "largest sum of differences of any agent's gains, as a share of the largest sum at an equilibrium"
    )

    @property
    def payoff_ranges(self) -> Array:
        """``[n]``: costs have no range; ``payoff_range`` stands for every agent's."""
        return np.full(len(self.formal.B), self.payoff_range)

    @cached_property
    def payoff_range(self) -> float:
        """What there is to win, as costs have no upper bound.

        NashConv of doing nothing, but no more than any agent's costs at a computed equilibrium.
        """
        sizes = [
            float(size)
            for profile in self.solution.profiles
            for size in certify_gains(self.formal, profile).payoff_ranges
        ]
        idle = [Fit(np.zeros((d, self.formal.dimension)), np.zeros((d, d)), 0.0) for d in self.formal.sizes]
        widths = [*sizes, float(regrets(self.formal.scaled, idle).sum())]
        return min((width for width in widths if 0 < width < np.inf), default=1.0)

    def point(self, policies: Sequence[Policy], observations: tuple[Array, ...], keys: Keys) -> Point:
        """The policies' fits, over plays of their own."""
        plays = streams.derive(np.repeat(keys[:1], PLAYS), np.arange(PLAYS))
        return tuple(fit.numbers for fit in fitted(self.game, policies, plays))

    def fits(self, profile: Sequence[Any]) -> tuple[Fit, ...]:
        """A point read; plain gains are one without misfit."""
        return tuple(
            Fit.of(own, size, self.formal.dimension)
            for own, size in zip(profile, self.formal.sizes, strict=True)
        )

    def misfit(self, profile: Sequence[Any]) -> list[float]:
        """Per agent: how much of its actions is not linear, by root mean square."""
        return [fit.share for fit in self.fits(profile)]

    def values(self, point: Point) -> Array:
        """``[n]``: minus what everybody pays; not below minus what counts as infinite regret."""
        fits, scaled = self.fits(point), self.formal.scaled
        source = replace(scaled, start=scaled.start + _spread(scaled, fits))
        loop = Loop.of(source, [fit.gain for fit in fits])
        worst = -WORST * self.payoff_range
        if loop is None:
            return np.full(len(fits), worst)
        return np.asarray(np.maximum(-loop.costs - _own_costs(scaled, fits), worst))

    def regrets(self, profile: Sequence[Any]) -> Array:
        found = regrets(self.formal.scaled, self.fits(profile))
        return np.asarray(np.minimum(found, WORST * self.payoff_range))

    def average(self, points: Sequence[Point]) -> tuple[Any, ...] | None:
        """None: mean gains are not how a policy drawn at random from the snapshots plays."""
        return None

    def coordinates(self, points: Sequence[Point]) -> tuple[Array, ...]:
        """Gains in units of ``norm``; they may pass 1."""
        read = [self._gains(point) for point in points]
        return tuple(np.stack(own) / self._unit for own in zip(*read, strict=True))

    def distance(self, point: Point) -> Distance | None:
        found = []
        for k, answer in enumerate(self.solution.profiles):
            apart = zip(self._gains(point), map(to_floats, answer), strict=True)
            largest = max(float(np.abs(own - star.ravel()).sum()) for own, star in apart)
            found.append(Distance(largest / self._unit, (k,)))
        return min(found, key=lambda distance: distance.value, default=None)

    def certify(self, profile: Sequence[Any], epsilon: float) -> Certificate:
        """Of the gains by ``gametheory``'s certificate, which shares no code with ``regrets``, the misfits priced in.

        ``lower bound`` where there is a misfit: nobody has looked for replies that make use of it.
        """
        fits, scaled = self.fits(profile), self.formal.scaled
        gains = [fit.gain for fit in fits]
        drawn = to_floats(np.asarray(self.formal.covariance)) + _spread(scaled, fits)
        found = certify_gains(replace(self.formal, covariance=drawn), gains, epsilon=epsilon)
        priced = _misfit_costs(scaled, fits)
        paid = _own_costs(scaled, fits)
        lost = tuple(float(regret) + extra for regret, extra in zip(found.regrets, priced, strict=True))
        held = found.kind is not None and all(
            regret <= epsilon * float(size) for regret, size in zip(lost, found.payoff_ranges, strict=True)
        )
        linear = all(fit.share <= LINEAR for fit in fits)
        return replace(
            found,
            kind=None if not held else found.kind if linear else Kind.LOWER_BOUND,
            regrets=lost,
            values=tuple(float(value) - more for value, more in zip(found.values, paid, strict=True)),
            nash_conv=sum(lost),
        )

    def _gains(self, point: Sequence[Any]) -> list[Array]:
        return [fit.gain.ravel() for fit in self.fits(point)]

    @cached_property
    def _unit(self) -> float:
        sums = [float(np.abs(to_floats(k)).sum()) for profile in self.solution.profiles for k in profile]
        return max(sums, default=0.0) or 1.0


def gain_reference(formal: LinearQuadraticGame, game: Game[Any], horizon: int | None) -> GainReference:
    """The reference of a game for ever, with the equilibria that can be computed.

    Raises:
        GameError: it is played to a horizon, or differently; or it costs infinitely much.
    """
    if horizon is not None:
        raise GameError(
            "gains change from stage to stage when a horizon is set; leave training.horizon out, "
            "training.episode_limit cuts plays without changing the game"
        )
    if not isinstance(game, LinearQuadraticPlay):
        raise GameError("the state is seen as it is here; leave training.recall out")
    from gametheory.solve import solve

    _ = formal.scaled  # noise for ever without discount costs infinitely much: raised here
    return GainReference(formal, game, solve(formal, all_equilibria=True, time_limit=SECONDS))


def regrets(scaled: Scaled, fits: Sequence[Fit]) -> Array:
    """``[n]``: the module's formula; infinite where the state is not held or an agent has no best reply."""
    gains = [fit.gain for fit in fits]
    source = replace(scaled, start=scaled.start + _spread(scaled, fits))
    loop = Loop.of(source, gains)
    if loop is None:
        return np.full(len(fits), np.inf)
    out = []
    for i, fit in enumerate(fits):
        reply = best_reply(loop, i)
        if reply is None:
            out.append(np.inf)
            continue
        apart, weight = fit.gain - reply.gains[i], _curvature(reply, i)
        lost = np.trace(apart.T @ weight @ apart @ loop.visits) + np.trace(weight @ fit.misfit)
        out.append(max(0.0, float(lost)))
    return np.array(out)


def _misfit_costs(scaled: Scaled, fits: Sequence[Fit]) -> list[float]:
    """``tr H_i M_i``; infinite where there is no best reply."""
    loop = Loop.of(scaled, [fit.gain for fit in fits])
    replies = [None if loop is None else best_reply(loop, i) for i in range(len(fits))]
    return [
        np.inf if reply is None else float(np.trace(_curvature(reply, i) @ fit.misfit))
        for i, (reply, fit) in enumerate(zip(replies, fits, strict=True))
    ]


def _own_costs(scaled: Scaled, fits: Sequence[Fit]) -> Array:
    """``[n]``: ``Σ_j tr R_ij M_j``, what the misfits cost as actions."""
    paid = [[np.trace(r @ fit.misfit) for r, fit in zip(row, fits, strict=True)] for row in scaled.R]
    return np.asarray(np.array(paid, dtype=np.float64).sum(axis=1))


def _curvature(loop: Loop, agent: int) -> Array:
    """``R_ii + γ B_i'P_i B_i``."""
    b = loop.scaled.B[agent]
    return np.asarray(loop.scaled.R[agent][agent] + b.T @ loop.values[agent] @ b)


def _spread(scaled: Scaled, fits: Sequence[Fit]) -> Array:
    """``γ Σ_j B_j M_j B_j'``: what the misfits move the state by."""
    return np.asarray(sum(b @ fit.misfit @ b.T for b, fit in zip(scaled.B, fits, strict=True)))
