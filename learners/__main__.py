"""`python -m learners`: this floor's commands."""

import sys

from gametheory.commands.terminal import run
from learners import cli_algorithms, cli_crossplay, cli_exploit, cli_lab, cli_sweep
from learners.cli import main

for more in (cli_algorithms, cli_sweep, cli_lab, cli_crossplay, cli_exploit):
    for command in more.main.commands.values():
        main.add_command(command)
sys.exit(run(main))
