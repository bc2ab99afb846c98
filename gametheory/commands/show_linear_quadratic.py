"""Gains of linear-quadratic games, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import numpy as np

from gametheory.certificates.linear_quadratic import FeedbackCertificate
from gametheory.commands.terminal import print_table, show_number
from gametheory.continuous.lq.model import LinearQuadraticGame
from gametheory.numerics import Array
from gametheory.solution import Solution

STAGES = 12
"""Most stages of one answer in a table."""


def gains_document(solution: Solution) -> list[dict[str, Any]]:
    """The equilibria of the JSON document of `equilibrist solve`."""
    out = []
    for profile, values, grade in zip(solution.profiles, solution.values, solution.certificates, strict=True):
        assert isinstance(grade, FeedbackCertificate)
        facts: dict[str, Any] = {
            "gains": [own.tolist() for own in profile],
            "values": values,
            "regrets": grade.regrets,
            "certificate": grade.kind,
            "epsilon": grade.epsilon,
            "regret_anywhere": grade.anywhere,
            "gain_errors": grade.gain_errors,
        }
        if np.isfinite(grade.spectral_radius):
            facts["spectral_radius"] = grade.spectral_radius
            facts["discounted_spectral_radius"] = grade.discounted_radius
        if "stages" in solution.parameters:
            stages = solution.parameters["stages"]
            facts["conditions"] = [own.condition for own in stages]
            facts["determinants"] = [own.determinant for own in stages]
        out.append(facts)
    return out


def show_gains(game: LinearQuadraticGame, solution: Solution) -> None:
    """Print every answer: values, certificate, stability, and each agent's gains."""
    for k, (profile, values, grade) in enumerate(
        zip(solution.profiles, solution.values, solution.certificates, strict=True)
    ):
        assert isinstance(grade, FeedbackCertificate)
        click.echo(
            f"#{k}: values {', '.join(map(show_number, values))}; certificate: {grade.kind}, "
            f"largest regret {show_number(max(grade.regrets))}{_stability(grade)}"
        )
        if solution.parameters.get("horizon") is None:
            rows = [[name, _matrix(own)] for name, own in zip(game.agents, profile, strict=True)]
            print_table(["agent", "gain K, plays −K x"], rows)
        else:
            _show_stages(game, profile, solution.parameters["stages"])
    if not solution.profiles:
        click.echo("no equilibrium found")


def _show_stages(game: LinearQuadraticGame, profile: Sequence[Array], stages: Sequence[Any]) -> None:
    shown = range(min(len(stages), STAGES))
    rows = [[str(t), *(_matrix(own[t]) for own in profile), f"{stages[t].condition:.3g}"] for t in shown]
    print_table(["stage", *(f"gain of {name}" for name in game.agents), "condition"], rows)
    if len(stages) > STAGES:
        click.echo(f"… and {len(stages) - STAGES:,} more stages; --json lists them all")


def _stability(grade: FeedbackCertificate) -> str:
    if not np.isfinite(grade.spectral_radius):
        return ""
    tail = "" if grade.spectral_radius < 1 else f" (discounted {show_number(grade.discounted_radius)})"
    return f", closed-loop spectral radius {show_number(grade.spectral_radius)}{tail}"


def _matrix(gain: Array) -> str:
    return "\n".join("  ".join(show_number(entry) for entry in row) for row in gain.tolist())
