"""POSGs and AECGs: settings over triples, affine classes per step or round, others per stage game."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.classify.affine import affine_zero_sum, constant_sum, general_sum, identical_interest
from gametheory.classify.dominance import dominance_solvable
from gametheory.classify.finding import Finding, Table
from gametheory.classify.ordinal import ordinal_potential
from gametheory.classify.potential import exact_potential, weighted_potential
from gametheory.classify.symmetry import symmetric, team_zero_sum
from gametheory.classify.triples import Triples, reachable_rows
from gametheory.numerics import Array, to_fractions
from gametheory.posg import POSG
from gametheory.solvers.scaling import to_integer_table
from gametheory.tables.branches import Ints
from gametheory.tables.observed import actions_of_rows

STAGE_CLASSES: Mapping[str, Callable[[Table], Finding]] = {
    "exact potential": exact_potential,
    "weighted potential": weighted_potential,
    "ordinal potential": ordinal_potential,
    "symmetric": symmetric,
    "dominance-solvable": dominance_solvable,
}
STAGE_GAMES = "every stage game"
"""A stage game pays the expected rewards of one state."""

MOST_STAGES = 2_000
"""Stage games beyond which none is judged."""

MOST_SUMS = 500_000
"""Distinct sums of rewards within rounds beyond which an AECG is judged per step."""


def step_classes(game: POSG | AECG, triples: Triples) -> dict[str, Finding]:
    """The affine-aware classes, judged per POSG step; of an AECG per round, or per step if it has none.

    Maps ``R^i ↦ α_i R^i + β_i`` apply to what is paid in every step alike.
    """
    rounds = _rounds(game, triples) if isinstance(game, AECG) else None
    table = _table(game, *(triples.distinct() if rounds is None else rounds))
    span = (
        "each POSG step"
        if isinstance(game, POSG)
        else "each round"
        if rounds
        else "each AECG step (no rounds)"
    )
    zero, identical = affine_zero_sum(table), identical_interest(table)
    found = {
        "constant-sum": constant_sum(table),
        "zero-sum up to positive affine maps": zero,
        "identical-interest up to positive affine maps": identical,
        "team-against-team zero-sum": team_zero_sum(table),
        "general-sum": general_sum(zero, identical),
    }
    return {name: replace(finding, judged_on=span) for name, finding in found.items()}


def _table(game: POSG | AECG, rewards: Array, places: list[Any]) -> Table:
    """Reward vectors ``[n, K]`` as a table; one column of zeros where nothing can happen."""
    if not places:
        rewards = np.full((len(game.agents), 1), Fraction(0), dtype=object)
        places = ["play never takes a step"]
    integers, unit = to_integer_table(rewards)
    return Table(integers, unit, game.agents, game.actions, places)


# --- rounds of an AECG ---------------------------------------------------------------------------


def _rounds(game: AECG, triples: Triples) -> tuple[Array, list[Any]] | None:
    """Distinct sums of what a round of turns 1 … n, environment pays; None without such rounds.

    A first draw by the environment that pays nothing is no round.
    """
    n, b = len(game.agents), game.branches
    node = b.state_of_row[triples.rows]
    movers, following = game.movers[node], game.movers[triples.successors]
    over = game.terminal[game.node_states[triples.successors]]
    in_turn = np.where(movers < n, (following == movers + 1) & ~over, (following == 0) | over)
    undiscounted = (movers == n) | (game.discount[game.node_states[node]] == 1).astype(bool)
    if not np.all(in_turn & undiscounted):
        return None
    first_draw = (node == game.start) & (movers == n)
    if np.any(first_draw) and np.any((triples.rewards[:, first_draw] != 0).astype(bool)):
        return None
    return _sums(triples, node, np.where(first_draw, -1, movers), n)


def _sums(triples: Triples, node: Ints, turns: Ints, n: int) -> tuple[Array, list[Any]] | None:
    """Distinct sums over paths of turns 0 … n, each with the environment's triple that ends one."""
    nothing = (Fraction(0),) * n
    partial: dict[int, set[tuple[Any, ...]]] = {int(k): {nothing} for k in node[turns == 0]}
    ends: dict[tuple[Any, ...], int] = {}
    for turn in range(n + 1):
        after: dict[int, set[tuple[Any, ...]]] = {}
        for t in np.flatnonzero(turns == turn).tolist():
            pay = triples.rewards[:, t].tolist()
            sums = {
                tuple(a + r for a, r in zip(so_far, pay, strict=True)) for so_far in partial[int(node[t])]
            }
            if turn < n:
                after.setdefault(int(triples.successors[t]), set()).update(sums)
            else:
                for total in sums:
                    ends.setdefault(total, t)
        partial = after
        if sum(map(len, partial.values())) + len(ends) > MOST_SUMS:
            return None
    rewards = np.array([list(total) for total in ends], dtype=object).reshape(-1, n).T
    return rewards, [{"round that ends with": triples.place(t)} for t in ends.values()]


