"""What the documents of POSGs and AECGs share: labels, laws, discount, legal actions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.files.json_text import Names, Place, spell
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, Number, settle
from gametheory.tables.distributions import Distributions
from gametheory.tables.ragged import starts

MOST_CELLS = 20_000_000
"""Entries of one table beyond which a document is refused, however short it is."""

MOST_AGENTS = 31
"""An array has at most 32 axes in numpy 1, and one is the state's."""

LABELS = ("agents", "states", "actions", "observation_labels")


class Lists:
    """The labelled lists of one game."""

    def __init__(
        self,
        agents: Sequence[str],
        states: Sequence[str],
        actions: Sequence[Sequence[str]],
        observations: Sequence[Sequence[str]],
    ) -> None:
        self.agents = Names(agents, "agent")
        self.states = Names(states, "state")
        self.actions = [
            Names(own, f"action of agent {name}") for name, own in zip(agents, actions, strict=True)
        ]
        self.observations = [
            Names(own, f"observation of agent {name}") for name, own in zip(agents, observations, strict=True)
        ]

    @classmethod
    def read(cls, fields: dict[str, Place]) -> Lists:
        agents = _labels(fields["agents"], "agents' names", 1)
        if len(agents) > MOST_AGENTS:
            raise fields["agents"].fail(f"{len(agents)} agents; a table holds {MOST_AGENTS} at most")
        per_agent = [
            [_labels(own, what, least) for own in fields[name].entries(f"lists of {what}", len(agents))]
            for name, what, least in (("actions", "actions", 1), ("observation_labels", "observations", 0))
        ]
        return cls(agents, _labels(fields["states"], "states", 1), *per_agent)

    def document(self) -> dict[str, Any]:
        return {
            "agents": list(self.agents.labels),
            "states": list(self.states.labels),
            "actions": [list(own.labels) for own in self.actions],
            "observation_labels": [list(own.labels) for own in self.observations],
        }

    @property
    def counts(self) -> list[int]:
        """``[A_1, …, A_n]``."""
        return [len(own) for own in self.actions]

    @property
    def sizes(self) -> list[int]:
        """``[|Ω^1|, …, |Ω^n|]``."""
        return [len(own) for own in self.observations]


def _labels(place: Place, what: str, least: int) -> list[str]:
    out = [entry.text() for entry in place.entries(what)]
    if len(out) < least:
        raise place.fail(f"no {what}; at least one is needed")
    return out


def check_room(place: Place, cells: int) -> None:
    """Refuse a table before anything of its size is made."""
    if cells > MOST_CELLS:
        raise place.fail(f"the labels make a table of {cells:,} cells; at most {MOST_CELLS:,} fit")


def numbers(values: Iterable[Number]) -> Array:
    """A frozen array, all float if any number is."""
    flat = list(values)
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return settle(out)


# --- laws ----------------------------------------------------------------------------------------


def law_to_json(law: Array, names: Names) -> list[list[Any]]:
    """The positive entries as ``[reference, probability]``."""
    return [[names.refer(int(k)), spell(law[k])] for k in np.flatnonzero(law != 0)]


def read_support(place: Place, names: Names) -> dict[int, Number]:
    """What is said of whom; nothing is 0."""
    out: dict[int, Number] = {}
    for entry in place.entries("pairs [name, probability]"):
        name, value = entry.entries("values, a name and a number", 2)
        index = names.find(name)
        if index in out:
            raise name.fail("stands twice in one law; keep one")
        out[index] = value.number()
    return out


def read_law(place: Place, names: Names) -> Array:
    """``[len(names)]`` numbers, mixed; zero where nothing is said."""
    out = np.full(len(names), Fraction(0), dtype=object)
    for index, value in read_support(place, names).items():
        out[index] = value
    return out


def spelled_laws(laws: Sequence[Mapping[int, Number]], width: int) -> Distributions:
    """Laws as rows over ``0 … width−1``."""
    ordered = [sorted(law.items()) for law in laws]
    flat = [pair for law in ordered for pair in law]
    columns = np.array([column for column, _ in flat], dtype=np.int64)
    return Distributions(starts(list(map(len, ordered))), columns, numbers(p for _, p in flat), width)


# --- γ, terminal states, legal actions -------------------------------------------------------------


def discount_to_json(discount: Array, states: Names) -> Any:
    """One number, or the most frequent one and the exceptions."""
    values = discount.tolist()
    if len(set(values)) == 1:
        return spell(values[0])
    usual = max(dict.fromkeys(values), key=values.count) if len(set(values)) < 50 else values[0]
    rest = [[states.refer(s), spell(value)] for s, value in enumerate(values) if value != usual]
    return {"usual": spell(usual), "except": rest}


def read_discount(place: Place | None, states: Names) -> Array:
    """``[S]``; 1 unless given."""
    usual: Number = Fraction(1)
    values = [usual] * len(states)
    if place is not None and isinstance(place.value, dict):
        parts = place.fields(("usual", "except"))
        values = [parts["usual"].number()] * len(states)
        for entry in parts["except"].entries("pairs [state, γ]"):
            state, value = entry.entries("values, a state and a number", 2)
            values[states.find(state)] = value.number()
    elif place is not None:
        values = [place.number()] * len(states)
    out = numbers(values)
    if place is not None and np.any((out < 0) | (out > 1)):
        raise place.fail("γ must lie in [0, 1]")
    return out


