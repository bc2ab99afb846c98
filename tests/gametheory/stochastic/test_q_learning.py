"""Q-learning in stochastic games: what theory promises, and exact accounts of the rest."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stochastic_games import general, observed, zero_sum

from gametheory.best_response import nash_conv
from gametheory.certificates.sequential import certify_sequential
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG, one_shot
from gametheory.solution import Outcome
from gametheory.solve import solve
from gametheory.solvers.clock import Clock
from gametheory.stochastic import shapley
from gametheory.stochastic.correlated_q import correlated_q
from gametheory.stochastic.minimax_q import minimax_q
from gametheory.stochastic.nash_q import nash_q
from gametheory.stochastic.stages import read_stages
from gametheory.stochastic.stationary import gains, policies, product, values_of
from gametheory.streams import seed_keys, uniform

LEARNERS = [minimax_q, nash_q, correlated_q]


def strategies(seed: int, states: int, counts: tuple[int, ...]) -> list[Any]:
    out = []
    for i, count in enumerate(counts):
        weights = uniform(seed_keys(seed + i, states), 7, count) + 0.01
        out.append(weights / weights.sum(axis=1, keepdims=True))
    return out


# --- the judge --------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from([(2, 2), (3, 2), (2, 2, 2)]))
def test_gains_from_independent_play_are_regrets(seed: int, states: int, counts: tuple[int, ...]) -> None:
    game = general(seed, states, counts, 0.8)
    stages, own = read_stages(game), strategies(seed, states, counts)
    law = product(own)
    values = values_of(stages, law)
    profile = policies(stages, own)
    assert values @ stages.initial == pytest.approx([float(v) for v in evaluate(game, profile)])
    found = (gains(stages, law, values) @ stages.initial).sum()
    assert found == pytest.approx(float(nash_conv(game, profile)), abs=1e-9)


@pytest.mark.parametrize(
    ("joint", "gain"), [([[0, 0.5], [0.5, 0]], 0), ([[0, 1], [0, 0]], 0), ([[1, 0], [0, 0]], 4)]
)
def test_gains_from_advice(joint: Any, gain: float) -> None:
    """Chicken, payoffs (0, 7; 2, 6): advice to take turns is obeyed; in (0, 0) both would gain 2."""
    table = np.array([[0, 7], [2, 6]])
    stages = read_stages(one_shot(NormalForm(np.stack([table, table.T]))))
    law = np.reshape(joint, (1, 4)).astype(float)
    assert gains(stages, law, values_of(stages, law)).sum() == pytest.approx(gain)


def test_what_hearing_the_advice_is_worth() -> None:
    """Matching pennies by a device that draws equal sides: the loser hears what to avoid and gains 2."""
    table = np.array([[1.0, -1.0], [-1.0, 1.0]])
    stages = read_stages(one_shot(NormalForm(np.stack([table, -table]))))
    law = np.array([[0.5, 0, 0, 0.5]])
    assert gains(stages, law, values_of(stages, law)).ravel() == pytest.approx([0, 2])


# --- the learners -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 2])
def test_minimax_q_approaches_the_shapley_value(seed: int) -> None:
    game = zero_sum(seed, 3, (2, 3), 0.7)
    solution = minimax_q(game, transitions=30_000, epsilon=0)
    expected = shapley(game).parameters["state_values"]
    assert solution.parameters["estimated_values"][0] == pytest.approx(expected, abs=0.02)
    assert solution.trace is not None
    path = solution.trace.quantities["nash_conv_last"]
    assert path[-1] < 0.02 < 0.5 < path[0]
    assert solution.trace.quantities["estimates"].sum(axis=1) == pytest.approx(0, abs=1e-12)


def test_minimax_q_learns_to_flee() -> None:
    """In the pursuit on a ring of cells the evader is never caught if it runs: value 0."""
    game = load("pursuit")
    solution = minimax_q(game, transitions=100_000, exploration=1.0)
    assert solution.outcome is Outcome.SOLVED
    assert float(nash_conv(game, solution.profiles[0])) <= 1e-3
    assert solution.values[0] == pytest.approx(shapley(game).values[0], abs=1e-3)
    assert solution.trace.quantities["nash_conv_last"][0] > 0.5


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.sampled_from([minimax_q, nash_q]))
def test_the_account_is_true(seed: int, method: Any) -> None:
    """NashConv and values of the answer, by other code."""
    game = zero_sum(seed, 2, (2, 2), 0.6)
    solution = method(game, transitions=500, seed=seed)
    (profile,) = solution.profiles
    assert solution.trace.quantities["nash_conv_last"][-1] == pytest.approx(
        float(nash_conv(game, profile)), abs=1e-9
    )
    assert solution.values[0] == pytest.approx([float(v) for v in evaluate(game, profile)])
    if solution.outcome is Outcome.SOLVED:
        assert certify_sequential(game, profile, epsilon=solution.parameters["target"]).holds
    else:
        assert "not converged" in solution.why


def test_nash_q_in_a_game_with_dominant_actions() -> None:
    """Prisoner's dilemma for ever: the stage games keep their dominant actions; 1 a step."""
    first = np.array([[3.0, 0.0], [5.0, 1.0]])
    game = observed(np.ones((1, 2, 2, 1)), np.stack([first[None], first.T[None]]), 0.5)
    solution = nash_q(game, transitions=20_000, epsilon=0)
    assert solution.parameters["estimated_values"][:, 0] == pytest.approx([2, 2], abs=1e-3)
    assert solution.parameters["state_policies"][0].tolist() == [[0, 1]]


