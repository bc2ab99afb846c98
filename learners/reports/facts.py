"""``report.json``: what a run found, and how several seeds are put together. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import stdtrit

from gametheory.certify import Certificate
from gametheory.continuous import ContinuousGame
from gametheory.continuous.lq import LinearQuadraticGame
from gametheory.files.encode import to_json
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_floats
from gametheory.posg import POSG
from gametheory.solution import Solution
from learners.judge.convergence import RULE, Judgement, Verdict, common
from learners.judge.optimum import optimum
from learners.judge.regrets import best_action
from learners.running.loop import TrainingResult
from learners.running.metrics import Row
from learners.running.monitor import Monitor
from learners.running.runs import RunConfig
from learners.words import counted

Facts = dict[str, Any]
CONFIDENCE = 0.95


def interval(samples: Array) -> dict[str, Any]:
    """Mean and its 95 % Student interval, per agent, of ``samples[K, n]``; K = 1 has no interval."""
    count = len(samples)
    mean = samples.mean(axis=0)
    if count < 2:
        return {"mean": mean.tolist(), "interval": None}
    quantile = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2))
    half = quantile * samples.std(axis=0, ddof=1) / math.sqrt(count)
    return {"mean": mean.tolist(), "interval": np.stack([mean - half, mean + half], axis=1).tolist()}


def seed_facts(config: RunConfig, result: TrainingResult) -> Facts:
    """The report of one seed."""
    monitor, rows = result.monitor, result.rows
    last = rows[-1] if rows else {}
    last_policies = None if result.returns is None else result.learner.policies()
    certificates = monitor.certificates(rows, last_policies)
    payment = (
        {"mean": None, "interval": None, "of": None}
        if result.returns is None
        else interval(result.returns) | {"of": f"{len(result.returns)} plays of the last policies"}
    )
    return game_facts(config, monitor) | {
        "environment_steps": result.steps,
        "updates": result.updates,
        "wall_seconds": round(result.seconds, 3),
        "return": payment,
        "nash_conv": {
            "last": _nash_conv(certificates["last"], last.get("nash_conv")),
            "average": _nash_conv(certificates["average"], last.get("nash_conv_average")),
            "certificate": _kind(certificates["last"]),
        },
        "certificates": {name: certificate_facts(found) for name, found in certificates.items()},
        "distance_to_nearest_equilibrium": last.get("distance"),
        "nearest": last.get("nearest"),
        "start_distance": rows[0].get("distance") if rows else None,
        "start_profile": rows[0].get("profile") if rows else None,
        "final_profile": last.get("profile"),
        "misfit": last.get("misfit"),
        "optimum": _optimum(monitor),
        "value": _value(certificates["last"]),
        "average_profile": _average(monitor, rows),
        **_judgement_facts(result.judgement, result.interrupted),
        **_against_closed_form(monitor, last),
    }


def game_facts(config: RunConfig, monitor: Monitor) -> Facts:
    """What is known before the first step."""
    environment, reference = monitor.environment, monitor.reference
    out: Facts = {
        "game": config.game,
        "title": getattr(environment.formal, "title", "") or config.game,
        "agents": list(environment.game.agents),
        "parameters": to_json(config.parameters),
        "algorithm": config.algorithm,
        "soft": config.soft,
        "scheme": config.scheme,
        "seeds": list(config.seeds),
        "epsilon": config.training.epsilon,
        "burn_in": config.training.burn_in,
        "rule": RULE,
        "threshold": monitor.threshold,
        "payoff_range": None,
        "norm": None,
        "equilibria": [],
        "equilibria_complete": None,
        "components": [],
        "why": "",
        "space": {"kind": "none"},
        "failed": {},
    }
    if reference is None:
        return out
    return out | {
        "payoff_range": reference.payoff_range,
        "norm": reference.norm,
        **solution_facts(reference.solution),
        "space": space_facts(reference.formal),
    }


def solution_facts(solution: Solution) -> Facts:
    """The computed equilibria; exact numbers as strings, and every profile as floats beside."""
    certificates = solution.certificates or (None,) * len(solution.profiles)
    return {
        "equilibria": [
            {
                "profile": to_json(profile),
                "point": [to_floats(own).tolist() for own in profile],
                "values": to_json(values),
                "regrets": None if found is None else to_json(found.regrets),
                "certificate": _kind(found),
            }
            for profile, values, found in zip(solution.profiles, solution.values, certificates, strict=True)
        ],
        "equilibria_complete": solution.complete,
        "components": [list(members) for members in solution.components],
        "why": solution.why,
    }


def space_facts(formal: NormalForm | ContinuousGame | LinearQuadraticGame | POSG) -> Facts:
    """What the axes of a trajectory are."""
    if isinstance(formal, POSG):
        return {"kind": "policies"}
    if isinstance(formal, LinearQuadraticGame):
        return {"kind": "gains", "sizes": [size * formal.dimension for size in formal.sizes]}
    if isinstance(formal, NormalForm):
        return {"kind": "simplices", "actions": [list(own) for own in formal.actions]}
    low, high = to_floats(formal.low), to_floats(formal.high)
    out: Facts = {"kind": "interval", "low": low.tolist(), "high": high.tolist(), "reactions": None}
    if len(formal.agents) == 2:
        out["reactions"] = [
            [
                best_action(formal, i, np.full(2, other)).tolist()
                for other in np.linspace(low[1 - i], high[1 - i], 61)
            ]
            for i in range(2)
        ]
    return out


def merged_facts(
    config: RunConfig, seeds: Mapping[int, Facts], failed: Mapping[int, str], wall: float
) -> Facts:
    """The report over several seeds; worst seed for NashConv and distance, mean for returns."""
    reports = list(seeds.values())
    judgements = {
        seed: Judgement(Verdict(facts["verdict"]), facts["reason"], facts["more_steps"])
        for seed, facts in seeds.items()
    }
    judgement = common(judgements)
    if failed:
        lost = ", ".join(f"seed {seed}: {why}" for seed, why in failed.items())
        judgement = Judgement(Verdict.UNDECIDED, f"{judgement.reason}; failed: {lost}", judgement.more_steps)
    means = [facts["return"]["mean"] for facts in reports if facts["return"]["mean"] is not None]
    payment = interval(np.array(means)) if means else {"mean": None, "interval": None}
    worst = {key: _largest([facts["nash_conv"][key] for facts in reports]) for key in ("last", "average")}
    kinds = [facts["nash_conv"]["certificate"] for facts in reports]
    shared = {key: value for key, value in reports[0].items() if key not in _PER_SEED}
    return shared | {
        "seeds": list(config.seeds),
        "environment_steps": max(facts["environment_steps"] for facts in reports),
        "updates": max(facts["updates"] for facts in reports),
        "wall_seconds": round(wall, 3),
        "return": payment
        | {"of": f"the mean{'s' if len(means) != 1 else ''} of {counted(len(means), 'seed')}"},
        "nash_conv": worst | {"certificate": None if None in kinds else max(kinds), "of": "the worst seed"},
        "distance_to_nearest_equilibrium": _largest(
            [facts["distance_to_nearest_equilibrium"] for facts in reports]
        ),
        **_judgement_facts(judgement, any(facts["interrupted"] for facts in reports)),
        "value": _smallest([facts["value"] for facts in reports]),
        "failed": {str(seed): why for seed, why in failed.items()},
        "per_seed": [
            {key: facts.get(key) for key in _PER_SEED} | {"seed": seed} for seed, facts in seeds.items()
        ],
    }


_PER_SEED = (
    "environment_steps",
    "updates",
    "wall_seconds",
    "return",
    "nash_conv",
    "certificates",
    "distance_to_nearest_equilibrium",
    "nearest",
    "start_distance",
    "start_profile",
    "final_profile",
    "misfit",
    "value",
    "average_profile",
    "verdict",
    "reason",
    "more_steps",
    "interrupted",
    "relative_distance",
)


def certificate_facts(certificate: Certificate | None) -> Facts | None:
    """A certificate as JSON."""
    if certificate is None:
        return None
    return {
        "kind": _kind(certificate),
        "nash_conv": to_json(float(certificate.nash_conv)),  # infinite: null
        "regrets": to_json([float(regret) for regret in certificate.regrets]),
        "values": to_json([float(value) for value in certificate.values]),
        "epsilon": certificate.epsilon,
    }


def _judgement_facts(judgement: Judgement, interrupted: bool) -> Facts:
    return {
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "more_steps": judgement.more_steps,
        "interrupted": interrupted,
    }


def _against_closed_form(monitor: Monitor, last: Row) -> Facts:
    """For continuous games: the largest ``|q_i − q*_i| / q*_i`` to the nearest equilibrium."""
    reference, nearest = monitor.reference, last.get("nearest")
    if reference is None or not isinstance(reference.formal, ContinuousGame) or not nearest:
        return {"relative_distance": None}
    actions = np.concatenate([np.asarray(own) for own in last["profile"]])
    target = to_floats(np.concatenate(reference.solution.profiles[nearest[0]]))
    if np.any(target == 0):
        return {"relative_distance": None}
    return {"relative_distance": float(np.max(np.abs(actions - target) / np.abs(target)))}


def _average(monitor: Monitor, rows: Sequence[Row]) -> Any:
    """Matrix games: the mean strategies. Continuous: mean and spread of the empirical distribution."""
    snapshots = monitor.snapshots(rows)
    if monitor.reference is None or not snapshots:
        return None
    if isinstance(monitor.reference.formal, POSG | LinearQuadraticGame):
        return None
    if isinstance(monitor.reference.formal, NormalForm):
        return [own.tolist() for own in monitor.reference.average(snapshots) or ()]
    played = np.array([np.concatenate(point) for point in snapshots])
    return {
        "snapshots": len(played),
        "mean": played.mean(axis=0).tolist(),
        "spread": played.std(axis=0).tolist(),
    }


def _optimum(monitor: Monitor) -> Facts | None:
    """The most that agents with one interest can get; None for other games."""
    found = None if monitor.reference is None else optimum(monitor.reference, monitor.training.horizon)
    return None if found is None else dict(found._asdict())


def _value(certificate: Certificate | None) -> float | None:
    """What the last policies get, the agent who gets least; exact where NashConv is."""
    return None if certificate is None else to_json(float(min(certificate.values)))


def _nash_conv(certificate: Certificate | None, otherwise: float | None) -> float | None:
    """The certificate's; that of the row, which is finite, where it is infinite."""
    exact = math.inf if certificate is None else float(certificate.nash_conv)
    return exact if math.isfinite(exact) else otherwise


def _kind(certificate: Certificate | None) -> str | None:
    return None if certificate is None or certificate.kind is None else str(certificate.kind)


def _smallest(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return min(known, default=None)


def _largest(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known, default=None)
