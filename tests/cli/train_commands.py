"""Training commands in this process and in others, and settings that are quick."""

from pathlib import Path

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run

pytest.importorskip("torch", reason="the extra `learners` is not installed")


TINY = [
    *("--set", "training.evaluations=20", "--set", "training.plays=4", "--set", "training.update_every=16"),
    *("--set", "random_steps=32", "--set", "batch_size=16"),
    *("--set", "actor_hidden=[8]", "--set", "critic_hidden=[8]"),
]


ROOT = Path(__file__).parents[2]


def call(capsys, *arguments):
    """Exit status, standard output and standard error of one command, in this process."""
    capsys.readouterr()
    status = run(group, [str(part) for part in arguments])
    out, err = capsys.readouterr()
    return status, out, err
