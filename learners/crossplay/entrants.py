"""Entrants: the policies that runs came to, each able to fill any side of the one game they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments import Environment, find
from gametheory.errors import GameError
from gametheory.game import Discrete
from gametheory.policy import Policy
from learners.judge.played import learner_for, prepared
from learners.learner import Learner
from learners.running import snapshots
from learners.running.checkpoint import load, stored
from learners.running.monitor import Monitor
from learners.running.reported import nothing_saved
from learners.running.runs import RunFolder
from learners.words import counted

CHECKPOINTS = ("last", "all")


@dataclass(frozen=True, eq=False)
class Entrant:
    """One joint policy of one run."""

    name: str
    run: str
    algorithm: str
    seed: int
    step: int
    policies: tuple[Policy, ...]


@dataclass(frozen=True, eq=False)
class Field:
    """Entrants and the game they share, as it is played."""

    monitor: Monitor
    entrants: tuple[Entrant, ...]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(own.name for own in self.entrants)

    @property
    def environment(self) -> Environment:
        return self.monitor.environment


@dataclass(frozen=True)
class _Place:
    """Where one entrant lies."""

    label: str
    run: RunFolder
    step: int
    path: Path
    whole: bool
    """A checkpoint, and no snapshot."""


def enter(runs: Sequence[RunFolder], checkpoints: str = "last", labels: Sequence[str] | None = None) -> Field:
    """Read the policies of runs of one game.

    Args:
        runs: of one or several seeds each.
        checkpoints: ``last``: the newest of each seed; ``all``: every snapshot of it as well.
        labels: what to call the runs; their algorithms or folders if not given.

    Raises:
        GameError: runs of different games or settings of play, one given twice, one without a
            checkpoint, a damaged one, or policies that cannot play a part alone.
    """
    if not runs:
        raise GameError("give at least one run: equilibrist cross-play RUN RUN … -o DIR")
    _check_alike(runs)
    first = runs[0].config
    environment = prepared(find(first.game, first.parameters), first.training)
    places, notes = [], []
    for label, run in zip(labels or _labels(runs), runs, strict=True):
        for folder in run.seed_folders():
            found, note = _places(
                f"{label}/{folder.config.seeds[0]}" if run.several else label, folder, checkpoints
            )
            places += found
            notes += note
    monitor = Monitor.of(environment, first.training, first.seeds[0])
    names = _names(places, checkpoints == "all")
    entrants = tuple(_entrant(name, place, environment) for name, place in zip(names, places, strict=True))
    return Field(monitor, entrants, tuple(notes))


def _names(places: Sequence[_Place], dated: bool) -> list[str]:
    """``ippo@64k``: the run, and the step in thousands where that tells all apart; of one run the step alone."""
    if not dated:
        return [place.label for place in places]
    alone = len({place.label for place in places}) == 1
    heads = ["" if alone else f"{place.label}@" for place in places]
    short = [f"{head}{place.step / 1000:.0f}k" for head, place in zip(heads, places, strict=True)]
    if len(set(short)) == len(short):
        return short
    return [f"{head}{place.step:,}" for head, place in zip(heads, places, strict=True)]


def _check_alike(runs: Sequence[RunFolder]) -> None:
    first = runs[0]
    seen: dict[Path, RunFolder] = {}
    for run in runs:
        run.check_source()
        if run.path.resolve() in seen:
            raise GameError(f"{run.path} is given twice")
        seen[run.path.resolve()] = run
        for what, one, other in zip(_ALIKE, _settings(first), _settings(run), strict=True):
            if one != other:
                raise GameError(
                    f"{run.path} has {what} {_shown(other)}, {first.path} {_shown(one)}; "
                    "cross-play needs runs of one game, played alike"
                )


_ALIKE = ("the game", "parameters", "training.horizon", "training.recall", "training.episode_limit")


def _settings(run: RunFolder) -> tuple[Any, ...]:
    config, training = run.config, run.config.training
    return (
        config.game,
        dict(config.parameters),
        training.horizon,
        training.recall,
        training.episode_limit,
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={part}" for key, part in sorted(value.items())) or "none"
    return str(value)


def _labels(runs: Sequence[RunFolder]) -> list[str]:
    """The shortest names that tell the runs apart: algorithms, folders, or whole paths."""
    for names in (
        [run.config.algorithm for run in runs],
        [run.path.resolve().name for run in runs],
    ):
        if len(set(names)) == len(names):
            return names
    return [str(run.path) for run in runs]


def _places(label: str, run: RunFolder, checkpoints: str) -> tuple[list[_Place], list[str]]:
    newest = stored(run.checkpoints)
    if not newest:
        raise nothing_saved(run)
    last = _Place(label, run, snapshots.step_of(newest[0]), newest[0], whole=True)
    if checkpoints == "last":
        return [last], []
    kept = snapshots.steps(run)
    out = [_Place(label, run, step, path, whole=False) for step, path in kept.items()]
    if not kept:
        older = [_Place(label, run, snapshots.step_of(path), path, whole=True) for path in newest[:0:-1]]
        note = (
            f"{run.path} kept no snapshots, so only its last {counted(len(newest), 'checkpoint')} enter; "
            "train with --set training.snapshots=10 to keep policies along the run"
        )
        return [*older, last], [note]
    return out + ([last] if last.step not in kept else []), []


def _entrant(name: str, place: _Place, environment: Environment) -> Entrant:
    config = place.run.config
    seed = config.seeds[0]
    learner = learner_for(
        environment, config.training, config.algorithm, config.settings, seed, config.scheme
    )
    if place.whole:
        learner.load_state_dict(load(place.path, config.digest)["learner"])
    else:
        snapshots.bring_back(place.run, place.path, learner)
    policies = _alone(learner, environment, place)
    return Entrant(name, str(place.run.path), config.algorithm, seed, place.step, policies)


def _alone(learner: Learner, environment: Environment, place: _Place) -> tuple[Policy, ...]:
    """The policies, if each can play its part without the others' observations."""
    policies = learner.policies()
    nothing = all(
        isinstance(spec, Discrete) and spec.size == 1 for spec in environment.game.observation_specs
    )
    if not nothing and any(getattr(policy, "reads_all", False) for policy in policies):
        raise GameError(
            f"{place.run.path} holds a centralized model, which reads everybody's observations: "
            "it cannot fill one side alone; leave it out"
        )
    return policies
