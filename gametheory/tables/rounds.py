"""The round of turns that one step of a POSG becomes, and the nodes that play can reach."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array
from gametheory.posg import POSG
from gametheory.tables import ragged
from gametheory.tables.branches import Ints
from gametheory.tables.distributions import Distributions, at_rows
from gametheory.tables.kernels import FactoredObservations, JointObservations
from gametheory.tables.slots import Slots


class Rounds:
    """Turns of agents and environment on codes of nodes, whole batches at once."""

    def __init__(self, game: POSG) -> None:
        self.game = game
        self.n = len(game.agents)
        self.slots = Slots(game)

    # --- what is observed on an agent's turn -----------------------------------------------

    @cached_property
    def turn_laws(self) -> list[Distributions]:
        """Per agent the laws of its observation on its turn, over ``|Ω^i| (+ 1 for start)``."""
        return [Distributions.stack(own, self.width(i)) for i, own in enumerate(self._blocks)]

    def width(self, agent: int) -> int:
        """``|Ω^i|``, and one more where the first observation is ``start``."""
        return self.game.observation_counts[agent] + (self.game.initial_observations is None)

    @cached_property
    def _blocks(self) -> list[list[Distributions]]:
        """Per agent: its kernel's laws, those of a symbol that waits, and the first ones."""
        kernels, first, out = self.game.observations, self.game.initial_observations, []
        for i, slot in enumerate(self.slots.agents):
            width = self.width(i)
            own = waiting = Distributions.points(width, [])
            begin = Distributions.points(width, [width - 1] if first is None else [])
            if isinstance(kernels, FactoredObservations):
                own = kernels.of_agent[i].laws
            if slot.waiting:
                waiting = Distributions.points(width)
            if isinstance(first, FactoredObservations):
                begin = first.of_agent[i].laws
            out.append([own, waiting, begin])
        return out

    def turn_rows(self, agent: int, states: Ints, slot: Ints) -> Ints:
        """Which of ``turn_laws`` holds on the agent's turn; −1 where it sees ⊥."""
        game, layout = self.game, self.slots.agents[agent]
        kernels, first = game.observations, game.initial_observations
        usual, waiting, _ = map(len, self._blocks[agent])
        rows = usual + slot - layout.previous - 1
        if isinstance(kernels, FactoredObservations):
            after = kernels.of_agent[agent].row(states, np.clip(slot - 1, 0, max(layout.previous - 1, 0)))
            rows = np.where(slot <= layout.previous, after, rows)
        begin = first.of_agent[agent].rows[states] if isinstance(first, FactoredObservations) else 0
        rows = np.where(slot == layout.first, usual + waiting + begin, rows)
        return np.where(game.null[states, agent], -1, rows)

    def allowed(self, agent: int, rows: Ints) -> Array:
        """``[B, A_i]`` bool: actions that some observation of the agent's turn makes legal."""
        legal, count = self.game.legal[agent], self.game.action_counts[agent]
        if legal is None:
            return np.ones((len(rows), count), dtype=bool)
        return at_rows(self.turn_laws[agent].meets(legal), rows)

    # --- the round ---------------------------------------------------------------------------

    def openings(self) -> tuple[Ints, Array]:
        """Codes of the configurations that ``ρ0`` (and a joint first observation) can draw, with weights."""
        game, first = self.game, self.game.initial_observations
        states = np.flatnonzero(game.initial > 0)
        slots = np.array([np.full(len(states), slot.first) for slot in self.slots.agents])
        weights = game.initial[states]
        if isinstance(first, JointObservations):
            at, seen, chances = first.joint.laws.entries(first.joint.rows[states])
            slots = self._waiting(seen)
            states, weights = states[at], weights[at] * chances
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
        row, branch = ragged.entries(branches.indptr, rows)
        at = going[row]
        successors, weights = branches.successors[branch], branches.probabilities[branch]
        taken, kernels = [own[at] for own in actions], self.game.observations
        if isinstance(kernels, FactoredObservations):
            chose = slots[:, at] > 0
            kept = [
                np.where(chose[i], own + 1, 0) if self.slots.agents[i].previous else np.zeros_like(own)
                for i, own in enumerate(taken)
            ]
            return at, branch, weights, self._start_of_round(successors, np.array(kept))
        laws = kernels.joint.row(successors, *taken)
        pair, seen, chances = kernels.joint.laws.entries(laws)
        weights = weights[pair] * chances
        return at[pair], branch[pair], weights, self._start_of_round(successors[pair], self._waiting(seen))

    # --- exploration ---------------------------------------------------------------------------

    def explore(self, node_limit: int) -> Ints:
        """Sorted codes of the nodes that can be reached; the last one, the origin, draws the first state."""
        known = _Known()
        frontier = known.add(self.openings()[0])
        while len(frontier):
            codes = frontier[frontier % (self.n + 1) == 0]
            for agent in range(self.n):
                codes = known.add(self.turn(agent, codes)[2])
                if known.size > node_limit:
                    raise GameError(
                        f"the AECG has more than {node_limit:,} nodes (at least {known.size:,}); "
                        "raise node_limit if memory allows"
                    )
            frontier = known.add(self.environment(codes)[3])
        return np.append(known.codes(), self.slots.origin)


class _Known:
    """A growing set of codes, in sorted chunks that are merged when they come to be of one size."""

    def __init__(self) -> None:
        self.chunks: list[Ints] = []
        self.size = 0

    def add(self, codes: Ints) -> Ints:
        """Those of the codes that are new, sorted, now known as well."""
        codes = np.unique(codes)
        for chunk in self.chunks:
            at = np.minimum(np.searchsorted(chunk, codes), len(chunk) - 1)
            codes = codes[chunk[at] != codes]
        if len(codes):
            self.chunks.append(codes)
            self.size += len(codes)
        while len(self.chunks) > 1 and len(self.chunks[-2]) <= 2 * len(self.chunks[-1]):
            self.chunks[-2:] = [np.sort(np.concatenate(self.chunks[-2:]), kind="stable")]
        return codes

    def codes(self) -> Ints:
        """All of them, sorted."""
        return np.sort(np.concatenate(self.chunks), kind="stable")
