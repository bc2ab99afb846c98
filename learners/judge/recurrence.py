"""Does a path go round? Recurrence, and the order that tells a cycle from noise.

A path is ``points[T, D]``: what a profile was at T evaluation points. Returning is not enough: noise about a
point returns all the time. Circulation in one direction is what noise has not got: where the next
increment has mean 0 given the past, the areas swept about a fixed centre add up to 0 on average, and
their sum stays within a few times the root of the sum of their squares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gametheory.numerics import Array

TRANSIENT = 0.25
"""Share of the evaluation points, at the beginning, that cycles are not looked for in."""
LEAST_DIAMETER = 0.1
"""Smaller movements are never called a cycle."""
TURNS = 2
"""How often a profile must go round, or leave and come back."""
ORDER = 3.0
"""Standard errors by which circulation in one direction must exceed that of noise."""
PERIODIC = 0.8
"""Autocorrelation that counts as repeating itself."""
SHRINKING = 0.85
"""The last third's diameter below this share of the first third's: it spirals inwards."""
FLAT = 0.05
"""A path whose second principal component is below this share of its first goes to and fro, not round."""

RULE = f"""\
after the first {TRANSIENT:.0%} of the run, where the diameter of the path is at least {LEAST_DIAMETER:g}, the profile \
either goes round: at least {TURNS} times about its mean in one direction, in the plane of its two largest principal \
components, and the areas it sweeps add up to {ORDER:g} standard errors more than those of noise; or it repeats with a \
period: it leaves a point by half the diameter or more and comes back to within a tenth of it at least {TURNS} \
times, and its autocorrelation falls below 0 and comes back to {PERIODIC:g}. And it is not shrinking: the diameter of \
the last third is at least {SHRINKING:.0%} of that of the first."""


@dataclass(frozen=True)
class Recurrence:
    """Whether a path cycles, and why, in words."""

    holds: bool
    reason: str


@dataclass(frozen=True)
class Round:
    """How a path moves about its mean, in the plane of its two largest principal components."""

    turns: float
    """Whole angle swept over 2π, in whichever direction."""
    order: float
    """``|Σ a_t| / √(Σ a_t²)``, ``a_t`` the area swept from point t to t + 1: about 1 for noise, √m for m equal steps."""


def recurrence(distances: Array, points: Array) -> Recurrence:
    """Apply ``RULE`` to ``distances[T, T]`` and ``points[T, D]``, without the transient."""
    diameter = float(distances.max())
    if diameter < LEAST_DIAMETER:
        return Recurrence(False, f"the profile moves by {diameter:.2g} only, too little to be called a cycle")
    found = about_its_mean(points)
    round_ = found.turns >= TURNS and found.order >= ORDER
    returns = max(_returns(row[start:], diameter) for start, row in enumerate(distances))
    if not round_ and not (returns >= TURNS and periodic(points)):
        return Recurrence(False, _wanting(found, returns, diameter))
    third = len(distances) // 3
    first, last = distances[:third, :third].max(), distances[-third:, -third:].max()
    if last < SHRINKING * first:
        return Recurrence(
            False, f"the profile spirals inwards: its diameter fell from {first:.2g} to {last:.2g}"
        )
    how = f"went round {found.turns:.1f} times in one direction" if round_ else f"came back {returns} times"
    return Recurrence(
        True,
        f"after the first {TRANSIENT:.0%} of the run the profile {how}, over a diameter of {diameter:.2g}",
    )


def _wanting(found: Round, returns: int, diameter: float) -> str:
    if found.order >= ORDER:
        return f"the profile goes round in one direction, but only {found.turns:.1f} times of {TURNS}"
    if returns >= TURNS:
        return "the profile comes back, but without the order that tells a cycle from noise"
    return f"the profile moves by {diameter:.2g} and has not come back {TURNS} times"


def _returns(row: Array, diameter: float) -> int:
    """How often a path with distances ``row[T]`` from its first point leaves and comes back."""
    count, away = 0, False
    for distance in row:
        if not away and distance >= diameter / 2:
            away = True
        elif away and distance <= diameter / 10:
            count, away = count + 1, False
    return count


def about_its_mean(points: Array) -> Round:
    """How ``points[T, D]`` move about their mean."""
    centred = points - points.mean(axis=0)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    if len(strengths) < 2 or strengths[1] < FLAT * strengths[0]:
        return Round(0.0, 0.0)
    x, y = (left[:, :2] * strengths[:2]).T
    areas = x[:-1] * y[1:] - x[1:] * y[:-1]
    angles = np.arctan2(areas, x[:-1] * x[1:] + y[:-1] * y[1:])  # [T − 1], in (−π, π]
    scale = math.sqrt(float(np.sum(areas**2)))
    turns = abs(float(angles.sum())) / (2 * math.pi)
    return Round(turns, abs(float(areas.sum())) / scale if scale else 0.0)


def periodic(points: Array) -> bool:
    """Whether the autocorrelation of ``points[T, D]`` falls below 0 and comes back to ``PERIODIC``.

    At lags up to a third of T, so that a period is seen at least three times.
    """
    centred = points - points.mean(axis=0)
    fell = False
    for lag in range(1, len(centred) // 3 + 1):
        early, late = centred[:-lag], centred[lag:]
        scale = math.sqrt(float(np.sum(early**2) * np.sum(late**2)))
        value = float(np.sum(early * late)) / scale if scale else 0.0
        if fell and value >= PERIODIC:
            return True
        fell = fell or value < 0
    return False
