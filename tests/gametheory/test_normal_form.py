from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.testing import normal_forms, profiles

ZEROS = [[[0, 0], [0, 0]], [[0, 0], [0, 0]]]


@given(st.data(), normal_forms())
def test_action_values_and_values_sum_over_joint_actions(data, game):
    profile = data.draw(profiles(game))
    for i, count in enumerate(game.shape):
        totals = [Fraction(0)] * count
        for joint in product(*map(range, game.shape)):
            weight = Fraction(1)
            for j, action in enumerate(joint):
                weight *= profile[j][action] if j != i else 1
            totals[joint[i]] += weight * game.payoffs[(i, *joint)]
        assert game.action_values(i, profile).tolist() == totals
        assert game.values(profile)[i] == sum(p * v for p, v in zip(profile[i], totals, strict=True))


@given(normal_forms())
def test_payoff_ranges_are_largest_minus_smallest(game):
    for own, width in zip(game.payoffs, game.payoff_ranges, strict=True):
        flat = own.ravel().tolist()
        assert width == max(flat) - min(flat)


@given(normal_forms(agents=(1, 3)))
def test_equal_games_hash_alike_and_others_differ(game):
    twin = NormalForm(game.payoffs.tolist(), game.agents, game.actions, title="another title")
    assert twin == game
    assert hash(twin) == hash(game)
    assert NormalForm(game.payoffs + 1) != game
    assert NormalForm(game.payoffs, agents=[name + "x" for name in game.agents]) != game
    assert NormalForm(game.payoffs.astype(float)) != game
    assert game != "game"


def test_defaults_and_bimatrix():
    game = NormalForm.bimatrix([[1, 2, 3], [4, 5, 6]])
    assert game.shape == (2, 3)
    assert game.agents == ("1", "2")
    assert game.actions == (("1", "2"), ("1", "2", "3"))
    assert game.payoffs[1].tolist() == [[-1, -2, -3], [-4, -5, -6]]
    with pytest.raises(GameError, match=r"row is \[1, 2\] and column \[2, 1\]"):
        NormalForm.bimatrix([[1, 2]], [[1], [2]])


def test_games_cannot_be_changed():
    game = NormalForm(ZEROS)
    given_payoffs = np.zeros((1, 2))
    copy = NormalForm(given_payoffs)
    given_payoffs[0, 0] = 5
    assert copy.payoffs[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        game.payoffs[0, 0, 0] = 1
    with pytest.raises(AttributeError):
        game.title = "other"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"payoffs": 3}, r"shape \[\]"),
        ({"payoffs": []}, r"shape \[0\]"),
        ({"payoffs": [1, 2]}, r"shape \[2\]"),
        ({"payoffs": [[1, 2], [3, 4]]}, r"shape \[2, 2\]"),
        ({"payoffs": [[]]}, r"shape \[1, 0\]"),
        ({"payoffs": [[[1, 2], [3]], [[1, 2], [3, 4]]]}, r"payoffs\[0, 0\] is \[1, 2\]"),
        ({"payoffs": [[1, float("nan")]]}, r"payoffs\[0, 1\] is nan"),
        ({"payoffs": [[1, "x"]]}, r"payoffs\[0, 1\] is 'x'"),
        ({"payoffs": ZEROS, "agents": ["a"]}, "agents has 1 names; the payoffs have 2"),
        ({"payoffs": ZEROS, "agents": ["a", 2]}, "2 is not a name"),
        ({"payoffs": ZEROS, "actions": [["a", "b"], ["c"]]}, r"actions has \[2, 1\] labels"),
        ({"payoffs": ZEROS, "actions": [["a", "b"], ["c", None]]}, "None is not a name"),
    ],
)
def test_bad_games_are_named(arguments, words):
    with pytest.raises(GameError, match=words):
        NormalForm(**arguments)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ([[1, 0]], "1 strategies; the game has 2"),
        ([[1, 0], [1, 0, 0]], r"profile\[1\] has shape \[3\]; agent 2 has 2 actions"),
        ([[1, 0], [[1, 0]]], r"profile\[1\] has shape \[1, 2\]"),
        ([[1, 0], 1], r"profile\[1\] has shape \[\]"),
        ([[1, 0], ["1/2", "1/3"]], r"profile\[1\] must be a distribution; it sums to 5/6"),
        ([[1, 0], [0.5, 0.4]], r"profile\[1\] must be a distribution; it sums to 0.9"),
        ([[1, 0], [2, -1]], r"profile\[1\]\[1\] is -1"),
        ([[1, 0], [float("nan"), 1]], r"profile\[1\]\[0\] is nan"),
    ],
)
def test_bad_profiles_are_named(profile, words):
    with pytest.raises(GameError, match=words):
        NormalForm(ZEROS).profile(profile)
