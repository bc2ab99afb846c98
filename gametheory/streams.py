"""Counter-based random numbers: one independent stream per row of a batch.

Draw ``t`` of row ``b`` is a hash of ``(key_b, t, column)`` and of nothing else, so row b is the
same whatever the batch size, the order of calls or the machine. The hash is two rounds of the
splitmix64 finaliser (Steele, Lea & Flood, OOPSLA 2014).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Keys = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_COLUMN = np.uint64(0xD1B54A32D192ED03)


def _mix(z: Keys) -> Keys:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def seed_keys(seed: int, count: int, start: int = 0) -> Keys:
    """``[count]`` keys, one per row: rows ``start … start+count−1`` of the family ``seed``."""
    rows = np.arange(start, start + count, dtype=np.uint64)
    return derive(np.full(count, seed % 2**64, dtype=np.uint64), rows)


def derive(keys: Keys, label: ArrayLike) -> Keys:
    """New keys from old ones: hash of (key, label), with label a number or ``[B]``."""
    tags = np.asarray(label).astype(np.uint64)
    with np.errstate(over="ignore"):
        return _mix(_mix(keys + _GOLDEN) + (tags + np.uint64(1)) * _GOLDEN)


def uniform(keys: Keys, draw: ArrayLike, columns: int) -> NDArray[np.float64]:
    """``[B, columns]`` uniform numbers in [0, 1) for draw number ``draw`` (a number or ``[B]``)."""
    with np.errstate(over="ignore"):
        rows = derive(keys, draw)[:, None] + np.arange(1, columns + 1, dtype=np.uint64) * _COLUMN
        return (_mix(rows) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _open_uniform(keys: Keys, draw: ArrayLike, columns: int) -> NDArray[np.float64]:
    """Uniform numbers in the open interval (0, 1): the midpoints of 2^52 cells."""
    return np.floor(uniform(keys, draw, columns) * 2.0**52) * 2.0**-52 + 2.0**-53


def normal(keys: Keys, draw: ArrayLike, columns: int) -> NDArray[np.float64]:
    """``[B, columns]`` standard normal numbers, by inversion of ``uniform``."""
    from scipy.special import ndtri  # here, because a cold start need not wait for scipy

    return np.asarray(ndtri(_open_uniform(keys, draw, columns)))


def gumbel(keys: Keys, draw: ArrayLike, columns: int) -> NDArray[np.float64]:
    """``[B, columns]`` standard Gumbel numbers, ``−log(−log u)``."""
    return -np.log(-np.log(_open_uniform(keys, draw, columns)))


def categorical(cumulative: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.intp]:
    """Index drawn from each row of cumulative weights ``[B, K]`` by the uniform number ``u[B]``.

    Row weights may be unnormalised; an outcome of weight 0 is never drawn.
    """
    target = u * cumulative[:, -1]
    return np.asarray((cumulative <= target[:, None]).sum(axis=1), dtype=np.intp)
