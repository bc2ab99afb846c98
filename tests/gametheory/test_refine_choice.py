"""Choosing among equilibria: risk, Pareto fronts, prices."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.errors import GameError, UnknownName
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.refine import (
    compare_equilibria,
    describe_equilibrium,
    pareto_front,
    risk_dominance,
)
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.streams import seed_keys, uniform
from gametheory.testing import bimatrix_games, normal_forms


def test_risk_against_payoff() -> None:
    """Aumann, *Nash equilibria are not self-enforcing*, 1990: (9, 9) pays more, (7, 7) risks less."""
    game = NormalForm.bimatrix([[9, 0], [8, 7]], [[9, 8], [0, 7]], actions=["cd", "cd"])
    found = risk_dominance(game, ("c", "c"), ("d", "d"))
    assert found.products == (1, 49)
    assert found.dominant == ("d", "d")
    equilibria = vertex_enumeration(game).profiles
    both = compare_equilibria(game, equilibria)
    best = equilibria[both.payoff_dominant or 0]
    safe = equilibria[both.risk_dominant if both.risk_dominant is not None else -1]
    assert [s.tolist() for s in best] == [[1, 0], [1, 0]]
    assert [s.tolist() for s in safe] == [[0, 1], [0, 1]]
    assert both.pareto_efficient == (both.payoff_dominant,)


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(1, 5), st.integers(1, 5))
def test_risk_dominance_in_symmetric_games_is_the_better_answer_to_a_coin(
    a: int, d: int, first: int, second: int
) -> None:
    table = np.array([[a, d - second], [a - first, d]], dtype=object)
    found = risk_dominance(NormalForm.bimatrix(table, table.T), ("1", "1"), ("2", "2"))
    top, bottom = table.sum(axis=1)
    expected = ("1", "1") if top > bottom else ("2", "2")
    assert found.dominant == (None if top == bottom else expected)


def test_risk_dominance_refuses_what_it_cannot_compare() -> None:
    game = load("chicken")
    with pytest.raises(GameError, match="strict equilibria"):
        risk_dominance(game, ("swerve", "swerve"), ("straight", "straight"))
    with pytest.raises(UnknownName):
        risk_dominance(game, ("swerve", "left"), ("straight", "swerve"))
    with pytest.raises(GameError, match="two agents"):
        risk_dominance(load("minority"), "111", "222")


@given(normal_forms(agents=(1, 3), max_actions=3))
def test_the_pareto_front_by_comparing_all_pairs(game: NormalForm) -> None:
    cells = list(np.ndindex(*game.shape))
    rows = [game.payoffs[(slice(None), *cell)].tolist() for cell in cells]

    def improves(one: list[Fraction], other: list[Fraction]) -> bool:
        return one != other and all(a >= b for a, b in zip(one, other, strict=True))

    expected = [
        cell for cell, row in zip(cells, rows, strict=True) if not any(improves(r, row) for r in rows)
    ]
    assert list(map(tuple, pareto_front(game).tolist())) == expected


@settings(max_examples=80)
@given(bimatrix_games(max_actions=3), st.integers(-1, 1))
def test_prices_by_their_definition(game: NormalForm, sign: int) -> None:
    moved = NormalForm(game.payoffs + sign * 25) if sign else game
    found = vertex_enumeration(moved)
    facts = compare_equilibria(moved, found.profiles)
    sums = [sum(values) for values in found.values]
    best = max(moved.payoffs.sum(axis=0).ravel())
    assert facts.best_welfare == best
    if sign > 0:
        assert facts.price_of_anarchy == best / min(sums)
    if sign < 0:
        assert facts.price_of_stability == max(sums) / best
    if facts.price_of_anarchy is None or facts.price_of_stability is None:
        assert min(sums) <= 0 <= best
    else:
        assert facts.price_of_anarchy >= facts.price_of_stability >= 1


def test_floats_that_differ_by_rounding_are_equal() -> None:
    table = uniform(seed_keys(1, 3), 0, 3)
    game = NormalForm.bimatrix(table + np.diag([1e-14, 0, 0]) + 9 * np.eye(3))
    profile = vertex_enumeration(game).profiles[0]
    facts = compare_equilibria(game, [profile, profile])
    assert facts.payoff_dominant is None
    assert facts.pareto_efficient == (0, 1)


def test_only_equilibria_are_described() -> None:
    game = load("prisoners-dilemma")
    with pytest.raises(GameError, match="no equilibrium: agent"):
        describe_equilibrium(game, [[1, 0], [0, 1]])
    with pytest.raises(GameError, match="at least one"):
        compare_equilibria(game, [])
