"""Sampled means lie where the exact values say, and their errors are honest."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.normal_form import NormalForm
from gametheory.planning.monte_carlo import monte_carlo
from gametheory.policies.controllers import Controller, HistoryPolicy, MixturePolicy
from gametheory.policy import ConstantPolicy, TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from gametheory.testing_games import aecgs, policies, posgs

F = Fraction
GAMMA = F(9, 10)
HALF = TablePolicy([[F(1, 2), F(1, 2)]] * 3)
PENNIES = NormalForm.bimatrix([[1, -1], [-1, 1]]).to_posg()


def coins(gamma=GAMMA, **changes):
    """One agent guesses a coin in every step, and sees it afterwards."""
    P = np.full((2, 2, 2), F(1, 2), dtype=object)
    R = np.array([[[[F(s2 == a) for s2 in range(2)] for a in range(2)] for s in range(2)]], dtype=object)
    return POSG(P, R, [[[1, 0], [0, 1]]], [1, 0], gamma, **changes)


@settings(max_examples=15, deadline=None)
@given(st.data(), st.one_of(posgs(), aecgs()), st.integers(0, 4))
def test_means_are_near_exact_values(data, game, horizon):
    profile = data.draw(policies(game))
    plays, width = 10_000, 4 * horizon  # rewards lie in [−2, 2]
    found = monte_carlo(game, profile, plays=plays, seed=5, horizon=horizon)
    # Hoeffding: a mean of bounded returns errs more than this with probability below 1e-12.
    allowed = width * math.sqrt(math.log(2e12) / (2 * plays)) + 1e-9
    for mean, exact in zip(found.mean, evaluate(game, profile, horizon), strict=True):
        assert abs(mean - float(exact)) <= allowed


def memories():
    """A controller, a table over histories and a mixture for the coin game."""
    one, other = HALF.table, np.array([[F(1, 5), F(4, 5)]] * 3)
    update = np.arange(12).reshape(2, 3, 2) % 2
    yield Controller(np.stack([one, other]), update)
    yield Controller(np.stack([one, other]), np.full((2, 3, 2, 2), F(1, 2)))
    yield HistoryPolicy({(("o", 2), ("a", 0), ("o", 1)): [0, 1]}, other)
    yield MixturePolicy([F(1, 4), F(3, 4)], [TablePolicy(one), Controller(np.stack([one, other]), update)])


@pytest.mark.parametrize("policy", list(memories()))
def test_policies_with_memory_are_played_as_they_are_evaluated(policy):
    # The agent's own state decides the coin, so memory matters for the value.
    P = np.array([[[F(1, 4), F(3, 4)], [1, 0]], [[F(1, 3), F(2, 3)], [0, 1]]], dtype=object)
    game = POSG(P, [[[0, 3], [1, -2]]], [[[1, 0], [F(1, 2), F(1, 2)]]], [1, 0], F(9, 10))
    found = monte_carlo(game, [policy], plays=40_000, seed=11, horizon=6)
    (exact,) = evaluate(game, [policy], 6)
    assert abs(found.mean[0] - float(exact)) < 4 * found.standard_error[0]


def test_intervals_cover_as_often_as_they_say():
    exact = (1 + 0.9 + 0.81) / 2
    intervals = [
        monte_carlo(coins(), [HALF], plays=100, seed=seed, horizon=3).interval[0] for seed in range(200)
    ]
    covered = sum(low <= exact <= high for low, high in intervals)
    assert 180 <= covered <= 199  # 95 % of 200 is 190, with standard deviation 3


def test_the_error_is_that_of_the_mean():
    # One fair guess: variance 1/4, so the error of 10,000 plays is 1/200.
    found = monte_carlo(coins(), [HALF], plays=10_000, seed=0, horizon=1)
    assert found.standard_error[0] == pytest.approx(1 / 200, rel=1e-3)
    assert found.plays == 10_000
    # Two guesses: both the same, or one right: s² = 1/2, and the error is 1/2.
    pairs = [monte_carlo(coins(), [HALF], plays=2, seed=seed, horizon=1) for seed in range(10)]
    assert {(round(pair.standard_error[0], 12), pair.mean[0] == 1 / 2) for pair in pairs} == {
        (0, False),
        (0.5, True),
    }


def test_a_memory_rests_while_its_agent_sees_nothing():
    game = POSG([[[1], [1]]], [[[0, 1]]], [[[1]]], [1], 1)
    swap = Controller([[[1, 0], [1, 0]], [[0, 1], [0, 1]]], [[[1, 1], [1, 1]], [[0, 0], [0, 0]]])
    aecg, _ = posg_to_aecg(game)
    for form, horizon in ((game, 4), (aecg, 9), (aecg_to_posg(aecg)[0], 9)):
        assert monte_carlo(form, [swap], plays=2, seed=0, horizon=horizon).mean.tolist() == [2]
        assert evaluate(form, [swap], horizon) == (2,)


def test_plays_do_not_depend_on_the_batch(monkeypatch):
    whole = monte_carlo(coins(), [HALF], plays=50, seed=3, horizon=4)
    monkeypatch.setattr("gametheory.planning.monte_carlo.BATCH", 7)
    assert monte_carlo(coins(), [HALF], plays=50, seed=3, horizon=4).mean == pytest.approx(whole.mean)
    assert monte_carlo(coins(), [HALF], plays=50, seed=4, horizon=4).mean != pytest.approx(whole.mean)


def test_play_stops_at_the_end():
    for game in (PENNIES, TabularGame(PENNIES)):
        found = monte_carlo(game, [HALF, HALF], plays=20_000, seed=1)
        assert np.all(np.abs(found.mean) < 4 * found.standard_error)
        assert found.mean.sum() == pytest.approx(0)
    sure = monte_carlo(PENNIES, [ConstantPolicy(0), ConstantPolicy(0)], plays=10, seed=0)
    assert sure.mean.tolist() == [1, -1]
    assert sure.standard_error.tolist() == [0, 0]


def test_misuse_is_named(monkeypatch):
    monkeypatch.setattr("gametheory.planning.monte_carlo.STEP_LIMIT", 20)
    with pytest.raises(GameError, match="10 plays did not end within 20 steps; give a horizon"):
        monte_carlo(coins(1), [HALF], plays=10, seed=0)
    with pytest.raises(GameError, match="plays is 1; an error needs at least 2"):
        monte_carlo(coins(), [HALF], plays=1, seed=0, horizon=1)
    with pytest.raises(GameError, match="profile has 2 policies; the game has 1 agents"):
        monte_carlo(coins(), [HALF, HALF], plays=10, seed=0, horizon=1)
    with pytest.raises(GameError, match="horizon is -1"):
        monte_carlo(coins(), [HALF], plays=10, seed=0, horizon=-1)
    narrow = coins(legal=[[[1, 0], [1, 0]]])
    with pytest.raises(GameError, match=r"action 2 of agent 1 in row .* is illegal here"):
        monte_carlo(narrow, [ConstantPolicy(1)], plays=10, seed=0, horizon=2)
    legal = uniform_table(2, narrow.legal[0], 3)
    monte_carlo(narrow, [legal], plays=10, seed=0, horizon=2)
