"""A cross-play as JSON and as a table. No torch."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from gametheory.files.encode import to_json
from gametheory.numerics import Array
from gametheory.solution import Solution
from learners.crossplay.contest import CrossPlay
from learners.crossplay.ranking import ALPHA, Ranking
from learners.crossplay.resampling import REPLICAS, Stability
from learners.reports.facts import Facts, certificate_facts

MOST_EQUILIBRIA = 20
"""Equilibria that are written."""


def cross_play_facts(found: CrossPlay) -> Facts:
    """Everything that was found, as one JSON object."""
    table = found.table
    out: Facts = to_json(
        {
            "game": found.game,
            "parameters": dict(found.field.environment.parameters),
            "agents": list(found.field.environment.game.agents),
            "sides": [{"name": side.name, "agents": list(side.agents)} for side in table.sides],
            "entrants": [
                {
                    "name": own.name,
                    "run": own.run,
                    "algorithm": own.algorithm,
                    "seed": own.seed,
                    "step": own.step,
                }
                for own in found.entrants
            ],
            "exact": table.exact,
            "why_estimated": table.why,
            "plays": None if table.exact else found.plays,
            "seed": found.seed,
            "payoffs": table.payoffs.tolist(),
            "standard_errors": None if table.errors is None else table.errors.tolist(),
            "payoff_ranges": table.ranges.tolist(),
            "ranking": ranking_facts(found.ranking, list(table.names)),
            "stability": stability_facts(found.stability),
            "meta_game": meta_facts(found.solution, found.unsolved),
            "nash_conv_in_the_whole_game": found.nash_conv,
            "own_and_other": own_and_other(table.payoffs),
            "notes": list(found.field.notes),
        }
    )
    return out


def ranking_facts(ranking: Ranking, names: list[str]) -> Facts:
    """One row per entrant, the best first."""

    def at(values: Array | None, k: int) -> float | None:
        return None if values is None else float(values[k])

    return {
        "alpha": ALPHA,
        "elo_error": ranking.elo_error,
        "missing": ranking.why,
        "entrants": [
            {
                "name": names[k],
                "mean": float(ranking.mean[k]),
                "sides": ranking.sides[:, k].tolist(),
                "elo": at(ranking.elo, k),
                "alpha_rank": at(ranking.alpha_rank, k),
                "nash_weight": at(ranking.nash_weights, k),
                "skill": at(ranking.skills, k),
            }
            for k in ranking.order.tolist()
        ],
    }


def stability_facts(stability: dict[str, Stability], replicas: int = REPLICAS) -> Facts:
    """By kind of ranking, how often it stays where what it rests on is drawn again."""
    return {
        "replicas": replicas,
        "kinds": {kind: {"top": own.top, "order": own.order} for kind, own in stability.items()},
    }


def meta_facts(solution: Solution | None, unsolved: str) -> Facts:
    """The meta-game's equilibria with their certificates."""
    if solution is None:
        return {"equilibria": [], "complete": False, "method": None, "why": unsolved}
    certificates = solution.certificates or (None,) * len(solution.profiles)
    listed = list(zip(solution.profiles, solution.values, certificates, strict=True))[:MOST_EQUILIBRIA]
    return {
        "method": solution.method,
        "complete": solution.complete,
        "why": solution.why,
        "count": len(solution.profiles),
        "equilibria": [
            {
                "profile": [np.asarray(own, dtype=np.float64).tolist() for own in profile],
                "values": [float(value) for value in values],
                "certificate": certificate_facts(certificate),
            }
            for profile, values, certificate in listed
        ],
    }


def own_and_other(payoffs: Array) -> Facts:
    """``[m]`` means where one entrant fills every side, and where not all sides are the same's."""
    m, count = len(payoffs), payoffs.shape[1]
    every = np.moveaxis(payoffs.reshape(m, -1), 0, -1)  # [K^m, m]
    same = np.zeros((count,) * m, dtype=bool)
    same[(np.arange(count),) * m] = True
    rows = same.ravel()
    return {"own": every[rows].mean(axis=0).tolist(), "other": every[~rows].mean(axis=0).tolist()}


def payoffs_csv(found: CrossPlay) -> str:
    """One row per joint choice: who fills which side, what each side gets, its standard error."""
    table = found.table
    names = [side.name for side in table.sides]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [*names, *(f"payoff/{name}" for name in names), *(f"standard_error/{name}" for name in names)]
    )
    for joint in np.ndindex(*table.payoffs.shape[1:]):
        row: list[Any] = [table.names[k] for k in joint]
        row += table.payoffs[(slice(None), *joint)].tolist()
        row += [0.0] * len(names) if table.errors is None else table.errors[(slice(None), *joint)].tolist()
        writer.writerow(row)
    return text.getvalue()
