"""The verdict on a run: converged, cycles, diverged or undecided, by a rule fixed before the run.

Distances are those of the reference: the largest over the agents of the total variation distance of
mixed strategies, or of the difference of actions as a share of the action range; 1 is the most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from gametheory.numerics import Array
from learners.judge import recurrence

TAIL = 0.2
"""Share of the evaluation points, at the end of the run, that "converged" is judged on."""
LEAST_TAIL = 10
"""Fewest points of a tail."""
REST = 0.01
"""A profile that stays within this distance of its last point is at rest."""
PATIENCE = 3
"""A rest counts as final when it lasts this many times longer than any rest that was left."""
LASTING = 0.5
"""Share of the evaluation points that a final rest lasts: corners of ever wider cycles are left sooner."""

RULE = f"""\
ε is fixed before the run; the threshold is ε times the smallest payoff range of any agent. \
NashConv and profiles are those of the policies at the evaluation points, without exploration. \
Distances are between 0 and 1, the largest over the agents. The first that applies is the verdict.
converged: NashConv is within the threshold at every point of the tail, the last {TAIL:.0%} of the \
evaluation points and at least {LEAST_TAIL}.
diverged: a number stopped being finite; or the profile came to rest where NashConv is above the threshold: \
it stayed within {REST:g} of its last point for the last {LASTING:.0%} of the run and {PATIENCE} times longer than it \
ever rested before moving on, and at its present pace NashConv would not fall to the threshold within twice the run.
cycles: {recurrence.RULE}
undecided: anything else. Several seeds: the verdict that all of them share, else undecided."""


class Verdict(StrEnum):
    """What became of a run, measured against the formal game."""

    CONVERGED = "converged"
    CYCLES = "cycles"
    DIVERGED = "diverged"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Judgement:
    """A verdict, why, and for "undecided" about how many more steps might decide it."""

    verdict: Verdict
    reason: str
    more_steps: int | None = None


def judge(
    steps: Array,
    nash_conv: Array,
    coordinates: tuple[Array, ...],
    *,
    threshold: float,
    broke: str | None = None,
) -> Judgement:
    """Apply ``RULE`` to one run.

    Args:
        steps: ``[T]`` environment steps of the evaluation points, increasing.
        nash_conv: ``[T]``.
        coordinates: per agent ``[T, k_i]``; see ``Reference.coordinates``.
        threshold: largest NashConv of a converged profile, absolute.
        broke: where and how a number stopped being finite, if one did.
    """
    if broke is not None:
        return Judgement(Verdict.DIVERGED, broke)
    count = len(steps)
    if count < 2 * LEAST_TAIL:
        reason = f"{count} evaluation points; the rule needs at least {2 * LEAST_TAIL}"
        return Judgement(Verdict.UNDECIDED, reason, int(steps[-1]) if count else None)
    tail = tail_length(count)
    late = nash_conv[-tail:]
    if np.all(late <= threshold):
        reason = f"NashConv stayed at or below {late.max():.3g} over the last {tail} evaluation points; allowed {threshold:.3g}"
        return Judgement(Verdict.CONVERGED, reason)
    distances = gaps(coordinates)
    if _at_rest(distances, nash_conv, threshold):
        return Judgement(
            Verdict.DIVERGED,
            f"the profile came to rest at no equilibrium: NashConv {nash_conv[-1]:.3g}, allowed {threshold:.3g}",
        )
    first = int(recurrence.TRANSIENT * count)
    cycle = recurrence.recurrence(distances[first:, first:], np.concatenate(coordinates, axis=1)[first:])
    if cycle.holds:
        return Judgement(Verdict.CYCLES, cycle.reason)
    return _undecided(steps, nash_conv, threshold, cycle.reason)


def common(judgements: Mapping[int, Judgement]) -> Judgement:
    """The verdict of several seeds: the one they share, else "undecided" with the list."""
    verdicts = {judgement.verdict for judgement in judgements.values()}
    longest = max((j.more_steps or 0 for j in judgements.values()), default=0) or None
    if len(verdicts) == 1:
        seed, first = next(iter(judgements.items()))
        agree = f"all {len(judgements)} seeds agree; " if len(judgements) > 1 else ""
        return Judgement(first.verdict, f"{agree}seed {seed}: {first.reason}", longest)
    listed = ", ".join(f"seed {seed} {judgement.verdict}" for seed, judgement in judgements.items())
    return Judgement(Verdict.UNDECIDED, f"the seeds disagree: {listed}", longest)


def tail_length(count: int) -> int:
    """How many of ``count`` evaluation points are the tail."""
    return max(LEAST_TAIL, math.ceil(TAIL * count))


def gaps(coordinates: tuple[Array, ...]) -> Array:
    """``[T, T]``: distance ``max_i Σ_k |x_i,k(s) − x_i,k(t)|`` between any two points."""
    count = len(coordinates[0])
    out = np.zeros((count, count))
    for own in coordinates:
        total = np.zeros((count, count))
        for column in own.T:
            total += np.abs(column[:, None] - column[None, :])
        np.maximum(out, total, out=out)
    return out


def _at_rest(distances: Array, nash_conv: Array, threshold: float) -> bool:
    """Whether the profile has stopped for good at no equilibrium, having moved before."""
    count = len(distances)
    moved = np.flatnonzero(distances[-1] > REST)
    if not len(moved):
        return False  # it never moved at all: nothing was learned, nothing has come to rest
    final = count - 1 - int(moved[-1])
    if final < LASTING * count:
        return False
    earlier = max(_rest_from(distances, start) for start in range(count - final))
    if final < PATIENCE * earlier:
        return False
    tail = nash_conv[-tail_length(count) :]
    if tail.min() <= threshold:
        return False
    first, second = np.array_split(tail, 2)
    decline = max(0.0, float(first.mean() - second.mean()))
    half_tails = 2 * count / (len(tail) / 2)  # in twice the run
    return bool(second.mean() - decline * half_tails > threshold)


def _rest_from(distances: Array, start: int) -> int:
    """For how many points from ``start`` on the profile stays near where it is then."""
    left = np.flatnonzero(distances[start, start:] > REST)
    return int(left[0]) if len(left) else len(distances) - start


def _undecided(steps: Array, nash_conv: Array, threshold: float, why: str) -> Judgement:
    """How much longer: where the trend from the third to the last quarter meets the threshold."""
    count, run, tail = len(steps), int(steps[-1]), tail_length(len(steps))
    before = float(np.median(nash_conv[count // 2 : -(count // 4)]))
    last = float(np.median(nash_conv[-(count // 4) :]))
    more = run
    if threshold < last < 0.9 * before and threshold > 0:
        more = int(math.log(last / threshold) / math.log(before / last) * run / 4 + TAIL * run)
    more = min(max(more, run // 4), 10 * run)
    within = float(np.mean(nash_conv[-tail:] <= threshold))
    reason = (
        f"NashConv is within {threshold:.3g} at {within:.0%} of the last {tail} evaluation points; {why}; "
        f"about {more:,} more steps may decide it"
    )
    return Judgement(Verdict.UNDECIDED, reason, more)
