"""The training loop's state and its steps: play, observe, update, evaluate, checkpoint, go on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from gametheory.files.encode import to_json
from gametheory.numerics import Array
from learners.experience.steps import NStep
from learners.judge.convergence import Judgement
from learners.learner import Learner
from learners.running.metrics import MetricsFile, Row, cut
from learners.running.monitor import FINAL, FINAL_PLAYS, PLAYS, Monitor, stream
from learners.running.rollout import NotFinite, Rollout, advance, begin, pack, unpack
from learners.running.runs import RunFolder
from learners.words import counted

REPORT_EVERY = 0.2
"""Seconds between two calls of ``progress``."""


class Progress(NamedTuple):
    """How far a run is."""

    steps: int
    total: int
    updates: int
    updates_per_second: float
    nash_conv: float | None
    returns: tuple[float, ...] = ()
    """Per agent, at the last evaluation point."""
    losses: Mapping[str, float] = {}
    """Means since the last evaluation point, or up to it where nothing was learned since."""


class Sink(Protocol):
    """Something that takes in rows of metrics."""

    def append(self, row: Mapping[str, Any]) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class TrainingResult:
    """What a run reached."""

    learner: Learner
    monitor: Monitor
    rows: tuple[Row, ...]
    judgement: Judgement
    returns: Array | None  # [plays, n] of the last policies; None after divergence
    steps: int
    updates: int
    seconds: float
    interrupted: bool


@dataclass
class Loop:
    """One run in progress."""

    learner: Learner
    monitor: Monitor
    folder: RunFolder | None
    progress: Callable[[Progress], None]
    sinks: list[Sink] = field(default_factory=list)
    file: MetricsFile | None = None
    steps: int = 0
    updates: int = 0
    rows: list[Row] = field(default_factory=list)
    losses: dict[str, tuple[float, int]] = field(default_factory=dict)  # sums since the last row
    earlier: float = 0.0  # seconds before this process
    rollout: Rollout = field(init=False)

    def __post_init__(self) -> None:
        self.training = self.monitor.training
        self.game = self.monitor.environment.game
        self.began = self.told = time.monotonic()
        self.first_updates = 0
        seed = stream(self.monitor.seed, PLAYS)
        self.rollout = begin(self.game, self.learner.behaviour(), seed=seed, plays=self.training.plays)
        self.sums = NStep(self.training.n_step)
        self.settled = False  # converged, certified, and asked to stop then

    @property
    def seconds(self) -> float:
        return self.earlier + time.monotonic() - self.began

    def run(self, stop: Callable[[], bool]) -> TrainingResult:
        """To the end, or until ``stop`` says so."""
        broke, interrupted = None, False
        try:
            if not self.rows:
                self._evaluate()
                self._checkpoint()  # what breaks off early leaves its first policies
            while self.steps < self.training.steps and not self.settled:
                if stop():
                    interrupted = True
                    break
                self._step()
            self._checkpoint()
        except NotFinite as error:
            past = counted(self.steps, "environment step"), counted(self.updates, "update")
            broke = f"{error} after {' and '.join(past)}"
        return self._result(broke, interrupted)

    def _step(self) -> None:
        before = self.steps
        policies = self.learner.behaviour()
        self.rollout, transition, *_ = advance(self.game, policies, self.rollout, self.training.episode_limit)
        weaker = transition._replace(discount=transition.discount * self.training.discount)
        for part in self.sums.take(weaker):
            self.learner.observe(part)
        self.steps += self.training.plays
        due = self.steps // self.training.update_every - before // self.training.update_every
        for _ in range(due):
            self._update()
        if self._crossed(before, self.training.evaluations):
            self._evaluate()
        if self._crossed(before, self.training.snapshots):
            self._keep_policies()
        if self._crossed(before, self.training.checkpoints) and self.steps < self.training.steps:
            self._checkpoint()
        self._tell()

    def _check_settled(self) -> None:
        if self.training.stop_when_converged:
            self.settled = self.monitor.settled(self.rows, self.learner.policies())

    def _crossed(self, before: int, times: int) -> bool:
        """Whether one of ``times`` evenly spaced marks lies between ``before`` and now."""
        total = self.training.steps
        return min(self.steps, total) * times // total > before * times // total

    def _update(self) -> None:
        metrics = self.learner.update()
        if not metrics:
            return
        self.updates += 1
        for name, value in metrics.items():
            if not math.isfinite(value):
                raise NotFinite(f"{name} became {value}")
            total, count = self.losses.get(name, (0.0, 0))
            self.losses[name] = (total + value, count + 1)

    def _evaluate(self) -> None:
        measured = self.monitor.measure(self.learner.policies(), self.steps, self.rows)
        row = to_json(
            {"step": self.steps, "updates": self.updates, "seconds": round(self.seconds, 3)}
            | measured
            | {"losses": _means(self.losses)}
        )
        self.losses = {}
        self.rows.append(row)
        for sink in self.sinks:
            sink.append(row)
        self._check_settled()

    def _tell(self) -> None:
        now = time.monotonic()
        over = self.settled or self.steps >= self.training.steps
        if now - self.told < REPORT_EVERY and not over:
            return
        self.told = now
        rate = (self.updates - self.first_updates) / max(now - self.began, 1e-9)
        row = self.rows[-1] if self.rows else {}
        self.progress(
            Progress(
                self.steps,
                self.training.steps,
                self.updates,
                rate,
                row.get("nash_conv"),
                tuple(row.get("return", ())),
                _means(self.losses) or row.get("losses", {}),
            )
        )

    def _checkpoint(self) -> None:
        if self.folder is None:
            return
        from learners.running.checkpoint import not_a_number, save

        state = self.learner.state_dict()
        where = not_a_number(state)
        if where is not None:
            raise NotFinite(f"{where} of the learner became nan")
        if self.file is not None:
            self.file.sync()
        content = {
            "steps": self.steps,
            "updates": self.updates,
            "seconds": self.seconds,
            "rows": len(self.rows),
            "losses": {name: list(pair) for name, pair in self.losses.items()},
            "rollout": pack(self.rollout),
            "sums": self.sums.state_dict(),
            "learner": state,
        }
        save(self.folder.checkpoints, self.steps, self.folder.config.digest, content)

    def _keep_policies(self) -> None:
        if self.folder is None:
            return
        from learners.running.snapshots import keep

        keep(self.folder, self.steps, self.learner)

    def restore(self) -> None:
        """Go back to the newest checkpoint, or to the beginning if there is none."""
        if self.folder is None:
            return
        from learners.running.checkpoint import load, stored

        found = stored(self.folder.checkpoints)
        if not found:
            cut(self.folder.metrics, 0)
            return
        state = load(found[0], self.folder.config.digest)
        self.learner.load_state_dict(state["learner"])
        self.rollout = unpack(state["rollout"], self.rollout)
        self.sums.load_state_dict(state["sums"])
        self.steps, self.updates, self.earlier = state["steps"], state["updates"], state["seconds"]
        self.first_updates = self.updates
        self.losses = {name: (total, count) for name, (total, count) in state["losses"].items()}
        self.rows = cut(self.folder.metrics, state["rows"])
        self._check_settled()

    def _result(self, broke: str | None, interrupted: bool) -> TrainingResult:
        returns = None
        if broke is None:
            final = stream(self.monitor.seed, FINAL)
            returns = self.monitor.returns(self.learner.policies(), final, FINAL_PLAYS)
        return TrainingResult(
            self.learner,
            self.monitor,
            tuple(self.rows),
            self.monitor.judge(self.rows, broke, interrupted),
            returns,
            self.steps,
            self.updates,
            self.seconds,
            interrupted,
        )


def _means(sums: Mapping[str, tuple[float, int]]) -> dict[str, float]:
    return {name: total / count for name, (total, count) in sums.items()}
