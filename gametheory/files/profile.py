"""Strategy profiles from JSON files, for ``equilibrist certify GAME --profile FILE``."""

from __future__ import annotations

import os
import reprlib
from typing import Any

from gametheory.continuous.game import ContinuousGame, as_mixtures
from gametheory.errors import GameError, UnknownName
from gametheory.files.disk import read_standard_input, read_text
from gametheory.files.encode import number_from_json
from gametheory.files.json_text import decode
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, as_numbers

SHAPE = 'a profile is [[p, …] per agent], {"profile": …} or the answer of solve --json'


def read_profile(
    path: str | os.PathLike[str], game: NormalForm | ContinuousGame, choose: int = 0
) -> list[Array]:
    """Read one strategy per agent from a JSON file, or from standard input if the path is "-".

    Args:
        path: a file, or "-".
        game: the game the profile is for; its labels name actions.
        choose: which equilibrium to take where the document lists several, from 0.

    Raises:
        GameError: unreadable, not JSON (with line and column), or not a profile of this game.
    """
    if os.fspath(path) == "-":
        return parse_profile(read_standard_input(), game, choose, source="standard input")
    return parse_profile(read_text(path), game, choose, source=os.fspath(path))


def parse_profile(
    text: str, game: NormalForm | ContinuousGame, choose: int = 0, source: str = "text"
) -> list[Array]:
    """Read one strategy per agent from JSON text; see ``read_profile``."""
    try:
        rows = _rows(_decoded(text), choose)
        if len(rows) != len(game.agents):
            raise GameError(f"{len(rows)} strategies; the game has {len(game.agents)} agents")
        if isinstance(game, NormalForm):
            strategies: list[Any] = [_strategy(row, f"profile[{i}]", game, i) for i, row in enumerate(rows)]
            return list(game.profile(strategies))
        points = [as_numbers([_point(row, f"profile[{i}]")], f"profile[{i}]") for i, row in enumerate(rows)]
        as_mixtures(game, points)
        return points
    except GameError as error:
        raise GameError(f"{source!r}: {error}") from None


def _decoded(text: str) -> object:
    try:
        return decode(text)
    except GameError as error:
        raise GameError(f"{error}; {SHAPE}") from None


def _rows(document: object, choose: int) -> list[Any]:
    """The list of strategies in any of the three kinds of document."""
    if isinstance(document, dict) and "equilibria" in document:
        answers = document["equilibria"]
        if not isinstance(answers, list) or not answers:
            raise GameError("the document lists no equilibria; nothing to certify")
        if not 0 <= choose < len(answers):
            raise GameError(f"there is no equilibrium {choose}; choose 0 to {len(answers) - 1}")
        document = answers[choose]
    if isinstance(document, dict) and "error" in document:
        raise GameError(f"the document holds an error, no profile: {reprlib.repr(document['error'])}")
    if isinstance(document, dict) and "profile" in document:
        document = document["profile"]
    if not isinstance(document, list):
        raise GameError(f"{reprlib.repr(document)} is no profile; {SHAPE}")
    return document


def _strategy(row: object, name: str, game: NormalForm, agent: int) -> list[Number]:
    """Probabilities in the order of the agent's actions."""
    labels = game.actions[agent]
    if isinstance(row, list):
        return [number_from_json(entry, f"{name}[{k}]") for k, entry in enumerate(row)]
    if not isinstance(row, dict):
        raise GameError(f"{name} is {reprlib.repr(row)}; it must be a list of {len(labels)} probabilities")
    if len(set(labels)) < len(labels):
        raise GameError(f"{name} names actions, but agent {game.agents[agent]}'s labels repeat; give a list")
    for label in row:
        if label not in labels:
            raise UnknownName(f"action of agent {game.agents[agent]}", label, labels)
    return [number_from_json(row.get(label, 0), f"{name}[{label!r}]") for label in labels]


def _point(row: object, name: str) -> Number:
    if isinstance(row, list):
        if len(row) != 1:
            raise GameError(f"{name} has {len(row)} numbers; each agent plays one action")
        row = row[0]
    return number_from_json(row, name)
