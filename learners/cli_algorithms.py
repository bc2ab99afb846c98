"""`equilibrist algorithms`: what can learn, and what can be set."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any

import click

from learners.cli import json_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@click.group()
def main() -> None:
    """What can learn."""


@main.command()
@click.argument("name", required=False)
@json_option
def algorithms(name: str | None, as_json: bool) -> None:
    """List what can learn, or the settings of one.

    NAME is one of the list, or module:attribute. With it, its settings and those of training.

    \b
    equilibrist algorithms
    equilibrist algorithms soft-matd4
    """
    from gametheory.commands.terminal import print_json

    found = _listed() if name is None else _settings(name)
    if as_json:
        print_json(found)
    elif name is None:
        _show(("name", "schemes"), found["algorithms"])
        click.echo("Settings of one: equilibrist algorithms NAME", err=True)
    else:
        _show(("setting", "default", "meaning"), found["settings"] + found["training"])
        click.echo(f"{name} trains under: {', '.join(found['schemes'])}")
        click.echo(f"Set one: equilibrist train GAME --algorithm {name} --set SETTING=VALUE …", err=True)


def _listed() -> dict[str, Any]:
    from learners.registry import names, schemes

    return {"algorithms": [{"name": own, "schemes": schemes(own)} for own in names()]}


def _settings(name: str) -> dict[str, Any]:
    from learners.registry import schemes, settings_type
    from learners.training import TrainingSettings

    return {
        "algorithm": name,
        "schemes": schemes(name),
        "settings": _fields(settings_type(name)),
        "training": _fields(TrainingSettings, "training."),
    }


def _fields(settings: type[Any], before: str = "") -> list[dict[str, Any]]:
    """Every field by the key that `--set` takes, with its default and its sentences."""
    from learners.settings import describe

    said = describe(settings)
    return [
        {
            "setting": before + own.name,
            "default": _default(own),
            "meaning": " ".join(said.get(own.name, "").replace("``", "").split()),
        }
        for own in fields(settings)
    ]


def _default(own: Field[Any]) -> Any:
    return own.default if own.default_factory is MISSING else own.default_factory()


def _show(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    from gametheory.commands.terminal import print_table

    print_table(columns, [[_word(row[column]) for column in columns] for row in rows])


def _word(value: Any) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, tuple):
        quoted = value and isinstance(value[0], str)
        return ", ".join(value) if quoted else f"[{', '.join(map(_word, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)
