"""Agent-environment-cycle games in tabular form: one agent, or the environment, moves at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.aecg_tables import reachable_nodes, read_cycle
from gametheory.branches import Branches, Ints
from gametheory.errors import GameError
from gametheory.fields import name_sets, names, per_state
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, check_simplex, freeze, is_exact


@dataclass(frozen=True, eq=False)
class TurnObservations:
    """``O^i(ω | s)`` of one agent, drawn on its own turn: ``table[rows[s]]``; −1 means ⊥.

    Many states share a row, so the table holds each distinct law once.
    """

    rows: Ints  # [S]
    table: Array  # [R, |Ω^i|]

    def law(self, state: int) -> Array:
        """``[|Ω^i|]``: the law of the observation in a state where the agent sees something."""
        return np.asarray(self.table[self.rows[state]])


@dataclass(frozen=True, eq=False)
class AECG:
    """``(S, N, {A^i}, {Ω^i}, {R^i}, {T^i}, P, {O^i}, V, s_0, i_0, γ)``.

    In a *node* (state s, mover j) the mover acts: agent j receives ``ω ~ O^j(· | s)`` and draws an
    action a, whereupon ``s' = T^j(s, a)``; the environment draws ``s' ~ P(· | s)``. Then rewards
    ``~ R(· | s, j, a, s')`` and the next mover ``~ V(· | s, j, a)``; what follows counts ``γ(s)``
    times. Symbols follow Straka's lecture notes on multi-agent RL (NPFL139, 2024) after Terry et
    al., *PettingZoo* (NeurIPS 2021). Movers are numbered 0 … n−1 and the environment is n.

    ``tabular`` builds a game from the tuple's tables; this constructor takes the sparse form.

    Args:
        branches: over nodes: one row per action of the mover (a single one for the environment and
            for an agent that sees ⊥), whose branches lead to nodes.
        node_states, movers: ``[K]`` the state and the mover of each node.
        start: the node ``(s_0, i_0)``.
        observations: per agent the laws of what it sees on its turn.
        discount: ``γ``, ``[S]``.
        terminal: ``[S]`` bool.
        legal: per agent None or ``[|Ω^i|, A_i]`` bool.
        agents, states, actions, observation_labels, title: names.

    Raises:
        GameError: a row that is no distribution, a random move of an agent, a mover or successor
            that does not exist, γ outside [0, 1], an observation without a legal action.
    """

    branches: Branches
    node_states: Ints  # [K]
    movers: Ints  # [K]
    start: int
    observations: tuple[TurnObservations, ...]
    discount: Array  # [S]
    terminal: Array  # [S] bool
    legal: tuple[Array | None, ...]
    agents: tuple[str, ...]
    states: Sequence[str]
    actions: tuple[tuple[str, ...], ...]
    observation_labels: tuple[tuple[str, ...], ...]
    title: str = ""

    def __post_init__(self) -> None:
        _check_nodes(self)
        _check_rows(self)
        _check_turns(self)

    @classmethod
    def tabular(
        cls,
        moves: Any,
        chance: Any,
        next_mover: Any,
        rewards: Any,
        observations: Any,
        start: tuple[int, int],
        discount: Any = 1,
        *,
        null: Any = None,
        legal: Sequence[Any] | None = None,
        terminal: Iterable[int] = (),
        agents: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        actions: Sequence[Sequence[str]] | None = None,
        observation_labels: Sequence[Sequence[str]] | None = None,
        title: str = "",
    ) -> AECG:
        """A game from the tables of its tuple; only nodes that play can reach are built.

        Args:
            moves: ``T^i``, per agent the state reached, ``[S, A_i]``; −1 where there is no move.
            chance: ``P``, ``[S, S']``; None where the environment never moves.
            next_mover: ``V``, per agent ``[S, A_i, n + 1]`` and then ``[S, n + 1]`` for the
                environment, whose column is the last; or a cycle of movers, none of them twice.
            rewards: per mover, the environment last: 0, numbers ``[n, S, A_j, S']`` (for the
                environment ``[n, S, S']``), the same without ``S'``, or ``Rewards``. None: all 0.
            observations: ``O^i``, per agent ``[S, |Ω^i|]``.
            start: ``(s_0, i_0)``.
            discount: ``γ``, a number in [0, 1] or ``[S]``.
            null: ``[S, n]`` bool: on its turn in that state the agent sees ⊥, and makes no choice.
            legal: per agent None or ``[|Ω^i|, A_i]`` bool.
            terminal: indices of the states at which play stops.
            agents: names.
            states: names.
            actions: names per agent.
            observation_labels: names per agent.
            title: name of the game.

        Raises:
            GameError: a wrong shape; where play can come by, a row that is no distribution, a
                missing move, or dynamics that depend on the choice of an agent that sees ⊥.

        Warns:
            UserWarning: an agent never moves.
        """
        tables = read_cycle(moves, chance, next_mover, rewards, observations, null, legal, terminal)
        S, n = tables.null.shape
        nodes = reachable_nodes(tables, start)
        named = names(agents, n, "agents")
        for i in sorted(set(range(n)) - set(nodes.movers.tolist())):
            warnings.warn(f"agent {named[i]} never moves", stacklevel=2)
        return cls(
            branches=nodes.branches,
            node_states=nodes.states,
            movers=nodes.movers,
            start=nodes.start,
            observations=tuple(map(TurnObservations, nodes.rows, nodes.laws)),
            discount=per_state(discount, S),
            terminal=tables.terminal,
            legal=tables.legal,
            agents=named,
            states=names(states, S, "states"),
            actions=name_sets(actions, [own.shape[1] for own in tables.moves], "actions"),
            observation_labels=name_sets(
                observation_labels, [own.shape[1] for own in tables.observations], "observation_labels"
            ),
            title=title,
        )

    @property
    def environment(self) -> int:
        """The number of the environment as a mover."""
        return len(self.agents)

    @property
    def node_count(self) -> int:
        return len(self.movers)

    @property
    def action_counts(self) -> tuple[int, ...]:
        """``(A_1, …, A_n)``."""
        return tuple(map(len, self.actions))

    @property
    def observation_counts(self) -> tuple[int, ...]:
        """``(|Ω^1|, …, |Ω^n|)``."""
        return tuple(map(len, self.observation_labels))

    @cached_property
    def silent(self) -> Array:
        """``[K]`` bool: nodes at which no agent makes a choice: the environment's and empty turns."""
        out = np.ones(self.node_count, dtype=bool)
        for i, own in enumerate(self.observations):
            out &= (self.movers != i) | (own.rows[self.node_states] < 0)
        return freeze(out)

    @cached_property
    def exact(self) -> bool:
        """Whether every number of the game is rational."""
        tables = [own.table for own in self.observations]
        return self.branches.exact and all(map(is_exact, [self.discount, *tables]))


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
    if game.discount.shape != (S,) or np.any((game.discount < 0) | (game.discount > 1)):
        raise GameError(f"discount must be [{S}] numbers in [0, 1]")
    if game.terminal.shape != (S,):
        raise GameError(f"terminal has shape {list(game.terminal.shape)}; it must be [{S}]")


def _check_rows(game: AECG) -> None:
    b, K = game.branches, game.node_count
    counts = np.array([*game.action_counts, 1])[game.movers]
    counts[game.silent] = 1
    counts[game.terminal[game.node_states]] = 0
    if not np.array_equal(np.diff(b.offsets), counts):
        bad = int(np.argmax(np.diff(b.offsets) != counts))
        raise GameError(f"{_node(game, bad)} must have {counts[bad]} rows, one per action of its mover")
    if np.any((b.successors < 0) | (b.successors >= K)):
        raise GameError(f"a branch leads to node {b.successors.max()}; the game has nodes 0 … {K - 1}")
    if np.any(b.probabilities < 0):
        k = int(np.argmax(b.probabilities < 0))
        raise GameError(f"branch {k} has probability {b.probabilities[k]}; a probability is at least 0")
    wrong = b.row_sums != 1 if is_exact(b.probabilities) else np.abs(b.row_sums - 1.0) > SIMPLEX_TOLERANCE
    wrong = np.asarray(wrong & (np.diff(b.indptr) > 0))
    if np.any(wrong):
        row = int(np.argmax(wrong))
        place = _node(game, int(b.state_of_row[row]))
        raise GameError(f"a row of {place} must be a distribution; it sums to {b.row_sums[row]}")
    _check_deterministic_moves(game)


def _check_deterministic_moves(game: AECG) -> None:
    """``T^i`` is a function: all branches of an agent's row lead to nodes of one state."""
    b = game.branches
    reached = game.node_states[b.successors]
    first = reached[np.minimum(b.indptr[:-1], max(len(reached) - 1, 0))] if len(reached) else reached
    by_agent = game.movers[b.state_of_row[b.row_of_branch]] < len(game.agents)
    random = by_agent & (reached != first[b.row_of_branch]) if len(reached) else by_agent
    if np.any(random):
        place = _node(game, int(b.state_of_row[b.row_of_branch[np.argmax(random)]]))
        raise GameError(f"{place}: an agent's move leads to one state; let the environment draw instead")


def _check_turns(game: AECG) -> None:
    for i, own in enumerate(game.observations):
        check_simplex(own.table, f"O^{i}")
        if own.table.shape[1] != game.observation_counts[i]:
            raise GameError(
                f"O^{i} has {own.table.shape[1]} columns; agent {game.agents[i]} has "
                f"{game.observation_counts[i]} observations"
            )
        legal = game.legal[i]
        if legal is not None:
            if legal.shape != (game.observation_counts[i], game.action_counts[i]):
                raise GameError(f"legal[{i}] must be [{game.observation_counts[i]}, {game.action_counts[i]}]")
            if not np.all(legal.any(axis=1)):
                empty = int(np.argmin(legal.any(axis=1)))
                raise GameError(f"legal[{i}][{empty}] allows no action; every observation needs one")


def _node(game: AECG, node: int) -> str:
    mover = int(game.movers[node])
    name = "the environment" if mover == game.environment else f"agent {game.agents[mover]}"
    return f"state {game.states[int(game.node_states[node])]} moved by {name}"
