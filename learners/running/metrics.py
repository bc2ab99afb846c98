"""``metrics.jsonl``: one JSON object per line and evaluation point, and a mirror for TensorBoard."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from gametheory.files.encode import to_json
from learners.running.files import write_atomically

Row = dict[str, Any]
LARGEST_ROW = 200
"""Numbers of a row beyond which TensorBoard is spared the profile."""


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
        with self._reported():
            self._file.write(line(row))
            self._file.flush()

    def sync(self) -> None:
        """Wait until everything appended is on the disk."""
        with self._reported():
            os.fsync(self._file.fileno())

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """What the disk refuses, with the way to go on."""
        try:
            yield
        except OSError as error:
            raise GameError(
                f"{self._file.name} cannot be written: {error.strerror}; make room, then continue with: "
                f"equilibrist resume {Path(self._file.name).parent}"
            ) from None

    def close(self) -> None:
        with suppress(OSError):  # what could not be flushed was reported when it was appended
            self._file.close()


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """The numbers of all rows as a table, atomically: one line per row, a column per number.

    Nested numbers are named by their path (``return/0``, ``losses/critic_loss``). Profiles are left out:
    they stay in ``metrics.jsonl``.
    """
    lines = [dict(_scalars({k: v for k, v in row.items() if k not in _PROFILES})) for row in rows]
    columns = list(dict.fromkeys(name for cells in lines for name in cells))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_atomically(path, text.getvalue().encode())


_PROFILES = ("profile", "sample")


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
        kept = row if len(_scalars(row)) <= LARGEST_ROW else {k: row[k] for k in row if k not in _PROFILES}
        for name, value in _scalars(kept):
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
