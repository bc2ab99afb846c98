"""Batches of games to draw from, and what belongs to one game of a solution."""

from math import prod

import numpy as np
from hypothesis import strategies as st

from gametheory.numerics import Array
from gametheory.solvers.batch import BatchSolution
from gametheory.streams import seed_keys, uniform


def random_batch(size: int, *shape: int, seed: int = 0) -> Array:
    return uniform(seed_keys(seed, size), 0, prod(shape)).reshape(size, *shape)


@st.composite
def integer_batches(draw: st.DrawFn, agents: int = 2, most: int = 4, high: int = 3) -> Array:
    """``[B, n, A_1, …]`` of small integers: ties everywhere."""
    shape = tuple(draw(st.integers(1, most)) for _ in range(agents))
    size = draw(st.integers(1, 4))
    count = size * agents * prod(shape)
    flat = draw(st.lists(st.integers(0, high), min_size=count, max_size=count))
    return np.array(flat).reshape(size, agents, *shape)


def row(solution: BatchSolution, b: int) -> tuple[Array, ...]:
    return tuple(own[b] for own in solution.strategies)
