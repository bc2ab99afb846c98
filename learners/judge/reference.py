"""What a joint policy is held against: the formal game, its equilibria and its regrets. No torch.

Two kinds of games are known here, and both are one-shot: ``NormalForm``, whose points are mixed
strategies ``[A_i]``, and ``ContinuousGame``, whose points are actions ``[1]``. Games of several moves
have theirs in ``learners.judge.sequential``, linear-quadratic ones in ``learners.judge.gains``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from gametheory.certify import Certificate, certify
from gametheory.continuous import ContinuousGame, Mixture
from gametheory.continuous.lq import LinearQuadraticGame
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_floats
from gametheory.policy import Policy, StochasticPolicy
from gametheory.posg import POSG
from gametheory.solution import Solution
from gametheory.streams import Keys
from learners.judge.regrets import matrix_regrets, quadratic_regrets

Point = tuple[Array, ...]
"""One joint policy: per agent its mixed strategy ``[A_i]``, its action ``[1]``, or a longer list of numbers."""

MIXTURE_CELLS = 20_000
"""Largest number of joint actions that a time-averaged policy of a continuous game may have."""

SOLVE_SECONDS = 30.0
"""Time for computing all equilibria before a run; what was found by then is used, and said to be partial."""


class Distance(NamedTuple):
    """How far a point is from the nearest computed equilibrium."""

    value: float
    """In the reference's norm, between 0 and 1."""
    nearest: tuple[int, ...]
    """Which equilibrium, or which extreme equilibria span the nearest component."""


class Reference(Protocol):
    """A formal game with known answers, seen from a learner."""

    @property
    def norm(self) -> str:
        """The norm that distances are measured in, in words."""
        ...

    @property
    def formal(self) -> NormalForm | ContinuousGame | LinearQuadraticGame | POSG: ...

    @property
    def solution(self) -> Solution: ...

    @property
    def payoff_range(self) -> float:
        """The smallest of the agents' payoff ranges, so that no agent's regret hides behind another's."""
        ...

    @property
    def payoff_ranges(self) -> Array:
        """``[n]``: how far apart an agent's payoffs can be."""
        ...

    def point(self, policies: Sequence[Policy], observations: tuple[Array, ...], keys: Keys) -> Point:
        """What the policies play at the start observations ``[1]``."""
        ...

    def values(self, point: Point) -> Array:
        """``[n]``: what every agent gets, in expectation and in floats."""
        ...

    def regrets(self, profile: Sequence[Any]) -> Array:
        """``[n]`` in floats, of a point or of an average."""
        ...

    def average(self, points: Sequence[Point]) -> tuple[Any, ...] | None:
        """The time-averaged policy over snapshots, uniformly; None where it is not known."""
        ...

    def coordinates(self, points: Sequence[Point]) -> tuple[Array, ...]:
        """Per agent ``[T, k_i]``, scaled so that ``max_i Σ_k |Δ|`` is the reference's norm."""
        ...

    def distance(self, point: Point) -> Distance | None:
        """To the nearest computed equilibrium; None where none was computed."""
        ...

    def certify(self, profile: Sequence[Any], epsilon: float) -> Certificate:
        """Regrets recomputed exactly, from the game alone."""
        ...


def nash_conv(reference: Reference, profile: Sequence[Any]) -> float:
    """``Σ_i regret_i`` of a point or an average, in floats."""
    return float(reference.regrets(profile).sum())


def reference_for(formal: object) -> Reference | None:
    """The reference of a formal game, with its equilibria computed; None if there is none for it."""
    if isinstance(formal, NormalForm):
        return MatrixReference(formal, _solve(formal))
    if isinstance(formal, ContinuousGame):
        return IntervalReference(formal, _solve(formal))
    return None


def _solve(formal: NormalForm | ContinuousGame) -> Solution:
    from gametheory.solve import solve

    return solve(formal, all_equilibria=True, time_limit=SOLVE_SECONDS)


