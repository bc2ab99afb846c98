"""The best that agents without memory can do together, by trying all their policies."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np

from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.numerics import Array, Number
from gametheory.policy import TablePolicy
from gametheory.posg import POSG
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import FactoredObservations, Observations

MOST_POLICIES = 100_000


class Memoryless(NamedTuple):
    """The best joint policy among those whose actions follow from the latest observation."""

    value: Number
    profile: tuple[TablePolicy, ...]
    tried: int
    """How many joint policies there were."""


def best_memoryless(game: POSG, horizon: int | None = None, *, most: int = MOST_POLICIES) -> Memoryless:
    """``max_π J(π)`` over deterministic memoryless joint policies ``a^i = π^i(ω^i)``, exactly.

    Every policy is evaluated, exactly for exact games. Beware: a random memoryless policy may be
    better than every deterministic one (Singh, Jaakkola & Jordan, ICML 1994), so the value of memory
    is at most ``J* − max_π J(π)``. ``J*``, with memory: ``solve(game, concept="optimal")``.

    Args:
        game: agents with one reward in common.
        horizon: steps; None: until play ends, or for ever with a discount below 1.
        most: refuse beyond so many policies.

    Raises:
        GameError: rewards that differ, too many policies, or no horizon where play may never end.
    """
    paid = game.branches.expected_rewards
    if not np.all(paid == paid[:1]):
        raise GameError(
            "the agents' rewards differ, so no joint policy is best for all; give them one reward"
        )
    places = [(i, symbol) for i in range(len(game.agents)) for symbol in acted_on(game, i)]
    choices = [_legal(game, *place) for place in places]
    count = math.prod(map(len, choices))
    if count > most:
        raise GameError(f"there are {count:,} memoryless policies, more than {most:,}; make the game smaller")
    blank = tuple(
        _first_legal(game, i, size + (game.initial_observations is None))
        for i, size in enumerate(game.observation_counts)
    )
    best: tuple[Number, tuple[TablePolicy, ...]] | None = None
    for actions in itertools.product(*choices):
        tables = [own.copy() for own in blank]
        for (i, symbol), action in zip(places, actions, strict=True):
            tables[i][symbol] = 0
            tables[i][symbol, action] = 1
        profile = tuple(map(TablePolicy, tables))
        value = evaluate(game, profile, horizon)[0]
        if best is None or value > best[0]:
            best = value, profile
    assert best is not None  # the product of no choices holds one policy
    return Memoryless(*best, count)


def acted_on(game: POSG, agent: int) -> list[int]:
    """The observations on which the agent may have to act; ``|Ω^i|`` stands for ``start``."""
    live = ~(game.terminal | game.null[:, agent])
    found = _shown(game.observations, agent, live)
    first = game.initial_observations
    opening = live & (game.initial > 0).astype(bool)
    if first is not None:
        found |= _shown(first, agent, opening)
    elif np.any(opening):
        found.add(game.observation_counts[agent])
    return sorted(found)


def _shown(model: Observations, agent: int, states: Array) -> set[int]:
    """What the agent may see in some of the states ``[S]`` bool."""
    if isinstance(model, FactoredObservations):
        return _drawn(model.of_agent[agent], states)
    return {int(model.symbols(symbol)[agent]) for symbol in _drawn(model.joint, states)}


def _drawn(kernel: Kernel, states: Array) -> set[int]:
    rows = np.unique(kernel.rows[states])
    return {symbol for row in rows[rows >= 0] for symbol, _ in kernel.laws.support(int(row))}


def _legal(game: POSG, agent: int, symbol: int) -> list[int]:
    mask = game.legal[agent]
    count = game.action_counts[agent]
    return list(range(count)) if mask is None else np.flatnonzero(mask[symbol]).tolist()


def _first_legal(game: POSG, agent: int, size: int) -> Array:
    """``[|Ω^i| (+ 1), A_i]``: the first legal action after every observation."""
    table = np.zeros((size, game.action_counts[agent]), dtype=np.int64)
    for symbol in range(size):
        table[symbol, _legal(game, agent, symbol)[0]] = 1
    return table
