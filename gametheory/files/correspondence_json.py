"""The correspondence of a POSG and an AECG as a JSON document, and back."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.convert import Correspondence
from gametheory.errors import GameError
from gametheory.files.aecg_json import Nodes, lists_of
from gametheory.files.disk import read_text, write_text
from gametheory.files.game_json import VERSION, check_format
from gametheory.files.json_text import Names, Place, decode, layout
from gametheory.numerics import freeze
from gametheory.posg import POSG

FORMAT = "equilibrist/correspondence"


def write_correspondence(correspondence: Correspondence, path: str | os.PathLike[str]) -> None:
    """Write which POSG state each AECG node stands for.

    Raises:
        GameError: the file cannot be written.
    """
    game = correspondence.aecg
    nodes, states = Nodes(lists_of(game)), Names(correspondence.posg.states, "state")
    entries: list[dict[str, Any]] = []
    for node, state in enumerate(correspondence.posg_states.tolist()):
        place = nodes.refer(int(game.node_states[node]), int(game.movers[node]))
        entries.append({"node": list(place), "stands_for": None if state < 0 else states.refer(state)})
    head = {"format": FORMAT, "version": VERSION, "steps_per_round": correspondence.steps_per_round}
    write_text(path, layout(head | {"nodes": entries}))


def read_correspondence(path: str | os.PathLike[str], posg: POSG, aecg: AECG) -> Correspondence:
    """Read the correspondence of two games.

    Raises:
        GameError: unreadable, not JSON, or not a correspondence of these games (the place named).
    """
    try:
        return _correspondence(Place(decode(read_text(path))), posg, aecg)
    except GameError as error:
        raise GameError(f"{os.fspath(path)!r}: {error}") from None


def _correspondence(top: Place, posg: POSG, aecg: AECG) -> Correspondence:
    check_format(top, (FORMAT,))
    fields = top.fields(("format", "steps_per_round", "nodes"), ("version", "$schema"))
    steps, n = fields["steps_per_round"], len(posg.agents)
    if steps.value not in (1, n + 1) or isinstance(steps.value, bool):
        raise steps.wrong(f"1 or {n + 1}, the AECG's steps to one step of the POSG")
    nodes, states = Nodes(lists_of(aecg)), Names(posg.states, "state of the POSG")
    for key in zip(aecg.node_states.tolist(), aecg.movers.tolist(), strict=True):
        nodes.number.setdefault(key, len(nodes.number))
    stands_for = np.full(aecg.node_count, -1)
    told = np.zeros(aecg.node_count, dtype=bool)
    for entry in fields["nodes"].entries("objects with node and stands_for"):
        parts = entry.fields(("node", "stands_for"))
        node = nodes.find(*parts["node"].entries("values, a state and a mover", 2))
        if told[node]:
            raise entry.fail("this node is told twice; keep one")
        told[node] = True
        if parts["stands_for"].value is not None:
            stands_for[node] = states.find(parts["stands_for"])
    if not told.all():
        node = int(np.argmin(told))
        state, mover = nodes.refer(int(aecg.node_states[node]), int(aecg.movers[node]))
        raise fields["nodes"].fail(f"node {[state, mover]} is missing; each needs an entry")
    return Correspondence(posg, aecg, freeze(stands_for), int(steps.value))
