"""Nash averaging: rank by payoff against the equilibrium of greatest entropy (Balduzzi et al., NeurIPS 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_floats
from gametheory.solvers.clock import Clock
from gametheory.solvers.maximum_entropy import maximum_entropy
from gametheory.solvers.zero_sum import constant_sum


@dataclass(frozen=True)
class NashAverage:
    """How the policies of a zero-sum meta-game fare against its equilibrium of greatest entropy."""

    weights: tuple[Array, ...]  # [A_i] each
    skills: tuple[Array, ...]  # [A_i] each: payoff against the other's weights; the value where played
    value: float
    """Of the first agent."""


def nash_averaging(game: NormalForm, clock: Clock | None = None) -> NashAverage:
    """The invariant ranking of a two-agent constant-sum meta-game.

    Copies of a policy share its weight, so that adding them changes nobody's skill. Among coarse correlated
    equilibria of a zero-sum game the one of greatest entropy is the product of the two most mixed maximin
    strategies: marginals of any are maximin, and their product has no less entropy. Correlated equilibria
    would give the same with many more constraints.

    Raises:
        GameError: not two agents, or the payoffs' sum is not constant.
    """
    if len(game.agents) != 2:
        raise GameError(f"Nash averaging is for two agents; this game has {len(game.agents)}")
    constant_sum(game)
    joint = to_floats(np.asarray(maximum_entropy(game, False, clock, coarse=True).profiles[0][0]))
    weights = joint.sum(axis=1), joint.sum(axis=0)
    first, second = to_floats(game.payoffs[0]), to_floats(game.payoffs[1])
    skills = first @ weights[1], weights[0] @ second
    return NashAverage(weights, skills, float(weights[0] @ skills[0]))
