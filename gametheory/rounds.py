"""The round of turns that one step of a POSG becomes, and the nodes that play can reach."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gametheory.branches import Ints
from gametheory.errors import GameError
from gametheory.kernels import FactoredObservations
from gametheory.numerics import Array, settle
from gametheory.posg import POSG
from gametheory.slots import Slots


class Rounds:
    """Turns of agents and environment on codes of nodes, whole batches at once."""

    def __init__(self, game: POSG) -> None:
        self.game = game
        self.n = len(game.agents)
        self.slots = Slots(game)

    # --- what is observed on an agent's turn -----------------------------------------------

    @cached_property
    def turn_tables(self) -> list[Array]:
        """Per agent the distinct laws of its observation, ``[R, |Ω^i| (+ 1 for start)]``."""
        return [self._turn_table(i) for i in range(self.n)]

    def _turn_table(self, agent: int) -> Array:
        game, width = self.game, self.game.observation_counts[agent]
        kernels, first = game.observations, game.initial_observations
        blocks: list[Array] = []
        if isinstance(kernels, FactoredObservations):
            own = kernels.kernels[agent]
            blocks.append((own if self.slots.agents[agent].previous else own[:, :1]).reshape(-1, width))
        if self.slots.agents[agent].waiting:
            blocks.append(_identity(width))
        if isinstance(first, tuple):
            blocks.append(first[agent])
        table = np.concatenate(blocks)
        if first is None:
            zeros = np.zeros((len(table), 1), dtype=table.dtype)
            table = np.concatenate([np.concatenate([table, zeros], axis=1), _identity(width + 1)[-1:]])
        return settle(table)

    def turn_rows(self, agent: int, states: Ints, slot: Ints) -> Ints:
        """Which row of the agent's table holds on its turn; −1 where it sees ⊥."""
        layout = self.slots.agents[agent]
        per_state = max(layout.previous, 1)
        count = len(self.game.states) * per_state if self.slots.factored else 0
        usual = states * per_state + np.maximum(slot - 1, 0)
        usual = np.where(slot > layout.previous, count + slot - layout.previous - 1, usual)
        by_state = isinstance(self.game.initial_observations, tuple)
        opening = count + layout.waiting + (states if by_state else 0)
        rows = np.where(slot == layout.first, opening, usual)
        return np.where(self.game.null[states, agent], -1, rows)

    def allowed(self, agent: int, rows: Ints) -> Array:
        """``[B, A_i]`` bool: actions that some observation of the agent's turn makes legal."""
        legal, count = self.game.legal[agent], self.game.action_counts[agent]
        if legal is None:
            return np.ones((len(rows), count), dtype=bool)
        seen = np.asarray(self.turn_tables[agent] > 0, dtype=bool)  # [R, |Ω^i| (+ 1)]
        per_row = np.asarray((seen[:, :, None] & legal[None, : seen.shape[1]]).any(axis=1))
        return np.asarray(per_row[np.maximum(rows, 0)])

    # --- the round ---------------------------------------------------------------------------

    def openings(self) -> tuple[Ints, Array]:
        """Codes of the configurations that ``ρ0`` (and a joint first observation) can draw, with weights."""
        game, first = self.game, self.game.initial_observations
        states = np.flatnonzero(game.initial > 0)
        slots = np.array([np.full(len(states), slot.first) for slot in self.slots.agents])
        weights = game.initial[states]
        if first is not None and not isinstance(first, tuple):
            flat = first.reshape(len(game.states), -1)[states]
            at, seen = np.nonzero(flat > 0)
            slots = self._waiting(seen)
            states, weights = states[at], weights[at] * flat[at, seen]
        return self._start_of_round(states, slots), weights

    def _waiting(self, seen: Ints) -> Array:
        """``[n, M]`` slots that hold these joint observations."""
        symbols = np.unravel_index(seen, self.game.observation_counts)
        return np.array(
            [own + 1 + slot.previous for own, slot in zip(symbols, self.slots.agents, strict=True)]
        )

    def _start_of_round(self, states: Ints, slots: Array) -> Ints:
        """Codes with the first agent to move; ⊥ empties a slot, a terminal state all of them."""
        over = self.game.terminal[states]
        slots = np.where(self.game.null[states].T | over, 0, slots)
        return self.slots.encode(states, slots, np.where(over, self.n, 0))

    def turn(self, agent: int, codes: Ints) -> tuple[Ints, Ints, Ints]:
        """One agent's turn: for each of its branches the node ``[M]``, the action, the next code."""
        states, slots, _ = self.slots.decode(codes)
        rows = self.turn_rows(agent, states, slots[agent])
        silent = rows < 0
        only = np.arange(self.game.action_counts[agent]) == 0
        can = np.where(silent[:, None], only, self.allowed(agent, rows))
        at, action = np.nonzero(can)
        slots = slots[:, at].copy()
        slots[agent] = np.where(silent[at], 0, self.slots.agents[agent].new(action))
        return at, action, self.slots.encode(states[at], slots, agent + 1)

    def environment(self, codes: Ints) -> tuple[Ints, Ints, Array, Ints]:
        """The environment's turn: node ``[M]``, POSG branch, weight and next code of each branch."""
        states, slots, _ = self.slots.decode(codes)
        actions = [
            np.maximum(own - layout.kept - 2, 0) for own, layout in zip(slots, self.slots.agents, strict=True)
        ]
        branches = self.game.branches
        going = np.flatnonzero(~self.game.terminal[states])
        rows = branches.rows(states[going], [own[going] for own in actions])
        counts = np.diff(branches.indptr)[rows]
        at = np.repeat(going, counts)
        branch = np.repeat(branches.indptr[rows] - np.concatenate([[0], counts.cumsum()[:-1]]), counts)
        branch = branch + np.arange(len(branch))
        successors, weights = branches.successors[branch], branches.probabilities[branch]
        taken, kernels = [own[at] for own in actions], self.game.observations
        if isinstance(kernels, FactoredObservations):
            chose = slots[:, at] > 0
            kept = [
                np.where(chose[i], own + 1, 0) if self.slots.agents[i].previous else np.zeros_like(own)
                for i, own in enumerate(taken)
            ]
            return at, branch, weights, self._start_of_round(successors, np.array(kept))
        width = int(np.prod(self.game.observation_counts))
        laws = kernels.kernel.reshape(-1, width)[
            np.ravel_multi_index((successors, *taken), (len(self.game.states), *self.game.action_counts))
        ]
        pair, seen = np.nonzero(laws > 0)
        weights = weights[pair] * laws[pair, seen]
        return at[pair], branch[pair], weights, self._start_of_round(successors[pair], self._waiting(seen))

    # --- exploration ---------------------------------------------------------------------------

    def explore(self, node_limit: int) -> Ints:
        """Sorted codes of the nodes that can be reached; the last one, the origin, draws the first state."""
        known = np.zeros(0, dtype=np.int64)
        frontier = np.unique(self.openings()[0])
        while len(frontier):
            layers = [frontier]
            codes = frontier[frontier % (self.n + 1) == 0]
            for agent in range(self.n):
                codes = np.unique(self.turn(agent, codes)[2])
                layers.append(codes)
            known = np.union1d(known, np.concatenate(layers))
            if len(known) > node_limit:
                raise GameError(
                    f"the AECG has more than {node_limit:,} nodes (at least {len(known):,}); "
                    "raise node_limit if memory allows"
                )
            reached = self.environment(codes)[3] if len(codes) else codes
            frontier = np.setdiff1d(reached, known)
        return np.append(known, self.slots.origin)


def _identity(size: int) -> Array:
    return np.eye(size, dtype=np.int64).astype(object)
