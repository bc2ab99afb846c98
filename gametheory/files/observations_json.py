"""Observation laws of a POSG in its JSON document: factored or joint, after steps and before the first.

An entry without actions holds for all (joint) actions that no other entry of its state names.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.files.json_parts import Lists, check_room, law_to_json, read_law, zeros
from gametheory.files.json_text import Names, Place, spell
from gametheory.kernels import FactoredObservations, JointObservations
from gametheory.numerics import Array, settle
from gametheory.posg import POSG

MOST_JOINT_AGENTS = 15
"""A joint kernel has two axes per agent and one for the state; numpy 1 allows 32."""


# --- writing -------------------------------------------------------------------------------------


def kernels_to_json(game: POSG, lists: Lists) -> dict[str, Any]:
    """``O`` as ``{"kind", "laws"}``."""
    kernels = game.observations
    laws: list[Any] = []
    if isinstance(kernels, FactoredObservations):
        for i, (kernel, names) in enumerate(zip(kernels.kernels, lists.observations, strict=True)):
            own: list[dict[str, Any]] = []
            for state in np.flatnonzero(~game.null[:, i]).tolist():
                for action, law in _told(kernel[state]):
                    after = {} if action is None else {"action": lists.actions[i].refer(action[0])}
                    place = {"state": lists.states.refer(state)}
                    own.append({**place, **after, "law": law_to_json(law, names)})
            laws.append(own)
        return {"kind": "factored", "laws": laws}
    for state, by_action in enumerate(kernels.kernel):
        for joint, law in _told(by_action, len(game.agents)):
            entry = {} if joint is None else {"actions": _refer(lists.actions, joint)}
            spelled = _joint_law_to_json(law, game.null[state], lists)
            laws.append({"state": lists.states.refer(state), **entry, "law": spelled})
    return {"kind": "joint", "laws": laws}


def first_to_json(game: POSG, lists: Lists) -> dict[str, Any]:
    """The laws before the first action, of the states that play may start in."""
    first, started = game.initial_observations, np.flatnonzero(game.initial > 0)
    names = [lists.states.refer(int(s)) for s in range(len(game.states))]
    if isinstance(first, tuple):
        laws = [
            [{"state": names[s], "law": law_to_json(kernel[s], own)} for s in started if not game.null[s, i]]
            for i, (kernel, own) in enumerate(zip(first, lists.observations, strict=True))
        ]
        return {"kind": "factored", "laws": laws}
    assert first is not None
    joint = [{"state": names[s], "law": _joint_law_to_json(first[s], game.null[s], lists)} for s in started]
    return {"kind": "joint", "laws": joint}


def _told(laws: Array, axes: int = 1) -> list[tuple[tuple[int, ...] | None, Array]]:
    """What to tell of one state's laws ``[A…, Ω…]``: the most frequent one under None, then the others."""
    by_law: dict[tuple[Any, ...], list[tuple[int, ...]]] = {}
    for joint in np.ndindex(*laws.shape[:axes]):
        by_law.setdefault(tuple(laws[joint].ravel().tolist()), []).append(joint)
    usual = max(by_law.values(), key=len)
    rest = sorted(joint for own in by_law.values() if own is not usual for joint in own)
    return [(None, laws[usual[0]]), *((joint, laws[joint]) for joint in rest)]


def _refer(names: list[Names], joint: tuple[int, ...]) -> list[str | int]:
    return [own.refer(k) for own, k in zip(names, joint, strict=True)]


def _joint_law_to_json(law: Array, null: Array, lists: Lists) -> list[list[Any]]:
    out: list[list[Any]] = []
    for cell in np.argwhere(law != 0):
        seen = _refer(lists.observations, tuple(cell.tolist()))
        hidden = [None if silent else name for name, silent in zip(seen, null, strict=True)]
        out.append([hidden, spell(law[tuple(cell)])])
    return out


# --- reading -------------------------------------------------------------------------------------


def read_kernels(place: Place, lists: Lists, null: Array) -> FactoredObservations | JointObservations:
    """``O`` of a document; ``null[S, n]``: who sees ⊥ where."""
    found = read_laws(place, lists, null, np.ones(len(null), dtype=bool), with_actions=True)
    return FactoredObservations(found) if isinstance(found, tuple) else JointObservations(found)


def read_laws(
    place: Place, lists: Lists, null: Array, needed: Array, *, with_actions: bool
) -> tuple[Array, ...] | Array:
    """One kernel per agent, or a joint one; ``needed[S]``: states of which a law must be told."""
    fields = place.fields(("kind", "laws"))
    if fields["kind"].value == "joint":
        return _joint_kernel(fields["laws"], lists, null, needed, with_actions)
    if fields["kind"].value != "factored":
        raise fields["kind"].wrong('"factored" or "joint"')
    per_agent = fields["laws"].entries("lists of laws, one per agent", len(lists.agents))
    return tuple(
        _factored_kernel(own, lists, i, null[:, i], needed, with_actions) for i, own in enumerate(per_agent)
    )


