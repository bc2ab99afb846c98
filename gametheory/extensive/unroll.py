"""Any finite POSG or AECG, to a horizon or until play ends, as a game tree.

Who acts at once acts in agent order, without seeing the others' moves; then chance draws successor,
rewards and observations. An information set is an agent's own history of observations and actions,
so recall is perfect by construction. Rewards are paid on arrival, times the accumulated discount.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.extensive.growth import HORIZON_NEEDED, count_nodes
from gametheory.extensive.tree import InformationSet, Tree
from gametheory.game import NULL
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, settle
from gametheory.policies.controllers import History
from gametheory.posg import POSG
from gametheory.tables.rules import Arrival, Joint, Position, Rules, rules

LARGEST_TREE = 3_000_000
"""Nodes beyond which no tree is built unless a higher limit is asked for."""

Progress = Callable[[int, int, str], None]


def unroll(
    game: POSG | AECG | NormalForm,
    horizon: int | None = None,
    *,
    limit: int = LARGEST_TREE,
    progress: Progress | None = None,
    draw_last: bool = True,
) -> Tree:
    """The game's tree; exact where the game is.

    Args:
        game: a POSG or an AECG; a normal form counts as its one-shot POSG.
        horizon: in the game's own steps; None: until play ends, which it must.
        limit: most nodes; the number is known before anything is built.
        progress: called as ``progress(nodes so far, nodes, "unrolling")``.
        draw_last: whether chance draws what the last step before the horizon leads to, which nobody
            acts on. Without, that step pays what it pays in expectation: fewer nodes, the same game.

    Raises:
        GameError: play may go on for ever and no horizon is given, or too many nodes.
    """
    if isinstance(game, NormalForm):
        game = game.to_posg()
    if horizon is not None and horizon < 0:
        raise GameError(f"horizon is {horizon}; it must be at least 0")
    law = rules(game)
    size = count_nodes(law, horizon, draw_last=draw_last)
    if size is None:
        raise GameError(HORIZON_NEEDED)
    if size > limit:
        raise GameError(
            f"the tree would have {size:,} nodes, more than {limit:,}; "
            "shorten the horizon or raise the limit (--limit)"
        )
    growing = _Growing(law, horizon, draw_last)
    level = growing.root()
    while level:
        level = growing.expand(level)
        if progress:
            progress(len(growing.counts), size, "unrolling")
    return growing.tree(game)


@dataclass(frozen=True)
class _Node:
    """A node still to be expanded: a position whose agents before ``turn`` have chosen."""

    position: Position
    time: int
    discount: Number
    histories: tuple[int, ...]
    """Per agent the number of its own history, the pending observation not yet in it."""
    turn: int = 0
    joint: Joint = ()


@dataclass
class _Draw:
    """A node at which chance moves: children with probability, rewards and node."""

    children: list[tuple[Number, tuple[Number, ...], _Node]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, probability: Number, rewards: tuple[Number, ...], node: _Node, name: str) -> None:
        self.children.append((probability, rewards, node))
        self.names.append(name)


class _Histories:
    """Own histories as numbers: (earlier history, observation, action), and information sets."""

    def __init__(self, law: Rules) -> None:
        self.law = law
        self.sets: list[dict[tuple[int, int], int]] = [{} for _ in law.agents]
        self.after: dict[tuple[int, int, int, int], int] = {}
        self.events: list[History] = [()]

    def information_set(self, agent: int, history: int, observation: int) -> int:
        own = self.sets[agent]
        return own.setdefault((history, observation), len(own))

    def extended(self, agent: int, history: int, observation: int, action: int) -> int:
        key = agent, history, observation, action
        if key not in self.after:
            self.after[key] = len(self.events)
            self.events.append((*self.events[history], ("o", observation), ("a", action)))
        return self.after[key]

    def information(self) -> tuple[InformationSet, ...]:
        out = []
        for i, own in enumerate(self.sets):
            names = self.law.game.actions[i]
            for history, observation in own:
                events = (*self.events[history], ("o", observation))
                codes = tuple(self.law.legal(i, observation))
                words = self.words(i, events)
                label = " / ".join(word for word in words if word != "start") or "start"
                actions = tuple(names[a] for a in codes)
                out.append(InformationSet(i, actions, label, events, words, codes))
        return tuple(out)

    def words(self, agent: int, events: History) -> tuple[str, ...]:
        names = self.law.game.actions[agent]
        return tuple(self.law.label(agent, k) if kind == "o" else names[k] for kind, k in events)


class _Growing:
    """A tree under construction, level by level."""

    def __init__(self, law: Rules, horizon: int | None, draw_last: bool) -> None:
        self.law, self.horizon, self.draw_last = law, horizon, draw_last
        self.n = len(law.agents)
        self.known = _Histories(law)
        self.counts: list[int] = []
        self.chance: list[bool] = []
        self.sets: list[tuple[int, int]] = []  # (agent, own information set), (0, 0) elsewhere
        self.probabilities: list[Number] = [1]
        self.payoffs: list[tuple[Number, ...]] = [(0,) * self.n]
        self.moves: list[str] = [""]
        self.arrivals: dict[tuple[Position, Joint], list[Arrival]] = {}
        self.expected: dict[tuple[Position, Joint], list[Arrival]] = {}

    def root(self) -> list[_Node | _Draw]:
        draw = _Draw()
        for p, position in self.law.openings():
            draw.add(p, (0,) * self.n, _Node(position, 0, 1, (0,) * self.n), self.spell(position))
        if len(draw.children) > 1:
            return [draw]
        self.payoffs[0], first = self.moving(draw.children[0][2])
        return [first]

    def moving(self, node: _Node) -> tuple[tuple[Number, ...], _Node | _Draw]:
        """Pass over agents that make no choice, and draw once everybody has chosen.

        Draws with a single outcome are no nodes; what they pay is returned beside the node.
        """
        paid: tuple[Number, ...] = (0,) * self.n
        while not self.over(node):
            turn, joint = node.turn, node.joint
            while turn < self.n and node.position.observations[turn] == NULL:
                turn, joint = turn + 1, (*joint, NULL)
            node = replace(node, turn=turn, joint=joint)
            if turn < self.n:
                break
            draw = self.drawn(node)
            if len(draw.children) > 1:
                return paid, draw
            _, rewards, node = draw.children[0]
            paid = tuple(a + b for a, b in zip(paid, rewards, strict=True))
        return paid, node

    def over(self, node: _Node) -> bool:
        return self.law.over[node.position.state] or node.time == self.horizon

    def drawn(self, node: _Node) -> _Draw:
        key = node.position, node.joint
        if key not in self.arrivals:
            self.arrivals[key] = self.law.arrivals(node.position, node.joint)
        acted = zip(node.histories, node.position.observations, node.joint, strict=True)
        histories = tuple(
            h if w == NULL else self.known.extended(i, h, w, a) for i, (h, w, a) in enumerate(acted)
        )
        discount = node.discount * self.law.discount[node.position.state]
        draw = _Draw()
        arrivals = self.arrivals[key]
        if not self.draw_last and node.time + 1 == self.horizon:
            if key not in self.expected:
                self.expected[key] = _mean(arrivals)
            arrivals = self.expected[key]
        for p, rewards, position in arrivals:
            paid = tuple(node.discount * r for r in rewards)
            draw.add(p, paid, _Node(position, node.time + 1, discount, histories), self.spell(position))
        return draw

    def spell(self, position: Position) -> str:
        seen = [self.law.label(i, w) for i, w in enumerate(position.observations) if w != NULL]
        named = [word for word in seen if word != "start"]
        return self.law.name(position.state) + (f": {', '.join(named)}" if named else "")

    def expand(self, level: list[_Node | _Draw]) -> list[_Node | _Draw]:
        """Record a level's nodes and return their children."""
        below: list[_Node | _Draw] = []
        for node in level:
            if isinstance(node, _Draw):
                self.record(len(node.children), True, (0, 0))
                for (p, rewards, child), name in zip(node.children, node.names, strict=True):
                    below.append(self.enter(p, rewards, name, child))
            elif self.over(node):
                self.record(0, False, (0, 0))
            else:
                below += self.decide(node)
        return below

    def decide(self, node: _Node) -> list[_Node | _Draw]:
        i, w = node.turn, node.position.observations[node.turn]
        legal = self.law.legal(i, w)
        self.record(len(legal), False, (i, self.known.information_set(i, node.histories[i], w)))
        out = []
        for action in legal:
            child = replace(node, turn=i + 1, joint=(*node.joint, action))
            out.append(self.enter(1, (0,) * self.n, "", child))
        return out

    def record(self, count: int, chance: bool, own: tuple[int, int]) -> None:
        self.counts.append(count)
        self.chance.append(chance)
        self.sets.append(own)

    def enter(
        self, probability: Number, rewards: tuple[Number, ...], name: str, child: _Node
    ) -> _Node | _Draw:
        """Record the move into a child and return the node that play then comes to."""
        paid, reached = self.moving(child)
        self.probabilities.append(probability)
        self.payoffs.append(tuple(a + b for a, b in zip(rewards, paid, strict=True)))
        self.moves.append(name)
        return reached

    def tree(self, game: POSG | AECG) -> Tree:
        begins = np.concatenate([[0], np.cumsum([len(own) for own in self.known.sets])])
        agents, sets = np.array(self.sets, dtype=np.int64).T
        return Tree(
            counts=np.array(self.counts),
            chance=np.array(self.chance),
            infosets=begins[agents] + sets,
            probabilities=_numbers(self.probabilities),
            payoffs=_numbers(self.payoffs).T,
            information=self.known.information(),
            agents=game.agents,
            moves=self.moves,
            title=game.title,
        )


def _mean(arrivals: list[Arrival]) -> list[Arrival]:
    """One arrival that pays what these pay in expectation; where it leads counts no more."""
    paid = zip(*(own.rewards for own in arrivals), strict=True)
    chances = [own.probability for own in arrivals]
    mean = tuple(sum(p * r for p, r in zip(chances, own, strict=True)) for own in paid)
    return [Arrival(1, mean, arrivals[0].position)]


def _numbers(values: list[Any]) -> Array:
    return settle(np.array(values, dtype=object))
