"""``metrics.jsonl``: one JSON object per line and evaluation point, and a mirror for TensorBoard."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from gametheory.files.encode import to_json
from learners.files import write_atomically

Row = dict[str, Any]


def line(row: Mapping[str, Any]) -> str:
    """One line of the file, newline included."""
    return json.dumps(to_json(row), ensure_ascii=False, allow_nan=False) + "\n"


def read(path: Path) -> list[Row]:
    """All whole lines; a last line cut short by a crash is left out.

    Raises:
        GameError: another line is not a JSON object.
    """
    rows: list[Row] = []
    if not path.exists():
        return rows
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    for number, text in enumerate(lines, start=1):
        if not text:
            continue
        try:
            row = json.loads(text)
            if not isinstance(row, dict):
                raise ValueError
        except ValueError:
            if number == len(lines):
                break
            raise GameError(f"{path}, line {number} is not a JSON object; restore or delete it") from None
        rows.append(row)
    return rows


def cut(path: Path, rows: int) -> list[Row]:
    """Keep the first ``rows`` lines, atomically, and return them.

    Raises:
        GameError: there are fewer.
    """
    kept = read(path)[:rows]
    if len(kept) < rows:
        raise GameError(f"{path} has {len(kept)} lines; the checkpoint was written after {rows}")
    write_atomically(path, "".join(map(line, kept)).encode())
    return kept


class MetricsFile:
    """Appends rows; each is on its way to the disk before the next is computed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def append(self, row: Mapping[str, Any]) -> None:
        self._file.write(line(row))
        self._file.flush()

    def sync(self) -> None:
        """Wait until everything appended is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class TensorBoard:
    """The same numbers as TensorBoard events.

    Raises:
        GameError: the extra is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise GameError("TensorBoard is missing; pip install 'equilibrist[tensorboard]'") from None
        self._writer: Any = SummaryWriter(str(folder))

    def append(self, row: Mapping[str, Any]) -> None:
        for name, value in _scalars(row):
            self._writer.add_scalar(name, value, row["step"])

    def close(self) -> None:
        self._writer.close()


def _scalars(row: Mapping[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    out: list[tuple[str, float]] = []
    for key, value in to_json(row).items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            out += _scalars(value, f"{name}/")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            out += _scalars({str(i): part for i, part in enumerate(value)}, f"{name}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            out.append((name, float(value)))
    return out
