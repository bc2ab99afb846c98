"""Hypothesis strategies for games and profiles, and checks for tests. Needs the extra ``testing``."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from gametheory.certify import EPSILON, certify
from gametheory.continuous.game import ContinuousGame
from gametheory.normal_form import NormalForm, Profile
from gametheory.numerics import Array
from gametheory.testing_games import aecgs as aecgs
from gametheory.testing_games import assert_equivalent as assert_equivalent
from gametheory.testing_games import policies as policies
from gametheory.testing_games import posgs as posgs

try:
    from hypothesis import strategies as st
except ImportError:  # pragma: no cover
    raise ImportError(
        "gametheory.testing needs Hypothesis: python -m pip install 'equilibrist[testing]'"
    ) from None

Payoffs = st.SearchStrategy[Any]
"""Draws numbers: integers, fractions or floats."""


def fractions(low: int = -5, high: int = 5, max_denominator: int = 6) -> st.SearchStrategy[Fraction]:
    """Small rationals."""
    return st.fractions(min_value=low, max_value=high, max_denominator=max_denominator)


def payoffs_with_ties() -> st.SearchStrategy[Fraction]:
    """Exact payoffs that often coincide, so that degenerate games are common."""
    return st.one_of(st.integers(-2, 2).map(Fraction), st.integers(-20, 20).map(Fraction), fractions())


def float_payoffs() -> st.SearchStrategy[float]:
    """Float payoffs of everyday size."""
    return st.floats(-1e6, 1e6, allow_subnormal=False)


@st.composite
def _shapes(draw: st.DrawFn, agents: int | tuple[int, int], max_actions: int) -> tuple[int, ...]:
    low, high = (agents, agents) if isinstance(agents, int) else agents
    count = draw(st.integers(low, high))
    return tuple(draw(st.lists(st.integers(1, max_actions), min_size=count, max_size=count)))


@st.composite
def _tables(draw: st.DrawFn, shape: Sequence[int], payoffs: Payoffs | None) -> Array:
    """One number per joint action, ``[A_1, …, A_n]``."""
    size = prod(shape)
    table = np.empty(size, dtype=object)
    numbers = payoffs_with_ties() if payoffs is None else payoffs
    table[:] = draw(st.lists(numbers, min_size=size, max_size=size))
    return table.reshape(shape)


@st.composite
def normal_forms(
    draw: st.DrawFn,
    agents: int | tuple[int, int] = (1, 3),
    max_actions: int = 3,
    payoffs: Payoffs | None = None,
    labels: st.SearchStrategy[str] | None = None,
) -> NormalForm:
    """Games in normal form.

    Args:
        draw: given by Hypothesis.
        agents: how many, or the least and the most.
        max_actions: per agent.
        payoffs: ``payoffs_with_ties()`` unless given.
        labels: draws names of agents and actions, the title and the comment; defaults unless given.
    """
    shape = draw(_shapes(agents, max_actions))
    tables = [draw(_tables(shape, payoffs)) for _ in shape]
    if labels is None:
        return NormalForm(np.stack(tables))
    return NormalForm(
        np.stack(tables),
        agents=draw(st.tuples(*(labels for _ in shape))),
        actions=[draw(st.lists(labels, min_size=count, max_size=count)) for count in shape],
        title=draw(labels),
        comment=draw(labels),
    )


def bimatrix_games(max_actions: int = 4, payoffs: Payoffs | None = None) -> st.SearchStrategy[NormalForm]:
    """Games of two agents."""
    return normal_forms(agents=2, max_actions=max_actions, payoffs=payoffs)


@st.composite
def zero_sum_games(draw: st.DrawFn, max_actions: int = 4, payoffs: Payoffs | None = None) -> NormalForm:
    """Games of two agents whose payoffs sum to 0."""
    table = draw(_tables(draw(_shapes(2, max_actions)), payoffs))
    return NormalForm(np.stack([table, -table]))


@st.composite
def identical_interest_games(
    draw: st.DrawFn,
    agents: int | tuple[int, int] = (2, 3),
    max_actions: int = 3,
    payoffs: Payoffs | None = None,
) -> NormalForm:
    """Games in which all agents always receive the same."""
    shape = draw(_shapes(agents, max_actions))
    table = draw(_tables(shape, payoffs))
    return NormalForm(np.stack([table] * len(shape)))


@st.composite
def potential_games(
    draw: st.DrawFn,
    agents: int | tuple[int, int] = (2, 3),
    max_actions: int = 3,
    payoffs: Payoffs | None = None,
) -> NormalForm:
    """Exact potential games: ``u_i(a) = Φ(a) + d_i(a^-i)``.

    Every exact potential game has this form (Monderer & Shapley, *Potential games*, 1996).
    """
    shape = draw(_shapes(agents, max_actions))
    potential = draw(_tables(shape, payoffs))
    own = []
    for i in range(len(shape)):
        others = tuple(1 if j == i else count for j, count in enumerate(shape))
        own.append(potential + draw(_tables(others, payoffs)))  # d_i is constant along axis i
    return NormalForm(np.stack(own))


@st.composite
def distributions(draw: st.DrawFn, size: int, max_weight: int = 6) -> Array:
    """Exact distributions ``[size]``, zeros likely; they shrink to the first point."""
    weights = draw(st.lists(st.integers(0, max_weight), min_size=size, max_size=size))
    if not any(weights):
        weights[0] = 1
    out = np.empty(size, dtype=object)
    out[:] = [Fraction(weight, sum(weights)) for weight in weights]
    return out


def profiles(game: NormalForm, max_weight: int = 6) -> st.SearchStrategy[Profile]:
    """Exact mixed-strategy profiles of a game."""
    return st.tuples(*(distributions(count, max_weight) for count in game.shape)).map(game.profile)


def assert_equilibrium(
    game: NormalForm | ContinuousGame, profile: Sequence[Any], epsilon: float = EPSILON
) -> None:
    """Assert that a profile is a Nash equilibrium, exactly or within epsilon.

    Args:
        game: a ``NormalForm`` or a ``ContinuousGame``.
        profile: per agent a mixed strategy, or an action of a continuous game.
        epsilon: largest regret allowed, as a share of the agent's payoff range; 0 asks for exactness.

    Raises:
        AssertionError: some agent's regret is larger; the message lists all regrets.
        GameError: the profile does not fit the game.
    """
    certificate = certify(game, profile, epsilon)
    if certificate.holds:
        return
    lines = [
        f"  agent {name} plays {_shown(strategy)}, receives {value}, and could gain {regret}"
        for name, strategy, value, regret in zip(
            game.agents, profile, certificate.values, certificate.regrets, strict=True
        )
    ]
    heading = f"no equilibrium of {game.title or 'the game'} within {epsilon:g} of the payoff range:"
    raise AssertionError("\n".join([heading, *lines]))


def _shown(strategy: Any) -> str:
    if isinstance(strategy, np.ndarray | list | tuple):
        return f"[{', '.join(str(entry) for entry in strategy)}]"
    return str(strategy)
