"""What makes a POSG's arrays a game: distributions, and the null-observation rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gametheory.dense import Tables
from gametheory.errors import GameError
from gametheory.kernels import FactoredObservations
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, check_simplex, is_exact

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
    for i, legal in enumerate(game.legal):
        if legal is not None:
            allowed = (_seen(game, i)[:, :, None] & legal[None]).any(axis=1)  # [S, A_i]
            allowed = np.asarray(allowed | game.null[:, i, None])
            mask = mask & allowed.reshape(S, *(counts[i] if k == i else 1 for k in range(len(counts))))
    return mask


def _seen(game: POSG, agent: int) -> Array:
    """``[S, |Ω^i| + 1]`` bool: what the agent may have seen last in each state, ``start`` last."""
    S, first = len(game.states), game.initial_observations
    seen: Array = np.concatenate([game.observations.possible(agent), np.zeros((S, 1), dtype=bool)], axis=1)
    started = (game.initial > 0).astype(bool)
    if first is None:
        seen[:, -1] |= started
    elif isinstance(first, tuple):
        seen[started, :-1] |= (first[agent][started] > 0).astype(bool)
    else:
        axes = tuple(k for k in range(1, first.ndim) if k != 1 + agent)
        seen[started, :-1] |= (first[started] > 0).astype(bool).any(axis=axes)
    return seen


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
    if np.any((b.successors < 0) | (b.successors >= S)):
        raise GameError(f"a branch leads to state {b.successors.max()}; the game has states 0 … {S - 1}")
    if np.any(b.probabilities < 0):
        k = int(np.argmax(b.probabilities < 0))
        raise GameError(f"branch {k} has probability {b.probabilities[k]}; a probability is at least 0")
    sums = b.row_sums
    wrong = sums != 1 if is_exact(sums) else np.abs(sums - 1.0) > SIMPLEX_TOLERANCE
    wrong = np.asarray(wrong & (np.diff(b.indptr) > 0))
    if np.any(wrong):
        row = int(np.argmax(wrong))
        place = game.states[int(b.state_of_row[row])]
        raise GameError(
            f"row {row} of the branches (state {place}) must be a distribution; it sums to {sums[row]}"
        )


def _check_observations(game: POSG) -> None:
    kernels = game.observations
    if isinstance(kernels, FactoredObservations):
        for i, kernel in enumerate(kernels.kernels):
            seeing = np.broadcast_to(~game.null[:, i, None], kernel.shape[:2])
            _check_rows(kernel, seeing, f"O^{i}")
        return
    n = len(game.agents)
    check_simplex(kernels.kernel.reshape(*kernels.kernel.shape[: 1 + n], -1), "O")
    _check_joint_null(game, kernels.kernel, 1 + n, "O")


def _check_joint_null(game: POSG, kernel: Array, first_axis: int, name: str) -> None:
    """On the axis of an agent that sees ⊥ only index 0 may carry weight."""
    for i in range(len(game.agents)):
        others = np.moveaxis(kernel, first_axis + i, -1)[..., 1:]
        shown = (others > 0).astype(bool).reshape(len(game.states), -1).any(axis=1)
        bad = game.null[:, i] & shown
        if np.any(bad):
            state = game.states[int(np.argmax(bad))]
            raise GameError(
                f"{name} shows agent {game.agents[i]} an observation in state {state}, where it sees ⊥"
            )


def _check_initial_observations(game: POSG) -> None:
    first = game.initial_observations
    started = (game.initial > 0).astype(bool)
    if isinstance(first, tuple):
        for i, kernel in enumerate(first):
            _check_rows(kernel, started & ~game.null[:, i], f"O0^{i}")
    elif first is not None:
        _check_rows(first.reshape(len(game.states), -1), started, "O0")
        _check_joint_null(game, first, 1, "O0")


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
        own = kernels.kernels[agent]
        reached &= ~game.null[:, agent]
    else:
        own = np.moveaxis(kernels.kernel, 1 + agent, 1)
    if not np.any(reached):
        return
    varies = (own[reached] != own[reached][:, :1]).reshape(int(reached.sum()), -1).any(axis=1)
    if np.any(varies):
        state = game.states[int(np.flatnonzero(reached)[np.argmax(varies)])]
        name = game.agents[agent]
        raise GameError(f"O in state {state} depends on an action of agent {name} that it could not choose")
