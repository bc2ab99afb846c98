r"""Gambit's strategic-form files, ``.nfg``: reader.

    NFG 1 R "title" { "agent" … } { A_1 A_2 … }            sizes, or
    NFG 1 R "title" { "agent" … } { { "a1" "a2" } … }      action labels
    "comment"                                              optional
    p p p …                                                payoffs, or
    { { "name" p, p } … } 1 2 0 …                          outcomes, then one number per cell

Cells come with the first agent's action varying fastest; a cell's payoffs stand together, in
agent order. Outcome 0 pays everybody 0. ``R`` (rational) and ``D`` (decimal) read alike: every
number is the rational it spells, ``1.131`` is 1131/1000. Commas count as blanks. In quoted text
``\"`` is a quote and ``\\`` a backslash; any other backslash stands for itself.

Source: the Gambit project's manual, "Game representation formats".
"""

from __future__ import annotations

import itertools
import math
import os
import re
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from gametheory.errors import GameError
from gametheory.files.disk import read_text
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, parse_rational

MOST_AGENTS = 31
"""An array has at most 32 axes in numpy 1, and one is the agents'."""

MOST_PAYOFFS = 20_000_000
"""Larger tables are refused."""

# Possessive, so that no input backtracks. A lone quote is text that never ends; then the end itself.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}]|[^\s,{}"]++|"|\Z', re.DOTALL)
_NO_WORD = ("", "{", "}", '"')
_ESCAPE = re.compile(r'\\(["\\])')


def read_nfg(path: str | os.PathLike[str]) -> NormalForm:
    """Read a game from an ``.nfg`` file; all its payoffs are exact.

    Raises:
        GameError: not readable, or malformed; the message names line and column.
    """
    return parse_nfg(read_text(path), source=os.fspath(path))


def parse_nfg(text: str, source: str = "text") -> NormalForm:
    """Read a game from the text of an ``.nfg`` file.

    Args:
        text: the whole text.
        source: what to call it in error messages.

    Raises:
        GameError: malformed; the message names line and column, what was expected and found.
    """
    return _Reader(text, source).game()


_Token = re.Match[str]


