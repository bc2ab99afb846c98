"""Mixtures of policies as points of a formal game, where their parts can be put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gametheory.continuous import Mixture
from gametheory.numerics import Array, to_floats
from learners.judge.reference import IntervalReference, MatrixReference, Reference
from learners.judge.sequential import TreeReference

PLAYED = 1e-9
"""Weights up to here count as none."""


def mixed(
    reference: Reference, parts: Sequence[Sequence[Array]], weights: Sequence[Array]
) -> tuple[Any, ...] | None:
    """The profile in which agent i draws one of its policies before each play.

    Mixed strategies and realisation plans add up; actions on an interval make a mixture. Tables over
    observations do neither: None, unless nobody mixes.

    Args:
        reference: what the parts are points of.
        parts: per agent the part of each of its policies.
        weights: per agent how often it draws each.
    """
    chances = [np.where((w := to_floats(np.asarray(own))) > PLAYED, w, 0.0) for own in weights]
    chances = [own / own.sum() for own in chances]
    if all(np.count_nonzero(own) == 1 for own in chances):
        return tuple(own[int(np.argmax(chance))] for own, chance in zip(parts, chances, strict=True))
    if isinstance(reference, MatrixReference | TreeReference):
        return tuple(chance @ np.stack(own) for own, chance in zip(parts, chances, strict=True))
    if isinstance(reference, IntervalReference):
        return tuple(_mixture(own, chance) for own, chance in zip(parts, chances, strict=True))
    return None


def _mixture(points: Sequence[Array], chance: Array) -> Mixture:
    played = np.flatnonzero(chance).tolist()
    return Mixture(np.concatenate([points[k] for k in played]), chance[played])
