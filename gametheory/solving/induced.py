"""The normal form that a finite game of several moves induces: reduced pure strategies as actions.

A reduced strategy says what an agent does at every information set that its own earlier choices do not
rule out, and nothing elsewhere (Kuhn 1953): strategies that differ only there pay the same whatever the
others do. Agent i has N(∅) of them, where

    N(q) = Π_{h led to by q} Σ_a N(ha)

over its sequences q (von Stengel 1996).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.sequences import Sequences, sequences
from gametheory.extensive.tree import Tree
from gametheory.extensive.unroll import unroll
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, is_exact, settle
from gametheory.posg import POSG
from gametheory.tables.rules import rules

MOST_PAYOFFS = 1_000_000
"""Numbers in a payoff tensor beyond which no normal form is built unless a higher limit is asked for."""

MOST_NODES = 200_000
"""Nodes of a tree from which normal forms are made."""

Strategy = dict[int, int]
"""Information set to the place of the action among its own; in order of the information sets."""


@dataclass(frozen=True)
class Induced:
    """A normal form and what its actions prescribe."""

    game: NormalForm
    strategies: tuple[tuple[Strategy, ...], ...]
    """Per agent and action the reduced strategy."""
    tree: Tree


def induced_normal_form(
    game: POSG | AECG | Tree, horizon: int | None = None, *, limit: int = MOST_PAYOFFS
) -> Induced:
    """The game as one choice of a reduced pure strategy by each agent; exact where the game is.

    Actions are named by what they prescribe: ``"J: pass; J / bet: pass; …"``, or by the action alone where
    the agent has one information set.

    Args:
        game: a POSG, an AECG or a tree.
        horizon: in the game's own steps; None: until play ends, which it must. A tree has its own.
        limit: most payoffs, over all agents; their number is known before any is computed.

    Raises:
        GameError: too many payoffs, a tree too large, no end and no horizon, or an agent that forgets.
    """
    if isinstance(game, Tree):
        if horizon is not None:
            raise GameError("a tree ends by itself; drop the horizon")
        tree = game
    else:
        nodes = count_nodes(rules(game), horizon)
        if nodes is not None and nodes > MOST_NODES:
            raise GameError(
                f"the game's tree has {nodes:,} nodes; normal forms are made of trees of at most "
                f"{MOST_NODES:,}: shorten the horizon, or solve the game as it is"
            )
        tree = unroll(game, horizon)
    known = sequences(tree)
    counts = strategy_counts(tree, known)
    size = len(counts) * math.prod(counts)
    if size > limit:
        shape = " × ".join(f"{count:,}" if count < 10**9 else f"about {_power(count)}" for count in counts)
        raise GameError(
            f"the normal form would have {shape} reduced strategies; at most {limit:,} payoffs are "
            "computed: shorten the horizon, or solve the game as it is"
        )
    strategies = tuple(_strategies(tree, known, i) for i in range(len(counts)))
    named = [_names(tree, i, own) for i, own in enumerate(strategies)]
    payoffs = _payoffs(tree, known, [_plays(tree, known, i, own) for i, own in enumerate(strategies)])
    return Induced(NormalForm(payoffs, tree.agents, named, title=tree.title), strategies, tree)


def strategy_counts(tree: Tree, known: Sequences) -> tuple[int, ...]:
    """``N(∅)`` of every agent, without listing a strategy."""
    numbers = [[1] * count for count in known.counts]
    for h in range(len(tree.information) - 1, -1, -1):
        agent, begin = _where(tree, h)
        ways = sum(numbers[agent][begin : begin + int(tree.widths[h])])
        numbers[agent][int(known.before[h])] *= ways
    return tuple(own[0] for own in numbers)


def _where(tree: Tree, h: int) -> tuple[int, int]:
    """An information set's agent, and the first of the sequences that end in it."""
    agent = int(tree.owners[h])
    return agent, 1 + int(tree.offsets[h]) - tree.spans[agent].start


def _strategies(tree: Tree, known: Sequences, agent: int) -> tuple[Strategy, ...]:
    """All reduced strategies of an agent; the actions of later information sets vary fastest."""
    after: dict[int, list[Strategy]] = {}  # what may be done from a sequence on
    for h in np.flatnonzero(tree.owners == agent)[::-1].tolist():
        _, begin = _where(tree, h)
        here = [
            {h: a} | follows for a in range(int(tree.widths[h])) for follows in after.pop(begin + a, [{}])
        ]
        before = int(known.before[h])
        after[before] = [one | other for one, other in itertools.product(here, after.get(before, [{}]))]
    return tuple(dict(sorted(strategy.items())) for strategy in after.get(0, [{}]))


def _plays(tree: Tree, known: Sequences, agent: int, strategies: Sequence[Strategy]) -> Array:
    """``[strategies, sequences]`` bool: whether the strategy plays all of the sequence."""
    out = np.zeros((len(strategies), known.counts[agent]), dtype=bool)
    out[:, 0] = True
    for k, strategy in enumerate(strategies):
        out[k, [_where(tree, h)[1] + a for h, a in strategy.items()]] = True
    return out


def _payoffs(tree: Tree, known: Sequences, plays: Sequence[Array]) -> Array:
    """``[n, N_1, …, N_n]``: ``Σ_leaf Pr(chance) · payoff`` over leaves that the strategies play to."""
    chance = np.array(tree.probabilities)
    for level in tree.levels[1:]:
        chance[level] = chance[level] * chance[tree.parents[level]]
    paid = tree.totals * chance[tree.leaves]  # [n, L]
    whole, unit = _scaled(settle(paid))
    out, ahead = whole[:, None], known.at[:, tree.leaves]  # [n, strategies so far, L], [agents to come, L]
    for own in plays:
        rest, group = np.unique(ahead[1:], axis=1, return_inverse=True)
        wider = np.zeros((*out.shape[:2], len(own), rest.shape[1]), dtype=whole.dtype)
        for k in range(rest.shape[1]):
            some = np.flatnonzero(group.reshape(-1) == k)
            wider[..., k] = out[..., some] @ own[:, ahead[0, some]].T.astype(whole.dtype)
        out, ahead = wider.reshape(len(paid), -1, rest.shape[1]), rest
    tensor = out[..., 0].reshape(len(paid), *map(len, plays))
    if unit is None:
        return tensor
    exact = np.empty(tensor.size, dtype=object)
    exact[:] = [Fraction(int(number), unit) for number in tensor.ravel().tolist()]
    return exact.reshape(tensor.shape)


def _scaled(paid: Array) -> tuple[Array, int | None]:
    """Rationals as integers over a common unit, in floats where every sum of them fits; floats as they are."""
    if not is_exact(paid):
        return paid, None
    unit = math.lcm(*(number.denominator for number in paid.ravel()))
    whole = np.array([int(number * unit) for number in paid.ravel()], dtype=object).reshape(paid.shape)
    small = sum(abs(number) for number in whole.ravel()) < 2**53
    return whole.astype(np.float64) if small else whole, unit


def _names(tree: Tree, agent: int, strategies: Sequence[Strategy]) -> list[str]:
    """What each strategy prescribes, in words."""
    sets = np.flatnonzero(tree.owners == agent).tolist()
    if not sets:
        return ["no move"]
    if len(sets) == 1:
        return [tree.information[h].actions[a] for strategy in strategies for h, a in strategy.items()]
    return [
        "; ".join(
            f"{tree.information[h].label or f'information set {h + 1}'}: {tree.information[h].actions[a]}"
            for h, a in strategy.items()
        )
        for strategy in strategies
    ]


def _power(count: int) -> str:
    return f"10^{len(str(count)) - 1}"
