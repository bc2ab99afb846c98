"""Zero-sum stochastic games: golden values, other solvers’ values, and certificates by best response."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from stochastic_games import observed
from stochastic_tables import big_match, random_game, turns

from gametheory.certificates.sequential import certify_sequential
from gametheory.errors import GameError, LimitReached
from gametheory.numerics import Array
from gametheory.posg import POSG
from gametheory.solution import Outcome
from gametheory.solvers.clock import Clock
from gametheory.stochastic import backward_induction, hoffman_karp, shapley

METHODS = [shapley, hoffman_karp]


def security_value(table: Array) -> float:
    """The value of one zero-sum game by HiGHS."""
    rows, columns = table.shape
    result = linprog(
        np.append(np.zeros(rows), -1.0),
        A_ub=np.hstack([-table.T, np.ones((columns, 1))]),
        b_ub=np.zeros(columns),
        A_eq=np.append(np.ones(rows), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * rows + [(None, None)],
    )
    return float(-result.fun)


# --- zero-sum ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("discount", [0.5, 0.9, 0.99])
def test_the_big_match(method: Any, discount: float) -> None:
    """Gillette's big match (1957): the value is 1/2 a step whatever γ; agent 2 mixes evenly and agent 1
    quits with probability (1 − γ) / (2 − γ), which makes agent 2 indifferent at that value."""
    solution = method(big_match(discount))
    assert solution.outcome is Outcome.SOLVED
    error = solution.parameters["error_bound"]
    assert solution.parameters["state_values"] * (1 - discount) == pytest.approx([0.5, 1, 0], abs=1e-10)
    assert abs(solution.values[0][0] - 0.5 / (1 - discount)) <= error <= 1e-8
    first, second = solution.parameters["state_policies"]
    assert first[0, 0] == pytest.approx((1 - discount) / (2 - discount), abs=1e-8)
    assert second[0] == pytest.approx([0.5, 0.5], abs=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_an_irrational_value_of_a_rational_game(method: Any) -> None:
    """If only (first, first) goes on, with γ = 1/2, ``v = (1 + v/2) / (2 + v/2)``: ``v² + 3 v − 2 = 0``."""
    P = np.zeros((2, 2, 2, 2))
    P[0, :, :, 1] = 1
    P[0, 0, 0] = [1, 0]
    P[1, :, :, 1] = 1
    R = np.zeros((2, 2, 2))
    R[0] = [[1, 0], [0, 1]]
    game = observed(P, np.stack([R, -R]), 0.5, initial=[1, 0], terminal=[1])
    assert method(game).values[0][0] == pytest.approx((np.sqrt(17) - 3) / 2, abs=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_one_state_repeats_its_matrix_game(method: Any) -> None:
    """Rock-paper-scissors with prizes 2 (rock), 1, 1 plus one a step: 1 / (1 − γ), mixed (1, 2, 1) / 4."""
    table = np.array([[0, -1, 2], [1, 0, -1], [-2, 1, 0]]) + 1.0
    game = observed(np.ones((1, 3, 3, 1)), np.stack([table[None], -table[None]]), 0.75)
    solution = method(game)
    assert solution.values[0][0] == pytest.approx(4, abs=1e-10)
    for own in solution.parameters["state_policies"]:
        assert own[0] == pytest.approx([0.25, 0.5, 0.25], abs=1e-10)


@settings(max_examples=25)
@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from([0.0, 0.5, 0.9, "by state"]),
)
def test_values_are_fixed_and_policies_certified(
    seed: int, states: int, counts: tuple[int, int], discount: Any
) -> None:
    gamma = np.linspace(0.3, 0.95, states) if discount == "by state" else np.full(states, discount)
    game = random_game(seed, states, counts, gamma)
    assert game.tables is not None
    P, R = game.tables.transitions, np.stack([game.expected_rewards(s)[0] for s in range(states)])
    for method in METHODS:
        solution = method(game)
        values, error = solution.parameters["state_values"], solution.parameters["error_bound"]
        for s in range(states):
            once = security_value(np.asarray(R[s] + gamma[s] * P[s] @ values, dtype=float))
            assert abs(once - values[s]) <= 2 * error + 1e-8
        certificate = certify_sequential(game, solution.profiles[0])
        assert certificate.holds
        assert abs(float(certificate.values[0]) - solution.values[0][0]) <= 1e-8


def test_two_methods_agree_within_their_bounds() -> None:
    game = random_game(11, 40, (3, 3), 0.99)
    one, other = shapley(game, 1e-8), hoffman_karp(game)
    apart = np.abs(one.parameters["state_values"] - other.parameters["state_values"]).max()
    assert apart <= one.parameters["error_bound"] + other.parameters["error_bound"] <= 2e-8
    assert one.trace is not None
    assert one.trace.quantities["error bound"][-1] == one.parameters["error_bound"]


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_the_bound_holds_at_every_iteration(seed: int, iterations: int) -> None:
    game = random_game(seed, 3, (2, 3), [0.9, 0.2, 0.6])
    exact = shapley(game).parameters["state_values"]
    for method in METHODS:
        early = method(game, iterations=iterations)
        off = np.abs(early.parameters["state_values"] - exact).max()
        assert off <= early.parameters["error_bound"] + 1e-9
        assert len(early.trace.iterations) <= iterations


def test_solving_leaves_the_game_as_it_was() -> None:
    game, twin = big_match(0.9), big_match(0.9)
    for solution in (shapley(game), hoffman_karp(game), backward_induction(game, 2)):
        assert solution.outcome is Outcome.SOLVED
    for name, own in vars(twin.branches).items():
        assert np.array_equal(own, vars(game.branches)[name])


def test_policy_iteration_takes_few_steps_around_a_long_cycle() -> None:
    """A cycle of states with a choice at one of them contracts by γ alone; γ = 0.999."""
    count = 7
    P = np.zeros((count, 2, 2, count))
    P[np.arange(count), :, :, (np.arange(count) + 1) % count] = 1
    R = np.zeros((count, 2, 2))
    R[0] = [[3, 1], [0, 2]]
    game = observed(P, np.stack([R, -R]), 0.999)
    solution = hoffman_karp(game)
    assert solution.outcome is Outcome.SOLVED
    assert solution.parameters["iterations"] < 10
    value = 1.5 / (1 - 0.999**count)  # the matrix game is worth (3·2 − 1·0) / (3 + 2 − 1 − 0) = 3/2
    assert solution.parameters["state_values"][0] == pytest.approx(value, abs=1e-6)


def test_turns_with_nothing_to_see_for_the_other() -> None:
    with pytest.raises(GameError, match="undiscounted"):
        shapley(turns())
    game = turns()
    halved = POSG(
        game.branches,
        None,
        game.observations,
        game.initial,
        0.5,
        initial_observations=game.initial_observations,
        null=game.null,
        terminal=[3],
        actions=game.actions,
    )
    for method in METHODS:
        solution = method(halved)
        assert solution.values[0][0] == pytest.approx(1.5)  # half of max(min(2, 5), min(4, 3))
        assert certify_sequential(halved, solution.profiles[0]).holds


def test_illegal_actions_are_not_played() -> None:
    """In state 0 agent 1's last action and agent 2's last one are illegal, however much they would pay."""
    R = np.zeros((2, 3, 3))
    R[0] = [[1, 0, -99], [0, 1, -99], [99, 99, 0]]
    R[1] = 7
    P = np.full((2, 3, 3, 2), 0.5)
    legal = [[[True, True, False], [True, True, True]]] * 2
    game = observed(P, np.stack([R, -R]), 0.5, legal=legal)
    for method in METHODS:
        solution = method(game)
        # v_0 = 1/2 + (v_0 + v_1)/4 and v_1 = 7 + (v_0 + v_1)/4
        assert solution.parameters["state_values"] == pytest.approx([0.5 + 3.75, 7 + 3.75])
        assert solution.parameters["state_policies"][0][0] == pytest.approx([0.5, 0.5, 0])
        assert certify_sequential(game, solution.profiles[0]).holds


def test_a_sure_first_state_needs_no_first_observation() -> None:
    game = big_match(0.9)
    bare = POSG(game.branches, None, game.observations, game.initial, 0.9, actions=game.actions)
    solution = shapley(bare)
    assert solution.values[0][0] == pytest.approx(5)
    assert certify_sequential(bare, solution.profiles[0]).holds


def test_what_is_no_zero_sum_stochastic_game() -> None:
    with pytest.raises(GameError, match="not zero-sum: in state"):
        shapley(random_game(0, 2, (2, 2), 0.9, zero_sum=False))
    with pytest.raises(GameError, match="two agents"):
        shapley(random_game(0, 2, (2, 2, 2), 0.9, zero_sum=False))
    with pytest.raises(GameError, match="undiscounted"):
        hoffman_karp(random_game(0, 2, (2, 2), 1))
    P = np.full((2, 2, 2, 2), 0.5)
    blind = POSG(P, np.zeros((2, 2, 2, 2)), [np.ones((2, 1))] * 2, [1, 0], 0.5)
    with pytest.raises(GameError, match="may see the same in states 1 and 2"):
        shapley(blind)
    unseen = POSG(P, np.zeros((2, 2, 2, 2)), [np.eye(2)] * 2, [0.5, 0.5], 0.5)
    with pytest.raises(GameError, match="initial_observations"):
        shapley(unseen)


def test_the_time_limit() -> None:
    game = random_game(0, 20, (3, 3), 0.9)
    solution = shapley(game, clock=Clock(1e-9))
    assert solution.outcome is Outcome.TIME_LIMIT
    assert solution.parameters["iterations"] == 1
    with pytest.raises(LimitReached):
        backward_induction(game, 3, clock=Clock(1e-9))
