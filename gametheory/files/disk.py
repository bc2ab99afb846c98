"""Text from and to disk: bounded reading, whole writing, errors that say how to mend."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from gametheory.errors import GameError

LARGEST_FILE = 256 * 2**20
"""Bytes beyond which no file is read."""


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the UTF-8 text of a file; a leading byte-order mark is dropped.

    Raises:
        GameError: missing (with near names), a directory, unreadable, too large, not UTF-8.
    """
    place = Path(path)
    try:
        with place.open("rb") as file:
            return _decoded(file, repr(str(place)))
    except FileNotFoundError:
        raise GameError(_missing(place)) from None
    except IsADirectoryError:
        raise GameError(f"{str(place)!r} is a directory; name a file in it") from None
    except GameError:
        raise
    except (OSError, ValueError) as error:
        raise GameError(
            f"cannot read {str(place)!r}: {_reason(error)}; check the name and its rights"
        ) from None


def read_standard_input() -> str:
    """Return what is on standard input, under the same limits as ``read_text``."""
    return _decoded(sys.stdin.buffer, "standard input")


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file as a whole: to a temporary name beside it, then renamed over it.

    Raises:
        GameError: the folder is missing or closed to writing, or the text holds lone surrogates;
            what stood under this name before is then untouched.
    """
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise GameError(
            f"character {error.start} of the text for {str(path)!r} is half a surrogate pair, "
            "which UTF-8 cannot hold; mend the label or comment it is in"
        ) from None
    target = Path(os.path.realpath(path))  # a link stays a link
    temporary = target.parent / f".{os.getpid()}-{threading.get_ident()}.tmp"
    try:
        if target.exists() and not target.is_file():
            raise GameError(f"{str(path)!r} is no ordinary file; name another")
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            temporary.unlink()
        if isinstance(error, GameError):
            raise
        raise GameError(f"cannot write {str(path)!r}: {_reason(error)}; choose another place") from None


def _decoded(file: BinaryIO, source: str) -> str:
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise GameError(f"{source} is larger than {LARGEST_FILE // 2**20} MiB; split or shrink it")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise GameError(
            f"{source} is not UTF-8 text: byte {data[error.start]:#04x} at offset {error.start}; "
            "save it as UTF-8"
        ) from None


def _missing(place: Path) -> str:
    try:
        names = [entry.name for entry in os.scandir(place.parent)]
    except OSError:
        return f"there is no folder {str(place.parent)!r}; check the path"
    near = difflib.get_close_matches(place.name, names, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(map(repr, near))}?" if near else "check the path"
    return f"there is no file {str(place)!r}; {advice}"


def _reason(error: OSError | ValueError) -> str:
    strerror = getattr(error, "strerror", None)
    return (strerror or str(error)).lower()
