"""Certificates for policies of POSGs and AECGs: regrets recomputed from the game alone.

Evaluation and best responses count as the certificate's own machinery: this module imports no
solver and no solver may import it, nor ``best_response`` or ``beliefs``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from gametheory.aecg import AECG
from gametheory.best_response import gains
from gametheory.certify import EPSILON, Certificate, Kind
from gametheory.errors import GameError, LimitReached
from gametheory.evaluate import evaluate, step
from gametheory.game import NULL
from gametheory.markov import Option, avoidable_end, best_stationary, option_value
from gametheory.numerics import Number
from gametheory.policy import Choice, Policy
from gametheory.posg import POSG
from gametheory.rules import Position, Rules, rules

PLACE_LIMIT = 100_000
"""Most states (with their legal actions) over which ranges of returns are computed."""


def certify_sequential(
    game: POSG | AECG,
    profile: Sequence[Policy],
    horizon: int | None = None,
    epsilon: float = EPSILON,
) -> Certificate:
    """Recompute every agent's regret against all history-dependent deviations and grade the profile.

    ``exact`` asks for rational regrets that are all 0; ``numeric`` for regrets of at most epsilon
    times the agent's range of returns (``return_ranges``), up to floating-point rounding.

    Args:
        game: a POSG or an AECG.
        profile: one policy per agent.
        horizon: in the game's own steps; None: until play ends.
        epsilon: the regret allowed for a ``numeric`` certificate, relative to the range.

    Raises:
        GameError: as ``evaluate`` and ``best_response``.
    """
    if not 0 <= epsilon < math.inf:
        raise GameError(f"epsilon is {epsilon}; it must be at least 0 and finite")
    values = evaluate(game, profile, horizon)
    regrets = gains(game, profile, values, horizon)
    ranges = return_ranges(game, horizon)
    return Certificate(
        kind=_grade(regrets, ranges, epsilon),
        regrets=regrets,
        values=values,
        nash_conv=sum(regrets, Fraction(0)),
        epsilon=epsilon,
        payoff_ranges=ranges,
    )


def _grade(regrets: Sequence[Number], ranges: Sequence[Number], epsilon: float) -> Kind | None:
    if not any(regrets) and all(isinstance(regret, Fraction) for regret in regrets):
        return Kind.EXACT
    within = all(
        regret <= Fraction(epsilon) * Fraction(width) for regret, width in zip(regrets, ranges, strict=True)
    )
    return Kind.NUMERIC if within else None


def return_ranges(game: POSG | AECG, horizon: int | None = None) -> tuple[Number, ...]:
    """Per agent the largest minus the smallest expected return that one mind could bring about.

    That mind sees the state and moves all agents legally, so the range holds every value; in a
    matrix game it is the payoff range. It is 0 where play could go on for ever at γ = 1: then no
    regret but 0 is small.
    """
    game_rules = rules(game)
    places = _places(game_rules)
    if horizon is None and avoidable_end([[_option(act, 0, 1) for act in acts] for acts in places.acts]):
        return (Fraction(0),) * len(game.agents)
    ends = [[_extreme(places, agent, sign, horizon) for sign in (1, -1)] for agent in range(len(game.agents))]
    return tuple(game_rules.number(high + low) for high, low in ends)


class _Act(NamedTuple):
    rewards: tuple[Number, ...]
    row: list[tuple[Number, int]]
    leaks: bool


class _Places(NamedTuple):
    openings: list[tuple[Number, int]]
    acts: list[list[_Act]]  # one per legal joint action; a single empty one where play is over


def _places(game_rules: Rules) -> _Places:
    """States that play can reach, told apart by what is legal there, and what follows each joint action."""
    number: dict[tuple[int, tuple[tuple[int, ...], ...]], int] = {}
    order: list[Position] = []

    def place(position: Position) -> int:
        legal = tuple(
            tuple(game_rules.legal(i, seen)) if seen != NULL else (NULL,)
            for i, seen in enumerate(position.observations)
        )
        key = position.state, legal
        if key not in number:
            number[key] = len(order)
            order.append(position)
        return number[key]

    openings = [(p, place(position)) for p, position in game_rules.openings()]
    acts: list[list[_Act]] = []
    zero = (Fraction(0),) * len(game_rules.agents)
    for position in order:  # grows while it is read
        if game_rules.over[position.state]:
            acts.append([_Act(zero, [], True)])
            continue
        gamma = game_rules.discount[position.state]
        choices = [
            game_rules.legal(i, seen) if seen != NULL else (NULL,)
            for i, seen in enumerate(position.observations)
        ]
        here = []
        for joint in itertools.product(*choices):
            rewards, successors = step(game_rules, position, [(Choice(1, a, None),) for a in joint])
            row = [(gamma * p, place(reached.position)) for reached, p in successors.items() if gamma]
            here.append(_Act(rewards, row, gamma < 1))
        acts.append(here)
        if len(order) > PLACE_LIMIT:
            raise LimitReached(f"more than {PLACE_LIMIT:,} states to bound the returns over")
    return _Places(openings, acts)


def _option(act: _Act, agent: int, sign: int) -> Option:
    return Option(sign * act.rewards[agent], act.row, act.leaks)


def _extreme(places: _Places, agent: int, sign: int, horizon: int | None) -> Number:
    """The largest expected return (sign 1), or minus the smallest (sign −1)."""
    options = [[_option(act, agent, sign) for act in here] for here in places.acts]
    values: list[Number] = [Fraction(0)] * len(options)
    if horizon is None:
        values = best_stationary(options)[0]
    for _ in range(horizon or 0):
        values = [max(option_value(option, values) for option in own) for own in options]
    return sum((p * values[k] for p, k in places.openings), Fraction(0))
