from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.certify import Kind, certify
from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.numerics import to_floats
from gametheory.solvers.clock import Clock
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.solvers.zero_sum import maximin, security, zero_sum
from gametheory.streams import seed_keys, uniform
from gametheory.testing import bimatrix_games, zero_sum_games

ROCK_PAPER_SCISSORS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=object)
MORRA = [[0, 2, -3, 0], [-2, 0, 0, 3], [3, 0, 0, -4], [0, -3, 4, 0]]


@given(zero_sum_games(max_actions=5))
def test_exact_games_get_exact_strategies_and_the_value_of_all_equilibria(game: NormalForm) -> None:
    solution = zero_sum(game)
    assert solution.parameters["duality_gap"] == 0
    certificate = certify(game, solution.profiles[0])
    assert certificate.kind is Kind.EXACT
    assert certificate.values == solution.values[0]
    assert set(vertex_enumeration(game).values) == set(solution.values)


@given(zero_sum_games(), st.fractions(-(10**8), 10**8))
def test_constant_sum_games_too(game: NormalForm, constant: Fraction) -> None:
    moved = NormalForm.bimatrix(game.payoffs[0], game.payoffs[1] + constant)
    assert certify(moved, zero_sum(moved).profiles[0]).kind is Kind.EXACT


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("shift", [0.0, 1e8])
def test_floats_however_scaled_and_moved(scale: float, shift: float) -> None:
    table = to_floats(ROCK_PAPER_SCISSORS) * scale + shift * scale
    game = NormalForm.bimatrix(table, 2 * shift * scale - table)
    solution = zero_sum(game)
    for own in solution.profiles[0]:
        assert own == pytest.approx([1 / 3] * 3, abs=1e-7)
    assert solution.values[0][0] == pytest.approx(shift * scale, abs=1e-9 * scale)


def test_two_finger_morra() -> None:
    """Value 0 and optimal (0, t, 1 − t, 0) with 4/7 ≤ t ≤ 3/5 (two-finger Morra; Dresher 1961)."""
    solution = zero_sum(NormalForm.bimatrix(MORRA))
    assert solution.values == ((0, 0),)
    for own in solution.profiles[0]:
        assert own[0] == own[3] == 0
        assert Fraction(4, 7) <= own[1] <= Fraction(3, 5)


def test_larger_games_exactly_and_in_floats() -> None:
    table = uniform(seed_keys(5, 60), 0, 60)
    game = NormalForm.bimatrix(table)
    numeric = zero_sum(game)
    assert certify(game, numeric.profiles[0]).holds
    exact = zero_sum(game, exact=True)
    assert certify(game, exact.profiles[0]).kind is Kind.EXACT
    assert numeric.values[0][0] == pytest.approx(float(exact.values[0][0]), abs=1e-9)


@given(bimatrix_games())
def test_maximin_guarantees_its_value_and_no_more_can_be_had(game: NormalForm) -> None:
    solution = maximin(game)
    sides = zip(
        (game.payoffs[0], game.payoffs[1].T),
        solution.profiles[0],
        solution.parameters["punishments"],
        solution.values[0],
        strict=True,
    )
    for table, own, punishment, value in sides:
        assert min(own @ table) == value == max(table @ punishment)


def test_maximin_of_a_game_that_is_not_zero_sum() -> None:
    """Battle of the sexes 2,1 / 0,0 / 0,0 / 1,2: each secures 2/3 by mixing 1 : 2."""
    solution = maximin(NormalForm.bimatrix([[2, 0], [0, 1]], [[1, 0], [0, 2]]))
    assert solution.values == ((Fraction(2, 3), Fraction(2, 3)),)
    assert [own.tolist() for own in solution.profiles[0]] == [
        [Fraction(1, 3), Fraction(2, 3)],
        [Fraction(2, 3), Fraction(1, 3)],
    ]


def test_a_constant_table_has_its_constant_as_value() -> None:
    assert security(np.full((2, 3), 0.1)).value == 0.1
    assert security(np.full((2, 3), Fraction(7, 3), dtype=object)).value == Fraction(7, 3)


def test_games_that_are_not_constant_sum_are_refused_with_two_cells() -> None:
    game = NormalForm.bimatrix([[1, 2], [3, 4]], [[0, 0], [0, 0]], actions=[["U", "D"], ["L", "R"]])
    with pytest.raises(GameError, match=r"1 at \(U, L\) and to 4 at \(D, R\)"):
        zero_sum(game)
    with pytest.raises(GameError, match="two agents"):
        zero_sum(NormalForm([[1, 2]]))
    with pytest.raises(GameError, match="two agents"):
        maximin(NormalForm([[1, 2]]))


def test_rounding_of_one_minus_p_is_forgiven_in_floats_but_not_exactly() -> None:
    table = uniform(seed_keys(2, 4), 0, 4) / 3
    game = NormalForm.bimatrix(table, 1 - table)
    assert certify(game, zero_sum(game).profiles[0]).holds
    with pytest.raises(GameError, match="not constant-sum"):
        zero_sum(game, exact=True)


def test_the_time_limit_is_kept() -> None:
    game = NormalForm.bimatrix(uniform(seed_keys(2, 150), 0, 150))
    with pytest.raises(LimitReached):
        zero_sum(game, exact=True, clock=Clock(0.01))
