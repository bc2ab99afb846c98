"""Games whose agents choose a real number from an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from gametheory.errors import GameError
from gametheory.numerics import Array, Number, as_numbers, check_simplex, is_exact


@runtime_checkable
class ContinuousGame(Protocol):
    """One-shot game with an interval of actions per agent.

    Each agent's payoff must be a quadratic of its own action, or be made of quadratics that meet
    where the game says (``Piecewise``). ``certify`` checks that; so best responses, and with them
    regrets, are found exactly.
    """

    @property
    def title(self) -> str: ...
    @property
    def agents(self) -> tuple[str, ...]: ...
    @property
    def low(self) -> Array:
        """``[n]`` least action of each agent."""
        ...

    @property
    def high(self) -> Array:
        """``[n]`` greatest action of each agent."""
        ...

    @property
    def exact(self) -> bool:
        """Whether all parameters are rational, so that answers can be exact."""
        ...

    @property
    def payoff_ranges(self) -> Array:
        """``[n]`` largest minus smallest payoff of each agent over the whole action box.

        Where finding it would take too long, an upper bound; the class docstring says when.
        """
        ...

    def payoff(self, agent: int, joint: Sequence[Number]) -> Number:
        """Agent's payoff for one joint action; exact if the arguments and the game are."""
        ...

    def payoffs(self, actions: Array) -> Array:
        """``[B, n]`` float payoffs for ``[B, n]`` float joint actions."""
        ...

    def equilibria(self) -> tuple[tuple[Array, ...], ...]:
        """The Nash equilibria known in closed form: per equilibrium, one ``[1]`` action per agent."""
        ...

    @property
    def equilibria_complete(self) -> bool:
        """Whether a theorem says that there are no others; the class docstring names it."""
        ...


@runtime_checkable
class Piecewise(Protocol):
    """A ``ContinuousGame`` whose payoffs are continuous and piecewise quadratic in the own action."""

    def kinks(self, agent: int, joint: Sequence[Number]) -> Sequence[Number]:
        """Own actions between which the agent's payoff is one quadratic, the others playing ``joint``.

        In any order, possibly outside the interval; ``joint[agent]`` does not matter. Naming too
        many costs time, naming too few is an error. Exact if the arguments and the game are.
        """
        ...


@runtime_checkable
class JointlyQuadratic(Protocol):
    """A ``ContinuousGame`` that says whether its payoffs are quadratics of everybody's action."""

    @property
    def jointly_quadratic(self) -> bool:
        """Whether each payoff is one quadratic of the joint action, all over the box."""
        ...


def kinks_of(game: ContinuousGame, agent: int, joint: Sequence[Number]) -> Sequence[Number]:
    """Where the agent's payoff may change its quadratic: nowhere, unless the game says so."""
    return game.kinks(agent, joint) if isinstance(game, Piecewise) else ()


@dataclass(frozen=True)
class Mixture:
    """A mixed strategy of finite support over an interval of actions."""

    points: Array  # [K]
    weights: Array  # [K]

    @classmethod
    def uniform(cls, points: ArrayLike) -> Mixture:
        """Equal weights on the given actions: the empirical distribution of what was played."""
        array = as_numbers(points, "points").reshape(-1)
        return cls(array, np.full(len(array), 1.0 / len(array)))


def as_mixtures(game: ContinuousGame, profile: Sequence[Any]) -> tuple[Mixture, ...]:
    """Read one action, or one ``Mixture``, per agent.

    Raises:
        GameError: wrong number of agents, or an action outside the agent's interval.
    """
    if len(profile) != len(game.agents):
        raise GameError(f"profile has {len(profile)} strategies; the game has {len(game.agents)} agents")
    out, bounds = [], list(zip(game.low, game.high, strict=True))
    for i, strategy in enumerate(profile):
        if isinstance(strategy, Mixture):
            mixture = strategy
        else:
            point = as_numbers(strategy, f"profile[{i}]").reshape(-1)
            if len(point) != 1:
                raise GameError(
                    f"profile[{i}] has {len(point)} numbers; agent {game.agents[i]} plays one action"
                )
            mixture = Mixture(point, as_numbers([1], "weights"))
        check_simplex(mixture.weights, f"profile[{i}] weights")
        # a float stands for the bound that it was rounded from
        low, high = (float(bound) if not is_exact(mixture.points) else bound for bound in bounds[i])
        outside = [p for p in mixture.points if not low <= p <= high]
        if outside:
            raise GameError(
                f"profile[{i}] plays {outside[0]}, outside agent {game.agents[i]}'s "
                f"interval [{game.low[i]}, {game.high[i]}]"
            )
        out.append(mixture)
    return tuple(out)
