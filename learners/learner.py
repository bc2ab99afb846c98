"""What a learner is: it sees specs and transitions, never an environment. No torch in here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, runtime_checkable

from gametheory.numerics import Array
from gametheory.policy import Policy


class Transition(NamedTuple):
    """One step of B plays as a learner sees it."""

    observations: tuple[Array, ...]  # per agent [B] or [B, d_i]
    actions: tuple[Array, ...]  # per agent [B] or [B, k_i]
    rewards: Array  # [B, n]
    next_observations: tuple[Array, ...]
    """The true successors: at an episode's end the final observations, never the next start."""
    discount: Array  # [B], γ of this transition
    terminated: Array  # [B] bool: no value follows
    truncated: Array  # [B] bool: the play was cut off, a value would have followed
    acting: Array  # [B, n] bool: who acted at `observations`
    legal: tuple[Array | None, ...]  # per agent [B, A_i] at `observations`, None: all legal
    next_legal: tuple[Array | None, ...]


@runtime_checkable
class Learner(Protocol):
    """A multi-agent learning algorithm.

    The training loop asks ``behaviour`` for what to play, hands over every transition, and calls
    ``update`` at the pace the learner's configuration asks for. A learner owns its buffers and its
    random generators, so that ``state_dict`` is all there is to save.
    """

    def policies(self) -> tuple[Policy, ...]:
        """The policies to be evaluated and certified, one per agent, without exploration noise."""
        ...

    def behaviour(self) -> tuple[Policy, ...]:
        """The policies that gather experience: ``policies()`` with exploration, or the same."""
        ...

    def observe(self, transitions: Transition) -> None:
        """Take in one step of B plays."""
        ...

    def update(self) -> Mapping[str, float]:
        """One learning step; returns metrics, empty while there is too little experience."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Everything that a bit-exact continuation needs: tensors, numbers, strings and containers."""
        ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back what ``state_dict`` gave.

        Raises:
            GameError: the state is of another configuration.
        """
        ...
