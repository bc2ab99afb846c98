"""Values and best responses in trees: exact where the tree and the strategies are.

For agent i and behaviour strategies b, with w(k) the product of chance's and the others' probabilities
on the way to node k,

    J^i(b) = Σ_k Pr_b(k) · payoffs[i, k],
    G(q) = Σ_{k: i's sequence at k is q} w(k) payoffs[i, k] + Σ_{h led to by q} max_a G(ha),

and G of the empty sequence is the best-response value (Koller, Megiddo & von Stengel 1996).
This is machinery of certificates: it imports no solver, and no solver may import it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gametheory.certificates.certificate import EPSILON, Certificate, Kind
from gametheory.errors import GameError
from gametheory.extensive.sequences import Sequences, sequences
from gametheory.extensive.tree import Profile, Tree
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, Number, as_numbers, freeze, is_exact, to_floats


class TreeResponse(NamedTuple):
    """What an agent can get at most against the others, and how."""

    value: Number
    strategy: Array  # [Q_i], deterministic


def check_profile(tree: Tree, profile: Sequence[ArrayLike]) -> Profile:
    """Behaviour strategies, one per agent, checked and frozen.

    Raises:
        GameError: a wrong number of strategies or probabilities, or no distribution at an
            information set; names it.
    """
    if len(profile) != len(tree.agents):
        raise GameError(f"profile has {len(profile)} strategies; the game has {len(tree.agents)} agents")
    out = []
    for i, (own, span) in enumerate(zip(profile, tree.spans, strict=True)):
        array = as_numbers(own, f"profile[{i}]")
        if array.shape != (span.stop - span.start,):
            raise GameError(
                f"profile[{i}] has shape {list(array.shape)}; the information sets of agent "
                f"{tree.agents[i]} have {span.stop - span.start} actions in all"
            )
        out.append(array)
    every = np.concatenate(out)
    if not len(every):
        return tuple(out)
    sums = np.add.reduceat(every, tree.offsets[:-1])
    off = abs(sums - 1) > (0 if is_exact(sums) else SIMPLEX_TOLERANCE)
    low = np.minimum.reduceat(every, tree.offsets[:-1]) < 0
    if np.any(off | low):
        h = int(np.argmax(off | low))
        own_set = tree.information[h]
        reason = "has a negative probability" if low[h] else f"sums to {sums[h]}"
        raise GameError(
            f"the strategy of agent {tree.agents[own_set.agent]} at information set {own_set.label or h} {reason}"
        )
    return tuple(out)


def uniform_profile(tree: Tree) -> Profile:
    """Every action of an information set with the same probability."""
    every = np.array([Fraction(1, int(w)) for w in tree.widths for _ in range(w)], dtype=object)
    return tuple(freeze(every[span]) for span in tree.spans)


def reach_probabilities(tree: Tree, profile: Profile, without: int | None = None) -> Array:
    """``[K]``: probability of reaching each node, leaving out the moves of one agent if asked."""
    every = np.concatenate(profile)
    if without is not None:
        every = every.copy()
        every[tree.spans[without]] = 1
    step = tree.probabilities.astype(every.dtype) if is_exact(every) else to_floats(tree.probabilities)
    step = step.copy()
    moved = tree.entries >= 0
    step[moved] = every[tree.entries[moved]]
    out = np.empty_like(step)
    out[0] = 1
    for level in tree.levels[1:]:
        out[level] = out[tree.parents[level]] * step[level]
    return out


def tree_values(tree: Tree, profile: Sequence[ArrayLike]) -> tuple[Number, ...]:
    """``J^i(b)`` of every agent.

    Raises:
        GameError: as ``check_profile``.
    """
    tree, own = _common_numbers(tree, check_profile(tree, profile))
    return tuple((tree.payoffs @ reach_probabilities(tree, own)).tolist())


def tree_best_response(
    tree: Tree, agent: int, profile: Sequence[ArrayLike], known: Sequences | None = None
) -> TreeResponse:
    """``max_b' J^i(b', b^-i)`` and a deterministic strategy that earns it.

    Args:
        tree: with perfect recall.
        agent: whose best response.
        profile: behaviour strategies; the agent's own is not read.
        known: ``sequences(tree)``, where it is at hand.

    Raises:
        GameError: as ``check_profile`` and ``sequences``.
    """
    tree, own = _common_numbers(tree, check_profile(tree, profile))
    return _response(tree, agent, own, known or sequences(tree))


def _response(tree: Tree, agent: int, profile: Profile, known: Sequences) -> TreeResponse:
    weights = reach_probabilities(tree, profile, without=agent)
    nothing = Fraction(0) if is_exact(weights) else 0.0
    gains = np.full(known.counts[agent], nothing, dtype=weights.dtype)
    np.add.at(gains, known.at[agent], weights * tree.payoffs[agent])
    begin = tree.spans[agent].start
    strategy = np.full(known.counts[agent] - 1, nothing, dtype=weights.dtype)
    for h in np.flatnonzero(tree.owners == agent)[::-1].tolist():
        low, high = int(tree.offsets[h]) - begin, int(tree.offsets[h + 1]) - begin
        best = low + int(np.argmax(gains[1 + low : 1 + high]))
        strategy[best] = 1 + nothing
        gains[known.before[h]] += gains[1 + best]
    return TreeResponse(gains.tolist()[0], freeze(strategy))


def certify_tree(tree: Tree, profile: Sequence[ArrayLike], epsilon: float = EPSILON) -> Certificate:
    """Recompute every agent's regret over all its strategies and grade the profile.

    ``exact`` asks for rational regrets that are all 0; ``numeric`` for regrets of at most epsilon
    times the range of the agent's payoffs over the leaves, up to floating-point rounding.

    Raises:
        GameError: no perfect recall, or a profile that does not fit.
    """
    if not 0 <= epsilon < math.inf:
        raise GameError(f"epsilon is {epsilon}; it must be at least 0 and finite")
    known = sequences(tree)
    ranges = tuple((tree.totals.max(axis=1) - tree.totals.min(axis=1)).tolist())
    tree, own = _common_numbers(tree, check_profile(tree, profile))
    values = tuple((tree.payoffs @ reach_probabilities(tree, own)).tolist())
    best = [_response(tree, i, own, known).value for i in range(len(tree.agents))]
    regrets = tuple(top - value for top, value in zip(best, values, strict=True))
    if not is_exact(tree.payoffs):
        regrets = tuple(max(regret, 0.0) for regret in regrets)
    return Certificate(
        kind=_grade(regrets, ranges, epsilon, is_exact(tree.payoffs)),
        regrets=regrets,
        values=values,
        nash_conv=sum(regrets[1:], regrets[0]),
        epsilon=epsilon,
        payoff_ranges=ranges,
    )


def tree_nash_conv(tree: Tree, profile: Sequence[ArrayLike]) -> Number:
    """``Σ_i max_b' J^i(b', b^-i) − J^i(b)``."""
    return certify_tree(tree, profile).nash_conv


def _grade(regrets: Sequence[Number], ranges: Sequence[Number], epsilon: float, exact: bool) -> Kind | None:
    if exact and not any(regrets):
        return Kind.EXACT
    within = all(regret <= epsilon * float(width) for regret, width in zip(regrets, ranges, strict=True))
    return Kind.NUMERIC if within else None


def _common_numbers(tree: Tree, profile: Profile) -> tuple[Tree, Profile]:
    """Tree and strategies both in rationals, or else both in floats."""
    if tree.exact and all(map(is_exact, profile)):
        return tree, profile
    return float_tree(tree), tuple(to_floats(own) for own in profile)


def float_tree(tree: Tree) -> Tree:
    """The same tree in float64."""
    if not is_exact(tree.payoffs) and not is_exact(tree.probabilities):
        return tree
    from dataclasses import replace

    return replace(tree, payoffs=to_floats(tree.payoffs), probabilities=to_floats(tree.probabilities))
