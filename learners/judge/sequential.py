"""Policies held against games of several moves: exact regrets of what networks play. No torch.

Two references, by what the game allows. In a tree small enough to build, a joint policy is its
realisation plans ``x_i(σ)``: what agent i contributes to the probability of its sequence σ. Strategies
that differ only where their agent does not come are one point, and the time-averaged policy of the
formalism is the mean of the points. Where observations tell the state, it is one table over
observations per agent. Either way a network is asked once about all that an agent can know.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.best_response import regrets
from gametheory.certificates.sequential import return_ranges
from gametheory.certify import Certificate, certify
from gametheory.convert import aecg_to_posg
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.tree import Tree
from gametheory.extensive.treeplex import Treeplexes, treeplexes
from gametheory.game import Game
from gametheory.numerics import Array, to_floats
from gametheory.policy import Policy, TablePolicy
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from gametheory.solution import Outcome, Solution
from gametheory.streams import Keys
from gametheory.tables.rules import rules
from learners.experience.recall import Recall
from learners.judge.played import LARGEST_TREE, inner, small_tree, tells_states
from learners.judge.reference import Distance, Point, smallest
from learners.judge.state_values import StateTables, state_tables
from learners.judge.tabulate import KnownSets, told

UNSOLVED = Solution(
    concept="nash",
    profiles=(),
    values=(),
    outcome=Outcome.NOT_FOUND,
    complete=False,
    method="none",
    why="games of several moves are not solved before a run: NashConv alone says how far a policy is",
)


def sequential_reference(
    formal: POSG | AECG, game: Game[Any], horizon: int | None
) -> TreeReference | TableReference:
    """What policies of a game of several moves are held against.

    Args:
        formal: the game; an AECG counts as the POSG that is played.
        game: the game as it is played (``learners.judge.played.prepared``).
        horizon: in its steps; None: until play ends.

    Raises:
        GameError: play may go on for ever, or the tree is too large, and states are hidden; says what
            would mend it.
        LimitReached: more to tell apart than can be.
    """
    posg = aecg_to_posg(formal)[0] if isinstance(formal, AECG) else formal
    played = inner(game)
    posg = played.posg if isinstance(played, TabularGame) else posg  # the very one: it is measured once
    if not isinstance(game, Recall) and tells_states(posg, horizon):
        return TableReference(posg, horizon)
    tree = small_tree(posg, horizon)
    if tree is None and horizon is None and count_nodes(rules(posg), None) is None:
        raise GameError(
            "play may go on for ever and states are hidden; give a horizon, --set training.horizon=STEPS"
        )
    if tree is None:
        raise GameError(f"the game's tree has more than {LARGEST_TREE:,} nodes")
    return TreeReference(posg, tree, game)


def remembering(held: TableReference, game: Game[Any]) -> TreeReference:
    """What holds policies that remember, where ``held`` would do for those that do not.

    Raises:
        GameError: the game has no tree, or too large a one.
    """
    tree = small_tree(held.posg, held.horizon)
    if tree is None:
        raise GameError(
            "policies that remember are held against the game's tree, and there is none of at most "
            f"{LARGEST_TREE:,} nodes; give a small --set training.horizon=STEPS, or policies without a memory, "
            "for the game tells its state"
        )
    return TreeReference(held.posg, tree, game)


@dataclass(frozen=True, eq=False)
class TreeReference:
    """Realisation plans held against a game tree.

    Args:
        posg: the game.
        tree: its tree, unrolled.
        game: the game as it is played; it may show histories (``Recall``).
    """

    posg: POSG
    tree: Tree
    game: Game[Any]
    solution: Solution = UNSOLVED
    norm: str = "largest difference of any agent's realisation plan, as a share of the largest there can be"

    @property
    def formal(self) -> POSG:
        return self.posg

    @cached_property
    def plex(self) -> Treeplexes:
        """The tree as its sequences."""
        return treeplexes(self.tree)

    @cached_property
    def payoff_range(self) -> float:
        """The smallest of the agents' ranges over the leaves."""
        return smallest(self.payoff_ranges)

    @cached_property
    def payoff_ranges(self) -> Array:
        """``[n]``, over the leaves."""
        return np.asarray(np.ptp(to_floats(self.tree.totals), axis=1))

    @cached_property
    def _sets(self) -> tuple[KnownSets, ...]:
        return tuple(KnownSets.of(self.tree, self.posg, self.game, i) for i in range(len(self.tree.agents)))

    def point(self, policies: Sequence[Policy], observations: tuple[Array, ...], keys: Keys) -> Point:
        """The policies' realisation plans, the empty sequence first."""
        return self.plans(self.behaviours(policies))

    def behaviours(self, policies: Sequence[Policy]) -> list[Array]:
        """What the policies do at every information set, per agent ``[Q_i]``."""
        return [own.behaviour(policy) for own, policy in zip(self._sets, policies, strict=True)]

    def plans(self, behaviour: Sequence[Array]) -> Point:
        """Realisation plans of behaviour strategies ``[Q_i]``."""
        from learners.judge.plan_kernels import realise  # compiled, so loaded when a run needs it

        plex, out = self.plex, np.empty(self.plex.size)
        every = np.concatenate([np.zeros(0), *behaviour])
        realise(every, plex.begins, plex.before, plex.first, plex.widths, self.tree.offsets, out)
        begins = plex.begins.tolist()
        return tuple(out[a:b] for a, b in itertools.pairwise(begins))

    def values(self, point: Point) -> Array:
        """``J^i = Σ_e payoffs[i, e] Π_j x_j[at[j, e]]``."""
        plans = np.concatenate(point)
        return np.asarray(self.plex.payoffs @ plans[self.plex.at].prod(axis=0))

    def regrets(self, profile: Sequence[Any]) -> Array:
        """``[n]``: one pass over the joint sequences per agent."""
        from gametheory.extensive import cfr_kernels  # compiled, so loaded when a run needs it

        plex, plans = self.plex, np.concatenate([to_floats(own) for own in profile])
        shape = plex.begins, plex.set_begins, plex.before, plex.first, plex.widths
        gains, out = np.zeros(plex.size), []
        for i in range(len(self.tree.agents)):
            cfr_kernels.gradient(i, plans, plex.at, plex.payoffs, gains, plex.begins)
            own = slice(int(plex.begins[i]), int(plex.begins[i + 1]))
            value = float(gains[own] @ plans[own])
            out.append(max(0.0, float(cfr_kernels.best_value(i, gains, *shape)) - value))
        return np.array(out)

    def average(self, points: Sequence[Point]) -> tuple[Any, ...]:
        """The realisation-weighted average of policies: the mean of their plans."""
        return tuple(np.mean(own, axis=0) for own in zip(*points, strict=True))

    def coordinates(self, points: Sequence[Point]) -> tuple[Array, ...]:
        """A plan's weights on actions sum to at most the number of sets that it can come to."""
        return tuple(
            np.stack(own) / (2 * most)
            for own, most in zip(zip(*points, strict=True), self._most, strict=True)
        )

    @cached_property
    def _most(self) -> tuple[float, ...]:
        """Per agent the largest ``Σ_σ x_i(σ)`` of any plan: with a gain of 1 at every set it comes to."""
        gains = np.zeros(self.plex.size)
        for h in reversed(range(len(self.plex.widths))):
            low = int(self.plex.first[h])
            gains[self.plex.before[h]] += 1.0 + gains[low : low + int(self.plex.widths[h])].max()
        return tuple(max(1.0, float(gains[begin])) for begin in self.plex.begins[:-1])

    def distance(self, point: Point) -> Distance | None:
        return None

    def certify(self, profile: Sequence[Any], epsilon: float) -> Certificate:
        """Regrets recomputed on the tree itself, by code that knows no plans."""
        plans = np.concatenate([to_floats(own) for own in profile])
        return certify(self.tree, self.plex.profile(plans), epsilon)


