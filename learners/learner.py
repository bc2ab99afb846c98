"""What a learner is: it sees specs and transitions, never an environment. No torch in here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Protocol, TypeGuard, runtime_checkable

from gametheory.numerics import Array, to_floats
from gametheory.policy import Policy, StochasticPolicy
from gametheory.streams import Keys


class Transition(NamedTuple):
    """One step of B plays as a learner sees it, or several steps of them in one."""

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
    carries: tuple[Any, ...] = ()
    """Per agent what its behaviour policy remembered once it had acted; empty where nobody kept it."""
    next_acting: Array | None = None
    """[B, n] bool: who acts at `next_observations`; None: those who see something there."""
    steps: Array | None = None
    """[B] int: how many steps of the game the row spans, as `training.n_step` asks; None: one."""


@runtime_checkable
class MaskedPolicy(Policy, Protocol):
    """A policy that is told what is legal; having ``takes_legal`` is what says so.

    A policy that also tells its ``probabilities`` takes ``legal`` there, too.
    """

    takes_legal: ClassVar[bool]
    """True; a policy without the attribute is asked without the mask."""

    def act(
        self, carry: Any, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        """As ``Policy.act``; ``legal[B, A_i]`` holds an action in every row, None: all are legal."""
        ...


def takes_legal(policy: Policy) -> TypeGuard[MaskedPolicy]:
    """Whether a policy is told what is legal: asked at every step, so by the attribute that says so alone."""
    return hasattr(policy, "takes_legal")


def shown(policy: Policy, observations: tuple[Array, ...], agent: int) -> Any:
    """What an agent's policy is asked with: its own observation, or everybody's if it ``reads_all``.

    The parts of a centralized model read all observations.
    """
    return observations if getattr(policy, "reads_all", False) else observations[agent]


def ask(policy: Policy, carry: Any, observation: Array, keys: Keys, legal: Array | None) -> tuple[Any, Array]:
    """``act``, with the mask if the policy takes one."""
    if takes_legal(policy):
        return policy.act(carry, observation, keys, legal)
    return policy.act(carry, observation, keys)


def law(policy: StochasticPolicy, carry: Any, observation: Array, legal: Array | None) -> Array:
    """``probabilities [B, A_i]`` in floats, with the mask if the policy takes one."""
    tell: Any = policy.probabilities
    given = (legal,) if takes_legal(policy) else ()
    return to_floats(tell(carry, observation, *given))


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


@runtime_checkable
class KeepsPolicies(Protocol):
    """A learner that can save its evaluated policies apart from what it learns with.

    One that cannot is saved whole, experience and all.
    """

    def policy_state(self) -> dict[str, Any]:
        """All that ``policies()`` is made of: tensors, numbers, strings and containers."""
        ...

    def load_policy_state(self, state: Mapping[str, Any]) -> None:
        """Play as when it was saved; what the learner learns with is left as it is.

        Raises:
            GameError: the state is of another configuration.
        """
        ...


def kept(learner: Learner) -> dict[str, Any]:
    """What a learner's policies are made of; its whole state where it cannot tell them apart."""
    return learner.policy_state() if isinstance(learner, KeepsPolicies) else learner.state_dict()


def play_as(learner: Learner, state: Mapping[str, Any]) -> None:
    """Have a learner's ``policies()`` play as when ``kept`` was asked.

    Raises:
        GameError: the state is of another configuration.
    """
    if isinstance(learner, KeepsPolicies):
        learner.load_policy_state(state)
    else:
        learner.load_state_dict(state)
