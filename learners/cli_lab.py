"""`equilibrist lab`: a grid of games with known answers × learners × seeds, and one page about it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from learners.cli import folder, jobs_option, json_option

if TYPE_CHECKING:
    from learners.lab.grid import Lab, Told
    from learners.lab.outcome import Cell, Results
    from learners.running.loop import Progress as State
    from learners.running.trials import Unit


LOG_EVERY = 20.0
"""Seconds between two lines where standard error is no terminal."""


@click.group()
def main() -> None:
    """The convergence lab."""


def _names(_: Any, __: Any, value: str | None) -> tuple[str, ...] | None:
    """``a,b`` as names; commas inside brackets do not split."""
    if value is None:
        return None
    return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))


@main.command()
@click.option("--suite", metavar="NAME", help="small, standard or full.  [default: small]")
@click.option("--games", metavar="NAME,…", callback=_names, help="Only these games of the suite.")
@click.option(
    "--algorithms", metavar="NAME,…", callback=_names, help="These instead of the suite's own choice."
)
@click.option("--seeds", type=click.IntRange(1, 1000), metavar="N", help="Seeds of every cell.")
@jobs_option
@click.option(
    "-o", "--output", type=folder, required=True, metavar="DIR", help="The folder; an existing lab goes on."
)
@json_option
def lab(
    suite: str | None,
    games: tuple[str, ...] | None,
    algorithms: tuple[str, ...] | None,
    seeds: int | None,
    jobs: int | None,
    output: Path,
    as_json: bool,
) -> None:
    """Does a learner find the equilibrium? A grid of games × algorithms × seeds, and one page about it.

    Every cell gets a verdict over its seeds, held against what theory expects of it. Trials run side
    by side; one that fails does not lose the others. The same command, or `equilibrist lab -o DIR`
    alone, goes on with what is not finished and writes the page anew.

    \b
    equilibrist lab -o runs/lab
    equilibrist lab --suite standard --games shapley,kuhn-poker --algorithms mmd,nfsp -o runs/hard

    DIR holds report.html (one file, all pictures inside), lab.json, cells.csv, trials.csv, the
    pictures as PNG, and one run folder per cell under trials/.
    """
    from gametheory.commands.terminal import BAD_INPUT, INTERNAL, INTERRUPTED, print_json
    from learners.lab.grid import Request, open_or_create, run
    from learners.lab.outcome import collect
    from learners.lab.page import write_report
    from learners.lab.tables import lab_facts
    from learners.running.parallel import interruptible, pool

    opened = open_or_create(output, Request(suite, games, algorithms, seeds))
    for game, algorithm, why in opened.plan.unserved:
        click.echo(f"equilibrist: {algorithm} is left out of {game}: {why}", err=True)
    with interruptible() as stop, _line(opened) as progress:
        done = run(opened, pool("local", jobs), progress=progress, stop=stop)
    failed = {(row["trial"], int(seed)): why for row in done.rows for seed, why in row["failed"].items()}
    results = collect(opened, failed, done.interrupted)
    write_report(results)
    if as_json:
        print_json(lab_facts(results))
    else:
        _show(results)
    for (trial, seed), why in failed.items():
        click.echo(f"equilibrist: {trial}, seed {seed} failed: {why}", err=True)
    if done.interrupted:
        click.echo(f"equilibrist: interrupted; continue with: equilibrist lab -o {output}", err=True)
        sys.exit(INTERRUPTED)
    if failed:
        sys.exit(INTERNAL if done.internal else BAD_INPUT)


@contextmanager
def _line(opened: Lab) -> Iterator[Told]:
    """One line on standard error: how much is done, what runs now, about how long it will take."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from learners.running.trials import is_done

    names = dict(zip(opened.sweep.over, opened.plan.cells, strict=True))
    shares: dict[Unit, float] = {}
    units = 0
    for name, run in opened.sweep.runs().items():
        for seed_folder in run.seed_folders():
            units += 1
            if is_done(seed_folder):
                shares[name, seed_folder.config.seeds[0]] = 1.0
    began, before = time.monotonic(), sum(shares.values())
    click.echo(
        f"{len(names)} cells, {units} trials, {int(before)} of them done before, into {opened.path}", err=True
    )
    columns = (BarColumn(bar_width=20), TextColumn("{task.description}"))
    console, told_at = Console(stderr=True), [began]
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:
        task = display.add_task("starting", total=units, completed=int(before))

        def progress(unit: Unit, state: State) -> None:
            shares[unit] = min(1.0, state.steps / max(1, state.total))
            done, now = sum(shares.values()), time.monotonic()
            over = sum(share >= 1 for share in shares.values())
            game, algorithm = names[unit[0]]
            told = f"{over}/{units} trials{_left(done - before, units - done, now - began)}"
            told += f" · {algorithm} on {game}, seed {unit[1]}"
            display.update(task, completed=done, description=told)
            if not console.is_terminal and now - told_at[0] >= LOG_EVERY:
                told_at[0] = now
                click.echo(told, err=True)

        yield progress


def _left(done: float, rest: float, seconds: float) -> str:
    """About how long the rest takes at the pace so far; nothing said in the first moments."""
    if done < 0.5:
        return ""
    left = rest * seconds / done
    return f", about {left / 60:.0f} min left" if left >= 90 else f", about {left:.0f} s left"


def _show(results: Results) -> None:
    from gametheory.commands.terminal import print_table
    from learners.reports.report import show

    rows = []
    for cell in results.by_agreement:
        agreement, _ = cell.agreement
        rows.append(
            [
                cell.game,
                cell.algorithm,
                str(cell.evidence.verdict),
                _counts(cell),
                show(max(cell.measured("last"), default=None)),
                str(cell.claim.outlook) if cell.claim else "–",
                str(agreement),
            ]
        )
    print_table(["game", "algorithm", "verdict", "seeds", "NashConv, worst", "expected", "expectation"], rows)
    click.echo(f"report: {results.lab.path / 'report.html'}")


def _counts(cell: Cell) -> str:
    from learners.judge.convergence import Verdict

    evidence = cell.evidence
    counted = [f"{evidence.did(v)} {v}" for v in Verdict if evidence.did(v)]
    return ", ".join(counted + ([f"{len(cell.failed)} failed"] if cell.failed else [])) or "–"
