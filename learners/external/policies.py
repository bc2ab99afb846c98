"""Policies from anywhere: any callable as a policy here, asked as PettingZoo asks. No torch.

A callable gets what its agent sees and answers with an action, or with a probability for every
action. Whether regrets are exact depends on that: a law that is told is the law; one that is only
drawn from has to be estimated (``learners.judge.estimated``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from gametheory import streams
from gametheory.errors import GameError, UnknownName
from gametheory.game import Discrete, Game
from gametheory.numerics import Array
from gametheory.policy import Policy
from gametheory.streams import Keys
from learners.external.asking import Caller
from learners.external.seats import Answers, Mask, Seat
from learners.words import counted

__all__ = ["Answers", "DrawnPolicy", "LawPolicy", "Mask", "as_policies", "callable_policy"]


@dataclass(frozen=True)
class LawPolicy:
    """A callable whose law over discrete actions is known: it tells it, or always answers the same."""

    caller: Caller

    takes_legal: ClassVar[bool] = True

    def start(self, batch: int) -> Any:
        return self.caller.start(batch)

    def probabilities(self, carry: Any, observation: Array, legal: Array | None = None) -> Array:
        """``[B, A_i]``.

        Raises:
            GameError: the callable answers with no distribution over legal actions.
        """
        return self.caller.ask(carry, observation, legal)[1]

    def act(
        self, carry: Any, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        after, law = self.caller.ask(carry, observation, legal)
        return after, streams.categorical(law.cumsum(axis=1), streams.uniform(keys, 0, 1)[:, 0])

    def remember(self, carry: Any, observation: Array, action: Array) -> Any:
        """What the callable remembers was settled before the action was drawn."""
        return self.caller.ask(carry, observation, None)[0]


@dataclass(frozen=True)
class DrawnPolicy:
    """A callable that answers with actions. ``keys`` are not read: chance, if any, is its own."""

    caller: Caller

    takes_legal: ClassVar[bool] = True

    @property
    def settled(self) -> bool:
        """Whether it is said to answer the same whenever it is asked the same."""
        return self.caller.answers is Answers.ACTION

    def start(self, batch: int) -> Any:
        return self.caller.start(batch)

    def act(
        self, carry: Any, observation: Array, keys: Keys, legal: Array | None = None
    ) -> tuple[Any, Array]:
        return self.caller.ask(carry, observation, legal)


def callable_policy(
    function: Callable[..., Any],
    game: Game[Any],
    agent: int | str,
    *,
    answers: Answers | None = None,
    batched: bool = False,
    mask: Mask = Mask.WITHIN,
    memory: Any = None,
) -> LawPolicy | DrawnPolicy:
    """A callable as the policy of one agent of a game.

    Args:
        function: ``observation -> answer``. The observation is a number or a vector ``[d]``, as
            ``environments.pettingzoo_env`` shows it; an agent that sees ⊥ is not asked.
        game: the game it is asked in.
        agent: its number or its name.
        answers: what the answers are. None: the callable is asked once to see. As many numbers as
            there are actions are taken as their probabilities, anything else as a drawn action.
        batched: it takes observations ``[B]`` or ``[B, d]`` and answers for all rows at once.
        mask: where it is shown which actions are legal, in games that say so.
        memory: what it remembers before its first observation: nested tuples of numbers and arrays
            of one row. With it the callable is called as ``(observation, memory)``, or
            ``(observation, info, memory)``, and answers ``(answer, next memory)``.

    Raises:
        GameError: the callable does not answer as it must; names the agent and the answer.
    """
    seat = Seat.of(game, agent)
    if answers is None:
        answers = Caller(function, seat, Answers.DRAW, batched, mask, memory).find_out()
    caller = Caller(function, seat, answers, batched, mask, memory)
    known = answers is not Answers.DRAW and isinstance(seat.actions, Discrete)
    return LawPolicy(caller) if known else DrawnPolicy(caller)


Given = Sequence[Policy | Callable[..., Any]] | Mapping[str, Policy | Callable[..., Any]]
"""Policies or callables, in the order of the agents or by their names."""


def as_policies(game: Game[Any], given: Given | Callable[[Game[Any]], Given]) -> tuple[Policy, ...]:
    """One policy per agent, of what others write.

    Args:
        game: the game they are asked in.
        given: per agent a policy, or a callable with ``callable_policy``'s defaults; in order, by
            name, or as a function of the game that returns one or the other.

    Raises:
        UnknownName: a name that no agent has.
        GameError: an agent without a policy, or with something that is none.
    """
    found: Any = given(game) if callable(given) else given
    if isinstance(found, Mapping):
        for name in found:
            if name not in game.agents:
                raise UnknownName("agent", str(name), game.agents)
        missing = [name for name in game.agents if name not in found]
        if missing:
            raise GameError(f"agent {missing[0]} has no policy; give one to each of {', '.join(game.agents)}")
        found = [found[name] for name in game.agents]
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise GameError(
            f"the policies are of type {type(found).__name__}; they must be a list in the order of the agents, "
            "a dictionary by their names, or a function of the game that returns one"
        )
    if len(found) != len(game.agents):
        raise GameError(
            f"{counted(len(found), 'policy', 'policies')} for {counted(len(game.agents), 'agent')}; give one to each"
        )
    return tuple(_as_policy(game, i, own) for i, own in enumerate(found))


def _as_policy(game: Game[Any], agent: int, given: Any) -> Policy:
    if not isinstance(given, type):
        if isinstance(given, Policy):
            return given
        if callable(given):
            return callable_policy(given, game, agent)
    kind = f"the class {given.__name__}" if isinstance(given, type) else f"of type {type(given).__name__}"
    raise GameError(
        f"the policy of agent {game.agents[agent]} is {kind}; it must be a policy (`start`, `act`) or a callable "
        "from an observation to an action"
    )
