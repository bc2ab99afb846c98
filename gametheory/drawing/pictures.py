"""Pictures of games: payoff tables of matrix games, state graphs of small POSGs and AECGs.

Needs the extra ``plots``.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from gametheory.aecg import AECG
from gametheory.drawing.graph import draw_graph
from gametheory.drawing.table import draw_table
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG


def draw(game: Any, path: str | os.PathLike[str]) -> None:
    """Draw a game into a file; the suffix chooses the kind of picture (``.svg``, ``.png``).

    Raises:
        GameError: a game of another kind, too large for a picture, or the file cannot be written.
    """
    figure = picture(game)
    place = os.fspath(path)
    metadata = {"Date": None} if place.lower().endswith(".svg") else None  # the same game, the same file
    with mpl.rc_context({"svg.hashsalt": "equilibrist"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a label's sign that the font lacks
        try:
            figure.savefig(place, dpi=160, metadata=metadata, facecolor="white")
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise GameError(f"cannot write {place!r}: {reason}; choose another place") from None


def picture(game: Any) -> Figure:
    """The figure that ``draw`` writes.

    Raises:
        GameError: a game of another kind, or too large for a picture.
    """
    if isinstance(game, NormalForm):
        return draw_table(game)
    if isinstance(game, POSG | AECG):
        return draw_graph(game)
    raise GameError(f"a {type(game).__name__} has no picture; matrix games, POSGs and AECGs have one")