@dataclass(frozen=True, eq=False)
class TableReference:
    """One table over observations per agent, held against a game whose observations tell the state."""

    posg: POSG
    horizon: int | None
    solution: Solution = UNSOLVED
    norm: str = "largest mean over an agent's observations of the total variation distance of its laws"

    @property
    def formal(self) -> POSG:
        return self.posg

    @cached_property
    def payoff_range(self) -> float:
        """The smallest of the agents' ranges of expected returns."""
        return smallest(self.payoff_ranges)

    @cached_property
    def payoff_ranges(self) -> Array:
        """``[n]``, of expected returns."""
        if self._states is not None:
            return self._states.ranges(self.horizon)
        return np.array(return_ranges(self.posg, self.horizon), dtype=np.float64)

    def point(self, policies: Sequence[Policy], observations: tuple[Array, ...], keys: Keys) -> Point:
        """``[|Ω^i| · A_i]`` per agent, row after row."""
        out = []
        for policy, legal, actions, seen in zip(
            policies, self.posg.legal, self.posg.action_counts, self.posg.observation_counts, strict=True
        ):
            if policy.start(1) is not None:
                raise GameError("a policy with a memory cannot be written as a table over observations")
            codes = np.arange(seen + 1)  # `start` has the last row
            mask = np.ones((len(codes), actions), dtype=bool) if legal is None else legal[: len(codes)]
            law = np.where(mask, told(policy, None, codes, mask), 0.0)
            out.append((law / law.sum(axis=1, keepdims=True)).ravel())
        return tuple(out)

    def values(self, point: Point) -> Array:
        """``[n]``: over arrays of states where each shows one thing, else by ``gametheory.evaluate``."""
        if self._states is None:
            found = evaluate(self.posg, self._policies(point), self.horizon)
            return np.array([float(value) for value in found])
        return self._states.returns(self._tables(point), self.horizon)

    def regrets(self, profile: Sequence[Any]) -> Array:
        """``[n]``: over arrays of states where each shows one thing, else by ``gametheory.regrets``."""
        if self._states is None:
            return np.array(regrets(self.posg, self._policies(profile), self.horizon), dtype=np.float64)
        return self._states.regrets(self._tables(profile), self.horizon)

    @cached_property
    def _states(self) -> StateTables | None:
        return state_tables(self.posg, count_nodes(rules(self.posg), None) is not None)

    def _tables(self, profile: Sequence[Any]) -> list[Array]:
        return [
            to_floats(own).reshape(-1, actions)
            for own, actions in zip(profile, self.posg.action_counts, strict=True)
        ]

    def _policies(self, profile: Sequence[Any]) -> list[TablePolicy]:
        return list(map(TablePolicy, self._tables(profile)))

    def average(self, points: Sequence[Point]) -> tuple[Any, ...] | None:
        """None: a mean of tables is no average of the policies."""
        return None

    def coordinates(self, points: Sequence[Point]) -> tuple[Array, ...]:
        """Scaled so that the sum of differences is the mean of total variation distances."""
        return tuple(
            np.stack(own) / (2 * max(1.0, float(np.sum(own[0])))) for own in zip(*points, strict=True)
        )

    def distance(self, point: Point) -> Distance | None:
        return None

    def certify(self, profile: Sequence[Any], epsilon: float) -> Certificate:
        return certify(self.posg, self._policies(profile), epsilon, horizon=self.horizon)
