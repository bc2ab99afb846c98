import itertools
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory.certify import Kind, certify
from gametheory.errors import GameError, LimitReached
from gametheory.files.nfg import read_nfg
from gametheory.normal_form import NormalForm
from gametheory.solvers.clock import Clock
from gametheory.solvers.enumeration.components import maximal_nash_subsets
from gametheory.solvers.scaling import to_integer_table
from gametheory.solvers.vertex_enumeration import by_double_description, vertex_enumeration
from gametheory.streams import seed_keys, uniform

GAMES = Path(__file__).parents[3] / "shared" / "games"
Matrix = list[list[Fraction]]
Strategy = tuple[Fraction, ...]


def as_set(game: NormalForm) -> set[tuple[Strategy, ...]]:
    return {tuple(map(tuple, profile)) for profile in vertex_enumeration(game).profiles}


# An oracle that shares no code: every basis of the best-response polyhedron by Gauss's method.


def solve_square(rows: Matrix, right: list[Fraction]) -> list[Fraction] | None:
    rows = [[*map(Fraction, row), Fraction(b)] for row, b in zip(rows, right, strict=True)]
    for column in range(len(rows)):
        pivot = next((r for r in range(column, len(rows)) if rows[r][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for r in range(len(rows)):
            if r != column and rows[r][column]:
                rows[r] = [a - rows[r][column] * b for a, b in zip(rows[r], rows[column], strict=True)]
    return [row[-1] for row in rows]


def vertices(losses: Matrix) -> set[Strategy]:
    """Vertices x of ``{(x, v): x in the simplex, v ≥ Σ_i losses[i][j] x_i}``."""
    count, others = len(losses), len(losses[0])
    tight = [[int(k == i) for k in range(count)] + [0] for i in range(count)]
    tight += [[-losses[i][j] for i in range(count)] + [1] for j in range(others)]
    found = set()
    for chosen in itertools.combinations(tight, count):
        point = solve_square([[1] * count + [0], *chosen], [Fraction(1)] + [Fraction(0)] * count)
        if point is None or min(point[:-1]) < 0:
            continue
        if all(point[-1] >= sum(losses[i][j] * point[i] for i in range(count)) for j in range(others)):
            found.add(tuple(point[:-1]))
    return found


def is_equilibrium(A: Matrix, B: Matrix, x: Strategy, y: Strategy) -> bool:
    mine = [sum(a * q for a, q in zip(row, y, strict=True)) for row in A]
    theirs = [sum(B[i][j] * x[i] for i in range(len(x))) for j in range(len(y))]
    return all(mine[i] == max(mine) for i in range(len(x)) if x[i]) and all(
        theirs[j] == max(theirs) for j in range(len(y)) if y[j]
    )


def oracle(A: Matrix, B: Matrix) -> set[tuple[Strategy, ...]]:
    transposed = [list(column) for column in zip(*A, strict=True)]
    pairs = itertools.product(vertices(B), vertices(transposed))
    return {(x, y) for x, y in pairs if is_equilibrium(A, B, x, y)}


@st.composite
def bimatrix(draw: st.DrawFn, most: int = 3) -> tuple[Matrix, Matrix]:
    """Few different payoffs, so that ties, duplicate rows and zero games are common."""
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    payoff = st.integers(0, draw(st.integers(0, 4))).map(Fraction) | st.fractions(-2, 2, max_denominator=3)
    tables = [
        draw(st.lists(st.lists(payoff, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
        for _ in range(2)
    ]
    if draw(st.booleans()):
        tables[draw(st.integers(0, 1))][-1] = tables[0][0]
    return tables[0], tables[1]


@given(bimatrix())
def test_extreme_equilibria_are_those_of_all_bases(game: tuple[Matrix, Matrix]) -> None:
    solution = vertex_enumeration(NormalForm.bimatrix(*game))
    found = [tuple(map(tuple, profile)) for profile in solution.profiles]
    assert len(set(found)) == len(found)
    assert set(found) == oracle(*game)
    assert solution.complete


@settings(max_examples=10)
@given(bimatrix(most=4))
def test_larger_games_too(game: tuple[Matrix, Matrix]) -> None:
    assert as_set(NormalForm.bimatrix(*game)) == oracle(*game)


@given(bimatrix())
def test_every_profile_is_certified_exactly_with_its_value(game: tuple[Matrix, Matrix]) -> None:
    form = NormalForm.bimatrix(*game)
    solution = vertex_enumeration(form)
    assert solution.profiles  # Nash 1950
    for profile, values in zip(solution.profiles, solution.values, strict=True):
        certificate = certify(form, profile)
        assert certificate.kind is Kind.EXACT
        assert certificate.values == values


@given(bimatrix(), st.data())
def test_components_are_maximal_and_hold_all_their_mixtures(
    game: tuple[Matrix, Matrix], data: st.DataObject
) -> None:
    form = NormalForm.bimatrix(*game)
    solution = vertex_enumeration(form)
    listed = {tuple(map(tuple, profile)) for profile in solution.profiles}
    assert set(itertools.chain(*solution.components)) == set(range(len(listed)))
    for subset in solution.components:
        sides = [{tuple(solution.profiles[k][side]) for k in subset} for side in (0, 1)]
        assert len(subset) == len(sides[0]) * len(sides[1])
        mixed = []
        for side in sides:
            weights = data.draw(st.lists(st.integers(1, 5), min_size=len(side), max_size=len(side)))
            points = [np.array(point, dtype=object) for point in side]
            mixed.append(sum(w * p for w, p in zip(weights, points, strict=True)) / Fraction(sum(weights)))
        assert certify(form, mixed).kind is Kind.EXACT
        for x, y in listed:
            if x not in sides[0]:
                assert not all((x, other) in listed for other in sides[1])
            if y not in sides[1]:
                assert not all((other, y) in listed for other in sides[0])
    assert solution.parameters["finite"] == all(len(subset) == 1 for subset in solution.components)


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=10))
def test_maximal_nash_subsets_by_trying_all(pairs: set[tuple[int, int]]) -> None:
    ordered = sorted(pairs)
    bicliques = []
    for size_u, size_v in itertools.product(range(1, 5), repeat=2):
        for us in itertools.combinations(range(4), size_u):
            for vs in itertools.combinations(range(4), size_v):
                block = set(itertools.product(us, vs))
                if block <= pairs:
                    bicliques.append(block)
    maximal = [block for block in bicliques if not any(block < other for other in bicliques)]
    expected = {tuple(sorted(ordered.index(pair) for pair in block)) for block in maximal}
    assert set(maximal_nash_subsets(ordered)) == expected


positive = st.fractions(Fraction(1, 10**6), 10**6)
shift = st.fractions(-(10**6), 10**6)


@given(bimatrix(), positive, shift, positive, shift)
def test_positive_affine_maps_change_nothing(
    game: tuple[Matrix, Matrix], scale_1: Fraction, shift_1: Fraction, scale_2: Fraction, shift_2: Fraction
) -> None:
    A, B = (np.array(table, dtype=object) for table in game)
    mapped = NormalForm.bimatrix(A * scale_1 + shift_1, B * scale_2 + shift_2)
    assert as_set(mapped) == as_set(NormalForm.bimatrix(A, B))


@given(bimatrix())
def test_swapping_the_agents_swaps_the_equilibria(game: tuple[Matrix, Matrix]) -> None:
    A, B = (np.array(table, dtype=object) for table in game)
    assert as_set(NormalForm.bimatrix(B.T, A.T)) == {(y, x) for x, y in as_set(NormalForm.bimatrix(A, B))}


@given(bimatrix(), st.randoms(use_true_random=False))
def test_permuting_actions_permutes_the_equilibria(game: tuple[Matrix, Matrix], random: Any) -> None:
    A, B = (np.array(table, dtype=object) for table in game)
    rows, columns = list(range(A.shape[0])), list(range(A.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    permuted = NormalForm.bimatrix(A[np.ix_(rows, columns)], B[np.ix_(rows, columns)])
    expected = {
        (tuple(x[i] for i in rows), tuple(y[j] for j in columns))
        for x, y in as_set(NormalForm.bimatrix(A, B))
    }
    assert as_set(permuted) == expected


@given(bimatrix())
def test_float_games_are_solved_exactly_and_rounded(game: tuple[Matrix, Matrix]) -> None:
    A, B = (np.array(table, dtype=np.float64) for table in game)
    form = NormalForm.bimatrix(A, B)
    rounded, exact = vertex_enumeration(form), vertex_enumeration(form, exact=True)
    assert as_set(
        NormalForm.bimatrix(*([[Fraction(v) for v in row] for row in t.tolist()] for t in (A, B)))
    ) == {tuple(map(tuple, profile)) for profile in exact.profiles}
    for near, true in zip(rounded.profiles, exact.profiles, strict=True):
        for mine, theirs in zip(near, true, strict=True):
            assert mine.dtype == np.float64
            assert mine.tolist() == [float(entry) for entry in theirs]
    assert rounded.values == tuple(tuple(map(float, values)) for values in exact.values)


def test_more_than_one_word_of_labels() -> None:
    """Matching 40 actions: every non-empty set of them is the support of one equilibrium, here 3 of 40 pay."""
    table = np.zeros((40, 40), dtype=int)
    table[[0, 20, 39], [0, 20, 39]] = 1
    punished = table - 2 * (table.sum(axis=1, keepdims=True) == 0) - 2 * (table.sum(axis=0) == 0)
    found = as_set(NormalForm.bimatrix(punished, punished))
    supports = {tuple(k for k, p in enumerate(x) if p) for x, _ in found}
    expected = {s for size in (1, 2, 3) for s in itertools.combinations((0, 20, 39), size)}
    assert supports == expected
    assert all(x == y for x, y in found)


def test_more_actions_than_the_compiled_loops_take() -> None:
    """70 actions, of which 66 are strictly dominated: the equilibria of the others."""
    tables = (uniform(seed_keys(3, 1), 0, 24)[0] * 10).astype(int).reshape(2, 3, 4)
    bad = np.full((2, 3, 66), -1)
    wide = as_set(NormalForm(np.concatenate([tables, bad], axis=2)))
    assert {(x, y[:4]) for x, y in wide} == as_set(NormalForm(tables))
    assert all(not any(y[4:]) for _, y in wide)


def test_random_games_have_all_the_equilibria_of_an_independent_count() -> None:
    """Generic games have an odd number of equilibria (Wilson 1971)."""
    for size, key in itertools.product((5, 7), range(5)):
        tables = uniform(seed_keys(key, size), 0, 2 * size).reshape(2, size, size)
        solution = vertex_enumeration(NormalForm(tables))
        assert len(solution.profiles) % 2 == 1
        assert solution.parameters["finite"]


def test_needs_two_agents() -> None:
    with pytest.raises(GameError, match="two agents"):
        vertex_enumeration(NormalForm([[[[0]]], [[[0]]], [[[0]]]]))


def test_the_time_limit_ends_it() -> None:
    tables = uniform(seed_keys(1, 20), 0, 40).reshape(2, 20, 20)
    with pytest.raises(LimitReached):
        by_double_description(*(to_integer_table(table)[0] for table in tables), clock=TickClock(50))
    with pytest.raises(LimitReached):
        vertex_enumeration(NormalForm(tables[:, :6, :6]), clock=Clock(1e-9))


@pytest.mark.skipif(not GAMES.is_dir(), reason="the folder of others' game files is not beside the project")
def test_von_stengels_game_has_75_equilibria() -> None:
    """Bernhard von Stengel, New maximal numbers of equilibria in bimatrix games, 1999."""
    solution = vertex_enumeration(read_nfg(GAMES / "6x6_game_with_75_eq.nfg"))
    assert len(solution.profiles) == 75
    assert solution.parameters["finite"]


@pytest.mark.skipif(not GAMES.is_dir(), reason="the folder of others' game files is not beside the project")
def test_cases_that_other_libraries_get_wrong() -> None:
    cases = json.loads((GAMES / "hard_cases.json").read_text())["cases"]
    assert len(cases) == 16
    for case in cases:
        expected = {
            tuple(tuple(map(Fraction, own)) for own in profile)
            for profile in case["right"]["extreme_equilibria"]
        }
        assert as_set(NormalForm.bimatrix(case["A"], case["B"])) == expected, case["name"]
