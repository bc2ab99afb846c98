"""What critics are asked, and how an agent's own action gets its gradient, under every scheme.

Networks are stacked so that critic k of objective i is number k·m + i; answers are read as
``[twins, m, B]``. A central critic reads every agent's observation and action, any other one those
of its own agent; in both the observations come first.

An actor step changes only agent i's own action before agent i's critic. The first layer is linear,
so what all agents do is multiplied once, and the own action's part is exchanged:

    z_i = W_i (ω⃗, a⃗) + W_i[a^i] (μ^i(ω^i) − a^i)

Nothing else in it carries a gradient, so none can reach another agent's actor.
"""

from __future__ import annotations

import torch
from torch import Tensor

from learners import losses
from learners.nets.heads import Heads
from learners.nets.networks import Change, Trained, after_first, forward
from learners.scheme import Wiring


def inputs(wiring: Wiring, observations: Tensor, actions: Tensor) -> Tensor:
    """Critics' inputs: ``[1, B, n(D + A)]`` if central, else ``[n, B, D + A]``.

    Args:
        wiring: of the scheme.
        observations: ``[B, n, D]``.
        actions: ``[B, n, A]``.
    """
    if wiring.central:
        return torch.cat((observations.flatten(1), actions.flatten(1)), dim=1)[None]
    return torch.cat((observations, actions), dim=2).transpose(0, 1)


def values(critics: Trained, wiring: Wiring, observations: Tensor, actions: Tensor, twins: int) -> Tensor:
    """``Q^i_k(ω⃗, a⃗) [twins, m, B]`` of the online critics."""
    return _shaped(critics(_for_all(inputs(wiring, observations, actions), wiring, twins)), twins)


def target_values(
    critics: Trained, wiring: Wiring, observations: Tensor, actions: Tensor, twins: int
) -> Tensor:
    """The same of the target critics."""
    return _shaped(critics.target(_for_all(inputs(wiring, observations, actions), wiring, twins)), twins)


def _for_all(x: Tensor, wiring: Wiring, twins: int) -> Tensor:
    count = twins * wiring.objectives
    return x.expand(count, -1, -1) if len(x) == 1 else x.repeat(twins, 1, 1)


def _shaped(answers: Tensor, twins: int) -> Tensor:
    return answers.view(twins, -1, answers.shape[1])


def team_values(critics: Trained, wiring: Wiring, observations: Tensor, actions: Tensor) -> Tensor:
    """``Q^j_1(ω⃗, μ⃗(ω⃗)) [1, m, B]`` with *every* agent's action live and frozen critics.

    Args:
        critics: stacked.
        wiring: of a scheme with central critics.
        observations: ``[B, n, D]``.
        actions: ``[n, B, A]``, live.
    """
    x = _for_all(inputs(wiring, observations, actions.transpose(0, 1)), wiring, 1)
    return _shaped(forward(critics.frozen(wiring.objectives), x, critics.activation), 1)


class OwnAction:
    """Frozen critics with agent i's own action exchanged: ``[twins, m, B]`` for any of its actions."""

    def __init__(
        self, critics: Trained, wiring: Wiring, observations: Tensor, given: Tensor, twins: int
    ) -> None:
        """Multiply once what does not change.

        Args:
            critics: stacked.
            wiring: of the scheme.
            observations: ``[B, n, D]``.
            given: ``[B, n, A]``, everybody's action without gradient; the own one is exchanged.
            twins: how many critics of each objective are asked.
        """
        n, m, width = given.shape[1], wiring.objectives, given.shape[2]
        self.team, self._twins, self._activation = wiring.team, twins, critics.activation
        self._weights = critics.frozen(twins * m)
        first = self._weights[0]
        self._x = _for_all(inputs(wiring, observations, given), wiring, twins)
        actions = first[:, -n * width :] if wiring.central else first[:, -width:]
        if wiring.central and not wiring.team:  # objective i's rows of agent i's action
            actions = actions.view(twins, n, n, width, -1).diagonal(dim1=1, dim2=2).movedim(-1, 1)
        self._own = actions.reshape(twins, n, width, -1)  # [t, n, A, H]
        self._given = given.transpose(0, 1)

    def at(self, own: Tensor) -> Tensor:
        """With actions ``own [n, B, A]``, live; in a team all of them at once."""
        by, rows = own - self._given, self._own.flatten(0, 1)
        if self.team:
            by, rows = by.transpose(0, 1).flatten(1)[None], self._own.flatten(1, 2)
        change = Change(by.expand(self._twins, *by.shape).flatten(0, 1), rows)
        return _shaped(forward(self._weights, self._x, self._activation, change), self._twins)

    @torch.no_grad()
    def at_pure(self) -> Tensor:
        """``[twins, n, B, A]``: at each of the own pure actions, the others' as given."""
        given = torch.baddbmm(self._weights[1], self._x, self._weights[0])
        given = given.view(self._twins, -1, *given.shape[1:])  # [t, m, B, H]
        without = given - torch.matmul(self._given, self._own)
        z = without[:, :, :, None] + self._own[:, :, None]  # [t, n, B, A, H]
        stacked = z.reshape(len(self._weights[0]), -1, z.shape[-1])
        return after_first(self._weights, stacked, self._activation).view(z.shape[:4])


def own_values(asked: OwnAction, heads: Heads, own: Tensor, *, differences: bool) -> Tensor:
    """``Q^i_k(ω⃗, a⃗^{-i}, μ^i(ω^i)) [twins, m, B]`` with the gradient that actor i follows.

    That is the critic's slope for continuous actions. For discrete ones it is the slope of the
    critic's multilinear extension, differences between own pure actions, or, if not
    ``differences``, the critic's slope at the sample.
    """
    if not (differences and heads.any_discrete):
        return asked.at(own)
    worth = losses.multilinear(own, asked.at_pure())  # [t, n, B]
    discrete = heads.discrete[:, 0]
    if asked.team:
        smooth = asked.at(torch.where(heads.discrete, own.detach(), own))
        return smooth + ((worth - worth.detach()) * discrete).sum(dim=1, keepdim=True)
    return torch.where(discrete, worth, asked.at(own)) if heads.any_continuous else worth
