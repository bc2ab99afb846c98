"""Alternating best response for teams (JESP): quick, and right up to what one agent can change alone.

From a random pure joint policy on, agent after agent takes a best response to the others, until
nobody gains; the team's value never falls. With plans x over sequences (``sequences``) the gain of
agent i's sequence s is ``G(s) = Σ_{e: at[i, e] = s} payoffs[e] Π_{j≠i} x_j[at[j, e]]``, and bottom up
every information set passes on the gain of its best action. Where it stops is an equilibrium of the
team, a local optimum; restarts make a better one likelier and prove nothing.

Source: Nair, Tambe, Yokoo, Pynadath & Marsella, *Taming Decentralized POMDPs*, IJCAI 2003.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import numpy as np

from gametheory import streams
from gametheory.aecg import AECG
from gametheory.cooperative.model import Floats
from gametheory.cooperative.sequences import OwnSequences, TeamSequences, team_sequences
from gametheory.errors import GameError, LimitReached
from gametheory.extensive.history_laws import history_policies
from gametheory.numerics import freeze
from gametheory.policies.controllers import HistoryPolicy
from gametheory.posg import POSG
from gametheory.solution import Outcome, Solution, Trace
from gametheory.solvers.clock import Clock
from gametheory.tables.branches import Ints

SLACK = 1e-10
"""Least improvement that counts, as a share of the largest payoff of a joint sequence; floats tell no less apart."""


def jesp(
    game: POSG | AECG,
    exact: bool = False,
    clock: Clock | None = None,
    *,
    horizon: int | None = None,
    restarts: int = 50,
    seed: int = 0,
    concept: str = "optimal",
) -> Solution:
    """The best of several local optima of a team; the trace has its "value" response by response.

    Args:
        game: all agents get the same reward.
        exact: refused: the search is numeric (its pure policies are graded exactly elsewhere).
        clock: its time limit is kept; the best joint policy known by then is returned.
        horizon: in the game's own steps; None: until play ends, which it must.
        restarts: how many random joint policies to start from, at least 1.
        seed: of the joint policies to start from.
        concept: "optimal" or "nash"; what the answer is called.

    Raises:
        GameError: ``exact``, no restart, agents that do not all get the same, too large a game, or
            play may go on for ever and no horizon is given.
    """
    if exact:
        raise GameError("alternating best response is numeric; leave out exact")
    if restarts < 1:
        raise GameError(f"restarts is {restarts}; it must be at least 1")
    if horizon is not None and horizon < 1:
        raise GameError(f"horizon is {horizon}; it must be at least 1")
    team = _Team(team_sequences(game, horizon))
    outcome, ascents = _climbs(team, restarts, seed, clock or Clock())
    best = max(ascents, key=lambda own: own.values[-1])
    return Solution(
        concept=concept,
        profiles=(team.policies(game, best.plans),),
        values=((best.values[-1],) * len(game.agents),),
        outcome=outcome,
        complete=False,
        method="jesp",
        why=_why(best, ascents, team.slack),
        parameters={"horizon": horizon, "restarts": len(ascents), "seed": seed},
        trace=Trace(freeze(np.arange(len(best.values))), {"value": freeze(np.array(best.values))}),
    )


def _climbs(team: _Team, restarts: int, seed: int, clock: Clock) -> tuple[Outcome, list[_Ascent]]:
    """All ascents; the last one may be cut short by the clock."""
    ascents: list[_Ascent] = []
    try:
        for keys in np.split(streams.seed_keys(seed, restarts), restarts):
            ascents.append(_Ascent(team.random(keys)))
            ascents[-1].climb(team, clock)
            clock.tick(len(ascents), restarts, f"{max(own.values[-1] for own in ascents):.6f}")
    except LimitReached:
        return Outcome.TIME_LIMIT, ascents
    return Outcome.PARTIAL, ascents


def _why(best: _Ascent, ascents: list[_Ascent], slack: float) -> str:
    as_good = sum(own.values[-1] >= best.values[-1] - slack for own in ascents if own.finished)
    kind = "a local optimum: nobody can improve it alone" if best.finished else "not yet a local optimum"
    return (
        f"{kind}, but together agents may do better; the best of {len(ascents)} starts, "
        f"{as_good} of which came to its value"
    )


Plans = tuple[Floats, ...]
"""Per agent the weights of its sequences, 0 or 1."""


@dataclass(eq=False)
class _Ascent:
    """One joint policy, improved by one agent at a time."""

    plans: Plans
    values: list[float] = field(default_factory=list)
    finished: bool = False

    def climb(self, team: _Team, clock: Clock) -> None:
        """Improve until no agent can; the value of the first plans and of every improvement is kept."""
        n = len(self.plans)
        self.values.append(team.value(self.plans))
        unimproved = 0
        for turn in count():
            i = turn % n
            value, plan = team.response(i, self.plans)
            unimproved += 1
            if value > self.values[-1] + team.slack:
                self.plans = (*self.plans[:i], plan, *self.plans[i + 1 :])
                self.values.append(value)
                unimproved = 0
            if unimproved == n:
                self.finished = True
                return
            clock.tick()


class _Team:
    """Values, best responses and random policies over a team's sequences."""

    def __init__(self, known: TeamSequences) -> None:
        self.known = known
        self.levels = [_levels(own) for own in known.own]
        self.slack = SLACK * float(np.abs(known.payoffs).max(initial=0))

    def value(self, plans: Plans) -> float:
        """``Σ_e payoffs[e] Π_j x_j[at[j, e]]``."""
        return float(self._weights(plans, None).sum())

    def _weights(self, plans: Plans, without: int | None) -> Floats:
        weights = self.known.payoffs
        for j, (plan, at) in enumerate(zip(plans, self.known.at, strict=True)):
            if j != without:
                weights = weights * plan[at]
        return weights

    def response(self, agent: int, plans: Plans) -> tuple[float, Floats]:
        """What the team gets if one agent plays its best response, and that plan."""
        own = self.known.own[agent]
        weights = self._weights(plans, agent)
        gains = np.bincount(self.known.at[agent], weights, minlength=own.size)
        chosen = []
        for level in reversed(self.levels[agent]):
            mine = gains[level.entries]
            best = np.maximum.reduceat(mine, level.starts)
            np.add.at(gains, level.before, best)
            first = np.where(mine == np.repeat(best, level.widths), level.entries, own.size)
            chosen.append(np.minimum.reduceat(first, level.starts))
        return float(gains[0]), self._pure(agent, chosen[::-1])

    def random(self, keys: streams.Keys) -> Plans:
        """The plans of a random pure joint policy."""
        out = []
        for i, levels in enumerate(self.levels):
            chosen = []
            for depth, level in enumerate(levels):
                draws = streams.uniform(streams.derive(keys, i), depth, len(level.widths))[0]
                chosen.append(level.entries[level.starts + (draws * level.widths).astype(np.int64)])
            out.append(self._pure(i, chosen))
        return tuple(out)

    def _pure(self, agent: int, chosen: list[Ints]) -> Floats:
        """The plan of sure actions, given level by level."""
        plan = np.zeros(self.known.own[agent].size)
        plan[0] = 1
        for level, actions in zip(self.levels[agent], chosen, strict=True):
            plan[actions] = plan[level.before]
        return plan

    def policies(self, game: POSG | AECG, plans: Plans) -> tuple[HistoryPolicy, ...]:
        """Policies over own histories; silent where a plan itself never comes."""
        laws = []
        for own, plan, size in zip(self.known.own, plans, game.action_counts, strict=True):
            taken = {}
            for low, codes, history in zip(own.first.tolist(), own.codes, own.histories, strict=True):
                weights = plan[low : low + len(codes)]
                if weights.any():
                    action = codes[int(weights.argmax())]
                    taken[history] = [int(a == action) for a in range(size)]
            laws.append(taken)
        return history_policies(game, laws)


@dataclass(frozen=True, eq=False)
class _Level:
    """Information sets of one agent that have equally many own moves behind them."""

    before: Ints  # [H] the sequences that lead to them
    entries: Ints  # [E] the sequences of their actions, set after set
    starts: Ints  # [H] where in ``entries`` each set begins
    widths: Ints  # [H]


def _levels(own: OwnSequences) -> list[_Level]:
    widths = np.array([len(codes) for codes in own.codes], dtype=np.int64)
    depth = np.zeros(own.size, dtype=np.int64)  # of sequences
    of_set = np.zeros(len(widths), dtype=np.int64)
    for h, (low, width) in enumerate(zip(own.first.tolist(), widths.tolist(), strict=True)):
        of_set[h] = depth[own.before[h]]
        depth[low : low + width] = of_set[h] + 1
    out = []
    for d in range(int(of_set.max(initial=-1)) + 1):
        mine = np.flatnonzero(of_set == d)
        starts = np.cumsum(widths[mine]) - widths[mine]
        within = np.arange(int(widths[mine].sum())) - np.repeat(starts, widths[mine])
        entries = np.repeat(own.first[mine], widths[mine]) + within
        out.append(_Level(own.before[mine], entries, starts, widths[mine]))
    return out
