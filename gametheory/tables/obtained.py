"""Rewards in the states: what a POSG needs if its rewards may not be random."""

from __future__ import annotations

import numpy as np

from gametheory.numerics import Array, freeze
from gametheory.posg import POSG
from gametheory.tables import ragged
from gametheory.tables.branches import Branches, Ints


def rewards_in_states(game: POSG) -> tuple[POSG, Ints]:
    """The same game, each of whose states also holds the rewards obtained on reaching it.

    A state is ``(s, r)``: all goes on as from s, and a step to ``(s', r')`` surely pays ``r'``. So
    ``R(s̄, a, s̄')`` is a function of the state reached, where before it may have been random. The
    laws of s, actions, observations, rewards and discounts stay what they were, and so do policies
    and their values. Play starts in states ``(s_0, 0)``; only states that branches lead to are
    built. After ``aecg_to_posg`` this gives the POSG of an AECG with the reward to obtain in its
    states, as Straka's lecture notes on multi-agent RL (NPFL139, 2024) have it.

    Returns:
        the game, and the old state ``[S']`` of each new one.
    """
    paid = _numbered_rewards(game)
    count = int(paid.max(initial=0)) + 1
    reached = game.branches.successors * count + paid  # one number per (s', r')
    codes = _reachable(game, reached, count)
    old, first = codes // count, game.initial_observations
    return (
        POSG(
            _branches(game, codes, old, reached),
            observations=game.observations.of_states(old),
            initial=np.where(codes % count == 0, game.initial[old], 0),
            discount=game.discount[old],
            initial_observations=None if first is None else first.of_states(old),
            null=game.null[old],
            legal=game.legal,
            terminal=np.flatnonzero(game.terminal[old]),
            agents=game.agents,
            states=_names(game, codes, old, reached),
            actions=game.actions,
            observation_labels=game.observation_labels,
            title=game.title,
        ),
        freeze(old),
    )


def _numbered_rewards(game: POSG) -> Ints:
    """``[M]`` equal numbers for equal vectors of rewards; 0 for none at all."""
    known: dict[tuple[object, ...], int] = {(0,) * len(game.agents): 0}
    paid = map(tuple, game.branches.rewards.T.tolist())
    return np.array([known.setdefault(own, len(known)) for own in paid], dtype=np.int64)


def _reachable(game: POSG, reached: Ints, count: int) -> Ints:
    """Sorted numbers of the new states: those that play starts in, and those that branches lead to."""
    b = game.branches
    codes = np.flatnonzero(game.initial > 0) * count
    seen = np.zeros(len(game.states), dtype=bool)
    while len(fresh := np.setdiff1d(codes // count, np.flatnonzero(seen))):
        seen[fresh] = True
        _, rows = ragged.entries(b.offsets, fresh)
        _, branch = ragged.entries(b.indptr, rows)
        codes = np.union1d(codes, reached[branch[_positive(game)[branch]]])
    return codes


def _branches(game: POSG, codes: Ints, old: Ints, reached: Ints) -> Branches:
    b = game.branches
    _, rows = ragged.entries(b.offsets, old)
    at, branch = ragged.entries(b.indptr, rows)
    kept = _positive(game)[branch]
    at, branch = at[kept], branch[kept]
    return Branches(
        ragged.starts(np.diff(b.offsets)[old]),
        b.strides[old],
        ragged.starts(np.bincount(at, minlength=len(rows))),
        np.searchsorted(codes, reached[branch]),
        b.probabilities[branch],
        b.rewards[:, branch],
    )


def _positive(game: POSG) -> Array:
    return np.asarray(game.branches.probabilities > 0, dtype=bool)


def _names(game: POSG, codes: Ints, old: Ints, reached: Ints) -> list[str]:
    """``s, paid r`` where anything was paid."""
    paid = dict(zip(reached.tolist(), game.branches.rewards.T.tolist(), strict=True))
    out = []
    for code, state in zip(codes.tolist(), old.tolist(), strict=True):
        own = paid.get(code, ())
        out.append(game.states[state] + (f", paid {', '.join(map(str, own))}" if any(own) else ""))
    return out
