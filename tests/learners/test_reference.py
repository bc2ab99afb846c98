"""What joint policies are held against: regrets, distances, points and averages."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory import streams
from gametheory.certify import certify
from gametheory.continuous import Cournot, Mixture
from gametheory.normal_form import NormalForm
from gametheory.policy import TablePolicy
from learners.judge import reference, regrets


def profiles(shape):
    weights = st.lists(st.floats(0.01, 1), min_size=sum(shape), max_size=sum(shape))

    def build(flat):
        parts = np.split(np.array(flat), np.cumsum(shape)[:-1])
        return tuple(part / part.sum() for part in parts)

    return weights.map(build)


@given(data=st.data(), shape=st.lists(st.integers(1, 4), min_size=1, max_size=3))
@settings(deadline=None)
def test_float_regrets_agree_with_the_certificate(data, shape):
    size = len(shape) * int(np.prod(shape))
    numbers = data.draw(st.lists(st.integers(-9, 9), min_size=size, max_size=size))
    game = NormalForm(np.array(numbers).reshape(len(shape), *shape).tolist())
    profile = data.draw(profiles(shape))
    exact = certify(game, profile).regrets
    fast = regrets.matrix_regrets(game.payoffs.astype(float), profile)
    assert fast == pytest.approx([float(value) for value in exact], abs=1e-12)


@given(
    firms=st.integers(1, 3),
    data=st.data(),
    b=st.fractions(Fraction(1, 4), 3),
)
@settings(deadline=None, max_examples=40)
def test_float_regrets_of_mixtures_agree_with_the_certificate(firms, data, b):
    game = Cournot(firms, 10, b, 1)
    top = float(game.high[0])
    actions = st.lists(st.floats(0, top), min_size=1, max_size=4)
    profile = tuple(Mixture.uniform(data.draw(actions)) for _ in range(firms))
    exact = certify(game, profile)
    fast = regrets.quadratic_regrets(game, profile)
    scale = float(max(exact.payoff_ranges))
    assert fast == pytest.approx([float(value) for value in exact.regrets], abs=1e-12 * scale)


@given(other=st.floats(0, 9))
def test_best_reply_in_cournot_is_the_textbooks(other):
    """(a − c − b q_j) / 2b, Tirole 1988, section 5.4."""
    reply = regrets.best_action(Cournot(2, 10, 1, 1), 0, np.array([4.0, other]))
    assert reply == pytest.approx([(9 - other) / 2, other])


@given(
    corners=st.lists(profiles((3,)).map(lambda p: p[0]), min_size=1, max_size=3),
    point=profiles((3,)).map(lambda p: p[0]),
)
@settings(deadline=None)
def test_hull_distance_is_below_every_mixture_and_attained(corners, point):
    corners = np.array(corners)
    found = reference.hull_distance(point, corners)
    grid = np.array([[i, j, 24 - i - j] for i in range(25) for j in range(25 - i)]) / 24
    mixtures = grid[:, : len(corners)][grid[:, : len(corners)].sum(axis=1) == 1] @ corners
    brute = np.abs(mixtures - point).sum(axis=1).min() / 2
    assert found <= brute + 1e-9
    assert found >= brute - 2 / 24  # the grid's mesh


def test_distance_to_a_component_is_to_its_hull():
    """Agent 1 is indifferent, agent 2 prefers its first action: a segment of equilibria."""
    game = NormalForm.bimatrix([[1, 0], [1, 0]], [[1, 0], [1, 0]])
    held = reference.reference_for(game)
    middle = (np.array([0.4, 0.6]), np.array([1.0, 0.0]))
    assert held.distance(middle).value == pytest.approx(0, abs=1e-12)
    assert len(held.distance(middle).nearest) == 2
    off = (np.array([0.4, 0.6]), np.array([0.9, 0.1]))
    assert held.distance(off).value == pytest.approx(0.1)


def test_distance_in_cournot_is_a_share_of_the_range():
    """q* = (a − c) / 3b = 3 of a range of 9."""
    held = reference.reference_for(Cournot(2, 10, 1, 1))
    assert held.distance((np.array([3.9]), np.array([3.0]))).value == pytest.approx(0.1)
    assert held.payoff_range == pytest.approx(101.25)


def test_time_average_of_strategies_is_their_mean_and_of_actions_their_distribution():
    pennies = reference.reference_for(NormalForm.bimatrix([[1, -1], [-1, 1]]))
    heads, tails = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    round_trip = [(heads, heads), (heads, tails), (tails, tails), (tails, heads)]
    assert reference.nash_conv(pennies, pennies.average(round_trip)) == pytest.approx(0)
    assert all(reference.nash_conv(pennies, point) == 2 for point in round_trip)
    market = reference.reference_for(Cournot(2, 10, 1, 1))
    spread = market.average([(np.array([2.0]), np.array([2.0])), (np.array([4.0]), np.array([4.0]))])
    # playing 2 or 4 with mean 3 loses exactly the variance, b·1, to playing 3
    assert market.regrets(spread) == pytest.approx([1, 1])


def test_a_long_history_of_actions_is_thinned():
    market = reference.reference_for(Cournot(3, 10, 1, 1))
    history = [tuple(np.array([q]) for q in (2.0, 2.0, 2.5))] * 500
    mixtures = market.average(history)
    assert len(mixtures[0].points) ** 3 <= reference.MIXTURE_CELLS


def test_a_point_is_what_the_policies_play_at_the_start():
    held = reference.reference_for(NormalForm.bimatrix([[1, -1], [-1, 1]]))
    table = TablePolicy([[0.5, 0.5], [0.25, 0.75]])
    point = held.point([table, table], (np.array([1]), np.array([0])), streams.seed_keys(0, 1))
    assert point[0].tolist() == [0.25, 0.75]
    assert point[1].tolist() == [0.5, 0.5]
