"""JSON text: bounded decoding, places that errors can point to, references by label, wide layout."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from gametheory.errors import GameError, UnknownName
from gametheory.files.encode import number_from_json, rational_to_text
from gametheory.numerics import LARGEST, Number, parse_rational

MOST_VALUES = 20_000_000
"""Values beyond which no document is decoded: each costs many times its text in memory."""

_parse = lru_cache(maxsize=4096)(parse_rational)


def decode(text: str) -> object:
    """The value that JSON text spells.

    Raises:
        GameError: not JSON (line and column), a name twice in one object, not finite, too large.
    """
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        raise GameError(f"more than {MOST_VALUES:,} values; such a game is too large for a file")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise GameError(
            f"not JSON: {error.msg.lower()} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise GameError("nested too deeply") from None
    except GameError:
        raise
    except ValueError:  # Python refuses to read very long integers
        raise GameError("a number has too many digits; write it as text") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out = dict(pairs)
    if len(out) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise GameError(f"{reprlib.repr(twice)} stands twice in one object; keep one")
    return out


def _constant(name: str) -> float:
    raise GameError(f"{name} is not a finite number")


class Place:
    """A value in a document and the way to it, a JSON pointer (RFC 6901)."""

    __slots__ = ("above", "key", "value")

    def __init__(self, value: Any, above: Place | None = None, key: str | int = "") -> None:
        self.value, self.above, self.key = value, above, key

    @property
    def path(self) -> str:
        """``/nodes/3/moves``; empty at the top."""
        if self.above is None:
            return ""
        return f"{self.above.path}/{str(self.key).replace('~', '~0').replace('/', '~1')}"

    def fail(self, message: str) -> GameError:
        """An error that points here."""
        return GameError(f"{self.path or 'the document'}: {message}")

    def wrong(self, expected: str) -> GameError:
        """An error for a value of the wrong kind."""
        try:
            found = reprlib.repr(self.value)
        except ValueError:  # Python refuses to print very long integers
            found = "a very long number"
        return self.fail(f"expected {expected}, found {found}")

    def entries(self, expected: str, count: int | None = None) -> list[Place]:
        """The places of a list's entries, of a given number if ``count`` says so."""
        if not isinstance(self.value, list):
            raise self.wrong(f"a list of {expected}")
        if count is not None and len(self.value) != count:
            raise self.fail(f"expected {count} {expected}, found {len(self.value)}")
        return [Place(value, self, k) for k, value in enumerate(self.value)]

    def fields(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Place]:
        """The places of an object's fields, all of them known and none missing."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"an object with {', '.join(required)}")
        for name in self.value:
            if name not in required and name not in optional:
                try:
                    raise UnknownName("field", name[:60], [*required, *optional])
                except UnknownName as error:
                    raise self.fail(str(error)) from None
        for name in required:
            if name not in self.value:
                raise self.fail(f"the field {name!r} is missing")
        return {name: Place(value, self, name) for name, value in self.value.items()}

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.wrong("text")
        return self.value

    def number(self) -> Number:
        """A rational from text or an integer, else a float."""
        if type(self.value) is float and abs(self.value) <= LARGEST:  # what large documents are full of
            return self.value
        try:
            if isinstance(self.value, str):
                return _parse(self.value)
            return number_from_json(self.value, "number")
        except GameError:
            raise self.wrong('a number of everyday size, or text like "1/3"') from None


class Names:
    """The labels of one list, and references to them: by label where it is unique, else by index."""

    def __init__(self, labels: Sequence[str], kind: str) -> None:
        self.labels, self.kind = labels, kind
        self._index: dict[str, int] = {}
        for k, label in enumerate(labels):
            self._index[label] = -1 if label in self._index else k

    def __len__(self) -> int:
        return len(self.labels)

    def refer(self, index: int) -> str | int:
        """How a document refers to the label at this index."""
        label = self.labels[index]
        return label if self._index[label] == index else int(index)

    def find(self, place: Place) -> int:
        """The index that a reference means."""
        reference = place.value
        if isinstance(reference, str):
            found = self._index.get(reference)
            if found is None:
                try:
                    raise UnknownName(self.kind, reference[:60], self._index)
                except UnknownName as error:
                    raise place.fail(str(error)) from None
            if found < 0:
                raise place.fail(f"several have the label {reprlib.repr(reference)}; use the index, from 0")
            return found
        if not isinstance(reference, int) or isinstance(reference, bool):
            raise place.wrong(f"the label or the index of {self.kind}")
        if not 0 <= reference < len(self.labels):
            raise place.wrong(f"an index of {self.kind}, 0 to {len(self.labels) - 1}")
        return reference


def spell(value: Number) -> str | float:
    """A rational as text, a float as a JSON number."""
    return float(value) if isinstance(value, float) else rational_to_text(Fraction(value))


def layout(value: object, width: int = 100) -> str:
    """JSON text in which whatever fits stands on one line."""
    return "".join(_lines(value, "", "", width)) + "\n"


def _lines(value: object, indent: str, lead: str, width: int) -> Iterable[str]:
    long = isinstance(value, dict | list) and len(value) > width // 3  # at least three signs per entry
    short = "" if long else json.dumps(value, ensure_ascii=False, allow_nan=False)
    fits = not long and len(indent) + len(lead) + len(short) < width
    if fits or not isinstance(value, dict | list) or not value:
        yield f"{indent}{lead}{short}"
        return
    inside = indent + "  "
    yield f"{indent}{lead}{'{' if isinstance(value, dict) else '['}\n"
    parts = (
        [(f"{json.dumps(name, ensure_ascii=False)}: ", part) for name, part in value.items()]
        if isinstance(value, dict)
        else [("", part) for part in value]
    )
    for k, (name, part) in enumerate(parts):
        yield from _lines(part, inside, name, width)
        yield ",\n" if k + 1 < len(parts) else "\n"
    yield f"{indent}{'}' if isinstance(value, dict) else ']'}"
