"""Solutions and classifications as tables for people and as documents for programs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import click

from gametheory.classify import Classification
from gametheory.continuous import ContinuousGame
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solution import Solution
from gametheory.terminal import print_table, show_number


def solution_document(name: str, solution: Solution, seconds: float) -> dict[str, Any]:
    """The JSON document of `equilibrist solve`."""
    equilibria = [
        {
            "profile": profile,
            "values": values,
            "regrets": certificate.regrets,
            "certificate": certificate.kind,
        }
        for profile, values, certificate in zip(
            solution.profiles, solution.values, solution.certificates, strict=True
        )
    ]
    return {
        "game": name,
        "concept": solution.concept,
        "method": solution.method,
        "why": solution.why,
        "outcome": solution.outcome,
        "advice": solution.outcome.advice,
        "complete": solution.complete,
        "seconds": round(seconds, 6),
        "equilibria": equilibria,
        "components": solution.components,
    }


def show_solution(game: NormalForm | ContinuousGame, solution: Solution, seconds: float) -> None:
    """Print one row per equilibrium: what each agent plays, the values, the certificate."""
    rows = [
        [
            str(k),
            *(_strategy(game, i, strategy) for i, strategy in enumerate(profile)),
            ", ".join(map(show_number, values)),
            str(certificate.kind),
        ]
        for k, (profile, values, certificate) in enumerate(
            zip(solution.profiles, solution.values, solution.certificates, strict=True)
        )
    ]
    if rows:
        print_table(["#", *(f"agent {agent}" for agent in game.agents), "values", "certificate"], rows)
    else:
        click.echo("no equilibrium found")
    if any(len(component) > 1 for component in solution.components):
        sets = "; ".join("{" + ", ".join(map(str, component)) + "}" for component in solution.components)
        click.echo(f"maximal Nash subsets (every mixture within one is an equilibrium): {sets}")
    extent = "the list is complete" if solution.complete else "the list may be incomplete"
    click.echo(f"{solution.concept}: {solution.outcome} by {solution.method} in {seconds:.3g} s; {extent}")
    if solution.why:
        click.echo(solution.why)
    if not solution.complete:
        click.echo(solution.outcome.advice)


def show_classification(found: Classification) -> None:
    """Print every setting and class with its witness in short; ``--json`` has it whole."""
    rows = [
        [name, reading, _answer(finding.holds), _short(finding.witness)]
        for name, readings in found.settings.items()
        for reading, finding in readings.items()
    ]
    print_table(["setting", "reading", "holds", "witness"], rows)
    rows = [
        [name, _answer(finding.holds), finding.judged_on, _short(finding.witness)]
        for name, finding in found.classes.items()
    ]
    print_table(["class", "holds", "judged on", "witness"], rows)


def _strategy(game: NormalForm | ContinuousGame, agent: int, strategy: Array) -> str:
    if not isinstance(game, NormalForm):
        return ", ".join(map(show_number, strategy))
    played = [(label, p) for label, p in zip(game.actions[agent], strategy, strict=True) if p > 0]
    if len(played) == 1:
        return played[0][0]
    return ", ".join(f"{label} {show_number(p)}" for label, p in played)


def _answer(holds: bool | None) -> str:
    return "undecided" if holds is None else "yes" if holds else "no"


def _short(witness: Any, width: int = 84) -> str:
    text = _phrase(witness)
    return text if len(text) <= width else text[: width - 1].rstrip(" ,;") + "…"


def _phrase(value: Any) -> str:
    """A witness in words: numbers, intervals and joint actions as one would write them."""
    if isinstance(value, Mapping):
        if "low_closed" in value:
            return _interval(value)
        where = value.get("at", value.get("joint action"))
        if where is not None and "rewards" in value:
            return f"{_phrase(where)} pays {_phrase(value['rewards'])}"
        return "; ".join(f"{key} {_phrase(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], Mapping):
            return "; ".join(map(_phrase, value))
        return "(" + ", ".join(map(_phrase, value)) + ")"
    if value is None:
        return "none"
    return show_number(value) if isinstance(value, Fraction | float) else str(value)


def _interval(value: Mapping[str, Any]) -> str:
    low = "−∞" if value["low"] is None else show_number(value["low"])
    high = "∞" if value["high"] is None else show_number(value["high"])
    return f"in {'[' if value['low_closed'] else '('}{low}, {high}{']' if value['high_closed'] else ')'}"