def _factored_kernel(
    place: Place, lists: Lists, agent: int, null: Array, needed: Array, with_action: bool
) -> Array:
    """``[S, A_i, |Ω^i|]``, or ``[S, |Ω^i|]`` without actions; the first symbol where none is shown."""
    S, A, width = len(lists.states), lists.counts[agent], lists.sizes[agent]
    entries = place.entries("objects with state and law")
    by_action = with_action and any(isinstance(e.value, dict) and "action" in e.value for e in entries)
    check_room(place, S * (A if by_action else 1) * width)
    kernel = zeros(S, A if by_action else 1, width)
    told = np.zeros(kernel.shape[:2], dtype=bool)
    usual = dict[int, Array]()
    for entry in entries:
        fields = entry.fields(("state", "law"), ("action",) if with_action else ())
        state = lists.states.find(fields["state"])
        if null[state]:
            raise fields["state"].fail("the agent sees ⊥ in this state; drop the law")
        at = (state, lists.actions[agent].find(fields["action"])) if "action" in fields else None
        if state in usual if at is None else told[at]:
            raise entry.fail("this law is told twice; keep one")
        law = read_law(fields["law"], lists.observations[agent])
        if at is None:
            usual[state] = law
        else:
            told[at], kernel[at] = True, law
    for state, law in usual.items():
        kernel[state, ~told[state]] = law
        told[state] = True
    _check_told(place, told, needed & ~null, lists)
    kernel[~told, :1] = Fraction(1)
    out = settle(kernel)
    return np.broadcast_to(out, (S, A, width)) if with_action else out[:, 0]


def _check_told(place: Place, told: Array, needed: Array, lists: Lists) -> None:
    """``told[S, …]``: of which states (and actions) a law was told."""
    missing = np.argwhere(~told & needed.reshape(-1, *(1,) * (told.ndim - 1)))
    if len(missing):
        state, *joint = missing[0].tolist()
        after = f" after actions {joint}" if len(joint) and told.shape[1] > 1 else ""
        raise place.fail(f"no law is told of state {lists.states.labels[state]!r}{after}; add one")


def _joint_kernel(place: Place, lists: Lists, null: Array, needed: Array, with_actions: bool) -> Array:
    """``[S, A_1, …, A_n, |Ω^1|, …]``, or without the actions' axes."""
    S, counts, sizes = len(lists.states), lists.counts if with_actions else [], lists.sizes
    if len(sizes) > MOST_JOINT_AGENTS:
        raise place.fail(f"{len(sizes)} agents; a joint kernel holds {MOST_JOINT_AGENTS} at most")
    if 0 in sizes:
        raise place.fail("a joint kernel needs an observation per agent, also of one that always sees ⊥")
    check_room(place, S * math.prod(counts) * math.prod(sizes))
    kernel = zeros(S, *counts, *sizes)
    told = np.zeros((S, *counts), dtype=bool)
    usual = dict[int, Array]()
    for entry in place.entries("objects with state and law"):
        fields = entry.fields(("state", "law"), ("actions",) if with_actions else ())
        state = lists.states.find(fields["state"])
        at: tuple[int, ...] | None = None
        if "actions" in fields:
            joint = fields["actions"].entries("actions, one per agent", len(counts))
            at = (state, *(names.find(a) for names, a in zip(lists.actions, joint, strict=True)))
        if state in usual if at is None else told[at]:
            raise entry.fail("this law is told twice; keep one")
        law = _joint_law(fields["law"], lists, null[state])
        if at is None:
            usual[state] = law
        else:
            told[at], kernel[at] = True, law
    for state, law in usual.items():
        kernel[state][~told[state]] = law
        told[state] = True
    _check_told(place, told, needed, lists)
    if not told.all():
        kernel.reshape(*told.shape, -1)[~told, 0] = Fraction(1)
    return settle(kernel)


def _joint_law(place: Place, lists: Lists, null: Array) -> Array:
    law = zeros(*lists.sizes)
    told: set[tuple[int, ...]] = set()
    for entry in place.entries("pairs [observations, probability]"):
        seen, value = entry.entries("values, the agents' observations and a number", 2)
        cell = []
        for i, symbol in enumerate(seen.entries("observations, one per agent", len(lists.agents))):
            if (symbol.value is None) != bool(null[i]):
                rule = "null stands for ⊥, for agents that see it in the state and only for them"
                raise symbol.fail(rule)
            cell.append(0 if symbol.value is None else lists.observations[i].find(symbol))
        if tuple(cell) in told:
            raise seen.fail("stands twice in one law; keep one")
        told.add(tuple(cell))
        law[tuple(cell)] = value.number()
    return law
