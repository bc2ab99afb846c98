"""One agent against given policies, where what it sees tells it all: a decision process over states.

Let every observation of the agent tell, at the time it is seen, the state s, the others' memories m and
the law of what the others are about to act on. Then its belief is a point mass on (s, m), and dynamic
programming over these *nodes* finds the best response, instead of one over histories:

    V_t(x) = max_a Σ_j P(j | x) (E[r^i | s, (a, j)] + γ(s) Σ_x' P(x' | s, (a, j)) V_{t+1}(x'))

where j are the others' joint actions. Where this module cannot see that it is so it says so, and
``gametheory.planning.beliefs``, which needs no such thing, does the work.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from gametheory.game import NULL
from gametheory.numerics import Array, Number, settle
from gametheory.planning.chain import Chain
from gametheory.planning.points import POINT_LIMIT
from gametheory.planning.processes import NO_OPTIONS, Options, Process, onward
from gametheory.policy import Choice
from gametheory.tables import ragged
from gametheory.tables.branches import Ints
from gametheory.tables.rules import Joint

CHUNK = 1_000  # nodes whose options are spelled out at a time
TOLERANCE = 1e-12  # between float laws that count as equal

Memories = tuple[Hashable, ...]
Law = dict[Joint, Number]
"""What everybody is about to act on, given the state and what the agent itself sees."""


class Known(NamedTuple):
    """The decision process of an agent that always knows where play stands."""

    process: Process
    observations: Ints  # [X], what the agent sees; ⊥ where it makes no choice
    actions: Ints  # [O], its choice in each option
    openings: list[tuple[Number, int]]  # the law of the first node

    @property
    def first(self) -> Ints:
        """The nodes at which play may begin, sorted."""
        return np.unique(np.array([node for _, node in self.openings], dtype=np.int64))


class _Hidden(Exception):
    """Something matters that the agent does not see."""


def known_states(chain: Chain, agent: int, horizon: int | None) -> Known | None:
    """The agent's decision process, or None where it may not always know the state.

    Args:
        chain: the points of play, with somebody in the agent's place who is never asked.
        agent: whose decisions these are.
        horizon: in the game's steps; None: until play ends.
    """
    try:
        known = _Survey(chain, agent).known(horizon)
    except _Hidden:
        return None
    return known if _told_apart(known, horizon) else None


def _told_apart(known: Known, horizon: int | None) -> bool:
    """Whether observations tell nodes apart: in every step, or where steps do not count, at all.

    The agent must know the step, too: in each all nodes ask it to act, or none does.
    """
    seen = known.observations
    if horizon is None:
        acting = seen[seen != NULL]
        return len(np.unique(acting)) == len(acting)
    layer = known.first
    for _ in range(horizon):
        here = seen[layer]
        if np.any(here != NULL) and len(np.unique(here[here != NULL])) < len(here):
            return False
        layer = known.process.reached(known.process.options(layer))
    return True


class _Part(NamedTuple):
    """A weighted part of what the agent believes at a node: one state."""

    weight: Number
    state: int
    law: Law


class _Node(NamedTuple):
    seen: int
    memories: Memories
    parts: tuple[_Part, ...]
    """One, but for a first observation that leaves the first state open."""


class _Joint(NamedTuple):
    """Something that the others may do at a node, with an action of the agent's own."""

    row: int
    weight: Number
    gamma: Number
    stride: int
    """How far the row of the agent's next action is."""


