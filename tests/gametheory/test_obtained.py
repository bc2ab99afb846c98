"""Rewards in the states: nothing changes but that rewards are no longer random."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.equivalence import check_equivalence
from gametheory.evaluate import evaluate
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.obtained import rewards_in_states
from gametheory.testing_games import aecgs, assert_equivalent, policies, posgs

HALF = Fraction(1, 2)
few = settings(deadline=None, max_examples=50)


def check_sure(game):
    """The state reached tells the rewards."""
    b, paid = game.branches, {}
    for state, rewards in zip(b.successors.tolist(), b.rewards.T.tolist(), strict=True):
        assert paid.setdefault(state, rewards) == rewards


@few
@given(st.data())
def test_an_aecg_with_the_reward_to_obtain_is_worth_the_same(data):
    aecg = data.draw(aecgs())
    game, old = rewards_in_states(aecg_to_posg(aecg)[0])
    check_sure(game)
    assert game.exact
    profile = data.draw(policies(aecg))
    for horizon in range(4):
        assert evaluate(game, profile, horizon) == evaluate(aecg, profile, horizon)
    assert np.array_equal(game.discount, aecg.discount[aecg.node_states[old]])
    assert np.array_equal(game.terminal, aecg.terminal[aecg.node_states[old]])


@few
@given(aecgs())
def test_it_has_the_same_laws(aecg):
    posg, _ = aecg_to_posg(aecg)
    game, _ = rewards_in_states(posg)
    assert_equivalent(posg, game)
    assert_equivalent(aecg, game)


@few
@given(posgs())
def test_so_has_any_posg(posg):
    game, old = rewards_in_states(posg)
    check_sure(game)
    assert_equivalent(posg, game)
    back, correspondence = posg_to_aecg(game)
    assert check_equivalence(game, back, correspondence).proved_for == "every horizon"
    reached = np.bincount(game.branches.successors, minlength=len(game.states)) > 0
    assert np.all(reached | (game.initial > 0))  # nothing else is built
    assert game.initial.sum() == 1
    assert [int(s) for s in np.unique(old[game.initial > 0])] == np.flatnonzero(posg.initial).tolist()


def test_a_random_reward_by_hand():
    """One step pays 1 or 3, each by 1/2: two states, and nothing is random but which one is reached."""
    P, weights = [[[0, 1]], [[0, 1]]], np.full((2, 1, 2, 2), HALF)
    values = np.zeros((1, 2, 1, 2, 2), dtype=int)
    values[0, 0, 0, 1] = [1, 3]
    posg = POSG(P, Rewards(values, weights), [[[1], [1]]], [1, 0], states=["play", "end"], terminal=[1])
    game, old = rewards_in_states(posg)
    assert game.states == ("play", "end, paid 1", "end, paid 3")
    assert old.tolist() == [0, 1, 1]
    assert game.terminal.tolist() == [False, True, True]
    assert game.transition(0, [0])[0].tolist() == [1, 2]
    assert game.transition(0, [0])[1].tolist() == [[1, 3]]
    assert game.transition(0, [0])[2].tolist() == [HALF, HALF]
