"""The compiled enumeration against double description, which shares none of its steps, and its proofs."""

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory.certify import Kind, certify
from gametheory.errors import LimitReached
from gametheory.files.nfg import read_nfg
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solvers.enumeration import extreme
from gametheory.solvers.enumeration.answer import Extreme, distribution, in_order
from gametheory.solvers.enumeration.extreme import extreme_equilibria
from gametheory.solvers.enumeration.small import small_equilibria
from gametheory.solvers.scaling import to_integer_table
from gametheory.solvers.vertex_enumeration import by_double_description, vertex_enumeration
from gametheory.streams import seed_keys, uniform

GAMES = Path(__file__).parents[3] / "shared" / "games"
beside = pytest.mark.skipif(
    not GAMES.is_dir(), reason="the folder of others' game files is not beside the project"
)

few = st.integers(0, 2)
many = st.integers(-99, 99)
kinds = {
    "few": few,
    "many": many,
    "large": st.integers(-(10**30), 10**30),
    "beyond 32 bits": st.integers(-(2**31) - 2, -(2**31) + 2) | st.integers(2**31 - 2, 2**31 + 2),
    "floats": st.floats(0, 1, allow_subnormal=False).map(lambda v: int(v * 2**60)),
    "nearly tied": st.builds(lambda a, b: a * 10**30 + b, few, st.integers(-1, 1)),
    "all scales": st.builds(lambda a, e: a * 10**e, few, st.sampled_from([0, 9, 18])),
}


def tables(kind: str, rows: int, columns: int) -> st.SearchStrategy[Array]:
    entries = st.lists(kinds[kind], min_size=rows * columns, max_size=rows * columns)
    return entries.map(lambda flat: np.array(flat, dtype=object).reshape(rows, columns))


def games(names: list[str], most: int = 6) -> st.SearchStrategy[tuple[str, Array, Array]]:
    shapes = st.tuples(st.sampled_from(names), st.integers(1, most), st.integers(1, most))
    return shapes.flatmap(lambda shape: st.tuples(st.just(shape[0]), tables(*shape), tables(*shape)))


def random_tables(rows: int, columns: int, key: int, below: int = 2**53) -> Array:
    flat = uniform(seed_keys(key, 1), 0, 2 * rows * columns)[0]
    return np.array([int(v * below) for v in flat], dtype=object).reshape(2, rows, columns)


def profiles(found: Extreme) -> list[tuple[tuple[Fraction, ...], ...]]:
    ours, theirs, pairs = in_order(found)
    return [(tuple(distribution(ours[u], True)), tuple(distribution(theirs[v], True))) for u, v in pairs]


def as_list(solution: Solution) -> list[tuple[tuple[Fraction, ...], ...]]:
    return [tuple(map(tuple, profile)) for profile in solution.profiles]


def compiled(first: Array, second: Array) -> list[tuple[tuple[Fraction, ...], ...]]:
    found = extreme_equilibria(first, second, Clock())
    assert found is not None
    assert not found.missing
    return profiles(found)


@given(games(["few", "many"]))
def test_equilibria_are_those_of_double_description(game: tuple[str, Array, Array]) -> None:
    _, first, second = game
    right = profiles(by_double_description(first, second, Clock()))
    assert compiled(first, second) == right
    assert profiles(small_equilibria(first, second, Clock())) == right


@given(games(["large", "beyond 32 bits", "floats", "nearly tied", "all scales"]))
def test_what_floats_cannot_tell_apart_is_right_or_left_to_others(game: tuple[str, Array, Array]) -> None:
    kind, first, second = game
    found = extreme_equilibria(first, second, Clock())
    event(f"{kind}: {'answered' if found else 'left'}")
    right = profiles(by_double_description(first, second, Clock()))
    assert profiles(small_equilibria(first, second, Clock())) == right
    if found:
        assert profiles(found) == right


@pytest.mark.parametrize(
    ("rows", "columns", "below"),
    [(9, 9, 2**53), (9, 9, 10), (8, 9, 3), (9, 8, 2), (3, 50, 2**53), (60, 2, 6)],
)
def test_larger_games_too(rows: int, columns: int, below: int) -> None:
    first, second = random_tables(rows, columns, rows * columns, below)
    assert compiled(first, second) == profiles(by_double_description(first, second, Clock()))


def test_payoffs_that_floats_cannot_tell_apart_in_a_larger_game() -> None:
    coarse, fine = random_tables(8, 8, 1, 3), random_tables(8, 8, 2, 3)
    first, second = coarse * 10**30 + fine
    assert extreme_equilibria(first, second, Clock()) is None
    solution = vertex_enumeration(NormalForm([first, second]))
    assert solution.complete
    assert as_list(solution) == profiles(by_double_description(first, second, Clock()))


