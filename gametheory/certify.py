"""Certificates: regrets recomputed from the game alone, in exact arithmetic.

This module imports no solver and no solver imports it; it also shares no arithmetic with
``NormalForm``: expected payoffs are summed here joint action by joint action, in rationals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory.certificates.certificate import EPSILON, Certificate, Kind
from gametheory.continuous.game import ContinuousGame, as_mixtures
from gametheory.continuous.lq.model import LinearQuadraticGame
from gametheory.continuous.replies import best_and_own
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, common_integers, is_exact

if TYPE_CHECKING:
    from gametheory.aecg import AECG
    from gametheory.extensive.tree import Tree
    from gametheory.posg import POSG

__all__ = ["EPSILON", "Certificate", "Kind", "certify", "nash_conv"]

OneShot = NormalForm | ContinuousGame

FEW = 5_000
"""Products of fewer terms are quicker without flint."""


def certify(
    game: OneShot | LinearQuadraticGame | POSG | AECG | Tree,
    profile: Sequence[Any],
    epsilon: float = EPSILON,
    *,
    horizon: int | None = None,
) -> Certificate:
    """Recompute every agent's regret from the game alone and grade the profile.

    Floats are taken as the binary rationals they are; float probabilities, which sum to one only
    within rounding, are normalised in rationals first. The regrets of a float profile or game played
    once are exact for that profile, then rounded to floats for show; in games of several moves they
    are right up to rounding (``certify_sequential``). Where three agents or more mix, an equilibrium may
    be irrational: next to a float profile it is then enclosed, if the game is small
    (``certify_enclosed``).

    Args:
        game: a normal form, a game with continuous actions, a linear-quadratic game, a POSG, an AECG or
            a tree.
        profile: per agent a mixed strategy ``[A_i]``; for a continuous game an action or a
            ``Mixture`` of actions; for a linear-quadratic game a gain; for a POSG or an AECG a policy;
            for a tree a behaviour strategy.
        epsilon: the regret allowed for a ``numeric`` certificate, relative to the payoff range.
        horizon: of a game of several moves, in its own steps; None: until play ends.

    Raises:
        GameError: the profile does not fit the game or is not a distribution; a horizon for a game
            that has no steps.
    """
    if not 0 <= epsilon < math.inf:
        raise GameError(f"epsilon is {epsilon}; it must be at least 0 and finite")
    if isinstance(game, OneShot):
        _check_no_horizon(horizon)
        return _certify_one_shot(game, profile, epsilon)
    if isinstance(game, LinearQuadraticGame):
        from gametheory.certificates.linear_quadratic import certify_gains

        return certify_gains(game, profile, horizon, epsilon)
    from gametheory.extensive.tree import Tree  # here, so that matrix games are certified without it

    if isinstance(game, Tree):
        from gametheory.extensive.values import certify_tree

        _check_no_horizon(horizon)
        return certify_tree(game, profile, epsilon)
    from gametheory.aecg import AECG
    from gametheory.certificates.sequential import certify_sequential
    from gametheory.posg import POSG

    if not isinstance(game, POSG | AECG):
        raise GameError(f"no profile of a {type(game).__name__} can be certified; its tables are needed")
    return certify_sequential(game, profile, horizon, epsilon)


def nash_conv(
    game: OneShot | LinearQuadraticGame | POSG | AECG | Tree,
    profile: Sequence[Any],
    *,
    horizon: int | None = None,
) -> Number:
    """``Σ_i max_{π'} J^i(π', π^-i) − J^i(π)``: zero exactly at Nash equilibria; see ``certify``."""
    return certify(game, profile, horizon=horizon).nash_conv


def _check_no_horizon(horizon: int | None) -> None:
    if horizon is not None:
        raise GameError("a horizon is for games of several moves; this one has no steps to count")


def _certify_one_shot(game: OneShot, profile: Sequence[Any], epsilon: float) -> Certificate:
    if isinstance(game, NormalForm):
        strategies = game.profile(profile)
        exact = game.exact and all(map(is_exact, strategies))
        best, values = _matrix_regrets(game, strategies)
    else:
        mixtures = as_mixtures(game, profile)
        exact = game.exact and all(is_exact(mixture.points) for mixture in mixtures)
        best, values = best_and_own(game, mixtures)
    regrets = [top - own for top, own in zip(best, values, strict=True)]
    ranges = [Fraction(value) for value in game.payoff_ranges]
    kind = _grade(regrets, ranges, epsilon)
    distance = _enclosed(game, profile) if kind is Kind.NUMERIC else None
    show = _exactly if exact else float
    return Certificate(
        kind=kind if distance is None else Kind.ENCLOSED,
        regrets=tuple(map(show, regrets)),
        values=tuple(map(show, values)),
        nash_conv=show(sum(regrets, Fraction(0))),
        epsilon=epsilon,
        payoff_ranges=tuple(map(show, ranges)),
        distance=distance,
    )


def _enclosed(game: OneShot, profile: Sequence[Any]) -> float | None:
    """The proved distance to an equilibrium where three agents or more mix; with fewer it is rational."""
    if not isinstance(game, NormalForm):
        return None
    strategies = game.profile(profile)
    if sum(int(np.count_nonzero(own)) > 1 for own in strategies) < 3:
        return None
    from gametheory.certificates.enclosed import distance_to_equilibrium

    return distance_to_equilibrium(game, strategies)


def _exactly(value: Fraction) -> Number:
    return value


def _grade(regrets: list[Fraction], ranges: list[Fraction], epsilon: float) -> Kind | None:
    if not any(regrets):
        return Kind.EXACT
    allowed = Fraction(epsilon)
    within = all(regret <= allowed * width for regret, width in zip(regrets, ranges, strict=True))
    return Kind.NUMERIC if within else None


def _matrix_regrets(game: NormalForm, profile: tuple[Array, ...]) -> tuple[list[Fraction], list[Fraction]]:
    """Best-response value and value of every agent, in integers: strategies are weights over their sum."""
    weights = [common_integers(strategy)[0] for strategy in profile]
    supports = [np.flatnonzero(own) for own in weights]
    sums = [int(own.sum()) for own in weights]
    best, values = [], []
    for i, own in enumerate(weights):
        table, unit = game.integer_payoffs[i]
        played = [np.arange(len(own)) if j == i else support for j, support in enumerate(supports)]
        totals = table[np.ix_(*played)]
        for j in reversed(range(len(weights))):
            if j != i:
                totals = _weighted(totals, j, weights[j][supports[j]])
        scale = unit / math.prod(total for j, total in enumerate(sums) if j != i)
        best.append(scale * int(max(totals)))
        values.append(scale * Fraction(int(np.dot(own, totals)), sums[i]))
    return best, values


def _weighted(table: Array, axis: int, weights: Array) -> Array:
    """``Σ_k weights[k] table[…, k, …]`` over one axis, in Python ints; by flint where there are many."""
    if table.size < FEW:
        return np.asarray(np.tensordot(table, weights, axes=(axis, 0)))
    from flint import fmpz_mat

    rows = np.moveaxis(table, axis, -1)
    left = fmpz_mat(rows.size // len(weights), len(weights), rows.ravel().tolist())
    product = left * fmpz_mat(len(weights), 1, weights.tolist())
    out = np.empty(rows.size // len(weights), dtype=object)
    out[:] = [int(entry) for entry in product.entries()]
    return out.reshape(rows.shape[:-1])
