"""An unrolled tree is the game: the same values, best responses and information, counted beforehand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.best_response import best_response
from gametheory.catalogue import entry
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive.behaviour import to_behaviour, to_policies
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.sequences import sequences
from gametheory.extensive.unroll import unroll
from gametheory.extensive.values import (
    certify_tree,
    check_profile,
    float_tree,
    tree_best_response,
    tree_values,
    uniform_profile,
)
from gametheory.normal_form import NormalForm
from gametheory.numerics import as_numbers
from gametheory.posg import POSG
from gametheory.tables.branches import Branches
from gametheory.tables.rules import rules
from gametheory.testing import normal_forms, profiles
from gametheory.testing_games import aecgs, policies, posgs

SETTINGS = settings(max_examples=40, deadline=None)
games = st.one_of(posgs(), aecgs())


@SETTINGS
@given(st.data(), games, st.integers(0, 3))
def test_the_nodes_are_counted_before_they_are_built(data, game, horizon):
    assert count_nodes(rules(game), horizon) == len(unroll(game, horizon))


@SETTINGS
@given(st.data(), games, st.integers(0, 3))
def test_what_the_last_step_leads_to_need_not_be_drawn(data, game, horizon):
    """The same information sets, values and best responses on fewer nodes."""
    whole, mean = unroll(game, horizon), unroll(game, horizon, draw_last=False)
    assert len(mean) == count_nodes(rules(game), horizon, draw_last=False) <= len(whole)
    assert [own.history for own in mean.information] == [own.history for own in whole.information]
    own = to_behaviour(mean, game, data.draw(policies(game)))
    assert tree_values(mean, own) == tree_values(whole, own)
    assert certify_tree(mean, own).regrets == certify_tree(whole, own).regrets


def test_dec_tiger_is_six_times_smaller_so():
    law = rules(entry("dec-tiger").build())
    assert count_nodes(law, 3) == 750_883
    assert count_nodes(law, 3, draw_last=False) == 122_019


@SETTINGS
@given(st.data(), games, st.integers(0, 3))
def test_values_are_those_of_the_game(data, game, horizon):
    tree = unroll(game, horizon)
    profile = data.draw(policies(game))
    assert tree.exact == game.exact
    assert tree_values(tree, to_behaviour(tree, game, profile)) == evaluate(game, profile, horizon)


@SETTINGS
@given(st.data(), games, st.integers(0, 3))
def test_best_responses_are_worth_what_they_are_in_the_game(data, game, horizon):
    tree = unroll(game, horizon)
    profile = data.draw(policies(game))
    own = to_behaviour(tree, game, profile)
    for agent in range(len(game.agents)):
        response = tree_best_response(tree, agent, own)
        assert response.value == best_response(game, agent, profile, horizon).value
        played = [response.strategy if i == agent else b for i, b in enumerate(own)]
        assert tree_values(tree, played)[agent] == response.value


@SETTINGS
@given(st.data(), games, st.integers(1, 2))
def test_strategies_become_policies_of_the_same_value(data, game, horizon):
    tree = unroll(game, horizon)
    profile = uniform_profile(tree)
    made = to_policies(tree, game, profile)
    assert evaluate(game, made, horizon) == tree_values(tree, profile)
    back = to_behaviour(tree, game, made)
    assert all(np.array_equal(a, b) for a, b in zip(back, profile, strict=True))


@SETTINGS
@given(games, st.integers(0, 3))
def test_recall_is_perfect_by_construction(game, horizon):
    sequences(unroll(game, horizon))


@SETTINGS
@given(st.data(), normal_forms())
def test_a_matrix_game_unrolls_to_itself(data, game):
    tree = unroll(game)
    profile = data.draw(profiles(game))
    assert tree_values(tree, profile) == game.values(profile)
    assert certify_tree(tree, profile).regrets == tuple(
        max(game.action_values(i, profile)) - value for i, value in enumerate(game.values(profile))
    )


def test_floats_and_rationals_agree():
    tree = unroll(entry("stag-hunt").build())
    exact, near = (certify_tree(t, uniform_profile(t)) for t in (tree, float_tree(tree)))
    assert exact.values == (Fraction(1), Fraction(1))
    assert np.allclose(np.array(exact.values, dtype=float), near.values)


@pytest.fixture
def endless() -> POSG:
    P = np.ones((1, 2, 1), dtype=int)
    return POSG(P, np.array([[[0, 1]]]), [[[1]]], initial=[1])


def test_a_horizon_is_asked_for_where_play_may_go_on(endless):
    with pytest.raises(GameError, match="give a horizon"):
        unroll(endless)
    assert len(unroll(endless, 3)) == 15


def test_a_tree_that_does_not_fit_is_refused_with_its_size(endless):
    with pytest.raises(GameError, match=r"2,097,151 nodes, more than 1,000,000"):
        unroll(endless, 20, limit=1_000_000)


def test_a_long_silent_chain_is_no_deep_recursion():
    states = 3_000
    steps = np.arange(states)
    chain = Branches(
        offsets=np.minimum(np.arange(states + 1), states - 1),  # the last state is terminal and has no row
        strides=np.zeros((states, 1), dtype=np.int64),
        indptr=np.arange(states),
        successors=steps[1:],
        probabilities=as_numbers(np.ones(states - 1, dtype=int), "P"),
        rewards=as_numbers(np.ones((1, states - 1), dtype=int), "R"),
    )
    null = np.ones((states, 1), dtype=bool)
    null[-2] = False
    game = POSG(
        chain,
        observations=[np.ones((states, 1), dtype=int)],
        initial=(steps == 0).astype(int),
        null=null,
        actions=[["wait"]],
        terminal=[states - 1],
    )
    tree = unroll(game)
    assert len(tree) == 2
    assert tree.totals.tolist() == [[states - 1]]


def test_strategies_are_checked():
    tree = unroll(NormalForm.bimatrix([[1, 2], [3, 4]], [[0, 0], [0, 0]]))
    with pytest.raises(GameError, match="1 strategies; the game has 2 agents"):
        check_profile(tree, [[1, 0]])
    with pytest.raises(GameError, match="have 2 actions in all"):
        check_profile(tree, [[1, 0], [1]])
    with pytest.raises(GameError, match="sums to 3/2"):
        check_profile(tree, [[1, "1/2"], [1, 0]])
    with pytest.raises(GameError, match="negative probability"):
        check_profile(tree, [[2, -1], [1, 0]])