def test_nash_q_with_three_agents() -> None:
    game = general(1, 2, (2, 2, 2), 0.5)
    solution = nash_q(game, transitions=20_000)
    assert solution.outcome is Outcome.SOLVED
    assert certify_sequential(game, solution.profiles[0], epsilon=1e-3).holds


def test_correlated_q_finds_the_best_advice_of_one_game() -> None:
    """Chicken: no correlated equilibrium has more welfare than the linear program's."""
    table = np.array([[0, 7], [2, 6]])
    game = NormalForm(np.stack([table, table.T]))
    solution = correlated_q(one_shot(game), transitions=2_000, epsilon=0)
    assert solution.concept == "correlated"
    best = solve(game, "correlated")
    assert sum(solution.values[0]) == pytest.approx(float(sum(best.values[0])))
    assert sum(solution.values[0]) == pytest.approx(10.5)  # 21/2, Aumann 1974
    assert solution.trace.quantities["nash_conv_last"][-1] <= 1e-9
    assert solution.profiles[0][0][0].sum() == pytest.approx(1)


@pytest.mark.parametrize("method", LEARNERS)
def test_runs_repeat_and_illegal_actions_are_not_played(method: Any) -> None:
    R = np.zeros((2, 3, 3))
    R[0] = [[1, 0, -99], [0, 1, -99], [99, 99, 0]]
    R[1] = 7
    legal = [[[True, True, False], [True, True, True]]] * 2
    game = observed(np.full((2, 3, 3, 2), 0.5), np.stack([R, -R]), 0.5, legal=legal)
    one, again, other = (method(game, transitions=3_000, epsilon=0, seed=seed) for seed in (1, 1, 2))
    for name, own in one.trace.quantities.items():
        assert np.array_equal(own, again.trace.quantities[name])
    assert not np.array_equal(one.trace.quantities["estimates"], other.trace.quantities["estimates"])
    # (v_0, v_1) = (4.25, 10.75), and play begins in either
    assert one.values[0][0] == pytest.approx(7.5, abs=0.2)


@pytest.mark.parametrize("method", LEARNERS)
def test_the_time_limit(method: Any) -> None:
    solution = method(zero_sum(0, 3, (2, 2), 0.9), clock=Clock(1e-9), epsilon=0)
    assert solution.outcome is Outcome.TIME_LIMIT
    assert len(solution.profiles) == 1


def test_what_cannot_be_learned() -> None:
    game = general(0, 2, (2, 2), 0.5)
    with pytest.raises(GameError, match="sum to 0"):
        minimax_q(game)
    with pytest.raises(GameError, match="two agents"):
        correlated_q(general(0, 2, (2, 2, 2), 0.5))
    with pytest.raises(GameError, match="undiscounted"):
        nash_q(general(0, 2, (2, 2), 1))
    with pytest.raises(GameError, match="decay"):
        nash_q(game, decay=0.5)
    with pytest.raises(GameError, match="transitions"):
        nash_q(game, transitions=0)
    with pytest.raises(GameError, match="exact"):
        nash_q(game, True)
    with pytest.raises(GameError, match="POSG"):
        nash_q(NormalForm([[[1]], [[1]]]))
    P = np.full((2, 2, 2, 2), 0.5)
    with pytest.raises(GameError, match="may see the same"):
        nash_q(POSG(P, np.zeros((2, 2, 2, 2)), [np.ones((2, 1))] * 2, [1, 0], 0.5))
