"""Certificates of policies: those of matrix games where there is one move, and grades that mean what they say."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.best_response import nash_conv
from gametheory.certificates.sequential import certify_sequential, return_ranges
from gametheory.certify import Kind, certify
from gametheory.certify import nash_conv as certify_nash_conv
from gametheory.convert import posg_to_aecg
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive.unroll import unroll
from gametheory.normal_form import NormalForm
from gametheory.policy import TablePolicy
from gametheory.simulate import TabularGame
from gametheory.testing import normal_forms, profiles
from gametheory.testing_games import aecgs, policies, posgs

F = Fraction
SETTINGS = settings(max_examples=25, deadline=None)


@settings(max_examples=40, deadline=None)
@given(st.data(), normal_forms())
def test_certificates_of_matrix_games_are_the_same(data, game):
    strategies = data.draw(profiles(game))
    profile = [TablePolicy(np.stack([own, own])) for own in strategies]
    expected, found = certify(game, strategies), certify_sequential(game.to_posg(), profile)
    assert found == expected
    assert nash_conv(game.to_posg(), profile) == expected.nash_conv
    assert certify_sequential(posg_to_aecg(game.to_posg())[0], profile) == expected


def test_floats_are_graded_numerically():
    pennies = NormalForm.bimatrix([[1, -1], [-1, 1]]).to_posg()
    half = TablePolicy([[0.5, 0.5]] * 2)
    assert certify_sequential(pennies, [half, half]).kind is Kind.NUMERIC
    exact = TablePolicy([[F(1, 2)] * 2] * 2)
    assert certify_sequential(pennies, [exact, exact]).kind is Kind.EXACT
    off = TablePolicy([[0.6, 0.4]] * 2)
    certificate = certify_sequential(pennies, [half, off])
    assert certificate.kind is None
    assert certificate.regrets == pytest.approx((0.2, 0))
    assert certify_sequential(pennies, [half, off], epsilon=0.2).kind is Kind.NUMERIC
    with pytest.raises(GameError, match="epsilon is -1"):
        certify_sequential(pennies, [half, half], epsilon=-1)


@SETTINGS
@given(st.data(), st.one_of(posgs(), aecgs()), st.integers(0, 3))
def test_every_value_lies_in_the_range_of_returns(data, game, horizon):
    one, other = (evaluate(game, data.draw(policies(game)), horizon) for _ in range(2))
    for a, b, width in zip(one, other, return_ranges(game, horizon), strict=True):
        assert abs(a - b) <= width


def test_certify_takes_every_kind_of_game():
    game = NormalForm.bimatrix([[3, 0], [5, 1]], [[3, 5], [0, 1]])
    strategies = [[0, 1], [F(1, 2), F(1, 2)]]  # the second agent gains 1 − 1/2 by always leaving
    profile = [TablePolicy([own, own]) for own in strategies]
    posg = game.to_posg()
    found = [
        certify(game, strategies),
        certify(posg, profile),
        certify(posg, profile, horizon=1),
        certify(posg_to_aecg(posg)[0], profile),
        certify(unroll(game), strategies),
    ]
    assert {certificate.regrets for certificate in found} == {(0, F(1, 2))}
    assert certify_nash_conv(game, strategies) == certify_nash_conv(posg, profile, horizon=3) == F(1, 2)
    assert certify(posg, profile, horizon=0).holds


def test_certify_says_what_it_does_not_take():
    game = NormalForm.bimatrix([[1]], [[1]])
    for own in (game, unroll(game)):
        with pytest.raises(GameError, match="no steps to count"):
            certify(own, [[1], [1]], horizon=2)
    with pytest.raises(GameError, match="no profile of a TabularGame can be certified"):
        certify(TabularGame(game.to_posg()), [[1], [1]])
