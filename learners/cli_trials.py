"""What the commands that train many trials share: names with commas, and a line of progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from learners.running.loop import Progress as State
    from learners.running.trials import Sweep, Unit

LOG_EVERY = 20.0
"""Seconds between two lines where standard error is no terminal."""


def comma_separated(_: Any, __: Any, value: str | None) -> tuple[str, ...] | None:
    """``a,b`` as names, each once; a callback of options.

    Raises:
        click.BadParameter: there is no name; nothing is not the same as everything.
    """
    if value is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if not names:
        raise click.BadParameter(f"{value!r} names nothing.")
    return names


@contextmanager
def trials_line(
    sweep: Sweep, heading: Callable[[int, int], str], about: Callable[[str], str]
) -> Iterator[Callable[[Unit, State], None]]:
    """One line on standard error: how much is done, what runs now, about how long it will take.

    Args:
        sweep: what is trained.
        heading: said first, of how many trials there are and how many were done before.
        about: a trial in words, by its name.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from learners.running.trials import is_done

    shares: dict[Unit, float] = {}
    for name, run in sweep.runs().items():
        for own in run.seed_folders():
            shares[name, own.config.seeds[0]] = float(is_done(own))
    units, before, began = len(shares), sum(shares.values()), time.monotonic()
    click.echo(heading(units, int(before)), err=True)
    columns = (BarColumn(bar_width=20), TextColumn("{task.description}"))
    console, told_at = Console(stderr=True), [began]
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:
        task = display.add_task("starting", total=units, completed=int(before))

        def progress(unit: Unit, state: State) -> None:
            shares[unit] = min(1.0, state.steps / max(1, state.total))
            done, now = sum(shares.values()), time.monotonic()
            over = sum(share >= 1 for share in shares.values())
            told = f"{over}/{units} trials{_left(done - before, units - done, now - began)}"
            told += f" · {about(unit[0])}, seed {unit[1]}"
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
