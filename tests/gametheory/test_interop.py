from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from gametheory.errors import GameError
from gametheory.interop import from_nashpy, to_nashpy
from gametheory.normal_form import NormalForm
from gametheory.testing import bimatrix_games, float_payoffs

nashpy = pytest.importorskip("nashpy")


@given(bimatrix_games(payoffs=float_payoffs()))
def test_there_and_back(game: NormalForm) -> None:
    assert from_nashpy(to_nashpy(game), agents=game.agents, actions=game.actions) == game


def test_integers_stay_exact_and_one_matrix_means_zero_sum() -> None:
    game = from_nashpy(nashpy.Game(np.array([[1, -1], [-1, 1]])), title="matching pennies")
    assert game.exact
    assert game.payoffs[1, 0, 0] == Fraction(-1)
    assert game.title == "matching pennies"


def test_nashpy_finds_the_same_equilibrium() -> None:
    game = NormalForm.bimatrix([[3, 1], [0, 2]], [[2, 1], [0, 3]])
    found = {tuple(map(tuple, np.round(pair, 9).tolist())) for pair in to_nashpy(game).support_enumeration()}
    assert ((0.75, 0.25), (0.25, 0.75)) in found


def test_only_two_agents_and_only_nashpy_games() -> None:
    with pytest.raises(GameError, match="two agents"):
        to_nashpy(NormalForm([[1, 2]]))
    with pytest.raises(GameError, match="payoff_matrices"):
        from_nashpy("game")
