"""Runs for people: progress bars on standard error, results as tables on standard output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gametheory.terminal import print_table
from learners.report import show, show_profile
from learners.runs import RunFolder

if TYPE_CHECKING:
    from learners.loop import Progress as State
    from learners.parallel import Told


@contextmanager
def bars(run: RunFolder) -> Iterator[Told]:
    """One bar per seed: steps, updates a second, NashConv, time left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("seed {task.fields[seed]}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,} steps"),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
    )
    total = run.config.training.steps
    click.echo(f"{run.config.algorithm} on {run.config.game}, into {run.path}", err=True)
    with Progress(*columns, console=Console(stderr=True)) as display:
        tasks = {seed: display.add_task("", total=total, seed=seed, note="") for seed in run.config.seeds}

        def progress(seed: int, state: State) -> None:
            note = f"{state.updates_per_second:.0f} updates/s"
            if state.nash_conv is not None:
                note += f"  NashConv {state.nash_conv:.3g}"
            display.update(tasks[seed], completed=min(state.steps, total), note=note)

        yield progress


def show_run(path: Path, facts: Mapping[str, Any]) -> None:
    """What was computed, what was reached, and where the report lies."""
    if facts["equilibria"]:
        rows = [
            [
                str(k),
                show_profile(found["profile"], facts),
                ", ".join(map(show, found["values"])),
                str(found["certificate"]),
            ]
            for k, found in enumerate(facts["equilibria"][:20])
        ]
        print_table(["#", "computed equilibrium", "values", "certificate"], rows)
    seeds = facts.get("per_seed") or [{**facts, "seed": facts["seeds"][0]}]
    rows = [
        [
            str(seed["seed"]),
            seed["verdict"],
            show_profile(seed["final_profile"], facts),
            show(seed["nash_conv"]["last"]),
            show(seed["nash_conv"]["average"]),
            show(seed["distance_to_nearest_equilibrium"]),
        ]
        for seed in seeds
    ]
    print_table(
        ["seed", "verdict", "profile reached", "NashConv", "NashConv, time average", "distance"], rows
    )
    click.echo(f"{'Soft' if facts['soft'] else 'plain'} variant, {facts['algorithm']}, {facts['scheme']}")
    click.echo(f"verdict: {facts['verdict']} ({facts['reason']})")
    click.echo(f"report: {path / 'report.html'}")


def show_evaluation(found: Mapping[str, Any]) -> None:
    """A table of ``learners.evaluate``."""
    rows = []
    for seed in found["seeds"]:
        payment, certificate = seed["return"], seed["certificate"]
        rows.append(
            [
                str(seed["seed"]),
                show(seed["environment_steps"]),
                ", ".join(
                    f"{show(mean)} [{show(low)}, {show(high)}]"
                    for mean, (low, high) in zip(payment["mean"], payment["interval"], strict=True)
                ),
                show(seed["nash_conv"]),
                "–" if certificate is None else certificate["kind"] or "no equilibrium",
            ]
        )
    print_table(["seed", "steps", "return per agent [95 %]", "NashConv", "certificate"], rows)
