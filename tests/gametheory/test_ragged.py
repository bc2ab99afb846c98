"""Rows in flat arrays, against lists of lists."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gametheory.tables import ragged

numbers = st.one_of(
    st.fractions(max_denominator=12),
    st.fractions(),  # no common denominator of these fits into 64 bits
    st.integers(-(10**30), 10**30).map(Fraction),
)


@st.composite
def lists(draw, entries):
    """Lists of different lengths, and the same in flat arrays."""
    rows = draw(st.lists(st.lists(entries, max_size=4), max_size=6))
    return rows, ragged.starts([len(row) for row in rows]), [entry for row in rows for entry in row]


@given(lists(st.one_of(numbers, st.just(Fraction(0)))))
def test_sums_of_rationals_are_exact(case):
    rows, indptr, flat = case
    weights = np.empty(len(flat), dtype=object)
    weights[:] = flat
    assert ragged.sums(indptr, weights).tolist() == [sum(row) for row in rows]


@given(lists(st.integers(-8, 8)))
def test_sums_of_floats(case):
    rows, indptr, flat = case
    assert ragged.sums(indptr, np.array(flat, dtype=float) / 4).tolist() == [sum(row) / 4 for row in rows]


@given(lists(st.booleans()), st.data())
def test_entries_and_what_holds_of_some(case, data):
    rows, indptr, flat = case
    assert ragged.any_of(indptr, np.array(flat, dtype=bool)).tolist() == [any(row) for row in rows]
    assert ragged.rows_of_entries(indptr).tolist() == [k for k, row in enumerate(rows) for _ in row]
    asked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5)) if rows else []
    at, entry = ragged.entries(indptr, np.array(asked, dtype=np.int64))
    assert [(k, flat[m]) for k, m in zip(at, entry, strict=True)] == [
        (k, value) for k, row in enumerate(asked) for value in rows[row]
    ]
