"""The walks of external-sampling CFR (see ``mccfr``), and the information sets they meet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

import numpy as np

from gametheory import streams
from gametheory.game import NULL
from gametheory.policies.controllers import History
from gametheory.tables.rules import Joint, Position, Rules

Law = list[float]


class _Set:
    """One information set: what was regretted and played there."""

    __slots__ = ("codes", "first", "regrets", "totals")

    def __init__(self, codes: list[int], first: int) -> None:
        self.codes = codes
        self.first = first
        """Own pasts are numbered; the one that ends with this set's action k is ``first + k``."""
        self.regrets = [0.0] * len(codes)
        self.totals = [0.0] * len(codes)

    def matched(self) -> Law:
        """Every action in proportion to its positive regret, uniformly if none is."""
        return _normal([max(regret, 0.0) for regret in self.regrets])

    def average(self) -> Law:
        return _normal(self.totals)


def _normal(weights: Law) -> Law:
    total = sum(weights)
    return [w / total for w in weights] if total > 0 else [1 / len(weights)] * len(weights)


class _Arrivals(NamedTuple):
    """What a joint action may bring."""

    cumulative: Law
    rewards: list[tuple[float, ...]]
    positions: list[Position]


Pasts = tuple[int, ...]
"""Per agent the number of its own past: the observations and actions before the pending ones."""
Play = Callable[[int, _Set], int]
"""Which of its actions (by place) an agent takes at an information set."""


