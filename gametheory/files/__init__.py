"""Game files: readers and writers, chosen by the name's suffix."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

from gametheory.errors import GameError, UnknownName
from gametheory.files.nfg import parse_nfg, read_nfg
from gametheory.files.nfg_writer import format_nfg, write_nfg
from gametheory.normal_form import NormalForm

__all__ = ["FORMATS", "Format", "format_nfg", "parse_nfg", "read", "read_nfg", "write", "write_nfg"]


@dataclass(frozen=True)
class Format:
    """A file format: what it is called, how it is read and written."""

    title: str
    read: Callable[[str | os.PathLike[str]], NormalForm]
    write: Callable[[NormalForm, str | os.PathLike[str]], None]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {".nfg": Format("Gambit strategic form", read_nfg, write_nfg)},
)
"""Formats by suffix, in lower case."""


def read(path: str | os.PathLike[str]) -> NormalForm:
    """Read a game from a file; the suffix names the format.

    Raises:
        GameError: unknown suffix, missing, unreadable or malformed file.
    """
    return _format(path).read(path)


def write(game: NormalForm, path: str | os.PathLike[str]) -> None:
    """Write a game to a file as a whole, replacing what was there; the suffix names the format.

    Raises:
        GameError: unknown suffix, or the file cannot be written.
    """
    _format(path).write(game, path)


def _format(path: str | os.PathLike[str]) -> Format:
    suffix = PurePath(path).suffix.lower()
    if not suffix:
        raise GameError(f"{os.fspath(path)!r} has no suffix to tell its format; known: {', '.join(FORMATS)}")
    if suffix not in FORMATS:
        raise UnknownName("file format", suffix, FORMATS, hint=f"of {os.fspath(path)!r}")
    return FORMATS[suffix]
