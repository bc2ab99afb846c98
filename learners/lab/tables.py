"""A lab as JSON and CSV: one row per cell, one per trial. No torch."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gametheory.files.encode import to_json
from learners.judge.convergence import Verdict
from learners.lab.outcome import Cell, Game, Results
from learners.reports.facts import Facts
from learners.running.files import write_atomically, write_json


def write_tables(results: Results, regulated: Sequence[Facts]) -> None:
    """``lab.json``, ``cells.csv`` and ``trials.csv`` in the lab's folder."""
    path = results.lab.path
    write_json(path / "lab.json", lab_facts(results) | {"linear_quadratic": list(regulated)})
    write_csv(path / "cells.csv", [_flat(cell_facts(cell)) for cell in results.cells])
    write_csv(path / "trials.csv", [row for cell in results.cells for row in trial_rows(cell)])


def lab_facts(results: Results) -> Facts:
    """Everything that the report says, as one JSON object."""
    plan = results.lab.plan
    out: Facts = to_json(
        {
            "suite": plan.suite,
            "seeds": plan.seeds,
            "interrupted": results.interrupted,
            "unserved": [
                {"game": game, "algorithm": algorithm, "why": why} for game, algorithm, why in plan.unserved
            ],
            "games": [game_facts(game) for game in results.games],
            "cells": [cell_facts(cell) for cell in results.cells],
        }
    )
    return out


def game_facts(game: Game) -> Facts:
    """What was known of a game beforehand."""
    facts, known = game.facts, game.known
    equilibria = []
    for k, found in enumerate((facts or {}).get("equilibria", ())):
        near = known.near[k] if known is not None and known.near else None
        equilibria.append(
            {
                "profile": found["profile"],
                "values": found["values"],
                "certificate": found["certificate"],
                "stability": None if near is None else str(near.stability),
                "strict": None if near is None else near.strict,
                "why": None if near is None else near.why,
                "role": known.role(k) if known is not None else "",
            }
        )
    return {
        "game": game.label,
        "title": game.title,
        "payoff_range": (facts or {}).get("payoff_range"),
        "equilibria": equilibria,
        "equilibria_complete": (facts or {}).get("equilibria_complete"),
    }


def cell_facts(cell: Cell) -> Facts:
    """One cell."""
    evidence = cell.evidence
    agrees, why = cell.agreement
    shares = {v: evidence.share(v) for v in Verdict} if evidence.judgements else {}
    return {
        "game": cell.game,
        "algorithm": cell.algorithm,
        "family": cell.family,
        "run": f"trials/{cell.trial}",
        "epsilon": cell.config.training.epsilon,
        "environment_steps": cell.config.training.steps,
        "verdict": str(evidence.verdict),
        "statement": str(evidence),
        "confidence": evidence.confidence,
        "more_seeds": evidence.more_seeds,
        "more_steps": evidence.more_steps,
        "seeds": {str(v): evidence.did(v) for v in Verdict},
        "shares": {str(v): list(share) for v, share in shares.items()},
        "failed": {str(seed): reason for seed, reason in cell.failed.items()},
        "nash_conv": {key: max(cell.measured(key), default=None) for key in ("last", "average")},
        "distance": max(cell.measured("distance_to_nearest_equilibrium"), default=None),
        "selection": [
            {"equilibria": None if place is None else list(place), "seeds": count}
            for place, count in cell.selection.items()
        ],
        "selected": cell.selected,
        "expected": None
        if cell.claim is None
        else {
            "outlook": str(cell.claim.outlook),
            "equilibria": list(cell.claim.equilibria),
            "why": cell.claim.why,
            "source": cell.claim.source,
        },
        "agreement": str(agrees),
        "agreement_why": why,
    }


def trial_rows(cell: Cell) -> list[dict[str, Any]]:
    """One row per seed, those that failed among them."""
    base = {"game": cell.game, "algorithm": cell.algorithm, "family": cell.family}
    rows = []
    for own in cell.seeds:
        facts = own.facts
        nearest = facts["nearest"]
        rows.append(
            {
                **base,
                "seed": own.seed,
                "verdict": facts["verdict"],
                "nash_conv": facts["nash_conv"]["last"],
                "nash_conv_average": facts["nash_conv"]["average"],
                "threshold": facts["threshold"],
                "distance": facts["distance_to_nearest_equilibrium"],
                "nearest": "" if nearest is None else "+".join(map(str, nearest)),
                "settled": "" if own.settled is None else "+".join(map(str, own.settled)),
                "rank": _rank(cell, own.settled),
                **{f"return/{i}": value for i, value in enumerate(facts["return"]["mean"] or ())},
                "environment_steps": facts["environment_steps"],
                "updates": facts["updates"],
                "seconds": facts["wall_seconds"],
                "interrupted": facts["interrupted"],
                "failed": "",
            }
        )
    return rows + [{**base, "seed": seed, "failed": why} for seed, why in cell.failed.items()]


def _rank(cell: Cell, settled: tuple[int, ...] | None) -> str:
    """Of the equilibrium that a seed ended at, in words."""
    return cell.known.role(settled[0]) if cell.known and settled and len(settled) == 1 else ""


def _flat(facts: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested numbers by their path, ``nash_conv/last``; lists as text."""
    out: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, Mapping):
            out |= _flat(value, f"{prefix}{key}/")
        elif isinstance(value, list):
            out[f"{prefix}{key}"] = "; ".join(_text(part) for part in value)
        else:
            out[f"{prefix}{key}"] = value
    return out


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{key}={_text(part)}" for key, part in value.items())
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as a table, atomically; a column for every key that any row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())
