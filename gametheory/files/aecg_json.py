"""An AECG as a JSON document, and back. The page on game files describes the format."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.files.json_parts import (
    Lists,
    Outcomes,
    check_room,
    discount_to_json,
    legal_to_json,
    outcome_to_json,
    read_discount,
    read_legal,
    read_states,
    read_support,
    spelled_laws,
)
from gametheory.files.json_text import Place, spell
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, freeze
from gametheory.tables.branches import Branches, Ints
from gametheory.tables.kernel import Kernel

REQUIRED = ("format", "agents", "states", "actions", "observation_labels", "start", "nodes", "observations")
OPTIONAL = ("version", "title", "discount", "terminal", "legal", "$schema")


class Nodes:
    """References to the nodes of an AECG as (state, mover); the environment is ``null``."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.number: dict[tuple[int, int], int] = {}

    def key(self, state: Place, mover: Place) -> tuple[int, int]:
        n = len(self.lists.agents)
        who = n if mover.value is None else self.lists.agents.find(mover)
        return self.lists.states.find(state), who

    def find(self, state: Place, mover: Place) -> int:
        key = self.key(state, mover)
        if key not in self.number:
            raise state.fail(f"no node has state {state.value!r} and mover {mover.value!r}; add it to nodes")
        return self.number[key]

    def refer(self, state: int, mover: int) -> tuple[str | int, str | int | None]:
        agents = self.lists.agents
        return self.lists.states.refer(state), None if mover == len(agents) else agents.refer(mover)


def lists_of(game: AECG) -> Lists:
    """The labelled lists of a game."""
    return Lists(game.agents, list(game.states), game.actions, game.observation_labels)


# --- writing -------------------------------------------------------------------------------------


def aecg_to_json(game: AECG) -> dict[str, Any]:
    """The document, numbers spelled, ready for ``json.dumps``."""
    if len({*zip(game.node_states.tolist(), game.movers.tolist(), strict=True)}) < game.node_count:
        raise GameError("two nodes of the AECG have one state and one mover; a file cannot tell them apart")
    lists = lists_of(game)
    nodes = Nodes(lists)
    out: dict[str, Any] = lists.document()
    out["start"] = list(nodes.refer(int(game.node_states[game.start]), int(game.movers[game.start])))
    out["discount"] = discount_to_json(game.discount, lists.states)
    if game.terminal.any():
        out["terminal"] = [lists.states.refer(int(s)) for s in np.flatnonzero(game.terminal)]
    legal = legal_to_json(game.legal, lists, with_start=False)
    if legal is not None:
        out["legal"] = legal
    out["observations"] = [_turns_to_json(own, lists, i) for i, own in enumerate(game.observations)]
    out["nodes"] = [_node_to_json(game, nodes, node) for node in range(game.node_count)]
    return out


def _turns_to_json(own: Kernel, lists: Lists, agent: int) -> list[dict[str, Any]]:
    names, out = lists.observations[agent], []
    for row in np.unique(own.rows[own.rows >= 0]):
        states = [lists.states.refer(int(s)) for s in np.flatnonzero(own.rows == row)]
        law = [[names.refer(symbol), spell(weight)] for symbol, weight in own.laws.support(row)]
        out.append({"states": states, "law": law})
    return out


def _node_to_json(game: AECG, nodes: Nodes, node: int) -> dict[str, Any]:
    state, mover = nodes.refer(int(game.node_states[node]), int(game.movers[node]))
    b, moves = game.branches, []
    for row in range(b.offsets[node], b.offsets[node + 1]):
        outcomes = []
        for k in range(b.indptr[row], b.indptr[row + 1]):
            reached = b.successors[k]
            to, following = nodes.refer(int(game.node_states[reached]), int(game.movers[reached]))
            target = {"to": to, "next": following}
            outcomes.append(outcome_to_json(target, b.probabilities[k], b.rewards[:, k]))
        if outcomes:
            names = nodes.lists.actions[game.movers[node]] if not game.silent[node] else None
            action = {} if names is None else {"action": names.refer(int(row - b.offsets[node]))}
            moves.append(action | {"outcomes": outcomes})
    return {"state": state, "mover": mover} | ({"moves": moves} if moves else {})


# --- reading -------------------------------------------------------------------------------------


