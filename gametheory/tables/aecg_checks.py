"""What makes an AECG's arrays a game: distributions, deterministic moves, rewards apart from the next mover."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, Number
from gametheory.tables.branches import check_branches
from gametheory.tables.distributions import at_rows
from gametheory.tables.ragged import Ints

if TYPE_CHECKING:
    from gametheory.aecg import AECG


def check_aecg(game: AECG) -> None:
    """Check nodes, rows and turns of a game.

    Raises:
        GameError: names the place and the value.
    """
    _check_nodes(game)
    _check_row_counts(game)
    check_branches(game.branches, game.node_name, "node")
    _check_deterministic_moves(game)
    _check_rewards_and_movers(game)
    _check_turns(game)
    _check_playable(game)


def playable_rows(game: AECG) -> Array:
    """``[rows]`` bool: rows that the mover, after some observation of its turn, may choose."""
    out = np.zeros(game.branches.row_count, dtype=bool)
    going = ~game.terminal[game.node_states]
    out[game.branches.offsets[:-1][going & game.silent]] = True
    for i, own in enumerate(game.observations):
        mine = np.flatnonzero((game.movers == i) & going & ~game.silent)
        count, legal = game.action_counts[i], game.legal[i]
        rows = game.branches.offsets[mine][:, None] + np.arange(count)
        at = own.rows[game.node_states[mine]]
        out[rows] = True if legal is None else at_rows(own.laws.meets(legal), at)
    return out


def _check_nodes(game: AECG) -> None:
    n, K, S = len(game.agents), game.node_count, len(game.states)
    if not np.all((game.movers >= 0) & (game.movers <= n)):
        bad = int(np.argmax((game.movers < 0) | (game.movers > n)))
        raise GameError(
            f"node {bad} is moved by {game.movers[bad]}; movers are 0 … {n - 1} and the environment {n}"
        )
    if not 0 <= game.start < K:
        raise GameError(f"start is node {game.start}; the game has nodes 0 … {K - 1}")
    if not np.all((game.node_states >= 0) & (game.node_states < S)):
        raise GameError(f"node_states must lie in 0 … {S - 1}")
    if game.discount.shape != (S,) or not np.all((game.discount >= 0) & (game.discount <= 1)):
        raise GameError(f"discount must be [{S}] numbers in [0, 1]")
    if game.terminal.shape != (S,):
        raise GameError(f"terminal has shape {list(game.terminal.shape)}; it must be [{S}]")
    for i, own in enumerate(game.observations):
        if own.rows.shape != (S,):
            raise GameError(f"O^{i} has rows {list(own.rows.shape)}; they must be [{S}]")


def _check_row_counts(game: AECG) -> None:
    counts = np.array([*game.action_counts, 1])[game.movers]
    counts[game.silent] = 1
    counts[game.terminal[game.node_states]] = 0
    if not np.array_equal(np.diff(game.branches.offsets), counts):
        bad = int(np.argmax(np.diff(game.branches.offsets) != counts))
        raise GameError(f"{game.node_name(bad)} must have {counts[bad]} rows, one per action of its mover")


def _check_deterministic_moves(game: AECG) -> None:
    """``T^i`` is a function: all branches of an agent's row lead to nodes of one state."""
    b = game.branches
    reached = game.node_states[b.successors]
    first = reached[np.minimum(b.indptr[:-1], max(len(reached) - 1, 0))] if len(reached) else reached
    by_agent = game.movers[b.state_of_row[b.row_of_branch]] < len(game.agents)
    random = by_agent & (reached != first[b.row_of_branch]) if len(reached) else by_agent
    if np.any(random):
        place = game.node_name(int(b.state_of_row[b.row_of_branch[np.argmax(random)]]))
        raise GameError(f"{place}: an agent's move leads to one state; let the environment draw instead")


def _check_rewards_and_movers(game: AECG) -> None:
    """Given (s, j, a, s') the rewards ``~ R`` and the next mover ``~ V`` are drawn independently."""
    b, S = game.branches, len(game.states)
    if len(np.unique(game.node_states)) == game.node_count:  # the state reached tells the mover
        return
    _, first, group = np.unique(
        b.row_of_branch * S + game.node_states[b.successors], return_index=True, return_inverse=True
    )
    lead = first[group]
    varied = (b.successors != b.successors[lead], np.any(b.rewards != b.rewards[:, lead], axis=0))
    suspects = np.logical_and(*(np.bincount(group, own, len(first)) > 0 for own in varied))
    for suspect in np.flatnonzero(suspects):
        if not _independent(game, np.flatnonzero(group == suspect)):
            k = first[suspect]
            node, reached = b.state_of_row[b.row_of_branch[k]], game.node_states[b.successors[k]]
            raise GameError(
                f"{game.node_name(int(node))}: on the way to state {game.states[int(reached)]} the rewards "
                "depend on who moves next; let the state reached tell the movers apart"
            )


def _independent(game: AECG, branches: Ints) -> bool:
    """Whether P(mover, rewards) is the product of its marginals over these branches."""
    b = game.branches
    movers = game.movers[b.successors[branches]].tolist()
    paid = list(map(tuple, b.rewards[:, branches].T.tolist()))
    joint: dict[tuple[object, object], Number] = {}
    for mover, pay, p in zip(movers, paid, b.probabilities[branches].tolist(), strict=True):
        for key in ((mover, pay), (mover, None), (None, pay), (None, None)):
            joint[key] = joint.get(key, 0) + p
    for mover, pay in product(set(movers), set(paid)):
        together = joint.get((mover, pay), Fraction(0)) * joint[None, None]
        apart = joint[mover, None] * joint[None, pay]
        exact = isinstance(together, Fraction) and isinstance(apart, Fraction)
        if together != apart if exact else abs(float(together - apart)) > SIMPLEX_TOLERANCE:
            return False
    return True


def _check_turns(game: AECG) -> None:
    for i, own in enumerate(game.observations):
        if own.width != game.observation_counts[i]:
            raise GameError(
                f"O^{i} has {own.width} columns; agent {game.agents[i]} has "
                f"{game.observation_counts[i]} observations"
            )
        own.check(own.rows >= 0, f"O^{i}")
        legal = game.legal[i]
        if legal is not None:
            if legal.shape != (game.observation_counts[i], game.action_counts[i]):
                raise GameError(f"legal[{i}] must be [{game.observation_counts[i]}, {game.action_counts[i]}]")
            if not np.all(legal.any(axis=1)):
                empty = int(np.argmin(legal.any(axis=1)))
                raise GameError(f"legal[{i}][{empty}] allows no action; every observation needs one")


def _check_playable(game: AECG) -> None:
    """Every move that may be legal leads somewhere."""
    b = game.branches
    missing = np.flatnonzero(playable_rows(game) & (np.diff(b.indptr) == 0))
    if not len(missing):
        return
    node = int(b.state_of_row[missing[0]])
    what = "it"
    if not game.silent[node]:
        what = f"the legal action {game.actions[game.movers[node]][missing[0] - b.offsets[node]]}"
    raise GameError(
        f"nothing follows {what} in {game.node_name(node)}; give its successor, or make the state terminal"
    )
