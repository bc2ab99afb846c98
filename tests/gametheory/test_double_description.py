import itertools
import math

import flint
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gametheory.errors import GameError, LimitReached
from gametheory.solvers.clock import Clock
from gametheory.solvers.double_description import Rays, extend, popcount


def orthant(dimension: int, words: int) -> Rays:
    zeros = np.zeros((dimension, words), dtype=np.uint64)
    for ray, label in itertools.product(range(dimension), repeat=2):
        if ray != label:
            zeros[ray, label // 64] |= np.uint64(1 << label % 64)
    return Rays(np.eye(dimension, dtype=int).astype(object), zeros)


def extreme_rays(rows: list[list[int]], dimension: int) -> set[tuple[int, ...]]:
    """All rays of ``{z ≥ 0, rows · z ≥ 0}`` that make d − 1 independent constraints tight."""
    constraints = [[int(i == j) for j in range(dimension)] for i in range(dimension)] + rows
    found = set()
    for tight in itertools.combinations(constraints, dimension - 1):
        kernel, nullity = flint.fmpz_mat([list(row) for row in tight]).nullspace()
        if nullity != 1:
            continue
        ray = [int(kernel[i, 0]) for i in range(dimension)]
        for sign in (1, -1):
            candidate = [sign * entry for entry in ray]
            if all(sum(c * z for c, z in zip(row, candidate, strict=True)) >= 0 for row in constraints):
                divisor = math.gcd(*candidate)
                found.add(tuple(entry // divisor for entry in candidate))
    return found


@given(
    st.integers(2, 5).flatmap(
        lambda d: st.tuples(
            st.just(d),
            st.lists(st.lists(st.integers(-2, 2), min_size=d, max_size=d), min_size=1, max_size=5),
        )
    ),
    st.sampled_from([0, 60, 130]),
)
@example((4, [[0, 0, 1, 0], [0, 0, -1, 1], [1, -1, 0, 1], [-1, -1, -1, 1]]), 0)  # needs the adjacency test
def test_rays_are_those_of_all_bases(cone: tuple[int, list[list[int]]], gap: int) -> None:
    dimension, rows = cone
    labels = list(range(dimension + gap, dimension + gap + len(rows)))
    rays = extend(orthant(dimension, 4), np.array(rows, dtype=object), labels, Clock())
    assert {tuple(ray) for ray in rays.vectors.tolist()} == extreme_rays(rows, dimension)
    for ray, words in zip(rays.vectors, rays.zeros, strict=True):
        bits = sum(int(word) << 64 * w for w, word in enumerate(words))
        tight = {k for k in range(dimension) if ray[k] == 0}
        tight |= {label for label, row in zip(labels, rows, strict=True) if np.dot(row, ray) == 0}
        assert bits == sum(1 << k for k in tight)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3))
def test_popcount_counts_bits(words: list[int]) -> None:
    assert popcount(np.array([words], dtype=np.uint64))[0] == sum(word.bit_count() for word in words)


def test_the_clock_reports_and_ends_the_work() -> None:
    seen: list[tuple[int, int, str]] = []
    rows = np.array([[1, -1], [-1, 2]], dtype=object)
    extend(orthant(2, 1), rows, [2, 3], Clock(progress=lambda *report: seen.append(report)))
    assert [(done, total) for done, total, _ in seen] == [(1, 2), (2, 2)]
    with pytest.raises(LimitReached, match="time limit"):
        extend(orthant(2, 1), rows, [2, 3], Clock(time_limit=1e-9))


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_time_limit_is_positive(limit: float) -> None:
    with pytest.raises(GameError, match="positive"):
        Clock(limit)
