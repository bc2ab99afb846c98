"""What all commands share: exit statuses, one-line errors, tables and JSON on standard output."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from gametheory.errors import GameError, LimitReached
from gametheory.files.encode import to_json

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

NO, BAD_INPUT, NO_ANSWER, INTERNAL, INTERRUPTED = 1, 2, 3, 70, 130
"""Exit statuses: the question was answered "no"; and what went wrong."""


def run(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status; errors become one line on standard error.

    A group of commands without arguments says what it has.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given and isinstance(command, click.Group):
        given = ["--help"]
    try:
        command.main(args=given, prog_name="equilibrist", standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "equilibrist"
        return _fail(f"{error.format_message()} (see {where} --help)", BAD_INPUT, given)
    except click.ClickException as error:
        return _fail(error.format_message(), BAD_INPUT, given)
    except GameError as error:
        return _fail(str(error), BAD_INPUT, given)
    except LimitReached as error:
        return _fail(str(error), NO_ANSWER, given)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted", INTERRUPTED, given)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - the reader is gone; stay quiet at exit
        return 0
    except MemoryError:
        return _fail("out of memory", NO_ANSWER, given)
    except Exception as error:
        if os.environ.get("EQUILIBRIST_DEBUG"):
            raise
        kind = type(error).__name__
        hint = "please report it; EQUILIBRIST_DEBUG=1 shows where"
        return _fail(f"internal error: {kind}: {error} ({hint})", INTERNAL, given)
    return 0


@contextmanager
def gentle_interrupt() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C asks the running solver to stop with what it has; the second one ends all.

    Yields a function that says whether there was one.
    """
    from gametheory.solvers.clock import interruption

    seen = False

    def ask(number: int, frame: object) -> None:
        nonlocal seen
        if seen:
            raise KeyboardInterrupt
        seen = True
        interruption.set()
        click.echo("stopping at the next step; Ctrl-C again ends at once", err=True)

    try:
        before = signal.signal(signal.SIGINT, ask)
    except ValueError:  # not in the main thread
        yield lambda: False
        return
    try:
        yield lambda: seen
    finally:
        signal.signal(signal.SIGINT, before)
        interruption.clear()


def _fail(message: str, status: int, arguments: Sequence[str]) -> int:
    line = " ".join(message.split())
    if "--json" in arguments:
        print_json({"error": {"message": line, "status": status}})
    with suppress(BrokenPipeError):
        print(f"equilibrist: {line}", file=sys.stderr)
    return status


def print_json(document: Any) -> None:
    """One JSON document on standard output; exact numbers as strings."""
    print(json.dumps(to_json(document), ensure_ascii=False, allow_nan=False))


def console() -> Console:
    """Standard output for people; wide where it is not a terminal, so that nothing is cut."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=True)


def print_table(columns: Iterable[str], rows: Iterable[Sequence[str]], title: str = "") -> None:
    """A plain table; every column but the first is right-aligned only where it holds numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


@contextmanager
def late_progress(what: str, after: float = 2.0) -> Iterator[Callable[[int, int, str], None]]:
    """A callback ``(done, total, note)`` whose bar appears on standard error after some seconds."""
    begin = time.monotonic()
    bar: Progress | None = None
    task: TaskID | None = None

    def report(done: int, total: int, note: str = "") -> None:
        nonlocal bar, task
        if bar is None or task is None:
            if time.monotonic() - begin < after or not sys.stderr.isatty():
                return
            from rich.console import Console
            from rich.progress import Progress

            bar = Progress(console=Console(stderr=True), transient=True)
            bar.start()
            task = bar.add_task(what, total=total)
        bar.update(task, completed=done, total=total, description=f"{what} {note}".strip())

    try:
        yield report
    finally:
        if bar is not None:
            bar.stop()


def show_number(value: Fraction | float | int) -> str:
    """A number for people: readable exact ones as they are, others to six significant digits."""
    if isinstance(value, int) or (isinstance(value, Fraction) and value.denominator < 10**9):
        return str(value)
    return f"{float(value):.6g}"
