"""Matrix games played again: by backward induction, and for ever."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from gametheory.best_response import regrets
from gametheory.catalogue.sequential.dilemma import (
    COOPERATE,
    DEFECT,
    grim_trigger,
    memory_one,
    prisoners_dilemma,
    tit_for_tat,
    tit_for_tat_discount,
    trigger_discount,
)
from gametheory.catalogue.sequential.repeated import repeated, repeated_by_name
from gametheory.errors import GameError, UnknownName
from gametheory.evaluate import evaluate
from gametheory.extensive.unroll import unroll
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.solve import solve

DEFECTING = memory_one(DEFECT, (DEFECT,) * 4)


@st.composite
def dilemmas(draw):
    """Symmetric prisoner's dilemmas with T > R > P > S."""
    s, p, r, t = sorted(draw(st.sets(st.integers(-9, 9), min_size=4, max_size=4)))
    first = [[r, s], [t, p]]
    return NormalForm([first, np.transpose(first).tolist()])


@given(game=dilemmas(), step=st.sampled_from([Fraction(-1, 100), Fraction(0), Fraction(1, 100)]))
@settings(max_examples=25, deadline=None)
def test_cooperation_holds_from_the_threshold_on(game, step):
    """By the exact best response in the game itself, on either side of the formula and at it."""
    for threshold, profile in (
        (trigger_discount(game), (grim_trigger(), grim_trigger())),
        (tit_for_tat_discount(game), tit_for_tat()),
    ):
        gamma = threshold + step
        if not 0 < gamma < 1:
            continue
        gains = regrets(repeated(game, None, gamma), profile)
        assert (max(gains) == 0) == (step >= 0)


@given(game=dilemmas(), gamma=st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=20))
@settings(max_examples=10, deadline=None)
def test_always_defecting_is_an_equilibrium_whatever_the_discount(game, gamma):
    endless = repeated(game, None, gamma)
    assert regrets(endless, (DEFECTING,) * 2) == (0, 0)
    punished = game.payoffs[0][DEFECT, DEFECT]
    assert evaluate(endless, (DEFECTING,) * 2)[0] == punished / (1 - gamma)


def test_the_catalogue_s_thresholds_by_hand():
    """T, R, P, S = 0, −1, −2, −3: one half for both."""
    game = load("prisoners-dilemma")
    assert trigger_discount(game) == tit_for_tat_discount(game) == Fraction(1, 2)
    assert evaluate(load("endless-prisoners-dilemma"), tit_for_tat()) == (-10, -10)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_to_a_horizon_backward_induction_leaves_defecting_alone(times):
    game = prisoners_dilemma(times)
    found = solve(game)
    assert found.method == "backward-induction"
    assert found.values == ((-2 * times, -2 * times),)
    (profile,) = found.profiles
    tree = solve(unroll(game)).profiles[0]
    assert all(np.array_equal(own.reshape(-1, 2), [[0, 1]] * (len(own) // 2)) for own in tree)
    assert evaluate(game, profile) == (-2 * times, -2 * times)


def test_cooperating_to_a_horizon_is_betrayed_in_the_last_round():
    game = prisoners_dilemma(4)
    assert regrets(game, (grim_trigger(),) * 2) == (1, 1)  # T − R, once


def test_for_ever_is_the_limit_of_many_rounds():
    gamma, cooperating = Fraction(1, 2), memory_one(COOPERATE, (COOPERATE,) * 4)
    endless = evaluate(prisoners_dilemma(None, gamma), (cooperating,) * 2)[0]
    many = evaluate(prisoners_dilemma(12, gamma), (cooperating,) * 2)[0]
    assert endless == -2
    assert many - endless == -endless * gamma**12


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: repeated_by_name("cournot"), "no matrix game"),
        (lambda: prisoners_dilemma(0), "at least once"),
        (lambda: prisoners_dilemma(None), "below 1"),
        (lambda: trigger_discount(load("stag-hunt")), "T > R > P > S"),
        (lambda: trigger_discount(load("rock-paper-scissors")), "2 × 2"),
    ],
)
def test_bad_input_is_answered_in_a_line(call, words):
    with pytest.raises(GameError, match=words):
        call()


def test_any_matrix_game_by_name():
    environment = find("repeated", {"game": "rock-paper-scissors", "times": 2})
    assert environment.formal.title == "Rock-paper-scissors, 2 rounds"
    assert find("repeated", {"game": "chicken", "times": None, "discount": "1/2"}).formal.terminal.sum() == 0
    with pytest.raises(UnknownName, match="stag-hunt"):
        find("repeated", {"game": "stag-hnt"})
