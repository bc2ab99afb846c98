"""Answers of games of several moves, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from gametheory.aecg import AECG
from gametheory.commands.terminal import print_table, show_number
from gametheory.errors import LimitReached
from gametheory.extensive.show_tree import plan_document
from gametheory.extensive.show_tree import policies_document as tree_document
from gametheory.extensive.tree import Tree
from gametheory.files.policies_json import policies_to_json
from gametheory.numerics import Array
from gametheory.policies.controllers import Controller, HistoryPolicy
from gametheory.policy import TablePolicy
from gametheory.posg import POSG
from gametheory.solution import Solution

if TYPE_CHECKING:
    from gametheory.solving.sequential import SequentialGame

LINES = 60
"""Most histories of one answer in a table."""

Entry = dict[str, Any]
"""``{"history": [["o", w], ["a", x], …], "p": {action: p}}``"""


def policies_document(game: SequentialGame, profile: Sequence[Any], horizon: int | None) -> list[list[Entry]]:
    """Per agent what it plays after every history; of a table, after every observation.

    Raises:
        LimitReached: too many histories to list.
    """
    if isinstance(game, Tree):
        return tree_document(game, tuple(profile))
    out: list[list[Entry]] = []
    for i, policy in enumerate(profile):
        if isinstance(policy, HistoryPolicy):
            out.append([_entry(game, i, history, np.asarray(law)) for history, law in policy.table.items()])
        elif isinstance(policy, TablePolicy):
            rows = enumerate(policy.table)
            out.append([_entry(game, i, (("o", seen),), law) for seen, law in rows])
        elif horizon is None:
            raise LimitReached("a policy with memory has no last history; give a horizon")
        else:
            return policies_to_json(game, profile, horizon)
    return out


def _entry(game: POSG | AECG, agent: int, history: Sequence[tuple[str, int]], law: Array) -> Entry:
    seen, actions = game.observation_labels[agent], game.actions[agent]
    words = [
        [kind, actions[k] if kind == "a" else seen[k] if k < len(seen) else "start"] for kind, k in history
    ]
    return {"history": words, "p": {actions[a]: law[a] for a in np.flatnonzero(law != 0)}}


def answers_document(game: SequentialGame, solution: Solution) -> list[dict[str, Any]]:
    """The equilibria of the JSON document of `equilibrist solve`."""
    return [
        {
            **_answer(game, solution, profile),
            "values": values,
            "regrets": certificate.regrets,
            "certificate": certificate.kind,
            "epsilon": certificate.epsilon,
        }
        for profile, values, certificate in zip(
            solution.profiles, solution.values, solution.certificates, strict=True
        )
    ]


def _answer(game: SequentialGame, solution: Solution, profile: Sequence[Any]) -> dict[str, Any]:
    if solution.concept == "efce":
        return {"plan": plan_document(solution.parameters.get("tree", game), profile[0])}
    horizon = solution.parameters.get("horizon")
    if horizon is None and all(isinstance(policy, Controller) for policy in profile):
        return {"controllers": [{"table": own.table, "update": own.update} for own in profile]}
    return {"policies": policies_document(game, profile, horizon)}


def show_answers(game: SequentialGame, solution: Solution) -> None:
    """Print every answer: values and certificate, and what is played after each history."""
    horizon = solution.parameters.get("horizon")
    for k, (profile, values, certificate) in enumerate(
        zip(solution.profiles, solution.values, solution.certificates, strict=True)
    ):
        regret = max(certificate.regrets)
        grade = str(certificate.kind) if certificate.holds else "none"
        click.echo(
            f"#{k}: values {', '.join(map(show_number, values))}; certificate: {grade}, "
            f"largest regret {show_number(regret)}"
        )
        if solution.concept == "efce":
            _show_plan(solution.parameters.get("tree", game), profile[0])
            continue
        try:
            document = policies_document(game, profile, horizon)
        except LimitReached as limit:
            click.echo(f"what is played cannot be listed: {limit}")
            continue
        rows = [
            [name, _history(entry["history"]), _law(entry["p"])]
            for name, own in zip(game.agents, document, strict=True)
            for entry in own
        ]
        print_table(["agent", "has seen and done", "plays"], rows[:LINES])
        if len(rows) > LINES:
            click.echo(f"… and {len(rows) - LINES:,} more histories; --json lists them all")
    if not solution.profiles:
        click.echo("no answer found")


def _show_plan(tree: Tree, plan: Array) -> None:
    rows = [
        [*(_history(moves) for moves in entry["moves"]), show_number(entry["weight"])]
        for entry in plan_document(tree, plan)
    ]
    print_table([*(f"agent {agent}" for agent in tree.agents), "weight"], rows[:LINES])


def _history(events: Sequence[Sequence[str]]) -> str:
    words = [str(word) for _, word in events if word != "start"]
    return " · ".join(words) or "start"


def _law(law: Any) -> str:
    pairs = list(law.items()) if isinstance(law, dict) else [tuple(pair) for pair in law]
    played = [(action, p) for action, p in pairs if p]
    if len(played) == 1:
        return str(played[0][0])
    return ", ".join(f"{action} {p if isinstance(p, str) else show_number(p)}" for action, p in played)
