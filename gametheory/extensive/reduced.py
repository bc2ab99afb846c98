"""From mixtures over reduced strategies back to behaviour strategies (Kuhn 1953).

A mixture σ over an agent's reduced strategies comes along sequence q with weight ``x(q) = Σ_k σ_k [k
plays all of q]``. The behaviour strategy ``b(ha) = x(ha) / x(before h)`` comes there with the same
weight, so that with perfect recall every leaf has the same probability, whatever the others do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gametheory.extensive.sequence_form import behaviour_of_plan
from gametheory.extensive.sequences import sequences
from gametheory.extensive.tree import Profile
from gametheory.extensive.values import tree_values
from gametheory.numerics import Array
from gametheory.solution import Solution
from gametheory.solving.induced import Induced


def behaviour(form: Induced, profile: Sequence[Any]) -> Profile:
    """Behaviour strategies ``[Q_i]`` that play as the mixed strategies do; even where these never come.

    Args:
        form: a normal form made from a tree.
        profile: per agent a distribution over its reduced strategies.

    Raises:
        GameError: a profile that does not fit the normal form.
    """
    known = sequences(form.tree)
    return tuple(
        behaviour_of_plan(form.tree, known, i, _plan(form, i, known.counts[i], mixed))
        for i, mixed in enumerate(form.game.profile(profile))
    )


def in_behaviour(form: Induced, found: Solution) -> Solution:
    """A solution of the normal form as one of the tree."""
    profiles = tuple(behaviour(form, profile) for profile in found.profiles)
    return replace(
        found, profiles=profiles, values=tuple(tree_values(form.tree, profile) for profile in profiles)
    )


def _plan(form: Induced, agent: int, size: int, mixed: Array) -> Array:
    """``x[X_i]``, the weight of every sequence."""
    tree = form.tree
    begin = tree.spans[agent].start
    plan = np.zeros(size, dtype=mixed.dtype)
    for strategy, weight in zip(form.strategies[agent], mixed.tolist(), strict=True):
        plan[[0, *(1 + int(tree.offsets[h]) - begin + a for h, a in strategy.items())]] += weight
    return plan
