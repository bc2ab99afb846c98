"""Who is better: one population whose members are seated by lot, ranked in four ways.

With two sides, ``A[i, j] = ½ (u_1(i, j) + u_2(j, i))`` is what entrant i gets against j where seats are
drawn by lot. A match is one play in both seatings; Elo is fitted to how matches end: to wins and draws
where plays were sampled, to ``½ + (A − Aᵀ)/(2 · range)`` where payoffs are exact. With more sides
α-rank alone is left, over all joint choices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory.empirical import Elo, alpha_rank, elo, nash_averaging
from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solvers.clock import Clock

ALPHA = 100.0
"""Selection intensity of α-rank, payoffs in units of their range: 1 % of it decides who takes over."""
EXACT_GAMES = 1_000
"""How many matches an exact score counts for in the Elo fit."""
CONSTANT = 1e-9
"""Sums that differ by less, as a share of the range, are constant."""
MOST_STATES = 1_000
"""Joint choices beyond which α-rank's chain takes too long with more than two sides."""
RESOLUTION = 1e-3
"""Nash averaging takes payoffs that differ by less, as a share of the range, for equal: near copies share a
weight, as copies do, instead of one getting it all for a trifle."""
SECONDS = 30.0
"""For Nash averaging."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Numbers per entrant; None where a kind of ranking does not apply."""

    mean: Array  # [K], payoff over all joint choices and sides
    sides: Array  # [m, K], payoff of each entrant on each side, over all choices of the others
    elo: Array | None  # [K]
    elo_error: float | None
    """Largest difference between a score and what ratings predict: cycles show here."""
    alpha_rank: Array | None  # [K], adds up to 1
    nash_weights: Array | None  # [K], adds up to 1
    skills: Array | None  # [K]: payoff against them
    why: dict[str, str]
    """By kind, why it is missing."""

    @property
    def order(self) -> Array:
        """``[K]``, the best first: by α-rank, ties by skill, then by mean payoff."""
        keys = [self.mean, self.skills, self.alpha_rank]
        return np.asarray(np.lexsort(tuple(-coarse(own) for own in keys if own is not None)))


@dataclass(frozen=True, eq=False)
class Scores:
    """How matches of two entrants ended."""

    shares: Array  # [K, K] in [0, 1], adding up to 1 with the transpose: win 1, draw ½
    matches: int


def matches(samples: Array, ranges: Array) -> Array:
    """``[P, K, K]``: 1 where i earned more than j over both seatings of a play, ½ where the same.

    Args:
        samples: ``[P, 2, K, K]`` payoffs play by play.
        ranges: ``[2]``.
    """
    earned = samples[:, 0] + samples[:, 1].swapaxes(1, 2)
    margin = earned - earned.swapaxes(1, 2)
    return np.asarray((1 + np.sign(np.where(np.abs(margin) <= CONSTANT * ranges.mean(), 0.0, margin))) / 2)


def rank(payoffs: Array, ranges: Array, scores: Scores | None = None, *, averaging: bool = True) -> Ranking:
    """Rank entrants that can fill every side.

    Args:
        payoffs: ``[m, K, …, K]``.
        ranges: ``[m]``, how far apart a side's payoffs can be.
        scores: how matches ended; None: as payoffs say.
        averaging: whether Nash averaging is asked for; of many entrants it takes the longest.
    """
    m, count = len(payoffs), payoffs.shape[1]
    sides = np.stack(
        [np.moveaxis(own, s, 0).reshape(count, -1).mean(axis=1) for s, own in enumerate(payoffs)]
    )
    base = {"mean": sides.mean(axis=0), "sides": sides}
    if m == 2:
        return _of_two(payoffs, ranges, scores, base, averaging)
    why = {"elo": "scores need two sides", "nash_averaging": "Nash averaging needs two sides"}
    weights = None
    if payoffs[0].size <= MOST_STATES:
        scaled = payoffs / ranges.reshape(-1, *[1] * m)
        found = alpha_rank(NormalForm(scaled), ALPHA)
        weights = np.mean([found.of_agent(s) for s in range(m)], axis=0)
    else:
        why["alpha_rank"] = f"{payoffs[0].size:,} joint choices; α-rank is computed up to {MOST_STATES:,}"
    return Ranking(
        **base, elo=None, elo_error=None, alpha_rank=weights, nash_weights=None, skills=None, why=why
    )


def by_lot(payoffs: Array) -> Array:
    """``A [K, K]``: what one gets against the other where seats are drawn by lot."""
    return np.asarray((payoffs[0] + payoffs[1].T) / 2)


def _of_two(
    payoffs: Array, ranges: Array, scores: Scores | None, base: dict[str, Array], averaging: bool
) -> Ranking:
    table, unit = by_lot(payoffs), float(ranges.mean())
    ratings, unrated = _rated(scores or Scores((1 + (table - table.T) / unit) / 2, EXACT_GAMES))
    scaled = table / unit
    found = alpha_rank(NormalForm(np.stack([scaled, scaled.T])), ALPHA, single=True)
    weights, skills, why = _nash_average(table, unit) if averaging else (None, None, {})
    return Ranking(
        **base,
        elo=None if ratings is None else ratings.ratings,
        elo_error=None if ratings is None else ratings.error,
        alpha_rank=found.weights,
        nash_weights=weights,
        skills=skills,
        why=unrated | why,
    )


def _rated(scores: Scores) -> tuple[Elo | None, dict[str, str]]:
    """Ratings, or why there are none: gaps of thousands of points are none to be told from infinite ones."""
    try:
        return elo(np.clip(scores.shares, 0.0, 1.0), scores.matches), {}
    except GameError as error:
        return None, {"elo": str(error).partition(";")[0]}


def _nash_average(table: Array, unit: float) -> tuple[Array | None, Array | None, dict[str, str]]:
    """Weights and skills ``[K]``, or why there are none."""
    total = constant_sum(np.stack([table, table.T]), unit)
    if total is None:
        return None, None, {"nash_averaging": "Nash averaging needs payoffs that always add up to the same"}
    margin = np.round((table - table.T) / (2 * unit * RESOLUTION)) * RESOLUTION  # exactly antisymmetric
    try:
        found = nash_averaging(NormalForm(np.stack([margin, -margin])), Clock(SECONDS))
    except (GameError, LimitReached) as error:
        return None, None, {"nash_averaging": str(error)}
    return found.weights[0], table @ found.weights[0], {}


def constant_sum(payoffs: Array, unit: float) -> float | None:
    """What all sides get together, if that is always the same up to rounding."""
    sums = payoffs.sum(axis=0)
    return float(sums.mean()) if np.ptp(sums) <= CONSTANT * unit else None


def coarse(values: Array) -> Array:
    """Rounded to 9 digits of the largest, so that no tie is broken by rounding."""
    largest = float(np.abs(values).max()) or 1.0
    return np.asarray(np.round(values / largest, 9))
