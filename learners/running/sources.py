"""What games and algorithms of others are written in: a run never goes on with another one. No torch."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from gametheory.imported import imported
from learners import registry

OURS = ("gametheory", "environments", "learners", "equilibrist")
"""Packages whose version a run notes, in ``versions.json``."""


def file_digest(game: str) -> str:
    """SHA-256 of a game's file, or of the source of ``module:attribute``; empty for games that have a name."""
    place = Path(game)
    if place.is_file():
        return hashlib.sha256(place.read_bytes()).hexdigest()
    return source_digest(game) if ":" in game else ""


def algorithm_digest(name: str) -> str:
    """SHA-256 of the source of an algorithm of others; empty for ours.

    Raises:
        GameError: its import fails.
    """
    place = registry.place(name)
    return "" if place is None or name in registry.ALGORITHMS else source_digest(place)


def source_digest(place: str) -> str:
    """SHA-256 of the files that ``module:attribute`` is written in; empty where all of them are ours.

    These are the file of the module and those that define what it names. What they import is not read.

    Raises:
        GameError: the import fails.
    """
    modules = {place.partition(":")[0], *_defining(imported(place))}
    theirs = {name for name in modules if name.partition(".")[0] not in OURS}
    files = {getattr(sys.modules.get(name), "__file__", None) for name in theirs}
    contents = [Path(file).read_bytes() for file in sorted(filter(None, files))]
    parts = [hashlib.sha256(content).hexdigest() for content in contents]
    return hashlib.sha256("".join(parts).encode()).hexdigest() if parts else ""


def _defining(found: Any) -> Iterator[str]:
    """The modules in which a function, a class, an ``Algorithm`` or what a ``partial`` calls is defined."""
    if isinstance(found, partial):
        yield from _defining(found.func)
        return
    yield str(getattr(found, "__module__", None) or type(found).__module__)
    for part in ("settings", "build"):  # of an Algorithm
        if hasattr(found, part) and not isinstance(found, type):
            yield from _defining(getattr(found, part))
