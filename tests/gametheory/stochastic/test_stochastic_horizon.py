"""Stochastic games to a horizon: backward induction against certificates and the discounted value."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stochastic_games import observed
from stochastic_tables import big_match, random_game, turns

from gametheory.certificates.sequential import certify_sequential
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.stochastic import backward_induction


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_markov_perfect_equilibria_are_certified(
    seed: int, states: int, horizon: int, zero_sum: bool
) -> None:
    game = random_game(seed, states, (2, 3), 0.9, zero_sum)
    solution = backward_induction(game, horizon)
    (profile,) = solution.profiles
    certificate = certify_sequential(game, profile, horizon)
    assert certificate.holds
    assert solution.values[0] == pytest.approx([float(v) for v in certificate.values], abs=1e-9)


def test_the_last_step_is_the_stage_game_and_values_add_up() -> None:
    """Prisoner's dilemma twice, γ = 1: defection throughout, 1 + 1 each (stage payoffs 3, 0, 5, 1)."""
    first = np.array([[3, 0], [5, 1]])
    game = observed(np.ones((1, 2, 2, 1)), np.stack([first[None], first.T[None]]), 1)
    solution = backward_induction(game, 2)
    assert solution.values == ((2, 2),)
    assert solution.parameters["state_values"].tolist() == [[[2], [2]], [[1], [1]]]
    assert all(own[:, 0].tolist() == [[0, 1], [0, 1]] for own in solution.parameters["state_policies"])


def test_finite_horizons_tend_to_the_discounted_value() -> None:
    game = big_match(0.5)
    long = backward_induction(game, 60)
    assert long.values[0][0] == pytest.approx(1, abs=1e-12)
    assert long.values[0] == pytest.approx(evaluate(game, long.profiles[0], 60))


def test_three_agents_need_pure_equilibria_or_a_solver() -> None:
    shape = (2, 2, 2)
    pay = np.zeros((3, 1, *shape))
    for joint in np.ndindex(*shape):
        pay[(0, 0, *joint)] = joint[0] == joint[1]
        pay[(1, 0, *joint)] = joint[0] != joint[1]
        pay[(2, 0, *joint)] = joint[2] * (2 + joint[0])
    game = observed(np.ones((1, *shape, 1)), pay, 1)
    alone = backward_induction(game, 2)
    assert alone.outcome is Outcome.NOT_FOUND
    assert "after 1 steps" in alone.why

    def solver(one: Any, exact: bool, clock: Clock) -> Solution:
        half = np.array([0.5, 0.5])
        profile = (half, half, np.array([0.0, 1.0]))
        return Solution(
            "nash", (profile,), (one.values(profile),), Outcome.SOLVED, complete=False, method="known"
        )

    solved = backward_induction(game, 2, solver)
    assert solved.values[0] == pytest.approx((1, 1, 5))
    assert certify_sequential(game, solved.profiles[0], 2).holds


def test_what_has_no_finite_horizon() -> None:
    with pytest.raises(GameError, match="horizon is 0"):
        backward_induction(big_match(0.5), 0)
    with pytest.raises(GameError, match="⊥"):
        backward_induction(turns(), 2)
