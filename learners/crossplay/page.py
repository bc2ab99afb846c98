"""A cross-play's folder: ``crossplay.json``, ``payoffs.csv``, ``report.html`` with its pictures inside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array
from learners.crossplay.contest import CrossPlay
from learners.crossplay.facts import cross_play_facts, payoffs_csv, ranking_facts
from learners.crossplay.ranking import Ranking, constant_sum
from learners.crossplay.resampling import REPLICAS
from learners.crossplay.words import amount, cycle_note, held, rating, rests_on, weight
from learners.reports.facts import Facts
from learners.reports.pictures import Picture, as_picture, picture_folder
from learners.reports.report import show
from learners.running.files import read_json, write_atomically, write_json

FILE = "crossplay.json"
"""What makes a folder a cross-play."""
MOST_ROWS = 200
"""Joint choices that the page lists; ``payoffs.csv`` has all."""


def check_folder(path: Path) -> None:
    """Check that a cross-play may be written there: into nothing, an empty folder, or an earlier one.

    Raises:
        GameError: something else lies there.
    """
    if path.exists() and not (path.is_dir() and (_is_one(path) or not any(path.iterdir()))):
        raise GameError(f"{path} is not empty and no cross-play; choose another folder")


def _is_one(path: Path) -> bool:
    """Whether an earlier cross-play lies there; a lab's file of the same name is about several games."""
    try:
        return "entrants" in read_json(path / FILE)
    except GameError:
        return False


def write_folder(found: CrossPlay, path: Path) -> Facts:
    """Write everything; the facts are those of ``crossplay.json``.

    Raises:
        GameError: something else lies there, the extra ``plots`` is not installed, or the disk is full.
    """
    try:
        import jinja2
        import matplotlib  # noqa: F401
    except ImportError:
        raise GameError("reports need matplotlib and jinja2; pip install 'equilibrist[plots]'") from None
    check_folder(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GameError(f"{path} cannot be made: {error.strerror}") from None
    facts = cross_play_facts(found)
    write_json(path / FILE, facts)  # first: it is what lets the next call in if this one is cut short
    pictures = picture_folder(path)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("learners.reports", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    unit = float(found.table.ranges.max())
    environment.filters |= {"num": show, "rating": rating, "weight": weight}
    environment.filters["pay"] = lambda value: amount(value, unit)
    page = environment.get_template("crossplay.html.jinja").render(**_context(found, facts, pictures))
    write_atomically(path / "payoffs.csv", payoffs_csv(found).encode())
    write_atomically(path / "report.html", page.encode())
    return facts


def _context(found: CrossPlay, facts: Facts, folder: Path) -> dict[str, Any]:
    table = found.table
    return {
        "facts": facts,
        "sides": [side.name for side in table.sides],
        "seats": [
            {"name": side.name, "agents": ", ".join(facts["agents"][i] for i in side.agents)}
            for side in table.sides
        ],
        "rests_on": rests_on(table.exact, facts["plays"], table.why),
        "cycle": cycle_note(facts["ranking"]["elo_error"]),
        "held": held(found.stability, "The plays were", REPLICAS),
        "pictures": pictures_of(
            folder,
            "",
            table.payoffs,
            table.ranges,
            found.ranking,
            table.names,
            [side.name for side in table.sides],
        ),
        "cells": _cells(facts),
        "count": table.payoffs[0].size,
        "equilibria": _equilibria(facts),
    }


def _cells(facts: Facts) -> list[Facts]:
    """One row per joint choice, as far as the page lists them."""
    payoffs = np.array(facts["payoffs"])
    errors = None if facts["standard_errors"] is None else np.array(facts["standard_errors"])
    names = [own["name"] for own in facts["entrants"]]
    out = []
    for joint in list(np.ndindex(*payoffs.shape[1:]))[:MOST_ROWS]:
        cell: tuple[Any, ...] = (slice(None), *joint)
        own_errors = [None] * len(payoffs) if errors is None else errors[cell].tolist()
        paid = list(zip(payoffs[cell].tolist(), own_errors, strict=True))
        out.append({"seated": [names[k] for k in joint], "paid": paid})
    return out


def _equilibria(facts: Facts) -> list[Facts]:
    """Each in words: who is drawn for which side, how often."""
    names = [own["name"] for own in facts["entrants"]]
    out = []
    for found in facts["meta_game"]["equilibria"]:
        sides = [
            ", ".join(
                f"{name} {weight:.3g}" if weight < 1 - 1e-9 else name
                for name, weight in zip(names, own, strict=True)
                if weight > 1e-9
            )
            for own in found["profile"]
        ]
        out.append({"sides": sides, "values": found["values"], "certificate": found["certificate"]})
    return out


def pictures_of(
    folder: Path,
    prefix: str,
    payoffs: Array,
    ranges: Array,
    ranking: Ranking,
    names: Sequence[str],
    sides: Sequence[str],
    entrants: Sequence[str] | None = None,
) -> list[Picture]:
    """The heat map, or one per side, and the rankings.

    Args:
        folder: where they are written.
        prefix: of their names.
        payoffs: ``[m, K, …, K]`` of all entrants.
        ranges: ``[m]``.
        ranking: of the entrants or of groups of them.
        names: of those that are ranked.
        sides: their names.
        entrants: whose payoffs they are, where they are not those that are ranked.
    """
    from learners.crossplay import figures

    every = names if entrants is None else entrants
    unit, best = float(ranges.max()), _best(ranking, names)
    if len(sides) == 2:
        constant = constant_sum(payoffs, float(ranges.mean())) is not None
        maps = [
            _one_side(folder, prefix, payoffs, unit, every, sides, side, best, constant)
            for side in ((0,) if constant else (0, 1))
        ]
    else:
        maps = [
            as_picture(
                folder,
                f"{prefix}payoffs",
                "Mean payoff on each side",
                "Over all choices of who fills the other sides.",
                f"Heat map of mean payoffs, entrants by sides. {best}",
                figures.on_sides(ranking.sides.T, names, sides, unit),
            )
        ]
    rankings = as_picture(
        folder,
        f"{prefix}ranking",
        "Rankings",
        "Entrants in the order they were given. Mean payoff: against everybody. Elo: one number each. "
        "α-rank: how long evolution stays with whom. Nash averaging: weight in the most mixed equilibrium.",
        f"Bars of every ranking, entrant by entrant. {best} The table has the numbers.",
        figures.rankings(ranking, names),
    )
    return [*maps, rankings]


def _one_side(
    folder: Path,
    prefix: str,
    payoffs: Array,
    unit: float,
    every: Sequence[str],
    sides: Sequence[str],
    side: int,
    best: str,
    constant: bool,
) -> Picture:
    """The heat map of what one of two sides gets."""
    from learners.crossplay import figures

    return as_picture(
        folder,
        f"{prefix}payoffs-{sides[side]}",
        f"What side {sides[side]} gets",
        f"Rows: who fills side {sides[0]}; columns: who fills side {sides[1]}."
        + (" The other side gets the rest of a constant sum." if constant else ""),
        f"Heat map of payoffs of side {sides[side]}. {best}",
        figures.against(payoffs[side], every, sides[0], sides[1], unit),
    )


def _best(ranking: Ranking, names: Sequence[str]) -> str:
    """The pictures in words: who leads."""
    facts = ranking_facts(ranking, list(names))["entrants"]
    return f"First is {facts[0]['name']}, last {facts[-1]['name']}."
