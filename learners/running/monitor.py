"""What is measured at an evaluation point, and what all points together say. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from environments import Environment
from gametheory import streams
from gametheory.aecg import AECG
from gametheory.certify import Certificate
from gametheory.continuous.lq import LinearQuadraticGame
from gametheory.errors import GameError, LimitReached
from gametheory.game import Discrete
from gametheory.numerics import Array
from gametheory.policy import Policy
from gametheory.posg import POSG
from learners.judge.convergence import Judgement, Verdict, judge
from learners.judge.gains import GainReference, gain_reference
from learners.judge.reference import Point, Reference, nash_conv, reference_for
from learners.running.metrics import Row
from learners.running.rollout import NotFinite, play
from learners.training import TrainingSettings

PLAYS, EVALUATION, FINAL = range(3)
"""Labels of a run's random streams."""
STORED, SAMPLED = 5_000, 500
"""Numbers of a profile up to which rows hold it whole, and of each agent's beyond."""
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
    unheld: str = "no formal game to hold the policies against"
    """Why there is no reference, where there is none."""
    beside: Callable[[Sequence[Policy]], Row] | None = None
    """What else is measured at every evaluation point; the verdict does not read it."""

    @classmethod
    def of(cls, environment: Environment, training: TrainingSettings, seed: int) -> Monitor:
        """The monitor of an environment as it is played (``learners.judge.played``)."""
        try:
            return cls(environment, _reference(environment, training.horizon), training, seed)
        except (GameError, LimitReached) as reason:
            return cls(environment, None, training, seed, f"no NashConv: {reason}")

    def holding(self, policies: Sequence[Policy]) -> Monitor:
        """The monitor of these policies: without reference if they are no profile of a formal game.

        The parts of a centralized model are one only where nobody sees anything. Policies that
        remember are no tables over observations; they are held against a tree, where it is small.
        """
        from learners.judge.sequential import TableReference, remembering

        if isinstance(self.reference, TableReference) and any(p.start(1) is not None for p in policies):
            try:
                reference = remembering(self.reference, self.environment.game)
            except GameError as reason:
                return replace(self, reference=None, unheld=f"no NashConv: {reason}")
            return replace(self, reference=reference)
        specs = self.environment.game.observation_specs
        nothing = all(isinstance(spec, Discrete) and spec.size == 1 for spec in specs)
        if nothing or not any(getattr(policy, "reads_all", False) for policy in policies):
            return self
        return replace(self, reference=None, unheld="a centralized model is no profile of policies")

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
        row: Row = {"return": returns.mean(axis=0)} | (self.beside(policies) if self.beside else {})
        if self.reference is None:
            return row
        point = self.point(policies, self.reference)
        row |= self._kept(point) | {"nash_conv": nash_conv(self.reference, point)}
        average = self._average([*earlier, {"step": step} | row])
        row["nash_conv_average"] = None if average is None else nash_conv(self.reference, average)
        if isinstance(self.reference, GainReference):
            row["misfit"] = self.reference.misfit(point)
        distance = self.reference.distance(point)
        row |= {
            "distance": None if distance is None else distance.value,
            "nearest": None if distance is None else distance.nearest,
        }
        return row

    def _kept(self, point: Point) -> Row:
        """The profile; of one too large to be written at every point, some numbers to see it move by."""
        if sum(map(len, point)) <= STORED:
            return {"profile": point}
        return {"profile": None, "sample": tuple(_spread(own) for own in point)}

    def _average(self, rows: Sequence[Row]) -> tuple[Any, ...] | None:
        snapshots = self.snapshots(rows)
        return self.reference.average(snapshots) if self.reference is not None and snapshots else None

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
            return Judgement(Verdict.UNDECIDED, self.unheld)
        return judge(
            np.array([row["step"] for row in rows]),
            np.array([row["nash_conv"] for row in rows]),
            self.reference.coordinates([_point(row, "profile", "sample") for row in rows]),
            threshold=self.threshold,
        )

    def certificates(
        self, rows: Sequence[Row], last: Sequence[Policy] | None = None
    ) -> Mapping[str, Certificate | None]:
        """Exact regrets of the last and of the time-averaged profile.

        Args:
            rows: of the run.
            last: the last policies, asked where the last row does not hold its profile whole.
        """
        out: dict[str, Certificate | None] = {"last": None, "average": None}
        if self.reference is None or not rows:
            return out
        epsilon = self.training.epsilon
        if rows[-1].get("profile") is not None:
            out["last"] = self.reference.certify(_point(rows[-1]), epsilon)
        elif last is not None:
            out["last"] = self.reference.certify(self.point(last, self.reference), epsilon)
        average = self._average(rows)
        if average is not None:
            out["average"] = self.reference.certify(average, epsilon)
        return out

    def settled(self, rows: Sequence[Row], policies: Sequence[Policy]) -> bool:
        """Whether the verdict would be "converged" and a certificate of the last policies confirms it."""
        allowed = self.threshold
        if allowed is None or not rows or rows[-1]["nash_conv"] > allowed:
            return False
        if self.judge(rows, None, False).verdict is not Verdict.CONVERGED:
            return False
        certificate = self.certificates(rows, policies)["last"]
        return certificate is not None and float(certificate.nash_conv) <= allowed


def _reference(environment: Environment, horizon: int | None) -> Reference | None:
    """What the formal game of a prepared environment holds policies against; None if there is none."""
    from learners.judge.sequential import sequential_reference

    formal, game = environment.formal, environment.game
    if isinstance(formal, POSG | AECG):
        return sequential_reference(formal, game, horizon)
    if isinstance(formal, LinearQuadraticGame):
        return gain_reference(formal, game, horizon)
    return reference_for(formal)


def _point(row: Mapping[str, Any], *keys: str) -> Point:
    found = next(row[key] for key in keys or ("profile",) if row.get(key) is not None)
    return tuple(np.asarray(own, dtype=np.float64) for own in found)


def _spread(numbers: Array) -> Array:
    places = np.linspace(0, len(numbers) - 1, min(len(numbers), SAMPLED)).round().astype(int)
    return np.asarray(numbers[places])
