"""Keywords of functions given as text, ``key=value``, for commands that take ``--set``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gametheory.errors import GameError, UnknownName


def keywords(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """The function's keyword-only parameters by name."""
    return {
        name: parameter
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }


def read_keywords(function: Callable[..., Any], given: Sequence[str], kind: str) -> dict[str, Any]:
    """The values of ``key=value`` assignments, read as the function's annotations say.

    Truth values are true or false, lists are separated by commas, pairs in lists by hyphens: ``0-1,1-2``.

    Raises:
        UnknownName: no such keyword; the message offers the nearest names.
        GameError: no ``=``, a key twice, or a value that does not fit.
    """
    known, out = keywords(function), {}
    for assignment in given:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise GameError(f"{assignment!r} sets nothing; write key=value")
        name = key.strip().replace("-", "_")
        check_name(name, known, kind)
        if name in out:
            raise GameError(f"{name} is set twice")
        out[name] = _read(name, text.strip(), str(known[name].annotation))
    return out


def check_name(name: str, known: Iterable[str], kind: str) -> None:
    """Let a known name pass.

    Raises:
        UnknownName: it is none; the message offers the nearest names.
    """
    known = list(known)
    if name not in known:
        raise UnknownName(kind, name, known or ["none at all"])


def _read(name: str, text: str, annotation: str) -> Any:
    readers: list[tuple[str, Callable[[str], Any], str]] = [
        ("tuple", _pairs, "pairs such as 0-1,1-2"),
        ("Sequence", _integers, "integers such as 3,3,4"),
        ("bool", _truth, "true or false"),
        ("float", float, "a number"),
        ("int", int, "an integer"),
    ]
    for word, read, wanted in readers:
        if word in annotation:
            try:
                return read(text)
            except ValueError:
                raise GameError(f"{name} is {text!r}; it must be {wanted}") from None
    return text


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _integers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def _pairs(text: str) -> tuple[tuple[int, int], ...]:
    pairs = [part.split("-") for part in text.split(",") if part]
    return tuple((int(a), int(b)) for a, b in pairs)
