"""`python -m learners`: this floor's commands."""

import sys

from gametheory.commands.terminal import run
from learners.cli import main

sys.exit(run(main))
