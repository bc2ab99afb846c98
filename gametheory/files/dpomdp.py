"""Dec-POMDPs in the format of the MADP toolbox, ``.dpomdp``: reader.

    agents: 2                          a number or names
    discount: 0.9
    values: reward                     or cost: the negative is paid
    states: left right                 a number or names
    start: uniform                     a law, one state, ``start include: …``, ``start exclude: …``
    actions:                           one line per agent, a number or names; observations alike
    T: <a> : <s> : <s'> : p            or a row over s', or a matrix over s and s', uniform, identity
    O: <a> : <s'> : <o> : p            or a row over o, or a matrix over s' and o, uniform
    R: <a> : <s> : <s'> : <o> : r      or a row over o, or a matrix over s' and o

``<a>`` and ``<o>`` are joint: one name, index or ``*`` per agent, one joint index (last agent
fastest), or one ``*``. Later entries override earlier ones; what no entry names is 0. Numbers are the
rationals they spell. ``#`` begins a comment.

Source: the MADP toolbox's ``example.dpomdp`` (F. Oliehoek, 2006), which documents the format.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePath

import numpy as np

from gametheory.errors import GameError
from gametheory.files.disk import read_text
from gametheory.files.dpomdp_header import MOST_CELLS, ROUNDING, Header, read_header
from gametheory.files.dpomdp_text import Statement, Token, statements
from gametheory.numerics import Array
from gametheory.posg import POSG
from gametheory.tables.kernels import JointObservations

MOST_WRITES = 100_000_000
"""Entries written by all statements together."""

Selection = tuple[slice, ...]


def read_dpomdp(path: str | os.PathLike[str]) -> POSG:
    """Read a Dec-POMDP from a ``.dpomdp`` file: a POSG in which all agents receive the same rewards.

    A POSG's rewards do not depend on observations. Where the file's do, the game pays their
    expectation ``Σ_o O(o | s', a) R(s, a, s', o)``, which leaves every expected return as it is, and the
    title says so; it also says where rounded laws were divided by their sums.

    Raises:
        GameError: not readable, or malformed; the message names the line.
    """
    return parse_dpomdp(read_text(path), source=os.fspath(path), title=PurePath(path).stem)


def parse_dpomdp(text: str, source: str = "text", title: str = "") -> POSG:
    """Read a Dec-POMDP from text; see ``read_dpomdp``."""
    found = statements(text, source)
    try:
        return _Model(read_header(found, source), found, source).posg(title)
    except GameError as error:
        if str(error).startswith(repr(source)):
            raise
        raise GameError(f"{source!r}: {error}") from None


class _Model:
    """The tables ``P``, ``O`` and ``R`` that T, O and R entries fill, in the order of the file."""

    def __init__(self, header: Header, found: list[Statement], source: str) -> None:
        self.header, self.source = header, source
        self.S = len(header.states)
        self.A = tuple(map(len, header.actions))
        self.O = tuple(map(len, header.observations))
        self.n = len(header.agents)
        self.writes = 0
        rewards = [(statement, _wide(statement)) for statement in found if statement.keyword == "R"]
        self.by_successor = any(fields >= 3 for _, fields in rewards)
        self.by_observation = any(fields >= 4 for _, fields in rewards)
        self.P = self._table((self.S, *self.A, self.S), "transition")
        self.kernel = self._table((self.S, *self.A, *self.O), "observation")
        successors = self.S if self.by_successor else 1
        seen = self.O if self.by_observation else (1,) * self.n
        self.R = self._table((self.S, *self.A, successors, *seen), "reward")
        for statement in found:
            if statement.keyword in ("T", "O", "R"):
                {"T": self._transition, "O": self._observation, "R": self._reward}[statement.keyword](
                    statement
                )

    def _table(self, shape: tuple[int, ...], what: str) -> Array:
        if math.prod(shape) > MOST_CELLS:
            raise GameError(
                f"{self.source!r} declares {math.prod(shape):,} cells of a {what} table; {MOST_CELLS:,} fit"
            )
        out = np.empty(shape, dtype=object)
        out[...] = Fraction(0)
        return out

    # --- entries -----------------------------------------------------------------------------------

    def _transition(self, entry: Statement) -> None:
        *where, values = entry.fields
        if not 1 <= len(where) <= 3:
            raise entry.fail(
                "expected T: actions : state : next state : p, or fewer fields and a row or matrix"
            )
        joint = self._joint(entry, where[0], self.header.actions, "action")
        at = (*self._states(entry, where[1:2]), *joint, *self._states(entry, where[2:3]))
        word = values[0].text if len(values) == 1 else ""
        if word == "identity" and len(where) == 1:
            table = np.eye(self.S, dtype=np.int64).astype(object) * Fraction(1)
        elif word == "uniform" and len(where) < 3:
            table = np.full((1, 1), Fraction(1, self.S), dtype=object)
        else:
            shape = ((self.S, self.S), (1, self.S), (1, 1))[len(where) - 1]
            table = self._values(entry, values, shape, "[start states ×] next states")
        self._write(self.P, at, table.reshape(table.shape[0], *(1,) * self.n, table.shape[1]), entry)

    def _observation(self, entry: Statement) -> None:
        *where, values = entry.fields
        if not 1 <= len(where) <= 3:
            raise entry.fail(
                "expected O: actions : state : observations : p, or fewer fields and a row or matrix"
            )
        joint = self._joint(entry, where[0], self.header.actions, "action")
        seen = self._joint(entry, where[2], self.header.observations, "observation") if where[2:] else ()
        at = (*self._states(entry, where[1:2]), *joint, *(seen or (slice(None),) * self.n))
        width = math.prod(self.O)
        if len(values) == 1 and values[0].text == "uniform" and len(where) < 3:
            table = np.full((1, 1), Fraction(1, width), dtype=object)
        else:
            shape = ((self.S, width), (1, width), (1, 1))[len(where) - 1]
            table = self._values(entry, values, shape, "[states ×] joint observations")
        self._write(self.kernel, at, self._spread(table, (table.shape[0], *(1,) * self.n)), entry)

    def _reward(self, entry: Statement) -> None:
        *where, values = entry.fields
        if not 2 <= len(where) <= 4:
            raise entry.fail(
                "expected R: actions : state : next state : observations : r, or a row or matrix"
            )
        joint = self._joint(entry, where[0], self.header.actions, "action")
        seen = self._joint(entry, where[3], self.header.observations, "observation") if where[3:] else ()
        after = self._states(entry, where[2:3]) if self.by_successor else (slice(None),)
        if not self.by_observation:
            seen = ()
        at = (*self._states(entry, where[1:2]), *joint, *after, *(seen or (slice(None),) * self.n))
        width = math.prod(self.O)
        shape = ((self.S, width), (1, width), (1, 1))[len(where) - 2]
        table = self._values(entry, values, shape, "[next states ×] joint observations")
        self._write(self.R, at, self._spread(table, (1, *(1,) * self.n, table.shape[0])), entry)

    def _spread(self, table: Array, lead: tuple[int, ...]) -> Array:
        """Rows over joint observations as one axis per agent, after leading axes."""
        return table.reshape(*lead, *(self.O if table.shape[1] > 1 else (1,) * self.n))

    def _values(self, entry: Statement, tokens: list[Token], shape: tuple[int, int], what: str) -> Array:
        numbers = entry.numbers(tokens, math.prod(shape), "one value" if shape == (1, 1) else what)
        out = np.empty(len(numbers), dtype=object)
        out[:] = numbers
        return out.reshape(shape)

    def _write(self, table: Array, at: Selection, values: Array, entry: Statement) -> None:
        self.writes += table[at].size
        if self.writes > MOST_WRITES:
            raise entry.fail("the entries so far override one another too often; list each value once")
        table[at] = values

    # --- references ----------------------------------------------------------------------------------

    def _states(self, entry: Statement, field: Sequence[list[Token]]) -> Selection:
        """One axis of states: all where the field is missing or ``*``."""
        if not field:
            return (slice(None),)
        token = entry.one(field[0], "a state or *")
        if token.text == "*":
            return (slice(None),)
        state = entry.index(token, self.header.states, "state")
        return (slice(state, state + 1),)

    def _joint(
        self, entry: Statement, tokens: list[Token], labels: tuple[tuple[str, ...], ...], kind: str
    ) -> Selection:
        """One axis per agent."""
        if len(tokens) == 1 and tokens[0].text == "*":
            return (slice(None),) * self.n
        if len(tokens) == 1 and self.n > 1 and tokens[0].text.isascii() and tokens[0].text.isdigit():
            sizes = tuple(map(len, labels))
            index = int(tokens[0].text) if len(tokens[0].text) < 10 else math.prod(sizes)
            if index >= math.prod(sizes):
                raise entry.fail(f"there is no joint {kind} {tokens[0].text[:12]}", tokens[0].line)
            return tuple(slice(int(k), int(k) + 1) for k in np.unravel_index(index, sizes))
        if len(tokens) != self.n:
            raise entry.fail(
                f"expected a joint {kind}: * or one of each of {self.n} agents; found {len(tokens)} words"
            )
        out = list[slice]()
        for i, (token, own) in enumerate(zip(tokens, labels, strict=True)):
            if token.text == "*":
                out.append(slice(None))
            else:
                k = entry.index(token, own, f"{kind} of agent {self.header.agents[i]}")
                out.append(slice(k, k + 1))
        return tuple(out)

    # --- the game ------------------------------------------------------------------------------------

    def posg(self, title: str) -> POSG:
        header, notes = self.header, list[str]()
        rounded = self._normalise(self.P, self.P.ndim - 1, "T")
        rounded |= self._normalise(self.kernel, self.n + 1, "O")
        if rounded:
            notes.append("rounded laws divided by their sums")
        rewards = -self.R if header.cost else self.R
        if self.by_observation:
            notes.append("rewards in expectation over observations")
            seen = np.moveaxis(self.kernel, 0, self.n)[None]  # [1, A…, S', Ω…]
            rewards = (rewards * seen).sum(axis=tuple(range(self.n + 2, rewards.ndim)))
        else:
            rewards = rewards.reshape(rewards.shape[: self.n + 1 + self.by_successor])
        return POSG(
            self.P,
            np.broadcast_to(rewards, (self.n, *rewards.shape)),
            JointObservations(self.kernel),
            header.initial,
            header.discount,
            agents=header.agents,
            states=header.states,
            actions=header.actions,
            observation_labels=header.observations,
            title=f"{title} ({'; '.join(notes)})".strip() if notes else title,
        )

    def _normalise(self, table: Array, axes: int, what: str) -> bool:
        """Check that entries over the axes from ``axes`` on are laws; mend rounding. Was there any?"""
        sums = table.sum(axis=tuple(range(axes, table.ndim)))
        bad = np.argwhere(
            (np.abs(sums - 1) > ROUNDING) | (table < 0).any(axis=tuple(range(axes, table.ndim)))
        )
        if len(bad):
            state, *joint = bad[0].tolist()
            actions = " ".join(own[a] for own, a in zip(self.header.actions, joint, strict=True))
            raise GameError(
                f"{self.source!r}: {what}: {actions} : {self.header.states[state]} must be a distribution; "
                f"it sums to {float(sums[(state, *joint)]):g}"
            )
        off = sums != 1
        table[off] = table[off] / sums[off].reshape(-1, *(1,) * (table.ndim - axes))
        return bool(off.any())


def _wide(entry: Statement) -> int:
    """How many fields of an R entry distinguish: 3 where successors do, 4 where observations do."""
    where = entry.fields[:-1]
    if len(where) < 4:
        return 4
    seen = any(token.text != "*" for token in where[3])
    return 4 if seen else 3 if [token.text for token in where[2]] != ["*"] else 2
