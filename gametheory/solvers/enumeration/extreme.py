"""From the payoffs to all extreme equilibria, by the compiled enumeration of both polytopes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from gametheory.errors import LimitReached
from gametheory.numerics import Array
from gametheory.solvers.clock import Clock
from gametheory.solvers.enumeration.answer import Extreme, Weights
from gametheory.solvers.enumeration.closure import is_closed
from gametheory.solvers.enumeration.explore import PAUSED, STUCK, explore, fill
from gametheory.solvers.enumeration.matching import labelled_pairs
from gametheory.solvers.enumeration.tables import (
    SUPPORT,
    TIGHT,
    Listing,
    Table,
    doubled,
    polytope,
    start,
    table_of,
    work_for,
)

ROOM = 1024
"""Bases a list has room for at first, a power of two."""

SLICE = 2**20
"""Work between two looks at the clock, in bases times entries of M: about a hundredth of a second."""

MEMORY = 2**32
"""Bytes that one list of bases may take."""

GRACE = (0.25, 1.0)
"""Seconds for computing equilibria among what is known when a limit is reached, at least and at most; between them a
quarter of the time spent, for what is known grows with it. Ordering them takes as long."""


def extreme_equilibria(first: Array, second: Array, clock: Clock) -> Extreme | None:
    """Extreme equilibria, all of them unless a limit is reached; None where floats lead astray.

    Args:
        first: ``[m, n]`` Python ints, the first agent's payoffs times a positive number.
        second: the second agent's.
        clock: its time limit is kept and its progress called.

    Raises:
        LimitReached: time or memory ran out before any equilibrium was found.
    """
    matrices = polytope(second), polytope(first.T)
    tables = table_of(matrices[0]), table_of(matrices[1])
    listings = [start(table, ROOM) for table in tables]
    found, missing = Extreme({}, {}, []), ""
    _solve(matrices, listings, found, clock)  # nothing yet: what is compiled is loaded before time is short
    try:
        if not _explore(tables, listings, clock):
            return None
        _solve(matrices, listings, found, clock)
    except LimitReached as limit:
        listed, explored = (sum(int(listing.ends[k]) for listing in listings) for k in (0, 1))
        missing = f"{limit}; {explored} of at least {listed} vertices were searched"
        if not found.pairs:
            with suppress(LimitReached):
                _solve(matrices, listings, found, Clock(min(max(GRACE[0], clock.elapsed / 4), GRACE[1])))
        if not found.pairs:
            raise LimitReached(missing) from None
    return replace(found, missing=missing)


def _explore(tables: tuple[Table, Table], listings: list[Listing], clock: Clock) -> bool:
    """List the bases of both polytopes; False if that fails.

    The two take turns, so that partners are met early.

    Raises:
        LimitReached: time or memory ran out; ``listings`` are what was found by then.
    """
    works = [(work_for(table), work_for(table)) for table in tables]
    states = [PAUSED, PAUSED]
    while PAUSED in states:
        for side in (0, 1):
            if states[side] == PAUSED:
                listings[side] = _with_room(listings[side], tables[side])
                states[side] = explore(
                    tables[side], listings[side], *works[side], SLICE // tables[side].floats.size
                )
            if states[side] == STUCK:
                return False
        listed, explored = (sum(int(listing.ends[k]) for listing in listings) for k in (0, 1))
        clock.tick(explored, listed, f"{listed} vertices")
    return all(map(_complete, tables, listings))


def _with_room(listing: Listing, table: Table) -> Listing:
    if int(listing.ends[0]) + len(table.bits) > len(listing.edges):
        if 2 * sum(words.nbytes for words in listing) > MEMORY:
            raise LimitReached(f"the list of vertices would take more than {MEMORY // 2**20} MiB")
        listing = doubled(listing)
        fill(listing)
    return listing


def _complete(table: Table, listing: Listing) -> bool:
    """All listed bases have been found feasible, and all edges lead back into the list."""
    listed, explored = listing.ends.tolist()
    sets, edges = listing.sets[:listed], listing.edges[:listed]
    return listed == explored and bool(is_closed(sets, edges, len(table.bits)))


def _solve(matrices: tuple[Array, Array], listings: list[Listing], found: Extreme, clock: Clock) -> None:
    """Put the equilibria among explored bases into ``found``.

    Raises:
        LimitReached: the clock ran out; those found by then are there.
    """
    columns = [matrix.T.tolist() for matrix in matrices]
    for part in labelled_pairs(listings[0], listings[1], clock):
        for u, v in part.tolist():
            clock.tick()
            if u not in found.first:
                found.first[u] = _point(columns[0], listings[0], u)
            if v not in found.second:
                found.second[v] = _point(columns[1], listings[1], v)
            found.pairs.append((u, v))


def _point(columns: list[list[int]], listing: Listing, place: int) -> Weights:
    """The point of a basis times its denominator, exactly; ``columns`` are those of M."""
    from flint import fmpz_mat

    rows, tight = (_members(int(listing.sets[place, which])) for which in (SUPPORT, TIGHT))
    square: Any = fmpz_mat([[columns[j][i] for i in rows] for j in tight])
    numerators, _ = square.solve(fmpz_mat(len(rows), 1, [1] * len(rows))).numer_denom()
    weights = [0] * len(columns[0])
    for i, numerator in zip(rows, numerators.entries(), strict=True):
        weights[i] = int(numerator)
    return weights


def _members(bits: int) -> list[int]:
    return [k for k in range(bits.bit_length()) if bits >> k & 1]
