"""`equilibrist cross-play`: trained policies against each other, ranked and solved as a game."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from learners.cli import folder, json_option

if TYPE_CHECKING:
    from learners.crossplay.table import Told
    from learners.running.runs import RunFolder


@click.group()
def main() -> None:
    """Cross-play."""


@main.command("cross-play")
@click.argument("runs", nargs=-1, required=True, type=folder, metavar="RUN… | LAB")
@click.option("--game", metavar="NAME", help="With a lab's folder: which of its games.")
@click.option(
    "--sides",
    metavar="SIDE/SIDE",
    help="Agents that one entrant plays together: names, numbers from 0 or teams.  [default: teams, else each agent]",
)
@click.option("--checkpoints", metavar="NAME", default="last", show_default=True, help="last or all.")
@click.option(
    "--plays",
    type=click.IntRange(min=2),
    default=1000,
    show_default=True,
    help="Plays of each joint choice, where payoffs cannot be computed.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the plays.")
@click.option("-o", "--output", type=folder, required=True, metavar="DIR", help="Where everything goes.")
@json_option
def cross_play(
    runs: tuple[Path, ...],
    game: str | None,
    sides: str | None,
    checkpoints: str,
    plays: int,
    seed: int,
    output: Path,
    as_json: bool,
) -> None:
    """Play trained policies against each other; rank them.

    The RUNs are of one game. Every seed of every run enters; `--checkpoints all` enters the policies
    along the run, too, which `equilibrist train … --set training.snapshots=10` keeps. Payoffs are exact where the game is formal
    and small, else means over plays. LAB is a folder of `equilibrist lab`: its algorithms enter.

    \b
    equilibrist cross-play runs/maddpg runs/mmd -o runs/who-is-better
    equilibrist cross-play runs/tag-a runs/tag-b --sides adversary/good --plays 200 -o runs/tag
    equilibrist cross-play runs/rps --checkpoints all -o runs/progress
    equilibrist cross-play runs/lab --game stag-hunt -o runs/hunters

    DIR holds report.html (one file, all pictures inside), crossplay.json, payoffs.csv and the pictures
    as PNG; an earlier cross-play there is replaced.
    """
    from gametheory.commands.terminal import print_json
    from learners.crossplay.contest import cross_play as played
    from learners.crossplay.page import check_folder, write_folder

    check_folder(output)
    opened, labels = _opened(runs, game)
    with _line() as told:
        found = played(
            opened, sides=sides, checkpoints=checkpoints, plays=plays, seed=seed, labels=labels, told=told
        )
    for note in found.field.notes:
        click.echo(f"equilibrist: {note}", err=True)
    facts = write_folder(found, output)
    if as_json:
        print_json(facts)
    else:
        _show(facts, output)


def _opened(runs: tuple[Path, ...], game: str | None) -> tuple[list[RunFolder], list[str] | None]:
    """The runs, and what to call them where a lab says so."""
    from gametheory.errors import GameError
    from learners.lab.crossed import is_lab, runs_of
    from learners.running.runs import RunFolder

    labs = [path for path in runs if is_lab(path)]
    if not labs:
        if game is not None:
            raise GameError("--game is for a lab's folder; the runs say what they were trained on")
        return [RunFolder.open(path) for path in runs], None
    if len(runs) > 1:
        raise GameError(f"{labs[0]} is a lab; give it alone, with --game NAME")
    named = runs_of(labs[0], game)
    return list(named.values()), list(named)


@contextmanager
def _line() -> Iterator[Told]:
    """One line on standard error: how many joint choices are done."""
    import torch
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    torch.set_num_threads(1)  # small networks only lose by sharing their work
    console = Console(stderr=True)
    columns = (
        BarColumn(bar_width=20),
        TextColumn("{task.completed}/{task.total} joint choices"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as display:
        task = display.add_task("", total=None)
        yield lambda done, total: display.update(task, completed=done, total=total)


def _show(facts: dict[str, Any], output: Path) -> None:
    from gametheory.commands.terminal import print_table
    from learners.crossplay.words import amount, cycle_note, rating, rests_on, weight

    click.echo(rests_on(facts["exact"], facts["plays"], facts["why_estimated"]))
    unit = max(facts["payoff_ranges"])
    rows = [
        [
            str(k + 1),
            own["name"],
            amount(own["mean"], unit),
            *(amount(value, unit) for value in own["sides"]),
            rating(own["elo"]),
            *(weight(own[key]) for key in ("alpha_rank", "nash_weight")),
        ]
        for k, own in enumerate(facts["ranking"]["entrants"])
    ]
    sides = [f"as {side['name']}" for side in facts["sides"]]
    print_table(["#", "entrant", "mean payoff", *sides, "Elo", "α-rank", "Nash weight"], rows)
    note = cycle_note(facts["ranking"]["elo_error"])
    if note:
        click.echo(note)
    held = facts["stability"]["kinds"].get("alpha_rank")
    if held is not None:
        click.echo(
            f"α-rank names the same first in {held['top']:.0%} of {facts['stability']['replicas']} redrawings of the plays"
        )
    click.echo(f"report: {output / 'report.html'}")
