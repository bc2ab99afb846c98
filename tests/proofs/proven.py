"""The converted games as Coq printed them.

Coq's nodes are merged under names, as the code saves nodes: in a terminal state all slots are empty
and the environment is on the move, and a slot that holds ⊥ or ∅, or in a state that shows ⊥ anything
at all, is empty. Merged nodes must have the same row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from written_out import Law, Listing, Row, Rows, law_of, spelled

from gametheory.posg import POSG


def aecg(answer: list, name: Callable[[Any, Any], str]) -> Listing:
    """An AECG as ``aecg_rows`` prints it; where play is over only that is kept."""
    rows: Rows = {}
    for state, mover, (discount, over, seen, choices) in answer:
        laws = {a: law_of(((name(s, m), tuple(r)), w) for s, r, m, w in law) for a, law in choices}
        row = Row(discount, over, law_of(seen), laws) if not over else Row(discount, over, Law(), {})
        _merge(rows, name(state, mover), row)
    return Listing(rows, Law())


def posg(opening: list, answer: list, name: Callable[[Any, Any], str]) -> Listing:
    """The POSG of an AECG as ``posg_opening`` and ``posg_rows`` print it."""
    rows: Rows = {}
    for state, mover, (discount, over, seen, choices) in answer:
        laws = {a: law_of(((name(s, m), tuple(r)), w) for s, m, r, w in law) for a, law in choices}
        shown = law_of((tuple(os), w) for os, w in seen)
        _merge(rows, name(state, mover), Row(discount, over, shown, {} if over else laws))
    return Listing(rows, law_of(((name(s, m), tuple(os)), w) for s, m, os, w in opening))


def _merge(rows: Rows, name: str, row: Row) -> None:
    if rows.setdefault(name, row) != row:
        raise AssertionError(f"merged nodes differ: {name} is {rows[name]} and {row}")


def turn_names(game: POSG) -> Callable[[Any, Any], str]:
    """The names of Coq's nodes of the AECG made from a POSG."""

    def name(state, mover):
        if state == "Start":
            return spelled("the first draw", [], mover)
        _, s, slots, _ = state
        if game.terminal[s]:
            return spelled(s, ["–"] * len(slots), "Environment")
        return spelled(s, [_slot(own, game.null[s, i]) for i, own in enumerate(slots)], mover)

    return name


def plain_names(state, mover) -> str:
    """The names of Coq's nodes of an AECG whose states are numbers."""
    return spelled(state, [], mover)


def _slot(slot, silent):
    kind, content = slot
    if kind == "Chosen":
        return "–" if content is None else f"chose {content}"
    if silent or content in (("After", None), ("Waiting", None)):
        return "–"
    return "first" if content == "First" else f"{content[0].lower()} {content[1]}"
