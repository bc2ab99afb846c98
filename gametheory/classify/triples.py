"""The triples (s, a, s') of a POSG or AECG that its reward settings are judged over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Literal

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.numerics import Array, to_fractions
from gametheory.posg import POSG
from gametheory.tables.branches import Branches, Ints
from gametheory.tables.observed import actions_of_rows
from gametheory.tables.rounds import Rounds

Which = Literal["reachable", "all"]
How = Literal["expected", "sure"]

NODE_LIMIT = 20_000_000


@dataclass(frozen=True)
class Triples:
    """Rewards and where they are paid, one column per triple (or per draw of a triple's rewards)."""

    rewards: Array  # [n, T], exact
    rows: Ints  # [T] rows of the branches; of dense tables, positions of (s, a)
    successors: Ints  # [T]
    place: Callable[[int], dict[str, Any]]
    """Labels of column t."""
    judged_on: str

    def distinct(self) -> tuple[Array, list[dict[str, Any]]]:
        """Each reward vector once, ``[n, K]``, and the first triple that pays it."""
        first: dict[tuple[Any, ...], int] = {}
        for t, vector in enumerate(self.rewards.T.tolist()):
            first.setdefault(tuple(vector), t)
        columns = list(first.values())
        return self.rewards[:, columns], [self.place(t) for t in columns]


def posg_triples(game: POSG, which: Which, how: How) -> Triples:
    """The triples of a POSG.

    ``all`` are those of the dense tables, possible or not, where the game was given by tables; else
    what the game stores, reachable or not.
    """
    if which == "all" and game.tables is not None:
        return _dense(game, how)
    kept: Array = np.ones(game.branches.row_count, dtype=bool)
    span = "all (s, a, s') that the game stores"
    if which == "reachable":
        kept = np.zeros(game.branches.row_count, dtype=bool)
        kept[reachable_rows(game)] = True
        span = "all legal (s, a, s') reachable with positive probability"
    live = np.flatnonzero(kept[game.branches.row_of_branch] & (game.branches.probabilities > 0).astype(bool))
    rewards, rows, successors = _columns(game.branches, live, how)
    joints = actions_of_rows(game)

    def place(t: int) -> dict[str, Any]:
        state = int(game.branches.state_of_row[rows[t]])
        return _labels(game, state, joints[rows[t]], int(successors[t]), game.null[state])

    return Triples(rewards, rows, successors, place, _said(span, how))


def aecg_triples(game: AECG, which: Which, how: How) -> Triples:
    """The triples (s, j, a, s') of an AECG; s' is told apart by who moves next."""
    from gametheory.tables.reach import Reach

    b = game.branches
    if which == "reachable":
        live, span = np.sort(Reach(game).live), "all legal (s, j, a, s') reachable with positive probability"
    else:
        live = np.flatnonzero((b.probabilities > 0).astype(bool))
        span = "all (s, j, a, s') that the game stores"
    rewards, rows, successors = _columns(b, live, how)

    def place(t: int) -> dict[str, Any]:
        node = int(b.state_of_row[rows[t]])
        mover = int(game.movers[node])
        out: dict[str, Any] = {"state": game.states[int(game.node_states[node])]}
        out["mover"] = "the environment" if mover == game.environment else game.agents[mover]
        if not game.silent[node]:
            out["action"] = game.actions[mover][int(rows[t] - b.offsets[node])]
        return out | {"next state": game.states[int(game.node_states[successors[t]])]}

    return Triples(rewards, rows, successors, place, _said(span, how))


def reachable_rows(game: POSG) -> Ints:
    """Rows (s, a) that play can reach with legal actions, sorted.

    Legal actions depend on what was observed, so that with legal sets the search is over states
    and what each agent is about to see.
    """
    if any(own is not None for own in game.legal):
        rounds = Rounds(game)
        states, slots, movers = rounds.slots.decode(rounds.explore(NODE_LIMIT)[:-1])
        acting = (movers == rounds.n) & ~game.terminal[states]
        joint = [
            np.maximum(own[acting] - layout.kept - 2, 0)
            for own, layout in zip(slots, rounds.slots.agents, strict=True)
        ]
        return np.unique(game.branches.rows(states[acting], joint))
    b = game.branches
    possible = np.flatnonzero((b.probabilities > 0).astype(bool))
    source, target = b.state_of_row[b.row_of_branch[possible]], b.successors[possible]
    reached = np.asarray(game.initial > 0, dtype=bool)
    while True:
        grown = reached.copy()
        grown[target[reached[source]]] = True
        if np.array_equal(grown, reached):
            return np.flatnonzero(reached[b.state_of_row])
        reached = grown


def _columns(b: Branches, live: Ints, how: How) -> tuple[Array, Ints, Ints]:
    """Rewards ``[n, T]``, row and successor of the live branches, averaged over random rewards or not."""
    rows, successors = b.row_of_branch[live], b.successors[live]
    rewards = to_fractions(b.rewards[:, live])
    if how == "sure" or not len(live):
        return rewards, rows, successors
    keys = rows * (int(b.successors.max()) + 1) + successors
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    if len(first) == len(live):
        return rewards, rows, successors
    weights = to_fractions(b.probabilities[live])
    total = np.full(len(first), Fraction(0), dtype=object)  # some exact arrays hold ints
    np.add.at(total, group, weights)
    mean = np.full((len(rewards), len(first)), Fraction(0), dtype=object)
    for own, out in zip(rewards, mean, strict=True):
        np.add.at(out, group, own * weights)
    return mean / total, rows[first], successors[first]


def _dense(game: POSG, how: How) -> Triples:
    """Every (s, a, s') of the tables in which s is not terminal and R is a law."""
    assert game.tables is not None
    values, weights = game.tables.rewards.values, game.tables.rewards.probabilities
    n = len(game.agents)
    going: Array = np.broadcast_to(
        ~game.terminal.reshape(-1, *(1,) * (values.ndim - 3)), values.shape[1:-1]
    ).copy()
    if weights is not None:
        going &= (np.abs(weights.sum(axis=-1) - 1) < 1e-9).astype(bool) & (weights >= 0).all(axis=-1)
    if how == "expected":
        flat = to_fractions(values)
        mean = flat[..., 0] if weights is None else (flat * to_fractions(weights)).sum(axis=-1)
        cells = np.argwhere(going)
        rewards = mean[:, going]
    else:
        drawn = going[..., None] & (True if weights is None else (weights > 0).astype(bool))
        cells = np.argwhere(drawn)[:, :-1]
        rewards = to_fractions(values[:, drawn])

    def place(t: int) -> dict[str, Any]:
        state, *joint, successor = cells[t].tolist()
        return _labels(game, state, np.array(joint), successor, game.null[state])

    rows = np.ravel_multi_index(tuple(cells[:, :-1].T), (len(game.states), *game.action_counts))
    span = "all (s, a, s') of the tables, possible or not"
    return Triples(rewards.reshape(n, -1), rows, cells[:, -1], place, _said(span, how))


def _labels(game: POSG, state: int, joint: Array, successor: int, null: Array) -> dict[str, Any]:
    actions = ["∅" if silent else own[a] for own, a, silent in zip(game.actions, joint, null, strict=True)]
    return {"state": game.states[state], "joint action": actions, "next state": game.states[successor]}


def _said(span: str, how: How) -> str:
    return f"{span}; {'expected rewards' if how == 'expected' else 'every joint draw of rewards'}"


def triples_of(game: POSG | AECG, which: Which, how: How) -> Triples:
    """The triples of either kind of game.

    Raises:
        GameError: a word that is none of the choices.
    """
    if which not in ("reachable", "all") or how not in ("expected", "sure"):
        raise GameError(f"triples are reachable or all, rewards expected or sure; not {which}, {how}")
    gather = partial(posg_triples, game) if isinstance(game, POSG) else partial(aecg_triples, game)
    return gather(which, how)
