"""The logit homotopy: closed forms on the way, equilibria certified at its end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from stochastic_games import general, observed, zero_sum

from gametheory.certificates.sequential import certify_sequential
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG, one_shot
from gametheory.solution import Outcome, Solution
from gametheory.solve import solve
from gametheory.solvers.clock import Clock
from gametheory.stochastic import shapley
from gametheory.stochastic.logit_homotopy import logit_homotopy
from gametheory.stochastic.logit_path import walk
from gametheory.stochastic.logit_system import Point, read_system
from gametheory.stochastic.stages import read_stages
from gametheory.streams import seed_keys, uniform


def certified(game: POSG, solution: Solution) -> bool:
    certificate = certify_sequential(game, solution.profiles[0])
    assert [float(v) for v in certificate.values] == pytest.approx(solution.values[0], rel=1e-8, abs=1e-8)
    return certificate.holds


@settings(max_examples=30)
@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.sampled_from([(2, 2), (3, 2), (3, 3), (2, 2, 2), (1, 2, 3)]),
    st.sampled_from([0.0, 0.5, 0.9, 0.99]),
)
def test_random_games_are_certified(seed: int, states: int, counts: tuple[int, ...], discount: float) -> None:
    game = general(seed, states, counts, discount)
    solution = logit_homotopy(game)
    assert solution.outcome is Outcome.SOLVED
    assert certified(game, solution)
    assert solution.trace is not None
    assert solution.trace.quantities["largest regret"][-1] <= 1e-8
    assert solution.trace.quantities["values"][-1] == pytest.approx(solution.values[0])


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_ties_in_payoffs(seed: int) -> None:
    """Payoffs 0, 1/3, 2/3: equilibria come in components."""
    game = general(seed, 2, (2, 3), 0.8, step=1 / 3)
    solution = logit_homotopy(game, seed=seed)
    assert solution.outcome in (Outcome.SOLVED, Outcome.NOT_FOUND)
    for _ in solution.profiles:
        assert certified(game, solution)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_prior_leads_to_an_equilibrium(seed: int, prior: int) -> None:
    game = general(seed, 2, (2, 3), 0.8)
    assert certified(game, logit_homotopy(game, seed=prior))


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (3, 2), (3, 3)]))
def test_one_shot_games_have_it_among_all_equilibria(seed: int, counts: tuple[int, int]) -> None:
    payoffs = uniform(seed_keys(seed, 1), 0, 2 * counts[0] * counts[1])[0].reshape(2, *counts)
    game = NormalForm(payoffs)
    listed = solve(game, all_equilibria=True)
    solution = logit_homotopy(one_shot(game))
    own = np.concatenate([table[0] for table in solution.parameters["state_policies"]])
    distances = [
        np.abs(np.concatenate([np.asarray(x, dtype=float) for x in profile]) - own).max()
        for profile in listed.profiles
    ]
    assert min(distances) <= 1e-7


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_a_zero_sum_game_is_worth_its_value(seed: int, states: int) -> None:
    game = zero_sum(seed, states, (2, 3), 0.8)
    solution = logit_homotopy(game)
    expected = shapley(game).parameters["state_values"]
    assert solution.parameters["state_values"][0] == pytest.approx(expected, abs=1e-7)


def test_the_path_of_a_symmetric_game_solves_its_equation() -> None:
    """Chicken, payoffs (0, 7; 2, 6): on the symmetric path ``log p/(1−p) = λ·(u(1, p) − u(2, p))``."""
    table = np.array([[0, 7], [2, 6]])
    system = read_system(read_stages(one_shot(NormalForm(np.stack([table, table.T])))))
    seen = 0
    for place in walk(system):
        precision = place.point.precision / 7  # payoffs are in units of their range, 7
        if precision > 50:
            break
        expected = brentq(lambda p, k=precision: np.log(p / (1 - p)) - k * (1 - 3 * p), 1e-9, 1 - 1e-9)
        assert place.slopes.sigma[0] == pytest.approx([expected, 1 - expected] * 2, abs=1e-6)
        seen += 1
    assert seen > 10


def test_slopes_are_derivatives() -> None:
    """Newton's step vanishes to first order: along the tangent the residual grows with the square."""
    system = read_system(read_stages(general(3, 4, (2, 3, 2), 0.9)))
    *_, place = (place for _, place in zip(range(8), walk(system), strict=False))
    residuals = []
    for length in (1e-2, 1e-3):
        point, way = place.point, place.direction
        at = Point(
            point.beta + length * way.beta,
            point.values + length * way.values,
            point.precision + length * way.precision,
        )
        residuals.append(system.linear(at, system.slopes(np.exp(at.beta), at.values)).off)
    assert residuals[0] > 0
    assert residuals[1] <= 0.02 * residuals[0]


def test_big_and_shifted_payoffs_change_nothing() -> None:
    game = general(5, 3, (3, 2), 0.9)
    assert game.tables is not None
    pay = np.stack([game.expected_rewards(s).astype(float) for s in range(3)], axis=1)
    moved = observed(game.tables.transitions, 1e6 * pay - 3e6, 0.9)
    one, other = logit_homotopy(game), logit_homotopy(moved)
    for a, b in zip(one.parameters["state_policies"], other.parameters["state_policies"], strict=True):
        assert a == pytest.approx(b, abs=1e-7)


def test_a_dominant_action_in_every_state() -> None:
    """Prisoner's dilemma for ever: defection, 1 a step."""
    first = np.array([[3.0, 0.0], [5.0, 1.0]])
    game = observed(np.ones((1, 2, 2, 1)), np.stack([first[None], first.T[None]]), 0.75)
    solution = logit_homotopy(game)
    assert solution.values[0] == pytest.approx((4, 4))
    assert certified(game, solution)


def test_illegal_actions_are_not_played() -> None:
    """The game of two states whose first one hides a prize of 99 behind illegal actions."""
    R = np.zeros((2, 3, 3))
    R[0] = [[1, 0, -99], [0, 1, -99], [99, 99, 0]]
    R[1] = 7
    legal = [[[True, True, False], [True, True, True]]] * 2
    game = observed(np.full((2, 3, 3, 2), 0.5), np.stack([R, -R]), 0.5, legal=legal)
    solution = logit_homotopy(game)
    assert solution.parameters["state_values"][0] == pytest.approx([4.25, 10.75])
    assert solution.parameters["state_policies"][0][0] == pytest.approx([0.5, 0.5, 0])


def test_sixteen_states() -> None:
    game = general(0, 16, (3, 3), 0.9)
    assert certified(game, logit_homotopy(game))


def test_pursuit_is_certified() -> None:
    game = load("pursuit")
    assert isinstance(game, POSG)
    solution = logit_homotopy(game)
    assert certified(game, solution)
    assert solution.values[0] == pytest.approx(shapley(game).values[0], abs=1e-8)


def test_limits_leave_what_was_reached() -> None:
    game = general(0, 5, (3, 3), 0.9)
    early = logit_homotopy(game, clock=Clock(1e-9))
    assert early.outcome is Outcome.TIME_LIMIT
    assert evaluate(game, early.profiles[0]) == pytest.approx(early.values[0])
    assert logit_homotopy(game, steps=3).outcome is Outcome.ITERATION_LIMIT
    with pytest.raises(GameError, match="steps"):
        logit_homotopy(game, steps=0)
    with pytest.raises(GameError, match="undiscounted"):
        logit_homotopy(general(0, 2, (2, 2), 1))
    with pytest.raises(GameError, match="exact"):
        logit_homotopy(game, True)
