"""Decision processes in flat arrays: floats many at a time, rationals exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gametheory.errors import GameError, LimitReached
from gametheory.numerics import Array, Number, is_exact, settle, to_floats
from gametheory.planning.markov import Row, solve_chain
from gametheory.tables import ragged
from gametheory.tables.branches import Branches, Ints

ROUND_LIMIT = 10_000
"""Most rounds of policy iteration; rationals need far fewer, badly scaled floats may cycle."""


class Options(NamedTuple):
    """The options of consecutive nodes, the first of which is node 0 or follows those of other parts."""

    counts: Ints  # [X], options per node, at least one
    rewards: Array  # [O]
    leaks: Array  # [O] bool: some of the weight is discounted away, or play may end
    option: Ints  # [M], ascending
    targets: Ints  # [M], the nodes that options lead to
    weights: Array  # [M], probability times discount


_NONE = np.zeros(0, dtype=np.int64)
NO_OPTIONS = Options(_NONE, _NONE.astype(object), _NONE.astype(bool), _NONE, _NONE, _NONE.astype(object))
"""Of no nodes."""


class Option(NamedTuple):
    """One option by itself."""

    reward: Number
    row: Row
    leaks: bool


def flat(nodes: Sequence[Sequence[Option]]) -> Options:
    """Options listed node by node."""
    listed = [option for own in nodes for option in own]
    entries = [entry for option in listed for entry in option.row]
    return Options(
        np.array([len(own) for own in nodes], dtype=np.int64),
        np.array([option.reward for option in listed], dtype=object),
        np.array([option.leaks for option in listed], dtype=bool),
        np.repeat(np.arange(len(listed)), [len(option.row) for option in listed]),
        np.array([target for _, target in entries], dtype=np.int64),
        np.array([weight for weight, _ in entries], dtype=object),
    )


class Process:
    """Nodes with options: option k pays ``rewards[k]`` and leads to ``targets[m]`` with ``weights[m]``.

    Node x has the options ``first[x] ≤ k < first[x + 1]``, and k the entries ``ends[k] ≤ m < ends[k + 1]``.
    Options may lead to nodes that have none: play is cut there, and what they are worth is given.
    """

    def __init__(self, parts: Sequence[Options]) -> None:
        counts, rewards, self.leaks, _, self.targets, weights = (
            np.concatenate(own) for own in zip(*parts, strict=True)
        )
        self.first = ragged.starts(counts)
        self.ends = ragged.starts(
            np.concatenate([np.bincount(own.option, minlength=len(own.rewards)) for own in parts])
        )
        self.rewards, self.weights = _alike(settle(rewards), settle(weights))

    def paying(self, rewards: Array) -> Process:
        """The same with other rewards ``[O]``."""
        out = copy(self)
        out.rewards, out.weights = _alike(rewards, self.weights)
        return out

    @property
    def size(self) -> int:
        """X, the number of nodes with options."""
        return len(self.first) - 1

    def worth(self, values: Array) -> Array:
        """``[O]``: ``r + Σ w v`` of every option, for the values of all nodes."""
        return np.asarray(self.rewards + ragged.sums(self.ends, self.weights * values[self.targets]))

    def best(self, worth: Array) -> tuple[Array, Ints]:
        """``[X]`` each: the largest worth of each node's options, and the first option that has it."""
        if not self.size:
            return worth, np.zeros(0, dtype=np.int64)
        top = np.maximum.reduceat(worth, self.first[:-1])
        node = ragged.rows_of_entries(self.first)
        hits = np.flatnonzero(worth == top[node])
        return top, hits[np.unique(node[hits], return_index=True)[1]]

    def options(self, nodes: Ints) -> Ints:
        """All options of some nodes."""
        return ragged.entries(self.first, nodes[nodes < self.size])[1]

    def reached(self, options: Ints) -> Ints:
        """The nodes that some options may lead to, sorted."""
        return distinct(self.targets[ragged.entries(self.ends, options)[1]])[0]

    def rows(self, options: Ints) -> list[Row]:
        """Where some options lead, as ``markov`` takes it."""
        at, entry = ragged.entries(self.ends, options)
        pairs = list(zip(self.weights[entry].tolist(), self.targets[entry].tolist(), strict=True))
        ends = ragged.starts(np.bincount(at, minlength=len(options))).tolist()
        return [pairs[begin:end] for begin, end in pairwise(ends)]


def _alike(a: Array, b: Array) -> tuple[Array, Array]:
    """Both exact, or both floats."""
    return (a, b) if is_exact(a) and is_exact(b) else (to_floats(a), to_floats(b))


# --- solving ----------------------------------------------------------------------------------------


