"""Policies of tabulated OpenSpiel games as OpenSpiel's tabular policies, and back. Needs the extra ``openspiel``.

Both name what an agent knows by the same string, the observation's label in the tabulated game, and
number actions alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.numerics import SIMPLEX_TOLERANCE, Array, freeze, to_floats
from gametheory.policies.controllers import History
from gametheory.policies.history import Actor, actors, probabilities_after
from gametheory.policy import Policy, TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.tables.rules import Rules, rules

Row = list[tuple[int, float]]
"""(action, probability) for every legal action."""


Table = dict[str, Row]
"""From information state strings to rows: what ``pyspiel.TabularPolicy`` is made from."""


def to_openspiel(spiel: Any, game: POSG | AECG, profile: Sequence[Policy]) -> Any:
    """A ``pyspiel.TabularPolicy`` that plays as the profile does.

    Args:
        spiel: the ``pyspiel.Game``.
        game: what ``tabulate_openspiel`` made of it.
        profile: one policy per agent of ``game``.

    Raises:
        GameError: as ``openspiel_tables``, or agents that see the same string and act differently
            on it: one table cannot hold both.
    """
    import pyspiel

    joint: Table = {}
    for i, own in enumerate(openspiel_tables(spiel, game, profile)):
        for name, row in own.items():
            if _apart(joint.setdefault(name, row), row):
                raise GameError(
                    f"agent {i} and an earlier one both see {name!r} and act differently there; "
                    "take openspiel_tables, one per agent"
                )
    return pyspiel.TabularPolicy(joint)


def openspiel_tables(spiel: Any, game: POSG | AECG, profile: Sequence[Policy]) -> tuple[Table, ...]:
    """One table per agent that plays as the profile does.

    Where a policy itself rules out that its agent gets somewhere it is uniform there.

    Args:
        spiel: the ``pyspiel.Game``.
        game: what ``tabulate_openspiel`` made of it, with its own choice of what agents see.
        profile: one policy per agent of ``game``.

    Raises:
        GameError: the game is not ``spiel``'s, a policy does not fit it or does not tell its
            probabilities, or it acts differently after histories for which OpenSpiel has one string.
    """
    walk = _Walk(spiel, game, profile)
    stack: list[tuple[Any, tuple[History, ...]]] = [(spiel.new_initial_state(), ((),) * len(game.agents))]
    while stack:
        stack += walk.visit(*stack.pop())
    return tuple(walk.tables)


class _Walk:
    """All histories of the OpenSpiel game, with every agent's own part of them."""

    def __init__(self, spiel: Any, game: POSG | AECG, profile: Sequence[Policy]) -> None:
        self.law: Rules = rules(game)
        self.actors: list[Actor] = actors(self.law, profile)
        self.numbers = [{label: k for k, label in enumerate(own)} for own in game.observation_labels]
        self.string = _naming(spiel)
        self.tables: list[Table] = [{} for _ in game.agents]
        self.known: dict[tuple[int, History], Row] = {}

    def visit(self, state: Any, pasts: tuple[History, ...]) -> list[tuple[Any, tuple[History, ...]]]:
        """Enter the rows of those who act; the states that follow."""
        if state.is_terminal():
            return []
        if state.is_chance_node():
            return [(state.child(action), pasts) for action, _ in state.chance_outcomes()]
        if not state.is_simultaneous_node():
            i = int(state.current_player())
            seen = self.enter(i, state, pasts[i])
            return [(state.child(a), _with(pasts, i, (*seen, ("a", int(a))))) for a in state.legal_actions()]
        reached = [(pasts, [0] * len(pasts))]
        for i in range(len(pasts)):
            legal = list(state.legal_actions(i))
            if not legal:
                continue
            seen = self.enter(i, state, pasts[i])
            reached = [
                (_with(before, i, (*seen, ("a", int(a)))), [*joint[:i], a, *joint[i + 1 :]])
                for before, joint in reached
                for a in legal
            ]
        out = []
        for after, joint in reached:
            child = state.clone()
            child.apply_actions(joint)
            out.append((child, after))
        return out

    def enter(self, agent: int, state: Any, past: History) -> History:
        """Put the agent's law at this state into the table; its history with the observation."""
        name = self.string(state, agent)
        if name not in self.numbers[agent]:
            raise GameError(
                f"agent {agent} of the OpenSpiel game sees {name!r}, which the tabulated game does not know"
            )
        history = (*past, ("o", self.numbers[agent][name]))
        if (agent, history) not in self.known:
            row = self.row(agent, history, [int(a) for a in state.legal_actions(agent)])
            self.known[agent, history] = row
            if _apart(self.tables[agent].setdefault(name, row), row):
                raise GameError(
                    f"the policy of agent {agent} tells histories apart that OpenSpiel calls {name!r} alike"
                )
        return history

    def row(self, agent: int, history: History, legal: list[int]) -> Row:
        actions = self.law.game.action_counts[agent]
        try:
            law = to_floats(probabilities_after(self.actors[agent], history, actions))
        except GameError as error:
            if "never plays" not in str(error):
                raise
            return [(a, 1 / len(legal)) for a in legal]
        return [(a, float(law[a])) for a in legal]


