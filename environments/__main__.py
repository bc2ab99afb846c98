"""`python -m environments`: this floor's commands."""

import sys

from environments.cli import main
from gametheory.terminal import run

sys.exit(run(main))
