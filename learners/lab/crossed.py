"""A lab's algorithms against each other, game by game."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from environments import find
from gametheory.errors import GameError, UnknownName
from gametheory.game import Game as PlayedGame
from gametheory.numerics import Array
from learners.crossplay.entrants import Field, enter
from learners.crossplay.ranking import Ranking, rank
from learners.crossplay.resampling import Stability, grouped, of_seeds
from learners.crossplay.sides import default_sides
from learners.crossplay.table import Table, evaluate_all
from learners.judge.played import prepared
from learners.lab.grid import FILE, Lab, open_lab
from learners.lab.outcome import Cell, Game
from learners.running.runs import RunConfig, RunFolder

MOST_EXACT, MOST_PLAYED = 1_024, 100
"""Joint choices of seeds and algorithms, where payoffs are exact and where each is a mean over plays."""
PLAYS = 200
"""Of each joint choice, where payoffs are estimated."""


def is_lab(path: Path) -> bool:
    """Whether a folder is a lab's."""
    return (path / FILE).exists()


def runs_of(path: Path, game: str | None) -> dict[str, RunFolder]:
    """The runs of one of a lab's games by their algorithms.

    Raises:
        UnknownName: the lab has no such game.
        GameError: it has several, and none was named.
    """
    lab = open_lab(path)
    games = tuple(dict.fromkeys(label for label, _ in lab.plan.cells))
    if game is None:
        if len(games) > 1:
            raise GameError(f"{path} has {len(games)} games; choose one with --game: {', '.join(games)}")
        game = games[0]
    if game not in games:
        raise UnknownName(f"game of the lab {path}", game, games)
    trials = zip(lab.plan.cells, lab.sweep.runs().values(), strict=True)
    return {algorithm: run for (label, algorithm), run in trials if label == game}


@dataclass(frozen=True, eq=False)
class Crossed:
    """The algorithms of one game on every side against each other, means over their seeds."""

    sides: tuple[str, ...]
    algorithms: tuple[str, ...]
    seeds: int
    """Of each algorithm, the most that entered."""
    table: Table
    """Of all entrants, seed by seed."""
    payoffs: Array  # [m, G, …, G]
    ranking: Ranking
    stability: dict[str, Stability]
    """Where seeds are drawn again."""
    same: tuple[float | None, ...]
    """Mean payoff of each algorithm with itself, the same seed on every side."""
    mates: tuple[float | None, ...]
    """The same with different seeds on different sides; None where only one entered."""


def cross_game(lab: Lab, game: Game) -> Crossed | None:
    """Play the final policies of a game's algorithms against each other; None where there are not two.

    Raises:
        GameError: a checkpoint is missing or damaged, or the policies cannot be played.
    """
    runs = lab.sweep.runs()
    cells = [cell for cell in game.cells if cell.ended]
    sides = default_sides(prepared_game(cells[0].config)) if len(cells) > 1 else ()
    if len(sides) < 2:
        return None
    most = int(MOST_EXACT ** (1 / len(sides)) + 1e-9) // len(cells)
    field = _entered(runs, cells, max(1, most))
    if field.monitor.reference is None:
        most = int(MOST_PLAYED ** (1 / len(sides)) + 1e-9) // len(cells)
        field = _entered(runs, cells, max(1, most))
    table = evaluate_all(field, sides, plays=PLAYS, seed=0)
    names = tuple(cell.algorithm for cell in cells)
    groups = np.array([names.index(own.algorithm) for own in field.entrants])
    even = np.stack([(groups == g) / (groups == g).sum() for g in range(len(names))])
    payoffs = grouped(table.payoffs, even)
    several = int(np.bincount(groups).max()) > 1
    return Crossed(
        sides=tuple(side.name for side in sides),
        algorithms=names,
        seeds=int(np.bincount(groups).max()),
        table=table,
        payoffs=payoffs,
        ranking=rank(payoffs, table.ranges),
        stability=of_seeds(table.payoffs, groups, table.ranges, 0) if several else {},
        same=_with_itself(table.payoffs, groups, same=True),
        mates=_with_itself(table.payoffs, groups, same=False),
    )


def _entered(runs: Mapping[str, RunFolder], cells: Sequence[Cell], seeds: int) -> Field:
    """Up to so many seeds of every cell that were trained to their end."""
    folders, labels = [], []
    for cell in cells:
        ended = {own.seed for own in cell.ended}
        chosen = [own for own in runs[cell.trial].seed_folders() if own.config.seeds[0] in ended][:seeds]
        folders += chosen
        labels += [f"{cell.algorithm}/{own.config.seeds[0]}" for own in chosen]
    return enter(folders, labels=labels)


def prepared_game(config: RunConfig) -> PlayedGame[Any]:
    """The game of a run as it is played."""
    return prepared(find(config.game, config.parameters), config.training).game


def _with_itself(payoffs: Array, groups: Array, *, same: bool) -> tuple[float | None, ...]:
    """By group the mean payoff over sides and joint choices within a group, by whether all is one entrant's."""
    out: list[float | None] = []
    for g in range(int(groups.max()) + 1):
        own = np.flatnonzero(groups == g)
        block = payoffs[np.ix_(np.arange(len(payoffs)), *[own] * (payoffs.ndim - 1))]
        diagonal = np.zeros(block.shape[1:], dtype=bool)
        diagonal[(np.arange(len(own)),) * (payoffs.ndim - 1)] = True
        chosen = block[:, diagonal if same else ~diagonal]
        out.append(float(chosen.mean()) if chosen.size else None)
    return tuple(out)
