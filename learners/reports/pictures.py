"""Pictures of a page: drawn once, written as files and put into the page itself."""

from __future__ import annotations

import base64
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from learners.running.files import write_atomically

DPI = 160
"""Twice a screen's pixels at the width that the figures are drawn for."""


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it."""

    name: str
    title: str
    caption: str
    alt: str
    uri: str


def picture_folder(path: Path) -> Path:
    """``path/pictures``, made if it is not there.

    Raises:
        GameError: it cannot be, or something else has its name.
    """
    folder = path / "pictures"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise GameError(f"{folder} cannot be made: {error.strerror}") from None
    return folder


def as_picture(folder: Path, name: str, title: str, caption: str, alt: str, figure: Any) -> Picture:
    """Draw a figure into ``folder/name.png`` and as what the page shows."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a label's sign that the font lacks
        figure.savefig(buffer, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    safe = "".join(letter if letter.isalnum() or letter in "-_=." else "-" for letter in name)
    write_atomically(folder / f"{safe}.png", buffer.getvalue())
    uri = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return Picture(safe, title, caption, alt, uri)
