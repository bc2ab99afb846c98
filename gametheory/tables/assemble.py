"""The tables of an explored game: its POSG, or its AECG where agents move in turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Array, Number, as_numbers, freeze
from gametheory.posg import POSG
from gametheory.tables.branches import Branches, Ints, c_order_strides
from gametheory.tables.distributions import Distributions
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import FactoredObservations
from gametheory.tables.listed import Branch, Explored


def to_posg(found: Explored, title: str = "") -> POSG:
    """The POSG on the explored places: agents that do not act see ⊥."""
    game, S = found.game, len(found.places)
    null = np.array([[seen is None for seen in place.observations] for place in found.places], dtype=bool)
    shown = zip(*(place.observations for place in found.places), strict=True)
    sights = FactoredObservations(list(map(_sure, found.symbols, shown)))
    initial: list[Number] = [0] * S
    for place, weight in found.initial.items():
        initial[place] = weight
    return POSG(
        _posg_branches(found, null),
        observations=sights,
        initial=initial,
        discount=game.discount,
        initial_observations=sights,
        null=null,
        legal=[_legal(found, i, size) for i, size in enumerate(sights.sizes)],
        terminal=np.flatnonzero(found.terminal),
        agents=game.agents,
        states=_state_names(found),
        actions=game.actions,
        observation_labels=_symbol_names(found),
        title=title,
    )


def to_aecg(found: Explored, title: str = "") -> AECG:
    """The AECG on the explored places, where at most one agent acts at a time.

    An agent's move leads to one state, as the definition asks: a random outcome gets a state of its
    own, moved by the environment, and so does a random start.

    Raises:
        GameError: two agents act at once.
    """
    n, S, actions = len(found.game.agents), len(found.places), found.game.actions
    movers = [_mover(found, k) for k in range(S)]
    nodes = _Nodes(found, movers)
    nodes.build()
    K = len(nodes.rows)
    observations, movers_of = [], np.array(movers + [n] * (K - S))
    for i, symbols in enumerate(found.symbols):
        shown = [place.observations[i] if movers[k] == i else None for k, place in enumerate(found.places)]
        observations.append(_sure(symbols, shown + [None] * (K - S)))
    counts = [len(rows) for rows in nodes.rows]
    strides = np.zeros((K, n), dtype=np.int64)
    for k, mover in enumerate(movers):
        if mover < n and len(actions[mover]) > 1:
            strides[k, mover] = 1
    discount = [1 if k in nodes.undiscounted else found.game.discount for k in range(K)]
    return AECG(
        branches=_branches(np.array(counts), strides, [row for rows in nodes.rows for row in rows], n),
        node_states=freeze(np.arange(K)),
        movers=freeze(movers_of),
        start=nodes.start,
        observations=tuple(observations),
        discount=as_numbers(discount, "discount"),
        terminal=freeze(np.array([*found.terminal, *[False] * (K - S)])),
        legal=tuple(_legal(found, i, own.width) for i, own in enumerate(observations)),
        agents=found.game.agents,
        states=(*_state_names(found), *nodes.names),
        actions=actions,
        observation_labels=_symbol_names(found),
        title=title,
    )


def _mover(found: Explored, k: int) -> int:
    acting = np.flatnonzero(found.acting[k])
    if len(acting) > 1:
        raise GameError(f"{len(acting)} agents act at once in state {found.places[k].state}; make it a POSG")
    return int(acting[0]) if len(acting) else len(found.game.agents)


class _Nodes:
    """Rows of the AECG's nodes: those of the places, then the environment's draws."""

    def __init__(self, found: Explored, movers: list[int]) -> None:
        self.found, self.movers = found, movers
        self.rows: list[list[list[Branch]]] = []
        self.names: list[str] = []
        self.undiscounted: set[int] = set()
        self.start = 0
        self._drawn: list[list[Branch]] = []

    def build(self) -> None:
        n = len(self.found.game.agents)
        for k, rows in enumerate(self.found.rows):
            if self.found.terminal[k]:
                self.rows.append([])
                continue
            width = len(self.found.game.actions[self.movers[k]]) if self.movers[k] < n else 1
            listed: list[list[Branch]] = [[] for _ in range(width)]
            for joint, branches in rows.items():
                listed[joint[self.movers[k]] if self.movers[k] < n else 0] = branches
            if self.movers[k] < n and any(len(own) > 1 for own in listed):
                self.undiscounted.add(k)
                listed = [
                    [self._draw(own, f"draw after {self._name(k, a)}")] if own else []
                    for a, own in enumerate(listed)
                ]
            self.rows.append(listed)
        starts = [Branch(weight, place, (0,) * n) for place, weight in self.found.initial.items()]
        self.start = starts[0].place
        if len(starts) > 1:
            self.start = self._draw(starts, "start").place
            self.undiscounted.add(self.start)
        self.rows += [[own] for own in self._drawn]

    def _draw(self, branches: list[Branch], name: str) -> Branch:
        self._drawn.append(branches)
        self.names.append(name)
        return Branch(1, len(self.found.places) + len(self._drawn) - 1, (0,) * len(self.found.game.agents))

    def _name(self, k: int, action: int) -> str:
        return f"{self.found.game.actions[self.movers[k]][action]} in {self.found.places[k].state}"


def _posg_branches(found: Explored, null: Array) -> Branches:
    widths = np.array([len(own) for own in found.game.actions])
    counts = np.where(null, 1, widths)  # [S, n]
    listed = []
    for k, rows in enumerate(found.rows):
        if found.terminal[k]:
            continue
        for joint in np.ndindex(*counts[k]):
            listed.append(rows.get(tuple(NULL if null[k, i] else a for i, a in enumerate(joint)), []))
    sizes = np.where(found.terminal, 0, counts.prod(axis=1))
    return _branches(sizes, c_order_strides(counts), listed, len(widths))


def _branches(sizes: Ints, strides: Ints, rows: list[list[Branch]], n: int) -> Branches:
    """Flat arrays from one list of branches per row; ``sizes[s]`` rows belong to state s."""
    flat = [branch for row in rows for branch in row]
    rewards = as_numbers([reward for branch in flat for reward in branch.rewards], "rewards")
    return Branches(
        offsets=np.concatenate([[0], sizes.cumsum()]).astype(np.int64),
        strides=strides,
        indptr=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        successors=np.array([branch.place for branch in flat], dtype=np.int64),
        probabilities=as_numbers([branch.probability for branch in flat], "probabilities"),
        rewards=freeze(np.ascontiguousarray(rewards.reshape(-1, n).T)),
    )


def _sure(symbols: Mapping[Hashable, int], shown: Sequence[Hashable | None]) -> Kernel:
    """The kernel that surely shows ``shown[s]`` in s; None is ⊥."""
    rows = np.array([-1 if seen is None else symbols[seen] for seen in shown], dtype=np.int64)
    return Kernel(rows, Distributions.points(max(len(symbols), 1)))


def _legal(found: Explored, agent: int, size: int) -> Array | None:
    """``[|Ω^i|, A_i]`` bool, or None where every action is always legal."""
    count = len(found.game.actions[agent])
    mask = np.ones((size, count), dtype=bool)
    for symbol, choices in found.legal[agent].items():
        mask[symbol] = np.isin(np.arange(count), choices)
    return None if np.all(mask) else freeze(mask)


def _state_names(found: Explored) -> tuple[str, ...]:
    names = [str(place.state) for place in found.places]
    shown = [
        f" ({', '.join('⊥' if seen is None else str(seen) for seen in place.observations)})"
        for place in found.places
    ]
    repeated = {name for name, count in Counter(names).items() if count > 1}
    return unique(name + own if name in repeated else name for name, own in zip(names, shown, strict=True))


def _symbol_names(found: Explored) -> tuple[tuple[str, ...], ...]:
    return tuple(unique(map(str, own)) or ("nothing",) for own in found.symbols)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """The same names, with a number after every one that came before."""
    out: dict[str, None] = {}
    for name in names:
        own, k = name, 1
        while own in out:
            k += 1
            own = f"{name} #{k}"
        out[own] = None
    return tuple(out)
