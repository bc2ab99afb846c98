"""One agent against given policies: the decision process of its beliefs.

What the agent knows when it acts is its own history; all that matters of it is the discounted
measure of points (position and the others' memories) that remain. Steps at which the agent sees ⊥
are passed over in between: it does not know that they happen, so its belief is about time, too.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Number
from gametheory.planning.chain import Chain, Point, step
from gametheory.planning.markov import endless, solve_chain
from gametheory.planning.processes import Option
from gametheory.policy import Choice

BELIEF_LIMIT = 100_000
"""Most beliefs that are told apart."""

ENDLESS_LIMIT = 2_000
"""The same in rationals without a horizon: beliefs that go on being new then do so for ever, and
their numbers grow without bound."""

_DIGITS = 12  # to which float beliefs are compared


class Moment(NamedTuple):
    """A point, and how many steps were played to it (always 0 where there is no horizon)."""

    time: int
    point: Point


Measure = dict[Moment, Number]
"""Probability times accumulated discount."""


class Outlook(NamedTuple):
    """What the agent expects until it acts again."""

    reward: Number
    seen: dict[int, Measure]
    """Per next observation the measure of where play then stands."""
    leaks: bool
    """Whether play may end, or is discounted, before."""


class Bystander:
    """Takes the agent's place among the actors; its choice is given with each step."""

    @property
    def first(self) -> None:
        return None

    def choices(self, memory: Any, observation: int) -> tuple[Choice, ...]:
        raise AssertionError("the agent's own action is an argument, not a choice")


@dataclass(frozen=True, eq=False)
class Lookahead:
    """What follows each action of one agent when the others' policies are given.

    Args:
        chain: the points of play, with a ``Bystander`` in the agent's place.
        agent: whose decisions these are.
        horizon: in the game's steps; None: until play ends.
    """

    chain: Chain
    agent: int
    horizon: int | None
    _steps: dict[tuple[Point, int], tuple[Number, dict[Point, Number]]] = field(default_factory=dict)

    def openings(self) -> Outlook:
        """What is expected before the agent's first action."""
        return self._settled({Moment(0, point): p for point, p in self.chain.openings().items()}, 0, False)

    def after(self, belief: Mapping[Moment, Number], action: int) -> Outlook:
        """What follows an action."""
        reward: Number = 0
        reached: Measure = {}
        leaks = False
        for moment, weight in belief.items():
            gain, leaky = self._advance(moment, action, weight, reached)
            reward, leaks = reward + gain, leaks or leaky
        return self._settled(reached, reward, leaks)

    def _settled(self, measure: Measure, reward: Number, leaks: bool) -> Outlook:
        """Pass over the steps at which the agent sees ⊥."""
        blind = {m: w for m, w in measure.items() if self._open(m) and self._sees(m) == NULL}
        seen: dict[int, Measure] = {}
        for moment, weight in measure.items():
            if not self._open(moment):
                leaks = True
            elif moment not in blind:
                seen.setdefault(self._sees(moment), {})[moment] = weight
        if not blind:
            return Outlook(reward, seen, leaks)
        for moment, weight in self._visits(blind).items():
            reached: Measure = {}
            gain, leaky = self._advance(moment, NULL, weight, reached)
            reward, leaks = reward + gain, leaks or leaky
            for there, mass in reached.items():
                if not self._open(there):
                    leaks = True
                elif self._sees(there) != NULL:
                    group = seen.setdefault(self._sees(there), {})
                    group[there] = group.get(there, 0) + mass
        return Outlook(reward, seen, leaks)

    def _visits(self, blind: Measure) -> Measure:
        """Expected discounted visits of each moment of ⊥: ``u = μ + M^T u``."""
        order = list(blind)
        number = {moment: k for k, moment in enumerate(order)}
        edges: list[tuple[int, int, Number]] = []
        leaks = []
        for k, moment in enumerate(order):  # grows while it is read
            reached: Measure = {}
            _, leaky = self._advance(moment, NULL, 1, reached)
            for there, weight in reached.items():
                if not self._open(there) or self._sees(there) != NULL:
                    leaky = True
                    continue
                if there not in number:
                    number[there] = len(order)
                    order.append(there)
                edges.append((k, number[there], weight))
            leaks.append(leaky)
            if len(order) > BELIEF_LIMIT:
                raise GameError(f"more than {BELIEF_LIMIT:,} points of play to tell apart; give a horizon")
        onward: list[list[tuple[Number, int]]] = [[] for _ in order]
        back: list[list[tuple[Number, int]]] = [[] for _ in order]
        for x, y, weight in edges:
            onward[x].append((weight, y))
            back[y].append((weight, x))
        if endless(onward, leaks):
            place = self.chain.rules.name(order[endless(onward, leaks)[0]].point.position.state)
            raise GameError(f"no value without a horizon: from {place} on play never ends and γ = 1")
        visits = solve_chain(back, [[blind.get(moment, Fraction(0))] for moment in order])
        return {moment: own[0] for moment, own in zip(order, visits, strict=True)}

    def _advance(self, moment: Moment, action: int, weight: Number, reached: Measure) -> tuple[Number, bool]:
        """Add one step's measure to ``reached``; the agent's reward, and whether weight is lost."""
        point = moment.point
        reward, successors = self._step(point, action)
        gamma = self.chain.rules.discount[point.position.state]
        time = moment.time + 1 if self.horizon is not None else 0
        if gamma:
            for there, p in successors.items():
                after = Moment(time, there)
                reached[after] = reached.get(after, 0) + weight * gamma * p
        return weight * reward, gamma < 1

    def _step(self, point: Point, action: int) -> tuple[Number, dict[Point, Number]]:
        key = point, action
        if key not in self._steps:
            options: list[tuple[Choice, ...]] = []
            for i, (actor, memory, seen) in enumerate(
                zip(self.chain.actors, point.memories, point.position.observations, strict=True)
            ):
                if seen == NULL:
                    options.append((Choice(1, NULL, memory),))
                elif i == self.agent:
                    options.append((Choice(1, action, None),))
                else:
                    options.append(actor.choices(memory, seen))
            rewards, successors = step(self.chain.rules, point.position, options)
            self._steps[key] = rewards[self.agent], successors
        return self._steps[key]

    def _open(self, moment: Moment) -> bool:
        """Whether another step is played from here."""
        going = self.horizon is None or moment.time < self.horizon
        return going and not self.chain.over(moment.point)

    def _sees(self, moment: Moment) -> int:
        return moment.point.position.observations[self.agent]


