"""Several seeds side by side, one process each; Ctrl-C reaches all of them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Event, current_thread, main_thread
from typing import Any, Protocol

from environments import find
from gametheory.errors import GameError, UnknownName
from learners.reports.facts import Facts, seed_facts
from learners.running import metrics
from learners.running.files import read_json, write_json
from learners.running.loop import Progress, TrainingResult
from learners.running.reported import FILE, breaks_again
from learners.running.runs import RunFolder
from learners.trainer import train

SIGNALS = (signal.SIGINT, signal.SIGTERM)
ENGINES = ("local", "ray")
ERROR_FILE = "error.txt"
"""Where the traceback of a seed that failed lies, in its folder."""
PRELOADED = ("learners.trainer", "learners.reports.facts", "learners.off_policy")
"""Imported once, by the process that all seeds are forked from: a seed begins without two seconds of imports."""
Told = Callable[[Any, Progress], None]
"""Hears how far a seed is, by the key it was given under."""


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Within it SIGINT and SIGTERM only raise a flag; the callable says whether one came."""
    flag = Event()
    if current_thread() is not main_thread():
        yield flag.is_set
        return
    before = {number: signal.signal(number, lambda *_: flag.set()) for number in SIGNALS}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        yield flag.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def train_seed(
    run: RunFolder, progress: Callable[[Progress], None], stop: Callable[[], bool], tensorboard: bool
) -> Facts:
    """Train, or go on training, one seed in its folder and write its ``report.json``.

    One that broke off, and would again, is left as it is.
    """
    config = run.config
    run.check_source()
    with run.lock():
        if breaks_again(run):
            return read_json(run.path / FILE)
        result = train(
            find(config.game, config.parameters),
            config.algorithm,
            settings=config.settings,
            scheme=config.scheme,
            training=config.training,
            seed=config.seeds[0],
            run=run,
            progress=progress,
            stop=stop,
            tensorboard=tensorboard,
        )
        return write_up(run, result)


def write_up(run: RunFolder, result: TrainingResult) -> Facts:
    """Write the table of metrics and ``report.json`` of one seed."""
    facts = seed_facts(run.config, result)
    metrics.write_csv(run.path / "metrics.csv", result.rows)
    write_json(run.path / FILE, facts)
    (run.path / ERROR_FILE).unlink(missing_ok=True)
    return facts


TrainOne = Callable[[RunFolder, Callable[[Progress], None], Callable[[], bool], bool], Facts]
"""Trains one seed in its folder, as ``train_seed``; a function of a module, for it goes to other processes."""


@dataclass
class Outcomes:
    """What became of the seeds."""

    facts: dict[Any, Facts] = field(default_factory=dict)
    failed: dict[Any, str] = field(default_factory=dict)
    internal: bool = False
    """Whether a failure was a fault of the program rather than of its input."""
    interrupted: bool = False


class Pool(Protocol):
    """Something that trains several seeds: processes of this machine, or a cluster."""

    def __call__(
        self, runs: Mapping[Any, RunFolder], progress: Told, stop: Callable[[], bool], tensorboard: bool
    ) -> Outcomes: ...


def pool(engine: str, jobs: int | None = None) -> Pool:
    """The pool of an engine.

    Args:
        engine: ``local`` or ``ray``.
        jobs: most seeds at a time; None: as many as there are cores.

    Raises:
        UnknownName: no such engine.
        GameError: its extra is not installed.
    """
    if engine not in ENGINES:
        raise UnknownName("engine", engine, ENGINES)
    if engine == "local":
        return partial(train_seeds, jobs=jobs)
    if find_spec("ray") is None:
        raise GameError("--engine ray needs Ray; pip install 'equilibrist[ray]'")
    from learners.running import ray_engine

    return partial(ray_engine.train_seeds, jobs=jobs)


