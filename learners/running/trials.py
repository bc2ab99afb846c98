"""A sweep: one run for every combination of some settings, in one folder. No torch.

``sweep.json trial-000/ trial-001/ … results.json results.csv``; a trial is a run folder like any other.
The unit of work is one seed of one trial, so trials and seeds share the machine alike.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from learners.judge.convergence import Verdict
from learners.reports.facts import Facts
from learners.running.conduct import put_together
from learners.running.files import held, read_json, write_atomically, write_json
from learners.running.loop import Progress
from learners.running.parallel import Outcomes, Pool
from learners.running.reported import reported
from learners.running.runs import RunConfig, RunFolder

FORMAT = 1
MOST_TRIALS = 10_000
FILE = "sweep.json"
VERDICTS = (Verdict.CONVERGED, Verdict.CYCLES, Verdict.UNDECIDED, Verdict.DIVERGED)
"""The order of the table of results."""
Unit = tuple[str, int]
"""A trial's name and a seed."""


def grid(axes: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of the values; the last key changes fastest.

    Raises:
        GameError: nothing to go over, or too many combinations.
    """
    if not axes:
        raise GameError(
            "a sweep needs something to go over: --over KEY=VALUE,VALUE, or a table [sweep] in --config"
        )
    count = math.prod(map(len, axes.values()))
    if count > MOST_TRIALS:
        raise GameError(f"the sweep has {count:,} combinations; the most are {MOST_TRIALS:,}")
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


@dataclass(frozen=True)
class Sweep:
    """A folder of trials."""

    path: Path
    axes: Mapping[str, Sequence[Any]]
    over: Mapping[str, Mapping[str, Any]]
    """By trial, what it sets."""

    @classmethod
    def create(
        cls,
        path: Path,
        axes: Mapping[str, Sequence[Any]],
        configs: Sequence[tuple[Mapping[str, Any], RunConfig]],
    ) -> Sweep:
        """A new folder with one run folder per trial.

        Raises:
            GameError: there is something at ``path`` already; nothing is touched.
        """
        if path.is_symlink() or path.exists():
            raise GameError(
                f"{path} exists; choose another folder, or continue a sweep with: equilibrist resume {path}"
            )
        width = max(3, len(str(len(configs) - 1)))
        over = {f"trial-{k:0{width}}": dict(setting) for k, (setting, _) in enumerate(configs)}
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise GameError(f"{path} cannot be made: {error.strerror}") from None
        for name, (_, config) in zip(over, configs, strict=True):
            RunFolder.create(path / name, config)
        trials = [{"name": name, "over": setting} for name, setting in over.items()]
        write_json(path / FILE, {"format": FORMAT, "axes": dict(axes), "trials": trials})
        return cls(path, axes, over)

    @classmethod
    def open(cls, path: Path) -> Sweep:
        """An existing sweep.

        Raises:
            GameError: the folder is none.
        """
        value = read_json(path / FILE)
        try:
            if value["format"] != FORMAT:
                raise GameError(f"{path / FILE} is of format {value['format']}; this version reads {FORMAT}")
            over = {str(trial["name"]): dict(trial["over"]) for trial in value["trials"]}
            return cls(path, dict(value["axes"]), over)
        except (KeyError, TypeError) as error:
            raise GameError(f"{path / FILE} describes no sweep: {error}") from None

    def runs(self) -> dict[str, RunFolder]:
        """The trials' run folders."""
        return {name: RunFolder.open(self.path / name) for name in self.over}

    def lock(self) -> AbstractContextManager[None]:
        """Hold the folder against other processes.

        Raises:
            GameError: another process holds it.
        """
        return held(self.path, "swept")


@dataclass(frozen=True)
class Swept:
    """A sweep as it stands."""

    rows: tuple[Facts, ...]
    """The table, the best trial first."""
    interrupted: bool
    internal: bool


def conduct(
    sweep: Sweep,
    pool: Pool,
    *,
    progress: Callable[[Unit, Progress], None],
    stop: Callable[[], bool],
    tensorboard: bool = False,
) -> Swept:
    """Train what is not trained yet, put every trial's seeds together, write the table.

    A seed that fails leaves its reason in the table; all others go on.

    Raises:
        GameError: another process works there.
    """
    began = time.monotonic()
    with sweep.lock():
        runs = sweep.runs()
        every = {
            (name, folder.config.seeds[0]): folder
            for name, run in runs.items()
            for folder in run.seed_folders()
        }
        open_units = {unit: folder for unit, folder in every.items() if not is_done(folder)}
        found = pool(open_units, progress, stop, tensorboard)
        seconds = time.monotonic() - began
        rows = [_row(name, sweep, run, _part(name, run, found), seconds) for name, run in runs.items()]
        rows.sort(key=_rank)
        _write(sweep.path, rows)
    return Swept(tuple(rows), found.interrupted, found.internal)


def is_done(folder: RunFolder) -> bool:
    """Whether one seed has been trained to its end, and a whole report says so."""
    facts = reported(folder.path)
    return facts is not None and not facts["interrupted"]


def _part(name: str, run: RunFolder, found: Outcomes) -> Outcomes:
    """What has become of one trial's seeds, now or before."""
    out = Outcomes(interrupted=found.interrupted, internal=found.internal)
    for folder in run.seed_folders():
        seed = folder.config.seeds[0]
        if (name, seed) in found.failed:
            out.failed[seed] = found.failed[name, seed]
        elif (facts := reported(folder.path)) is not None:
            out.facts[seed] = facts
    return out


def _row(name: str, sweep: Sweep, run: RunFolder, outcomes: Outcomes, seconds: float) -> Facts:
    """One line of the table."""
    row: Facts = {"trial": name, "over": dict(sweep.over[name]), "failed": outcomes.failed}
    if not outcomes.facts:
        verdict = "failed" if outcomes.failed else "not begun"
        empty = {"last": None, "average": None}
        return row | {
            "verdict": verdict,
            "nash_conv": empty,
            "return": None,
            "environment_steps": 0,
            "seconds": 0.0,
        }
    facts = put_together(run, outcomes, seconds)
    return row | {
        "verdict": facts["verdict"],
        "nash_conv": {key: facts["nash_conv"][key] for key in ("last", "average")},
        "return": facts["return"]["mean"],
        "environment_steps": facts["environment_steps"],
        "seconds": max(part["wall_seconds"] for part in outcomes.facts.values()),
    }


def _rank(row: Facts) -> tuple[int, float, float]:
    """By verdict, then the smallest NashConv, then the largest sum of returns."""
    place = VERDICTS.index(row["verdict"]) if row["verdict"] in VERDICTS else len(VERDICTS)
    regret = row["nash_conv"]["last"]
    return place, math.inf if regret is None else regret, -sum(row["return"] or [-math.inf])


def _write(path: Path, rows: Sequence[Facts]) -> None:
    write_json(path / "results.json", {"trials": list(rows)})
    lines = [flat(row) for row in rows]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    write_atomically(path / "results.csv", text.getvalue().encode())


def flat(row: Facts) -> dict[str, Any]:
    """A row of the table as named cells."""
    returns = {f"return/{i}": value for i, value in enumerate(row["return"] or ())}
    return {
        "trial": row["trial"],
        **row["over"],
        "verdict": row["verdict"],
        "nash_conv": row["nash_conv"]["last"],
        "nash_conv_average": row["nash_conv"]["average"],
        **returns,
        "environment_steps": row["environment_steps"],
        "seconds": row["seconds"],
        "failed": "; ".join(f"seed {seed}: {why}" for seed, why in row["failed"].items()),
    }
