"""Gradient play near the equilibria of a game in normal form.

Every agent follows the gradient of its own payoff in its own strategy, all at once:

    gradient     ẋ_i = P u_i(·, x)          P takes the mean over the support away (projected gradient)
    replicator   ẋ_i = G_i u_i(·, x)        G_i = diag(x_i) − x_i x_iᵀ; natural gradient of softmax policies
    softmax      ẋ_i = G_i² u_i(·, x)       x_i = softmax(θ_i), θ_i follows its gradient

Within the supports the Jacobian is ``M U``: M the dynamics' metric, block-diagonal, symmetric and positive
definite; U the second derivatives ``∂²u_i/∂x_i∂x_j``, whose diagonal blocks are zero since payoffs are
multilinear. Hence M U has trace zero: an equilibrium in which somebody mixes cannot draw gradient play in from
all sides. Strict equilibria always do (Hofbauer & Sigmund, *Evolutionary Games and Population Dynamics*, 1998,
ch. 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from gametheory.certificates.certificate import EPSILON
from gametheory.gradient_play.stability import Linearisation, Stability, judge, leaves
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_floats
from gametheory.refine.position import Position, position

Dynamics = Literal["gradient", "replicator", "softmax"]
POWERS = {"gradient": 0, "replicator": 1, "softmax": 2}
"""The power of G in the metric."""


def linearise(
    game: NormalForm, profile: Sequence[Any], dynamics: Dynamics = "softmax", epsilon: float = EPSILON
) -> Linearisation:
    """What gradient play does near an equilibrium.

    Args:
        game: any number of agents.
        profile: an equilibrium; certified first.
        dynamics: whose Jacobian; where at most one agent mixes they agree.
        epsilon: as for ``certify``.

    Raises:
        GameError: the profile does not fit the game, or is no equilibrium within epsilon.
    """
    at = position(game, profile, epsilon)
    if at.strict:
        return Linearisation(
            Stability.STABLE,
            True,
            np.zeros(0, dtype=complex),
            "strict: every change of an agent's own costs it",
        )
    eigenvalues = np.linalg.eigvals(_jacobian(at, POWERS[dynamics])).astype(complex)
    kind, why = judge(eigenvalues), "by the eigenvalues within the supports"
    if not at.quasi_strict and not leaves(eigenvalues):
        kind, why = Stability.UNDECIDED, "an agent has best replies that it does not play"
    elif not len(eigenvalues):
        kind, why = Stability.UNDECIDED, "an agent is indifferent without mixing"
    elif kind is Stability.UNDECIDED:
        why = "eigenvalues on the imaginary axis"
    return Linearisation(kind, False, eigenvalues, why)


def _jacobian(at: Position, power: int) -> Array:
    """``[D, D]`` floats in orthonormal coordinates of the supports' faces, ``D = Σ_i (|S_i| − 1)``."""
    x = [to_floats(own)[list(chosen)] for own, chosen in zip(at.profile, at.supports, strict=True)]
    bases = [_tangent(len(own)) for own in x]
    metrics = []
    for own, basis in zip(x, bases, strict=True):
        G = np.diag(own) - np.outer(own, own)
        metrics.append(basis.T @ np.linalg.matrix_power(G, power) @ basis)
    agents = range(len(x))
    blocks = [[metrics[i] @ bases[i].T @ _second(at, i, j) @ bases[j] for j in agents] for i in agents]
    return np.block(blocks)


def _tangent(size: int) -> Array:
    """``[size, size − 1]`` orthonormal columns that sum to zero."""
    q, _ = np.linalg.qr(np.column_stack([np.ones(size), np.eye(size)[:, 1:]]))
    return np.asarray(q[:, 1:])


def _second(at: Position, i: int, j: int) -> Array:
    """``∂²u_i/∂x_i∂x_j`` over the supports, in units of agent i's payoff range: ``[|S_i|, |S_j|]``."""
    own, other = list(at.supports[i]), list(at.supports[j])
    if i == j:
        return np.zeros((len(own), len(own)))
    table = at.payoffs[i]
    width = table.max() - table.min()
    for k in reversed(range(len(at.profile))):
        if k not in (i, j):
            table = np.tensordot(table, at.profile[k], axes=(k, 0))
    table = (table if i < j else table.T)[np.ix_(own, other)]
    return to_floats(table / width) if width else np.zeros((len(own), len(other)))
