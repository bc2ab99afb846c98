"""A POSG whose observations tell every agent the state, as one stage game per state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Array, to_floats
from gametheory.posg import POSG
from gametheory.tables.rules import Joint, Rules, rules

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stages:
    """Stage games of the K states that are not terminal; ``J = ΠA_i`` joint actions in C order.

    An agent that sees ⊥ in a state has its first action there, which means nothing.
    """

    game: POSG
    states: Ints  # [K], ascending: which states these are
    rewards: Floats  # [n, K, J], expected; 0 for illegal joint actions
    onward: Any  # sparse [K·J, K]: γ(s)·P(s' | s, a), without terminal s' and illegal a
    legal: tuple[Mask, ...]  # per agent [K, A_i]
    joint_legal: Mask  # [K, J]
    state_of: tuple[Ints, ...]  # per agent [|Ω^i| + 1], the place in ``states``; −1 if never seen

    def __len__(self) -> int:
        return len(self.states)

    @property
    def counts(self) -> tuple[int, ...]:
        """``(A_1, …, A_n)``."""
        return self.game.action_counts

    def after(self, values: Floats) -> Floats:
        """``[K, J]``: ``γ(s) Σ_s' P(s' | s, a) values[s']``, terminal states being worth 0."""
        return np.asarray(self.onward @ values).reshape(self.joint_legal.shape)

    @property
    def weights(self) -> Floats:
        """``[K, J]``: ``γ(s)`` times the chance that play goes on."""
        return self.after(np.ones(len(self)))

    @property
    def initial(self) -> Floats:
        """``[K]`` the law of the first state, but for terminal ones."""
        return to_floats(self.game.initial)[self.states]

    def policy_table(self, agent: int, strategies: Floats) -> Floats:
        """``[|Ω^i| + 1, A_i]`` from ``[K, A_i]``: uniform over what is legal where nothing is seen."""
        own = self.state_of[agent]
        legal = self.game.legal[agent]
        blank = np.ones((len(own), self.counts[agent])) if legal is None else legal[: len(own)].astype(float)
        table = blank / np.maximum(blank.sum(axis=1, keepdims=True), 1.0)
        table[own >= 0] = strategies[own[own >= 0]]
        return np.asarray(table)


def read_stages(game: POSG) -> Stages:
    """The stage games of a stochastic game, in floats.

    Raises:
        GameError: some observation, or the first one, does not tell an agent the state; or what is
            legal in a state depends on what is seen there.
    """
    terminal = np.asarray(game.terminal, dtype=bool)
    states = np.flatnonzero(~terminal)
    place = np.where(terminal, -1, np.cumsum(~terminal) - 1)
    state_of = _revealed(game, place)
    legal = tuple(_legal(game, i, states, own) for i, own in enumerate(state_of))
    joint_legal = np.ones((len(states), *game.action_counts), dtype=bool)
    for i, mask in enumerate(legal):
        joint_legal &= np.expand_dims(mask, tuple(1 + j for j in range(len(legal)) if j != i))
    joint_legal = joint_legal.reshape(len(states), -1)
    rewards, onward = _tables(game, states, place, joint_legal)
    return Stages(game, states, rewards, onward, legal, joint_legal, state_of)


def _tables(game: POSG, states: Ints, place: Ints, legal: Mask) -> tuple[Floats, Any]:
    """Expected rewards ``[n, K, J]`` and discounted transitions, sparse ``[K·J, K]``."""
    from scipy.sparse import csr_array

    b = game.branches
    grid = np.indices(game.action_counts).reshape(len(game.agents), -1)  # [n, J]
    rows = (b.offsets[states][:, None] + b.strides[states] @ grid).ravel()
    p, paid, own = to_floats(b.probabilities), to_floats(b.rewards), b.row_of_branch
    means = [np.bincount(own, p * reward, minlength=b.row_count)[rows] for reward in paid]
    rewards = np.asarray(np.stack(means).reshape(len(paid), *legal.shape) * legal, dtype=np.float64)
    weights = p * to_floats(game.discount)[b.state_of_row[own]]
    goes_on = np.flatnonzero((place[b.successors] >= 0) & (weights > 0))
    entries = (weights[goes_on], (own[goes_on], place[b.successors[goes_on]]))
    table = csr_array(entries, shape=(b.row_count, len(states)))
    entries = (legal.ravel().astype(float), (np.arange(len(rows)), rows))
    keep = csr_array(entries, shape=(len(rows), b.row_count))
    return rewards, (keep @ table).tocsr()


def _revealed(game: POSG, place: Ints) -> tuple[Ints, ...]:
    """Per agent ``[|Ω^i| + 1]``: the state that each observation, at last ``start``, stands for."""
    out = tuple(np.full(count + 1, -1, dtype=np.int64) for count in game.observation_counts)
    for state, seen in _sights(game, rules(game)):
        for i, symbol in enumerate(seen):
            if symbol == NULL:
                continue
            known = out[i][symbol]
            if known not in (-1, place[state]):
                other = game.states[int(np.flatnonzero(place == known)[0])]
                raise GameError(
                    f"agent {game.agents[i]} may see the same in states {other} and {game.states[state]}: a "
                    "stochastic game shows every agent the state (the first one, too: initial_observations)"
                )
            out[i][symbol] = place[state]
    return out


def _sights(game: POSG, game_rules: Rules) -> Iterator[tuple[int, Joint]]:
    """What may be seen together, at first and on reaching each state that a branch leads to."""
    for _, position in game_rules.openings():
        yield position.state, position.observations
    told = {game_rules.tells(joint) for joint in np.ndindex(*game.action_counts)}
    for state in np.unique(game.branches.successors).tolist():
        for joint in told:
            for _, seen in game_rules.observations(state, joint):
                yield state, seen


def _legal(game: POSG, agent: int, states: Ints, state_of: Ints) -> Mask:
    """``[K, A_i]``: what is legal in each state; the first action alone where the agent sees ⊥."""
    out = np.ones((len(states), game.action_counts[agent]), dtype=bool)
    mask = game.legal[agent]
    known: dict[int, Array] = {}
    if mask is not None:
        for symbol, k in enumerate(state_of[: len(mask)].tolist()):
            if k >= 0 and not np.array_equal(known.setdefault(k, mask[symbol]), mask[symbol]):
                raise GameError(
                    f"what is legal for agent {game.agents[agent]} in state {game.states[states[k]]} depends "
                    "on what it sees there"
                )
    for k, own in known.items():
        out[k] = own
    out[np.asarray(game.null)[states, agent]] = np.arange(out.shape[1]) == 0
    return out
