"""POSGs and AECGs as JSON: reader and writer. ``game.schema.json`` is the format's schema.

Exact numbers are text (``"1/2"``), others JSON numbers; states, agents, actions and observations
are given by label, or by index from 0 where a label repeats. Only what has a positive
probability is listed.
"""

from __future__ import annotations

import os
from importlib import resources
from typing import TYPE_CHECKING

from gametheory.errors import GameError
from gametheory.files.disk import read_text, write_text
from gametheory.files.json_text import Place, decode, layout

if TYPE_CHECKING:
    from gametheory.aecg import AECG
    from gametheory.normal_form import NormalForm
    from gametheory.posg import POSG

POSG_FORMAT, AECG_FORMAT = "equilibrist/posg", "equilibrist/aecg"
VERSION = 1


def read_game_json(path: str | os.PathLike[str]) -> POSG | AECG:
    """Read a game from a JSON file.

    Raises:
        GameError: unreadable, not JSON (line and column), or no game (the place in the document).
    """
    return parse_game_json(read_text(path), source=os.fspath(path))


def parse_game_json(text: str, source: str = "text") -> POSG | AECG:
    """Read a game from JSON text; see ``read_game_json``."""
    try:
        return _game(Place(decode(text)))
    except GameError as error:
        raise GameError(f"{source!r}: {error}") from None


def write_game_json(game: POSG | AECG | NormalForm, path: str | os.PathLike[str]) -> None:
    """Write a game to a JSON file as a whole, replacing what was there.

    Raises:
        GameError: not a POSG or AECG, or the file cannot be written.
    """
    write_text(path, format_game_json(game))


def format_game_json(game: POSG | AECG | NormalForm) -> str:
    """Return a game as JSON text; what is read back is the same game, number for number."""
    from gametheory.aecg import AECG
    from gametheory.posg import POSG

    if isinstance(game, POSG):
        from gametheory.files.posg_json import posg_to_json

        return _text(POSG_FORMAT, game.title, posg_to_json(game))
    if isinstance(game, AECG):
        from gametheory.files.aecg_json import aecg_to_json

        return _text(AECG_FORMAT, game.title, aecg_to_json(game))
    raise GameError(f"a JSON file holds a POSG or an AECG, no {type(game).__name__}; convert it first")


def schema() -> str:
    """The JSON schema (draft 2020-12) of game and correspondence documents, as text."""
    return (resources.files("gametheory.files") / "game.schema.json").read_text(encoding="utf-8")


def _text(kind: str, title: str, document: dict[str, object]) -> str:
    head: dict[str, object] = {"format": kind, "version": VERSION}
    return layout(head | ({"title": title} if title else {}) | document)


def check_format(top: Place, known: tuple[str, ...]) -> str:
    """The format that a document names, one of those known, in this version."""
    if not isinstance(top.value, dict) or "format" not in top.value:
        raise top.fail(f'expected an object with "format": one of {", ".join(known)}')
    kind = Place(top.value["format"], top, "format")
    if kind.value not in known:
        raise kind.wrong(" or ".join(known))
    version = Place(top.value.get("version", VERSION), top, "version")
    if version.value != VERSION or isinstance(version.value, bool):
        raise version.wrong(f"version {VERSION}, the only one there is")
    return str(kind.value)


def _game(top: Place) -> POSG | AECG:
    if check_format(top, (POSG_FORMAT, AECG_FORMAT)) == POSG_FORMAT:
        from gametheory.files.posg_json import posg_from_json

        return posg_from_json(top)
    from gametheory.files.aecg_json import aecg_from_json

    return aecg_from_json(top)
