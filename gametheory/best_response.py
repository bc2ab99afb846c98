"""Best responses to given policies, and what agents could gain by them.

This is machinery of certificates: it imports no solver, and no solver may import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gametheory.aecg import AECG
from gametheory.beliefs import Beliefs, Bystander, Lookahead, explore
from gametheory.controllers import Controller
from gametheory.errors import GameError
from gametheory.evaluate import Chain, check_horizon, evaluate
from gametheory.history import Actor
from gametheory.markov import best_stationary, option_value
from gametheory.numerics import Number
from gametheory.policy import Chooser, FinitePolicy, Policy, TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.rules import Rules, rules


class BestResponse(NamedTuple):
    """What an agent can get at most against given policies, and how."""

    value: Number
    policy: FinitePolicy
    """Deterministic on every history that it can bring about; a table over observations if one
    suffices, else a controller. Uniform over legal actions elsewhere."""


def best_response(
    game: POSG | AECG, agent: int, profile: Sequence[Policy | None], horizon: int | None = None
) -> BestResponse:
    """``max_{π'} J^i(π', π^-i)`` over all history-dependent policies of one agent.

    Dynamic programming over the agent's beliefs about (state, pending observations, the others'
    memories): to a horizon by backward induction; without one by policy iteration, which asks that
    finitely many beliefs can arise, as where states are observed and the others' policies are
    Markov. Exact for exact games and policies.

    Args:
        game: a POSG or an AECG.
        agent: whose best response, 0 … n−1.
        profile: one policy per agent; the agent's own is not read and may be None.
        horizon: in the game's own steps; None: until play ends.

    Raises:
        GameError: no such agent, an illegal action of the others, too many beliefs, or no horizon
            where the agent can make play go on for ever at γ = 1.
    """
    check_horizon(horizon)
    game_rules = rules(game)
    beliefs = explore(Lookahead(_chain(game_rules, agent, profile), agent, horizon))
    if horizon is None:
        values, chosen = best_stationary(beliefs.options)
    else:
        values, chosen = _backwards(beliefs)
    return BestResponse(game_rules.number(values[0]), _policy(game_rules, agent, beliefs, chosen))


def regrets(game: POSG | AECG, profile: Sequence[Policy], horizon: int | None = None) -> tuple[Number, ...]:
    """``max_{π'} J^i(π', π^-i) − J^i(π)`` of every agent; arguments and errors as ``best_response``."""
    return gains(game, profile, evaluate(game, profile, horizon), horizon)


def gains(
    game: POSG | AECG, profile: Sequence[Policy], values: Sequence[Number], horizon: int | None
) -> tuple[Number, ...]:
    """The regrets, given what the profile is worth."""
    out = [best_response(game, i, profile, horizon).value - value for i, value in enumerate(values)]
    return tuple(max(gain, 0.0) if isinstance(gain, float) else gain for gain in out)  # rounding


def nash_conv(game: POSG | AECG, profile: Sequence[Policy], horizon: int | None = None) -> Number:
    """``Σ_i regret_i``: zero exactly at Nash equilibria."""
    return sum(regrets(game, profile, horizon), Fraction(0))


def _chain(game_rules: Rules, agent: int, profile: Sequence[Policy | None]) -> Chain:
    count = len(game_rules.agents)
    if not 0 <= agent < count:
        raise GameError(f"agent is {agent}; the game has agents 0 … {count - 1}")
    if len(profile) != count:
        raise GameError(f"profile has {len(profile)} policies; the game has {count} agents")
    own: list[Chooser] = []
    for i, policy in enumerate(profile):
        if i == agent:
            own.append(Bystander())
        elif policy is None:
            raise GameError(f"agent {game_rules.agents[i]} has no policy to respond to")
        else:
            own.append(Actor(game_rules, i, policy))
    return Chain(game_rules, own)


def _backwards(beliefs: Beliefs) -> tuple[list[Number], list[int]]:
    """Backward induction: every option leads to beliefs whose earliest time is later."""
    count = len(beliefs.options)
    values: list[Number] = [0] * count
    chosen = [0] * count
    for k in sorted(range(count), key=beliefs.times.__getitem__, reverse=True):
        worth = [option_value(option, values) for option in beliefs.options[k]]
        chosen[k] = max(range(len(worth)), key=worth.__getitem__)
        values[k] = worth[chosen[k]]
    return values, chosen


def _policy(game_rules: Rules, agent: int, beliefs: Beliefs, chosen: list[int]) -> FinitePolicy:
    """The chosen actions as a table over observations where that is enough, else a controller."""
    game = game_rules.game
    rows = game.observation_counts[agent] + isinstance(game, POSG)  # `start` has the last row
    blank = uniform_table(game.action_counts[agent], game.legal[agent], rows).table
    memory = {0: 0}  # node -> memory after acting there
    order = [0]
    by_observation: dict[int, set[int]] = {}
    for k in order:  # grows while it is read
        for _, reached in beliefs.options[k][chosen[k]].row:
            action = beliefs.actions[reached][chosen[reached]]
            by_observation.setdefault(beliefs.observations[reached], set()).add(action)
            if reached not in memory:
                memory[reached] = len(order)
                order.append(reached)
    if all(len(actions) == 1 for actions in by_observation.values()):
        table = blank.copy()
        for observation, actions in by_observation.items():
            table[observation] = _sure(actions.copy().pop(), len(blank[0]))
        return TablePolicy(table)
    tables = np.repeat(blank[None], len(order), axis=0)
    update = np.zeros(tables.shape, dtype=np.intp)
    for k in order:
        for _, reached in beliefs.options[k][chosen[k]].row:
            observation = beliefs.observations[reached]
            action = beliefs.actions[reached][chosen[reached]]
            tables[memory[k], observation] = _sure(action, len(blank[0]))
            update[memory[k], observation, action] = memory[reached]
    return Controller(tables, update)


def _sure(action: int, actions: int) -> list[Fraction]:
    return [Fraction(a == action) for a in range(actions)]
