"""`python -m gametheory`: this floor's commands."""

import sys

from gametheory.cli import main
from gametheory.terminal import run

sys.exit(run(main))
