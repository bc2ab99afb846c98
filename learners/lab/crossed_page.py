"""What a lab's page and files say of its algorithms against each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gametheory.errors import GameError, LimitReached
from gametheory.files.encode import to_json
from learners.crossplay.facts import ranking_facts, stability_facts
from learners.crossplay.page import pictures_of
from learners.crossplay.words import amount, cycle_note, held, rating, weight
from learners.lab.crossed import PLAYS, Crossed, cross_game
from learners.lab.outcome import Results
from learners.reports.facts import Facts
from learners.running.files import write_json

FILE = "crossplay.json"


def cross_all(results: Results) -> dict[str, Crossed | str]:
    """By game what came of it, or why nothing did; games with a single algorithm are left out."""
    out: dict[str, Crossed | str] = {}
    for game in results.games:
        try:
            found = cross_game(results.lab, game)
        except (GameError, LimitReached) as error:
            out[game.label] = str(error)
            continue
        if found is not None:
            out[game.label] = found
    return out


def write_crossed(folder: Path, crossed: Mapping[str, Crossed | str]) -> None:
    """``crossplay.json`` of a lab: one entry per game."""
    facts = {
        label: {"failed": found} if isinstance(found, str) else crossed_facts(found)
        for label, found in crossed.items()
    }
    write_json(folder / FILE, {"games": facts})


def crossed_facts(found: Crossed) -> Facts:
    """One game's cross-play as JSON."""
    table = found.table
    out: Facts = to_json(
        {
            "sides": list(found.sides),
            "algorithms": list(found.algorithms),
            "seeds": found.seeds,
            "exact": table.exact,
            "why_estimated": table.why,
            "plays": None if table.exact else PLAYS,
            "payoffs": found.payoffs.tolist(),
            "entrants": list(table.names),
            "payoffs_of_entrants": table.payoffs.tolist(),
            "payoff_ranges": table.ranges.tolist(),
            "ranking": ranking_facts(found.ranking, list(found.algorithms)),
            "stability": stability_facts(found.stability),
            "same_seed": dict(zip(found.algorithms, found.same, strict=True)),
            "other_seeds": dict(zip(found.algorithms, found.mates, strict=True)),
        }
    )
    return out


def crossed_context(found: Crossed | str | None, label: str, folder: Path) -> dict[str, Any] | None:
    """What the page shows of one game."""
    if found is None or isinstance(found, str):
        return None if found is None else {"failed": found}
    facts, unit = crossed_facts(found), float(found.table.ranges.max())
    rows = [
        {
            "name": own["name"],
            "mean": amount(own["mean"], unit),
            "same": amount(facts["same_seed"][own["name"]], unit),
            "other": amount(facts["other_seeds"][own["name"]], unit),
            "elo": rating(own["elo"]),
            "alpha_rank": weight(own["alpha_rank"]),
            "nash_weight": weight(own["nash_weight"]),
        }
        for own in facts["ranking"]["entrants"]
    ]
    named = f"{label}-cross-play-"
    sides = list(found.sides)
    return {
        "failed": "",
        "rows": rows,
        "seeds": found.seeds,
        "basis": "exact for these policies" if found.table.exact else f"means over {PLAYS} plays",
        "cycle": cycle_note(facts["ranking"]["elo_error"]),
        "held": held(found.stability, "Seeds of each algorithm were", facts["stability"]["replicas"]),
        "pictures": pictures_of(
            folder,
            named,
            found.table.payoffs,
            found.table.ranges,
            found.ranking,
            found.algorithms,
            sides,
            entrants=found.table.names,
        ),
    }
