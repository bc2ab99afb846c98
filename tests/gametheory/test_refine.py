"""Refinements of equilibria: indices, perfection, evolutionary stability."""

import itertools
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.catalogue import entry
from gametheory.errors import GameError
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.refine import (
    describe_equilibrium,
    equilibrium_index,
    evolutionarily_stable,
    stability,
)
from gametheory.solvers.pure import pure_joint_actions
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.testing import bimatrix_games, normal_forms


def pure(game: NormalForm, *labels: str) -> list[list[int]]:
    return [[int(a == label) for a in own] for own, label in zip(game.actions, labels, strict=True)]


def determinant(rows: list[list[Fraction]]) -> Fraction:
    """Leibniz' formula."""
    size = len(rows)
    total = Fraction(0)
    for order in itertools.permutations(range(size)):
        inversions = sum(order[i] > order[j] for i in range(size) for j in range(i + 1, size))
        product = Fraction((-1) ** inversions)
        for i, j in enumerate(order):
            product *= rows[i][j]
        total += product
    return total


@settings(max_examples=100)
@given(bimatrix_games(max_actions=4, payoffs=st.integers(-50, 50).map(Fraction)))
def test_the_index_is_shapleys_and_adds_up_to_one(game: NormalForm) -> None:
    """Shapley 1974: ``(−1)^(k+1) sign det A_SS det B_SS`` for positive payoffs and supports of size k."""
    found = vertex_enumeration(game)
    indices = [equilibrium_index(game, profile) for profile in found.profiles]
    for profile, index in zip(found.profiles, indices, strict=True):
        if index is None:
            continue
        rows, columns = (np.flatnonzero(strategy) for strategy in profile)
        assert len(rows) == len(columns)
        one, other = (
            determinant((own - own.min() + 1)[np.ix_(rows, columns)].tolist()) for own in game.payoffs
        )
        assert index == (-1) ** (len(rows) + 1) * (1 if one * other > 0 else -1)
    if None not in indices:
        assert sum(index for index in indices if index is not None) == 1


def test_indices_of_a_game_of_three_add_up_to_one() -> None:
    known = entry("mckelvey-mclennan").equilibria
    assert known is not None
    indices = [equilibrium_index(load("mckelvey-mclennan"), profile) for profile in known]
    assert len(indices) == 9
    assert None not in indices
    assert sum(index or 0 for index in indices) == 1


def test_rounding_does_not_change_what_is_said() -> None:
    game = load("chicken")
    mixed = [[2 / 3, 1 / 3], [2 / 3, 1 / 3]]
    rounded, exact = (describe_equilibrium(game, p) for p in (mixed, [["2/3", "1/3"]] * 2))
    assert (rounded.index, rounded.perfect, rounded.evolutionarily_stable) == (-1, True, True)
    assert (exact.index, exact.perfect, exact.evolutionarily_stable) == (-1, True, True)
    assert rounded.supports == exact.supports == rounded.best_responses


@settings(max_examples=80)
@given(st.one_of(bimatrix_games(max_actions=3), normal_forms(agents=3, max_actions=2)))
def test_how_refinements_imply_each_other(game: NormalForm) -> None:
    one_hot = [
        [[Fraction(int(a == k)) for k in range(count)] for a, count in zip(joint, game.shape, strict=True)]
        for joint in pure_joint_actions(game)
    ]
    profiles: list[Any] = list(vertex_enumeration(game).profiles) if len(game.agents) == 2 else one_hot
    for profile in profiles:
        facts = describe_equilibrium(game, profile)
        assert facts.strict <= facts.quasi_strict
        assert facts.strict <= facts.pure
        if facts.strict:
            assert facts.index == 1
            assert facts.perfect
        if facts.regular:
            assert facts.perfect
        if facts.perfect:
            assert all(facts.undominated)
        if facts.evolutionarily_stable:
            assert facts.perfect  # even proper (van Damme 1991, chapter 9)
        if facts.improvement is not None:
            place = tuple(own.index(a) for own, a in zip(game.actions, facts.improvement, strict=True))
            gains = [p - v for p, v in zip(game.payoffs[(slice(None), *place)], facts.values, strict=True)]
            assert min(gains) >= 0
            assert max(gains) > 0


def test_an_imperfect_equilibrium() -> None:
    """Selten's chain store in one market: deterrence rests on a weakly dominated threat."""
    game = load("entry-deterrence")
    threat = describe_equilibrium(game, pure(game, "out", "fight"))
    assert threat.undominated == (True, False)
    assert threat.perfect is False
    assert threat.index is None
    assert any("component" in note for note in threat.notes)
    entry = describe_equilibrium(game, pure(game, "enter", "accommodate"))
    assert entry.strict
    assert entry.perfect
    assert entry.evolutionarily_stable is None


