"""``report.html`` of a lab: one self-contained page, its pictures inside, and the same beside it as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gametheory.errors import GameError
from learners.judge.convergence import RULE, Verdict
from learners.lab.crossed import Crossed
from learners.lab.crossed_page import cross_all, crossed_context, write_crossed
from learners.lab.expectation import Agreement
from learners.lab.outcome import SETTLED, Cell, Game, Results
from learners.lab.tables import cell_facts, game_facts, write_tables
from learners.reports.facts import Facts
from learners.reports.pictures import Picture, as_picture, picture_folder
from learners.reports.report import show, show_profile
from learners.running.files import write_atomically

if TYPE_CHECKING:
    from learners.lab.linear_quadratic import Regulated

MARKS = {Verdict.CONVERGED: "✓", Verdict.CYCLES: "↻", Verdict.DIVERGED: "✕", Verdict.UNDECIDED: "?"}


__all__ = ["as_picture", "write_report"]


def write_report(results: Results) -> None:
    """Write ``report.html``, ``lab.json``, ``crossplay.json``, both CSV files and ``pictures/*.png`` into the lab's folder.

    Raises:
        GameError: the extra ``plots`` is not installed, or the disk is full.
    """
    try:
        import jinja2
        import matplotlib  # noqa: F401
    except ImportError:
        raise GameError("reports need matplotlib and jinja2; pip install 'equilibrist[plots]'") from None
    regulated = _regulated()
    folder = picture_folder(results.lab.path)
    crossed = cross_all(results)
    write_tables(results, [_regulated_facts(found) for found in regulated])
    write_crossed(results.lab.path, crossed)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("learners.lab", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"num": show, "profile": show_profile, "mark": lambda v: MARKS[Verdict(v)]}
    page = environment.get_template("lab.html.jinja").render(**_context(results, regulated, crossed, folder))
    write_atomically(results.lab.path / "report.html", page.encode())


def _context(
    results: Results, regulated: Sequence[Regulated], crossed: Mapping[str, Crossed | str], folder: Path
) -> dict[str, Any]:
    from learners.lab import figures

    cells = [_cell(cell) for cell in results.by_agreement]
    begun = [cell for cell in results.cells if cell.seeds]  # of the others nothing was computed yet
    return {
        "plan": results.lab.plan,
        "interrupted": results.interrupted,
        "cells": cells,
        "disagreements": [cell for cell in cells if cell["agreement"] == Agreement.DISAGREES],
        "counts": {str(kind): sum(own.agreement[0] is kind for own in begun) for kind in Agreement},
        "unseen": len(cells) - len(begun),
        "verdicts": {str(v): sum(cell["verdict"] == v for cell in cells) for v in Verdict},
        "algorithms": [_algorithm(results, name) for name in results.algorithms],
        "heat": as_picture(
            folder,
            "verdicts",
            "Games × algorithms",
            "Full colour: proved at 95 % for most seeds. Pale: only the commonest so far.",
            "Heat map of verdicts, games by algorithms. The table below says the same in words.",
            figures.heat_map(results),
        ),
        "games": [
            _game(game, folder) | {"crossed": crossed_context(crossed.get(game.label), game.label, folder)}
            for game in results.games
        ],
        "regulated": [_regulated_context(found, folder) for found in regulated],
        "rule": RULE,
        "settled": SETTLED,
        "trials": sum(len(cell.seeds) for cell in results.cells),
        "path": str(results.lab.path),
    }


def _cell(cell: Cell) -> Facts:
    """What the page says of a cell, with its anchor."""
    return cell_facts(cell) | {"counts": _counts(cell), "ranks": _ranks(cell), "reasons": _reasons(cell)}


def _counts(cell: Cell) -> str:
    evidence = cell.evidence
    parts = [f"{evidence.did(v)} {v}" for v in Verdict if evidence.did(v)]
    return ", ".join(parts + ([f"{len(cell.failed)} failed"] if cell.failed else [])) or "nothing yet"


def _ranks(cell: Cell) -> str:
    """How many seeds ended where it pays most, and where it is safest; empty where neither is known."""
    known = cell.known
    places = {} if known is None else dict.fromkeys(p for p in known.ranks.values() if p is not None)
    return ", ".join(f"{cell.selection.get((place,), 0)} {known.role(place)}" for place in places if known)


def _reasons(cell: Cell) -> list[str]:
    told = [f"seed {own.seed}: {own.facts['verdict']}; {own.facts['reason']}" for own in cell.seeds]
    return told + [f"seed {seed} failed: {why}" for seed, why in cell.failed.items()]


def _algorithm(results: Results, name: str) -> Facts:
    """One line of the table of families."""
    own = [cell for cell in results.cells if cell.algorithm == name]
    count = {str(v): sum(cell.evidence.verdict is v for cell in own) for v in Verdict}
    return {
        "name": name,
        "family": own[0].family,
        "cells": len(own),
        "verdicts": count,
        "agreement": {str(kind): sum(cell.agreement[0] is kind for cell in own) for kind in Agreement},
    }


def _game(game: Game, folder: Path) -> Facts:
    facts = game.facts
    about = game_facts(game)
    for k, found in enumerate(about["equilibria"]):
        found["shown"] = show_profile(found["profile"], facts or {})
        found["selected"] = {
            cell.algorithm: sum(
                count for place, count in cell.selection.items() if place is not None and k in place
            )
            for cell in game.cells
        }
    cells = [_cell(cell) for cell in game.cells]
    return about | {
        "cells": cells,
        "ranked": any(cell["ranks"] for cell in cells),
        "pictures": _pictures(game, folder) if facts is not None else [],
        "complete": bool((facts or {}).get("equilibria_complete")),
        "why": (facts or {}).get("why", ""),
        "threshold": (facts or {}).get("threshold"),
    }


_PORTRAITS = {
    "square": (
        "Basins and paths",
        "Shade: the equilibrium that exact replicator dynamics (the natural policy gradient) lead to from there; "
        "white: to none. Arrows: the same dynamics. Coloured: every seed's path, open circle to dot. Stars: computed equilibria.",
        "Unit square of both agents' first probabilities with basins of attraction, every seed's path and the equilibria.",
    ),
    "simplex": (
        "Paths on the simplex",
        "The first agent's mixed strategy, every seed from open circle to dot. Stars: its strategy in the computed equilibria.",
        "Triangles of the first agent's mixed strategies, one per algorithm, with every seed's path and the equilibria.",
    ),
    "plane": (
        "Phase portrait",
        "Arrows: everybody's own gradient. Dashed and dotted: best replies. Coloured: every seed's path. Star: the computed equilibrium.",
        "Plane of both agents' actions with the gradient field, best replies, every seed's path and the equilibrium.",
    ),
}


def _pictures(game: Game, folder: Path) -> list[Picture]:
    from learners.lab import figures, portraits

    line = "dotted line: what “converged” allows"
    out = []
    facts = game.facts or {}
    if facts.get("threshold") is not None:
        out.append(
            as_picture(
                folder,
                f"{game.label}-nash-conv",
                "NashConv",
                f"Mean over the seeds with its 95 % bootstrap band; {line}.",
                _alt(game, "NashConv of the last and of the time-averaged policy", "last", "average"),
                figures.nash_conv(game),
            )
        )
    drawn = portraits.portrait(game)
    if drawn is not None:
        title, caption, alt = _PORTRAITS[game.kind]
        out.append(as_picture(folder, f"{game.label}-portrait", title, caption, alt, drawn))
    out.append(
        as_picture(
            folder,
            f"{game.label}-learning",
            "Return and distance",
            "Mean over the seeds with its 95 % bootstrap band.",
            _alt(
                game,
                "Learning curves, and distance to the nearest equilibrium",
                "distance_to_nearest_equilibrium",
            ),
            figures.learning(game),
        )
    )
    if len(facts.get("equilibria", ())) > 1:
        out.append(
            as_picture(
                folder,
                f"{game.label}-selection",
                "Which equilibrium",
                f"Where each seed ended: within {SETTLED:g} of a computed equilibrium, or at none.",
                "Bars of how many seeds ended at which equilibrium; the table of equilibria has the numbers.",
                figures.selection(game),
            )
        )
    return out


def _alt(game: Game, what: str, *keys: str) -> str:
    """The picture in words: the worst seed's number at the end, algorithm by algorithm."""
    parts = []
    for cell in game.cells:
        values = [max(cell.measured(key), default=None) for key in keys]
        parts.append(f"{cell.algorithm} " + " and ".join(map(show, values)))
    return f"{what} over the run. At the end, worst seed: {'; '.join(parts)}."


def _regulated() -> list[Regulated]:
    from learners.lab import linear_quadratic

    return [linear_quadratic.examine(name) for name in linear_quadratic.GAMES]


def _regulated_facts(found: Regulated) -> Facts:
    from learners.lab.linear_quadratic import attracts, eigenvalues

    return {
        "game": found.name,
        "title": found.title,
        "complete": found.complete,
        "equilibria": [
            {
                "gains": [own.tolist() for own in rest.gains],
                "stability": str(rest.at.stability),
                "eigenvalues": eigenvalues(rest),
                "expected": attracts(rest),
                "seen": rest.saw,
                "agreement": str(rest.agreement),
            }
            for rest in found.rests
        ],
    }


def _regulated_context(found: Regulated, folder: Path) -> Facts:
    from learners.lab.linear_quadratic import phase_portrait

    out = _regulated_facts(found)
    if not found.scalar or not found.rests:
        return out | {"picture": None}
    picture = as_picture(
        folder,
        f"{found.name}-portrait",
        "Phase portrait",
        "Arrows: minus each agent's own cost gradient, where gains keep the state bounded. Blue: exact gradient play. "
        "Stars: the stationary equilibria.",
        "Plane of two gains with the gradient field, paths of exact gradient play, and the equilibria with their stability.",
        phase_portrait(found),
    )
    return out | {"picture": picture}
