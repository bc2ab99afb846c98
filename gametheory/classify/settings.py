"""The four reward settings, over any set of reward vectors.

| setting | condition |
| --- | --- |
| fully cooperative | for all i, j: R^i = R^j |
| cooperative | for all i, j there is k > 0 with R^i ≥ k R^j |
| competitive | for some i, j there is k < 0 with R^i ≥ k R^j |
| zero-sum | Σ_i R^i = 0 |

(M. Straka, NPFL139 lecture notes, 2024.) The source leaves open whether one k serves everywhere
(*uniform*) or each place has its own (*pointwise*), and whether i = j counts (*same agent*). Taken
literally the settings overlap: two never negative rewards are competitive with i ≠ j; one never
negative reward is with i = j; neither survives adding a constant to the rewards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

from gametheory.classify.finding import Finding
from gametheory.numerics import Array, to_fractions

Readings = dict[str, Finding]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Interval:
    """All feasible k. ``None`` is infinity; infinite and zero ends are open, others closed."""

    low: Fraction | None
    high: Fraction | None

    def document(self) -> dict[str, Any]:
        """Both ends and whether they belong to the interval."""
        return {
            "low": self.low,
            "low_closed": self.low not in (None, 0),
            "high": self.high,
            "high_closed": self.high not in (None, 0),
        }


@dataclass(frozen=True)
class Rewards:
    """Distinct reward vectors ``[K, n]`` and where each was first seen."""

    vectors: list[list[Fraction]]
    places: list[Any]
    agents: Sequence[str]

    def at(self, indices: Iterable[int]) -> list[dict[str, Any]]:
        """Places with their rewards, for a witness."""
        return [{"at": self.places[t], "rewards": self.vectors[t]} for t in indices]

    def names(self, pair: Pair) -> list[str]:
        """The two agents' names."""
        return [self.agents[i] for i in pair]


def reward_settings(
    rewards: Array, places: Sequence[Any] | None = None, agents: Sequence[str] | None = None
) -> dict[str, Readings]:
    """Judge the four settings in all their readings, each with an exact witness.

    Args:
        rewards: ``[n, K]``, column t the agents' rewards at place t; floats count as the binary
            rationals they are.
        places: K labels (of joint actions, of triples (s, a, s')), for the witnesses.
        agents: n names.

    Returns:
        Setting to reading to ``Finding``.
    """
    table = to_fractions(rewards)
    first: dict[tuple[Fraction, ...], int] = {}
    for t, vector in enumerate(table.T.tolist()):
        first.setdefault(tuple(vector), t)
    distinct = Rewards(
        vectors=[list(vector) for vector in first],
        places=[t if places is None else places[t] for t in first.values()],
        agents=agents if agents is not None else [str(i + 1) for i in range(len(table))],
    )
    return {
        "fully cooperative": {"literal": _fully_cooperative(distinct)},
        "cooperative": {
            "uniform": _cooperative_uniform(distinct),
            "pointwise": _cooperative_pointwise(distinct),
        },
        "competitive": _competitive(distinct),
        "zero-sum": {"literal": _zero_sum(distinct)},
    }


def _fully_cooperative(rewards: Rewards) -> Finding:
    for t, vector in enumerate(rewards.vectors):
        for i, own in enumerate(vector):
            if own != vector[0]:
                return Finding(False, {"pair": rewards.names((0, i)), "places": rewards.at([t])})
    return Finding(True, {"all rewards equal": True})


def _zero_sum(rewards: Rewards) -> Finding:
    for t, vector in enumerate(rewards.vectors):
        if sum(vector) != 0:
            return Finding(False, {"places": rewards.at([t]), "sum": sum(vector, Fraction(0))})
    return Finding(True, {"sum": Fraction(0)})


