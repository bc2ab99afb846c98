"""The induced normal form: as many actions as there are reduced strategies, and what each joint one pays."""

from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gametheory.best_response import regrets
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive.unroll import unroll
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.policies.controllers import HistoryPolicy
from gametheory.policy import uniform_table
from gametheory.posg import POSG
from gametheory.solve import solve
from gametheory.solving.induced import induced_normal_form
from gametheory.testing_games import aecgs, posgs

F = Fraction
SETTINGS = settings(max_examples=40, deadline=None)
GAMES = st.one_of(posgs(max_states=2), aecgs(max_states=3))


def as_policy(game, tree, agent, strategy):
    """A reduced strategy as a policy over histories; uniform where it says nothing."""
    count, rows = game.action_counts[agent], game.observation_counts[agent] + isinstance(game, POSG)
    table = {}
    for h, place in strategy.items():
        own = tree.information[h]
        table[own.history] = [F(a == own.codes[place]) for a in range(count)]
    return HistoryPolicy(table, uniform_table(count, game.legal[agent], rows).table)


@SETTINGS
@given(GAMES, st.integers(0, 3))
def test_every_joint_strategy_pays_what_its_policies_are_worth(game, horizon):
    try:
        induced = induced_normal_form(game, horizon, limit=200)
    except GameError:
        assume(False)
    for joint in product(*map(range, induced.game.shape)):
        profile = [as_policy(game, induced.tree, i, induced.strategies[i][a]) for i, a in enumerate(joint)]
        assert tuple(induced.game.payoffs[(slice(None), *joint)]) == evaluate(game, profile, horizon)


@SETTINGS
@given(GAMES, st.integers(0, 2))
def test_pure_equilibria_are_those_of_the_game(game, horizon):
    try:
        induced = induced_normal_form(game, horizon, limit=60)
    except GameError:
        assume(False)
    payoffs = induced.game.payoffs
    for joint in product(*map(range, induced.game.shape)):
        profile = [as_policy(game, induced.tree, i, induced.strategies[i][a]) for i, a in enumerate(joint)]
        best = [
            max(payoffs[(i, *joint[:i], other, *joint[i + 1 :])] for other in range(size))
            for i, size in enumerate(induced.game.shape)
        ]
        gains = tuple(top - own for top, own in zip(best, payoffs[(slice(None), *joint)], strict=True))
        assert regrets(game, profile, horizon) == gains


def reduced(tree, agent):
    """By definition: all strategies, each cut to the histories that its own actions do not rule out."""
    sets = [h for h, own in enumerate(tree.information) if own.agent == agent]
    assume(prod(len(tree.information[h].actions) for h in sets) <= 500)
    found = set()
    for chosen in product(*(tree.information[h].codes for h in sets)):
        action = {tree.information[h].history: code for h, code in zip(sets, chosen, strict=True)}
        found.add(
            frozenset(
                (h, action[tree.information[h].history])
                for h in sets
                if all(
                    action[tree.information[h].history[:end]] == code
                    for end, (kind, code) in enumerate(tree.information[h].history)
                    if kind == "a"
                )
            )
        )
    return found


@SETTINGS
@given(GAMES, st.integers(0, 3))
def test_strategies_are_listed_once_each_and_none_is_left_out(game, horizon):
    tree = unroll(game, horizon)
    expected = [reduced(tree, i) for i in range(len(game.agents))]
    assume(len(expected) * prod(map(len, expected)) <= 5_000)
    induced = induced_normal_form(game, horizon)
    for own, due, names in zip(induced.strategies, expected, induced.game.actions, strict=True):
        listed = [frozenset((h, tree.information[h].codes[a]) for h, a in s.items()) for s in own]
        assert len(listed) == len(set(listed)) == len(names)
        assert set(listed) == due


# --- numbers from elsewhere ------------------------------------------------------------------------------


def check_kuhn(game):
    """Kuhn, *A simplified two-person poker* (1950): 27 × 64 strategies once reduced, value −1/18."""
    induced = induced_normal_form(game)
    assert induced.game.shape == (27, 64)
    solution = solve(induced.game)
    assert solution.values[0] == pytest.approx((F(-1, 18), F(1, 18)), abs=1e-12)


def test_kuhn_poker_of_the_catalogue():
    check_kuhn(load("kuhn-poker"))


def test_kuhn_poker_of_openspiel():
    pyspiel = pytest.importorskip("pyspiel")
    from gametheory.foreign.openspiel import tabulate_openspiel

    check_kuhn(tabulate_openspiel(pyspiel.load_game("kuhn_poker")))


def test_a_twice_repeated_dilemma():
    # Each agent: one action at first, then one after each of the four joint actions that its own action
    # leaves possible: 2 / 2^2 reduced strategies if it sees what the other did.
    P = np.zeros((5, 2, 2, 5), dtype=int)
    for s, a, b in product(range(5), range(2), range(2)):
        P[s, a, b, 1 + 2 * a + b] = 1
    stage = np.array([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    see = np.eye(5, dtype=int)
    game = POSG(
        P, np.repeat(stage[:, None], 5, axis=1), [see, see], see[0], 1, actions=[["c", "d"]] * 2,
        observation_labels=[["start of play", "cc", "cd", "dc", "dd"]] * 2,
    )  # fmt: skip
    induced = induced_normal_form(game, 2)
    assert induced.game.shape == (8, 8)
    assert induced.game.actions[0][-1] == "start: d; d / dc: d; d / dd: d"
    assert induced.game.payoffs[:, -1, -1].tolist() == [2, 2]
    assert induced_normal_form(game, 1).game == NormalForm(stage, actions=[["c", "d"]] * 2)


# --- floats and refusals --------------------------------------------------------------------------------


def test_floats_stay_floats():
    game = NormalForm.bimatrix([[0.5, 0.25], [0.0, 1.0]]).to_posg()
    found = induced_normal_form(game).game
    assert not found.exact
    assert found.payoffs[0].tolist() == [[0.5, 0.25], [0.0, 1.0]]


def test_numbers_too_large_for_floats_stay_exact():
    big = F(2**60, 3)
    game = NormalForm.bimatrix([[big, F(1, 7)], [0, 1]])
    assert induced_normal_form(game.to_posg()).game == game


def test_what_is_too_large_is_refused_with_the_number():
    with pytest.raises(GameError, match=r"27 × 64 reduced strategies; at most 1,000 payoffs"):
        induced_normal_form(load("kuhn-poker"), limit=1_000)
    with pytest.raises(GameError, match=r"about 10\^14 × about 10\^26 reduced strategies"):
        induced_normal_form(load("leduc-poker"))
    with pytest.raises(GameError, match=r"tree has 549,946 nodes"):  # a known number of tic-tac-toe
        induced_normal_form(load("tic-tac-toe"))


def test_a_game_without_end_needs_a_horizon():
    with pytest.raises(GameError, match="give a horizon"):
        induced_normal_form(load("tiger"))
    with pytest.raises(GameError, match="a tree ends by itself"):
        induced_normal_form(unroll(load("kuhn-poker")), 3)
