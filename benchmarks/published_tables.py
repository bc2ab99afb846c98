"""The published tables of simple_target and simple_confuse, run anew and set beside what was published.

Every algorithm–scheme pair is trained on each task with the same settings and the same seeds, and
evaluated without exploration on its own random stream. What counts is the undiscounted return of 25
steps, averaged over agents (simple_confuse: over the good ones). The same command goes on with what is
not finished. Without --short or --full, or with --report, nothing is trained: tables, verdicts and, with
--plot, figures of what there is.

    python benchmarks/published_tables.py --short --steps 100000 --jobs 2 -o runs/short
    python benchmarks/published_tables.py --full --jobs 8 -o runs/full
    python benchmarks/published_tables.py --report benchmarks/results/published_tables_1m.csv
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from published_report import plot, tables
from published_results import evaluations, merged, texts, write
from published_rows import TASKS, Pair, Task, published

from gametheory.errors import GameError, UnknownName
from learners.running.loop import Progress
from learners.running.parallel import Outcomes, Pool, interruptible, pool
from learners.running.request import assemble
from learners.running.runs import RunConfig, RunFolder
from learners.running.trials import Sweep, conduct

SETTINGS: Mapping[str, Any] = {
    "actor_rate": 2e-3,
    "critic_rate": 5e-3,
    "rate_decay": 0.0,
    "keep": 0.98,
    "exploration_noise": 0.2,
    "random_steps": 2000,
    "replay_size": 200_000,
}
"""Of every algorithm alike; chosen with MATD4 on simple_target with seed 1000, which is not reported."""
TRAINING: Mapping[str, Any] = {
    "plays": 128,
    "update_every": 64,
    "discount": 0.95,
    "episode_limit": 25,
    "evaluations": 16,
    "evaluation_plays": 200,
    "checkpoints": 1,
}
SHORT = (
    Pair("matd3", "ct-de"),
    Pair("matd4", "ct-de"),
    Pair("soft-matd4", "ct-de"),
    Pair("maddpg", "ct-de"),
    Pair("td3", "concurrent"),
)
FULL = tuple(published()[TASKS[0]])
FULL_STEPS, SHORT_STEPS = 1_000_000, 100_000
RESULTS = Path(__file__).parent / "results" / "published_tables_1m.csv"


def configs(
    tasks: Sequence[Task], pairs: Sequence[Pair], seeds: int, steps: int, settings: Sequence[str] = ()
) -> list[tuple[dict[str, Any], RunConfig]]:
    """What each trial sets, and its configuration of all seeds.

    Raises:
        UnknownName: ``settings`` name something unknown.
        GameError: a value is out of range.
    """
    common = [f"{key}={value}" for key, value in SETTINGS.items()]
    common += [f"training.{key}={value}" for key, value in TRAINING.items()]
    out = []
    for task in tasks:
        kind = f"environment.discrete={str(task.actions == 'discrete').lower()}"
        for pair in pairs:
            options = {**pair._asdict(), "steps": steps, "seeds": seeds}
            config = assemble(task.name, options, None, [*common, kind, *settings])
            out.append(({**_named(task), **pair._asdict()}, config))
    return out


def _named(task: Task) -> dict[str, str]:
    return {"task": task.name, "actions": task.actions}


def opened(path: Path, asked: Sequence[tuple[dict[str, Any], RunConfig]]) -> Sweep:
    """The folder of these trials, new or as it stands.

    Raises:
        GameError: something else is there.
    """
    if not path.exists():
        axes = {key: list(dict.fromkeys(over[key] for over, _ in asked)) for key in asked[0][0]}
        return Sweep.create(path, axes, asked)
    found = Sweep.open(path)
    if [run.config.digest for run in found.runs().values()] != [config.digest for _, config in asked]:
        raise GameError(f"{path} holds other trials than these; choose another folder with -o")
    return found


def by_seed(engine: Pool) -> Pool:
    """The pool, given task after task, and of a task seed after seed: what is there is always paired."""

    def run(
        runs: Mapping[Any, RunFolder],
        progress: Callable[[Any, Progress], None],
        stop: Callable[[], bool],
        tensorboard: bool,
    ) -> Outcomes:
        def place(unit: tuple[str, int]) -> tuple[int, int, str]:
            return tasks.index(_played(runs[unit])), unit[1], unit[0]

        tasks = list(dict.fromkeys(map(_played, runs.values())))
        return engine({unit: runs[unit] for unit in sorted(runs, key=place)}, progress, stop, tensorboard)

    return run


def _played(run: RunFolder) -> tuple[str, str]:
    return run.config.game, str(run.config.parameters)


def chosen(
    names: str | None, among: Sequence[Any], what: str, known: Sequence[Any] | None = None
) -> list[Any]:
    """Those of ``known``, or all of ``among``, by names like ``simple_target/discrete``, ``td3/concurrent``.

    Raises:
        UnknownName: there is no such.
    """
    if names is None:
        return list(among)
    by_name = {"/".join(one): one for one in known or among}
    for name in names.split(","):
        if name not in by_name:
            raise UnknownName(what, name, list(by_name))
    return [by_name[name] for name in names.split(",")]


@click.command(help=__doc__)
@click.option("--short", "size", flag_value="short", help="Five pairs, 5 seeds.")
@click.option("--full", "size", flag_value="full", help="All 25 pairs, 5 seeds, 1,000,000 steps.")
@click.option("--steps", type=click.IntRange(min=1), help="Environment steps of each run.")
@click.option("--seeds", type=click.IntRange(1, 1000), default=5, show_default=True)
@click.option(
    "--tasks", metavar="TASK/ACTIONS,…", help="For example simple_target/continuous.  [default: all four]"
)
@click.option("--pairs", metavar="ALGORITHM/SCHEME,…", help="For example matd3/ct-de,td3/concurrent.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting of all runs.")
@click.option("--jobs", type=click.IntRange(min=1), help="Runs at a time.  [default: all cores]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the runs.")
@click.option("--results", type=click.Path(path_type=Path), help="Where the table of evaluations goes.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Show results that are there, files or folders of runs; together, if several.",
)
@click.option(
    "--plot", "figures", type=click.Path(path_type=Path), help="Draw learning curves into a folder."
)
def main(
    size: str | None,
    steps: int | None,
    seeds: int,
    tasks: str | None,
    pairs: str | None,
    settings: tuple[str, ...],
    jobs: int | None,
    output: Path | None,
    results: Path | None,
    reports: tuple[Path, ...],
    figures: Path | None,
) -> None:
    try:
        if size is None or reports:
            commands, lines = merged(reports or [RESULTS])
            if results is not None:
                write(results, lines, commands)
        else:
            if output is None:
                raise GameError("say where the runs go: -o FOLDER")
            length = steps or (FULL_STEPS if size == "full" else SHORT_STEPS)
            given = chosen(pairs, FULL if size == "full" else SHORT, "pair", FULL)
            commands = [_command(size, length, seeds, tasks, pairs, settings)]
            asked = configs(chosen(tasks, TASKS, "task"), given, seeds, length, settings)
            lines = run(opened(output, asked), jobs, results or output / "evaluations.csv", commands)
        click.echo("".join(f"    {command}\n" for command in commands))
        click.echo(tables(lines))
        if figures is not None:
            plot(lines, figures)
    except GameError as error:
        raise click.ClickException(str(error)) from None


def run(sweep: Sweep, jobs: int | None, results: Path, commands: Sequence[str]) -> list[dict[str, str]]:
    """Train what is not trained yet and write the table of evaluations."""
    told: set[Any] = set()

    def progress(unit: Any, state: Progress) -> None:
        if state.steps >= state.total and unit not in told:
            told.add(unit)
            over = " ".join(map(str, sweep.over[unit[0]].values()))
            click.echo(f"{over}, seed {unit[1]}: {state.returns}", err=True)

    with interruptible() as stop:
        done = conduct(sweep, by_seed(pool("local", jobs)), progress=progress, stop=stop)
    for row in done.rows:
        for seed, why in row["failed"].items():
            click.echo(f"{row['trial']}, seed {seed} failed: {why}", err=True)
    lines = list(evaluations(sweep))
    write(results, lines, commands)
    if done.interrupted:
        click.echo("interrupted; the same command goes on", err=True)
    return texts(lines)


def _command(
    size: str, steps: int, seeds: int, tasks: str | None, pairs: str | None, settings: Sequence[str]
) -> str:
    given = [f"--{size}", f"--steps {steps}", f"--seeds {seeds}"]
    given += [f"--tasks {tasks}"] if tasks else []
    given += [f"--pairs {pairs}"] if pairs else []
    given += [f"--set {setting}" for setting in settings]
    return f"python benchmarks/published_tables.py {' '.join(given)} -o FOLDER"


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
