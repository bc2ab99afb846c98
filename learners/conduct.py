"""From a run folder to its reports: train what is missing, put the seeds together, draw."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from gametheory.errors import GameError
from learners import metrics
from learners.facts import Facts, merged_facts
from learners.files import read_json, write_atomically, write_json
from learners.parallel import Outcomes, Told, train_seed, train_seeds
from learners.runs import RunFolder


@dataclass(frozen=True)
class Conducted:
    """A run as it stands after training."""

    facts: Facts
    interrupted: bool
    failed: dict[int, str]
    internal: bool


def conduct(
    run: RunFolder, *, progress: Told, stop: Callable[[], bool], tensorboard: bool = False
) -> Conducted:
    """Train, or go on training, every seed of a run and write all its reports.

    Raises:
        GameError: another process trains there, a checkpoint is damaged, or every seed failed on
            its input.
        RuntimeError: every seed failed.
    """
    if not run.several:
        import torch

        torch.set_num_threads(1)  # as in a run of several seeds: the same numbers
        seed = run.config.seeds[0]
        facts = train_seed(run, lambda state: progress(seed, state), stop, tensorboard)
        outcomes = Outcomes({seed: facts}, interrupted=facts["interrupted"])
    else:
        with run.lock():
            facts, outcomes = _several(run, progress, stop, tensorboard)
    from learners.report import render_run

    render_run(run.path)
    return Conducted(facts, outcomes.interrupted, outcomes.failed, outcomes.internal)


def _several(
    run: RunFolder, progress: Told, stop: Callable[[], bool], tensorboard: bool
) -> tuple[Facts, Outcomes]:
    began = time.monotonic()
    folders = {folder.config.seeds[0]: folder for folder in run.seed_folders()}
    outcomes = train_seeds(folders, progress, stop, tensorboard)
    for seed, folder in folders.items():  # those that had not begun when the run was interrupted
        if seed not in outcomes.facts and (folder.path / "report.json").exists():
            outcomes.facts.setdefault(seed, read_json(folder.path / "report.json"))
    if not outcomes.facts:
        if outcomes.interrupted:
            raise KeyboardInterrupt
        reasons = "; ".join(f"seed {seed}: {why}" for seed, why in outcomes.failed.items())
        raise RuntimeError(reasons) if outcomes.internal else GameError(reasons)
    report = run.path / "report.json"
    wall = time.monotonic() - began + (read_json(report)["wall_seconds"] if report.exists() else 0.0)
    found = {seed: outcomes.facts[seed] for seed in folders if seed in outcomes.facts}
    facts = merged_facts(run.config, found, outcomes.failed, wall)
    facts["interrupted"] = facts["interrupted"] or outcomes.interrupted
    lines = [
        metrics.line({"seed": seed} | row)
        for seed, folder in folders.items()
        for row in metrics.read(folder.metrics)
    ]
    write_atomically(run.metrics, "".join(lines).encode())
    write_json(report, facts)
    return facts, outcomes
