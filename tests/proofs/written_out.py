"""A game written out node by node, and where two of them differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

Law = Counter  # value -> probability; a value that is missing has probability 0


@dataclass(frozen=True)
class Row:
    """What a game says about one node. ``None`` as an observation is ⊥, as an action ∅."""

    discount: Any
    terminal: bool
    seen: Law
    choices: dict[Any, Law]  # action -> law of (node, rewards)


Rows = dict[str, Row]


@dataclass(frozen=True)
class Listing:
    """All nodes, and the law of (node, observations) at the opening of a POSG."""

    rows: Rows
    opening: Law


def differences(proven: Listing, coded: Listing) -> list[str]:
    """Every place at which two listings differ, one line each."""
    out = [f"only in the proof: {name}" for name in proven.rows if name not in coded.rows]
    out += [f"only in the code: {name}" for name in coded.rows if name not in proven.rows]
    for name in sorted(proven.rows.keys() & coded.rows.keys()):
        out += _unlike(name, proven.rows[name], coded.rows[name])
    if proven.opening != coded.opening:
        out.append(f"opening: {dict(proven.opening)} in the proof, {dict(coded.opening)} in the code")
    return out


def _unlike(name, one, other):
    for field in fields(Row):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if a != b:
            yield f"{name}: {field.name} {a} in the proof, {b} in the code"


def law_of(pairs: Iterable[tuple[Any, Any]]) -> Law:
    """Values that come more than once count together."""
    out = Law()
    for value, weight in pairs:
        out[value] += weight
    return out


def spelled(state: Any, words: Sequence[str], mover: Any) -> str:
    """The name of a node: its state, what its slots hold, its mover (``Environment`` or ``(Agent, i)``)."""
    moved = "environment" if mover == "Environment" else f"agent {mover[1]}"
    return f"{state} ({', '.join(words)}), {moved} to move"