def avoidable_end(process: Process) -> Array:
    """``[X]`` bool: nodes from which some policy goes on for ever without any discount."""
    stay = np.ones(process.size, dtype=bool)
    option = ragged.rows_of_entries(process.ends)
    while True:
        leaves = process.leaks.copy()
        leaves[option[~stay[process.targets]]] = True
        kept = np.logical_or.reduceat(~leaves, process.first[:-1]) & stay if process.size else stay
        if np.array_equal(kept, stay):
            return stay
        stay = kept


def best_stationary(process: Process) -> tuple[Array, Ints]:
    """Optimal values and an optimal option of every node, by policy iteration (Howard 1960).

    Exact in rationals, where it begins with the policy that is best in floats. In floats it stops once
    no option improves by more than 1e-12 of the largest value.

    Raises:
        GameError: some policy never ends and is never discounted, so that no optimum need exist.
        LimitReached: ``ROUND_LIMIT``.
    """
    if np.any(avoidable_end(process)):
        raise GameError(
            "the agent can make play go on for ever at γ = 1, so its best value need not exist; give a horizon"
        )
    chosen = process.first[:-1].copy()
    if is_exact(process.rewards):
        _, chosen = _improved(process.paying(to_floats(process.rewards)), chosen)
    return _improved(process, chosen)


def _improved(process: Process, chosen: Ints) -> tuple[Array, Ints]:
    """Policy iteration from a policy."""
    for _ in range(ROUND_LIMIT):
        solved = solve_chain(process.rows(chosen), process.rewards[chosen][:, None].tolist())
        values = settle(np.array([own for (own,) in solved], dtype=object))
        margin = 0 if is_exact(values) else 1e-12 * max(1.0, float(np.abs(values).max(initial=0)))
        worth = process.worth(values)
        top, best = process.best(worth)
        better = np.asarray(top > worth[chosen] + margin, dtype=bool)
        if not np.any(better):
            return values, chosen
        chosen = np.where(better, best, chosen)
    raise LimitReached(f"policy iteration did not settle in {ROUND_LIMIT:,} rounds; give a horizon")


# --- building ---------------------------------------------------------------------------------------

Look = Callable[[int, int], list[tuple[Number, int]]]
"""Chances and nodes once something was seen in a state; the first argument is the kind of option."""


def onward(
    branches: Branches, over: Array, rows: tuple[Ints, Array, Ints], kinds: Ints, look: Look
) -> tuple[Array, Ints, Ints, Array]:
    """Where options lead that are mixtures of a game's rows.

    Args:
        branches: of the game.
        over: ``[S]`` bool: play has stopped.
        rows: row, weight (probability times discount) and option of each part, option ascending.
        kinds: ``[O]``, what besides the state reached decides the law of the next node.
        look: that law.

    Returns:
        ``[O]`` bool, whether the option may end play; and option, target and weight ``[M]`` of ``Options``.
    """
    row, weights, option = rows
    at, branch = ragged.entries(branches.indptr, row)
    weights, states = weights[at] * branches.probabilities[branch], branches.successors[branch]
    live = np.asarray(weights != 0, dtype=bool)
    ends = np.zeros(len(kinds), dtype=bool)
    ends[option[at[live & over[states]]]] = True
    kept = np.flatnonzero(live & ~over[states])
    source, weights = option[at[kept]], weights[kept]
    cells, cell = distinct(kinds[source] * len(over) + states[kept])
    laws = [look(*divmod(place, len(over))) for place in cells.tolist()]
    item, entry = ragged.entries(ragged.starts(np.array([len(law) for law in laws], dtype=np.int64)), cell)
    chances = settle(np.array([chance for law in laws for chance, _ in law], dtype=object))
    targets = np.array([node for law in laws for _, node in law], dtype=np.int64)
    return ends, *_gathered(source[item], targets[entry], weights[item] * chances[entry])


def _gathered(option: Ints, targets: Ints, weights: Array) -> tuple[Ints, Ints, Array]:
    """Every pair of option and target once, in order, with the sum of its weights."""
    width = int(targets.max(initial=0)) + 1
    pairs, place = distinct(option * width + targets)
    total = np.zeros(len(pairs), dtype=weights.dtype)
    np.add.at(total, place, weights)
    return pairs // width, pairs % width, total


def distinct(numbers: Ints) -> tuple[Ints, Ints]:
    """``np.unique`` of numbers from 0 on, with the inverse; without sorting where they lie close."""
    size = int(numbers.max(initial=-1)) + 1
    if size > 8 * len(numbers) + 1_000:
        found, place = np.unique(numbers, return_inverse=True)
        return found, place
    there = np.zeros(size, dtype=bool)
    there[numbers] = True
    return np.flatnonzero(there), (there.cumsum() - 1)[numbers]
