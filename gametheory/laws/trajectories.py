"""Runs of a game and their law ``P(τ | π)``."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gametheory.aecg import AECG
from gametheory.errors import LimitReached
from gametheory.game import NULL
from gametheory.numerics import Array, Number
from gametheory.planning.chain import Chain, Point, check_horizon
from gametheory.policies.controllers import History
from gametheory.policies.history import Actor, actors, probabilities_after
from gametheory.policy import Choice, Policy
from gametheory.posg import POSG
from gametheory.tables.rules import Joint, Position, Rules, rules

RUN_LIMIT = 200_000
"""Most runs that ``law`` lists."""


@dataclass(frozen=True)
class Trajectory:
    """``τ = (s_0, ω_0, a_0, r_1, s_1, ω_1, …)`` of all agents.

    States of an AECG are its nodes. Where an agent makes no choice its observation and its action
    are −1 (⊥ and ∅); nobody observes a terminal state.
    """

    states: tuple[int, ...]  # [T + 1]
    observations: tuple[Joint, ...]  # [T + 1][n]
    actions: tuple[Joint, ...] = ()  # [T][n]
    rewards: tuple[tuple[Number, ...], ...] = ()  # [T][n]

    def history(self, agent: int, step: int) -> History:
        """``h^i`` when the agent acts in a step: its own observations and actions, without ⊥ and ∅."""
        events: list[tuple[str, int]] = []
        for seen, taken in zip(self.observations[:step], self.actions[:step], strict=True):
            if seen[agent] != NULL:
                events += [("o", seen[agent]), ("a", taken[agent])]
        return (*events, ("o", self.observations[step][agent]))

    def then(self, joint: Joint, rewards: tuple[Number, ...], reached: Position) -> Trajectory:
        """One step longer."""
        return Trajectory(
            (*self.states, reached.state),
            (*self.observations, reached.observations),
            (*self.actions, joint),
            (*self.rewards, rewards),
        )


Runs = dict[tuple[Trajectory, tuple[Hashable, ...]], Number]
"""The law of (run, memories)."""


def probability(game: POSG | AECG, profile: Sequence[Policy], trajectory: Trajectory) -> Number:
    """``P(τ | π) = ρ0(s_0) O(ω_0 | s_0) Π_t Π_i π^i(a^i_t | h^i_t) P(s', r | s, a) O(ω' | s', a)``."""
    game_rules = rules(game)
    own = actors(game_rules, profile)
    here = Position(trajectory.states[0], trajectory.observations[0])
    out: Number = sum((p for p, position in game_rules.openings() if position == here), Fraction(0))
    for t, (joint, rewards) in enumerate(zip(trajectory.actions, trajectory.rewards, strict=True)):
        if not out or game_rules.over[here.state]:
            return game_rules.number(0)
        for i, actor in enumerate(own):
            if (here.observations[i] == NULL) != (joint[i] == NULL):
                return game_rules.number(0)
            if joint[i] != NULL:
                law = probabilities_after(actor, trajectory.history(i, t), len(game.actions[i]))
                out = out * law[joint[i]]
        if not out:
            return game_rules.number(0)
        after = Position(trajectory.states[t + 1], trajectory.observations[t + 1])
        arrivals = game_rules.arrivals(here, joint)
        out = out * sum(p for p, paid, reached in arrivals if reached == after and paid == rewards)
        here = after
    return game_rules.number(out)


def law(game: POSG | AECG, profile: Sequence[Policy], horizon: int) -> dict[Trajectory, Number]:
    """``P(τ | π)`` of every run of positive probability: to the horizon, or to its end before.

    Args:
        game: a POSG or an AECG.
        profile: one policy per agent.
        horizon: in the game's own steps.

    Raises:
        LimitReached: there are more than ``RUN_LIMIT`` runs.
    """
    check_horizon(horizon)
    game_rules = rules(game)
    chain = Chain(game_rules, actors(game_rules, profile))
    runs: Runs = {
        (Trajectory((position.state,), (position.observations,)), memories): p
        for (position, memories), p in chain.openings().items()
    }
    ended: dict[Trajectory, Number] = {}
    for _ in range(horizon):
        longer: Runs = {}
        for (run, memories), weight in runs.items():
            if game_rules.over[run.states[-1]]:
                ended[run] = ended.get(run, 0) + weight
                continue
            here = Position(run.states[-1], run.observations[-1])
            _lengthen(game_rules, run, chain.options(Point(here, memories)), weight, longer)
        runs = longer
        if len(runs) + len(ended) > RUN_LIMIT:
            raise LimitReached(f"more than {RUN_LIMIT:,} runs; give a shorter horizon")
    for (run, _), weight in runs.items():
        ended[run] = ended.get(run, 0) + weight
    return {run: game_rules.number(weight) for run, weight in ended.items()}


def _lengthen(
    game_rules: Rules,
    run: Trajectory,
    options: Sequence[Sequence[Choice]],
    weight: Number,
    longer: Runs,
) -> None:
    """Add every continuation of a run by one step."""
    here = Position(run.states[-1], run.observations[-1])
    for combination in itertools.product(*options):
        joint = tuple(choice.action for choice in combination)
        memories = tuple(choice.memory for choice in combination)
        chance = weight
        for choice in combination:
            chance = chance * choice.probability
        for p, rewards, reached in game_rules.arrivals(here, joint):
            key = run.then(joint, rewards, reached), memories
            longer[key] = longer.get(key, 0) + chance * p


class _Recorder:
    """An actor whose memory holds its whole history, too."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.seen: dict[History, None] = {}

    @property
    def first(self) -> Hashable:
        return (), self.actor.first

    def choices(self, memory: Any, observation: int) -> tuple[Choice, ...]:
        past, own = memory
        history = (*past, ("o", observation))
        self.seen[history] = None
        return tuple(
            Choice(p, action, ((*history, ("a", action)), after))
            for p, action, after in self.actor.choices(own, observation)
        )


def history_table(
    game: POSG | AECG, profile: Sequence[Policy], agent: int, horizon: int
) -> dict[History, Array]:
    """``π^i(· | h^i)`` at every own history that arises under the profile, ``[A_i]`` each.

    Any policy with memory in the form of a table; ``HistoryPolicy`` reads it back.

    Raises:
        LimitReached: there are more than ``RUN_LIMIT`` histories.
    """
    check_horizon(horizon)
    game_rules = rules(game)
    own = actors(game_rules, profile)
    recorder = _Recorder(own[agent])
    chain = Chain(game_rules, [*own[:agent], recorder, *own[agent + 1 :]])
    points = list(chain.openings())
    for _ in range(horizon):
        going = [point for point in points if not chain.over(point)]
        points = list(dict.fromkeys(after for point in going for after in chain.expand(point).successors))
        if len(points) > RUN_LIMIT:
            raise LimitReached(f"more than {RUN_LIMIT:,} histories; give a shorter horizon")
    count = game.action_counts[agent]
    return {history: probabilities_after(own[agent], history, count) for history in recorder.seen}


def returns(game: POSG | AECG, trajectory: Trajectory) -> tuple[Number, ...]:
    """``R^i(τ) = Σ_t Γ_t r^i_{t+1}`` of every agent, ``Γ_t = Π_{k<t} γ(s_k)``."""
    discount = rules(game).discount
    weight: Number = Fraction(1)
    totals: list[Number] = [Fraction(0)] * len(game.agents)
    for state, paid in zip(trajectory.states, trajectory.rewards, strict=False):
        totals = [total + weight * reward for total, reward in zip(totals, paid, strict=True)]
        weight = weight * discount[state]
    return tuple(totals)
