"""Small exact linear-quadratic games for tests."""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from gametheory.continuous.lq import LinearQuadraticGame

TENTHS = st.integers(-10, 10).map(lambda k: Fraction(k, 10))


def _array(draw, rows, columns):
    out = np.empty((rows, columns), dtype=object)
    out[:] = [[draw(TENTHS) for _ in range(columns)] for _ in range(rows)]
    return out


@st.composite
def lq_games(draw, agents=(1, 3), dimensions=(1, 2)):
    """Costs that are nowhere negative; the state would stay bounded if nobody acted."""
    count, n = draw(st.integers(*agents)), draw(st.integers(*dimensions))
    sizes = [draw(st.integers(1, 2)) for _ in range(count)]
    roots = [_array(draw, n, n) for _ in range(count)]
    weights = [draw(st.integers(1, 5)) for _ in range(count)]

    def costs(i, j, size):
        own = np.eye(size, dtype=int) * weights[i]
        return own if i == j else own * Fraction(draw(st.integers(0, 3)), 10)

    return LinearQuadraticGame(
        _array(draw, n, n) / n,
        [_array(draw, n, size) for size in sizes],
        [root.T @ root for root in roots],
        [[costs(i, j, size) for j, size in enumerate(sizes)] for i in range(count)],
        Fraction(9, 10),
        noise=np.eye(n, dtype=int) * Fraction(1, 10),
        final=[root @ root.T for root in roots],
    )


def as_exact(rows):
    """A matrix of rationals."""
    out = np.empty(np.shape(rows), dtype=object)
    out[:] = [[Fraction(entry) for entry in row] for row in rows]
    return out


def points(solution):
    """Every profile's gains in one vector of floats."""
    return [np.concatenate([np.ravel(own) for own in profile]).astype(float) for profile in solution.profiles]
