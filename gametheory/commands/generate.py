"""Command that makes games: generate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gametheory.commands.terminal import print_json, print_table
from gametheory.errors import GameError


@click.group()
def main() -> None:
    """Games to solve."""


@main.command()
@click.argument("name", required=False)
@click.option("--seed", type=int, default=0, show_default=True, help="Fixes all that is drawn.")
@click.option(
    "--index", type=click.IntRange(min=0), default=0, show_default=True, help="Which game of the seed."
)
@click.option(
    "--count", type=click.IntRange(min=1), help="Make that many, from the index on; files are numbered."
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter; repeatable.")
@click.option("-o", "output", metavar="FILE.nfg", help="Where to write; standard output unless given.")
@click.option("--json", "as_json", is_flag=True, help="The list of generators as one JSON document.")
def generate(
    name: str | None,
    seed: int,
    index: int,
    count: int | None,
    settings: tuple[str, ...],
    output: str | None,
    as_json: bool,
) -> None:
    """Make a game of a known family, or list the families.

    The same seed makes the same game; without NAME the families are listed. Games are written in
    Gambit's .nfg format, exact where the family is.

    \b
    equilibrist generate
    equilibrist generate congestion --seed 1 --set agents=3 -o roads.nfg
    equilibrist generate covariant --set correlation=-0.9 --set actions=5,4 --count 100 -o games/covariant.nfg
    """
    if name is None:
        _list(as_json)
        return
    if as_json:
        raise GameError(f"--json lists the generators; {name} is written as .nfg, so leave it out")
    from gametheory.commands.keywords import read_keywords
    from gametheory.files import format_nfg, write
    from gametheory.generators import family
    from gametheory.generators import generate as made

    parameters = read_keywords(family(name).build, settings, f"parameter of {name}")
    if count is not None and output is None:
        raise GameError("--count makes several files; name them with -o FILE.nfg")
    for k in range(index, index + (count or 1)):
        game = made(name, seed=seed, index=k, **parameters)
        if output is None:
            click.echo(format_nfg(game), nl=False)
            return
        write(game, output if count is None else _numbered(output, k))
    several = "" if count is None else f" (numbered {index} to {index + count - 1})"
    click.echo(f"wrote {output}{several}", err=True)


def _numbered(path: str, k: int) -> Path:
    plain = Path(path)
    return plain.with_name(f"{plain.stem}-{k}{plain.suffix}")


def _list(as_json: bool) -> None:
    from gametheory.generators import FAMILIES, names

    listed: list[dict[str, Any]] = [
        {
            "name": name,
            "summary": FAMILIES[name].summary,
            "parameters": FAMILIES[name].defaults,
            "source": FAMILIES[name].source,
        }
        for name in names()
    ]
    if as_json:
        print_json({"generators": listed})
        return
    rows = [
        [
            g["name"],
            ", ".join(f"{key}={value}" for key, value in g["parameters"].items()),
            g["summary"],
            g["source"],
        ]
        for g in listed
    ]
    print_table(["name", "parameters", "what", "source"], rows)
