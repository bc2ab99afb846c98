"""Optimal finite-horizon policies of cooperative POSGs: multi-agent A* in small steps.

A node has decided for all histories of the stages so far and for some clusters of the next one; its
value is bounded by what was earned for sure plus, for every joint history, the best that can still
come (``bounds``). The node of the highest bound is expanded by one cluster's action, so the first
complete policy taken is optimal, and the highest open bound proves how good any other can be.

The line: multi-agent A* (Szer, Charpillet & Zilberstein, UAI 2005), lossless clustering and
incremental expansion (Oliehoek, Spaan, Amato & Whiteson, JAIR 46, 2013), small steps (Koops, Jansen,
Junges & Simão, IJCAI 2023).
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gametheory.cooperative.bounds import Bounds
from gametheory.cooperative.model import Floats, Model, model
from gametheory.cooperative.stages import Rule, Stage, first_stage, next_stage
from gametheory.errors import GameError, LimitReached
from gametheory.policies.controllers import Controller
from gametheory.posg import POSG
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock

SLACK = 1e-9
"""Bounds are floats: policies are called optimal within this share of the rewards' size."""


@dataclass(frozen=True, eq=False)
class _Situation:
    """A stage that was reached by complete decision rules."""

    time: int
    earned: float
    stage: Stage
    table: Floats
    """``[C_1, …, C_n, A_1, …, A_n]``: what every joint history can still bring, by joint action."""
    before: _Situation | None = None
    rules: tuple[Rule, ...] = ()
    """The decision rules that led here from ``before``."""

    @cached_property
    def order(self) -> list[tuple[int, int]]:
        """(agent, cluster), the likeliest first."""
        places = []
        for i, count in enumerate(self.stage.counts):
            weights = np.moveaxis(self.stage.weights, i, 0).reshape(count, -1).sum(axis=1)
            places += [(-weight, i, c) for c, weight in enumerate(weights.tolist())]
        return [(i, c) for _, i, c in sorted(places)]


@dataclass(order=True, frozen=True)
class _Node:
    """A situation with the actions of its first clusters; ordered by bound, the deepest first."""

    negative_bound: float
    negative_depth: int
    number: int
    situation: _Situation = field(compare=False)
    actions: tuple[int, ...] = field(compare=False, default=())


def multi_agent_a_star(
    game: POSG, exact: bool = False, clock: Clock | None = None, *, horizon: int | None = None
) -> Solution:
    """A joint policy of the greatest expected return over a horizon, with proof.

    Args:
        game: all agents get the same reward, act in every step, and may always use every action.
        exact: refused: the search is numeric (values are recomputed exactly by whoever certifies).
        clock: its time limit is kept; the best policy known by then comes with the bound.
        horizon: steps, at least 1.

    Raises:
        GameError: the game is not of this kind, or there is no horizon.
    """
    if exact:
        raise GameError("the search is numeric; leave out exact")
    if horizon is None or horizon < 1:
        raise GameError("an optimal policy needs a horizon of at least 1 step (--horizon)")
    search = _Search(model(game), horizon, clock or Clock())
    return search.run()


