"""Games whose agents choose from an interval."""

from __future__ import annotations

from gametheory.catalogue.entry import Entry, Kind
from gametheory.continuous.cournot import Cournot

ENTRIES = (
    Entry(
        name="cournot",
        title="Cournot duopoly, price 10 - Q and unit cost 1",
        source="Cournot 1838; Tirole, The Theory of Industrial Organization, 1988, section 5.4",
        build=Cournot,
        known=("3 | 3",),
        notes="q = (a - c)/3b: each reply is (9 - q)/2, and q = (9 - q)/2 gives 3.",
        tags=("continuous", "symmetric"),
        kind=Kind.CONTINUOUS,
    ),
)
