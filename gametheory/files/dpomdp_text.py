"""The text of a ``.dpomdp`` file as statements: keyword, colon-separated fields, line numbers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from gametheory.errors import GameError, UnknownName
from gametheory.numerics import parse_rational

PREAMBLE = ("agents", "discount", "values", "states", "start", "actions", "observations")
MODEL = ("T", "O", "R")
SHORTHANDS = ("uniform", "identity")

_parse = lru_cache(maxsize=4096)(parse_rational)


class Token(NamedTuple):
    """A word and the line it stands on."""

    text: str
    line: int


@dataclass(frozen=True)
class Statement:
    """``keyword: …`` up to the next keyword that begins a line."""

    keyword: str
    """``start include`` and ``start exclude`` are keywords of their own."""
    line: int
    lines: tuple[tuple[Token, ...], ...]
    """What follows the first colon, line by line; empty lines left out."""
    source: str

    @property
    def words(self) -> list[Token]:
        return list(itertools.chain(*self.lines))

    @property
    def fields(self) -> list[list[Token]]:
        """The words between colons; a closing ``uniform`` or ``identity`` is a field of its own."""
        out: list[list[Token]] = [[]]
        for token in self.words:
            if token.text == ":":
                out.append([])
            else:
                out[-1].append(token)
        if len(out[-1]) > 1 and out[-1][-1].text in SHORTHANDS:
            out.append([out[-1].pop()])
        return out

    def fail(self, message: str, line: int | None = None) -> GameError:
        """An error that names the line."""
        return GameError(f"{self.source!r}, line {self.line if line is None else line}: {message}")

    def number(self, token: Token) -> Fraction:
        try:
            return _parse(token.text)
        except GameError as error:
            raise self.fail(f"expected a number, found {_short(token.text)}, {error}", token.line) from None

    def numbers(self, tokens: Sequence[Token], count: int, what: str) -> list[Fraction]:
        """Exactly ``count`` numbers."""
        if len(tokens) != count:
            line = tokens[-1].line if tokens else None
            raise self.fail(f"expected {count} numbers, {what}; found {len(tokens)}", line)
        return [self.number(token) for token in tokens]

    def one(self, tokens: Sequence[Token], what: str) -> Token:
        """The only word of a field."""
        if len(tokens) != 1:
            found = " ".join(token.text for token in tokens[:6])
            raise self.fail(f"expected {what}, found {_short(found)}", tokens[0].line if tokens else None)
        return tokens[0]

    def index(self, token: Token, labels: Sequence[str], kind: str) -> int:
        """What a name, or an index from 0, stands for."""
        if token.text in labels:
            return labels.index(token.text)
        if token.text.isascii() and token.text.isdigit() and len(token.text) < 10:
            if int(token.text) < len(labels):
                return int(token.text)
            raise self.fail(f"{kind} {token.text} is none of 0 to {len(labels) - 1}", token.line)
        try:
            raise UnknownName(kind, token.text[:60], labels)
        except UnknownName as error:
            raise self.fail(str(error), token.line) from None


def statements(text: str, source: str) -> list[Statement]:
    """Split a file into statements; ``#`` begins a comment, commas count as blanks.

    Raises:
        GameError: text before the first statement; the message names the line.
    """
    found: list[tuple[str, int, list[tuple[Token, ...]]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].replace(":", " : ").replace(",", " ").split()
        if not words:
            continue
        keyword = _keyword(words)
        if keyword:
            words = words[len(keyword.split()) + 1 :]
            found.append((keyword, number, []))
        elif not found:
            raise GameError(
                f"{source!r}, line {number}: expected agents, discount, values, states, start, actions or "
                f"observations and a colon, found {_short(words[0])}"
            )
        if words:
            found[-1][2].append(tuple(Token(word, number) for word in words))
    return [Statement(keyword, line, tuple(lines), source) for keyword, line, lines in found]


def _keyword(words: list[str]) -> str:
    """The keyword that a line begins with, if one does."""
    if len(words) > 1 and words[1] == ":" and words[0] in (*PREAMBLE, *MODEL):
        return words[0]
    if len(words) > 2 and words[0] == "start" and words[1] in ("include", "exclude") and words[2] == ":":
        return f"start {words[1]}"
    return ""


def _short(word: str) -> str:
    return repr(word if len(word) <= 24 else word[:20] + "…")
