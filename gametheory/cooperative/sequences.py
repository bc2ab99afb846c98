"""A team's payoffs by what every agent has seen and done: the form in which one agent at a time improves.

Agent i's sequence is its own history with the action that ended it; 0 is the empty one. With plans x
(a weight per sequence) the team's value is ``Σ_e payoffs[e] Π_i x_i[at[i, e]]``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np

from gametheory.aecg import AECG
from gametheory.cooperative.model import Floats, Model, model
from gametheory.errors import GameError
from gametheory.extensive.tree import Tree
from gametheory.extensive.treeplex import treeplexes
from gametheory.extensive.unroll import unroll
from gametheory.policies.controllers import History
from gametheory.posg import POSG
from gametheory.tables.branches import Ints

LARGEST_TABLE = 10_000_000
"""Cells of one stage's tables beyond which nothing is built."""


@dataclass(frozen=True, eq=False)
class OwnSequences:
    """One agent's information sets; each leads from a sequence to those of its actions."""

    before: Ints  # [H] the sequence that leads to the information set
    first: Ints  # [H] its actions' sequences: first[h] … first[h] + len(codes[h]) − 1
    codes: tuple[tuple[int, ...], ...]
    """Per information set its legal actions."""
    histories: tuple[History, ...]

    @property
    def size(self) -> int:
        """Number of sequences."""
        return 1 + sum(map(len, self.codes))


@dataclass(frozen=True, eq=False)
class TeamSequences:
    """All agents' sequences and what joint ones pay."""

    own: tuple[OwnSequences, ...]
    at: Ints  # [n, E]
    payoffs: Floats  # [E] chance's probability and the discount included


def team_sequences(game: POSG | AECG, horizon: int | None) -> TeamSequences:
    """The sequences of a team: stage by stage where all agents act in every step, else from the tree.

    Raises:
        GameError: agents that do not all get the same, too large a game, or play may go on for ever
            and no horizon is given.
    """
    if horizon is not None and isinstance(game, POSG) and _regular(game):
        return _by_stages(model(game), horizon)
    return _from_tree(unroll(game, horizon))


def _regular(game: POSG) -> bool:
    return not game.null[~game.terminal].any() and all(mask is None or mask.all() for mask in game.legal)


def _from_tree(tree: Tree) -> TeamSequences:
    different = (tree.payoffs != tree.payoffs[:1]).any(axis=0)
    if different.any():
        node = int(np.argmax(different))
        paid = [str(r) for r in tree.payoffs[:, node].tolist()]
        raise GameError(f"not fully cooperative: {tree.describe_node(node)} pays {paid}")
    plex = treeplexes(tree)
    own = []
    for i, begin in enumerate(plex.begins[:-1].tolist()):
        sets = slice(int(plex.set_begins[i]), int(plex.set_begins[i + 1]))
        known = tree.information[sets]
        own.append(
            OwnSequences(
                plex.before[sets] - begin,
                plex.first[sets] - begin,
                tuple(known_set.codes for known_set in known),
                tuple(known_set.history or () for known_set in known),
            )
        )
    return TeamSequences(tuple(own), plex.at - plex.begins[:-1, None], plex.payoffs[0])


@dataclass
class _Growing:
    """One agent's information sets so far; all actions are legal, so those of set h end in 1 + A h + a."""

    actions: int
    before: list[int] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)

    def finished(self) -> OwnSequences:
        first = 1 + self.actions * np.arange(len(self.before))
        codes = (tuple(range(self.actions)),) * len(self.before)
        return OwnSequences(np.array(self.before, dtype=np.int64), first, codes, tuple(self.histories))


def _by_stages(team: Model, horizon: int) -> TeamSequences:
    n, S = len(team.actions), len(team.discount)
    own = [_Growing(count) for count in team.actions]
    weights = team.start.reshape(*team.observations, S)
    sets = []
    for i, seen in enumerate(team.observations):
        mine = list(range(seen))
        weights, kept = _possible(weights, i, mine)
        own[i].before += [0] * len(kept)
        own[i].histories += [(("o", w),) for w in kept]
        sets.append(np.arange(len(kept)))
    at: list[Ints] = []
    payoffs: list[Floats] = []
    for time in range(horizon):
        last = time + 1 == horizon
        _check_size(prod(weights.shape[:-1]) * prod(team.actions if last else team.moves.shape[:3]))
        paid = (weights @ team.rewards.T).reshape(*weights.shape[:-1], *team.actions)
        places = np.nonzero(paid)
        at.append(np.array([1 + own[i].actions * sets[i][places[i]] + places[n + i] for i in range(n)]))
        payoffs.append(paid[places])
        if not last:
            weights = _next(team, weights)
            for i in range(n):
                weights, sets[i] = _grow(own[i], weights, i, sets[i], team.observations[i])
    return TeamSequences(
        tuple(mine.finished() for mine in own), np.concatenate(at, axis=1), np.concatenate(payoffs)
    )


def _check_size(cells: int) -> None:
    if cells > LARGEST_TABLE:
        raise GameError(
            f"joint histories would fill tables of {cells:,} cells, more than {LARGEST_TABLE:,}; "
            "shorten the horizon"
        )


def _next(team: Model, weights: Floats) -> Floats:
    """``[H_1 A_1 Ω_1, …, H_n A_n Ω_n, S]`` from ``[H_1, …, H_n, S]``."""
    n, S = len(team.actions), len(team.discount)
    counts = weights.shape[:-1]
    flat = (weights * team.discount).reshape(-1, S)
    out = np.einsum("hs,asop->haop", flat, team.moves, optimize=True)
    split = out.reshape(*counts, *team.actions, *team.observations, S)
    order = [axis for i in range(n) for axis in (i, n + i, 2 * n + i)]
    sizes = [h * a * w for h, a, w in zip(counts, team.actions, team.observations, strict=True)]
    return np.asarray(split.transpose(*order, 3 * n).reshape(*sizes, S))


def _grow(own: _Growing, weights: Floats, agent: int, sets: Ints, seen: int) -> tuple[Floats, Ints]:
    """Number an agent's new information sets, those that can come about; the others' weights leave."""
    after = list(np.ndindex(len(sets), own.actions, seen))
    weights, kept = _possible(weights, agent, list(range(len(after))))
    begin = len(own.before)
    for place in kept:
        k, action, observation = after[place]
        earlier = int(sets[k])
        own.before.append(1 + own.actions * earlier + action)
        own.histories.append((*own.histories[earlier], ("a", action), ("o", observation)))
    return weights, np.arange(begin, len(own.before))


def _possible(weights: Floats, agent: int, places: list[int]) -> tuple[Floats, list[int]]:
    """The part of an agent's rows that has any weight, and which places they had."""
    others = tuple(axis for axis in range(weights.ndim) if axis != agent)
    rows = np.flatnonzero(weights.any(axis=others))
    return weights.take(rows, axis=agent), [places[row] for row in rows.tolist()]
