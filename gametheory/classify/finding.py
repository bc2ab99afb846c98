"""What a classification says about one class, and the table that classes are judged on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solvers.scaling import to_integer_table

JOINT_ACTIONS = "all joint actions"
NORMAL_FORM = "the normal form"


@dataclass(frozen=True)
class Finding:
    """Whether a game belongs to a class, and what proves it.

    ``witness`` holds plain dicts, lists, strings and exact numbers (``Fraction``): what to plug in
    where the class holds, a minimal refutation where it does not. Agents and actions are given by
    label.
    """

    holds: bool | None
    """None: not decided, the game being too large; the witness says so."""
    witness: Mapping[str, Any] = field(default_factory=dict)
    judged_on: str = JOINT_ACTIONS

    def document(self) -> dict[str, Any]:
        """``{"holds", "judged_on", "witness"}``; numbers stay ``Fraction``."""
        return {"holds": self.holds, "judged_on": self.judged_on, "witness": dict(self.witness)}


@dataclass(frozen=True)
class Table:
    """The payoffs of a normal form as integers, ``payoffs[i, a] = unit · integers[i, a]``."""

    integers: Array  # [n, A_1, …, A_n], Python ints, one unit for all agents
    unit: Fraction
    agents: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    places: Sequence[Any] | None = None
    """What the columns stand for, if not joint actions; the integers are then ``[n, K]``."""

    @classmethod
    def of(cls, game: NormalForm) -> Table:
        """The game's payoffs, a float being the binary rational it is."""
        integers, unit = to_integer_table(game.payoffs)
        return cls(integers, unit, game.agents, game.actions)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.integers.shape[1:]

    @property
    def rows(self) -> Array:
        """``[n, K]``: one column per joint action, in C order."""
        return self.integers.reshape(len(self.agents), -1)

    def joint(self, flat: int) -> list[str]:
        """The labels of joint action number ``flat``."""
        index = np.unravel_index(int(flat), self.shape)
        return [own[a] for own, a in zip(self.actions, index, strict=True)]

    def place(self, flat: int) -> dict[str, Any]:
        """A joint action, or whatever else the column stands for, with everybody's payoff."""
        if self.places is not None:
            return {"at": self.places[int(flat)], "rewards": self.amounts(self.rows[:, flat])}
        return {"joint action": self.joint(flat), "rewards": self.amounts(self.rows[:, flat])}

    def amounts(self, integers: Array) -> list[Any]:
        """Integers of the table as payoffs, nested like the array."""
        return (integers * self.unit).tolist()  # type: ignore[no-any-return]