class Beliefs(NamedTuple):
    """The decision process: node 0 is the start, where nothing is decided."""

    observations: list[int]  # [B], what the agent acts on (node 0: ⊥)
    actions: list[list[int]]  # [B], what may be chosen there (node 0: ⊥)
    options: list[list[Option]]  # [B], one per choice
    times: list[int]  # [B], the earliest step at which the agent may stand there


def explore(lookahead: Lookahead) -> Beliefs:
    """All beliefs that the agent can bring about. Equal ones (up to scale) are one node.

    Raises:
        GameError: there are too many.
    """
    rules, agent = lookahead.chain.rules, lookahead.agent
    number: dict[Hashable, int] = {}
    beliefs: list[Measure] = [{}]
    out = Beliefs([NULL], [[NULL]], [], [-1])

    def option(outlook: Outlook) -> Option:
        row = []
        for observation, measure in outlook.seen.items():
            mass = sum(measure.values())
            belief = {moment: weight / mass for moment, weight in measure.items()}
            key = frozenset((moment, _rounded(weight)) for moment, weight in belief.items())
            if key not in number:
                number[key] = len(beliefs)
                beliefs.append(belief)
                out.observations.append(observation)
                out.actions.append(list(rules.legal(agent, observation)))
                out.times.append(min(moment.time for moment in belief))
            row.append((mass, number[key]))
        return Option(outlook.reward, row, outlook.leaks)

    out.options.append([option(lookahead.openings())])
    for k, belief in enumerate(beliefs):  # grows while it is read
        if k:
            out.options.append([option(lookahead.after(belief, action)) for action in out.actions[k]])
        growing = lookahead.horizon is None and not any(isinstance(w, float) for w in belief.values())
        limit = ENDLESS_LIMIT if growing else BELIEF_LIMIT
        if len(beliefs) > limit:
            raise GameError(
                f"more than {limit:,} beliefs of agent {rules.agents[agent]} to tell apart; "
                f"give a {'shorter ' if lookahead.horizon is not None else ''}horizon"
            )
    return out


def _rounded(weight: Number) -> Number:
    return round(weight, _DIGITS) if isinstance(weight, float) else weight
