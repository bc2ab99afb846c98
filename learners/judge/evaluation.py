"""The last checkpoint of a run, played and certified anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from environments import find
from learners.judge.played import learner_for, prepared
from learners.judge.reference import nash_conv
from learners.learner import Learner
from learners.reports.facts import certificate_facts, interval
from learners.running.checkpoint import load, stored
from learners.running.monitor import FINAL, FINAL_PLAYS, Monitor, stream
from learners.running.reported import nothing_saved, why_broken
from learners.running.runs import RunFolder


def evaluate(path: Path, *, plays: int = FINAL_PLAYS) -> dict[str, Any]:
    """Returns, NashConv and certificate of the policies in a run's newest checkpoints, per seed.

    Of a seed that broke off these are the last good ones, and ``diverged`` says why.

    Args:
        path: a run folder of one or several seeds.
        plays: how many plays the returns are estimated from.

    Raises:
        GameError: no run folder, no checkpoint, or a damaged one.
    """
    run = RunFolder.open(path)
    return {
        "game": run.config.game,
        "algorithm": run.config.algorithm,
        "plays": plays,
        "seeds": [_seed(folder, plays) for folder in run.seed_folders()],
    }


def restore(run: RunFolder) -> tuple[Learner, Monitor, int]:
    """The learner of a seed's newest checkpoint, what it is measured with, and its step.

    Raises:
        GameError: there is no checkpoint, or it is damaged.
    """
    run.check_source()
    found = stored(run.checkpoints)
    if not found:
        raise nothing_saved(run)
    config, seed = run.config, run.config.seeds[0]
    environment = prepared(find(config.game, config.parameters), config.training)
    state = load(found[0], config.digest)
    learner = learner_for(
        environment, config.training, config.algorithm, config.settings, seed, config.scheme
    )
    learner.load_state_dict(state["learner"])
    monitor = Monitor.of(environment, config.training, seed).holding(learner.policies())
    return learner, monitor, state["steps"]


def _seed(run: RunFolder, plays: int) -> dict[str, Any]:
    learner, monitor, step = restore(run)
    policies = learner.policies()
    returns = monitor.returns(policies, stream(monitor.seed, FINAL), plays)
    out: dict[str, Any] = {
        "seed": monitor.seed,
        "environment_steps": step,
        "diverged": why_broken(run.path),
        "return": interval(returns),
        "profile": None,
        "nash_conv": None,
        "certificate": None,
    }
    if monitor.reference is None:
        return out
    point = monitor.point(policies, monitor.reference)
    certificate = monitor.reference.certify(point, monitor.training.epsilon)
    distance = monitor.reference.distance(point)
    return out | {
        "profile": [own.tolist() for own in point],
        "nash_conv": nash_conv(monitor.reference, point),
        "distance_to_nearest_equilibrium": None if distance is None else distance.value,
        "certificate": certificate_facts(certificate),
    }
