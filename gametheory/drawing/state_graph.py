"""The graph of a POSG's states or an AECG's nodes, as a picture needs it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.classify.triples import reachable_rows
from gametheory.commands.terminal import show_number
from gametheory.errors import GameError
from gametheory.numerics import Array, Number
from gametheory.posg import POSG
from gametheory.tables.observed import actions_of_rows

MOST_NODES = 40
MOST_LINES = 9
ENVIRONMENT = -1


@dataclass(frozen=True)
class Dot:
    """A node of the picture."""

    name: str
    note: str
    """Who moves, who sees nothing, whether play ends."""
    mover: int | None
    """An agent, ``ENVIRONMENT``, or None where all act at once."""
    terminal: bool
    start: str
    """The probability of starting here; empty: never."""


@dataclass(frozen=True)
class StateGraph:
    """Nodes and, per pair of nodes, what leads from one to the other."""

    dots: dict[int, Dot]
    arrows: dict[tuple[int, int], list[str]]
    legend: str


def state_graph(game: POSG | AECG) -> StateGraph:
    """The part of a game that play can reach.

    Raises:
        GameError: too many nodes for a picture.
    """
    return _posg_graph(game) if isinstance(game, POSG) else _aecg_graph(game)


def _check_size(count: int, what: str) -> None:
    if count > MOST_NODES:
        raise GameError(
            f"{count} {what} can be reached and a picture holds {MOST_NODES}; "
            "describe the game without -o, or draw a smaller one"
        )


def _posg_graph(game: POSG) -> StateGraph:
    b, rows = game.branches, reachable_rows(game)
    kept = np.zeros(b.row_count, dtype=bool)
    kept[rows] = True
    live = np.flatnonzero(kept[b.row_of_branch] & (b.probabilities > 0).astype(bool))
    source, target = b.state_of_row[b.row_of_branch[live]], b.successors[live]
    states = np.union1d(np.flatnonzero(game.initial > 0), target)
    _check_size(len(states), "states")
    joints = actions_of_rows(game)
    groups: dict[tuple[int, int], dict[tuple[Any, ...], list[tuple[int, ...]]]] = {}
    for k, s, t in zip(live.tolist(), source.tolist(), target.tolist(), strict=True):
        key = (b.probabilities[k], *b.rewards[:, k])
        joint = tuple(joints[b.row_of_branch[k]].tolist())
        groups.setdefault((s, t), {}).setdefault(key, []).append(joint)
    choices = {
        s: {tuple(joints[r].tolist()) for r in rows[b.state_of_row[rows] == s]} for s in states.tolist()
    }
    arrows = {
        (s, t): _shortened(
            [
                " · ".join([name, *_chance(key[0]), *_pays(key[1:])])
                for key, own in by_law.items()
                for name in _patterns(game, s, own, choices[s])
            ]
        )
        for (s, t), by_law in groups.items()
    }
    dots = {
        s: Dot(
            game.states[s],
            "the end" if game.terminal[s] else _silent(game, s),
            None,
            bool(game.terminal[s]),
            show_number(game.initial[s]) if game.initial[s] > 0 else "",
        )
        for s in states.tolist()
    }
    agents = ", ".join(game.agents)
    return StateGraph(
        dots, arrows, f"on an arrow: actions of {agents} · probability if below 1 · rewards if any"
    )


def _silent(game: POSG, state: int) -> str:
    names = [agent for agent, silent in zip(game.agents, game.null[state], strict=True) if silent]
    return f"⊥ for {', '.join(names)}" if names else ""


def _patterns(
    game: POSG, state: int, joints: list[tuple[int, ...]], choices: set[tuple[int, ...]], split: int = 0
) -> list[str]:
    """Joint actions in words: products of sets where they are some, ``*`` for any action of an agent."""
    sets = [sorted(set(column)) for column in zip(*joints, strict=True)]
    if len(set(joints)) < int(np.prod([len(own) for own in sets])):
        parts = [[joint for joint in joints if joint[split] == a] for a in sets[split]]
        return [line for part in parts for line in _patterns(game, state, part, choices, split + 1)]
    possible = [set(column) for column in zip(*choices, strict=True)]
    words = [_word(game, state, i, own, len(own) == len(possible[i])) for i, own in enumerate(sets)]
    return [", ".join(words)]


def _word(game: POSG, state: int, agent: int, actions: list[int], every: bool) -> str:
    if game.null[state, agent]:
        return "∅"
    if every and len(actions) > 1:
        return "*"
    return "/".join(game.actions[agent][a] for a in actions)


def _aecg_graph(game: AECG) -> StateGraph:
    from gametheory.tables.reach import Reach

    reach, b = Reach(game), game.branches
    nodes = np.flatnonzero(reach.rank >= 0)
    _check_size(len(nodes), "nodes (state, mover)")
    arrows: dict[tuple[int, int], list[str]] = {}
    for k in np.sort(reach.live).tolist():
        node, successor = int(reach.node[k]), int(b.successors[k])
        words = []
        if not game.silent[node]:
            words = [game.actions[game.movers[node]][b.row_of_branch[k] - b.offsets[node]]]
        words += [*_chance(b.probabilities[k]), *_pays(b.rewards[:, k])]
        arrows.setdefault((node, successor), []).append(" · ".join(words))
    dots = {int(node): _turn(game, int(node)) for node in nodes}
    legend = "on an arrow: the mover's action · probability if below 1 · rewards if any"
    return StateGraph(dots, {pair: _shortened(lines) for pair, lines in arrows.items()}, legend)


def _turn(game: AECG, node: int) -> Dot:
    state, mover = int(game.node_states[node]), int(game.movers[node])
    start = "1" if node == game.start else ""
    if game.terminal[state]:
        return Dot(game.states[state], "the end", None, True, start)
    if mover == game.environment:
        return Dot(game.states[state], "environment", ENVIRONMENT, False, start)
    note = f"agent {game.agents[mover]}" + (" sees ⊥" if game.silent[node] else "")
    return Dot(game.states[state], note, mover, False, start)


def _chance(p: Number) -> list[str]:
    return [] if p == 1 else [show_number(p)]


def _pays(rewards: tuple[Number, ...] | Array) -> list[str]:
    if all(pay == 0 for pay in rewards):
        return []
    shown = [str(pay) if isinstance(pay, Fraction | int) else f"{float(pay):.4g}" for pay in rewards]
    return [f"({', '.join(shown)})".replace("-", "−")]


def _shortened(lines: list[str]) -> list[str]:
    told = [line for line in lines if line]
    return (
        told if len(told) <= MOST_LINES else [*told[: MOST_LINES - 1], f"… {len(told) - MOST_LINES + 1} more"]
    )
