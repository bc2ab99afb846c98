"""The modules beside the tests, importable by name, and a command line in this process."""

import sys
from pathlib import Path

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def call(capsys):
    """Run one command line in this process: (status, standard output, standard error)."""

    def called(*arguments):
        status = run(group, [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return called
