"""A POSG as a JSON document, and back. The page on game files describes the format."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gametheory.files.json_parts import (
    Lists,
    Outcomes,
    check_room,
    discount_to_json,
    law_to_json,
    legal_to_json,
    outcome_to_json,
    read_discount,
    read_law,
    read_legal,
    read_states,
)
from gametheory.files.json_text import Place
from gametheory.files.observations_json import first_to_json, kernels_to_json, read_kernels, read_laws
from gametheory.numerics import Array, settle
from gametheory.posg import POSG
from gametheory.tables.branches import Branches, c_order_strides
from gametheory.tables.kernels import Observations

REQUIRED = ("format", "agents", "states", "actions", "observation_labels", "initial", "transitions", "observations")  # fmt: skip
OPTIONAL = ("version", "title", "discount", "terminal", "null", "legal", "initial_observations", "$schema")

# --- writing -------------------------------------------------------------------------------------


def posg_to_json(game: POSG) -> dict[str, Any]:
    """The document, numbers spelled, ready for ``json.dumps``."""
    lists = Lists(game.agents, game.states, game.actions, game.observation_labels)
    out: dict[str, Any] = lists.document()
    out["initial"] = law_to_json(game.initial, lists.states)
    out["discount"] = discount_to_json(game.discount, lists.states)
    if game.terminal.any():
        out["terminal"] = [lists.states.refer(int(s)) for s in np.flatnonzero(game.terminal)]
    if game.null.any():
        out["null"] = [
            [lists.states.refer(int(s)), lists.agents.refer(int(i))] for s, i in np.argwhere(game.null)
        ]
    legal = legal_to_json(game.legal, lists, with_start=True)
    if legal is not None:
        out["legal"] = legal
    if game.initial_observations is not None:
        out["initial_observations"] = first_to_json(game, lists)
    out["observations"] = kernels_to_json(game, lists)
    out["transitions"] = _transitions_to_json(game, lists)
    return out


def _joint(game: POSG, lists: Lists, state: int, joint: Array) -> list[Any]:
    return [
        None if silent else names.refer(int(a))
        for names, a, silent in zip(lists.actions, joint, game.null[state], strict=True)
    ]


def _transitions_to_json(game: POSG, lists: Lists) -> list[dict[str, Any]]:
    from gametheory.tables.observed import actions_of_rows

    b, joints, out = game.branches, actions_of_rows(game), []
    for row in np.flatnonzero(np.diff(b.indptr)):
        state = int(b.state_of_row[row])
        outcomes = [
            outcome_to_json(
                {"to": lists.states.refer(int(b.successors[k]))}, b.probabilities[k], b.rewards[:, k]
            )
            for k in range(b.indptr[row], b.indptr[row + 1])
        ]
        out.append(
            {
                "state": lists.states.refer(state),
                "actions": _joint(game, lists, state, joints[row]),
                "outcomes": outcomes,
            }
        )
    return out


# --- reading -------------------------------------------------------------------------------------


def posg_from_json(top: Place) -> POSG:
    """The game of a document.

    Raises:
        GameError: a violation of the schema or of what makes a POSG; it names the place.
    """
    fields = top.fields(REQUIRED, OPTIONAL)
    lists = Lists.read(fields)
    S, n = len(lists.states), len(lists.agents)
    terminal = read_states(fields.get("terminal"), lists.states)
    null = np.zeros((S, n), dtype=bool)
    for entry in fields["null"].entries("pairs [state, agent]") if "null" in fields else []:
        state, agent = entry.entries("values, a state and an agent", 2)
        null[lists.states.find(state), lists.agents.find(agent)] = True
    branches = _transitions(fields["transitions"], lists, null, terminal)
    initial = settle(read_law(fields["initial"], lists.states))
    first: Observations | None = None
    if "initial_observations" in fields:
        started = np.asarray(initial > 0, dtype=bool)
        first = read_laws(fields["initial_observations"], lists, null, started, with_actions=False)
    return POSG(
        branches,
        observations=read_kernels(fields["observations"], lists, null),
        initial=initial,
        discount=read_discount(fields.get("discount"), lists.states),
        initial_observations=first,
        null=null,
        legal=read_legal(fields.get("legal"), lists, with_start=True),
        terminal=terminal,
        agents=lists.agents.labels,
        states=lists.states.labels,
        actions=[own.labels for own in lists.actions],
        observation_labels=[own.labels for own in lists.observations],
        title=fields["title"].text() if "title" in fields else "",
    )


def _transitions(place: Place, lists: Lists, null: Array, terminal: list[int]) -> Branches:
    per_state = np.where(null, 1, np.array(lists.counts, dtype=np.int64))
    going = [0 if s in set(terminal) else math.prod(map(int, own)) for s, own in enumerate(per_state)]
    check_room(place, sum(going))
    offsets, strides = np.concatenate([[0], np.cumsum(going)]).astype(np.int64), c_order_strides(per_state)
    outcomes, where = Outcomes(len(lists.agents)), dict[int, Place]()
    for entry in place.entries("objects with state, actions and outcomes"):
        parts = entry.fields(("state", "actions", "outcomes"))
        state = lists.states.find(parts["state"])
        if not going[state]:
            raise parts["state"].fail("the state is terminal; nothing follows it")
        row = int(offsets[state])
        for i, action in enumerate(parts["actions"].entries("actions, one per agent", len(lists.agents))):
            if (action.value is None) != bool(null[state, i]):
                rule = "null stands for an agent that sees ⊥ in the state, and only for that"
                raise action.fail(rule)
            if action.value is not None:
                row += int(strides[state, i]) * lists.actions[i].find(action)
        if row in where:
            raise entry.fail(f"this state and joint action stand at {where[row].path} already; keep one")
        where[row] = entry
        outcomes.read(parts["outcomes"], row, lambda found: lists.states.find(found["to"]))
    return Branches(offsets, strides, *outcomes.arrays(int(offsets[-1])))
