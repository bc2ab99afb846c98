"""POMDPs, games of one agent: optimal policies by heuristic search between two bounds.

A trial follows, from the first belief, the action that the upper bound likes best and the
observation after which the bounds are furthest apart in what counts, until their gap there is at
most ``gap / γ^t``; on the way back both bounds are improved at the beliefs met. It ends when the
bounds of the first belief are within ``gap``. The lower bound's vectors are exact values of plans,
and these plans are the policy: a finite-state controller that earns the lower bound.

Source: heuristic search value iteration, Smith & Simmons, UAI 2004 and UAI 2005.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gametheory.cooperative.belief_bounds import (
    SMALL,
    Dynamics,
    Lower,
    Upper,
    blind,
    dynamics,
    informed,
    informed_for_ever,
)
from gametheory.cooperative.model import Floats, model
from gametheory.errors import GameError, LimitReached
from gametheory.numerics import freeze
from gametheory.policies.controllers import Controller
from gametheory.posg import POSG
from gametheory.solution import Outcome, Solution, Trace
from gametheory.solvers.clock import Clock


def pomdp(
    game: POSG,
    exact: bool = False,
    clock: Clock | None = None,
    *,
    horizon: int | None = None,
    gap: float = 1e-3,
    trials: int = 100_000,
    concept: str = "optimal",
) -> Solution:
    """A policy within ``gap`` of the best, and the bounds that prove it (up to rounding).

    The trace has the "lower" and "upper" bound after every trial; the value is the lower bound.

    Args:
        game: one agent that acts in every step and may always use every action.
        exact: refused: the search is numeric (policies can be evaluated exactly).
        clock: its time limit is kept; the best policy known by then comes with the bounds.
        horizon: steps; None: for ever, with a discount below 1.
        gap: largest difference of the bounds, in the rewards' unit.
        trials: most trials.
        concept: "optimal" or "nash", the same for one agent.

    Raises:
        GameError: not such a game, no positive gap, or neither a horizon nor a discount below 1.
    """
    if exact:
        raise GameError("the search is numeric; leave out exact")
    if not gap > 0:
        raise GameError(f"gap is {gap}; it must be a positive number")
    if horizon is not None and horizon < 1:
        raise GameError(f"horizon is {horizon}; it must be at least 1")
    if len(game.agents) != 1:
        raise GameError(f"a POMDP has one agent; this game has {len(game.agents)}")
    known = dynamics(model(game))
    if horizon is None and known.discount >= 1:
        raise GameError("γ = 1 and no horizon: no bound holds for ever; give a horizon (--horizon)")
    search = _Search(known, horizon, gap)
    outcome, record = search.run(trials, clock or Clock())
    return _solution(search, concept, outcome, record)


def _solution(search: _Search, concept: str, outcome: Outcome, record: list[tuple[float, float]]) -> Solution:
    lower, upper = record[-1]
    span = "for ever" if search.horizon is None else f"over {search.horizon} steps"
    quantities = {
        "lower": freeze(np.array([low for low, _ in record])),
        "upper": freeze(np.array([high for _, high in record])),
    }
    return Solution(
        concept=concept,
        profiles=((search.controller(),),),
        values=((lower,),),
        outcome=outcome,
        complete=False,
        method="pomdp",
        why=f"the best policy is worth between {lower:.6f} and {upper:.6f} {span}; {len(record) - 1:,} trials",
        parameters={
            "horizon": search.horizon,
            "gap": search.gap,
            "lower_bound": lower,
            "upper_bound": upper,
        },
        trace=Trace(freeze(np.arange(len(record))), quantities),
    )


@dataclass(frozen=True)
class _Node:
    """A node of the policy graph: an action, and the node that follows each observation."""

    action: int
    links: tuple[int, ...]  # [O]


class _Search:
    """Bounds by steps to go (without a horizon: one pair for all), and the policy graph."""

    def __init__(self, known: Dynamics, horizon: int | None, gap: float) -> None:
        self.known, self.horizon, self.gap = known, horizon, gap
        A, O, S, _ = known.steps.shape  # noqa: E741
        self.nodes: list[_Node] = []
        if horizon is None:
            self.nodes += [_Node(a, (a,) * O) for a in range(A)]
            self.lower = [Lower(blind(known, None), list(range(A)))]
            self.upper = [Upper(informed_for_ever(known))]
            return
        self.nodes.append(_Node(0, (0,) * O))  # nothing follows the last step
        worth = bound = np.zeros((A, S))
        self.lower, self.upper = [Lower(np.zeros((1, S)), [0])], [Upper(bound)]
        earlier = [0] * A
        for _ in range(horizon):
            worth, bound = blind(known, worth), informed(known, bound)
            self.nodes += [_Node(a, (earlier[a],) * O) for a in range(A)]
            earlier = list(range(len(self.nodes) - A, len(self.nodes)))
            self.lower.append(Lower(worth, earlier))
            self.upper.append(Upper(bound))

    def bounds(self, depth: int) -> tuple[Lower, Upper]:
        """After so many steps."""
        place = 0 if self.horizon is None else self.horizon - depth
        return self.lower[place], self.upper[place]

    def gaps(self, weights: Floats, depth: int) -> Floats:
        """Upper minus lower bound of weights ``[…, S]``."""
        lower, upper = self.bounds(depth)
        return np.asarray(upper.values(weights) - lower.values(weights))

    def allowed(self, depth: int) -> float:
        """The gap of a belief so deep that does no harm."""
        scale = self.known.discount**depth
        return self.gap / scale if scale else np.inf

    def run(self, trials: int, clock: Clock) -> tuple[Outcome, list[tuple[float, float]]]:
        record = [self.value()]
        try:
            while record[-1][1] - record[-1][0] > self.gap:
                if len(record) > trials:
                    return Outcome.ITERATION_LIMIT, record
                self.trial(clock)
                record.append(self.value())
                low, high = record[-1]
                clock.tick(len(record) - 1, trials, f"between {low:.6f} and {high:.6f}")
        except LimitReached:
            return Outcome.TIME_LIMIT, [*record, self.value()]
        return Outcome.SOLVED, record

    def value(self) -> tuple[float, float]:
        """Both bounds before the first action."""
        lower, upper = self.bounds(0)
        return float(lower.values(self.known.start).sum()), float(upper.values(self.known.start).sum())

    def trial(self, clock: Clock) -> None:
        """Down to where the gap is small enough, and back up."""
        known, path = self.known, []
        excess = self.gaps(known.start, 0) - known.start.sum(axis=1) * self.allowed(0)
        weights = known.start[int(excess.argmax())]
        while True:
            belief = weights / weights.sum()
            path.append(belief)
            depth = len(path)
            if depth - 1 == self.horizon or self.gaps(belief, depth - 1) <= self.allowed(depth - 1):
                break
            clock.tick()
            following = known.after(belief)  # [A, O, S]
            action = int(self.promises(belief, following, depth).argmax())
            masses = following[action].sum(axis=1)
            seen = np.flatnonzero(masses)
            if not len(seen):  # play is over
                break
            excess = self.gaps(following[action, seen], depth) - masses[seen] * self.allowed(depth)
            weights = following[action, seen[int(excess.argmax())]]
        for depth in reversed(range(len(path))):
            if depth != self.horizon:
                self.improve(path[depth], depth)

    def promises(self, belief: Floats, following: Floats, depth: int) -> Floats:
        """``[A]``: the upper bound by action, ``following`` being at ``depth``."""
        return np.asarray(self.known.rewards @ belief + self.bounds(depth)[1].values(following).sum(axis=1))

    def improve(self, belief: Floats, depth: int) -> None:
        """Both bounds at a belief, from those one step later."""
        known, (lower, upper) = self.known, self.bounds(depth)
        later = self.bounds(depth + 1)[0]
        following = known.after(belief)
        high = float(self.promises(belief, following, depth + 1).max())
        before = float(upper.values(belief))
        if high < before - SMALL * abs(before):
            upper.add(belief, high)
        best = later.best(following)  # [A, O]
        vectors = known.rewards + np.einsum("aost,aot->as", known.steps, later.vectors[best])
        action = int((vectors @ belief).argmax())
        before = float(lower.values(belief))
        if float(vectors[action] @ belief) > before + SMALL * abs(before):
            self.nodes.append(_Node(action, tuple(later.nodes[k] for k in best[action].tolist())))
            lower.add(vectors[action], len(self.nodes) - 1)

    def controller(self) -> Controller:
        """The policy graph from the best nodes on; memory 0 is before the first observation."""
        lower, _ = self.bounds(0)
        first = tuple(lower.nodes[k] for k in lower.best(self.known.start).tolist())
        memory: dict[int, int] = {}
        rows = [first]
        for links in rows:  # grows on the way
            for node in links:
                if node not in memory:
                    memory[node] = len(rows)
                    rows.append(self.nodes[node].links)
        actions = np.array([[self.nodes[node].action for node in links] for links in rows])
        A = len(self.known.rewards)
        table = np.eye(A, dtype=np.int64)[actions]  # [M, O, A]
        update = np.array([[memory[node] for node in links] for links in rows])
        return Controller(table, np.repeat(update[:, :, None], A, axis=2))