def train_seeds(
    runs: Mapping[Any, RunFolder],
    progress: Told,
    stop: Callable[[], bool],
    tensorboard: bool = False,
    *,
    jobs: int | None = None,
    train_one: TrainOne = train_seed,
) -> Outcomes:
    """Train every seed in a process of its own, ``jobs`` at a time, or as many as there are cores.

    A seed that fails leaves its reason in the outcome and its traceback in its folder; the others
    go on. When ``stop`` says so, every running seed writes a checkpoint and ends, and those that
    have not begun do not.
    """
    waiting, running, outcomes = list(runs), dict[Connection, _Seed](), Outcomes()
    cores = jobs or len(os.sched_getaffinity(0))
    told = False
    try:
        while waiting or running:
            outcomes.interrupted = outcomes.interrupted or stop()
            if outcomes.interrupted and not told:
                waiting, told = [], True
                for child in running.values():
                    child.process.terminate()
            while waiting and len(running) < cores:
                seed = waiting.pop(0)
                child = _start(seed, runs[seed], tensorboard, train_one)
                running[child.connection] = child
            for connection in wait(list(running), timeout=0.1):
                if not _receive(running[connection], progress, outcomes):  # type: ignore[index]
                    del running[connection]  # type: ignore[arg-type]
    finally:
        for child in running.values():
            child.process.terminate()
    return outcomes


@dataclass(frozen=True)
class _Seed:
    seed: Any
    run: RunFolder
    process: Any
    connection: Connection


def _start(seed: Any, run: RunFolder, tensorboard: bool, train_one: TrainOne) -> _Seed:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(run.path, theirs, tensorboard, train_one), daemon=True)
    resource_tracker.ensure_running()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # inherited until the child can answer
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    theirs.close()
    return _Seed(seed, run, process, ours)


def _receive(child: _Seed, progress: Told, outcomes: Outcomes) -> bool:
    """Take one message; False when it was the last."""
    try:
        kind, content = child.connection.recv()
    except EOFError:
        child.process.join()
        if child.seed not in outcomes.facts and child.seed not in outcomes.failed:
            outcomes.failed[child.seed] = f"its process ended with status {child.process.exitcode}"
        child.connection.close()
        return False
    if kind == "progress":
        progress(child.seed, content)
    elif kind == "done":
        outcomes.facts[child.seed] = read_json(child.run.path / FILE)
        outcomes.interrupted = outcomes.interrupted or bool(content)
    else:
        outcomes.failed[child.seed] = content
        outcomes.internal = outcomes.internal or kind == "internal"
    return True


def _child(path: Path, connection: Connection, tensorboard: bool, train_one: TrainOne) -> None:
    with interruptible() as stop:
        import torch

        torch.set_num_threads(1)
        began = [0.0]

        def progress(state: Progress) -> None:
            if time.monotonic() - began[0] > 0.1 or state.steps >= state.total:
                began[0] = time.monotonic()
                connection.send(("progress", state))

        try:
            connection.send(attempt(path, progress, stop, tensorboard, train_one))
        except BrokenPipeError:
            pass  # the parent is gone; the last checkpoint is whole
        finally:
            connection.close()


def attempt(
    path: Path,
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
    tensorboard: bool,
    train_one: TrainOne = train_seed,
) -> tuple[str, Any]:
    """Train one seed; ``("done", interrupted)``, or ``("input" or "internal", why it failed)``."""
    try:
        facts = train_one(RunFolder.open(path), progress, stop, tensorboard)
    except GameError as error:
        return "input", str(error)
    except BrokenPipeError:
        raise
    except Exception as error:
        where, details = path / ERROR_FILE, traceback.format_exc()
        try:
            where.write_text(details, encoding="utf-8")
        except OSError as full:
            return "internal", f"{type(error).__name__}: {error} (no details: {where}: {full.strerror})"
        return "internal", f"{type(error).__name__}: {error} (details in {where})"
    return "done", facts["interrupted"]
