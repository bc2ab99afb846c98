"""How far rankings may be luck: the plays are drawn again, with replacement, and everybody is ranked anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gametheory import streams
from gametheory.numerics import Array
from learners.crossplay.ranking import MOST_STATES, Ranking, Scores, coarse, matches, rank

REPLICAS = 200
MOST_ENTRANTS = 12
"""Entrants up to which there are all replicas; beyond, there are 50, without Nash averaging."""
KINDS = ("mean", "elo", "alpha_rank", "nash_weights")


Drawn = tuple[Array, Scores | None]
"""Payoffs ``[m, K, …, K]``, and how matches ended where that is known."""


@dataclass(frozen=True)
class Stability:
    """Of one kind of ranking, over the replicas."""

    top: float
    """Share in which the same entrant leads."""
    order: float
    """Share in which the whole order is the same."""


def of_plays(samples: Array, ranges: Array, seed: int, *, replicas: int = REPLICAS) -> dict[str, Stability]:
    """How rankings hold where plays are drawn again; the same plays in all cells, since they share their luck.

    Args:
        samples: ``[P, m, K, …, K]``.
        ranges: ``[m]``.
        seed: of the draws.
        replicas: how often.
    """
    plays, shape = len(samples), samples.shape[1:]
    flat = samples.reshape(plays, -1)
    won = matches(samples, ranges) if shape[0] == 2 else None

    def weighted(counts: Array) -> Drawn:
        share = counts / plays
        scores = None if won is None else Scores(np.tensordot(share, won, axes=1), plays)
        return np.asarray((share @ flat).reshape(shape)), scores

    def drawn(row: Array) -> Drawn:
        return weighted(np.bincount((row * plays).astype(np.int64), minlength=plays))

    return _over(weighted(np.ones(plays)), drawn, plays, ranges, seed, replicas)


def of_seeds(
    payoffs: Array, groups: Array, ranges: Array, seed: int, *, replicas: int = REPLICAS
) -> dict[str, Stability]:
    """How rankings of groups hold where their members, seeds of an algorithm, are drawn again.

    Args:
        payoffs: ``[m, K, …, K]`` of the members.
        groups: ``[K]``, the group of each; all of one size.
        ranges: ``[m]``.
        seed: of the draws.
        replicas: how often.
    """
    count = int(groups.max()) + 1
    members = [np.flatnonzero(groups == g) for g in range(count)]

    def drawn(row: Array) -> Drawn:
        weights = np.zeros((count, len(groups)))
        places = np.split(row, np.cumsum([len(own) for own in members])[:-1])
        for g, (own, at) in enumerate(zip(members, places, strict=True)):
            np.add.at(weights[g], own[(at * len(own)).astype(np.int64)], 1 / len(own))
        return grouped(payoffs, weights), None

    even = np.stack([(groups == g) / max(1, (groups == g).sum()) for g in range(count)])
    return _over((grouped(payoffs, even), None), drawn, len(groups), ranges, seed, replicas)


def grouped(payoffs: Array, weights: Array) -> Array:
    """``[m, G, …, G]``: payoffs of mixtures ``weights [G, K]`` over entrants, on every side."""
    out = payoffs
    for axis in range(1, payoffs.ndim):
        out = np.moveaxis(np.tensordot(out, weights, axes=(axis, 1)), -1, axis)
    return np.asarray(out)


def _over(
    first: Drawn, drawn: Callable[[Array], Drawn], columns: int, ranges: Array, seed: int, replicas: int
) -> dict[str, Stability]:
    payoffs = first[0]
    few = payoffs.shape[1] <= MOST_ENTRANTS
    replicas = replicas if few else min(replicas, 50)
    if len(payoffs) > 2 and payoffs[0].size > MOST_STATES // 10:
        return {}  # the chain of every replica would take too long

    def ranked(found: Drawn) -> Ranking:
        return rank(found[0], ranges, found[1], averaging=few)

    uniform = streams.uniform(streams.seed_keys(seed, replicas), 0, columns)
    whole, again = ranked(first), [ranked(drawn(row)) for row in uniform]
    return {
        kind: Stability(
            float(np.mean([_order(own, kind)[0] == _order(whole, kind)[0] for own in again])),
            float(np.mean([_order(own, kind) == _order(whole, kind) for own in again])),
        )
        for kind in KINDS
        if getattr(whole, kind) is not None and all(getattr(own, kind) is not None for own in again)
    }


def _order(ranking: Ranking, kind: str) -> list[int]:
    values: Array = getattr(ranking, kind)
    order: list[int] = np.argsort(-coarse(values), kind="stable").tolist()
    return order