def _with(pasts: tuple[History, ...], agent: int, own: History) -> tuple[History, ...]:
    return (*pasts[:agent], own, *pasts[agent + 1 :])


def _apart(one: Row, other: Row) -> bool:
    return any(abs(p - q) > SIMPLEX_TOLERANCE for (_, p), (_, q) in zip(one, other, strict=True))


def _naming(spiel: Any) -> Any:
    kind = spiel.get_type()
    if kind.provides_information_state_string:
        return lambda state, agent: str(state.information_state_string(agent))
    return lambda state, agent: str(state.observation_string(agent))


def from_openspiel(game: POSG | AECG, policy: Any) -> tuple[TablePolicy, ...]:
    """An OpenSpiel policy as one table per agent of the tabulated game; uniform where it is silent.

    Args:
        game: what ``tabulate_openspiel`` made of the policy's game.
        policy: a table, a ``pyspiel.Policy`` or a tabular policy of OpenSpiel's Python part, or a
            tuple of such, one per agent. A policy that a C++ solver lends out lives only as long as
            the solver: keep that alive until this returns.

    Raises:
        GameError: the policy cannot be asked by information state string, or names an action that
            is not there.
    """
    rows = isinstance(game, POSG)  # `start` has the last row
    policies = policy if isinstance(policy, tuple) else (policy,) * len(game.agents)
    if len(policies) != len(game.agents):
        raise GameError(f"{len(policies)} policies for {len(game.agents)} agents")
    out = []
    for i, labels in enumerate(game.observation_labels):
        count = game.action_counts[i]
        table = to_floats(uniform_table(count, game.legal[i], len(labels) + rows).table).copy()
        for k, label in enumerate(labels):
            law = _law(policies[i], label, count)
            if law is not None:
                table[k] = law
        out.append(TablePolicy(freeze(table)))
    return tuple(out)


def _law(policy: Any, name: str, actions: int) -> Array | None:
    """The policy's row, ``[A_i]``; None where it has none."""
    if isinstance(policy, Mapping):
        row = policy.get(name, ())
    elif hasattr(policy, "state_lookup"):  # OpenSpiel's Python part
        return np.array(policy.policy_for_key(name)) if name in policy.state_lookup else None
    elif hasattr(policy, "get_state_policy"):
        row = policy.get_state_policy(name)
    else:
        raise GameError(f"a {type(policy).__name__} cannot be asked by information state string")
    law = np.zeros(actions)
    for action, p in row:
        if not 0 <= action < actions:
            raise GameError(f"the policy plays action {action} at {name!r}; there are {actions} actions")
        law[action] = p
    return law if row else None
