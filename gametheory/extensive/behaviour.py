"""Strategies of an unrolled tree and policies of the game it came from, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.extensive.tree import InformationSet, Profile, Tree
from gametheory.numerics import Array, freeze, is_exact, settle
from gametheory.policies.controllers import HistoryPolicy
from gametheory.policies.history import Actor, actors, probabilities_after
from gametheory.policy import Policy, uniform_table
from gametheory.posg import POSG
from gametheory.tables.rules import rules


def to_policies(tree: Tree, game: POSG | AECG, profile: Profile) -> tuple[HistoryPolicy, ...]:
    """One policy over own histories per agent; uniform where the tree has no such history.

    Raises:
        GameError: the tree was not unrolled from a game, or the profile does not fit.
    """
    every = np.concatenate(profile)
    tables: list[dict[tuple[tuple[str, int], ...], Array]] = [{} for _ in tree.agents]
    for h, own in enumerate(tree.information):
        law = every[tree.offsets[h] : tree.offsets[h + 1]]
        full = np.full(game.action_counts[own.agent], Fraction(0) if is_exact(law) else 0.0, dtype=law.dtype)
        full[list(own.codes)] = law
        tables[own.agent][_history(own)] = full
    rows = isinstance(game, POSG)  # `start` has the last row
    return tuple(
        HistoryPolicy(table, uniform_table(count, legal, seen + rows).table)
        for table, count, legal, seen in zip(
            tables, game.action_counts, game.legal, game.observation_counts, strict=True
        )
    )


def to_behaviour(tree: Tree, game: POSG | AECG, profile: Sequence[Policy]) -> Profile:
    """The policies' action probabilities at every information set of the game's tree.

    A policy is uniform where it has itself ruled the history out: no play comes there.

    Raises:
        GameError: the tree was not unrolled from a game, or a policy that does not fit it or does
            not tell its probabilities.
    """
    known = actors(rules(game), profile)
    laws: list[list[Array]] = [[] for _ in tree.agents]
    for own in tree.information:
        laws[own.agent].append(_law(known[own.agent], own, game.action_counts[own.agent]))
    empty = np.zeros(0, dtype=object)
    return tuple(settle(np.concatenate(own) if own else empty) for own in laws)


def _law(actor: Actor, own: InformationSet, actions: int) -> Array:
    try:
        law = probabilities_after(actor, _history(own), actions)
    except GameError as error:
        if "never plays" not in str(error):
            raise
        return freeze(np.full(len(own.codes), Fraction(1, len(own.codes)), dtype=object))
    return np.asarray(law[list(own.codes)])


def _history(own: InformationSet) -> tuple[tuple[str, int], ...]:
    if own.history is None:
        raise GameError("the tree was not unrolled from a game; its information sets hold no histories")
    return own.history
