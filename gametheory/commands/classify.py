"""What the commands that classify games share: their options, and how answers are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click

from gametheory.commands.terminal import print_json

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--rewards",
        type=click.Choice(["expected", "sure"]),
        default="expected",
        show_default=True,
        help="Compare expected rewards, or every possible draw.",
    ),
    click.option(
        "--triples",
        type=click.Choice(["reachable", "all"]),
        default="reachable",
        show_default=True,
        help="Which (state, joint action, next state) count.",
    ),
    click.option(
        "--samples",
        type=click.IntRange(min=1),
        default=1000,
        show_default=True,
        metavar="N",
        help="Steps to judge on, where the game can only be played.",
    ),
    click.option(
        "--seed",
        type=int,
        default=0,
        show_default=True,
        metavar="S",
        help="Of the plays that give the samples.",
    ),
    click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output."),
)


def classify_options(command: Command) -> Command:
    """The options of a command that ends in ``show_classified``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def show_classified(
    game: Any,
    name: str,
    *,
    rewards: Literal["expected", "sure"],
    triples: Literal["reachable", "all"],
    samples: int,
    seed: int,
    as_json: bool,
) -> None:
    """Classify a game, from its tables if it has some and else on samples, and print the answer."""
    from gametheory.classify import classify
    from gametheory.commands.show import show_classification

    how: dict[str, Any] = {"rewards": rewards, "triples": triples}
    if hasattr(game, "step"):
        from gametheory.classify.samples import classify_samples

        found, how = classify_samples(game, samples, seed), {"samples": samples, "seed": seed}
    else:
        found = classify(game, rewards=rewards, triples=triples)
    if as_json:
        print_json({"game": name, "agents": list(game.agents), **found.document(), **how})
    else:
        click.echo(f"judged on {found.judged_on}")
        show_classification(found)
