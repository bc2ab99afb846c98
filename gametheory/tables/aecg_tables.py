"""The tuple of an AECG in tables, and the way from them to branches over reachable nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array, as_numbers, check_simplex, settle
from gametheory.tables.branches import Branches, Ints
from gametheory.tables.dense import Rewards, read_rewards
from gametheory.tables.distributions import Distributions
from gametheory.tables.fields import legal_sets, mask_of, terminal_mask
from gametheory.tables.kernel import Kernel


@dataclass(frozen=True, eq=False)
class CycleTables:
    """``T``, ``P``, ``V``, ``R`` and ``O`` of an AECG, shapes checked; the environment is mover n."""

    moves: tuple[Ints, ...]  # per agent [S, A_i]; −1 where there is no move
    chance: Array | None  # [S, S']
    next_mover: tuple[Array, ...]  # per agent [S, A_i, n + 1], then [S, n + 1]
    rewards: tuple[Rewards, ...]  # per agent values [n, S, A_i, S', K], then [n, S, S', K]
    observations: tuple[Array, ...]  # per agent [S, |Ω^i|]
    null: Array  # [S, n] bool
    legal: tuple[Array | None, ...]
    terminal: Array  # [S] bool

    @property
    def agents(self) -> int:
        return len(self.moves)


@dataclass(frozen=True, eq=False)
class Nodes:
    """The part of the game that play can reach."""

    branches: Branches
    states: Ints  # [K]
    movers: Ints  # [K]
    start: int
    observations: tuple[Kernel, ...]


def read_cycle(
    moves: Any,
    chance: Any,
    next_mover: Any,
    rewards: Any,
    observations: Any,
    null: Any,
    legal: Any,
    terminal: Any,
) -> CycleTables:
    """The tables from array-likes, as ``AECG.tabular`` takes them.

    Raises:
        GameError: a wrong shape, or a move to a state that does not exist.
    """
    own = [np.array(table) for table in moves]
    if not own or any(table.ndim != 2 or len(table) != len(own[0]) or not table.size for table in own):
        raise GameError("moves must be one table [S, A_i] of states per agent")
    S, n = len(own[0]), len(own)
    for i, table in enumerate(own):
        if not np.issubdtype(table.dtype, np.integer) or np.any((table < -1) | (table >= S)):
            raise GameError(f"moves[{i}] must name states 0 … {S - 1}, or −1 where there is no move")
    counts = [table.shape[1] for table in own]
    P = None if chance is None else as_numbers(chance, "P")
    if P is not None and P.shape != (S, S):
        raise GameError(f"P has shape {list(P.shape)}; it must be {[S, S]}")
    paid = [0] * (n + 1) if rewards is None else list(rewards)
    if len(paid) != n + 1:
        raise GameError(
            f"rewards has {len(paid)} entries; it must have one per agent and one for the environment"
        )
    shapes: list[tuple[int, ...]] = [*((S, count, S) for count in counts), (S, S)]
    laws = tuple(as_numbers(law, f"O^{i}") for i, law in enumerate(observations))
    if len(laws) != n or any(law.ndim != 2 or len(law) != S or not law.size for law in laws):
        raise GameError(f"observations must be one table [{S}, |Ω^i|] per agent")
    sizes = tuple(law.shape[1] for law in laws)
    allowed = legal_sets(legal, sizes, tuple(counts))
    return CycleTables(
        moves=tuple(table.astype(np.int64) for table in own),
        chance=P,
        next_mover=_next_mover(next_mover, S, counts),
        rewards=tuple(_rewards(part, shape, n) for part, shape in zip(paid, shapes, strict=True)),
        observations=laws,
        null=mask_of(null, (S, n), "null"),
        legal=tuple(None if mask is None else mask[:size] for mask, size in zip(allowed, sizes, strict=True)),
        terminal=terminal_mask(terminal, S),
    )


def _rewards(part: Any, shape: tuple[int, ...], n: int) -> Rewards:
    if isinstance(part, int) and part == 0:
        part = np.broadcast_to(np.array(0, dtype=object), (n, *shape))
    return read_rewards(part, shape, n)


def _next_mover(given: Any, states: int, counts: list[int]) -> tuple[Array, ...]:
    """``V`` as tables, from tables or from a cycle of movers."""
    n = len(counts)
    entries = list(given)
    shapes: list[tuple[int, ...]] = [*((states, count, n + 1) for count in counts), (states, n + 1)]
    if all(isinstance(mover, int | np.integer) for mover in entries):
        return _cycle([int(mover) for mover in entries], shapes)
    if len(entries) != n + 1:
        raise GameError(
            f"V has {len(entries)} tables; it must have one per agent and one for the environment"
        )
    out = []
    for j, (entry, shape) in enumerate(zip(entries, shapes, strict=True)):
        table = as_numbers(entry, f"V^{j}")
        if table.ndim and table.shape[:-1] == shape[:-1] and table.shape[-1] > n + 1:
            raise GameError(
                f"V^{j} names mover {table.shape[-1] - 1}; movers are 0 … {n - 1}, environment {n}"
            )
        if table.shape != shape:
            raise GameError(f"V^{j} has shape {list(table.shape)}; it must be {list(shape)}")
        out.append(table)
    return tuple(out)


def _cycle(movers: list[int], shapes: list[tuple[int, ...]]) -> tuple[Array, ...]:
    n = len(shapes) - 1
    for mover in movers:
        if not 0 <= mover <= n:
            raise GameError(f"V names mover {mover}; movers are 0 … {n - 1} and the environment is {n}")
    if not movers or len(set(movers)) < len(movers):
        raise GameError(
            "a cycle names every mover at most once; tell its turns apart by the state, or give tables"
        )
    out = [np.zeros(shape, dtype=object) for shape in shapes]
    for mover, following in zip(movers, movers[1:] + movers[:1], strict=True):
        out[mover][..., following] = 1
    return tuple(out)


def reachable_nodes(tables: CycleTables, start: tuple[int, int]) -> Nodes:
    """Branches over the nodes (state, mover) that play can reach, in the order of reaching them.

    Raises:
        GameError: where play can come by: a row that is no distribution, a missing move, dynamics
            that depend on the choice of an agent that sees ⊥.
    """
    S, n = len(tables.terminal), tables.agents
    if len(start) != 2 or not 0 <= start[0] < S or not 0 <= start[1] <= n:
        raise GameError(f"start is {start}; it must be a state 0 … {S - 1} and a mover 0 … {n}")
    number = {(int(start[0]), int(start[1])): 0}
    rows_of_node, strides, branches, ends = [], [], list[tuple[int, Any, Any]](), [0]
    for node in (queue := list(number)):
        rows = list(_rows(tables, *node))
        for row in rows:
            for state, mover, pay, weight in row:
                if (state, mover) not in number:
                    number[state, mover] = len(number)
                    queue.append((state, mover))
                branches.append((number[state, mover], pay, weight))
            ends.append(len(branches))
        rows_of_node.append(len(rows))
        strides.append([int(len(rows) > 1 and node[1] == i) for i in range(n)])
    nodes = np.array(list(number))
    turns = [_turns(tables, i, nodes[nodes[:, 1] == i, 0]) for i in range(n)]
    return Nodes(
        branches=Branches(
            np.concatenate([[0], np.cumsum(rows_of_node)]).astype(np.int64),
            np.array(strides, dtype=np.int64),
            np.array(ends, dtype=np.int64),
            np.array([node for node, _, _ in branches], dtype=np.int64),
            settle(_objects([weight for _, _, weight in branches])),
            settle(_objects([x for _, pay, _ in branches for x in pay]).reshape(len(branches), n).T.copy()),
        ),
        states=nodes[:, 0],
        movers=nodes[:, 1],
        start=0,
        observations=tuple(turns),
    )


def _objects(values: list[Any]) -> Array:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _rows(tables: CycleTables, state: int, mover: int) -> Iterator[list[tuple[int, int, Any, Any]]]:
    """The rows of one node: branches (state, mover, rewards, weight) per action; [] for an illegal one."""
    if tables.terminal[state]:
        return
    V, R = tables.next_mover[mover], tables.rewards[mover]
    if mover == tables.agents:
        if tables.chance is None:
            raise GameError(f"the environment moves in state {state}; give chance")
        check_simplex(tables.chance[state], f"P[{state}]")
        yield _row(tables.chance[state], V[state], R, (state,), f"V^{mover}[{state}]")
        return
    actions: Sequence[int] = range(tables.moves[mover].shape[1])
    if tables.null[state, mover]:
        _check_silent(tables, state, mover)
        actions = [0]
    for action in actions:
        if not tables.null[state, mover] and not _may_choose(tables, state, mover, action):
            yield []
            continue
        target = tables.moves[mover][state, action]
        if target < 0:
            raise GameError(
                f"moves[{mover}][{state}, {action}] is −1, but agent {mover + 1} may choose it there"
            )
        where = _objects([0] * len(tables.terminal))
        where[target] = 1
        yield _row(where, V[state, action], R, (state, action), f"V^{mover}[{state}, {action}]")


def _row(
    reached: Array, V: Array, R: Rewards, at: tuple[int, ...], name: str
) -> list[tuple[int, int, Any, Any]]:
    check_simplex(V, name)
    movers = np.flatnonzero(V > 0)
    out = []
    for state in np.flatnonzero(reached > 0):
        values = np.moveaxis(R.values, 0, -2)[(*at, int(state))]  # [n, K]
        chances = np.ones(1, dtype=object) if R.probabilities is None else R.probabilities[(*at, state)]
        check_simplex(chances, f"reward probabilities[{', '.join(map(str, (*at, state)))}]")
        for k, mover in product(np.flatnonzero(chances > 0), movers):
            out.append((int(state), int(mover), values[:, k], reached[state] * chances[k] * V[mover]))
    return out


def _may_choose(tables: CycleTables, state: int, agent: int, action: int) -> bool:
    legal, law = tables.legal[agent], tables.observations[agent][state]
    return legal is None or bool(np.any((law > 0) & legal[:, action]))


def _check_silent(tables: CycleTables, state: int, agent: int) -> None:
    R = tables.rewards[agent]
    parts = {"T": tables.moves[agent][state], "V": tables.next_mover[agent][state]}
    reached = np.maximum(parts["T"], 0)
    actions = np.arange(len(reached))
    parts["R"] = np.moveaxis(R.values[:, state, actions, reached], 0, 1)
    if R.probabilities is not None:
        parts["R's probabilities"] = R.probabilities[state, actions, reached]
    for name, own in parts.items():
        if np.any(own != own[:1]):
            raise GameError(
                f"{name} depends on the action of agent {agent + 1} in state {state}, where it sees ⊥"
            )


def _turns(tables: CycleTables, agent: int, states: Ints) -> Kernel:
    """What the agent sees on its turns: rows ``[S]``, −1 where it has none that play can reach."""
    law = tables.observations[agent]
    rows = np.full(len(law), -1)
    seeing = states[~(tables.null[states, agent] | tables.terminal[states])]
    rows[seeing] = np.arange(len(seeing))
    for state in seeing:
        check_simplex(law[state], f"O^{agent}[{state}]")
    return Kernel(rows, Distributions.of(law[seeing]))
