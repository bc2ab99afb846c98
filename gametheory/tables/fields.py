"""The fields that all tabular games share: read, checked and named at the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, as_numbers, freeze


def per_state(discount: Any, states: int) -> Array:
    """A discount as ``[S]``, from one number or one per state."""
    gamma = as_numbers(discount, "discount")
    if gamma.ndim == 0:
        gamma = freeze(np.repeat(gamma[None], states))
    if gamma.shape != (states,):
        raise GameError(f"discount has shape {list(gamma.shape)}; it must be a number or [{states}]")
    bad = np.flatnonzero((gamma < 0) | (gamma > 1))
    if bad.size:
        raise GameError(f"discount[{bad[0]}] is {gamma[bad[0]]}; γ must lie in [0, 1]")
    return gamma


def mask_of(mask: Any, shape: tuple[int, ...], name: str) -> Array:
    """A read-only mask of the shape; None: all false."""
    array = np.zeros(shape, dtype=bool) if mask is None else np.array(mask, dtype=bool)
    if array.shape != shape:
        raise GameError(f"{name} has shape {list(array.shape)}; it must be {list(shape)}")
    return freeze(array)


def terminal_mask(terminal: Iterable[int], states: int) -> Array:
    """``[S]`` bool from the indices of terminal states."""
    mask = np.zeros(states, dtype=bool)
    for state in terminal:
        if not 0 <= state < states:
            raise GameError(f"terminal names state {state}; the game has states 0 … {states - 1}")
        mask[state] = True
    return freeze(mask)


def legal_sets(
    legal: Sequence[Any] | None, sizes: tuple[int, ...], counts: tuple[int, ...]
) -> tuple[Array | None, ...]:
    """Per agent None or ``[|Ω^i| + 1, A_i]`` bool; the row for ``start`` allows all unless given."""
    if legal is None:
        return (None,) * len(counts)
    if len(legal) != len(counts):
        raise GameError(f"legal has {len(legal)} entries; the game has {len(counts)} agents")
    out: list[Array | None] = []
    for i, (own, size, count) in enumerate(zip(legal, sizes, counts, strict=True)):
        if own is None:
            out.append(None)
            continue
        array = np.array(own, dtype=bool)
        if array.shape == (size, count):
            array = np.concatenate([array, np.ones((1, count), dtype=bool)])
        mask = mask_of(array, (size + 1, count), f"legal[{i}]")
        empty = np.flatnonzero(~mask.any(axis=1))
        if empty.size:
            raise GameError(f"legal[{i}][{empty[0]}] allows no action; every observation needs one")
        out.append(mask)
    return tuple(out)


def names(labels: Sequence[str] | None, count: int, name: str) -> tuple[str, ...]:
    """Labels as given, or the numbers from 1."""
    out = tuple(labels) if labels is not None else tuple(str(k + 1) for k in range(count))
    if len(out) != count:
        raise GameError(f"{name} has {len(out)} names; the game has {count}")
    return out


def name_sets(
    labels: Sequence[Sequence[str]] | None, counts: Sequence[int], name: str
) -> tuple[tuple[str, ...], ...]:
    """One tuple of labels per agent."""
    sets = [None] * len(counts) if labels is None else list(labels)
    if len(sets) != len(counts):
        raise GameError(f"{name} has {len(sets)} entries; the game has {len(counts)} agents")
    return tuple(
        names(own, count, f"{name}[{i}]") for i, (own, count) in enumerate(zip(sets, counts, strict=True))
    )
