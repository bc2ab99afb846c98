"""Distributions by their non-zero weights do what the same rows do spelled out."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.streams import seed_keys, uniform
from gametheory.tables.distributions import Distributions, at_rows

HALF = Fraction(1, 2)


@st.composite
def tables(draw, width=None):
    """Rows of a few numbers, many of them 0, some negative."""
    width = draw(st.integers(1, 4)) if width is None else width
    cells = st.sampled_from([0, 0, 0, 1, HALF, Fraction(-1, 3)])
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5))
    out = np.zeros((len(rows), width), dtype=object) + Fraction(0)
    for k, row in enumerate(rows):
        out[k] = row
    return out.astype(float) if draw(st.booleans()) else out


@given(tables())
def test_rows_spelled_out_are_the_table(table):
    found = Distributions.of(table)
    assert found.table().tolist() == table.tolist()
    assert [found.law(k).tolist() for k in range(len(found))] == table.tolist()
    assert np.all(found.weights != 0)
    assert found.exact == (table.dtype == object)
    for k, row in enumerate(table):
        assert found.support(k) == [(j, p) for j, p in enumerate(row.tolist()) if p > 0]
        assert found.wrong[k] == (sum(row) != 1 or min(row) < 0)


@given(st.data())
def test_rows_taken_stacked_and_compared(data):
    width = data.draw(st.integers(1, 3))
    first, second = data.draw(tables(width)), data.draw(tables(width))
    whole = Distributions.stack([Distributions.of(first), Distributions.of(second)], width + 1)
    rows = np.concatenate([first, second])
    rows = (rows if whole.exact else rows.astype(float)).tolist()
    assert whole.table().tolist() == [[*row, 0] for row in rows]
    if not rows:
        return
    a = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=6)), dtype=int)
    b = np.array(data.draw(st.permutations(a.tolist())), dtype=int)
    assert whole.take(a).table().tolist() == [[*rows[k], 0] for k in a]
    assert whole.same(a, b).tolist() == [rows[i] == rows[k] for i, k in zip(a, b, strict=True)]


@given(st.data())
def test_what_some_column_of_a_row_has(data):
    table = data.draw(tables())
    holds = np.array(
        data.draw(st.lists(st.booleans(), min_size=2 * table.shape[1], max_size=2 * table.shape[1]))
    )
    holds = holds.reshape(-1, 2)
    expected = [[any(p and h for p, h in zip(row, own, strict=True)) for own in holds.T] for row in table]
    found = Distributions.of(table).meets(holds)
    assert found.tolist() == expected
    assert at_rows(found, np.array([-1])).tolist() == [[False, False]]


def test_draws_have_the_weights():
    laws = Distributions.of(np.array([[0, 1, 0], [0.25, 0, 0.75]]))
    rows = np.tile([0, 1], 5000)
    drawn = laws.draw(rows, uniform(seed_keys(3, len(rows)), 0, 1)[:, 0])
    assert set(drawn[rows == 0].tolist()) == {1}
    share = np.mean(drawn[rows == 1] == 2)
    assert set(drawn[rows == 1].tolist()) == {0, 2}
    assert abs(share - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 5000)


def test_points_are_sure():
    assert Distributions.points(2).table().tolist() == [[1, 0], [0, 1]]
    assert not np.any(Distributions.points(3).wrong)


BAD = {
    "indptr must rise": ([0, 2], [0], [1], 2),
    "indptr must rise from 0": ([1, 1], [], [], 2),
    r"columns must lie in 0 … 1": ([0, 1], [2], [1], 2),
    "columns must increase within a row": ([0, 2], [1, 1], [HALF, HALF], 2),
    r"weights\[0\] is nan": ([0, 1], [0], [float("nan")], 2),
}


@pytest.mark.parametrize("message", BAD)
def test_arrays_that_are_no_rows_are_refused(message):
    with pytest.raises(GameError, match=message):
        Distributions(*BAD[message])


def test_what_would_not_fit_is_not_spelled_out():
    many = Distributions.points(100_000)
    with pytest.raises(GameError, match="10,000,000,000 cells"):
        many.table()
    assert many.law(99_999)[-1] == 1
