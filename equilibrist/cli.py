"""`equilibrist`: every floor's commands under one name, each loaded when it is called."""

from __future__ import annotations

import sys
from importlib import import_module, metadata

import click

from gametheory.commands.terminal import run
from gametheory.errors import UnknownName

_COMMANDS = {
    "games": "gametheory.commands.basic",
    "solve": "gametheory.commands.solve",
    "classify": "environments.cli",
    "certify": "gametheory.commands.basic",
    "convert": "gametheory.commands.formal",
    "check-equivalence": "gametheory.commands.formal",
    "describe": "environments.cli",
    "dynamics": "gametheory.commands.dynamics",
    "generate": "gametheory.commands.generate",
    "environments": "environments.cli",
    "play": "environments.cli_play",
    "record": "environments.cli_record",
    "algorithms": "learners.cli_algorithms",
    "train": "learners.cli",
    "sweep": "learners.cli_sweep",
    "lab": "learners.cli_lab",
    "cross-play": "learners.cli_crossplay",
    "exploit": "learners.cli_exploit",
    "resume": "learners.cli",
    "evaluate": "learners.cli",
    "report": "learners.cli",
}


class _Floors(click.Group):
    """A group whose commands are imported one by one, so that solving never imports torch."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        floor: click.Group = import_module(_COMMANDS[cmd_name]).main
        return floor.get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            raise UnknownName("command", args[0], _COMMANDS, "see equilibrist --help")
        return super().resolve_command(ctx, args)


@click.group(cls=_Floors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(metadata.version("equilibrist"), prog_name="equilibrist")
def group() -> None:
    """Formal multi-agent games in, certified equilibria out, learning algorithms held against them.

    \b
    equilibrist solve stag-hunt --all        every equilibrium, certified
    equilibrist classify prisoners-dilemma   what kind of game it is, with witnesses
    equilibrist train cournot --algorithm soft-matd4 --seeds 3 -o runs/cournot

    Every command takes --help; those that answer a question take --json.
    Exit status: 0 done, 1 the answer is no, 2 bad input, 3 out of time or memory, 130 interrupted.
    """


def main() -> None:
    """Entry point of the command line."""
    sys.exit(run(group))
