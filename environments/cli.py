"""Commands on simulated games: environments."""

from __future__ import annotations

import click

from gametheory.terminal import print_json, print_table


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