# --- stage games -----------------------------------------------------------------------------------


def stage_classes(game: POSG | AECG) -> dict[str, Finding]:
    """Potential, symmetry and dominance in every stage game of a POSG that play can reach."""
    if isinstance(game, AECG):
        why = {"undecided": "agents move one after another; judge the stage games of the POSG instead"}
        return {name: Finding(None, why, STAGE_GAMES) for name in STAGE_CLASSES}
    rows = reachable_rows(game)
    states = np.unique(game.branches.state_of_row[rows]).tolist()
    if len(states) > MOST_STAGES:
        why = {"undecided": f"{len(states)} stage games; at most {MOST_STAGES} are tried"}
        return {name: Finding(None, why, STAGE_GAMES) for name in STAGE_CLASSES}
    stages = {state: _stage(game, state, rows) for state in states}
    return {name: _in_every(game, stages, judge) for name, judge in STAGE_CLASSES.items()}


def _stage(game: POSG, state: int, rows: Ints) -> Table | None:
    """The stage game of a state on its legal actions; None where those are no product of sets.

    An agent that sees ⊥ has the one action ∅.
    """
    b = game.branches
    own = rows[b.state_of_row[rows] == state]
    joints = actions_of_rows(game)[own]
    kept = [np.unique(column) for column in joints.T]
    shape = tuple(map(len, kept))
    if np.prod(shape) != len(own):
        return None
    rewards = np.zeros((len(game.agents), len(own)), dtype=object)
    for k, row in enumerate(own):
        part = slice(b.indptr[row], b.indptr[row + 1])
        rewards[:, k] = to_fractions(b.rewards[:, part]) @ to_fractions(b.probabilities[part])
    integers, unit = to_integer_table(rewards.reshape(-1, *shape))
    labels = tuple(
        ("∅",) if game.null[state, i] else tuple(game.actions[i][a] for a in actions)
        for i, actions in enumerate(kept)
    )
    return Table(integers, unit, game.agents, labels)


def _in_every(game: POSG, stages: Mapping[int, Table | None], judge: Callable[[Table], Finding]) -> Finding:
    """Whether all stage games belong to a class; the witnesses by state, or the first that refutes."""
    witnesses: list[dict[str, Any]] = []
    undecided: list[str] = []
    for state, table in stages.items():
        found = None if table is None else judge(table)
        if found is None or found.holds is None:
            undecided.append(game.states[state])
        elif not found.holds:
            return Finding(False, {"state": game.states[state], **found.witness}, STAGE_GAMES)
        else:
            witnesses.append({"state": game.states[state], **found.witness})
    if undecided:
        why = "no product of legal actions, or too large"
        return Finding(None, {"undecided": why, "states": undecided}, STAGE_GAMES)
    return Finding(True, {"stage games": witnesses}, STAGE_GAMES)