def test_perfection_of_three_is_left_open_where_it_is_open() -> None:
    game = NormalForm(np.zeros((3, 2, 2, 2)))
    assert describe_equilibrium(game, [[1, 0]] * 3).perfect is None
    assert describe_equilibrium(game, [[0.5, 0.5]] * 3).perfect


def cone_minimum(table: Array, support: list[int], best: list[int]) -> float:
    """Least ``−zᵀ A z`` over unit z with ``Σz = 0``, ``z ≥ 0`` on best responses not played: by sampling."""
    unplayed = [k for k in best if k not in support]
    matrix = table.astype(float)
    if len(best) == 2:
        directions = [np.array([1.0, -1.0]), np.array([-1.0, 1.0])]
    else:
        angles = np.linspace(0, 2 * np.pi, 7201)
        basis = np.array([[1, -1, 0], [1, 1, -2]]) / np.sqrt([[2], [6]])
        directions = list(np.stack([np.cos(angles), np.sin(angles)], axis=1) @ basis)
    least = np.inf
    for direction in directions:
        z = np.zeros(len(matrix))
        z[best] = direction
        if all(z[k] >= -1e-9 for k in unplayed):
            least = min(least, -z @ matrix @ z)
    return float(least)


@settings(max_examples=150)
@given(st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=3, max_size=3))
def test_evolutionary_stability_by_sampling_mutants(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=object)
    game = NormalForm.bimatrix(table, table.T)
    for first, second in vertex_enumeration(game).profiles:
        if first.tolist() != second.tolist():
            continue
        facts = describe_equilibrium(game, (first, second))
        support = [game.actions[0].index(a) for a in facts.supports[0]]
        best = [game.actions[0].index(a) for a in facts.best_responses[0]]
        assert evolutionarily_stable(game, first) == facts.evolutionarily_stable
        if len(best) == 1:
            assert facts.evolutionarily_stable
        else:
            assert facts.evolutionarily_stable == (cone_minimum(table, support, best) > 1e-5)


@pytest.mark.parametrize(("win", "stable"), [(Fraction(3, 2), True), (1, False), (Fraction(1, 2), False)])
def test_rock_paper_scissors_by_what_a_win_is_worth(win: Fraction, stable: bool) -> None:
    """Where ``Σz = 0``, ``zᵀ A z = (win − 1) (z1 z2 + z2 z3 + z3 z1) = (1 − win) |z|² / 2``."""
    table = np.array([[0, -1, win], [win, 0, -1], [-1, win, 0]], dtype=object)
    game = NormalForm.bimatrix(table, table.T)
    assert evolutionarily_stable(game, ["1/3"] * 3) is stable


def test_stable_strategies_of_hawk_and_dove() -> None:
    """Maynard Smith & Price 1973: with prize 2 and cost 6, hawk with probability 1/3 and nothing else."""
    game = load("hawk-dove")
    assert evolutionarily_stable(game, ["1/3", "2/3"])
    assert evolutionarily_stable(game, [1, 0]) is False  # no equilibrium against itself
    with pytest.raises(GameError, match="needs two agents"):
        evolutionarily_stable(load("battle-of-the-sexes"), [1, 0])


def test_too_many_unplayed_best_responses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stability, "LARGEST", 1)
    game = NormalForm(np.zeros((2, 3, 3)))
    facts = describe_equilibrium(game, [[1, 0, 0]] * 2)
    assert facts.evolutionarily_stable is None
    assert any("too many" in note for note in facts.notes)


@settings(max_examples=300)
@given(
    st.lists(st.integers(-4, 4), min_size=3, max_size=3), st.lists(st.integers(1, 6), min_size=3, max_size=3)
)
def test_strict_copositivity_of_order_three_by_hadelers_criterion(
    off: list[int], diagonal: list[int]
) -> None:
    """Hadeler, *On copositive matrices*, 1983, for positive diagonals a, b, c."""
    (x, y, z), (a, b, c) = off, diagonal  # entries (1, 2), (2, 3), (1, 3)
    roots = [sqrt(k) for k in diagonal]
    edges = x > -sqrt(a * b) and y > -sqrt(b * c) and z > -sqrt(a * c)
    inside = x * roots[2] + y * roots[0] + z * roots[1] + sqrt(a * b * c) > 1e-9
    whole = a * b * c + 2 * x * y * z - a * y * y - b * z * z - c * x * x > 0
    matrix = [[fmpq(k) for k in row] for row in ([a, x, z], [x, b, y], [z, y, c])]
    assert stability._strictly_copositive(matrix) == (edges and (inside or whole))


def test_horns_matrix_is_copositive_but_not_strictly() -> None:
    """Horn's form (Hall & Newman, *Copositive and completely positive quadratic forms*, 1963)."""
    row = [1, -1, 1, 1, -1]
    horn = [[fmpq(row[(j - i) % 5]) for j in range(5)] for i in range(5)]
    assert not stability._strictly_copositive(horn)
    for i in range(5):
        horn[i][i] += fmpq(1, 10**6)
    assert stability._strictly_copositive(horn)
