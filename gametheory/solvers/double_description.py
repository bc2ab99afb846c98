"""Extreme rays of a polyhedral cone, in integers (Motzkin et al. 1953; Fukuda & Prodon 1996)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gametheory.numerics import Array
from gametheory.solvers.clock import Clock

Words = NDArray[np.uint64]
"""Sets of labels as bits: ``[…, W]`` with label k at bit ``k % 64`` of word ``k // 64``."""

_CHUNK = 1 << 15
"""Most words compared at once: small enough for the processor's cache."""


@dataclass(frozen=True)
class Rays:
    """The extreme rays of a pointed cone ``{z: constraints · z ≥ 0}``."""

    vectors: Array  # [R, d], coprime Python ints
    zeros: Words  # [R, W], the constraints each ray satisfies with equality

    def __len__(self) -> int:
        return len(self.vectors)


def extend(rays: Rays, constraints: Array, labels: list[int], clock: Clock) -> Rays:
    """Cut a pointed, full-dimensional cone by further constraints, exactly.

    One constraint at a time: rays on the wrong side go, and every adjacent pair of rays on
    different sides leaves the ray where its common 2-face meets the hyperplane. Constraints that
    cut off few rays come first, which keeps the cones in between small.

    Args:
        rays: extreme rays of the cone so far, with their zero sets.
        constraints: ``[C, d]`` Python ints; row c asks ``constraints[c] · z ≥ 0``.
        labels: the bit of each constraint in the zero sets.
        clock: told of every insertion.

    Raises:
        LimitReached: the clock ran out.
    """
    waiting = list(range(len(constraints)))
    while waiting:
        slacks = []
        for constraint in constraints[waiting]:
            clock.tick()
            slacks.append(rays.vectors @ constraint)  # [R]
        chosen = int(np.argmin([np.count_nonzero(slack < 0) for slack in slacks]))
        rays = _cut(rays, slacks[chosen], labels[waiting.pop(chosen)], clock)
        done = len(constraints) - len(waiting)
        clock.tick(done, len(constraints), f"{len(rays)} rays")
    return rays


def _cut(rays: Rays, slack: Array, label: int, clock: Clock) -> Rays:
    """The cone on the side ``slack ≥ 0`` of one hyperplane."""
    word, bit = label // 64, np.uint64(1 << label % 64)
    above, below = np.flatnonzero(slack > 0), np.flatnonzero(slack < 0)
    touching = rays.zeros.copy()
    touching[slack == 0, word] |= bit
    keep = np.flatnonzero(slack >= 0)
    vectors, zeros = rays.vectors[keep], touching[keep]
    if len(above) and len(below):
        left, right = _adjacent_pairs(rays, above, below, clock)
        common = rays.zeros[left] & rays.zeros[right]
        common[:, word] |= bit
        crossings = list(_crossings(rays.vectors, slack, left, right, clock))
        vectors, zeros = np.concatenate([vectors, *crossings]), np.concatenate([zeros, common])
    return Rays(vectors, zeros)


def _crossings(vectors: Array, slack: Array, left: Array, right: Array, clock: Clock) -> Iterator[Array]:
    """Where the faces spanned by (left, right) meet the hyperplane, as coprime rays."""
    for part in chunks(len(left), vectors.shape[1]):
        clock.tick()
        one, two = left[part], right[part]
        fresh = slack[one, None] * vectors[two] - slack[two, None] * vectors[one]
        yield fresh // np.gcd.reduce(fresh, axis=1)[:, None]


def _adjacent_pairs(rays: Rays, above: Array, below: Array, clock: Clock) -> tuple[Array, Array]:
    """Pairs (above, below) that span a 2-face: no third ray has all their common zeros."""
    zeros, needed = rays.zeros, rays.vectors.shape[1] - 2
    simple = popcount(zeros) == needed + 1  # then any two-face through it is cut by exactly d − 2 zeros
    pairs: list[tuple[Array, Array]] = []
    for part in chunks(len(above), len(below) * zeros.shape[1]):
        clock.tick()
        counts = popcount(zeros[above[part], None] & zeros[below])  # [P, N]
        rows, columns = np.nonzero(counts >= needed)
        left, right = above[part][rows], below[columns]
        known = simple[left] | simple[right]
        known[~known] = _span_a_face(zeros, left[~known], right[~known], clock)
        pairs.append((left[known], right[known]))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def _span_a_face(zeros: Words, left: Array, right: Array, clock: Clock) -> NDArray[np.bool_]:
    """Combinatorial adjacency test ``[C]``: only the two rays themselves contain their common zeros."""
    out = np.empty(len(left), dtype=bool)
    for part in chunks(len(left), zeros.size):
        clock.tick()
        common = (zeros[left[part]] & zeros[right[part]])[:, None]
        out[part] = ((zeros & common) == common).all(axis=2).sum(axis=1) == 2
    return out


def chunks(count: int, width: int) -> Iterator[slice]:
    """Slices of ``range(count)`` small enough that ``slice × width`` words fit in memory."""
    step = max(1, _CHUNK // max(1, width))
    return (slice(start, start + step) for start in range(0, count, step))


def popcount(sets: Words) -> NDArray[np.int64]:
    """Number of labels in each set ``[…, W]``: bits are added in pairs, nibbles, then bytes."""
    x = sets - ((sets >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    counts = (x * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return np.asarray(counts.sum(axis=-1), dtype=np.int64)
