from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.numerics import Array
from gametheory.solvers import exact_repair
from gametheory.solvers.clock import Clock
from gametheory.solvers.exact_repair import exact_optimum
from gametheory.testing import zero_sum_games

PAYOFFS = st.integers(-3, 3).map(Fraction)


def as_unit(table: Array) -> Array:
    low, high = table.min(), table.max()
    return ((table - low) / Fraction(max(1, high - low))).astype(float)


@given(zero_sum_games(max_actions=4, payoffs=PAYOFFS), st.data())
def test_whatever_it_starts_from_the_answer_is_optimal(game: object, data: st.DataObject) -> None:
    """A wrong guess at the support is found out; then enumeration answers."""
    table = np.vectorize(int, otypes=[object])(game.payoffs[0])  # type: ignore[attr-defined]
    guesses = [np.eye(count)[data.draw(st.integers(0, count - 1))] for count in table.shape]
    found = exact_optimum(table, as_unit(table), *guesses, Clock())
    assert found is not None
    x, y, value = found
    assert sum(x) == sum(y) == 1
    assert min(x) >= 0 <= min(y)
    assert min(x @ table) == value == max(table @ y)


def test_a_failed_repair_of_a_large_table_is_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], dtype=object)
    monkeypatch.setattr(exact_repair, "ENUMERABLE", 5)
    wrong, right = np.array([1.0, 0.0, 0.0]), np.full(3, 1 / 3)
    assert exact_optimum(table, as_unit(table), wrong, right, Clock()) is None
    monkeypatch.setattr(exact_repair, "REPAIRABLE", 2)
    assert exact_optimum(table, as_unit(table), right, right, Clock()) is None
