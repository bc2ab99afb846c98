"""Checkpoints: written whole or not at all, read without executing anything."""

from __future__ import annotations

import io
import re
import reprlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gametheory.errors import GameError
from learners.running.files import write_atomically

KEEP = 2
"""How many checkpoints of a run are kept."""
_ARRAY = "__array__"


def save(folder: Path, step: int, digest: str, content: Mapping[str, Any]) -> Path:
    """Write ``folder/step-….pt`` and delete all but the newest two.

    Args:
        folder: the run's ``checkpoints`` folder.
        step: environment steps so far; the file is named after it.
        digest: names the configuration, so that no other run takes this checkpoint for its own.
        content: containers, numbers, strings, tensors and numpy arrays.

    Raises:
        GameError: the disk is full or cannot be written to; the checkpoints before are untouched.
    """
    path = write(folder, step, digest, content)
    for old in stored(folder)[KEEP:]:
        old.unlink(missing_ok=True)
    for part in folder.glob(".step-*.part"):  # of a process that was killed while writing
        part.unlink(missing_ok=True)
    return path


def write(folder: Path, step: int, digest: str, content: Mapping[str, Any]) -> Path:
    """Write ``folder/step-….pt``.

    Raises:
        GameError: the disk is full or cannot be written to.
    """
    path = folder / f"step-{step:012d}.pt"
    try:
        write_atomically(path, _as_file({"digest": digest, "content": _encode(content)}).getvalue())
    except OSError as error:
        raise GameError(_not_written(path, error)) from None
    return path


def need_readable(name: str, content: Any) -> None:
    """Check that what is saved can be read back without executing anything.

    Raises:
        GameError: it cannot; names it.
    """
    try:
        torch.load(_as_file(_encode(content)), weights_only=True)
    except GameError:
        raise
    except Exception as error:  # zip, pickle and torch raise many kinds; all mean the same
        reason = next(iter(re.findall(r"Unsupported global: GLOBAL (\S+)", str(error))), type(error).__name__)
        raise GameError(
            f"{name} cannot be saved, for it holds something else ({reason}) than tensors, arrays, numbers, "
            "strings and containers of these"
        ) from None


def _as_file(plain: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    torch.save(plain, buffer)
    buffer.seek(0)
    return buffer


def stored(folder: Path) -> list[Path]:
    """The checkpoints of a folder, newest first; unfinished ones are not among them."""
    return sorted(folder.glob("step-*.pt"), reverse=True)


def load(path: Path, digest: str) -> dict[str, Any]:
    """What ``save`` was given.

    Raises:
        GameError: the file is missing, damaged, or of another configuration; the message says
            which older checkpoint is whole and how to continue from it.
    """
    try:
        return read(path, digest)
    except GameError as error:
        older = [other for other in stored(path.parent) if other < path and _whole(other, digest)]
        run = path.parent.parent
        if older:
            mend = f"continue from the one before it: equilibrist resume {run} --from {older[0]}"
        else:
            mend = "there is no older one; train again into another folder"
        raise GameError(f"{error}; {mend}") from None


def go_back(path: Path, digest: str) -> None:
    """Make ``path`` the newest checkpoint of its folder: later ones are renamed, not deleted.

    Raises:
        GameError: ``path`` is damaged, of another configuration, or missing.
    """
    load(path, digest)
    for other in stored(path.parent):
        if other > path:
            other.rename(other.with_name(f"{other.name}.set-aside"))


def not_a_number(value: Any, name: str = "the state") -> str | None:
    """Where a state holds NaN, as a path of keys; None where it does not."""
    if isinstance(value, Mapping):
        parts = [(f"{key}" if name == "the state" else f"{name}.{key}", part) for key, part in value.items()]
    elif isinstance(value, tuple | list):
        parts = [(f"{name}[{k}]", part) for k, part in enumerate(value)]
    else:
        if isinstance(value, torch.Tensor):
            bad = value.is_floating_point() and bool(torch.isnan(value).any())
        else:
            bad = isinstance(value, float | np.floating) and bool(np.isnan(value))
        return name if bad else None
    found = (not_a_number(part, at) for at, part in parts)
    return next((at for at in found if at is not None), None)


def _not_written(path: Path, error: OSError) -> str:
    before = stored(path.parent)
    run = path.parent.parent
    kept = f"the one before it, {before[0].name}, is whole" if before else "there is none before it"
    return (
        f"the checkpoint {path} cannot be written: {error.strerror}; {kept}: "
        f"make room, then continue with: equilibrist resume {run}"
    )


def _whole(path: Path, digest: str) -> bool:
    try:
        read(path, digest)
    except GameError:
        return False
    return True


def read(path: Path, digest: str) -> dict[str, Any]:
    """What was written, with nothing said of others that could serve in its place.

    Raises:
        GameError: the file is missing, damaged, or of another configuration.
    """
    if not path.is_file():
        raise GameError(f"the checkpoint {path} does not exist")
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()  # torch itself does not compare the check sums
        if broken is not None:
            raise ValueError(broken)
        stored_value = torch.load(path, map_location="cpu", weights_only=True)
        found, content = stored_value["digest"], stored_value["content"]
    except Exception:  # zip, pickle and torch raise many kinds; all mean the same
        raise GameError(f"the checkpoint {path} is damaged or is none") from None
    if found != digest:
        raise GameError(f"the checkpoint {path} is of another configuration")
    out: dict[str, Any] = _decode(content)
    return out


def _encode(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:  # their bytes are addresses
            raise GameError(f"an array of objects cannot be saved: {reprlib.repr(value.ravel().tolist())}")
        raw = np.ascontiguousarray(value).reshape(value.shape)
        return {_ARRAY: str(raw.dtype), "shape": list(raw.shape), "bytes": _as_bytes(raw)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: _encode(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_encode, value))
    return [_encode(part) for part in value] if isinstance(value, list) else value


def _as_bytes(array: np.ndarray[Any, Any]) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(array.tobytes(), dtype=np.uint8).copy())


def _decode(value: Any) -> Any:
    if isinstance(value, Mapping):
        if _ARRAY in value:
            raw = value["bytes"].numpy().tobytes()
            return np.frombuffer(raw, dtype=value[_ARRAY]).reshape(value["shape"]).copy()
        return {key: _decode(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_decode, value))
    return [_decode(part) for part in value] if isinstance(value, list) else value