def aecg_from_json(top: Place) -> AECG:
    """The game of a document.

    Raises:
        GameError: a violation of the schema or of what makes an AECG; it names the place.
    """
    fields = top.fields(REQUIRED, OPTIONAL)
    lists = Lists.read(fields)
    S, n = len(lists.states), len(lists.agents)
    terminal = np.zeros(S, dtype=bool)
    terminal[read_states(fields.get("terminal"), lists.states)] = True
    per_agent = fields["observations"].entries("lists of laws, one per agent", n)
    observations = tuple(_turns(own, lists, i) for i, own in enumerate(per_agent))
    nodes = Nodes(lists)
    entries = [
        entry.fields(("state", "mover"), ("moves",))
        for entry in fields["nodes"].entries("objects with state, mover and moves")
    ]
    for entry in entries:
        key = nodes.key(entry["state"], entry["mover"])
        if key in nodes.number:
            raise entry["state"].fail("this state and mover have a node already; keep one")
        nodes.number[key] = len(nodes.number)
    states, movers = (np.array([key[k] for key in nodes.number], dtype=np.int64) for k in (0, 1))
    silent = np.array([m == n or observations[m].rows[s] < 0 for s, m in nodes.number], dtype=bool)
    start = fields["start"].entries("values, a state and a mover", 2)
    return AECG(
        branches=_branches(fields["nodes"], entries, nodes, silent, terminal),
        node_states=freeze(states),
        movers=freeze(movers),
        start=nodes.find(*start),
        observations=observations,
        discount=read_discount(fields.get("discount"), lists.states),
        terminal=freeze(terminal),
        legal=tuple(read_legal(fields.get("legal"), lists, with_start=False)),
        agents=tuple(lists.agents.labels),
        states=tuple(lists.states.labels),
        actions=tuple(tuple(own.labels) for own in lists.actions),
        observation_labels=tuple(tuple(own.labels) for own in lists.observations),
        title=fields["title"].text() if "title" in fields else "",
    )


def _turns(place: Place, lists: Lists, agent: int) -> Kernel:
    names = lists.observations[agent]
    rows: Ints = np.full(len(lists.states), -1)
    laws = []
    for row, entry in enumerate(place.entries("objects with states and law")):
        fields = entry.fields(("states", "law"))
        laws.append(read_support(fields["law"], names))
        total = sum(laws[-1].values(), Fraction(0))
        off = total != 1 if isinstance(total, Fraction) else abs(total - 1) > SIMPLEX_TOLERANCE
        if off or any(p < 0 for p in laws[-1].values()):
            raise fields["law"].fail(f"no distribution; it sums to {total}")
        for state in fields["states"].entries("states"):
            index = lists.states.find(state)
            if rows[index] >= 0:
                raise state.fail("the agent's law in this state is told already; keep one")
            rows[index] = row
    return Kernel(rows, spelled_laws(laws, len(names)))


def _branches(
    place: Place, entries: list[dict[str, Place]], nodes: Nodes, silent: Array, terminal: Array
) -> Branches:
    lists, n = nodes.lists, len(nodes.lists.agents)
    keys = list(nodes.number)
    counts = [
        0 if terminal[s] else 1 if quiet else lists.counts[m]
        for (s, m), quiet in zip(keys, silent, strict=True)
    ]
    check_room(place, sum(counts))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    strides = np.array(
        [[int(count > 1 and m == i) for i in range(n)] for (_, m), count in zip(keys, counts, strict=True)],
        dtype=np.int64,
    ).reshape(-1, n)
    outcomes = Outcomes(n)
    for node, entry in enumerate(entries):
        told = set()
        for move in entry["moves"].entries("objects with action and outcomes") if "moves" in entry else []:
            fields = move.fields(("outcomes",) if silent[node] else ("action", "outcomes"))
            if not counts[node]:
                raise move.fail("the state is terminal; nothing follows it")
            action = 0 if silent[node] else lists.actions[keys[node][1]].find(fields["action"])
            if action in told:
                raise move.fail("this move is told twice; keep one")
            told.add(action)
            outcomes.read(
                fields["outcomes"],
                int(offsets[node]) + action,
                lambda found: nodes.find(found["to"], found["next"]),
                extra=("next",),
            )
    return Branches(offsets, strides, *outcomes.arrays(int(offsets[-1])))
