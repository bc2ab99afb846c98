"""What makes a POSG's arrays a game: distributions, and the null-observation rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, check_simplex, is_exact
from gametheory.tables.branches import check_branches
from gametheory.tables.dense import Tables
from gametheory.tables.kernels import FactoredObservations, JointObservations
from gametheory.tables.ragged import Ints

if TYPE_CHECKING:
    from gametheory.posg import POSG


def check_tables(game: POSG, tables: Tables) -> None:
    """Check dense transitions and rewards wherever they can be played.

    Raises:
        GameError: names the array, the index and the value.
    """
    played = playable(game)
    _check_rows(tables.transitions, played, "P")
    weights = tables.rewards.probabilities
    if weights is not None:
        _check_rows(weights, (tables.transitions > 0) & played[..., None], "reward probabilities")
    for agent in range(len(game.agents)):
        _check_silent_tables(game, tables, agent)


def check_posg(game: POSG) -> None:
    """Check the start, the branches and the observations of a game.

    Raises:
        GameError: names the array, the index and the value.
    """
    S = len(game.states)
    if game.initial.shape != (S,):
        raise GameError(f"initial has shape {list(game.initial.shape)}; it must be [{S}]")
    check_simplex(game.initial, "initial")
    if game.tables is None:
        _check_branches(game)
    _check_observations(game)
    _check_initial_observations(game)
    for agent in range(len(game.agents)):
        _check_silent_observations(game, agent)


def playable(game: POSG) -> Array:
    """``[S, A_1, …, A_n]`` bool: joint actions that may be legal in a state where play goes on."""
    S, counts = len(game.states), game.action_counts
    mask: Array = np.ones((S, *counts), dtype=bool)
    mask[game.terminal] = False
    for i, own in enumerate(_allowed(game)):
        mask = mask & own.reshape(S, *(counts[i] if k == i else 1 for k in range(len(counts))))
    return mask


def _allowed(game: POSG) -> list[Array]:
    """Per agent ``[S, A_i]`` bool: actions that may be legal in s; all of them where it sees ⊥."""
    S, first, out = len(game.states), game.initial_observations, []
    started = np.asarray(game.initial > 0, dtype=bool)[:, None]
    for i, legal in enumerate(game.legal):
        if legal is None:
            out.append(np.ones((S, game.action_counts[i]), dtype=bool))
            continue
        begin = legal[-1] if first is None else first.allows(i, legal)
        out.append(game.observations.allows(i, legal) | (started & begin) | game.null[:, i, None])
    return out


def _check_rows(weights: Array, where: Array, name: str) -> None:
    """Check that the rows of ``weights[…, k]`` selected by ``where[…]`` are distributions."""
    if np.all(where):
        check_simplex(weights, name)
        return
    negative = np.argwhere((weights < 0) & where[..., None])
    if len(negative):
        index = tuple(int(k) for k in negative[0])
        raise GameError(f"{name}{list(index)} is {weights[index]}; a probability is at least 0")
    sums = weights.sum(axis=-1)
    off = sums != 1 if is_exact(weights) else np.abs(sums - 1.0) > SIMPLEX_TOLERANCE
    wrong = np.argwhere(off.astype(bool) & where)
    if len(wrong):
        index = tuple(int(k) for k in wrong[0])
        raise GameError(f"{name}{list(index)} must be a distribution; it sums to {sums[index]}")


def _check_branches(game: POSG) -> None:
    """Sparse rows are distributions over existing states; an empty row cannot be played."""
    b, S, n = game.branches, len(game.states), len(game.agents)
    counts = np.where(game.null, 1, np.array(game.action_counts))
    sizes = np.where(game.terminal, 0, counts.prod(axis=1))
    if b.strides.shape != (S, n) or b.rewards.shape != (n, len(b.successors)):
        raise GameError(f"branches must have strides [{S}, {n}] and rewards [{n}, {len(b.successors)}]")
    if not np.array_equal(np.diff(b.offsets), sizes):
        state = int(np.argmax(np.diff(b.offsets) != sizes))
        raise GameError(f"state {game.states[state]} must have {sizes[state]} rows, one per joint action")
    check_branches(b, lambda state: f"state {game.states[state]}", "state")
    empty = np.flatnonzero(np.diff(b.indptr) == 0)
    if len(empty):
        _check_unplayable(game, empty)


def _check_unplayable(game: POSG, rows: Ints) -> None:
    """No joint action of these rows, which lead nowhere, may be legal."""
    state = game.branches.state_of_row[rows]
    joint = game.branches.joint_actions(rows, game.action_counts)
    legal = np.ones(len(rows), dtype=bool)
    for own, action in zip(_allowed(game), joint.T, strict=True):
        legal &= own[state, action]
    if np.any(legal):
        k = int(np.argmax(legal))
        shown = [
            "⊥" if silent else labels[action]
            for silent, labels, action in zip(game.null[state[k]], game.actions, joint[k], strict=True)
        ]
        raise GameError(
            f"nothing follows the joint action ({', '.join(shown)}) in state {game.states[int(state[k])]}; "
            "give its successors, make it illegal, or make the state terminal"
        )


def _check_observations(game: POSG) -> None:
    kernels = game.observations
    if isinstance(kernels, FactoredObservations):
        for i, kernel in enumerate(kernels.of_agent):
            kernel.check(~game.null[:, i], f"O^{i}")
    else:
        kernels.joint.check(np.ones(len(game.states), dtype=bool), "O")
        _check_joint_null(game, kernels, "O")


def _check_joint_null(game: POSG, kernels: JointObservations, name: str) -> None:
    """Of an agent that sees ⊥ only symbol 0 may carry weight."""
    for i in np.flatnonzero(game.null.any(axis=0)):
        other = np.arange(kernels.sizes[i])[:, None] > 0
        bad = game.null[:, i] & kernels.allows(int(i), other)[:, 0]
        if np.any(bad):
            state = game.states[int(np.argmax(bad))]
            raise GameError(
                f"{name} shows agent {game.agents[i]} an observation in state {state}, where it sees ⊥"
            )


def _check_initial_observations(game: POSG) -> None:
    first = game.initial_observations
    started = np.asarray(game.initial > 0, dtype=bool)
    if isinstance(first, FactoredObservations):
        for i, kernel in enumerate(first.of_agent):
            kernel.check(started & ~game.null[:, i], f"O0^{i}")
    elif first is not None:
        first.joint.check(started, "O0")
        _check_joint_null(game, first, "O0")


def _check_silent_tables(game: POSG, tables: Tables, agent: int) -> None:
    """An agent that sees ⊥ makes no choice: P and R may not depend on its action there."""
    silent = np.flatnonzero(game.null[:, agent] & ~game.terminal)
    name = game.agents[agent]
    values, weights = tables.rewards.values, tables.rewards.probabilities
    for what, array in (("P", tables.transitions), ("R", np.moveaxis(values, 0, -1)), ("R", weights)):
        if array is None or not silent.size:
            continue
        own = np.moveaxis(array, 1 + agent, 1)[silent]
        varies = (own != own[:, :1]).reshape(len(silent), -1).any(axis=1)
        if np.any(varies):
            state = game.states[int(silent[np.argmax(varies)])]
            raise GameError(f"{what} depends on the action of agent {name} in state {state}, where it sees ⊥")


def _check_silent_observations(game: POSG, agent: int) -> None:
    """What is observed after a state where an agent sees ⊥ may not depend on its action."""
    branches, kernels = game.branches, game.observations
    silent = game.null[branches.state_of_row, agent][branches.row_of_branch]
    reached = np.zeros(len(game.states), dtype=bool)
    reached[branches.successors[silent]] = True
    if isinstance(kernels, FactoredObservations):
        rows, laws = kernels.of_agent[agent].rows, kernels.of_agent[agent].laws
        reached &= ~game.null[:, agent]
    else:
        rows, laws = np.moveaxis(kernels.joint.rows, 1 + agent, 1), kernels.joint.laws
    at = np.flatnonzero(reached)
    if not len(at) or rows.shape[1] == 1:
        return
    others = rows[at].reshape(len(at), rows.shape[1], -1)
    same = laws.same(others.ravel(), np.broadcast_to(others[:, :1], others.shape).ravel())
    varies = ~same.reshape(len(at), -1).all(axis=1)
    if np.any(varies):
        state = game.states[int(at[np.argmax(varies)])]
        name = game.agents[agent]
        raise GameError(f"O in state {state} depends on an action of agent {name} that it could not choose")
