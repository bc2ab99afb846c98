"""Conversions between POSG and AECG that change nothing.

Both keep every agent's histories letter for letter (an observation keeps its number, ``start``
becomes the last number of Ω^i), so that a policy of one game *is* a policy of the other.
``gametheory.equivalence`` checks the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory.aecg import AECG
from gametheory.numerics import Array, freeze, is_exact, settle
from gametheory.posg import POSG
from gametheory.tables.branches import Branches, Ints
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import FactoredObservations
from gametheory.tables.rounds import Rounds
from gametheory.tables.slots import StateNames


@dataclass(frozen=True, eq=False)
class Correspondence:
    """How the nodes of an AECG stand for the states of a POSG.

    Histories and policies correspond by identity: agent i's sequence of observation and action
    numbers is the same in both games.
    """

    posg: POSG
    aecg: AECG
    posg_states: Ints  # [K]
    """The POSG state of each AECG node; −1 for the node that draws the first state."""
    steps_per_round: int
    """AECG steps to one POSG step: n + 1, or 1 where the POSG was made from the AECG."""


def posg_to_aecg(game: POSG, *, node_limit: int = 20_000_000) -> tuple[AECG, Correspondence]:
    """The AECG in which agents 1 … n, then the environment, move in a fixed round.

    An AECG state is ``(s, slots, mover)``. Slot j ends up holding agent j's new action. Before,
    with factored observations, it keeps j's previous action, and ``O^j`` is drawn on j's turn;
    where ``O^j`` ignores the action it is empty. With joint observations it holds the observation
    that waits for j, drawn with s' by the environment. Rewards are paid, and γ counted, on the
    environment's move. ``t`` steps of the POSG are ``1 + t(n + 1)`` steps of the AECG.

    Args:
        game: the POSG.
        node_limit: refuse beyond this many nodes.

    Raises:
        GameError: the result would be larger than ``node_limit``.
    """
    rounds = Rounds(game)
    codes = rounds.explore(node_limit)
    aecg = _assemble(rounds, codes)
    posg_states = np.append(rounds.slots.decode(codes[:-1])[0], -1)
    return aecg, Correspondence(game, aecg, freeze(posg_states), len(game.agents) + 1)


def aecg_to_posg(game: AECG) -> tuple[POSG, Correspondence]:
    """The POSG whose states are the AECG's nodes; agents not on the move see ⊥.

    One POSG step is one AECG step; transitions are ``(T or P)·V``; rewards and γ carry over.
    """
    K = game.node_count
    seen = [
        Kernel(np.where(game.movers == i, own.rows[game.node_states], -1), own.laws)
        for i, own in enumerate(game.observations)
    ]
    initial = np.zeros(K, dtype=np.int64)
    initial[game.start] = 1
    posg = POSG(
        game.branches,
        observations=FactoredObservations(seen),
        initial=initial,
        discount=game.discount[game.node_states],
        initial_observations=FactoredObservations(seen),
        null=np.stack([own.rows < 0 for own in seen], axis=1),
        legal=game.legal,
        terminal=np.flatnonzero(game.terminal[game.node_states]),
        agents=game.agents,
        actions=game.actions,
        observation_labels=game.observation_labels,
        title=game.title,
    )
    return posg, Correspondence(posg, game, freeze(np.arange(K)), 1)


def _assemble(rounds: Rounds, codes: Ints) -> AECG:
    """The AECG on the given nodes."""
    game, n, K = rounds.game, rounds.n, len(codes)
    states, slots, movers = rounds.slots.decode(codes[:-1])
    parts = list(_parts(rounds, codes, movers))
    node, action, successor = (np.concatenate([part[k] for part in parts]) for k in range(3))
    weight = np.concatenate([part[3] for part in parts])
    rewards = np.concatenate([part[4] for part in parts], axis=1)
    turns = [rounds.turn_rows(i, states, slots[i]) for i in range(n)]
    counts, strides = _rows(rounds, states, movers, turns)
    offsets = np.concatenate([[0], counts.cumsum()])
    row = offsets[node] + action
    order = np.argsort(row, kind="stable")
    row_count = int(offsets[-1])
    over = np.append(game.terminal[states], False)
    moves = np.append(movers == n, False) & ~over
    one = _like(game.discount, 1)
    return AECG(
        branches=Branches(
            offsets,
            strides,
            np.concatenate([[0], np.bincount(row, minlength=row_count).cumsum()]),
            successor[order],
            settle(weight[order]),
            settle(rewards[:, order]),
        ),
        node_states=np.arange(K),
        movers=np.append(movers, n),
        start=K - 1,
        observations=tuple(
            Kernel(np.append(np.where(movers == i, turns[i], -1), -1), rounds.turn_laws[i]) for i in range(n)
        ),
        discount=settle(np.where(moves, np.append(game.discount[states], one), one)),
        terminal=over,
        legal=tuple(None if own is None else own[: rounds.width(i)] for i, own in enumerate(game.legal)),
        agents=game.agents,
        states=StateNames(rounds.slots, codes),
        actions=game.actions,
        observation_labels=tuple(
            (*own, "start") if game.initial_observations is None else own for own in game.observation_labels
        ),
        title=game.title,
    )


def _rows(rounds: Rounds, states: Ints, movers: Ints, turns: list[Ints]) -> tuple[Ints, Ints]:
    """How many rows each node has, and their strides; the origin, last, has one."""
    counts = np.ones(len(movers) + 1, dtype=np.int64)
    strides = np.zeros((len(movers) + 1, rounds.n), dtype=np.int64)
    for i, rows in enumerate(turns):
        chooses = np.append((movers == i) & (rows >= 0), False)
        counts[chooses] = rounds.game.action_counts[i]
        strides[chooses, i] = 1 if rounds.game.action_counts[i] > 1 else 0
    counts[:-1][rounds.game.terminal[states]] = 0
    return counts, strides


def _parts(rounds: Rounds, codes: Ints, movers: Ints) -> Iterator[tuple[Ints, Ints, Ints, Array, Array]]:
    """Branches as (node, action, successor node, weight, rewards ``[n, M]``), mover by mover."""
    sure = _like(rounds.game.branches.probabilities, 1)
    zero = np.broadcast_to(_like(rounds.game.branches.rewards, 0), (rounds.n, 1))
    for agent in range(rounds.n):
        mine = np.flatnonzero(movers == agent)
        at, action, reached = rounds.turn(agent, codes[mine])
        weights = np.broadcast_to(sure, len(at))
        yield mine[at], action, np.searchsorted(codes, reached), weights, np.repeat(zero, len(at), axis=1)
    mine = np.flatnonzero(movers == rounds.n)
    at, branch, weights, reached = rounds.environment(codes[mine])
    yield (
        mine[at],
        np.zeros_like(at),
        np.searchsorted(codes, reached),
        weights,
        rounds.game.branches.rewards[:, branch],
    )
    opened, weights = rounds.openings()
    origin = np.full(len(opened), len(movers))
    yield (
        origin,
        np.zeros_like(origin),
        np.searchsorted(codes, opened),
        weights,
        np.repeat(zero, len(opened), axis=1),
    )


def _like(numbers: Array, value: int) -> Array:
    """The value as a number of the kind that the array has."""
    return np.array(Fraction(value) if is_exact(numbers) else float(value), dtype=numbers.dtype)
