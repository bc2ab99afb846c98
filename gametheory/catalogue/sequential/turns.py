"""Games in which one agent moves at a time, written down as their rules."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gametheory.aecg import AECG
from gametheory.numerics import Number
from gametheory.tables.assemble import to_aecg
from gametheory.tables.listed import Observations, Outcome, explore

Law = Iterable[tuple[Number, Any]]
"""Probabilities and states."""


@dataclass(frozen=True)
class Turns:
    """Rules of a game of turns; rewards are paid at the end of play. It is a ``Listed`` game."""

    agents: tuple[str, ...]
    actions: tuple[tuple[str, ...], ...]
    first: Callable[[], Law]
    """The law of the first state."""
    mover: Callable[[Any], int | None]
    """Whose turn it is; None where play is over."""
    sees: Callable[[Any, int], Hashable]
    """What the mover observes on its turn."""
    moves: Callable[[Any], Sequence[int]]
    """The mover's legal actions, a function of what it sees."""
    after: Callable[[Any, int], Law]
    """The law of the state after an action."""
    pays: Callable[[Any], Sequence[Number]]
    """What each agent gets where play is over."""
    discount: Number = 1

    def initial(self) -> Iterable[tuple[Number, Hashable, Observations]]:
        return [(p, state, self._shown(state)) for p, state in self.first()]

    def outcomes(self, state: Any, joint: tuple[int, ...]) -> Iterable[Outcome]:
        mover = self.mover(state)
        assert mover is not None
        return [self._outcome(p, reached) for p, reached in self.after(state, joint[mover])]

    def acting(self, state: Any) -> Sequence[bool]:
        mover = self.mover(state)
        return [i == mover for i in range(len(self.agents))]

    def legal(self, state: Any, agent: int) -> Sequence[int] | None:
        return self.moves(state)

    def terminal(self, state: Any) -> bool:
        return self.mover(state) is None

    def _outcome(self, p: Number, state: Any) -> Outcome:
        paid = self.pays(state) if self.terminal(state) else (0,) * len(self.agents)
        return Outcome(p, state, paid, self._shown(state))

    def _shown(self, state: Any) -> Observations:
        mover = self.mover(state)
        return tuple(self.sees(state, i) if i == mover else None for i in range(len(self.agents)))


def aecg(rules: Turns, title: str, state_limit: int = 1_000_000) -> AECG:
    """The rules as an AECG; states are named by ``str``."""
    return to_aecg(explore(rules, state_limit=state_limit), title)
