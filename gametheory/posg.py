"""Partially observable stochastic games in tabular form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, as_numbers, is_exact
from gametheory.tables.branches import Branches
from gametheory.tables.dense import Tables, dense_to_branches, read_tables
from gametheory.tables.fields import legal_sets, mask_of, name_sets, names, per_state, terminal_mask
from gametheory.tables.kernels import Observations, read_initial, read_observations
from gametheory.tables.posg_checks import check_posg, check_tables


@dataclass(frozen=True, eq=False)
class POSG:
    """``(S, N, {A^i}, {Ω^i}, {R^i}, P, {O^i}, ρ0, γ)``: all agents act at once, in every step.

    A step from ``s``: joint action ``a``; then ``s' ~ P(· | s, a)``, rewards ``~ R(· | s, a, s')``,
    observations ``~ O(· | s', a)``; what follows counts ``γ(s)`` times. Symbols follow Straka's
    lecture notes on multi-agent RL (NPFL139, 2024).

    Args:
        transitions: ``P[s, a_1, …, a_n, s']``, one axis per agent in agent order; or ``Branches``,
            the sparse form, which holds the rewards too (then ``actions`` must be given).
        rewards: numbers ``[n, S, A_1, …, A_n, S']`` (or without ``S'``), or ``Rewards``.
        observations: ``FactoredObservations``, ``JointObservations``, or one kernel per agent
            (``[S', A_i, |Ω^i|]``, ``[S', |Ω^i|]`` or ``Kernel``).
        initial: ``ρ0``, ``[S]``.
        discount: ``γ``, a number in [0, 1] or ``[S]``.
        initial_observations: per agent ``[S, |Ω^i|]``, or one joint array ``[S, |Ω^1|, …, |Ω^n|]``,
            or what another game has; None: every agent receives the reserved symbol ``start``,
            which says nothing.
        null: ``[S, n]`` bool: the agent sees ⊥ in that state, and so makes no choice there.
        legal: per agent None or ``[|Ω^i|, A_i]`` bool (a further last row is for ``start``).
        terminal: indices of the states at which play stops.
        agents, states, actions, observation_labels, title: names.

    Raises:
        GameError: a wrong shape, a row that is no distribution (index and sum named), γ outside
            [0, 1], an observation without a legal action, or dynamics that depend on the choice of
            an agent that has none, or (as ``Branches``) a joint action that may be legal and leads nowhere.
    """

    branches: Branches
    """The law of (successor, rewards) for every state and joint action: what all algorithms read."""
    tables: Tables | None
    """The dense tables, where the game was given by them."""
    observations: Observations
    initial: Array  # [S]
    discount: Array  # [S]
    initial_observations: Observations | None
    null: Array  # [S, n] bool
    legal: tuple[Array | None, ...]  # per agent [|Ω^i| + 1, A_i] bool, the last row for `start`
    terminal: Array  # [S] bool
    agents: tuple[str, ...]
    states: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    observation_labels: tuple[tuple[str, ...], ...]
    title: str

    def __init__(
        self,
        transitions: Any,
        rewards: Any = None,
        observations: Any = (),
        initial: Any = (),
        discount: Any = 1,
        *,
        initial_observations: Any = None,
        null: Any = None,
        legal: Sequence[Any] | None = None,
        terminal: Iterable[int] = (),
        agents: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        actions: Sequence[Sequence[str]] | None = None,
        observation_labels: Sequence[Sequence[str]] | None = None,
        title: str = "",
    ) -> None:
        tables = None if isinstance(transitions, Branches) else read_tables(transitions, rewards)
        if tables is not None:
            S, counts = tables.transitions.shape[0], tables.transitions.shape[1:-1]
        elif rewards is None and actions is not None:
            S, counts = len(transitions.offsets) - 1, tuple(map(len, actions))
        else:
            raise GameError("Branches hold the rewards: give actions, and no rewards beside them")
        n = len(counts)
        silent = mask_of(null, (S, n), "null")
        kernels = read_observations(observations, counts, silent)
        fields = {
            "branches": transitions,
            "tables": tables,
            "observations": kernels,
            "initial": as_numbers(initial, "initial"),
            "discount": per_state(discount, S),
            "initial_observations": read_initial(initial_observations, S, kernels.sizes),
            "null": silent,
            "legal": legal_sets(legal, kernels.sizes, counts),
            "terminal": terminal_mask(terminal, S),
            "agents": names(agents, n, "agents"),
            "states": names(states, S, "states"),
            "actions": name_sets(actions, counts, "actions"),
            "observation_labels": name_sets(observation_labels, kernels.sizes, "observation_labels"),
            "title": title,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        if tables is not None:
            check_tables(self, tables)
            object.__setattr__(self, "branches", dense_to_branches(tables, self.null, self.terminal))
        check_posg(self)

    @property
    def action_counts(self) -> tuple[int, ...]:
        """``(A_1, …, A_n)``."""
        return tuple(map(len, self.actions))

    @property
    def observation_counts(self) -> tuple[int, ...]:
        """``(|Ω^1|, …, |Ω^n|)``, without ``start`` and ⊥."""
        return self.observations.sizes

    @cached_property
    def exact(self) -> bool:
        """Whether every number of the game is rational."""
        first = self.initial_observations
        seen = self.observations.exact and (first is None or first.exact)
        return self.branches.exact and seen and is_exact(self.initial) and is_exact(self.discount)

    def transition(self, state: int, joint: Sequence[int]) -> tuple[Array, Array, Array]:
        """The law of (s', r) after (s, a): successors ``[K]``, rewards ``[n, K]``, probabilities ``[K]``."""
        row = self.branches.row(state, joint)
        part = slice(self.branches.indptr[row], self.branches.indptr[row + 1])
        return (
            self.branches.successors[part],
            self.branches.rewards[:, part],
            self.branches.probabilities[part],
        )

    def expected_rewards(self, state: int) -> Array:
        """``[n, A_1, …, A_n]``: ``E[r^i | s, a]``; constant along the axis of an agent that sees ⊥."""
        if self.terminal[state]:
            raise GameError(f"state {self.states[state]} is terminal: nobody acts there")
        grid = np.indices(self.action_counts).reshape(len(self.agents), -1)
        rows = self.branches.rows(np.full(grid.shape[1], state), list(grid))
        return self.branches.expected_rewards[:, rows].reshape(-1, *self.action_counts)

    def stage_game(self, state: int) -> NormalForm:
        """The normal form that the agents' expected immediate rewards make of one state."""
        title = f"{self.title} in {self.states[state]}"
        return NormalForm(self.expected_rewards(state), self.agents, self.actions, title=title)


def one_shot(game: NormalForm) -> POSG:
    """A matrix game as a POSG: the decision state ``play``, then the terminal state ``end``."""
    shape = game.shape
    P = np.empty((2, *shape, 2), dtype=object)
    P[..., 0], P[..., 1] = 0, 1
    payoffs = np.stack([game.payoffs, np.zeros_like(game.payoffs)], axis=1)  # [n, S, A_1, …, A_n]
    return POSG(
        P,
        payoffs,
        [[[1], [1]] for _ in shape],
        initial=[1, 0],
        terminal=[1],
        agents=game.agents,
        states=("play", "end"),
        actions=game.actions,
        observation_labels=[("end",) for _ in shape],
        title=game.title,
    )
