"""Solutions and classifications as tables for people and as documents for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import click
import numpy as np

from gametheory.classify import Classification
from gametheory.commands.terminal import print_table, show_number
from gametheory.continuous import ContinuousGame
from gametheory.continuous.lq.model import LinearQuadraticGame
from gametheory.joint import joint_names
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solution import Solution

LINES = 20
"""Most joint actions of one equilibrium in a table."""

JOINT = ("correlated", "coarse-correlated")
"""Concepts whose answers are distributions over joint actions."""


def solution_document(name: str, solution: Solution, seconds: float, game: Any = None) -> dict[str, Any]:
    """The JSON document of `equilibrist solve`.

    Correlated equilibria are given by the joint actions that are played: by label with the game at
    hand, else by index. Of games of several moves the policies are given.
    """
    if isinstance(game, LinearQuadraticGame):
        from gametheory.commands.show_linear_quadratic import gains_document

        return _document(name, solution, seconds, gains_document(solution))
    if _in_moves(game):
        from gametheory.commands.show_policies import answers_document

        return _document(name, solution, seconds, answers_document(game, solution))
    return _document(name, solution, seconds, _equilibria(solution, game))


def _in_moves(game: Any) -> bool:
    return game is not None and not isinstance(game, NormalForm | ContinuousGame)


def _equilibria(solution: Solution, game: NormalForm | ContinuousGame | None) -> list[dict[str, Any]]:
    return [
        {
            **_answer_document(game, solution, profile),
            "values": values,
            "regrets": certificate.regrets,
            "certificate": certificate.kind,
            **({} if certificate.distance is None else {"distance": certificate.distance}),
        }
        for profile, values, certificate in zip(
            solution.profiles, solution.values, solution.certificates, strict=True
        )
    ]


def _document(
    name: str, solution: Solution, seconds: float, equilibria: list[dict[str, Any]]
) -> dict[str, Any]:
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


def show_solution(game: Any, solution: Solution, seconds: float) -> None:
    """Print the answers and how they were found."""
    if isinstance(game, LinearQuadraticGame):
        from gametheory.commands.show_linear_quadratic import show_gains

        show_gains(game, solution)
    elif _in_moves(game):
        from gametheory.commands.show_policies import show_answers

        show_answers(game, solution)
    else:
        _show_table(game, solution)
    extent = "the list is complete" if solution.complete else "the list may be incomplete"
    click.echo(f"{solution.concept}: {solution.outcome} by {solution.method} in {seconds:.3g} s; {extent}")
    if solution.why:
        click.echo(solution.why)
    if not solution.complete:
        click.echo(solution.outcome.advice)


def _show_table(game: NormalForm | ContinuousGame, solution: Solution) -> None:
    """One row per equilibrium: what each agent plays, the values, the certificate."""
    joint = solution.concept in JOINT
    rows = [
        [
            str(k),
            *(_joint(game, profile[0]) if joint else _strategies(game, profile)),
            ", ".join(map(show_number, values)),
            certificate.grade,
        ]
        for k, (profile, values, certificate) in enumerate(
            zip(solution.profiles, solution.values, solution.certificates, strict=True)
        )
    ]
    if rows:
        played = ["joint action and probability"] if joint else [f"agent {agent}" for agent in game.agents]
        print_table(["#", *played, "values", "certificate"], rows)
    else:
        click.echo("no equilibrium found")
    if not joint and any(len(component) > 1 for component in solution.components):
        sets = "; ".join("{" + ", ".join(map(str, component)) + "}" for component in solution.components)
        click.echo(f"maximal Nash subsets (every mixture within one is an equilibrium): {sets}")


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
    if rows:
        print_table(["class", "holds", "judged on", "witness"], rows)


def _answer_document(
    game: NormalForm | ContinuousGame | None, solution: Solution, profile: Sequence[Any]
) -> dict[str, Any]:
    if solution.concept not in JOINT:
        return {"profile": profile}
    joint = profile[0]
    names = [str(list(index)) for index in np.ndindex(*joint.shape)]
    if isinstance(game, NormalForm):
        names = joint_names(game)
    return {"joint": {name: p for name, p in zip(names, joint.ravel(), strict=True) if p}}


def _joint(game: NormalForm | ContinuousGame, joint: Array) -> list[str]:
    """One line per joint action that is played."""
    if not isinstance(game, NormalForm):
        raise TypeError(f"a {type(game).__name__} has no joint distributions")
    played = [(name, p) for name, p in zip(joint_names(game), joint.ravel(), strict=True) if p]
    shown = [f"{name} {show_number(p)}" for name, p in played[:LINES]]
    if len(played) > LINES:
        shown.append(f"and {len(played) - LINES} more; --json has them all")
    return ["\n".join(shown)]


def _strategies(game: NormalForm | ContinuousGame, profile: Sequence[Array]) -> list[str]:
    return [_strategy(game, i, strategy) for i, strategy in enumerate(profile)]


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