class Walks:
    """The information sets met so far, and the walks over them."""

    def __init__(self, law: Rules, horizon: int | None, seed: int) -> None:
        self.law, self.horizon, self.seed, self.n = law, horizon, seed, len(law.agents)
        self.draws = _Draws(seed)
        self.done = 0
        self.sets: list[dict[tuple[int, int], _Set]] = [{} for _ in law.agents]
        self.pasts = [1] * self.n  # how many are numbered; 0 is the empty one
        self.known: dict[tuple[Position, Joint], _Arrivals] = {}
        openings = law.openings()
        self.openings = list(accumulate(float(p) for p, _ in openings)), [at for _, at in openings]

    @property
    def count(self) -> int:
        """How many information sets were met."""
        return sum(map(len, self.sets))

    def iterate(self) -> None:
        """One walk for every agent.

        Of two agents the one that is sampled adds its strategy to its average where the walk meets
        it, which weighs it by its own reach. With others whose strategies also change that would
        mix their reach in, so then averages come from plays against uniform others.
        """
        for i in range(self.n):
            cumulative, first = self.openings
            self.walk(i, first[self.draws.index(cumulative)], 0, (0,) * self.n, 1.0)
        if self.n != 2:
            for j in range(self.n):
                self.play(self.averaging(j))
        self.done += 1

    def walk(self, i: int, at: Position, time: int, pasts: Pasts, weight: float) -> float:
        """What agent i gets from a position on, times ``weight``, the discount so far."""
        total = 0.0
        while not (self.law.over[at.state] or time == self.horizon):
            sets = self.here(at, pasts)
            taken = [
                -1 if own is None or j == i else self.averaged(own) if self.n == 2 else self.matched(own)
                for j, own in enumerate(sets)
            ]
            later = weight * float(self.law.discount[at.state])
            mine = sets[i]
            if mine is not None:
                gains = []
                for k in range(len(mine.codes)):
                    taken[i] = k
                    rewards, to, after = self.step(at, sets, taken, pasts)
                    gains.append(weight * rewards[i] + self.walk(i, to, time + 1, after, later))
                return total + _regret(mine, gains)
            rewards, at, pasts = self.step(at, sets, taken, pasts)
            total, weight, time = total + weight * rewards[i], later, time + 1
        return total

    def play(self, choose: Play) -> list[float]:
        """One play; what every agent got."""
        cumulative, first = self.openings
        at, pasts, weight, time = first[self.draws.index(cumulative)], (0,) * self.n, 1.0, 0
        got = [0.0] * self.n
        while not (self.law.over[at.state] or time == self.horizon):
            sets = self.here(at, pasts)
            taken = [-1 if own is None else choose(i, own) for i, own in enumerate(sets)]
            later = weight * float(self.law.discount[at.state])
            rewards, at, pasts = self.step(at, sets, taken, pasts)
            got = [a + weight * b for a, b in zip(got, rewards, strict=True)]
            weight, time = later, time + 1
        return got

    def matched(self, own: _Set) -> int:
        return self.draws.index(list(accumulate(own.matched())))

    def averaged(self, own: _Set) -> int:
        """As ``matched``, and the strategy is added to its average."""
        law = own.matched()
        own.totals = [a + b for a, b in zip(own.totals, law, strict=True)]
        return self.draws.index(list(accumulate(law)))

    def averaging(self, agent: int) -> Play:
        """One agent plays as ``averaged``, the others uniformly."""

        def choose(i: int, own: _Set) -> int:
            return self.averaged(own) if i == agent else int(self.draws.next() * len(own.codes))

        return choose

    def here(self, at: Position, pasts: Pasts) -> list[_Set | None]:
        """The information set of every agent that is to act."""
        out: list[_Set | None] = []
        for i, (past, seen) in enumerate(zip(pasts, at.observations, strict=True)):
            own = None if seen == NULL else self.sets[i].get((past, seen))
            if own is None and seen != NULL:
                own = _Set(list(self.law.legal(i, seen)), self.pasts[i])
                self.sets[i][past, seen] = own
                self.pasts[i] += len(own.codes)
            out.append(own)
        return out

    def step(
        self, at: Position, sets: list[_Set | None], taken: list[int], pasts: Pasts
    ) -> tuple[tuple[float, ...], Position, Pasts]:
        """Rewards, position and pasts after actions (by place), as chance will have them."""
        pairs = list(zip(sets, taken, strict=True))
        joint = tuple(NULL if own is None else own.codes[k] for own, k in pairs)
        key = at, joint
        if key not in self.known:
            found = self.law.arrivals(at, joint)
            self.known[key] = _Arrivals(
                list(accumulate(float(arrival.probability) for arrival in found)),
                [tuple(map(float, arrival.rewards)) for arrival in found],
                [arrival.position for arrival in found],
            )
        arrivals = self.known[key]
        k = self.draws.index(arrivals.cumulative)
        after = tuple(
            past if own is None else own.first + k for past, (own, k) in zip(pasts, pairs, strict=True)
        )
        return arrivals.rewards[k], arrivals.positions[k], after

    def averages(self) -> list[dict[History, Law]]:
        """Per agent the average law over all its actions, by own history."""
        out = []
        for i, own in enumerate(self.sets):
            ends: dict[int, History] = {0: ()}
            laws: dict[History, Law] = {}
            for (past, seen), here in own.items():
                history = (*ends[past], ("o", seen))
                law = [0.0] * self.law.game.action_counts[i]
                for k, (action, p) in enumerate(zip(here.codes, here.average(), strict=True)):
                    law[action] = p
                    ends[here.first + k] = (*history, ("a", action))
                laws[history] = law
            out.append(laws)
        return out

    def estimate(self, plays: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean returns of the average strategies over plays, and the means' standard errors."""
        got = np.array(
            [
                self.play(lambda i, own: self.draws.index(list(accumulate(own.average()))))
                for _ in range(plays)
            ]
        )
        errors = got.std(axis=0, ddof=1) / sqrt(plays)
        return tuple(got.mean(axis=0).tolist()), tuple(errors.tolist())


def _regret(own: _Set, gains: Law) -> float:
    """Add what every action would have gained over the strategy; the strategy's own gain."""
    value = sum(p * gain for p, gain in zip(own.matched(), gains, strict=True))
    own.regrets = [r + gain - value for r, gain in zip(own.regrets, gains, strict=True)]
    return value


class _Draws:
    """Uniform numbers, one after the other, from one stream."""

    def __init__(self, seed: int) -> None:
        self.keys, self.block = streams.seed_keys(seed, 1), 0
        self.numbers: list[float] = []

    def next(self) -> float:
        if not self.numbers:
            self.numbers = streams.uniform(self.keys, self.block, 8192)[0].tolist()
            self.block += 1
        return self.numbers.pop()

    def index(self, cumulative: Law) -> int:
        """An index by cumulative weights; none of weight 0."""
        return bisect_right(cumulative, self.next() * cumulative[-1], 0, len(cumulative) - 1)
