"""Commands on simulated games: environments, describe, classify."""

from __future__ import annotations

from typing import Any

import click

from gametheory.commands.classify import classify_options, show_classified
from gametheory.commands.formal import check_picture, picture_option, show_game
from gametheory.commands.terminal import print_json, print_table


@click.group()
def main() -> None:
    """Simulated games."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def environments(as_json: bool) -> None:
    """List what can be trained on, with its parameters.

    Every game of the catalogue (`equilibrist games`) and every game file can be trained on too.
    """
    from environments.registry import registered

    entries = registered()
    if as_json:
        listed = [
            {"name": e.name, "description": e.description, "parameters": list(e.parameters)} for e in entries
        ]
        print_json({"environments": listed})
        return
    rows = [[e.name, ", ".join(e.parameters), e.description] for e in entries]
    print_table(["name", "parameters", "description"], rows)
    click.echo("Set a parameter with: equilibrist train NAME --set environment.PARAMETER=VALUE …", err=True)


@main.command()
@click.argument("game")
@picture_option
def describe(game: str, output: str | None) -> None:
    """What GAME is made of; or, with -o, a picture of it.

    GAME is an environment (`equilibrist environments`), a catalogue name (`equilibrist games`), a file
    or module:attribute. A matrix game is drawn as its payoff table, best responses shaded and pure
    equilibria framed; a small POSG or AECG as a graph of its states. An environment that can only be
    played is described by its agents and spaces, and by the settings that random plays do not refute.

    \b
    equilibrist describe cournot
    equilibrist describe stag-hunt -o stag-hunt.svg
    """
    from environments.registry import asked_for, registered

    check_picture(output)
    entry = {own.name: own for own in registered()}.get(game)
    more = []
    if entry is not None:
        more = [("environment", entry.description), ("parameters", ", ".join(entry.parameters) or "none")]
    show_game(asked_for(game), game, output, more)


@main.command()
@click.argument("game")
@classify_options
def classify(game: str, **options: Any) -> None:
    """What kind of game GAME is, with witnesses.

    Reward settings and finer classes are looked at; --json has long witnesses whole. GAME is a catalogue
    name (`equilibrist games`), an environment (`equilibrist environments`), a file (.nfg, .json,
    .dpomdp), or module:attribute. An environment that can only be played is judged on sampled steps of
    random play: what they refute is refuted, and nothing more is claimed.

    \b
    equilibrist classify prisoners-dilemma
    equilibrist classify market.nfg --json
    equilibrist classify simple_spread --samples 5000 --seed 1
    """
    from environments.registry import asked_for, find
    from gametheory.continuous import ContinuousGame
    from gametheory.continuous.lq import LinearQuadraticGame

    found = asked_for(game)
    has_tables = not isinstance(found, ContinuousGame | LinearQuadraticGame)
    show_classified(found if has_tables else find(game).game, game, **options)
