"""Certificates for policies of POSGs and AECGs: regrets recomputed from the game alone.

Evaluation and best responses count as the certificate's own machinery: this module imports no
solver and no solver may import it, nor ``best_response`` or ``beliefs``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from gametheory.aecg import AECG
from gametheory.best_response import gains
from gametheory.certificates.certificate import EPSILON, Certificate, Kind
from gametheory.errors import GameError, LimitReached
from gametheory.evaluate import evaluate
from gametheory.game import NULL
from gametheory.numerics import Number, settle
from gametheory.planning.processes import NO_OPTIONS, Options, Process, avoidable_end, best_stationary, onward
from gametheory.policy import Policy
from gametheory.posg import POSG
from gametheory.tables.branches import Ints
from gametheory.tables.rules import Position, Rules, rules

PLACE_LIMIT = 100_000
"""Most states (with their legal actions) over which ranges of returns are computed."""

CHUNK = 1_000  # of them at a time


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
    places = _Places(rules(game))
    process = places.process()
    if horizon is None and np.any(avoidable_end(process)):
        return (Fraction(0),) * len(game.agents)
    ends = [
        [_largest(process.paying(sign * own), places.openings, horizon) for sign in (1, -1)]
        for own in places.rewards
    ]
    return tuple(places.rules.number(high + low) for high, low in ends)


def _largest(process: Process, openings: Sequence[tuple[Number, int]], horizon: int | None) -> Number:
    """The largest expected return, with every choice free."""
    values = np.zeros(process.size, dtype=process.rewards.dtype)
    if horizon is None:
        values = best_stationary(process)[0]
    for _ in range(horizon or 0):
        values = process.best(process.worth(values))[0]
    return sum((p * values[place] for p, place in openings), Fraction(0))


Legal = tuple[tuple[int, ...], ...]


class _Places:
    """States that play can reach, told apart by what is legal there; one mind chooses for all agents."""

    def __init__(self, game_rules: Rules) -> None:
        self.rules, self.game = game_rules, game_rules.game
        self.told = np.array(game_rules.tells((0,) * len(game_rules.agents))) != NULL  # [n]
        self.over = np.array(game_rules.over)
        self.number: dict[tuple[int, Legal], int] = {}
        self.openings = [(p, self._place(at)) for p, at in game_rules.openings() if not self.over[at.state]]
        self.rewards = np.zeros((len(game_rules.agents), 0), dtype=object)  # [n, O]

    def process(self) -> Process:
        """Every place with its legal joint actions; what they pay is kept aside, agent by agent."""
        parts, done = [NO_OPTIONS], 0
        paid = [self.rewards]
        while done < len(self.number):
            if len(self.number) > PLACE_LIMIT:
                raise LimitReached(f"more than {PLACE_LIMIT:,} states to bound the returns over")
            begin, done = done, min(done + CHUNK, len(self.number))
            rows, options = self._options(list(self.number)[begin:done])
            parts.append(options)
            paid.append(self.game.branches.expected_rewards[:, rows])
        self.rewards = settle(np.concatenate(paid, axis=1))
        return Process(parts)

    def _options(self, places: Sequence[tuple[int, Legal]]) -> tuple[Ints, Options]:
        """The rows ``[O]`` of all legal joint actions of some places, and where they lead."""
        branches = self.game.branches
        grids = [
            np.stack(np.meshgrid(*legal, indexing="ij"), axis=-1).reshape(-1, len(legal))
            for _, legal in places
        ]
        states = np.repeat([state for state, _ in places], [len(grid) for grid in grids])
        joint = np.concatenate(grids)  # [O, n]
        rows = branches.offsets[states] + (branches.strides[states] * joint).sum(axis=1)
        for k in np.flatnonzero(branches.indptr[rows] == branches.indptr[rows + 1])[:1]:
            self.rules.row(int(states[k]), tuple(joint[k].tolist()))  # says which joint action is missing
        gammas = settle(np.array(self.rules.discount, dtype=object))[states]
        told = np.where(self.told, np.maximum(joint, 0), 0)
        kinds = np.ravel_multi_index(tuple(told.T), self.game.action_counts)
        parts = rows, gammas, np.arange(len(rows))
        leaks, *leads = onward(branches, self.over, parts, kinds, self._look)
        leaks |= np.asarray(gammas < 1, dtype=bool)
        counts = np.array([len(grid) for grid in grids])
        return rows, Options(counts, np.zeros(len(rows), dtype=object), leaks, *leads)

    def _look(self, kind: int, state: int) -> list[tuple[Number, int]]:
        joint = np.unravel_index(kind, self.game.action_counts)
        told = tuple(int(a) if tells else NULL for a, tells in zip(joint, self.told, strict=True))
        return [(p, self._place(Position(state, seen))) for p, seen in self.rules.observations(state, told)]

    def _place(self, position: Position) -> int:
        legal = tuple(
            tuple(self.rules.legal(i, seen)) if seen != NULL else (NULL,)
            for i, seen in enumerate(position.observations)
        )
        return self.number.setdefault((position.state, legal), len(self.number))
