"""`equilibrist sweep`: the same training over every combination of some settings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from learners.cli import engine_option, folder, jobs_option, json_option, steps_option, tensorboard_option
from learners.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from learners.running.loop import Progress as State
    from learners.running.parallel import Pool
    from learners.running.trials import Swept, Unit


@click.group()
def main() -> None:
    """Sweeps over settings."""


@main.command()
@click.argument("game")
@click.option("--algorithm", metavar="NAME,…", help="One algorithm, or several to go over.")
@click.option("--scheme", metavar="NAME,…", help="One scheme, or several to go over.")
@click.option(
    "--over", multiple=True, metavar="KEY=VALUE,…", help="A setting to go over; repeat it for a grid."
)
@steps_option
@click.option("--seeds", type=int, metavar="COUNT", help="COUNT seeds of every trial.  [default: 1]")
@engine_option
@jobs_option
@click.option(
    "--config", type=folder, metavar="FILE.toml", help="As for train, with a table [sweep] of lists."
)
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One setting of all trials.")
@click.option(
    "-o", "--output", type=folder, required=True, metavar="DIR", help="The folder; it must not exist."
)
@tensorboard_option
@json_option
def sweep(
    game: str,
    output: Path,
    over: tuple[str, ...],
    config: Path | None,
    assignments: tuple[str, ...],
    jobs: int | None,
    tensorboard: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train on GAME over combinations of settings.

    Once for every combination; what came out is ranked. KEY is what `equilibrist train --set` takes
    (actor_rate, training.plays, environment.firms), or algorithm, scheme or steps. Trials and their seeds
    run side by side; one that fails does not lose the others. `equilibrist resume DIR` goes on with what
    is not finished.

    \b
    equilibrist sweep cournot --algorithm matd4,soft-matd4 --over actor_rate=2e-3,5e-4 --seeds 2 -o runs/rates
    equilibrist sweep kuhn-poker --config sweep.toml --jobs 4 -o runs/kuhn

    In a file the lists stand in the table [sweep]: actor_rate = [2e-3, 5e-4], training.plays = [16, 32].
    """
    from learners.running.parallel import pool
    from learners.running.rehearsal import Stage
    from learners.running.request import asked_axes, asked_engine, assemble
    from learners.running.trials import Sweep, grid

    lists = [f"{name}={options[name]}" for name in ("algorithm", "scheme") if "," in (options[name] or "")]
    given = {key: value for key, value in options.items() if "," not in str(value)}
    units_on = pool(asked_engine(options, config), jobs)
    axes = asked_axes((*lists, *over), config)
    combinations, stage = grid(axes), Stage()
    configs = [(own, assemble(game, given, config, assignments, own, stage)) for own in combinations]
    Sweep.create(output, axes, configs)
    conduct_sweep(output, units_on, tensorboard, as_json)


def conduct_sweep(path: Path, pool: Pool, tensorboard: bool, as_json: bool) -> None:
    """Go through a sweep's folder and show what came out."""
    from gametheory.commands.terminal import BAD_INPUT, INTERNAL, INTERRUPTED, print_json
    from learners.running.parallel import interruptible
    from learners.running.trials import Sweep, conduct

    opened = Sweep.open(path)
    total = {name: run.config.training.steps for name, run in opened.runs().items()}
    with interruptible() as stop, _bars(path, total) as progress:
        done = conduct(opened, pool, progress=progress, stop=stop, tensorboard=tensorboard)
    if as_json:
        print_json({"sweep": path, "trials": done.rows})
    else:
        _show(path, done)
    failed = [row for row in done.rows if row["failed"]]
    for row in failed:
        for seed, why in row["failed"].items():
            click.echo(f"equilibrist: {row['trial']}, seed {seed} failed: {why}", err=True)
    if done.interrupted:
        click.echo(f"equilibrist: interrupted; continue with: equilibrist resume {path}", err=True)
        sys.exit(INTERRUPTED)
    if failed:
        sys.exit(INTERNAL if done.internal else BAD_INPUT)


@contextmanager
def _bars(path: Path, total: dict[str, int]) -> Iterator[Callable[[Unit, State], None]]:
    """One bar per seed that is being trained."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
    from rich.table import Column

    from learners.reports.show import told

    whole = Column(no_wrap=True)
    columns = (
        TextColumn("{task.description}", table_column=whole),
        BarColumn(bar_width=16),
        TextColumn("{task.completed:,}/{task.total:,} steps", table_column=whole),
        TimeRemainingColumn(table_column=whole),
        TextColumn("{task.fields[note]}"),
    )
    click.echo(f"{counted(len(total), 'trial')}, into {path}", err=True)
    with Progress(*columns, console=Console(stderr=True)) as display:
        tasks: dict[Unit, TaskID] = {}

        def progress(unit: Unit, state: State) -> None:
            if unit not in tasks:
                tasks[unit] = display.add_task(f"{unit[0]} seed {unit[1]}", total=total[unit[0]], note="")
            over = state.steps >= state.total
            display.update(
                tasks[unit], completed=min(state.steps, state.total), note=told(state), visible=not over
            )

        yield progress


def _show(path: Path, done: Swept) -> None:
    from gametheory.commands.terminal import print_table
    from learners.reports.report import show

    axes = list(done.rows[0]["over"])
    rows = [
        [
            row["trial"],
            *(str(row["over"][key]) for key in axes),
            row["verdict"],
            show(row["nash_conv"]["last"]),
            show(row["nash_conv"]["average"]),
            ", ".join(map(show, row["return"] or [])) or "–",
            show(row["environment_steps"]),
        ]
        for row in done.rows
    ]
    print_table(["trial", *axes, "verdict", "NashConv", "time-averaged", "return per agent", "steps"], rows)
    click.echo(
        f"table: {path / 'results.csv'}; one trial's page: equilibrist report {path}/trial-K -o FILE.html"
    )
