"""Observation laws of a POSG in its JSON document: factored or joint, after steps and before the first.

An entry without actions holds for all (joint) actions that no other entry of its state names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory.files.json_parts import Lists, check_room, read_support, spelled_laws
from gametheory.files.json_text import Names, Place, spell
from gametheory.numerics import Array, Number
from gametheory.posg import POSG
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import MOST_SYMBOLS, FactoredObservations, JointObservations, Observations

Support = tuple[tuple[Any, Number], ...]
"""What a law gives positive weight, and the weights."""


# --- writing -------------------------------------------------------------------------------------


def kernels_to_json(game: POSG, lists: Lists) -> dict[str, Any]:
    """``O`` as ``{"kind", "laws"}``."""
    kernels = game.observations
    if isinstance(kernels, FactoredObservations):
        seeing = [np.flatnonzero(~own) for own in game.null.T]
        return {"kind": "factored", "laws": _factored_to_json(kernels, lists, seeing)}
    laws = []
    for state in range(len(game.states)):
        rows = np.broadcast_to(kernels.joint.rows[state], game.action_counts)
        for joint, law in _told(kernels, rows, state):
            entry = {} if joint is None else {"actions": _refer(lists.actions, joint)}
            spelled = _joint_law_to_json(law, game.null[state], lists)
            laws.append({"state": lists.states.refer(state), **entry, "law": spelled})
    return {"kind": "joint", "laws": laws}


def first_to_json(game: POSG, lists: Lists) -> dict[str, Any]:
    """The laws before the first action, of the states that play may start in."""
    first, started = game.initial_observations, np.flatnonzero(game.initial > 0)
    if isinstance(first, FactoredObservations):
        seeing = [started[~game.null[started, i]] for i in range(len(game.agents))]
        return {"kind": "factored", "laws": _factored_to_json(first, lists, seeing)}
    assert first is not None
    laws = [
        {
            "state": lists.states.refer(s),
            "law": _joint_law_to_json(tuple(first.support(s)), game.null[s], lists),
        }
        for s in started.tolist()
    ]
    return {"kind": "joint", "laws": laws}


def _factored_to_json(kernels: FactoredObservations, lists: Lists, seeing: list[Array]) -> list[Any]:
    """Per agent its laws in the states where it sees something; states with one law share an entry."""
    out = []
    for i, (own, names) in enumerate(zip(kernels.of_agent, lists.observations, strict=True)):
        states: dict[tuple[tuple[int, ...] | None, Support], list[int]] = {}
        for state in seeing[i].tolist():
            for told in _told(own, own.rows[state], state):
                states.setdefault(told, []).append(state)
        entries = []
        for (action, law), where in states.items():
            references = [lists.states.refer(state) for state in where]
            place = {"states": references} if len(where) > 1 else {"state": references[0]}
            after = {} if action is None else {"action": lists.actions[i].refer(action[0])}
            spelled = [[names.refer(symbol), spell(weight)] for symbol, weight in law]
            entries.append({**place, **after, "law": spelled})
        out.append(entries)
    return out


def _told(
    model: Kernel | JointObservations, rows: Array, state: int
) -> list[tuple[tuple[int, ...] | None, Support]]:
    """What to tell of one state, ``rows[A…]``: the most frequent law under None, then the others."""
    by_law: dict[Support, list[tuple[int, ...]]] = {}
    for joint in np.ndindex(*rows.shape):
        by_law.setdefault(tuple(model.support(state, *joint)), []).append(joint)
    usual = max(by_law, key=lambda law: len(by_law[law]))
    rest = sorted((joint, law) for law, own in by_law.items() if law != usual for joint in own)
    return [(None, usual), *rest]


def _refer(names: list[Names], joint: tuple[int, ...]) -> list[str | int]:
    return [own.refer(k) for own, k in zip(names, joint, strict=True)]


def _joint_law_to_json(law: Support, null: Array, lists: Lists) -> list[list[Any]]:
    out: list[list[Any]] = []
    for cell, weight in law:
        seen = _refer(lists.observations, cell)
        out.append(
            [[None if silent else name for name, silent in zip(seen, null, strict=True)], spell(weight)]
        )
    return out


# --- reading -------------------------------------------------------------------------------------


def read_kernels(place: Place, lists: Lists, null: Array) -> Observations:
    """``O`` of a document; ``null[S, n]``: who sees ⊥ where."""
    return read_laws(place, lists, null, np.ones(len(null), dtype=bool), with_actions=True)


def read_laws(place: Place, lists: Lists, null: Array, needed: Array, *, with_actions: bool) -> Observations:
    """One kernel per agent, or a joint one; ``needed[S]``: states of which a law must be told."""
    fields = place.fields(("kind", "laws"))
    if fields["kind"].value == "joint":
        kernel = _joint_kernel(fields["laws"], lists, null, needed, with_actions)
        return JointObservations(kernel, tuple(lists.sizes))
    if fields["kind"].value != "factored":
        raise fields["kind"].wrong('"factored" or "joint"')
    per_agent = fields["laws"].entries("lists of laws, one per agent", len(lists.agents))
    return FactoredObservations(
        [_factored_kernel(own, lists, i, null[:, i], needed, with_actions) for i, own in enumerate(per_agent)]
    )


class _Told:
    """The laws that entries tell, one row each, and in which states (and after which actions) they hold."""

    def __init__(self, lists: Lists, counts: Sequence[int]) -> None:
        self.lists, self.laws = lists, list[dict[int, Number]]()
        self.rows = np.full((len(lists.states), *counts), -1)
        self.usual = np.full(len(lists.states), -1)

    def tell(self, entry: Place, law: dict[int, Number], state: int, joint: tuple[int, ...] | None) -> None:
        """Note the law of the entry read last; ``joint`` None: whatever was done."""
        if (self.usual[state] if joint is None else self.rows[(state, *joint)]) >= 0:
            raise entry.fail("this law is told twice; keep one")
        if not self.laws or self.laws[-1] is not law:
            self.laws.append(law)
        if joint is None:
            self.usual[state] = len(self.laws) - 1
        else:
            self.rows[(state, *joint)] = len(self.laws) - 1

    def kernel(self, place: Place, width: int, needed: Array) -> Kernel:
        """All that was told; ``needed[S]``: where something must have been."""
        usual = self.usual.reshape(-1, *(1 for _ in self.rows.shape[1:]))
        rows = np.where(self.rows < 0, usual, self.rows)
        missing = np.argwhere((rows < 0) & needed.reshape(usual.shape))
        if len(missing):
            state, *joint = missing[0].tolist()
            after = f" after actions {joint}" if len(joint) and rows.shape[1] > 1 else ""
            raise place.fail(f"no law is told of state {self.lists.states.labels[state]!r}{after}; add one")
        return Kernel(rows, spelled_laws(self.laws, width))


def _factored_kernel(
    place: Place, lists: Lists, agent: int, null: Array, needed: Array, with_action: bool
) -> Kernel:
    """Rows ``[S, A_i]`` or ``[S, 1]``; ``[S]`` without actions."""
    entries = place.entries("objects with state and law")
    by_action = with_action and any(isinstance(e.value, dict) and "action" in e.value for e in entries)
    counts = [lists.counts[agent] if by_action else 1] if with_action else []
    check_room(place, len(lists.states) * math.prod(counts))
    told = _Told(lists, counts)
    for entry in entries:
        fields = entry.fields(("law",), ("state", "states", *(("action",) if with_action else ())))
        if ("state" in fields) == ("states" in fields):
            raise entry.fail("either a state or a list of states has this law; give one of the fields")
        where = [fields["state"]] if "state" in fields else fields["states"].entries("states")
        joint = (lists.actions[agent].find(fields["action"]),) if "action" in fields else None
        law = read_support(fields["law"], lists.observations[agent])
        for reference in where:
            state = lists.states.find(reference)
            if null[state]:
                raise reference.fail("the agent sees ⊥ in this state; drop the law")
            told.tell(entry, law, state, joint)
    return told.kernel(place, lists.sizes[agent], needed & ~null)


def _joint_kernel(place: Place, lists: Lists, null: Array, needed: Array, with_actions: bool) -> Kernel:
    """Rows ``[S, A_1, …, A_n]``, or ``[S]`` without actions; joint observations are numbered in C order."""
    counts, width = lists.counts if with_actions else [], math.prod(lists.sizes)
    if not 0 < width < MOST_SYMBOLS:
        raise place.fail(
            f"a joint kernel over {width:,} joint observations; give every agent at least one, and fewer"
        )
    check_room(place, len(lists.states) * math.prod(counts))
    told = _Told(lists, counts)
    for entry in place.entries("objects with state and law"):
        fields = entry.fields(("state", "law"), ("actions",) if with_actions else ())
        state = lists.states.find(fields["state"])
        joint: tuple[int, ...] | None = None
        if "actions" in fields:
            done = fields["actions"].entries("actions, one per agent", len(counts))
            joint = tuple(names.find(a) for names, a in zip(lists.actions, done, strict=True))
        told.tell(entry, _joint_law(fields["law"], lists, null[state]), state, joint)
    return told.kernel(place, width, needed)


def _joint_law(place: Place, lists: Lists, null: Array) -> dict[int, Number]:
    law: dict[int, Number] = {}
    for entry in place.entries("pairs [observations, probability]"):
        seen, value = entry.entries("values, the agents' observations and a number", 2)
        cell = 0
        for i, symbol in enumerate(seen.entries("observations, one per agent", len(lists.agents))):
            if (symbol.value is None) != bool(null[i]):
                rule = "null stands for ⊥, for agents that see it in the state and only for them"
                raise symbol.fail(rule)
            cell *= lists.sizes[i]
            cell += 0 if symbol.value is None else lists.observations[i].find(symbol)
        if cell in law:
            raise seen.fail("stands twice in one law; keep one")
        law[cell] = value.number()
    return law
