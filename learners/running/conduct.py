"""From a run folder to its reports: train what is missing, put the seeds together, draw."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from gametheory.errors import GameError
from learners.reports.facts import Facts, merged_facts
from learners.running import metrics
from learners.running.files import write_atomically, write_json
from learners.running.parallel import Outcomes, Pool, Told, train_seed, train_seeds
from learners.running.reported import FILE, reported
from learners.running.runs import RunFolder


@dataclass(frozen=True)
class Conducted:
    """A run as it stands after training."""

    facts: Facts
    interrupted: bool
    failed: dict[int, str]
    internal: bool


def conduct(
    run: RunFolder,
    *,
    progress: Told,
    stop: Callable[[], bool],
    tensorboard: bool = False,
    pool: Pool | None = None,
) -> Conducted:
    """Train, or go on training, every seed of a run and write all its reports.

    Without a ``pool`` several seeds go to processes of this machine, and a single one stays in this.

    Raises:
        GameError: another process trains there, a checkpoint is damaged, or every seed failed on
            its input.
        RuntimeError: every seed failed.
    """
    if not run.several and pool is None:
        import torch

        torch.set_num_threads(1)  # as in a run of several seeds: the same numbers
        seed = run.config.seeds[0]
        facts = train_seed(run, lambda state: progress(seed, state), stop, tensorboard)
        outcomes = Outcomes({seed: facts}, interrupted=facts["interrupted"])
    else:
        with run.lock() if run.several else nullcontext():  # a seed holds its own folder
            facts, outcomes = _several(run, progress, stop, tensorboard, pool or train_seeds)
    from learners.reports.report import render_run

    render_run(run.path)
    return Conducted(facts, outcomes.interrupted, outcomes.failed, outcomes.internal)


def _several(
    run: RunFolder, progress: Told, stop: Callable[[], bool], tensorboard: bool, pool: Pool
) -> tuple[Facts, Outcomes]:
    began = time.monotonic()
    folders = {folder.config.seeds[0]: folder for folder in run.seed_folders()}
    outcomes = pool(folders, progress, stop, tensorboard)
    for seed, folder in folders.items():  # those that had not begun when the run was interrupted
        facts = reported(folder.path)
        if facts is not None:
            outcomes.facts.setdefault(seed, facts)
    if not outcomes.facts:
        if outcomes.interrupted:
            raise KeyboardInterrupt
        reasons = "; ".join(f"seed {seed}: {why}" for seed, why in outcomes.failed.items())
        raise RuntimeError(reasons) if outcomes.internal else GameError(reasons)
    return put_together(run, outcomes, time.monotonic() - began), outcomes


def put_together(run: RunFolder, outcomes: Outcomes, seconds: float) -> Facts:
    """Write the metrics and the report over all seeds of a run that have come to something.

    Args:
        run: of one or several seeds.
        outcomes: by seed, at least one with a report.
        seconds: what these have taken now.
    """
    folders = {folder.config.seeds[0]: folder for folder in run.seed_folders()}
    if not run.several:
        return next(iter(outcomes.facts.values()))
    before = reported(run.path)
    wall = seconds + (0.0 if before is None else before["wall_seconds"])
    found = {seed: outcomes.facts[seed] for seed in folders if seed in outcomes.facts}
    facts = merged_facts(run.config, found, outcomes.failed, wall)
    facts["interrupted"] = facts["interrupted"] or outcomes.interrupted
    rows = [{"seed": seed} | row for seed, folder in folders.items() for row in metrics.read(folder.metrics)]
    write_atomically(run.metrics, "".join(map(metrics.line, rows)).encode())
    metrics.write_csv(run.path / "metrics.csv", rows)
    write_json(run.path / FILE, facts)
    return facts
