"""Sides: which agents of a game one entrant plays together. No torch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from environments.particle.bodies import ADVERSARY, GOOD
from environments.particle.game import ParticleGame
from gametheory.errors import GameError, UnknownName
from gametheory.game import Game
from gametheory.numerics import Array
from learners.judge.played import inner

_ROLES = {ADVERSARY: "adversary", GOOD: "good"}
_NUMBERED = re.compile(r"^(.*\D)\d+$")


@dataclass(frozen=True)
class Side:
    """Seats that one entrant fills; it is paid the sum of what their agents are paid."""

    name: str
    agents: tuple[int, ...]


def paid(sides: Sequence[Side], returns: Array) -> Array:
    """``[…, m]``, what the sides get where the agents get ``returns [..., n]``."""
    return np.stack([returns[..., list(side.agents)].sum(axis=-1) for side in sides], axis=-1)


def teams(game: Game[Any]) -> dict[str, tuple[int, ...]]:
    """The teams that a game knows: by its bodies' roles, else by agents' names up to their numbers.

    Empty where all are of one team, or everybody is of its own.
    """
    played = inner(game)
    if isinstance(played, ParticleGame):
        words = [_ROLES[body.role] for body in played.scenario.agents.values()]
    else:
        found = [_NUMBERED.match(agent) for agent in game.agents]
        if not all(found):
            return {}
        words = [match.group(1).rstrip("_- ") for match in found if match is not None]
    groups: dict[str, tuple[int, ...]] = {}
    for i, word in enumerate(words):
        groups[word] = (*groups.get(word, ()), i)
    return groups if 1 < len(groups) < len(words) or set(groups) == {"adversary", "good"} else {}


def default_sides(game: Game[Any]) -> tuple[Side, ...]:
    """One side per team where the game knows teams, else one per agent."""
    known = teams(game)
    if known:
        return tuple(Side(name, agents) for name, agents in known.items())
    return tuple(Side(agent, (i,)) for i, agent in enumerate(game.agents))


def asked_sides(text: str | None, game: Game[Any]) -> tuple[Side, ...]:
    """Sides as a user writes them: ``adversary/good``, ``0,1/2``, ``adversary_0,adversary_1/agent_0``.

    Between slashes stand a team, or agents by name or number from 0, with commas; None: the default.

    Raises:
        UnknownName: no such agent or team.
        GameError: an agent in no side or in two, or a single side.
    """
    out = (
        default_sides(game) if text is None else tuple(_side(part.strip(), game) for part in text.split("/"))
    )
    _check(out, game)
    return out


def _side(text: str, game: Game[Any]) -> Side:
    known = teams(game)
    agents: list[int] = []
    for word in filter(None, map(str.strip, text.split(","))):
        agents += _agents(word, game, known)
    if not agents:
        raise GameError("--sides has a side without agents; write SIDE/SIDE, agents of a side with commas")
    return Side(text if text in known else "+".join(game.agents[i] for i in agents), tuple(agents))


def _agents(word: str, game: Game[Any], known: Mapping[str, tuple[int, ...]]) -> Sequence[int]:
    if word in game.agents:
        return (game.agents.index(word),)
    if word in known:
        return known[word]
    if word.isdecimal() and int(word) < len(game.agents):
        return (int(word),)
    raise UnknownName(
        "agent or team", word, (*game.agents, *known), "agents go by name or number from 0 as well"
    )


def _check(sides: Sequence[Side], game: Game[Any]) -> None:
    for i, agent in enumerate(game.agents):
        homes = sum(side.agents.count(i) for side in sides)
        if homes != 1:
            where = "no side" if not homes else "two sides"
            raise GameError(f"agent {agent} is in {where}; every agent must be in exactly one")
    if len(sides) < 2:
        raise GameError("there is one side only, so nobody to play against; write --sides SIDE/SIDE")
