"""Best responses to given policies, and what agents could gain by them.

This is machinery of certificates: it imports no solver, and no solver may import it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.game import NULL
from gametheory.numerics import Array, Number
from gametheory.planning.beliefs import Beliefs, Bystander, Lookahead, explore
from gametheory.planning.chain import Chain, check_horizon
from gametheory.planning.known_states import Known, known_states
from gametheory.planning.processes import Process, best_stationary, flat
from gametheory.policies.controllers import Controller
from gametheory.policies.history import Actor
from gametheory.policy import Chooser, FinitePolicy, Policy, TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.tables.branches import Ints
from gametheory.tables.rules import Rules, rules


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

    Dynamic programming: to a horizon by backward induction, without one by policy iteration. It goes
    over states where the agent's observations tell them and whatever else counts
    (``gametheory.planning.known_states``); else over its beliefs about (state, pending observations, the
    others' memories), of which without a horizon only finitely many may arise. Exact for exact
    games and policies.

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
    chain = against(rules(game), agent, profile)
    known = known_states(chain, agent, horizon)
    if known is None:
        return over_beliefs(chain, agent, horizon)
    return over_states(chain, agent, known, horizon)


def over_beliefs(chain: Chain, agent: int, horizon: int | None) -> BestResponse:
    """The best response by dynamic programming over the agent's beliefs: it always is one."""
    beliefs = explore(Lookahead(chain, agent, horizon))
    values, chosen = _settled(beliefs) if horizon is None else _backwards(beliefs)
    return BestResponse(chain.rules.number(values[0]), _policy(chain.rules, agent, beliefs, chosen))


def over_states(chain: Chain, agent: int, known: Known, horizon: int | None) -> BestResponse:
    """The best response of an agent that always knows where play stands."""
    if horizon is None:
        values, moves = _stationary(known)
    else:
        values, moves = _to_horizon(known, horizon)
    value = sum((p * values[node] for p, node in known.openings), Fraction(0))
    return BestResponse(chain.rules.number(value), _by_move(chain.rules, agent, moves))


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


def against(game_rules: Rules, agent: int, profile: Sequence[Policy | None]) -> Chain:
    """The points of play against the other agents' policies; the agent's own choices are left open."""
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


def _settled(beliefs: Beliefs) -> tuple[list[Number], list[int]]:
    """Policy iteration: values, and the number of an option of each belief."""
    process = Process([flat(beliefs.options)])
    values, options = best_stationary(process)
    return values.tolist(), (options - process.first[:-1]).tolist()


def _backwards(beliefs: Beliefs) -> tuple[list[Number], list[int]]:
    """Backward induction: every option leads to beliefs whose earliest time is later."""
    count = len(beliefs.options)
    values: list[Number] = [0] * count
    chosen = [0] * count
    for k in sorted(range(count), key=beliefs.times.__getitem__, reverse=True):
        worth = [o.reward + sum(w * values[y] for w, y in o.row) for o in beliefs.options[k]]
        chosen[k] = max(range(len(worth)), key=worth.__getitem__)
        values[k] = worth[chosen[k]]
    return values, chosen


Move = tuple[Ints, Ints]
"""Distinct observations and the action on each, at one of the agent's own moves."""


def _stationary(known: Known) -> tuple[Sequence[Number], list[Move]]:
    """Values ``[X]``, and one move that stands for all."""
    values, options = best_stationary(known.process)
    return values.tolist(), [_move(known, np.arange(len(values)), options)]


def _to_horizon(known: Known, horizon: int) -> tuple[Sequence[Number], list[Move]]:
    """Values ``[X]`` at first, and every own move that may come about."""
    process, plan = known.process, []
    values = np.zeros(len(known.observations), dtype=process.rewards.dtype)
    for _ in range(horizon):
        top, options = process.best(process.worth(values))
        values[: len(top)] = top
        plan.append(options)
    layer, moves = known.first, []
    for options in reversed(plan):
        layer = layer[layer < len(options)]
        moves.append(_move(known, layer, options[layer]))
        layer = process.reached(options[layer])
    return values.tolist(), [move for move in moves if len(move[0])]


def _move(known: Known, nodes: Ints, options: Ints) -> Move:
    acts = known.observations[nodes] != NULL
    return known.observations[nodes[acts]], known.actions[options[acts]]


def _by_move(game_rules: Rules, agent: int, moves: list[Move]) -> FinitePolicy:
    """One table if it serves at every move, else one for each."""
    blank = _blank(game_rules, agent)
    sure = np.array([_sure(a, blank.shape[1]) for a in range(blank.shape[1])], dtype=object)
    always = np.full(len(blank), -1)
    for observations, actions in moves:
        if np.any((always[observations] >= 0) & (always[observations] != actions)):
            break
        always[observations] = actions
    else:
        return TablePolicy(np.where(always[:, None] >= 0, sure[always], blank))
    tables = np.repeat(blank[None], len(moves), axis=0)
    for table, (observations, actions) in zip(tables, moves, strict=True):
        table[observations] = sure[actions]
    following = np.minimum(np.arange(len(moves)) + 1, len(moves) - 1)
    return Controller(tables, np.broadcast_to(following[:, None, None], tables.shape))


def _blank(game_rules: Rules, agent: int) -> Array:
    """``[observations, A_i]``: uniform over legal actions; the last row is for ``start``, if there is one."""
    game = game_rules.game
    rows = game.observation_counts[agent] + isinstance(game, POSG)
    return uniform_table(game.action_counts[agent], game.legal[agent], rows).table


def _policy(game_rules: Rules, agent: int, beliefs: Beliefs, chosen: list[int]) -> FinitePolicy:
    """The chosen actions as a table over observations where that is enough, else a controller."""
    blank = _blank(game_rules, agent)
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
