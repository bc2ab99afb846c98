"""Bounds on a POMDP's optimal value, as functions of weights over states.

Weights w are probability times accumulated discount, so values are homogeneous: with
``w_ao = w M_ao`` the weights after action a and observation o, the optimal value is the fixed point of
``V(w) = max_a w·R_a + Σ_o V(w_ao)``. ``Lower`` is a maximum over vectors, each the exact value of a
plan; ``Upper`` interpolates between values at known beliefs (sawtooth: Hauskrecht, JAIR 13, 2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gametheory.cooperative.model import Floats, Model
from gametheory.errors import GameError
from gametheory.tables.branches import Ints

SMALL = 1e-13
"""Share of a bound's size below which a change of it is rounding."""


@dataclass(frozen=True, eq=False)
class Dynamics:
    """What one agent's actions pay and bring."""

    rewards: Floats  # [A, S]
    steps: Floats  # [A, O, S, S'] law of observation and next state, times the discount
    start: Floats  # [O, S] law of first observation and state
    discount: float
    """The largest discount of a state in which play goes on."""

    @cached_property
    def ways(self) -> Floats:
        """``[A, S, S']``: as ``steps``, whatever is observed."""
        return np.asarray(self.steps.sum(axis=1))

    def after(self, weights: Floats) -> Floats:
        """``[A, O, S']`` from ``[S]``."""
        return np.asarray(weights @ self.steps)


def dynamics(one: Model) -> Dynamics:
    """A model of one agent as its dynamics.

    Raises:
        GameError: more than one agent.
    """
    if len(one.actions) != 1:
        raise GameError(f"a POMDP has one agent; {one.game.title or 'the game'} has {len(one.actions)}")
    steps = one.moves.transpose(0, 2, 1, 3) * one.discount[:, None]
    going = one.discount[~one.game.terminal]
    return Dynamics(one.rewards, steps, one.start, float(going.max(initial=0)))


class Lower:
    """``max_k α_k·w``; every vector belongs to a node of a growing policy graph."""

    def __init__(self, vectors: Floats, nodes: list[int]) -> None:
        self.vectors = vectors  # [K, S]
        self.nodes = nodes
        self._pruned = len(nodes)

    def values(self, weights: Floats) -> Floats:
        """Of weights ``[…, S]``."""
        return np.asarray((weights @ self.vectors.T).max(axis=-1))

    def best(self, weights: Floats) -> Ints:
        """The place of the best vector for weights ``[…, S]``."""
        return np.asarray((weights @ self.vectors.T).argmax(axis=-1))

    def add(self, vector: Floats, node: int) -> None:
        self.vectors = np.concatenate([self.vectors, vector[None]])
        self.nodes = [*self.nodes, node]
        if len(self.nodes) > 2 * self._pruned + 16:
            self._prune()

    def _prune(self) -> None:
        """Without vectors that another one is nowhere below."""
        kept: list[int] = []
        for k in np.argsort(-self.vectors.sum(axis=1), kind="stable").tolist():
            if not (self.vectors[kept] >= self.vectors[k]).all(axis=1).any():
                kept.append(k)
        self.vectors, self.nodes = self.vectors[kept], [self.nodes[k] for k in kept]
        self._pruned = len(kept)


class Upper:
    """The least of a convex bound ``max_a q_a·w`` and the sawtooth between points under ``max_a q_a``."""

    def __init__(self, linear: Floats) -> None:
        self.linear = linear  # [A, S]
        self.corners = linear.max(axis=0)  # [S]
        self.inverse = np.zeros((0, len(self.corners)))  # [P, S] 1 / belief, inf where it is 0
        self.drops = np.zeros(0)  # [P] how far below the corners' plane the point is
        self._pruned = 0

    def values(self, weights: Floats) -> Floats:
        """Of weights ``[…, S]``."""
        plane = weights @ self.corners
        bound = np.minimum((weights @ self.linear.T).max(axis=-1), plane)
        if not len(self.drops):
            return np.asarray(bound)
        return np.asarray(np.minimum(bound, plane + (self._shares(weights) * self.drops).min(axis=-1)))

    def _shares(self, weights: Floats) -> Floats:
        """``min_s w[s] / b_p[s]`` over the point's support, ``[…, P]``."""
        with np.errstate(invalid="ignore"):
            ratios = weights[..., None, :] * self.inverse
        return np.asarray(np.where(np.isinf(self.inverse), np.inf, ratios).min(axis=-1))

    def add(self, belief: Floats, value: float) -> None:
        with np.errstate(divide="ignore"):
            self.inverse = np.concatenate([self.inverse, 1 / belief[None]])
        self.drops = np.append(self.drops, min(value - float(belief @ self.corners), 0.0))
        if len(self.drops) > 2 * self._pruned + 16:
            self._prune()

    def _prune(self) -> None:
        """Without points that the others already push down as far."""
        kept = np.ones(len(self.drops), dtype=bool)
        beliefs = 1 / self.inverse
        shares = self._shares(beliefs)  # [P, P'] of every point's belief by point
        for p in np.argsort(-self.drops, kind="stable").tolist():
            kept[p] = False
            others = (shares[p, kept] * self.drops[kept]).min(initial=0.0)
            kept[p] = others > self.drops[p]
        self.inverse, self.drops = self.inverse[kept], self.drops[kept]
        self._pruned = len(self.drops)


def blind(known: Dynamics, later: Floats | None) -> Floats:
    """``[A, S]``: what the same action for ever earns; or now, with ``later`` its worth from the next step on."""
    if later is not None:
        return np.asarray(known.rewards + np.einsum("ast,at->as", known.ways, later))
    identity = np.eye(known.rewards.shape[1])
    return np.asarray(np.linalg.solve(identity - known.ways, known.rewards[..., None])[..., 0])


def informed(known: Dynamics, later: Floats) -> Floats:
    """One step of the fast informed bound, ``q_a = R_a + Σ_o max_a' M_ao q_a'``, ``[A, S]`` (Hauskrecht 2000)."""
    reached = np.einsum("aost,bt->aosb", known.steps, later)
    return np.asarray(known.rewards + reached.max(axis=3).sum(axis=1))


def informed_for_ever(known: Dynamics) -> Floats:
    """The fast informed bound without a horizon; every iterate is a bound, so stopping early is sound."""
    high = max(float(known.rewards.max()), 0.0) / (1 - known.discount)
    bound = np.full(known.rewards.shape, high)
    while True:
        lower = informed(known, bound)
        if np.abs(bound - lower).max() <= 1e-9 * max(1.0, float(np.abs(lower).max())):
            return lower
        bound = lower
