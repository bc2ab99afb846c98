"""Derivatives of payoffs by central differences in rationals: exact where payoffs are quadratic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gametheory.continuous.game import ContinuousGame


def first(game: ContinuousGame, point: Sequence[Fraction], i: int, h: Fraction) -> Fraction:
    """``∂u_i/∂a_i``."""
    return (payoff(game, i, moved(point, {i: h})) - payoff(game, i, moved(point, {i: -h}))) / (2 * h)


def second(game: ContinuousGame, point: Sequence[Fraction], i: int, j: int, h: Fraction) -> Fraction:
    """``∂²u_i/∂a_i∂a_j``."""
    if i == j:
        ends = sum(payoff(game, i, moved(point, {i: step})) for step in (h, -h))
        return (ends - 2 * payoff(game, i, point)) / (h * h)
    total = Fraction(0)
    for own in (1, -1):
        for other in (1, -1):
            total += own * other * payoff(game, i, moved(point, {i: own * h, j: other * h}))
    return total / (4 * h * h)


def moved(point: Sequence[Fraction], steps: dict[int, Fraction]) -> list[Fraction]:
    """The point with some actions changed."""
    return [action + steps.get(i, Fraction(0)) for i, action in enumerate(point)]


def payoff(game: ContinuousGame, agent: int, joint: Sequence[Fraction]) -> Fraction:
    """As a rational."""
    return Fraction(game.payoff(agent, joint))
