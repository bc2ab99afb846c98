"""`equilibrist lab`: a grid of games with known answers × learners × seeds, and one page about it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from learners.cli import folder, jobs_option, json_option
from learners.cli_trials import comma_separated, trials_line
from learners.words import counted

if TYPE_CHECKING:
    from learners.lab.grid import Lab, Told
    from learners.lab.outcome import Cell, Results


@click.group()
def main() -> None:
    """The convergence lab."""


@main.command()
@click.option("--suite", metavar="NAME", help="small, standard or full.  [default: small]")
@click.option("--games", metavar="NAME,…", callback=comma_separated, help="Only these games of the suite.")
@click.option(
    "--algorithms",
    metavar="NAME,…",
    callback=comma_separated,
    help="These instead of the suite's own choice.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="Seeds of every cell; fewer than 5 prove nothing.  [default: the suite's]",
)
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
    """Judge learners on many games with known answers.

    A grid of games × algorithms × seeds, and one page about it: do learners find the equilibrium? Every
    cell gets a verdict over its seeds, held against what theory expects of it. Trials run side by side;
    one that fails does not lose the others. The same command, or `equilibrist lab -o DIR` alone, goes on
    with what is not finished and writes the page anew.

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


def _line(opened: Lab) -> AbstractContextManager[Told]:
    """How much of the lab is done, and what runs now."""
    cells = dict(zip(opened.sweep.over, opened.plan.cells, strict=True))

    def heading(units: int, before: int) -> str:
        return f"{counted(len(cells), 'cell')}, {counted(units, 'trial')}, {before} of them done before, into {opened.path}"

    def about(trial: str) -> str:
        game, algorithm = cells[trial]
        return f"{algorithm} on {game}"

    return trials_line(opened.sweep, heading, about)


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