def _uniform(rewards: Rewards, pair: Pair, sign: int) -> Interval | list[int]:
    """All k of one sign with ``R^i ≥ k R^j`` everywhere, or the one or two places that forbid it."""
    i, j = pair
    low: tuple[Fraction, int] | None = None
    high: tuple[Fraction, int] | None = None
    for t, vector in enumerate(rewards.vectors):
        if not _feasible_at(vector[i], vector[j], sign):
            return [t]
        if vector[j] == 0:
            continue
        bound = vector[i] / vector[j]
        if vector[j] > 0 and (high is None or bound < high[0]):
            high = (bound, t)
        elif vector[j] < 0 and (low is None or bound > low[0]):
            low = (bound, t)
    if low and high and low[0] > high[0]:
        return [low[1], high[1]]
    bottom, top = low[0] if low else None, high[0] if high else None
    if sign > 0:
        return Interval(Fraction(0) if bottom is None or bottom < 0 else bottom, top)
    return Interval(bottom, Fraction(0) if top is None or top > 0 else top)


def _feasible_at(own: Fraction, other: Fraction, sign: int) -> bool:
    """Whether some k of this sign satisfies ``own ≥ k · other``."""
    if other == 0:
        return own >= 0
    return own > 0 or (other < 0) == (sign > 0)


def _cooperative_uniform(rewards: Rewards) -> Finding:
    intervals = []
    for pair in permutations(range(len(rewards.agents)), 2):
        found = _uniform(rewards, pair, +1)
        if isinstance(found, list):
            return Finding(False, {"pair": rewards.names(pair), "places": rewards.at(found)})
        intervals.append({"pair": rewards.names(pair), "k": found.document()})
    return Finding(True, {"intervals": intervals})


def _cooperative_pointwise(rewards: Rewards) -> Finding:
    """Both directions together: everywhere all rewards have one sign; then k = R^i / R^j, or 1 at 0."""
    for t, vector in enumerate(rewards.vectors):
        for i, j in permutations(range(len(rewards.agents)), 2):
            if not _feasible_at(vector[i], vector[j], +1):
                return Finding(False, {"pair": rewards.names((i, j)), "places": rewards.at([t])})
    signs = [
        {"at": place, "sign": (vector[0] > 0) - (vector[0] < 0)}
        for place, vector in zip(rewards.places, rewards.vectors, strict=True)
    ]
    return Finding(True, {"common signs": signs})


def _competitive(rewards: Rewards) -> Readings:
    different = list(permutations(range(len(rewards.agents)), 2))
    same = [(i, i) for i in range(len(rewards.agents))]
    return {
        "uniform": _competitive_uniform(rewards, different),
        "pointwise": _competitive_pointwise(rewards, different),
        "uniform_same_agent": _competitive_uniform(rewards, different + same),
        "pointwise_same_agent": _competitive_pointwise(rewards, different + same),
    }


def _competitive_uniform(rewards: Rewards, pairs: list[Pair]) -> Finding:
    intervals, refuted = [], []
    for pair in pairs:
        found = _uniform(rewards, pair, -1)
        if isinstance(found, list):
            refuted.append({"pair": rewards.names(pair), "places": rewards.at(found)})
        else:
            intervals.append({"pair": rewards.names(pair), "k": found.document()})
    return Finding(True, {"intervals": intervals}) if intervals else Finding(False, {"refuted": refuted})


def _competitive_pointwise(rewards: Rewards, pairs: list[Pair]) -> Finding:
    refuted = []
    for i, j in pairs:
        names = rewards.names((i, j))
        bad = [t for t, r in enumerate(rewards.vectors) if not _feasible_at(r[i], r[j], -1)]
        if not bad:
            ks = [_negative_k(vector[i], vector[j]) for vector in rewards.vectors]
            chosen = [{"at": place, "k": k} for place, k in zip(rewards.places, ks, strict=True)]
            return Finding(True, {"pair": names, "k": chosen})
        refuted.append({"pair": names, "places": rewards.at(bad[:1])})
    return Finding(False, {"refuted": refuted})


def _negative_k(own: Fraction, other: Fraction) -> Fraction:
    """The k nearest to −1 with ``k < 0`` and ``own ≥ k · other``."""
    if other == 0:
        return Fraction(-1)
    bound = own / other
    return min(Fraction(-1), bound) if other > 0 else max(Fraction(-1), bound)
