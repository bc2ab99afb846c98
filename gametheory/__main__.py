"""`python -m gametheory`: this floor's commands."""

import sys

import click

from gametheory.commands import basic as cli
from gametheory.commands import dynamics as cli_dynamics
from gametheory.commands import formal as cli_formal
from gametheory.commands import generate as cli_generate
from gametheory.commands import solve as cli_solve
from gametheory.commands.terminal import run

main = click.CommandCollection(
    name="gametheory",
    help="Formal games: solve, classify, certify, convert, compare, describe and generate.",
    sources=[module.main for module in (cli, cli_solve, cli_formal, cli_dynamics, cli_generate)],
)

if __name__ == "__main__":
    sys.exit(run(main))