class _Search:
    def __init__(self, team: Model, horizon: int, clock: Clock) -> None:
        self.team, self.horizon, self.clock = team, horizon, clock
        self.n = len(team.actions)
        self.bounds = Bounds(team, self.clock)
        self.numbers = itertools.count()
        self.open: list[_Node] = []
        self.expanded = 0

    def run(self) -> Solution:
        root = self.situation(0, 0.0, first_stage(self.team), None, ())
        self.push(root, ())
        bound = -self.open[0].negative_bound
        outcome = Outcome.SOLVED
        best: tuple[float, _Situation, tuple[int, ...]] | None = None
        try:
            while self.open:
                node = heapq.heappop(self.open)
                bound = -node.negative_bound
                done = self.expand(node)
                if done:
                    best = bound, node.situation, node.actions
                    break
                if self.expanded % 64 == 0:
                    self.clock.tick(node.situation.time, self.horizon, f"at most {bound:.6f}")
        except LimitReached:
            outcome = Outcome.TIME_LIMIT
            best = self.greedy(max(self.open, key=lambda node: node.situation.time).situation)
        assert best is not None
        return self.solution(best, bound, outcome)

    def situation(
        self, time: int, earned: float, stage: Stage, before: _Situation | None, rules: tuple[Rule, ...]
    ) -> _Situation:
        flat = stage.weights.reshape(-1, stage.weights.shape[-1])
        table = self.bounds.values(flat, self.horizon - time)
        return _Situation(
            time, earned, stage, table.reshape(*stage.counts, *self.team.actions), before, rules
        )

    def push(self, situation: _Situation, actions: tuple[int, ...]) -> None:
        bound = situation.earned + self.still(situation, actions)
        depth = situation.time * 10_000 + len(actions)
        heapq.heappush(self.open, _Node(-bound, -depth, next(self.numbers), situation, actions))

    def still(self, situation: _Situation, actions: tuple[int, ...]) -> float:
        """``Σ`` over joint clusters of the best joint action that agrees with what is decided."""
        table = situation.table
        allowed = [np.zeros((c, a)) for c, a in zip(situation.stage.counts, self.team.actions, strict=True)]
        for (i, c), action in zip(situation.order, actions, strict=False):
            allowed[i][c] = -np.inf
            allowed[i][c, action] = 0
        for i, mask in enumerate(allowed):
            shape = [1] * (2 * self.n)
            shape[i], shape[self.n + i] = mask.shape
            table = table + mask.reshape(shape)
        return float(table.max(axis=tuple(range(self.n, 2 * self.n))).sum())

    def expand(self, node: _Node) -> bool:
        """Whether the node is a complete policy; otherwise its children are pushed."""
        self.expanded += 1
        situation, actions = node.situation, node.actions
        if len(actions) < len(situation.order):
            agent, _ = situation.order[len(actions)]
            for action in range(self.team.actions[agent]):
                self.push(situation, (*actions, action))
            return False
        if situation.time == self.horizon - 1:
            return True
        self.push(self.after(situation, self.rules(situation, actions)), ())
        return False

    def rules(self, situation: _Situation, actions: tuple[int, ...]) -> tuple[Rule, ...]:
        out = [[0] * count for count in situation.stage.counts]
        for (i, c), action in zip(situation.order, actions, strict=True):
            out[i][c] = action
        return tuple(map(tuple, out))

    def after(self, situation: _Situation, rules: tuple[Rule, ...]) -> _Situation:
        earned = situation.earned
        for clusters in np.ndindex(situation.stage.counts):
            joint = tuple(rule[c] for rule, c in zip(rules, clusters, strict=True))
            action = int(np.ravel_multi_index(joint, self.team.actions))
            earned += float(self.team.rewards[action] @ situation.stage.weights[clusters])
        stage = next_stage(self.team, situation.stage, rules)
        return self.situation(situation.time + 1, earned, stage, situation, rules)

    def greedy(self, situation: _Situation) -> tuple[float, _Situation, tuple[int, ...]]:
        """A policy at once: from a situation on, the action of the best bound, cluster by cluster."""
        while True:
            actions: tuple[int, ...] = ()
            for agent, _ in situation.order:
                choices = range(self.team.actions[agent])
                best = max(choices, key=lambda a: self.still(situation, (*actions, a)))
                actions = (*actions, best)
            if situation.time == self.horizon - 1:
                return situation.earned + self.still(situation, actions), situation, actions
            situation = self.after(situation, self.rules(situation, actions))

    def solution(
        self, best: tuple[float, _Situation, tuple[int, ...]], bound: float, outcome: Outcome
    ) -> Solution:
        value, last, actions = best
        heuristic = "Q_POMDP" if self.bounds.reactions is None else "Q_BG"
        what = "proved optimal" if outcome is Outcome.SOLVED else f"no policy gets more than {bound:.6f}"
        return Solution(
            concept="optimal",
            profiles=(controllers(self.team, last, self.rules(last, actions)),),
            values=((value,) * self.n,),
            outcome=outcome,
            complete=False,
            method="multi-agent-a-star",
            why=f"{what}, within {SLACK:g} of the rewards' size; {self.expanded:,} nodes, bounds from {heuristic}",
            parameters={"horizon": self.horizon, "upper_bound": bound, "expanded": self.expanded},
        )


def controllers(team: Model, last: _Situation, rules: tuple[Rule, ...]) -> tuple[Controller, ...]:
    """The decision rules of all stages as one finite-state controller per agent.

    Memory (t, c) says that c was the agent's cluster at stage t − 1; the observation then tells the
    cluster of stage t, and so the action.
    """
    chain = [(last, rules)]
    while chain[0][0].before is not None:
        here = chain[0][0]
        chain.insert(0, (here.before, here.rules))  # type: ignore[arg-type]
    out = []
    for i, count in enumerate(team.actions):
        sizes = [situation.stage.clusters[i].shape[0] for situation, _ in chain]
        begins = np.concatenate([[0], np.cumsum(sizes)])
        table = np.zeros((int(begins[-1]), team.observations[i], count), dtype=np.int64)
        update = np.zeros(table.shape, dtype=np.intp)
        for t, (situation, decided) in enumerate(chain):
            reached = situation.stage.clusters[i]  # [C before, Ω]
            part = slice(int(begins[t]), int(begins[t + 1]))
            table[part] = np.eye(count, dtype=np.int64)[np.array(decided[i])[reached]]
            if t + 1 < len(chain):
                update[part] = (begins[t + 1] + reached)[:, :, None]
        out.append(Controller(table, update))
    return tuple(out)
