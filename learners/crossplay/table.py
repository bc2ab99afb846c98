"""The table of payoffs: every joint choice of entrants for the sides, exact or from the same plays throughout."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory import streams
from gametheory.empirical import crossed
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from learners.crossplay.entrants import Entrant, Field
from learners.crossplay.sides import Side, paid
from learners.judge.reference import IntervalReference, Point, Reference
from learners.running.monitor import FINAL, Monitor, stream
from learners.running.rollout import NotFinite

MOST_CELLS = 4_096
"""Joint choices that are evaluated."""
Told = Callable[[int, int], None]
"""Hears how many of how many joint choices are done."""


@dataclass(frozen=True, eq=False)
class Table:
    """What the sides get where entrant k_s fills side s."""

    sides: tuple[Side, ...]
    names: tuple[str, ...]
    payoffs: Array  # [m, K, …, K]
    samples: Array | None  # [P, m, K, …, K], play by play on common random numbers; None: exact
    ranges: Array  # [m], how far apart a side's payoffs can be, or were seen to be
    why: str
    """Why payoffs are means over plays; empty where they are exact."""
    parts: tuple[Point, ...] = ()
    """Per entrant what it plays in the formal game; where payoffs are exact."""

    @property
    def exact(self) -> bool:
        return self.samples is None

    @property
    def errors(self) -> Array | None:
        """``[m, K, …, K]`` standard errors of the means."""
        if self.samples is None:
            return None
        spread: Array = self.samples.std(axis=0, ddof=1) / math.sqrt(len(self.samples))
        return spread

    def game(self) -> NormalForm:
        """The meta-game: sides choose entrants."""
        return meta_game(self.payoffs, self.sides, self.names)


def meta_game(payoffs: Array, sides: Sequence[Side], names: Sequence[str]) -> NormalForm:
    """The game in normal form whose agents are the sides and whose actions are the entrants."""
    return NormalForm(payoffs, agents=[side.name for side in sides], actions=[list(names)] * len(sides))


def evaluate_all(
    field: Field, sides: Sequence[Side], *, plays: int, seed: int, told: Told = lambda done, total: None
) -> Table:
    """The payoffs of every joint choice.

    Exact where the game is formal and small enough to hold policies against; else means over plays whose
    random numbers are the same in every cell, so that differences between cells are sharper than cells.

    Raises:
        GameError: too many joint choices, too few plays, or a policy that plays no number.
    """
    count = len(field.entrants)
    cells = count ** len(sides)
    if cells > MOST_CELLS:
        raise GameError(
            f"{count} entrants for {len(sides)} sides are {cells:,} joint choices; at most {MOST_CELLS:,} are "
            "evaluated: give fewer runs, --checkpoints last, or fewer and larger --sides"
        )
    if plays < 2:
        raise GameError(f"plays is {plays}; a standard error needs at least 2")
    done = itertools.count(1)

    def step() -> None:
        told(next(done), cells)

    parts, why = _parts(field)
    reference = field.monitor.reference
    if parts and reference is not None:
        return _exact(field, sides, reference, parts, step)
    return _estimated(field, sides, plays, seed, why, step)


def _exact(
    field: Field,
    sides: Sequence[Side],
    reference: Reference,
    parts: Sequence[Point],
    step: Callable[[], None],
) -> Table:
    def value(joint: tuple[int, ...]) -> list[float]:
        step()
        out: list[float] = paid(sides, reference.values(seated(joint, sides, parts))).tolist()
        return out

    payoffs = _crossed(len(parts), sides, value)
    ranges = _positive(paid(sides, reference.payoff_ranges))
    return Table(tuple(sides), field.names, payoffs, None, ranges, "", tuple(parts))


def _estimated(
    field: Field, sides: Sequence[Side], plays: int, seed: int, why: str, step: Callable[[], None]
) -> Table:
    shape = (len(field.entrants),) * len(sides)
    samples = np.zeros((plays, len(sides), *shape))

    def mean(joint: tuple[int, ...]) -> list[float]:
        returns = paid(sides, _played(field.monitor, field.entrants, joint, sides, plays, seed))
        cell: tuple[Any, ...] = (slice(None), slice(None), *joint)
        samples[cell] = returns
        step()
        out: list[float] = returns.mean(axis=0).tolist()
        return out

    payoffs = _crossed(len(field.entrants), sides, mean)
    others = (0, *range(2, samples.ndim))
    ranges = _positive(samples.max(axis=others) - samples.min(axis=others))
    return Table(tuple(sides), field.names, payoffs, samples, ranges, why)


def _crossed(
    count: int, sides: Sequence[Side], payoffs: Callable[[tuple[int, ...]], Sequence[float]]
) -> Array:
    return np.asarray(crossed([range(count)] * len(sides), payoffs).payoffs, dtype=np.float64)


def seated(joint: Sequence[int], sides: Sequence[Side], parts: Sequence[Point]) -> Point:
    """The point in which each agent plays the part of the entrant that fills its side."""
    place = {agent: k for side, k in zip(sides, joint, strict=True) for agent in side.agents}
    return tuple(parts[place[agent]][agent] for agent in sorted(place))


def _parts(field: Field) -> tuple[list[Point] | None, str]:
    """Every entrant's point in the formal game, or None and why payoffs cannot be exact."""
    monitor, out = field.monitor, list[Point]()
    if monitor.reference is None:
        return None, monitor.unheld
    for own in field.entrants:
        try:
            _need_fixed(monitor, monitor.reference, own)
            out.append(monitor.point(own.policies, monitor.reference))
        except GameError as error:
            return None, str(error)
        except NotFinite as error:
            raise GameError(f"{own.name}: {error}; leave it out") from None
    return out, ""


def _need_fixed(monitor: Monitor, reference: Reference, entrant: Entrant) -> None:
    """An action on an interval is exact only where it does not depend on chance.

    Raises:
        GameError: it does.
    """
    if not isinstance(reference, IntervalReference):
        return
    first, second = streams.seed_keys(1, 1), streams.seed_keys(2, 1)
    seen = monitor.environment.game.reset(first).observations
    for policy, own in zip(entrant.policies, seen, strict=True):
        one, other = (policy.act(policy.start(1), own, keys)[1] for keys in (first, second))
        if not np.array_equal(one, other):
            raise GameError(f"{entrant.name} draws its actions at random")


def _played(
    monitor: Monitor,
    entrants: Sequence[Entrant],
    joint: Sequence[int],
    sides: Sequence[Side],
    plays: int,
    seed: int,
) -> Array:
    """``[P, n]`` returns of one joint choice."""
    place = {agent: k for side, k in zip(sides, joint, strict=True) for agent in side.agents}
    policies = [entrants[place[agent]].policies[agent] for agent in sorted(place)]
    try:
        return monitor.returns(policies, stream(seed, FINAL), plays)
    except NotFinite as error:
        names = ", ".join(entrants[k].name for k in joint)
        raise GameError(f"{error} where {names} play; leave out the one that broke") from None


def _positive(ranges: Array) -> Array:
    """Ranges, 1 where payoffs never differ: nothing is divided by 0."""
    return np.where(ranges > 0, ranges, 1.0)
