import subprocess
import sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from gametheory.continuous import Cournot
from gametheory.normal_form import NormalForm
from gametheory.testing import (
    assert_equilibrium,
    bimatrix_games,
    distributions,
    float_payoffs,
    identical_interest_games,
    normal_forms,
    potential_games,
    profiles,
    zero_sum_games,
)

quick = settings(phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))


@given(normal_forms(agents=(2, 3), max_actions=4))
def test_games_keep_to_the_bounds_asked_for(game):
    assert game.exact
    assert len(game.shape) in (2, 3)
    assert all(1 <= count <= 4 for count in game.shape)


@given(normal_forms(payoffs=float_payoffs()))
def test_float_games_are_float_games(game):
    assert not game.exact


@given(zero_sum_games())
def test_zero_sum_games_sum_to_zero(game):
    assert not np.any(game.payoffs.sum(axis=0))


@given(identical_interest_games())
def test_identical_interest_games_pay_all_the_same(game):
    assert all(np.array_equal(game.payoffs[0], own) for own in game.payoffs)


@given(potential_games(agents=(2, 3)))
def test_potential_games_have_no_gain_around_any_square(game):
    """Monderer & Shapley 1996, corollary 2.9: the gains along every 4-cycle of deviations sum to 0."""
    for i, j in product(range(len(game.shape)), repeat=2):
        if i >= j:
            continue
        for joint in np.ndindex(*game.shape):
            for x, y in product(range(game.shape[i]), range(game.shape[j])):
                corners = [list(joint) for _ in range(4)]
                corners[1][i] = corners[2][i] = x
                corners[2][j] = corners[3][j] = y
                a, b, c, d = map(tuple, corners)
                u, v = game.payoffs[i], game.payoffs[j]
                assert (u[b] - u[a]) + (v[c] - v[b]) + (u[d] - u[c]) + (v[a] - v[d]) == 0


@given(st.data(), bimatrix_games())
def test_profiles_fit_their_game(data, game):
    profile = data.draw(profiles(game))
    assert [len(strategy) for strategy in profile] == list(game.shape)
    assert all(sum(strategy) == 1 and min(strategy) >= 0 for strategy in profile)


def test_ties_and_zeros_are_common_and_examples_shrink():
    game = find(
        bimatrix_games(),
        lambda g: g.shape == (2, 2) and len(set(g.payoffs.flat)) < 8,
        settings=settings(quick, max_examples=2000),
    )
    assert not np.any(game.payoffs)
    mixed = find(distributions(3), lambda p: p[2] > 0, settings=quick)
    assert mixed.tolist() == [0, 0, 1]


def test_assert_equilibrium_says_who_could_gain_what():
    game = NormalForm.bimatrix([[2, 0], [1, 1]], [[2, 1], [0, 1]], agents=["ann", "bob"], title="Stag hunt")
    assert_equilibrium(game, [[1, 0], [1, 0]], epsilon=0)
    with pytest.raises(AssertionError) as caught:
        assert_equilibrium(game, [[1, 0], ["1/4", "3/4"]])
    # By hand: Ann's stag pays 2/4, hare 1; Bob's mix pays 2/4 + 3/4, stag 2.
    assert "Stag hunt" in str(caught.value)
    assert "ann plays [1, 0], receives 1/2, and could gain 1/2" in str(caught.value)
    assert "bob plays [1/4, 3/4], receives 5/4, and could gain 3/4" in str(caught.value)


def test_assert_equilibrium_of_a_continuous_game():
    assert_equilibrium(Cournot(), [Fraction(3), Fraction(3)], epsilon=0)
    with pytest.raises(AssertionError, match="could gain"):
        assert_equilibrium(Cournot(), [Fraction(3), Fraction(2)])


def test_epsilon_is_a_share_of_the_payoff_range():
    game = NormalForm([[0, 99, 100]])
    assert_equilibrium(game, [[0, 1, 0]], epsilon=0.01)
    with pytest.raises(AssertionError):
        assert_equilibrium(game, [[0, 1, 0]], epsilon=0.0099)


def test_without_hypothesis_the_import_says_what_to_install():
    script = "import sys; sys.modules['hypothesis'] = None; import gametheory.testing"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: gametheory.testing needs Hypothesis")
    assert "pip install 'equilibrist[testing]'" in last