class _Reader:
    """Reads the grammar above with one token of lookahead, no recursion."""

    def __init__(self, text: str, source: str) -> None:
        self.text, self.source = text, source
        self.tokens: Iterator[_Token] = _TOKEN.finditer(text)
        self.ahead = next(self.tokens)

    def take(self) -> _Token:
        token = self.ahead
        self.ahead = next(self.tokens, token)  # nothing comes after the end but the end
        return token

    def fail(self, token: _Token, message: str) -> GameError:
        start = token.start()
        line = self.text.count("\n", 0, start) + 1
        column = start - self.text.rfind("\n", 0, start)
        return GameError(f"{self.source!r}, line {line}, column {column}: {message}")

    def unexpected(self, token: _Token, expected: str) -> GameError:
        if not self.text.strip():
            return GameError(f"{self.source!r} is empty; a game starts with: NFG 1 R")
        word = token[0]
        if word == '"':
            return self.fail(token, f"expected {expected}, found quoted text without end; close it")
        if not word:
            return self.fail(token, f"expected {expected}, found the end: the text is cut short")
        return self.fail(token, f"expected {expected}, found {_short(word)}")

    def expect(self, text: str, expected: str) -> None:
        token = self.take()
        if token[0] != text:
            raise self.unexpected(token, expected)

    def quoted(self, expected: str) -> str:
        token = self.take()
        if not _is_quoted(token):
            raise self.unexpected(token, expected)
        return _ESCAPE.sub(r"\1", token[0][1:-1])

    def labels(self, expected: str, most: int) -> tuple[str, ...]:
        """``{ "…" "…" }``, the brace already taken."""
        out: list[str] = []
        while self.ahead[0] != "}":
            if len(out) == most:
                raise self.fail(self.ahead, f"expected '}}': a table holds at most {most} of these")
            out.append(self.quoted(f"{expected} in quotes or '}}'"))
        self.take()
        return tuple(out)

    def number(self, token: _Token, expected: str) -> Fraction:
        if token[0][:1] in _NO_WORD:
            raise self.unexpected(token, expected)
        try:
            return parse_rational(token[0])
        except GameError as error:
            raise self.fail(token, f"expected {expected}, found {_short(token[0])}, {error}") from None

    def natural(self, token: _Token, expected: str) -> int:
        value = self.number(token, expected)
        if value.denominator != 1 or value < 0:
            raise self.unexpected(token, expected)
        return int(value)

    def numbers(self, count: int, what: str) -> list[Fraction]:
        """The next ``count`` numbers; equal spellings are read once."""
        seen: dict[str, Fraction] = {}
        out: list[Fraction] = []
        for token in itertools.islice(itertools.chain((self.ahead,), self.tokens), count):
            value = seen.get(token[0])
            if value is None:
                expected = f"{what} {len(out) + 1} of {count}, a number"
                value = seen[token[0]] = self.number(token, expected)
            out.append(value)
        self.ahead = next(self.tokens)
        return out

    def game(self) -> NormalForm:
        self.expect("NFG", "NFG, with which a strategic-form game starts")
        self.expect("1", "format version 1, the only one there is")
        kind = self.take()
        if kind[0] not in ("R", "D"):
            raise self.unexpected(kind, "R or D, for rational or decimal payoffs")
        title = self.quoted("the title in quotes")
        opening = self.ahead
        self.expect("{", "'{' and the agents' names")
        agents = self.labels("an agent's name", most=MOST_AGENTS)
        if not agents:
            raise self.fail(opening, f"no agents; a table holds 1 to {MOST_AGENTS}")
        sizes, actions = self.sizes(agents)
        comment = self.quoted("a comment") if _is_quoted(self.ahead) else ""
        payoffs = self.outcomes(sizes) if self.ahead[0] == "{" else self.payoffs(sizes)
        if self.ahead[0]:
            raise self.unexpected(self.ahead, f"the end: all {math.prod(sizes)} cells are read")
        return NormalForm(payoffs, agents=agents, actions=actions, title=title, comment=comment)

    def sizes(self, agents: tuple[str, ...]) -> tuple[list[int], list[tuple[str, ...]]]:
        """Number of actions, and labels, of every agent."""
        opening = self.ahead
        self.expect("{", "'{' and the agents' numbers of actions or their labels")
        sizes: list[int] = []
        actions: list[tuple[str, ...]] = []
        cells = 1
        while self.ahead[0] != "}" and len(sizes) <= len(agents):
            token = self.take()
            if token[0] == "{":
                own = self.labels("an action's label", most=MOST_PAYOFFS)
                size = len(own)
            else:
                size = self.natural(token, "a number of actions, '{' and labels, or '}'")
                self.check_room(token, size, 1)
                own = tuple(str(k + 1) for k in range(size))
            if not size:
                raise self.fail(token, "an agent without actions; each needs at least 1")
            cells *= size
            self.check_room(token, cells, 1)
            sizes.append(size)
            actions.append(own)
        if len(sizes) != len(agents):
            found = len(sizes) if len(sizes) < len(agents) else f"more than {len(agents)}"
            raise self.fail(opening, f"actions for {found} agents; the header names {len(agents)}")
        self.take()
        return sizes, actions

    def check_room(self, token: _Token, cells: int, per_cell: int) -> None:
        """Refuse sizes that the text cannot fill before anything of that size is made."""
        numbers = cells * per_cell
        if 2 * numbers - 1 > len(self.text) - token.start():
            raise self.fail(
                token,
                f"{cells} cells are declared, and what follows is too short to hold them; "
                "the sizes are wrong or the text is cut short",
            )
        if numbers > MOST_PAYOFFS:
            raise self.fail(
                token, f"{cells} cells are declared; a table holds {MOST_PAYOFFS} payoffs at most"
            )

    def payoffs(self, sizes: list[int]) -> Array:
        self.check_room(self.ahead, math.prod(sizes), len(sizes))
        count = len(sizes) * math.prod(sizes)
        flat = np.empty(count, dtype=object)
        flat[:] = self.numbers(count, "payoff")
        return flat.reshape((len(sizes), *sizes), order="F")

    def outcomes(self, sizes: list[int]) -> Array:
        opening = self.take()
        if len(sizes) * math.prod(sizes) > MOST_PAYOFFS:
            raise self.fail(
                opening, f"{math.prod(sizes)} cells; a table holds {MOST_PAYOFFS} payoffs at most"
            )
        rows = [[Fraction(0)] * len(sizes)]
        while self.ahead[0] != "}":
            self.expect("{", f"'{{' and outcome {len(rows)}, or '}}'")
            self.quoted("the outcome's name in quotes")
            rows.append(self.numbers(len(sizes), f"outcome {len(rows)}, payoff"))
            self.expect("}", f"'}}' after the {len(sizes)} payoffs of outcome {len(rows) - 1}")
        self.take()
        chosen = [self.cell(k, math.prod(sizes), len(rows) - 1) for k in range(math.prod(sizes))]
        table = np.empty((len(rows), len(sizes)), dtype=object)
        table[:] = rows
        return table[chosen].T.reshape((len(sizes), *sizes), order="F")

    def cell(self, index: int, cells: int, outcomes: int) -> int:
        token = self.take()
        number = self.natural(token, f"the outcome of cell {index + 1} of {cells}, 0 to {outcomes}")
        if number > outcomes:
            raise self.fail(
                token, f"cell {index + 1} has outcome {number}; the list has {outcomes}, and 0 is none"
            )
        return number


def _is_quoted(token: _Token) -> bool:
    return len(token[0]) > 1 and token[0][0] == '"'


def _short(word: str) -> str:
    return repr(word if len(word) <= 24 else word[:20] + "…")
