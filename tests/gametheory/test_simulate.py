"""Batched play of tabular games draws from the laws that the tables state."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from environments.contract import check_game
from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from gametheory.tables.dense import Rewards
from gametheory.tables.kernels import JointObservations

F = Fraction
MANY = 40_000


def weather():
    """One agent, three states, random rewards and observations, a legal set and a terminal state."""
    P = [
        [[F(1, 2), F(1, 4), F(1, 4)], [0, 1, 0]],
        [[F(1, 3), F(1, 3), F(1, 3)], [1, 0, 0]],
        [[0, 0, 1], [0, 0, 1]],
    ]
    values = np.zeros((1, 3, 2, 3, 2), dtype=int)
    values[..., 0], values[..., 1] = 2, -1
    weights = np.empty((3, 2, 3, 2), dtype=object)
    weights[..., 0], weights[..., 1] = F(1, 5), F(4, 5)
    see = [[F(3, 4), F(1, 4)], [0, 1], [1, 0]]
    return POSG(
        P, Rewards(values, weights), [see], [1, 0, 0], [F(1, 2), 1, 1], terminal=[2],
        legal=[[[1, 1], [1, 0]]], actions=[["wait", "go"]], title="weather",
    )  # fmt: skip


def frequencies(values, expected):
    """The chance of counts at least this far from the expected ones."""
    counts = np.bincount(values, minlength=len(expected))
    weights = np.array(expected, dtype=float)
    assert not np.any(counts[weights == 0])
    kept = weights > 0
    return stats.chisquare(counts[kept], MANY * weights[kept]).pvalue if kept.sum() > 1 else 1.0


def test_draws_follow_the_tables():
    game = TabularGame(weather())
    start = game.reset(streams.seed_keys(1, MANY))
    assert set(start.observations[0].tolist()) == {2}  # `start`
    step = game.step(start.state, (np.zeros(MANY, dtype=int),))
    states = step.state.states
    assert frequencies(states, [F(1, 2), F(1, 4), F(1, 4)]) > 1e-3
    assert frequencies((step.rewards[:, 0] < 0).astype(int), [F(1, 5), F(4, 5)]) > 1e-3
    seen = step.observations[0]
    in_first = states == 0
    assert abs(np.mean(seen[in_first]) - 1 / 4) < 4 * np.sqrt(3 / 16 / in_first.sum())
    assert set(seen[states == 1].tolist()) == {1}
    assert np.all(step.discount == 0.5)
    assert np.array_equal(step.terminated, states == 2)


def test_rewards_and_states_are_drawn_independently():
    game = TabularGame(weather())
    step = game.step(game.reset(streams.seed_keys(2, MANY)).state, (np.zeros(MANY, dtype=int),))
    table = np.zeros((3, 2))
    np.add.at(table, (step.state.states, (step.rewards[:, 0] < 0).astype(int)), 1)
    assert stats.chi2_contingency(table).pvalue > 1e-3


def test_joint_observations_keep_their_correlation():
    P = np.ones((1, 2, 2, 1), dtype=int)
    kernel = np.zeros((1, 2, 2, 2, 2), dtype=object)
    kernel[..., 0, 0] = kernel[..., 1, 1] = F(1, 2)
    game = TabularGame(POSG(P, np.zeros((2, 1, 2, 2), dtype=int), JointObservations(kernel), [1], F(9, 10)))
    zeros = np.zeros(MANY, dtype=int)
    step = game.step(game.reset(streams.seed_keys(3, MANY)).state, (zeros, zeros))
    assert np.array_equal(step.observations[0], step.observations[1])
    assert frequencies(step.observations[0], [F(1, 2), F(1, 2)]) > 1e-3


def test_an_agent_without_a_choice_is_not_read():
    P = np.zeros((2, 2, 2, 2), dtype=int)
    P[0, ..., 1] = P[1, ..., 0] = 1
    null = [[False, True], [True, False]]
    posg = POSG(P, np.zeros((2, 2, 2, 2), dtype=int), [[[1], [1]]] * 2, [1, 0], F(1, 2), null=null)
    game = TabularGame(posg)
    step = game.reset(streams.seed_keys(0, 3))
    assert game.acting(step.state).tolist() == [[True, False]] * 3
    assert step.observations[1].tolist() == [NULL] * 3
    zeros = np.zeros(3, dtype=int)
    left, right = game.step(step.state, (zeros, zeros)), game.step(step.state, (zeros, zeros + 1))
    assert all(np.array_equal(a, b) for a, b in zip(left.observations, right.observations, strict=True))
    check_game(game)


def test_the_contract_holds():
    check_game(TabularGame(weather()))
    check_game(TabularGame(NormalForm.bimatrix([[1, 2], [3, 4]]).to_posg()))


def test_misuse_is_named():
    game = TabularGame(weather())
    step = game.reset(streams.seed_keys(0, 2))
    ones = (np.ones(2, dtype=int),)
    with pytest.raises(GameError, match="agent 1 in row 0 is 5"):
        game.step(step.state, (np.array([5, 0]),))
    with pytest.raises(GameError, match="must be integers"):
        game.step(step.state, (np.zeros(2),))
    with pytest.raises(GameError, match=r"shape \[3\]"):
        game.step(step.state, (np.zeros(3, dtype=int),))
    wet = game.step(step.state, ones)  # to state 1, which shows observation 1: `go` is illegal
    with pytest.raises(GameError, match="action go of agent 1 in row 0 is illegal"):
        game.step(wet.state, ones)
    ended = step.state._replace(states=np.array([2, 0]))
    with pytest.raises(GameError, match="row 0 has terminated"):
        game.step(ended, ones)