class _Survey:
    """The nodes that play can reach, and what follows the agent's choices there."""

    def __init__(self, chain: Chain, agent: int) -> None:
        self.chain, self.rules, self.agent = chain, chain.rules, agent
        told = self.rules.tells((0,) * len(self.rules.agents))
        if any(tells != NULL for i, tells in enumerate(told) if i != agent):
            raise _Hidden  # what the others are about to see depends on what they did
        self.told = told[agent] != NULL
        self.branches = self.rules.game.branches
        self.over = np.array(self.rules.over)
        self.nodes: list[_Node] = []
        self.number: dict[Hashable, int] = {}
        self.laws: dict[tuple[int, int], Law] = {}
        self.width = self.rules.game.action_counts[agent]
        self.memories: list[Memories] = []
        self.memory_number: dict[Memories, int] = {}

    def known(self, horizon: int | None) -> Known:
        """Layer by layer; nodes first reached at the horizon have no options."""
        openings, done, depth = self._openings(), 0, 0
        parts, actions = [NO_OPTIONS], [NO_OPTIONS.targets]
        while done < len(self.nodes) and (horizon is None or depth < horizon):
            if len(self.nodes) > POINT_LIMIT:
                raise _Hidden  # the others' memories may be without end
            depth, end = depth + 1, len(self.nodes)
            for begin in range(done, end, CHUNK):
                chosen, options = self._options(self.nodes[begin : min(end, begin + CHUNK)])
                actions.append(chosen)
                parts.append(options)
            done = end
        seen = np.array([node.seen for node in self.nodes], dtype=np.int64)
        return Known(Process(parts), seen, np.concatenate(actions), openings)

    # --- nodes -----------------------------------------------------------------------------------

    def _openings(self) -> list[tuple[Number, int]]:
        """The law of the first node; where the agent sees ⊥ each state is one of its own."""
        groups: dict[tuple[int, int], dict[int, Law]] = {}
        memories = tuple(actor.first for actor in self.chain.actors)
        for p, (state, observed) in self.rules.openings():
            if not self.rules.over[state]:
                seen = observed[self.agent]
                group = groups.setdefault((seen, state if seen == NULL else -1), {})
                group.setdefault(state, {})[observed] = p
        out: list[tuple[Number, int]] = []
        for (seen, _), group in groups.items():
            masses = {state: _total(law) for state, law in group.items()}
            mass = _total(masses)
            parts = [_Part(masses[s] / mass, s, _scaled(law, masses[s])) for s, law in group.items()]
            if len(parts) == 1:
                out.append((mass, self._find(seen, parts[0].state, parts[0].law, memories)))
            else:
                out.append((mass, self._add(("first", seen), _Node(seen, memories, tuple(parts)))))
        return out

    def _find(self, seen: int, state: int, law: Law, memories: Memories) -> int:
        known = self.laws.setdefault((state, seen), law)
        if known is not law and not _same(known, law):
            raise _Hidden
        key = state, seen, memories
        if key in self.number:
            return self.number[key]
        return self._add(key, _Node(seen, memories, (_Part(1, state, law),)))

    def _add(self, key: Hashable, node: _Node) -> int:
        self.number[key] = len(self.nodes)
        self.nodes.append(node)
        return self.number[key]

    # --- options ---------------------------------------------------------------------------------

    def _options(self, nodes: list[_Node]) -> tuple[Ints, Options]:
        """Own choices ``[O]`` and their options: the others' choices in words, what follows in arrays."""
        counts, chosen, memories, sizes, columns = [], [], [], [], []
        for node in nodes:
            own = [NULL] if node.seen == NULL else list(self.rules.legal(self.agent, node.seen))
            memory, joint = self._others(node, own[0])
            row, weight, gamma, stride = zip(*joint, strict=True)
            rows = np.array(row) + np.array(stride) * (np.array(own)[:, None] - own[0])
            columns.append(
                (rows.ravel(), np.tile(_array(weight), len(own)), np.tile(_array(gamma), len(own)))
            )
            counts.append(len(own))
            chosen += own
            memories += [memory] * len(own)
            sizes += [len(joint)] * len(own)
        rows, weights, gammas = (np.concatenate(own) for own in zip(*columns, strict=True))
        option = np.repeat(np.arange(len(chosen)), sizes)
        actions = np.array(chosen, dtype=np.int64)
        paid = weights * self.branches.expected_rewards[self.agent, rows]
        kinds = np.array(memories, dtype=np.int64) * self.width + np.maximum(actions, 0) * self.told
        leaks, *leads = onward(self.branches, self.over, (rows, weights * gammas, option), kinds, self._look)
        leaks[option[gammas < 1]] = True
        return actions, Options(
            np.array(counts), ragged.sums(ragged.starts(np.array(sizes)), paid), leaks, *leads
        )

    def _others(self, node: _Node, own: int) -> tuple[int, list[_Joint]]:
        """What the others may do at a node, and the number of what they remember then."""
        out, memories = [], set()
        for part in node.parts:
            gamma = self.rules.discount[part.state]
            stride = int(self.branches.strides[part.state, self.agent])
            for seen, p in part.law.items():
                for combination in itertools.product(*self._choices(node, seen, own)):
                    weight = part.weight * p
                    for choice in combination:
                        weight = weight * choice.probability
                    row = self.rules.row(part.state, tuple(choice.action for choice in combination))
                    out.append(_Joint(row, weight, gamma, stride))
                    memories.add(tuple(choice.memory for choice in combination))
        if len(memories) > 1:
            raise _Hidden  # what the others will remember depends on what they did
        after = memories.pop()
        number = self.memory_number.setdefault(after, len(self.memories))
        if number == len(self.memories):
            self.memories.append(after)
        return number, out

    def _choices(self, node: _Node, seen: Joint, own: int) -> list[tuple[Choice, ...]]:
        return [
            actor.choices(memory, symbol)
            if symbol != NULL and i != self.agent
            else (Choice(1, own if i == self.agent else NULL, memory),)
            for i, (actor, memory, symbol) in enumerate(
                zip(self.chain.actors, node.memories, seen, strict=True)
            )
        ]

    def _look(self, kind: int, state: int) -> list[tuple[Number, int]]:
        """The law of the next node in a state; ``kind`` holds what others remember and the own action."""
        memory, action = divmod(kind, self.width)
        agents = range(len(self.rules.agents))
        told = tuple(action if self.told and i == self.agent else NULL for i in agents)
        groups: dict[int, Law] = {}
        for p, observed in self.rules.observations(state, told):
            groups.setdefault(observed[self.agent], {})[observed] = p
        out = []
        for seen, law in groups.items():
            mass = _total(law)
            out.append((mass, self._find(seen, state, _scaled(law, mass), self.memories[memory])))
        return out


def _array(numbers: Sequence[Number]) -> Array:
    return settle(np.array(numbers, dtype=object))


def _total(masses: Mapping[Any, Number]) -> Number:
    return sum(masses.values(), Fraction(0))


def _scaled(law: Law, mass: Number) -> Law:
    return {seen: p / mass for seen, p in law.items()}


def _same(a: Law, b: Law) -> bool:
    return a.keys() == b.keys() and all(
        p == b[seen] or (isinstance(p, float) and abs(p - b[seen]) <= TOLERANCE) for seen, p in a.items()
    )
