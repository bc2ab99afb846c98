"""Trees and subgames of whatever information, solved with what fits them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gametheory.errors import GameError
from gametheory.extensive.backward_induction import backward_induction
from gametheory.extensive.sequence_form import constant_total, sequence_form
from gametheory.extensive.sequences import sequences
from gametheory.extensive.tree import Tree
from gametheory.extensive.values import tree_values
from gametheory.numerics import freeze
from gametheory.solution import Solution
from gametheory.solvers.clock import Clock

MOST_STRATEGIES = 24
"""Reduced strategies, one per agent not counted, up to which all equilibria are listed."""

MOST_SUPPORTS = 2_000
"""Joint supports of more than two agents that are searched for all equilibria."""


def subgame_perfect(
    tree: Tree, exact: bool = False, clock: Clock | None = None, *, all_equilibria: bool = False
) -> Solution:
    """Backward induction, with every subgame of imperfect information solved whole.

    Args:
        tree: perfect recall.
        exact: rationals throughout.
        clock: its time limit is kept.
        all_equilibria: follow up all ties and all that is found in subgames.

    Raises:
        GameError: a subgame for which there is no method.
        LimitReached: the clock ran out.
    """
    whole = all_of_whole if all_equilibria else solve_whole
    return backward_induction(tree, exact, clock, all_equilibria=all_equilibria, whole=whole)


def solve_whole(tree: Tree, exact: bool, clock: Clock) -> Solution:
    """An equilibrium of a tree taken as one game.

    Where at most two agents move the others only watch, and methods for two agents serve.

    Raises:
        GameError: no perfect recall; or exact answers asked for where there are none.
        LimitReached: the clock ran out.
    """
    pair = _pair(tree)
    if pair is not None:
        return pair.for_all(tree, _one_of_two(pair.tree, exact, clock))
    if exact:
        return _exact_of_many(tree, clock)
    from gametheory.extensive.agent_qre import agent_qre

    return agent_qre(tree, exact, clock)


def _exact_of_many(tree: Tree, clock: Clock) -> Solution:
    """An equilibrium of more than two agents, rational if the first support that has one allows it."""
    from gametheory.extensive.reduced import in_behaviour
    from gametheory.solvers.n_agents.supports import first_support
    from gametheory.solving.induced import induced_normal_form

    if not _is_small(tree):
        raise GameError(
            f"more than two agents move in {tree.title or 'the tree'}, too large for exact answers; ask for floats"
        )
    form = induced_normal_form(tree)
    found = first_support(form.game, True, clock)
    if not found.profiles:
        raise GameError(f"{tree.title or 'the tree'}: {found.why}; ask for floats")
    return in_behaviour(form, found)


def _one_of_two(tree: Tree, exact: bool, clock: Clock) -> Solution:
    if is_constant_sum(tree):
        return sequence_form(tree, exact, clock)
    from gametheory.extensive.lemke import sequence_form_lemke

    return sequence_form_lemke(tree, exact, clock)


def all_of_whole(tree: Tree, exact: bool, clock: Clock) -> Solution:
    """All equilibria of a small tree in which at most two agents move; of others those that are found.

    Of infinitely many the extreme ones in reduced strategies; with more than two agents the isolated
    ones, or the pure ones of larger trees. Strategies that differ only where their agent does not
    come count as one.

    Raises:
        GameError: as ``solve_whole``.
        LimitReached: the clock ran out.
    """
    if not _is_small(tree):
        return solve_whole(tree, exact, clock)
    from gametheory.extensive.reduced import in_behaviour
    from gametheory.solving.induced import induced_normal_form

    pair = _pair(tree)
    if pair is not None:
        from gametheory.solvers.vertex_enumeration import vertex_enumeration

        form = induced_normal_form(pair.tree)
        found = in_behaviour(form, vertex_enumeration(form.game, exact, clock))
        finite = found.complete and bool(found.parameters["finite"])
        return replace(pair.for_all(tree, found), complete=finite)
    form = induced_normal_form(tree)
    if math.prod(2**count - 1 for count in form.game.shape) <= MOST_SUPPORTS:
        from gametheory.solvers.n_agents.supports import support_enumeration

        found = support_enumeration(form.game, exact, clock)
        finite = all(len(corners) == 1 for corners in found.components)
        found = replace(found, complete=found.complete and finite)
    else:
        from gametheory.solvers.pure import pure_equilibria

        found = pure_equilibria(form.game, exact, clock)
    return in_behaviour(form, found) if found.profiles else solve_whole(tree, exact, clock)


def _is_small(tree: Tree) -> bool:
    from gametheory.solving.induced import strategy_counts

    counts = strategy_counts(tree, sequences(tree))
    return sum(counts) - len(counts) < MOST_STRATEGIES


def is_constant_sum(tree: Tree) -> bool:
    """Whether there are two agents that get the same in all wherever play ends."""
    try:
        constant_total(tree)
    except GameError:
        return False
    return True


class _Pair(NamedTuple):
    """A tree with two agents, among them all that move."""

    tree: Tree
    agents: tuple[int, ...]
    """Their places among all agents; a second one that is nobody has none."""

    def for_all(self, tree: Tree, found: Solution) -> Solution:
        """The pair's solution for all agents; who only watches has nothing to decide."""
        if self.tree is tree:
            return found
        empty = freeze(np.zeros(0, dtype=object))
        profiles = tuple(
            tuple(
                profile[self.agents.index(i)] if i in self.agents else empty for i in range(len(tree.agents))
            )
            for profile in found.profiles
        )
        values = tuple(tree_values(tree, profile) for profile in profiles)
        return replace(found, profiles=profiles, values=values)


def _pair(tree: Tree) -> _Pair | None:
    """The tree for the agents that move, with one that watches or nobody beside a single one."""
    if len(tree.agents) == 2:
        return _Pair(tree, (0, 1))
    movers = np.unique(tree.owners).tolist()
    if len(movers) > 2:
        return None
    watching = [i for i in range(len(tree.agents)) if i not in movers]
    kept = sorted([*movers, *watching][:2])
    payoffs, names = tree.payoffs[kept], [tree.agents[i] for i in kept]
    if len(kept) == 1:
        payoffs, names = np.concatenate([payoffs, payoffs * 0]), [*names, "nobody"]
    information = tuple(replace(own, agent=kept.index(own.agent)) for own in tree.information)
    pair = replace(tree, payoffs=payoffs, agents=tuple(names), information=information)
    return _Pair(pair, tuple(kept))
