"""Slots: how an AECG state remembers what a POSG's step needs, numbered for array arithmetic.

A *configuration* is (s, slots). Slot j is one number: 0 empty, then the previous actions (or the
waiting observations), then one for "before the first observation", then the new actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Array
from gametheory.posg import POSG
from gametheory.tables.branches import Ints
from gametheory.tables.kernels import FactoredObservations, JointObservations


@dataclass(frozen=True)
class Slot:
    """How the numbers of one agent's slot are laid out."""

    previous: int
    """How many previous actions it can hold."""
    waiting: int
    """How many waiting observations it can hold."""
    actions: int

    @property
    def kept(self) -> int:
        return self.previous + self.waiting

    @property
    def first(self) -> int:
        """Before the first observation, which is drawn on the agent's own turn."""
        return self.kept + 1

    def new(self, action: Array | int) -> Array | int:
        """The agent has chosen ``action``."""
        return action + self.kept + 2

    @property
    def size(self) -> int:
        return self.kept + 2 + self.actions


class Slots:
    """The numbering of one POSG's configurations."""

    def __init__(self, game: POSG) -> None:
        self.game = game
        self.n = len(game.agents)
        kernels = game.observations
        self.factored = isinstance(kernels, FactoredObservations)
        previous = [0] * self.n
        if isinstance(kernels, FactoredObservations):
            lengths = [own.rows.shape[1] for own in kernels.of_agent]
            previous = [length if length > 1 else 0 for length in lengths]  # 1: the action is immaterial
        drawn_early = not self.factored or isinstance(game.initial_observations, JointObservations)
        waiting = list(kernels.sizes) if drawn_early else [0] * self.n
        self.agents = [Slot(*own) for own in zip(previous, waiting, game.action_counts, strict=True)]
        sizes = [len(game.states), *(slot.size for slot in self.agents), self.n + 1]
        if np.prod([float(size) for size in sizes]) > 2.0**62:
            raise GameError("the game has too many states, agents and actions to number its rounds")
        self.sizes = sizes
        self.origin = int(np.prod(np.array(sizes, dtype=object)))

    def encode(self, states: Array, slots: Array, mover: Array | int) -> Ints:
        """Codes ``[B]`` of nodes from ``states[B]``, ``slots[n, B]`` and the mover."""
        code = np.asarray(states, dtype=np.int64)
        for own, slot in zip(slots, self.agents, strict=True):
            code = code * slot.size + own
        return np.asarray(code * (self.n + 1) + mover, dtype=np.int64)

    def decode(self, codes: Ints) -> tuple[Ints, Ints, Ints]:
        """``states[B]``, ``slots[n, B]`` and ``movers[B]`` of codes other than the origin's."""
        parts = np.unravel_index(codes, self.sizes)
        return parts[0], np.array(parts[1:-1]).reshape(self.n, -1), parts[-1]


class StateNames(Sequence[str]):
    """Names of AECG states, spelled only when somebody asks."""

    def __init__(self, slots: Slots, codes: Ints) -> None:
        self.slots, self.codes = slots, codes

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, node: Any) -> Any:
        if isinstance(node, slice):
            return [self[k] for k in range(*node.indices(len(self)))]
        if node == len(self) - 1:
            return "the first draw"
        game = self.slots.game
        states, slots, _ = self.slots.decode(self.codes[node : node + 1])
        words = []
        for i, layout in enumerate(self.slots.agents):
            held = int(slots[i, 0])
            if held == 0:
                words.append("–")
            elif held <= layout.kept:
                after = held <= layout.previous
                labels = game.actions[i] if after else game.observation_labels[i]
                words.append(
                    ("after " if after else "sees ") + labels[held - 1 - (not after) * layout.previous]
                )
            else:
                words.append("first" if held == layout.first else game.actions[i][held - layout.kept - 2])
        return f"{game.states[int(states[0])]} ({', '.join(words)})"
