import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from gametheory.normal_form import NormalForm
from gametheory.solution import Outcome
from gametheory.solvers.pure import pure_equilibria, pure_joint_actions
from gametheory.streams import seed_keys, uniform
from gametheory.testing import float_payoffs, normal_forms


def by_definition(game: NormalForm) -> set[tuple[int, ...]]:
    def gains(joint: tuple[int, ...]) -> bool:
        for i, count in enumerate(game.shape):
            for action in range(count):
                other = (*joint[:i], action, *joint[i + 1 :])
                if game.payoffs[(i, *other)] > game.payoffs[(i, *joint)]:
                    return True
        return False

    return {joint for joint in itertools.product(*map(range, game.shape)) if not gains(joint)}


@given(normal_forms(agents=(1, 4)))
def test_pure_equilibria_by_definition(game: NormalForm) -> None:
    solution = pure_equilibria(game)
    found = {tuple(int(own.argmax()) for own in profile) for profile in solution.profiles}
    assert found == by_definition(game)
    assert all(own.sum() == 1 for profile in solution.profiles for own in profile)
    for joint, values in zip(pure_joint_actions(game), solution.values, strict=True):
        assert values == tuple(game.payoffs[(slice(None), *joint)])


@given(normal_forms(agents=(1, 3), payoffs=float_payoffs()))
def test_floats_too(game: NormalForm) -> None:
    assert set(map(tuple, pure_joint_actions(game).tolist())) == by_definition(game)


def test_differences_below_a_float_decide() -> None:
    tiny = Fraction(1, 10**40)
    game = NormalForm([[[1, 1 + tiny]], [[0, 10**30 * tiny]]], agents=["only", "other"])
    assert pure_joint_actions(game).tolist() == [[0, 1]]
    huge = NormalForm([[10**30, 10**30 + 1]])
    assert pure_joint_actions(huge).tolist() == [[1]]


def test_the_list_claims_completeness_only_for_one_agent() -> None:
    alone = pure_equilibria(NormalForm([[1, 2, 2]]))
    assert alone.complete
    assert alone.components == ((0, 1),)
    assert alone.outcome is Outcome.SOLVED
    none = pure_equilibria(NormalForm.bimatrix([[1, -1], [-1, 1]]))
    assert none.outcome is Outcome.NOT_FOUND
    assert not none.complete


def test_a_million_joint_actions() -> None:
    game = NormalForm(uniform(seed_keys(3, 3), 0, 10**6).reshape(3, 100, 100, 100))
    for joint in pure_joint_actions(game):
        for i in range(3):
            line = list(joint)
            line[i] = slice(None)
            assert game.payoffs[(i, *line)].max() == game.payoffs[(i, *joint)]


def test_long_lists_are_cut_and_say_so() -> None:
    solution = pure_equilibria(NormalForm(np.zeros((2, 40, 40), dtype=int)), limit=7)
    assert len(solution.profiles) == 7
    assert "7 of 1600" in solution.why
    assert solution.outcome is Outcome.PARTIAL


@pytest.mark.parametrize("exact", [False, True])
def test_float_games_may_ask_for_rational_strategies(exact: bool) -> None:
    (profile,) = pure_equilibria(NormalForm([[0.5, 1.5]]), exact=exact).profiles
    assert profile[0].dtype == (object if exact else np.float64)
