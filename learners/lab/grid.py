"""The grid of games × algorithms × seeds: a sweep whose trials are the lab's cells. No torch.

``grid.json trials/trial-000/seed-0 …`` and what the report adds. Training, failures, interruption and going
on are the sweep's own (``learners.running.trials``); nothing here runs a process.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gametheory.errors import GameError, UnknownName
from learners.lab import recipes
from learners.registry import schemes
from learners.running.files import read_json, write_json
from learners.running.loop import Progress
from learners.running.parallel import Pool
from learners.running.request import assemble
from learners.running.runs import RunConfig
from learners.running.trials import Sweep, Swept, Unit, conduct
from learners.suites import SuiteGame
from learners.words import counted

if TYPE_CHECKING:
    from learners.running.rehearsal import Stage

FORMAT = 1
FILE = "grid.json"
"""What makes a folder a lab."""
TRIALS = "trials"
Told = Callable[[Unit, Progress], None]


@dataclass(frozen=True)
class Request:
    """What was asked for; None leaves it to the suite."""

    suite: str | None = None
    games: tuple[str, ...] | None = None
    algorithms: tuple[str, ...] | None = None
    seeds: int | None = None

    @property
    def empty(self) -> bool:
        return self == Request()


@dataclass(frozen=True)
class Plan:
    """What a lab's folder is about, resolved; equal plans train the same things."""

    suite: str
    cells: tuple[tuple[str, str], ...]
    """A case's name and an algorithm."""
    seeds: int
    unserved: tuple[tuple[str, str, str], ...] = ()
    """Pairs that were asked for and cannot be, with the reason."""


@dataclass(frozen=True)
class Lab:
    """A folder with its plan; its trials are one per cell, in the plan's order."""

    path: Path
    plan: Plan
    sweep: Sweep


def plan(request: Request) -> tuple[Plan, list[RunConfig]]:
    """Resolve a request into cells and their configurations; nothing is written.

    Pairs that the suite lists must work. Of pairs asked for beyond the suite those whose spaces do not
    fit are left out, and the plan says why.

    Raises:
        UnknownName: no such suite, game or algorithm.
        GameError: nothing is left to train, or seeds out of range.
    """
    from learners.running.rehearsal import Stage

    suite = request.suite or "small"
    every = recipes.games(suite)
    seeds = recipes.SEEDS[suite] if request.seeds is None else request.seeds
    for name in request.algorithms or ():
        schemes(name)  # raises where there is none
    for what, names in (("games", request.games), ("algorithms", request.algorithms)):
        if names is not None and not names:
            raise GameError(f"{what} is empty; name some, or leave it to the suite")
    cells, configs, unserved, stage = [], [], [], Stage()
    for game in _asked(suite, every, request.games):
        for algorithm in request.algorithms or recipes.served(game):
            try:
                configs.append(_config(game, algorithm, seeds, stage))
                cells.append((game.label, algorithm))
            except GameError as reason:
                if request.algorithms is None:
                    raise
                unserved.append((game.label, algorithm, str(reason)))
    if not cells:
        raise GameError(f"none of these algorithms serves these games: {unserved[0][2]}")
    return Plan(suite, tuple(cells), seeds, tuple(unserved)), configs


def _asked(suite: str, every: Sequence[SuiteGame], wanted: Sequence[str] | None) -> list[SuiteGame]:
    """Those asked for, by their game or by their whole label; each once."""
    if wanted is None:
        return list(every)
    found: dict[str, SuiteGame] = {}
    for name in wanted:
        named = {game.label: game for game in every if name in (game.name, game.label)}
        if not named:
            raise UnknownName(f"game of the suite {suite}", name, [game.label for game in every])
        found |= named
    return list(found.values())


def _config(game: SuiteGame, algorithm: str, seeds: int, stage: Stage) -> RunConfig:
    asked = {"algorithm": algorithm, "seeds": seeds}
    return assemble(game.name, asked, None, (), recipes.options(game, algorithm), stage)


def open_or_create(path: Path, request: Request) -> Lab:
    """The lab in a folder: a new one, or the one that lies there, if the request does not contradict it.

    Raises:
        GameError: the folder holds another lab or something else; nothing is touched.
    """
    if (path / FILE).exists():
        lab = open_lab(path)
        if not request.empty and plan(request)[0] != lab.plan:
            raise GameError(
                f"{path} holds another lab (suite {lab.plan.suite}, {counted(len(lab.plan.cells), 'cell')}, "
                f"{counted(lab.plan.seeds, 'seed')}); choose another folder, or go on with: equilibrist lab -o {path}"
            )
        return lab
    if path.exists() and not (path.is_dir() and _unbegun(path)):
        raise GameError(f"{path} is not empty and no lab; choose another folder")
    found, configs = plan(request)
    return _create(path, found, configs)


def _unbegun(path: Path) -> bool:
    """Whether there is nothing, or what was left by a call that ended before the plan was written."""
    return {entry.name for entry in path.iterdir()} <= {f".{TRIALS}.part", TRIALS} and not any(
        (path / TRIALS).glob("trial-*/**/metrics.jsonl")
    )


def _create(path: Path, found: Plan, configs: Sequence[RunConfig]) -> Lab:
    """The folder's plan is written last: without it the next call begins afresh."""
    part = path / f".{TRIALS}.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(path / TRIALS, ignore_errors=True)
    axes = {
        "game": list(dict.fromkeys(game for game, _ in found.cells)),
        "algorithm": list(dict.fromkeys(algorithm for _, algorithm in found.cells)),
    }
    settings = [{"game": game, "algorithm": algorithm} for game, algorithm in found.cells]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GameError(f"{path} cannot be made: {error.strerror}") from None
    Sweep.create(part, axes, list(zip(settings, configs, strict=True)))
    os.rename(part, path / TRIALS)
    write_json(path / FILE, _to_json(found))
    return open_lab(path)


def open_lab(path: Path) -> Lab:
    """An existing lab.

    Raises:
        GameError: the folder is none.
    """
    value = read_json(path / FILE)
    if value.get("format") != FORMAT:
        raise GameError(f"{path / FILE} is of format {value.get('format')}; this version reads {FORMAT}")
    try:
        found = Plan(
            str(value["suite"]),
            tuple((str(game), str(algorithm)) for game, algorithm in value["cells"]),
            int(value["seeds"]),
            tuple((str(a), str(b), str(c)) for a, b, c in value["unserved"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GameError(f"{path / FILE} describes no lab: {error}") from None
    return Lab(path, found, Sweep.open(path / TRIALS))


def _to_json(found: Plan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "suite": found.suite,
        "cells": [list(cell) for cell in found.cells],
        "seeds": found.seeds,
        "unserved": [list(pair) for pair in found.unserved],
    }


def run(lab: Lab, pool: Pool, *, progress: Told, stop: Callable[[], bool]) -> Swept:
    """Train what is not trained yet.

    Raises:
        GameError: another process works there.
    """
    return conduct(lab.sweep, pool, progress=progress, stop=stop)
