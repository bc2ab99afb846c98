"""Policies that are given only where play can come: tables over histories without a default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory import streams
from gametheory.errors import GameError
from gametheory.numerics import Array, check_simplex, to_floats
from gametheory.policies.controllers import History
from gametheory.policy import Choice
from gametheory.streams import Keys


@dataclass(frozen=True)
class PartialPolicy:
    """``table[h]`` is the law of the action after the agent's own history h; it says nothing elsewhere.

    Exact evaluation and best responses ask it only where play can come, so a table that covers
    that is as good as any; where it does not, they raise and name the history.

    Args:
        table: from histories ``(("o", ω_0), ("a", a_0), …, ("o", ω_t))`` to distributions ``[A_i]``.
        observations: names, for messages; a last one may stand for ``start``.
        actions: names.

    Raises:
        GameError: a law that is no distribution over the actions; names the history.
    """

    table: Mapping[History, Array]
    observations: Sequence[str]
    actions: Sequence[str]

    def __post_init__(self) -> None:
        for history, law in self.table.items():
            if law.shape != (len(self.actions),):
                raise GameError(
                    f"the law after {self.words(history)} has shape {list(law.shape)}; "
                    f"there are {len(self.actions)} actions"
                )
            check_simplex(law, f"the law after {self.words(history)}")

    def words(self, history: History) -> str:
        """A history for people."""
        names = {"o": self.observations, "a": self.actions}
        return " · ".join(names[kind][number] for kind, number in history)

    def law(self, history: History) -> Array:
        """The law of the action, ``[A_i]``.

        Raises:
            GameError: the table does not have the history.
        """
        if history not in self.table:
            raise GameError(
                f"the policy does not say what to do after {self.words(history)}; add that history"
            )
        return self.table[history]

    @property
    def first(self) -> History:
        return ()

    def choices(self, memory: History, observation: int) -> tuple[Choice, ...]:
        history = (*memory, ("o", observation))
        law = self.law(history).tolist()
        return tuple(Choice(p, action, (*history, ("a", action))) for action, p in enumerate(law) if p)

    def start(self, batch: int) -> Array:
        carry = np.empty(batch, dtype=object)
        carry[:] = [()] * batch
        return carry

    def probabilities(self, carry: Array, observation: Array) -> Array:
        laws = [
            to_floats(self.law((*past, ("o", int(seen)))))
            for past, seen in zip(carry, observation, strict=True)
        ]
        return np.array(laws).reshape(len(carry), len(self.actions))

    def act(self, carry: Array, observation: Array, keys: Keys) -> tuple[Any, Array]:
        cumulative = self.probabilities(carry, observation).cumsum(axis=1)
        taken = streams.categorical(cumulative, streams.uniform(keys, 0, 1)[:, 0])
        after = np.empty(len(carry), dtype=object)
        after[:] = [
            (*past, ("o", int(seen)), ("a", int(action)))
            for past, seen, action in zip(carry, observation, taken, strict=True)
        ]
        return after, taken
