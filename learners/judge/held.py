"""A learner held against one game, seed after seed, until what the seeds do is proved or cannot be any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from environments import Environment, find
from gametheory.continuous import ContinuousGame
from gametheory.errors import GameError, UnknownName
from gametheory.gradient_play import Prediction, predict
from gametheory.gradient_play.theory import Family
from gametheory.normal_form import NormalForm
from learners.faults.findings import as_factory
from learners.judge.convergence import Judgement, Verdict
from learners.judge.evidence import Evidence
from learners.judge.played import learner_for, prepared
from learners.judge.reference import Reference
from learners.learner import Learner
from learners.running.loop import TrainingResult
from learners.running.monitor import Monitor
from learners.suites import SuiteGame
from learners.trainer import train_learner
from learners.training import TrainingSettings


@dataclass(frozen=True)
class SeedRun:
    """One seed's run."""

    seed: int
    judgement: Judgement
    nash_conv: float | None
    """Of the last policies; None where the run broke before."""

    def __str__(self) -> str:
        last = "none" if self.nash_conv is None else f"{self.nash_conv:.3g}"
        return f"seed {self.seed}: {self.judgement.verdict}, last NashConv {last}; {self.judgement.reason}"


@dataclass(frozen=True)
class Held:
    """What became of a learner in a game, and what theory says of learners like it there."""

    learner: str
    game: str
    evidence: Evidence
    runs: tuple[SeedRun, ...]
    prediction: Prediction | None
    """None for games that theory is not asked about."""
    kept: Path | None
    """Where the rows of every run lie."""

    def __str__(self) -> str:
        lines = [f"over seeds: {self.evidence}", *map(str, self.runs)]
        if self.prediction is not None:
            lines.append(f"theory, of {self.prediction.family} learners: {self.prediction.claim}")
        lines.append("keep=FOLDER keeps the runs" if self.kept is None else f"the runs lie in {self.kept}")
        return "\n".join(f"  {line}" for line in lines)


def hold(
    learner: Any,
    game: Any,
    *,
    claims: Sequence[Verdict] = (Verdict.CONVERGED,),
    nash_conv: float | None = None,
    confidence: float = 0.95,
    seeds: int | Iterable[int] = 10,
    steps: int | None = None,
    training: TrainingSettings | None = None,
    settings: dict[str, Any] | None = None,
    family: Family = "gradient",
    keep: Path | None = None,
) -> Held:
    """Train with one seed after the other until a verdict is proved, or none of ``claims`` can be any more.

    Args:
        learner: a name that ``learners.make`` knows, an ``Algorithm``, or a factory
            ``(observation_specs, action_specs, *, seed) -> Learner``.
        game: a name, a game of a suite, an ``Environment``, or a formal game.
        claims: what is to be proved of most seeds, one of them.
        nash_conv: largest NashConv of a converged profile as a share of the smallest payoff range; that
            of the training (0.01) if not given.
        confidence: of the verdict over seeds.
        seeds: the most that are run, or which.
        steps: length of a run; that of the training if not given.
        training: everything else about a run; the suite's, or defaults.
        settings: of a named learner or an ``Algorithm``; a factory's own keyword parameters.
        family: what theory is asked about.
        keep: a folder for the rows of every run.

    Raises:
        UnknownName: no such game, learner, setting or family.
        GameError: there is nothing to hold the learner against, it cannot serve the game, or so few seeds
            prove nothing.
    """
    if family not in get_args(Family):
        raise UnknownName("family", family, get_args(Family))
    environment, training = _given(game, training, steps, nash_conv)
    evidence, runs = Evidence(confidence, training.epsilon), list[SeedRun]()
    wanted = _seeds(seeds, evidence)
    as_played = prepared(environment, training)
    prediction: Prediction | None = None
    for done, seed in enumerate(wanted):
        more = len(wanted) - done
        hopeless = not any(evidence.can_prove(claim, more) for claim in claims)
        if evidence.verdict is not Verdict.UNDECIDED or hopeless:
            break
        made = _made(learner, as_played, training, settings, seed)
        if not runs:
            found = _reference(as_played, training, made).solution
            formal = environment.formal
            if isinstance(formal, NormalForm | ContinuousGame):
                prediction = predict(formal, found.profiles, found.complete, family)
        result = train_learner(as_played, made, training=training, seed=seed)
        evidence = evidence.add(seed, result.judgement)
        runs.append(SeedRun(seed, result.judgement, result.rows[-1]["nash_conv"] if result.rows else None))
        if keep is not None:
            _keep(keep, seed, result)
    return Held(name_of(learner), environment.name, evidence, tuple(runs), prediction, keep)


def _seeds(seeds: int | Iterable[int], evidence: Evidence) -> tuple[int, ...]:
    """Which are run, at the most; a test that no run could fail would be passed by every learner."""
    if not isinstance(seeds, int | Iterable):
        raise GameError(f"seeds is {seeds!r}; it must be how many, or which")
    wanted = tuple(range(seeds) if isinstance(seeds, int) else seeds)
    if len(set(wanted)) < len(wanted):
        raise GameError(f"seeds {', '.join(map(str, wanted))}: one is named twice")
    evidence.check_enough(len(wanted))
    return wanted


def name_of(learner: Any) -> str:
    """What to call a learner in a report."""
    return learner if isinstance(learner, str) else getattr(learner, "__name__", type(learner).__name__)


def _given(
    game: Any, training: TrainingSettings | None, steps: int | None, nash_conv: float | None
) -> tuple[Environment, TrainingSettings]:
    if isinstance(game, SuiteGame):
        environment, training = game.environment(), training or game.settings()
    elif isinstance(game, Environment):
        environment = game
    elif isinstance(game, str):
        environment = find(game)
    else:
        from environments.registry import playable

        environment = playable(getattr(game, "title", "") or "the game", game, {})
    changes = {"steps": steps, "epsilon": nash_conv}
    given: Any = {name: value for name, value in changes.items() if value is not None}
    return environment, replace(training or TrainingSettings(), **given)


def _made(
    learner: Any, as_played: Environment, training: TrainingSettings, settings: Any, seed: int
) -> Learner:
    if isinstance(learner, str):
        return learner_for(as_played, training, learner, settings, seed)
    specs = as_played.game.observation_specs, as_played.game.action_specs
    return as_factory(learner, settings)(*specs, seed=seed)


def _reference(as_played: Environment, training: TrainingSettings, made: Learner) -> Reference:
    """What learners like this one are held against in a prepared environment.

    Raises:
        GameError: there is nothing; says why.
    """
    monitor = Monitor.of(as_played, training, seed=0).holding(made.policies())
    if monitor.reference is None:
        raise GameError(
            f"{as_played.name or 'the game'}: nothing to hold a learner against: {monitor.unheld}"
        )
    return monitor.reference


def _keep(folder: Path, seed: int, result: TrainingResult) -> None:
    from learners.running.metrics import MetricsFile

    folder.mkdir(parents=True, exist_ok=True)
    file = MetricsFile(folder / f"seed-{seed}.jsonl")
    for row in result.rows:
        file.append(row)
    file.close()