@pytest.mark.parametrize("size", [10, 12])
def test_generic_games_have_an_odd_number_of_equilibria(size: int) -> None:
    """Wilson, SIAM Journal on Applied Mathematics 21, 1971."""
    for key in range(3):
        form = NormalForm(random_tables(size, size, key) * Fraction(1, 2**53))
        solution = vertex_enumeration(form)
        assert solution.complete
        assert len(solution.profiles) % 2 == 1
        assert all(certify(form, profile).kind is Kind.EXACT for profile in solution.profiles)


@pytest.mark.parametrize("power", [-40, 40])
def test_scaling_floats_by_powers_of_two_changes_nothing(power: int) -> None:
    table = uniform(seed_keys(5, 1), 0, 2 * 81).reshape(2, 9, 9)
    one, other = (vertex_enumeration(NormalForm(table * scale)) for scale in (1.0, 2.0**power))
    assert [[own.tolist() for own in profile] for profile in one.profiles] == [
        [own.tolist() for own in profile] for profile in other.profiles
    ]
    assert [[v * 2.0**power for v in values] for values in one.values] == [list(v) for v in other.values]


@settings(max_examples=10)
@given(st.fractions(Fraction(1, 10**6), 10**6), st.fractions(-(10**6), 10**6), st.sampled_from([4, 2**53]))
def test_positive_affine_maps_change_nothing(scale: Fraction, shift: Fraction, below: int) -> None:
    table = random_tables(8, 8, 3, below)
    mapped = vertex_enumeration(NormalForm(table * scale + shift))
    assert as_list(mapped) == as_list(vertex_enumeration(NormalForm(table * Fraction(1))))


@beside
def test_von_stengels_game_has_75_equilibria() -> None:
    """Bernhard von Stengel, New maximal numbers of equilibria in bimatrix games, 1999."""
    first, second = (to_integer_table(t)[0] for t in read_nfg(GAMES / "6x6_game_with_75_eq.nfg").payoffs)
    assert len(compiled(first, second)) == 75


@beside
def test_cases_that_other_libraries_get_wrong() -> None:
    for case in json.loads((GAMES / "hard_cases.json").read_text())["cases"]:
        form = NormalForm.bimatrix(case["A"], case["B"])
        expected = {
            tuple(tuple(map(Fraction, own)) for own in profile)
            for profile in case["right"]["extreme_equilibria"]
        }
        assert set(compiled(*(to_integer_table(t)[0] for t in form.payoffs))) == expected, case["name"]


def test_a_list_that_outgrows_its_room_is_the_same_list(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = random_tables(8, 8, 7, 5)
    roomy = compiled(first, second)
    monkeypatch.setattr(extreme, "ROOM", 16)
    assert compiled(first, second) == roomy


def test_the_equilibria_found_in_time_are_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coordination on the diagonal: the pure equilibria are met first."""

    def diagonal(size: int) -> NormalForm:
        return NormalForm(random_tables(size, size, 1) + 2**55 * np.eye(size, dtype=int).astype(object))

    monkeypatch.setattr(extreme, "GRACE", (600, 600))
    form, seen = diagonal(20), list[str]()
    solution = vertex_enumeration(form, clock=TickClock(8, lambda *report: seen.append(report[2])))
    assert solution.outcome is Outcome.TIME_LIMIT
    assert not solution.complete
    assert solution.components == ()
    assert "time limit of 8 ticks" in solution.why
    assert "vertices were searched" in solution.why
    found = as_list(solution)
    assert len(set(found)) == len(found)
    assert {max(range(20), key=x.__getitem__) for x, _ in found if max(x) == 1} == set(range(20))
    for profile, values in itertools.islice(zip(solution.profiles, solution.values, strict=True), 25):
        certificate = certify(form, profile)
        assert certificate.kind is Kind.EXACT
        assert certificate.values == values
    assert any(note.endswith("vertices") for note in seen)


def test_so_are_those_found_before_memory_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extreme, "MEMORY", 2**20)
    solution = vertex_enumeration(NormalForm(np.eye(14, dtype=int) + random_tables(14, 14, 1, 1000) * 0))
    assert solution.outcome is Outcome.TIME_LIMIT
    assert "more than 1 MiB" in solution.why


def test_without_any_equilibrium_the_limit_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = np.roll(np.eye(12, dtype=int), 1, axis=1)  # the first wants to match, the second the next
    form = NormalForm([np.eye(12, dtype=int) * 9 + random_tables(12, 12, 1, 3)[0], cycle])
    monkeypatch.setattr(extreme, "MEMORY", 2**10)
    with pytest.raises(LimitReached, match="vertices were searched"):
        vertex_enumeration(form)
