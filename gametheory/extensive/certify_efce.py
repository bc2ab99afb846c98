"""Certificates for extensive-form correlated equilibria: every way to disobey, leaf by leaf.

Like ``values`` this imports no solver. An agent that is told a move either obeys, or strays and plays
on as it likes without being told more; the best of all such plans is found by induction over its
information sets. The regret is what it earns beyond obeying throughout; of independent strategies it
is the regret of Nash equilibrium.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.certificates.certificate import EPSILON, Certificate, Kind
from gametheory.errors import GameError
from gametheory.extensive.sequences import Sequences, sequences
from gametheory.extensive.tree import Tree
from gametheory.extensive.values import float_tree
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, Number, as_numbers, is_exact, to_floats


def certify_efce(tree: Tree, plan: Any, epsilon: float = EPSILON) -> Certificate:
    """Test whether a correlation plan is an extensive-form correlated equilibrium.

    Args:
        tree: two agents, no chance, perfect recall.
        plan: ``[X_1, X_2]``, the weight of every pair of sequences that lie on one path.
        epsilon: the regret allowed for a ``numeric`` certificate, relative to the payoff range.

    Raises:
        GameError: the game or the plan does not fit, or the plan is none; names the pair.
    """
    if not 0 <= epsilon < math.inf:
        raise GameError(f"epsilon is {epsilon}; it must be at least 0 and finite")
    if len(tree.agents) != 2 or np.any(tree.chance & (tree.counts > 1)):
        raise GameError("correlation plans are certified for two agents without chance")
    known, z = sequences(tree), as_numbers(plan, "plan")
    if z.shape != known.counts:
        raise GameError(f"plan has shape {list(z.shape)}; it must be {list(known.counts)}")
    exact = tree.exact and is_exact(z)
    if not exact:
        tree, z = float_tree(tree), to_floats(z)
    _check_plan(tree, known, z)
    played = z[known.at[0, tree.leaves], known.at[1, tree.leaves]]
    values = tuple((tree.totals @ played).tolist())
    best = [_best(tree, known, i, z if i == 0 else z.T) for i in (0, 1)]
    regrets = tuple(top - value for top, value in zip(best, values, strict=True))
    ranges = tuple((tree.totals.max(axis=1) - tree.totals.min(axis=1)).tolist())
    kind = Kind.EXACT if exact and not any(regrets) else None
    if kind is None and all(r <= epsilon * float(w) for r, w in zip(regrets, ranges, strict=True)):
        kind = Kind.NUMERIC
    return Certificate(kind, regrets, values, regrets[0] + regrets[1], epsilon, ranges)


def _best(tree: Tree, known: Sequences, agent: int, z: Array) -> Number:
    """What the best plan of obeying and straying earns; ``z[own, other]``."""
    own, other = known.at[agent, tree.leaves], known.at[1 - agent, tree.leaves]
    paid = tree.totals[agent]
    earned = np.full(len(z), Fraction(0) if is_exact(z) else 0.0, dtype=z.dtype)
    np.add.at(earned, own, z[own, other] * paid)  # by obeying: what ends at each sequence
    sets = np.flatnonzero(tree.owners == agent)[::-1].tolist()
    for place, h in enumerate(sets):
        inside = np.isin(own, _after(tree, known, sets[: place + 1][::-1]))
        for told in _moves(tree, h):
            stray = np.zeros_like(earned)
            np.add.at(stray, own[inside], z[told, other[inside]] * paid[inside])
            for k in sets[: place + 1]:
                best = max(stray[s] for s in _moves(tree, k))
                if k == h:
                    earned[told] = max(earned[told], best)
                else:
                    stray[known.before[k]] += best
        earned[known.before[h]] += sum(earned[told] for told in _moves(tree, h))
    total: Number = earned.tolist()[0]
    return total


def _after(tree: Tree, known: Sequences, sets: list[int]) -> list[int]:
    """The sequences that pass the first of the agent's information sets given."""
    out = list(_moves(tree, sets[0]))
    for k in sets[1:]:
        if int(known.before[k]) in out:
            out += _moves(tree, k)
    return out


def _moves(tree: Tree, h: int) -> range:
    begin = tree.spans[int(tree.owners[h])].start - 1
    return range(int(tree.offsets[h]) - begin, int(tree.offsets[h + 1]) - begin)


def _check_plan(tree: Tree, known: Sequences, z: Array) -> None:
    """Weights are none below zero, start at 1, and split over the moves of every information set."""
    slack = 0 if is_exact(z) else SIMPLEX_TOLERANCE
    low = np.argwhere(z < -slack)
    if len(low):
        raise GameError(f"plan[{low[0][0]}, {low[0][1]}] is {z[tuple(low[0])]}; it must be at least 0")
    if abs(z[0, 0] - 1) > slack:
        raise GameError(f"plan[0, 0] is {z[0, 0]}; it must be 1")
    for h, other in _meetings(tree):
        agent = int(tree.owners[h])
        own = z if agent == 0 else z.T
        split, whole = sum(own[s, other] for s in _moves(tree, h)), own[int(known.before[h]), other]
        if abs(split - whole) > slack:
            raise GameError(
                f"plan does not fit agent {tree.agents[agent]}'s information set "
                f"{tree.information[h].label or h}: with the other's sequence {other} its moves weigh "
                f"{split} in all, what leads there {whole}"
            )


def _meetings(tree: Tree) -> set[tuple[int, int]]:
    """Information sets with the other's sequences that end in a set on one path with them, or nowhere."""
    out = {(h, 0) for h in range(len(tree.information))}
    passed: list[tuple[int, ...]] = [()] * len(tree)
    for node in range(len(tree)):
        above = passed[int(tree.parents[node])] if node else ()
        passed[node] = (*above, int(tree.infosets[node])) if tree.decisions[node] else above
    for leaf in tree.leaves.tolist():
        for h, k in itertools.permutations(passed[leaf], 2):
            if tree.owners[h] != tree.owners[k]:
                out |= {(h, s) for s in _moves(tree, k)}
    return out