@dataclass(frozen=True)
class MatrixReference:
    """Mixed strategies held against a game in normal form."""

    formal: NormalForm
    solution: Solution
    norm: str = "largest total variation distance of any agent's mixed strategy"

    @property
    def payoff_range(self) -> float:
        return smallest(self.payoff_ranges)

    @property
    def payoff_ranges(self) -> Array:
        return to_floats(self.formal.payoff_ranges)

    def point(self, policies: Sequence[Policy], observations: tuple[Array, ...], keys: Keys) -> Point:
        out = []
        for agent, policy, seen in zip(self.formal.agents, policies, observations, strict=True):
            if not isinstance(policy, StochasticPolicy):
                raise GameError(f"the policy of agent {agent} does not tell its probabilities")
            weights = to_floats(policy.probabilities(policy.start(1), seen[:1]))[0]
            out.append(weights / weights.sum())
        return tuple(out)

    def values(self, point: Point) -> Array:
        out = to_floats(self.formal.payoffs)  # [n, A_1, …, A_n]
        for own in reversed(point):
            out = out @ own
        return np.asarray(out)

    def regrets(self, profile: Sequence[Any]) -> Array:
        return matrix_regrets(to_floats(self.formal.payoffs), profile)

    def average(self, points: Sequence[Point]) -> tuple[Any, ...]:
        return tuple(np.mean(own, axis=0) for own in zip(*points, strict=True))

    def coordinates(self, points: Sequence[Point]) -> tuple[Array, ...]:
        return tuple(np.stack(own) / 2 for own in zip(*points, strict=True))

    def distance(self, point: Point) -> Distance | None:
        hulls = self.solution.components or tuple((k,) for k in range(len(self.solution.profiles)))
        found = [Distance(self._to_hull(point, members), members) for members in hulls]
        return min(found, key=lambda distance: distance.value, default=None)

    def _to_hull(self, point: Point, members: tuple[int, ...]) -> float:
        """A component is the product of the agents' hulls, so each agent's distance stands alone."""
        corners = [self.solution.profiles[k] for k in members]
        return max(
            hull_distance(own, np.unique([to_floats(corner[i]) for corner in corners], axis=0))
            for i, own in enumerate(point)
        )

    def certify(self, profile: Sequence[Any], epsilon: float) -> Certificate:
        return certify(self.formal, profile, epsilon)


@dataclass(frozen=True)
class IntervalReference:
    """Deterministic actions held against a game with continuous actions."""

    formal: ContinuousGame
    solution: Solution
    norm: str = "largest difference of any agent's action, as a share of its action range"

    @property
    def payoff_range(self) -> float:
        return smallest(self.payoff_ranges)

    @property
    def payoff_ranges(self) -> Array:
        return to_floats(self.formal.payoff_ranges)

    @property
    def _widths(self) -> Array:
        return to_floats(self.formal.high) - to_floats(self.formal.low)

    def point(self, policies: Sequence[Policy], observations: tuple[Array, ...], keys: Keys) -> Point:
        out = []
        for i, (policy, seen) in enumerate(zip(policies, observations, strict=True)):
            _, action = policy.act(policy.start(1), seen[:1], keys[:1])
            low, high = float(self.formal.low[i]), float(self.formal.high[i])
            out.append(np.clip(to_floats(action).reshape(1), low, high))
        return tuple(out)

    def values(self, point: Point) -> Array:
        return to_floats(self.formal.payoffs(np.concatenate(point)[None])[0])

    def regrets(self, profile: Sequence[Any]) -> Array:
        return quadratic_regrets(self.formal, profile)

    def average(self, points: Sequence[Point]) -> tuple[Any, ...]:
        """The empirical distribution of each agent's actions.

        A joint distribution of K actions for each of n agents has K^n cells; where that passes
        ``MIXTURE_CELLS`` only K evenly spaced snapshots are used.
        """
        most = max(2, int(MIXTURE_CELLS ** (1 / len(self.formal.agents))))
        if len(points) > most:
            points = [points[k] for k in np.linspace(0, len(points) - 1, most).round().astype(int)]
        return tuple(Mixture.uniform(np.concatenate(own)) for own in zip(*points, strict=True))

    def coordinates(self, points: Sequence[Point]) -> tuple[Array, ...]:
        widths = self._widths
        return tuple(np.stack(own) / widths[i] for i, own in enumerate(zip(*points, strict=True)))

    def distance(self, point: Point) -> Distance | None:
        actions = np.concatenate(point)
        found = [
            Distance(float(np.max(np.abs(actions - to_floats(np.concatenate(answer))) / self._widths)), (k,))
            for k, answer in enumerate(self.solution.profiles)
        ]
        return min(found, key=lambda distance: distance.value, default=None)

    def certify(self, profile: Sequence[Any], epsilon: float) -> Certificate:
        return certify(self.formal, profile, epsilon)


def smallest(ranges: Array) -> float:
    """The smallest range that is one; 1 where payoffs are constant: every profile is an equilibrium."""
    return float(min((width for width in ranges.tolist() if width > 0), default=1.0))


def hull_distance(point: Array, corners: Array) -> float:
    """Total variation distance of ``point[A]`` from the convex hull of ``corners[K, A]``.

    ``min ½ Σ_a t_a`` over ``λ ≥ 0, Σ λ = 1, −t ≤ point − λ·corners ≤ t``: one linear program.
    """
    nearest = float(np.abs(corners - point).sum(axis=1).min() / 2)
    if len(corners) == 1 or nearest == 0:
        return nearest
    from scipy.optimize import linprog

    count, size = corners.shape
    identity = np.eye(size)
    result = linprog(
        np.concatenate([np.zeros(count), np.full(size, 0.5)]),
        A_ub=np.block([[corners.T, -identity], [-corners.T, -identity]]),
        b_ub=np.concatenate([point, -point]),
        A_eq=np.concatenate([np.ones(count), np.zeros(size)])[None],
        b_eq=[1.0],
    )
    if not result.success:
        raise RuntimeError(f"the distance to a component was not found: {result.message}")
    return min(nearest, max(0.0, float(result.fun)))
