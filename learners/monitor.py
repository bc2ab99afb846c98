"""What is measured at an evaluation point, and what all points together say. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from environments import Environment
from gametheory import streams
from gametheory.certify import Certificate
from gametheory.numerics import Array
from gametheory.policy import Policy
from learners.convergence import Judgement, Verdict, judge
from learners.metrics import Row
from learners.reference import Point, Reference, nash_conv, reference_for
from learners.rollout import NotFinite, play
from learners.training import TrainingSettings

PLAYS, EVALUATION, FINAL = range(3)
"""Labels of a run's random streams."""
FINAL_PLAYS = 1000
"""Plays that the final return is estimated from."""


def stream(seed: int, label: int, index: int = 0) -> int:
    """The seed of one of a run's random streams."""
    keys = streams.derive(streams.seed_keys(seed, 1), label)
    return int(streams.derive(keys, index)[0])


@dataclass(frozen=True)
class Monitor:
    """Evaluates policies without exploration, on streams of its own."""

    environment: Environment
    reference: Reference | None
    training: TrainingSettings
    seed: int

    @classmethod
    def of(cls, environment: Environment, training: TrainingSettings, seed: int) -> Monitor:
        return cls(environment, reference_for(environment.formal), training, seed)

    @property
    def threshold(self) -> float | None:
        """Largest NashConv of a converged profile; None where there is no formal game."""
        return None if self.reference is None else self.training.epsilon * self.reference.payoff_range

    def measure(self, policies: Sequence[Policy], step: int, earlier: Sequence[Row]) -> Row:
        """The measured part of a row of ``metrics.jsonl``.

        Raises:
            NotFinite: a policy plays something that is not a finite number.
        """
        returns = self.returns(policies, stream(self.seed, EVALUATION, step), self.training.evaluation_plays)
        row: Row = {"return": returns.mean(axis=0)}
        if self.reference is None:
            return row
        point = self.point(policies, self.reference)
        row |= {"profile": point, "nash_conv": nash_conv(self.reference, point)}
        snapshots = self.snapshots([*earlier, {"step": step, "profile": point}])
        average = self.reference.average(snapshots) if snapshots else None
        row["nash_conv_average"] = None if average is None else nash_conv(self.reference, average)
        distance = self.reference.distance(point)
        row |= {
            "distance": None if distance is None else distance.value,
            "nearest": None if distance is None else distance.nearest,
        }
        return row

    def point(self, policies: Sequence[Policy], reference: Reference) -> Point:
        """The policies' profile in the formal game.

        Raises:
            NotFinite: it is none.
        """
        keys = streams.seed_keys(stream(self.seed, EVALUATION), 1)
        with np.errstate(invalid="ignore"):
            point = reference.point(policies, self.environment.game.reset(keys).observations, keys)
        for agent, own in zip(self.environment.game.agents, point, strict=True):
            if not np.all(np.isfinite(own)):
                raise NotFinite(f"the policy of agent {agent} became {own.tolist()}")
        return point

    def returns(self, policies: Sequence[Policy], seed: int, plays: int) -> Array:
        """``[plays, n]`` discounted returns."""
        limit = self.training.episode_limit
        return play(self.environment.game, policies, seed=seed, plays=plays, episode_limit=limit)

    def snapshots(self, rows: Sequence[Row]) -> list[Point]:
        """The profiles that the time-averaged policy is made of: those after the burn-in."""
        first = self.training.burn_in * self.training.steps
        return [_point(row) for row in rows if row["step"] >= first and row.get("profile") is not None]

    def judge(self, rows: Sequence[Row], broke: str | None, interrupted: bool) -> Judgement:
        """The verdict on the rows of a run."""
        if broke is not None:
            return Judgement(Verdict.DIVERGED, broke)
        if interrupted:
            rest = self.training.steps - (rows[-1]["step"] if rows else 0)
            return Judgement(Verdict.UNDECIDED, "interrupted; resume to go on", rest)
        if self.reference is None or self.threshold is None:
            return Judgement(Verdict.UNDECIDED, "no formal game to hold the policies against")
        return judge(
            np.array([row["step"] for row in rows]),
            np.array([row["nash_conv"] for row in rows]),
            self.reference.coordinates([_point(row) for row in rows]),
            threshold=self.threshold,
        )

    def certificates(self, rows: Sequence[Row]) -> Mapping[str, Certificate | None]:
        """Exact regrets of the last and of the time-averaged profile."""
        out: dict[str, Certificate | None] = {"last": None, "average": None}
        points = [_point(row) for row in rows if row.get("profile") is not None]
        if self.reference is None or not points:
            return out
        snapshots = self.snapshots(rows)
        out["last"] = self.reference.certify(points[-1], self.training.epsilon)
        if snapshots:
            out["average"] = self.reference.certify(self.reference.average(snapshots), self.training.epsilon)
        return out


def _point(row: Mapping[str, Any]) -> Point:
    return tuple(np.asarray(own, dtype=np.float64) for own in row["profile"])
