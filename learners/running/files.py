"""Files that are either whole or not there, and folders held against other processes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gametheory.errors import GameError


class NotWritten(GameError, OSError):
    """A file that could not be written: a full disk, a quota, a folder without permission."""

    def __init__(self, path: Path, reason: OSError) -> None:
        super().__init__(f"{path} cannot be written: {reason.strerror}; make room and try again")
        self.errno, self.strerror = reason.errno, reason.strerror

    def __str__(self) -> str:
        return str(self.args[0])


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary name beside ``path``, wait for the disk, rename.

    Raises:
        NotWritten: the disk is full or cannot be written to; what was at ``path`` is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise NotWritten(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Indented JSON, atomically; NaN and infinities are refused.

    Raises:
        NotWritten: the disk is full or cannot be written to.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, (text + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        GameError: the file is missing or is none.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise GameError(f"{path} is missing; is {path.parent} a run folder?") from None
    except (OSError, ValueError) as error:
        raise GameError(f"{path} cannot be read as JSON: {str(error).splitlines()[0]}") from None
    if not isinstance(value, dict):
        raise GameError(f"{path} holds no JSON object")
    return value


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold a folder against other processes; the system lets go when the process ends.

    Raises:
        GameError: another process holds it; ``what`` says what it does there.
    """
    with (path / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GameError(f"{path} is being {what} by another process; wait for it") from None
        yield
