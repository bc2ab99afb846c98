"""Values without a horizon: limits of finite ones, numbers by hand, and where there are none."""

import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiles_with_memory import coin_game, stateful, with_discount, without_end

from gametheory.errors import GameError, LimitReached
from gametheory.evaluate import evaluate
from gametheory.planning import markov
from gametheory.policy import TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.testing_games import posgs

F = Fraction
SETTINGS = settings(max_examples=25, deadline=None)
GAMMAS = [F(0), F(1, 2), F(9, 10), F(1)]


@SETTINGS
@given(st.data(), posgs(), st.sampled_from([F(1, 2), F(9, 10)]), st.integers(0, 8))
def test_the_value_is_the_limit_of_finite_horizons(data, game, gamma, horizon):
    game = with_discount(game, gamma)
    profile = data.draw(stateful(game))
    bound = gamma**horizon * 2 / (1 - gamma)  # rewards lie in [−2, 2]
    for whole, part in zip(evaluate(game, profile), evaluate(game, profile, horizon), strict=True):
        assert abs(whole - part) <= bound


@SETTINGS
@given(st.data(), posgs())
def test_floats_are_close_to_rationals(data, game):
    profile = data.draw(stateful(game))
    exact = without_end(game, profile)
    inexact = POSG(
        np.array(game.tables.transitions, dtype=float), game.tables.rewards, game.observations,
        np.array(game.initial, dtype=float),
        game.discount, initial_observations=game.initial_observations, null=game.null, legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
    )  # fmt: skip
    found = without_end(inexact, profile)
    if exact is None:
        assert found is None
    else:
        assert all(isinstance(value, F) for value in exact)
        assert all(isinstance(value, float) for value in found)
        assert found == pytest.approx([float(value) for value in exact], abs=1e-8)


def test_values_by_hand():
    # Each guess is right with probability 1/2: Σ_t γ^t / 2 = 1 / (2 (1 − γ)).
    half = [uniform_table(2, None, 3)]
    assert evaluate(coin_game(F(9, 10)), half) == (5,)
    assert evaluate(coin_game(F(0)), half) == (F(1, 2),)
    assert evaluate(coin_game(1), half, 7) == (F(7, 2),)
    # γ by state: v0 = 1/2 + (v0 + v1)/2, v1 = 1/2: v0 = 3/2. State 0 is the start.
    assert evaluate(coin_game([1, 0]), half) == (F(3, 2),)


def test_play_that_ends_surely_needs_no_discount():
    # An agent stops with probability 1/3 in each step, and earns 1 per step: 3 steps on average.
    P = np.zeros((2, 2, 2), dtype=int)
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1
    game = POSG(P, np.ones((1, 2, 2), dtype=int), [[[1], [1]]], [1, 0], 1, terminal=[1])
    assert evaluate(game, [TablePolicy([[F(2, 3), F(1, 3)]] * 2)]) == (3,)
    for always in ([F(1), F(0)], [1.0, 0.0]):
        with pytest.raises(GameError, match="no value without a horizon: from state 1 on play never ends"):
            evaluate(game, [TablePolicy([always] * 2)])
    assert evaluate(game, [TablePolicy([[1, 0]] * 2)], 5) == (5,)


def test_recurrence_is_judged_under_the_profile():
    # Undiscounted for ever in state 1, but nobody goes there.
    P = np.zeros((2, 2, 2), dtype=int)
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1
    game = POSG(P, np.ones((1, 2, 2), dtype=int), [[[1], [1]]], [1, 0], [F(1, 2), 1])
    assert evaluate(game, [TablePolicy([[1, 0]] * 2)]) == (2,)
    with pytest.raises(GameError, match="from state 2 on"):
        evaluate(game, [TablePolicy([[0, 1]] * 2)])


class Counter:
    """Remembers how often it acted: no finite memory."""

    first = 0

    def start(self, batch):
        return np.zeros(batch)

    def act(self, carry, observation, keys):
        return carry + 1, np.zeros(len(keys), dtype=int)

    def choices(self, memory, observation):
        return (TablePolicy([[1, 0]] * 3).choices(None, observation)[0]._replace(memory=memory + 1),)


def test_policies_that_remember_without_bound_need_a_horizon(monkeypatch):
    monkeypatch.setattr(sys.modules["gametheory.evaluate"], "POINT_LIMIT", 100)
    with pytest.raises(GameError, match=r"may remember without bound\); give a horizon"):
        evaluate(coin_game(F(1, 2)), [Counter()])
    assert evaluate(coin_game(F(1, 2)), [Counter()], 2) == (F(3, 4),)


def test_exact_systems_have_a_limit(monkeypatch):
    monkeypatch.setattr(markov, "EXACT_LIMIT", 2)
    with pytest.raises(LimitReached, match="exact linear system of 3 unknowns"):
        markov.solve_chain([[(F(1, 2), (k + 1) % 3)] for k in range(3)], [[F(1)]] * 3)
