import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.numerics import (
    as_numbers,
    check_simplex,
    is_exact,
    parse_rational,
    to_floats,
    to_fractions,
    to_integers,
)

shapes = st.lists(st.integers(1, 3), min_size=1, max_size=3)


@given(st.data(), shapes)
def test_a_bad_entry_is_named_by_its_index(data, shape):
    entries = np.zeros(shape, dtype=object)
    index = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
    entries[index] = data.draw(
        st.sampled_from(
            [True, np.True_, None, "x", "1/0", math.nan, np.float32("nan"), math.inf, -math.inf, 1j, {}, b"1"]
            if data.draw(st.booleans())
            else [1e301, 10**301, "1e301", 10**6000]
        )
    )
    with pytest.raises(GameError) as caught:
        as_numbers(entries, "table")
    assert str(caught.value).startswith(f"table[{', '.join(map(str, index))}] is ")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("ragged", [[[1, 2], [3]], [[[1, 2]], [[1], [2]]], [1, [2]], [[1], 2], [[1], []]])
def test_ragged_rows_are_refused(ragged):
    with pytest.raises(GameError, match=r"^table"):
        as_numbers(ragged, "table")


@given(st.lists(st.one_of(st.integers(-(10**30), 10**30), st.fractions()), min_size=1))
def test_rationals_stay_exact(entries):
    array = as_numbers(entries, "entries")
    assert is_exact(array)
    assert array.tolist() == entries
    assert all(type(entry) is Fraction for entry in array)


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.floats(-1e300, 1e300))
def test_one_float_makes_all_floats(entries, last):
    array = as_numbers([*entries, last], "entries")
    assert array.dtype == np.float64
    assert array.tolist() == [*map(float, entries), last]


@given(st.fractions())
def test_text_spells_the_rational_it_spells(value):
    assert as_numbers([str(value)], "text")[0] == value


@given(st.decimals(-(10**9), 10**9, allow_nan=False))
def test_decimals_are_read_exactly(value):
    """Against the standard library's decimals, which share no code with ours."""
    assert parse_rational(str(value)) == Fraction(value)
    assert parse_rational(f"{value:e}") == Fraction(Decimal(f"{value:e}"))


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1/", "/2", "1/-2", "1_0", "0x1", "1e", "e1", "1/2e3", "１", "1 2"]
)
def test_other_text_is_no_number(text):
    with pytest.raises(GameError, match="not a number"):
        parse_rational(text)


@pytest.mark.parametrize("text", ["1e999999999999", "-1e5000", "1e301", "9" * 5000, "0." + "0" * 5000])
def test_numbers_too_long_or_too_large_are_refused_at_once(text):
    with pytest.raises(GameError, match=r"out of range|too long"):
        parse_rational(text)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1))
def test_a_float_is_the_binary_rational_it_is(entries):
    exact = to_fractions(as_numbers(entries, "entries"))
    assert [entry.as_integer_ratio() for entry in exact] == [entry.as_integer_ratio() for entry in entries]
    assert to_floats(exact).tolist() == entries


@given(st.lists(st.fractions(), min_size=1))
def test_integers_are_proportional_and_coprime(values):
    integers = to_integers(values)
    assert all(a * y == b * x for a, x in zip(integers, values) for b, y in zip(integers, values))  # noqa: B905
    assert all((a > 0) - (a < 0) == (x > 0) - (x < 0) for a, x in zip(integers, values, strict=True))
    assert math.gcd(*integers) == (1 if any(values) else 0)


def test_arrays_at_the_door_are_copies_and_read_only():
    given_array = np.array([1.0, 2.0])
    array = as_numbers(given_array, "array")
    given_array[0] = 7
    assert array[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 3


@given(st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(any), min_size=1))
def test_distributions_pass_and_others_are_named(weights):
    rows = as_numbers([[Fraction(w, sum(row)) for w in row] for row in weights], "rows")
    check_simplex(rows, "rows")
    check_simplex(to_floats(rows), "rows")
    last = len(weights) - 1
    wrong = rows.copy()
    wrong[last, 0] += Fraction(1, 10**12)
    with pytest.raises(GameError, match=rf"rows\[{last}\] must be a distribution"):
        check_simplex(wrong, "rows")
    check_simplex(to_floats(wrong), "rows")  # within rounding
    wrong[last, 0] -= 2
    with pytest.raises(GameError, match=rf"rows\[{last}, 0\] is -.*at least 0"):
        check_simplex(wrong, "rows")


def test_a_law_over_nothing_is_no_distribution() -> None:
    with pytest.raises(GameError, match=r"O\[0\] must be a distribution; it sums to 0"):
        check_simplex(np.zeros((1, 0)), "O")