def read_states(place: Place | None, states: Names) -> list[int]:
    """Indices of the states listed."""
    return [] if place is None else [states.find(entry) for entry in place.entries("states")]


def legal_to_json(legal: Sequence[Array | None], lists: Lists, with_start: bool) -> list[Any] | None:
    """Per agent null or what is restricted; None where nothing is."""
    out: list[Any] = []
    for i, own in enumerate(legal):
        if own is None:
            out.append(None)
            continue
        names, seen = lists.actions[i], lists.observations[i]
        rows = [[names.refer(int(a)) for a in np.flatnonzero(row)] for row in own]
        entry: dict[str, Any] = {
            "after": [
                [seen.refer(k), row] for k, row in enumerate(rows[: len(seen)]) if len(row) < len(names)
            ]
        }
        if with_start and len(rows[-1]) < len(names):
            entry["start"] = rows[-1]
        out.append(entry)
    return out if any(entry is not None for entry in out) else None


def read_legal(place: Place | None, lists: Lists, with_start: bool) -> list[Array | None]:
    """Per agent None or ``[|Ω^i| (+ 1), A_i]`` bool."""
    if place is None:
        return [None] * len(lists.agents)
    out: list[Array | None] = []
    for i, own in enumerate(place.entries("entries, null or an object per agent", len(lists.agents))):
        if own.value is None:
            out.append(None)
            continue
        fields = own.fields(("after",), ("start",) if with_start else ())
        names, seen = lists.actions[i], lists.observations[i]
        check_room(own, (len(seen) + 1) * len(names))
        mask = np.ones((len(seen) + with_start, len(names)), dtype=bool)
        for entry in fields["after"].entries("pairs [observation, actions]"):
            symbol, allowed = entry.entries("values, an observation and its actions", 2)
            mask[seen.find(symbol)] = _allowed(allowed, names)
        if "start" in fields:
            mask[-1] = _allowed(fields["start"], names)
        out.append(mask)
    return out


def _allowed(place: Place, names: Names) -> Array:
    row = np.zeros(len(names), dtype=bool)
    row[[names.find(entry) for entry in place.entries("actions")]] = True
    if not row.any():
        raise place.fail("no action is legal here; every observation needs one")
    return row


# --- outcomes --------------------------------------------------------------------------------------


class Outcomes:
    """Rows of branches as a document gives them, in any order, and what they make."""

    def __init__(self, agents: int) -> None:
        self.agents = agents
        self.rows: list[tuple[int, list[tuple[int, Number, list[Number]]]]] = []

    def read(
        self, place: Place, row: int, target: Callable[[dict[str, Place]], int], extra: Collection[str] = ()
    ) -> None:
        """One row's outcomes; ``target(fields)`` finds the successor."""
        found = []
        for outcome in place.entries("outcomes"):
            fields = outcome.fields(("to", *extra), ("p", "rewards"))
            p = fields["p"].number() if "p" in fields else Fraction(1)
            if p < 0:
                raise fields["p"].fail(f"{p} is no probability")
            pay: list[Number] = [Fraction(0)] * self.agents
            if "rewards" in fields:
                pay = [value.number() for value in fields["rewards"].entries("rewards", self.agents)]
            found.append((target(fields), p, pay))
        total = sum((p for _, p, _ in found), Fraction(0))
        if total != 1 if isinstance(total, Fraction) else abs(total - 1) > SIMPLEX_TOLERANCE:
            raise place.fail(f"the probabilities sum to {total}; they must sum to 1")
        self.rows.append((row, found))

    def arrays(self, row_count: int) -> tuple[Array, Array, Array, Array]:
        """``indptr``, ``successors``, ``probabilities``, ``rewards`` of the branches."""
        self.rows.sort(key=lambda entry: entry[0])
        flat = [outcome for _, found in self.rows for outcome in found]
        sizes = np.zeros(row_count, dtype=np.int64)
        for row, found in self.rows:
            sizes[row] = len(found)
        rewards = numbers(value for _, _, pay in flat for value in pay)
        return (
            np.concatenate([[0], sizes.cumsum()]).astype(np.int64),
            np.array([successor for successor, _, _ in flat], dtype=np.int64),
            numbers(p for _, p, _ in flat),
            settle(rewards.reshape(len(flat), self.agents).T),
        )


def outcome_to_json(target: dict[str, Any], p: Number, rewards: Array) -> dict[str, Any]:
    """One branch; probability 1 and rewards of 0 go without saying where they are exact."""
    out: dict[str, Any] = {} if p == 1 and not isinstance(p, float) else {"p": spell(p)}
    out |= target
    if any(pay != 0 or isinstance(pay, float) for pay in rewards):
        out["rewards"] = [spell(pay) for pay in rewards]
    return out
