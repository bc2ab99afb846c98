"""`python -m environments`: this floor's commands."""

import sys

from environments import cli_play, cli_record
from environments.cli import main
from gametheory.commands.terminal import run

for more in (cli_play.main, cli_record.main):
    for command in more.commands.values():
        main.add_command(command)
sys.exit(run(main))
