"""Certificates for correlated play: every deviation's gain recomputed from the game alone.

Like ``gametheory.certify``, this module imports no solver, no solver imports it, and it sums joint
action by joint action in rationals.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.certificates.certificate import EPSILON, Certificate, Kind
from gametheory.errors import GameError
from gametheory.joint import as_joint
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, is_exact, to_fractions


@dataclass(frozen=True)
class Violation:
    """The incentive constraint that a distribution breaks most, relative to the agent's payoff range."""

    agent: str
    recommended: str | None
    """The action the agent was told to play; None: it commits to ``better`` before it is told."""
    better: str
    gain: Number
    """Expected gain, weighed by how likely the recommendation is."""

    def __str__(self) -> str:
        told = "whatever it is told" if self.recommended is None else f"when told {self.recommended}"
        return f"agent {self.agent} gains {self.gain} by playing {self.better} {told}"


@dataclass(frozen=True)
class CorrelatedCertificate(Certificate):
    """A certificate whose regrets are against deviations from what a mediator recommends.

    Correlated: ``regrets[i]`` is the greatest gain of any map from recommended to played actions
    (swap regret). Coarse: the greatest gain of committing to one action (external regret).
    """

    violation: Violation | None = None
    """The worst broken constraint; None where none is broken, however little."""


def certify_correlated(
    game: NormalForm, joint: Any, coarse: bool = False, epsilon: float = EPSILON
) -> CorrelatedCertificate:
    """Test whether a distribution over joint actions is a correlated equilibrium.

    Floats are taken as the binary rationals they are and normalised first; see ``certify``.

    Args:
        game: any number of agents.
        joint: ``[A_1, …, A_n]``, or ``{"[a_1, …, a_n]": probability}``.
        coarse: test for a coarse correlated equilibrium instead.
        epsilon: the regret allowed for a ``numeric`` certificate, relative to the payoff range.

    Raises:
        GameError: the distribution does not fit the game, or epsilon is out of range.
    """
    if not 0 <= epsilon < math.inf:
        raise GameError(f"epsilon is {epsilon}; it must be at least 0 and finite")
    checked = as_joint(game, joint)
    show = _exactly if game.exact and is_exact(checked) else float
    played = _played(checked)
    ranges = [Fraction(value) for value in game.payoff_ranges]
    values, regrets, worst = [], [], None
    for i in range(len(game.agents)):
        value, earned = _earned(game, i, played, coarse)
        gains = [[other - row[told] for other in row] for told, row in enumerate(earned)]
        if coarse:
            gains = [[other - value for other in row] for row in earned]
        values.append(value)
        regrets.append(sum((max(Fraction(0), *row) for row in gains), Fraction(0)))
        worst = max([worst, *_broken(gains, i, ranges[i])], key=lambda found: found[0] if found else -1)
    return CorrelatedCertificate(
        kind=_grade(regrets, ranges, epsilon),
        regrets=tuple(map(show, regrets)),
        values=tuple(map(show, values)),
        nash_conv=show(sum(regrets, Fraction(0))),
        epsilon=epsilon,
        payoff_ranges=tuple(map(show, ranges)),
        violation=None if worst is None else _named(game, worst, coarse, show),
    )


def correlated_bound(
    game: NormalForm, objective: Any, multipliers: Sequence[Array], coarse: bool = False
) -> Number:
    """The most that ``Σ_a μ(a) objective[a]`` can be in any (coarse) correlated equilibrium μ.

    Any non-negative multipliers give such a bound, ``max_a objective[a] − Σ_i Σ_b y_i[a_i, b]
    (u_i(b, a^-i) − u_i(a))`` (weak duality); an equilibrium that reaches it is proved optimal.

    Args:
        game: any number of agents.
        objective: ``[A_1, …, A_n]``.
        multipliers: per agent ``[A_i, A_i]`` by recommended and better action; coarse: ``[A_i]``.
        coarse: over coarse correlated equilibria.

    Returns:
        A ``Fraction`` where game and multipliers are exact, else the bound rounded to a float.

    Raises:
        GameError: a negative multiplier, or a shape that does not fit the game.
    """
    target = np.asarray(objective)
    if target.shape != game.shape or len(multipliers) != len(game.agents):
        raise GameError(f"objective needs shape {list(game.shape)}, and each agent its multipliers")
    exact = game.exact and target.dtype == object and all(map(is_exact, multipliers))
    total = to_fractions(target).copy()
    for i, (count, own) in enumerate(zip(game.shape, multipliers, strict=True)):
        if own.shape != ((count,) if coarse else (count, count)) or np.any(own < 0):
            raise GameError(f"multipliers[{i}] must be at least 0 and of one number per deviation")
        priced = to_fractions(own)
        payoffs = np.moveaxis(to_fractions(game.payoffs[i]), i, 0)  # [A_i, others]
        view = np.moveaxis(total, i, 0)
        for told in range(count):
            for better in np.flatnonzero(priced if coarse else priced[told]):
                price = priced[better] if coarse else priced[told, better]
                view[told] -= price * (payoffs[better] - payoffs[told])
    return Fraction(total.max()) if exact else float(total.max())


def _exactly(value: Fraction) -> Number:
    return value


def _played(joint: Array) -> list[tuple[tuple[int, ...], Fraction]]:
    """The joint actions of positive probability, which is normalised."""
    support = [(index, Fraction(weight)) for index, weight in np.ndenumerate(joint) if weight]
    total = sum((weight for _, weight in support), Fraction(0))
    return [(index, weight / total) for index, weight in support]


def _earned(
    game: NormalForm, agent: int, played: list[tuple[tuple[int, ...], Fraction]], coarse: bool
) -> tuple[Fraction, list[list[Fraction]]]:
    """The agent's value, and ``[told, instead]`` what playing ``instead`` when ``told`` would add up to.

    Coarse: one row, summed over all recommendations.
    """
    count = game.shape[agent]
    value = Fraction(0)
    earned = [[Fraction(0)] * count for _ in range(1 if coarse else count)]
    for index, weight in played:
        others: tuple[Any, ...] = (agent, *index[:agent], slice(None), *index[agent + 1 :])
        line = to_fractions(game.payoffs[others])
        value += weight * line[index[agent]]
        row = earned[0 if coarse else index[agent]]
        for action, payoff in enumerate(line):
            row[action] += weight * payoff
    return value, earned


Broken = tuple[Fraction, int, int, int, Fraction]
"""Gain over payoff range, agent, recommended action, better action, gain."""


def _broken(gains: list[list[Fraction]], agent: int, width: Fraction) -> Iterator[Broken]:
    for told, row in enumerate(gains):
        for better, gain in enumerate(row):
            if gain > 0:
                yield gain / width, agent, told, better, gain


def _named(game: NormalForm, worst: Broken, coarse: bool, show: Any) -> Violation:
    _, agent, told, better, gain = worst
    labels = game.actions[agent]
    return Violation(game.agents[agent], None if coarse else labels[told], labels[better], show(gain))


def _grade(regrets: list[Fraction], ranges: list[Fraction], epsilon: float) -> Kind | None:
    if not any(regrets):
        return Kind.EXACT
    allowed = Fraction(epsilon)
    within = all(regret <= allowed * width for regret, width in zip(regrets, ranges, strict=True))
    return Kind.NUMERIC if within else None
