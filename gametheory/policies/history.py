"""What a policy does after a history, for every policy that can tell its probabilities."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np

from gametheory import streams
from gametheory.errors import GameError
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, Number, settle
from gametheory.policies.controllers import History
from gametheory.policy import Choice, Chooser, FinitePolicy, Policy, StochasticPolicy
from gametheory.tables.rules import Rules

DRAWS = 2_000
"""How many draws are spent on seeing what a foreign policy remembers after each of its actions."""


@runtime_checkable
class RemembersActions(Protocol):
    """A policy that says what it remembers after a given action, so that nobody has to draw it."""

    def remember(self, carry: Any, observation: Array, action: Array) -> Any:
        """The next carry, had ``act`` drawn ``action[B]``."""
        ...


@dataclass(frozen=True)
class Carry:
    """A carry of batch 1, compared by the numbers in it."""

    key: Hashable
    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Carry) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True)
class FoldedPolicy:
    """Any ``StochasticPolicy`` as a list of choices, through ``probabilities`` and ``act`` at batch 1.

    What it remembers after an action is asked of ``remember`` where it has one; else ``act`` is
    called with fresh keys until every action of positive probability has been drawn twice.

    Raises:
        GameError: an action is too rare to be drawn, or what follows it is random: then only the
            policy itself can say.
    """

    policy: StochasticPolicy

    @property
    def first(self) -> Carry:
        return _carry(self.policy.start(1))

    def choices(self, memory: Carry, observation: int) -> tuple[Choice, ...]:
        seen = np.array([observation])
        weights = self.policy.probabilities(memory.value, seen)[0].tolist()
        for action, p in enumerate(weights):
            if not p >= 0:
                raise GameError(f"action {action} has probability {p}")
        support = [a for a, p in enumerate(weights) if p]
        if isinstance(self.policy, RemembersActions):
            after = {a: _carry(self.policy.remember(memory.value, seen, np.array([a]))) for a in support}
        else:
            after = self._drawn(memory, seen, support)
        return tuple(Choice(weights[a], a, after[a]) for a in support)

    def _drawn(self, memory: Carry, seen: Array, support: list[int]) -> dict[int, Carry]:
        after: dict[int, Carry] = {}
        again: set[int] = set()
        for keys in np.split(streams.seed_keys(0, DRAWS), DRAWS):
            carry, actions = self.policy.act(memory.value, seen, keys)
            action, reached = int(actions[0]), _carry(carry)
            if action in after:
                again.add(action)
            if after.setdefault(action, reached) != reached:
                raise GameError("what the policy remembers after an action is random; give it `choices`")
            if again.issuperset(support):
                return after
        raise GameError(
            "an action is too rare to draw; give the policy `remember(carry, observation, action)`"
        )


def _carry(value: Any) -> Carry:
    return Carry(_key(value), value)


def _key(value: Any) -> Hashable:
    """A hashable image of nested containers of arrays; unknown objects equal only themselves."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), _key(part)) for name, part in value.items()))
    if isinstance(value, tuple | list):
        return tuple(map(_key, value))
    if hasattr(value, "detach"):  # tensors that track gradients
        value = value.detach()
    if isinstance(value, np.ndarray) or hasattr(value, "__array__"):
        array = np.asarray(value)
        numbers = tuple(array.ravel().tolist()) if array.dtype == object else array.tobytes()
        return array.shape, array.dtype.str, numbers
    return value if isinstance(value, Hashable) else id(value)


def finite_policy(policy: Policy) -> Chooser:
    """The policy as one that lists its choices.

    Raises:
        GameError: it does not tell its probabilities.
    """
    if isinstance(policy, FinitePolicy):
        return policy
    if isinstance(policy, StochasticPolicy):
        return FoldedPolicy(policy)
    raise GameError(
        "the policy does not tell its probabilities; exact values need them, monte_carlo does not"
    )


class Actor:
    """One agent's policy in one game: its choices, checked once each and kept."""

    def __init__(self, rules: Rules, agent: int, policy: Policy) -> None:
        self.rules, self.agent = rules, agent
        self._known: dict[tuple[Hashable, int], tuple[Choice, ...]] = {}
        try:
            self._policy = finite_policy(policy)
        except GameError as error:
            raise GameError(f"agent {rules.agents[agent]}: {error}") from None
        self.first = self._policy.first

    def choices(self, memory: Hashable, observation: int) -> tuple[Choice, ...]:
        """The law of (action, next memory).

        Raises:
            GameError: an illegal action, or weights that are no distribution; names the agent, the
                observation and the action.
        """
        key = memory, observation
        if key not in self._known:
            self._known[key] = self._checked(memory, observation)
        return self._known[key]

    def _checked(self, memory: Hashable, observation: int) -> tuple[Choice, ...]:
        rules, agent = self.rules, self.agent
        where = f"agent {rules.agents[agent]} at observation {rules.label(agent, observation)}"
        try:
            choices = self._policy.choices(memory, observation)
        except GameError as error:
            raise GameError(f"{where}: {error}") from None
        legal, actions = rules.legal(agent, observation), rules.game.actions[agent]
        for probability, action, _ in choices:
            if not probability > 0:
                raise GameError(f"{where} plays action {action} with probability {probability}")
            if action not in legal:
                label = actions[action] if 0 <= action < len(actions) else action
                raise GameError(f"{where} plays the illegal action {label} with probability {probability}")
        total: Number = sum(choice.probability for choice in choices)
        exact = all(isinstance(choice.probability, Fraction | int) for choice in choices)
        if total != 1 if exact else abs(float(total) - 1) > SIMPLEX_TOLERANCE:
            raise GameError(f"{where} plays with probabilities that sum to {total}")
        if rules.game.exact:
            return choices
        return tuple(choice._replace(probability=float(choice.probability)) for choice in choices)


def actors(rules: Rules, profile: Sequence[Policy]) -> list[Actor]:
    """One actor per agent.

    Raises:
        GameError: a wrong number of policies, or one that does not tell its probabilities.
    """
    if len(profile) != len(rules.agents):
        raise GameError(f"profile has {len(profile)} policies; the game has {len(rules.agents)} agents")
    return [Actor(rules, i, policy) for i, policy in enumerate(profile)]


def probabilities_after(policy: Policy | Actor, history: History, actions: int) -> Array:
    """``π(· | h)``, ``[A_i]``, exact where the policy is: its memory is folded along the history.

    Raises:
        GameError: the policy would never have acted so, or does not tell its probabilities.
    """
    own: Chooser = policy if isinstance(policy, Actor) else finite_policy(policy)
    belief: dict[Hashable, Number] = {own.first: Fraction(1)}
    for (_, observation), (_, taken) in zip(history[:-1:2], history[1::2], strict=True):
        after: dict[Hashable, Number] = {}
        for memory, weight in belief.items():
            for p, action, reached in own.choices(memory, observation):
                if action == taken:
                    after[reached] = after.get(reached, 0) + weight * p
        if not after:
            raise GameError(f"the policy never plays action {taken} where history {history} has it")
        belief = after
    law = np.full(actions, Fraction(0), dtype=object)
    for memory, weight in belief.items():
        for p, action, _ in own.choices(memory, history[-1][1]):
            law[action] += weight * p
    return settle(law / sum(belief.values()))
