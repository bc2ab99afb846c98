"""What a ``.dpomdp`` file declares before its model: agents, states, start, actions, observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.errors import GameError
from gametheory.files.dpomdp_text import PREAMBLE, Statement, Token
from gametheory.numerics import Array

MOST_CELLS = 5_000_000
"""Entries of one table beyond which a file is refused, however short it is."""

MOST_AGENTS = 15
"""The joint kernel has two axes per agent and one for the state; numpy 1 allows 32."""

ROUNDING = Fraction(1, 10_000)
"""Laws whose sums miss 1 by at most this were rounded; they are divided by their sum."""


@dataclass(frozen=True)
class Header:
    """What a file declares before its model."""

    agents: tuple[str, ...]
    states: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    observations: tuple[tuple[str, ...], ...]
    initial: Array  # [S]
    discount: Fraction
    cost: bool


def read_header(found: list[Statement], source: str) -> Header:
    """The header that statements make, each part given once.

    Raises:
        GameError: a part is missing, stands twice or is malformed; the message names the line.
    """
    by_name: dict[str, Statement] = {}
    for statement in found:
        name = statement.keyword.partition(" ")[0]
        if name in PREAMBLE:
            if name in by_name:
                raise statement.fail(f"{name} stands in line {by_name[name].line} already; keep one")
            by_name[name] = statement
    for name in PREAMBLE:
        if name not in by_name and name != "values":
            raise GameError(f"{source!r} has no {name!r}; add a line '{name}: …'")
    agents = _names(by_name["agents"], by_name["agents"].words, first=1)
    if len(agents) > MOST_AGENTS:
        raise by_name["agents"].fail(f"{len(agents)} agents; a joint kernel holds {MOST_AGENTS} at most")
    states = _names(by_name["states"], by_name["states"].words)
    values = by_name.get("values")
    kind = "reward" if values is None else values.one(values.words, "reward or cost").text
    if values is not None and kind not in ("reward", "cost"):
        raise values.fail(f"expected reward or cost, found {kind[:24]!r}")
    discount = by_name["discount"]
    return Header(
        agents=agents,
        states=states,
        actions=_per_agent(by_name["actions"], len(agents)),
        observations=_per_agent(by_name["observations"], len(agents)),
        initial=_start(by_name["start"], states),
        discount=discount.number(discount.one(discount.words, "one number")),
        cost=kind == "cost",
    )


def _names(statement: Statement, words: Sequence[Token], first: int = 0) -> tuple[str, ...]:
    """Names as given, or as many numbers as a count says."""
    if not words:
        raise statement.fail("expected a number or names, found nothing")
    if len(words) == 1 and words[0].text.isascii() and words[0].text.isdigit():
        count = int(words[0].text) if len(words[0].text) < 10 else MOST_CELLS + 1
        if not 0 < count <= MOST_CELLS:
            raise statement.fail(f"{words[0].text[:12]} is no number of {statement.keyword}", words[0].line)
        return tuple(str(first + k) for k in range(count))
    names = tuple(word.text for word in words)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise statement.fail(f"the name {twice[:60]!r} stands twice", words[0].line)
    if ":" in names:
        raise statement.fail("a colon among the names", words[0].line)
    return names


def _per_agent(statement: Statement, agents: int) -> tuple[tuple[str, ...], ...]:
    if len(statement.lines) != agents:
        raise statement.fail(f"expected {agents} lines, one per agent; found {len(statement.lines)}")
    return tuple(_names(statement, line) for line in statement.lines)


def _start(statement: Statement, states: tuple[str, ...]) -> Array:
    """``ρ0`` in any of its forms, ``[S]``."""
    words, S = statement.words, len(states)
    out = np.empty(S, dtype=object)
    out[:] = Fraction(0)
    if statement.keyword == "start" and len(words) == S and (S > 1 or words[0].text not in states):
        out[:] = [Fraction(1)] if S == 1 else statement.numbers(words, S, "one per state")
        total = sum(out)
        if min(out) < 0 or abs(total - 1) > ROUNDING:
            raise statement.fail(f"start must be a distribution; it sums to {float(total):g}")
        return np.asarray(out / total)
    if statement.keyword == "start" and [word.text for word in words] == ["uniform"]:
        chosen = set(range(S))
    elif statement.keyword == "start":
        chosen = {statement.index(statement.one(words, f"a state, uniform, or {S} numbers"), states, "state")}
    else:
        listed = {statement.index(word, states, "state") for word in words}
        chosen = listed if statement.keyword == "start include" else set(range(S)) - listed
    if not chosen:
        raise statement.fail("no state is left to start in")
    out[sorted(chosen)] = Fraction(1, len(chosen))
    return out
