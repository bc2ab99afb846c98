"""Agent-environment-cycle games in tabular form: one agent, or the environment, moves at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.numerics import Array, freeze, is_exact
from gametheory.tables.aecg_checks import check_aecg
from gametheory.tables.aecg_tables import reachable_nodes, read_cycle
from gametheory.tables.branches import Branches, Ints
from gametheory.tables.fields import name_sets, names, per_state
from gametheory.tables.kernel import Kernel


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
        observations: ``O^i``, per agent a ``Kernel`` with rows ``[S]``; −1 where it sees ⊥ on its turn.
        discount: ``γ``, ``[S]``.
        terminal: ``[S]`` bool.
        legal: per agent None or ``[|Ω^i|, A_i]`` bool.
        agents, states, actions, observation_labels, title: names.

    Raises:
        GameError: a row that is no distribution, a random move of an agent, a legal action that
            leads nowhere, rewards that depend on the next mover, a mover or successor that does not
            exist, γ outside [0, 1], an observation without a legal action.
    """

    branches: Branches
    node_states: Ints  # [K]
    movers: Ints  # [K]
    start: int
    observations: tuple[Kernel, ...]  # rows [S]; −1 means ⊥
    discount: Array  # [S]
    terminal: Array  # [S] bool
    legal: tuple[Array | None, ...]
    agents: tuple[str, ...]
    states: Sequence[str]
    actions: tuple[tuple[str, ...], ...]
    observation_labels: tuple[tuple[str, ...], ...]
    title: str = ""

    def __post_init__(self) -> None:
        check_aecg(self)

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
            observations=nodes.observations,
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
        seen = all(own.laws.exact for own in self.observations)
        return self.branches.exact and seen and is_exact(self.discount)

    def node_name(self, node: int) -> str:
        """A node for people: its state and its mover."""
        mover = int(self.movers[node])
        name = "the environment" if mover == self.environment else f"agent {self.agents[mover]}"
        return f"state {self.states[int(self.node_states[node])]} moved by {name}"
