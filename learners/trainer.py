"""Training a learner on an environment, with or without a run folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from environments import Environment
from gametheory.policy import Policy
from learners.judge.played import learner_for, prepared
from learners.learner import Learner
from learners.running.loop import Loop, Progress, TrainingResult
from learners.running.metrics import MetricsFile, Row, TensorBoard
from learners.running.monitor import Monitor
from learners.running.runs import RunFolder
from learners.training import TrainingSettings

__all__ = ["Progress", "TrainingResult", "train", "train_learner"]


def train(
    environment: Environment,
    algorithm: str,
    *,
    settings: Mapping[str, Any] | None = None,
    scheme: str | None = None,
    training: TrainingSettings | None = None,
    seed: int = 0,
    run: RunFolder | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    tensorboard: bool = False,
) -> TrainingResult:
    """Train a registered algorithm on an environment.

    With a ``run`` whose folder holds a checkpoint, goes on from the newest one, bit by bit as if
    it had never stopped (on a CPU). Who calls holds the folder's lock.

    Args:
        environment: from ``environments.find``.
        algorithm: a registered name; ``learners.names()`` lists them.
        settings: the algorithm's settings that differ from its defaults.
        scheme: a training scheme that the algorithm serves; its default if not given.
        training: how long and how often; defaults if not given.
        seed: decides everything random.
        run: where metrics and checkpoints go; nothing is written without one.
        progress: called a few times a second.
        stop: asked once per step; when it says yes, a checkpoint is written and the run ends.
        tensorboard: write the metrics as TensorBoard events too.

    Raises:
        GameError: an unknown name or bad setting, spaces the algorithm cannot serve, a damaged
            checkpoint.
    """
    training = training or TrainingSettings()
    environment = prepared(environment, training)
    return train_learner(
        environment,
        learner_for(environment, training, algorithm, settings, seed, scheme),
        training=training,
        seed=seed,
        run=run,
        progress=progress,
        stop=stop,
        tensorboard=tensorboard,
    )


def train_learner(
    environment: Environment,
    learner: Learner,
    *,
    training: TrainingSettings | None = None,
    seed: int = 0,
    run: RunFolder | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    tensorboard: bool = False,
    beside: Callable[[Sequence[Policy]], Row] | None = None,
) -> TrainingResult:
    """``train`` for a learner from anywhere, on the environment as it is: ``prepared`` is not applied.

    ``beside`` measures something more of the policies at every evaluation point.
    """
    training = training or TrainingSettings()
    monitor = replace(Monitor.of(environment, training, seed).holding(learner.policies()), beside=beside)
    loop = Loop(learner, monitor, run, progress or (lambda _: None))
    loop.restore()
    if run is not None:
        loop.file = MetricsFile(run.metrics)
        loop.sinks.append(loop.file)
        if tensorboard:
            loop.sinks.append(TensorBoard(run.path / "tensorboard"))
    try:
        return loop.run(stop)
    finally:
        for sink in loop.sinks:
            sink.close()
