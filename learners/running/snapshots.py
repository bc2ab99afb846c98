"""Policies along a run, kept for good: small files beside the checkpoints, named by their step.

A run that goes on from a checkpoint comes by the same marks again and writes the same files, so
none is lost and none is there twice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from learners.learner import Learner, kept, play_as
from learners.running.checkpoint import not_a_number, read, stored, write
from learners.running.rollout import NotFinite
from learners.running.runs import RunFolder


def keep(run: RunFolder, step: int, learner: Learner) -> Path:
    """Write what the learner's policies are made of.

    Raises:
        NotFinite: they hold a NaN.
        GameError: the disk is full or cannot be written to.
    """
    state = kept(learner)
    where = not_a_number(state)
    if where is not None:
        raise NotFinite(f"{where} of the policies became nan")
    run.snapshots.mkdir(exist_ok=True)
    return write(run.snapshots, step, run.config.digest, {"policies": state})


def steps(run: RunFolder) -> dict[int, Path]:
    """The snapshots of one seed by their step, the first first."""
    return {step_of(path): path for path in reversed(stored(run.snapshots))}


def bring_back(run: RunFolder, path: Path, learner: Learner) -> None:
    """Have a fresh learner of the run's configuration play as in a snapshot.

    Raises:
        GameError: the file is damaged or of another run.
    """
    state: dict[str, Any] = read(path, run.config.digest)
    play_as(learner, state["policies"])


def step_of(path: Path) -> int:
    """The environment step that a checkpoint or snapshot is named after."""
    return int(path.stem.removeprefix("step-"))
