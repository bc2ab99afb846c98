"""A function that falls along gradient play from every start, where one is proved.

Everybody moves along its own gradient, kept in the box of actions:

    ẋ_i = s_i ∂u_i/∂a_i (x),   and 0 where that leads out of the interval

Of payoffs that are quadratic all over the box the gradients are ``F(x) = M x + q``. If weights
``R = diag(r) > 0`` make ``RM + (RM)'`` negative definite, the game is diagonally strictly concave, has one
equilibrium x*, and play comes to it from everywhere (J. B. Rosen, *Existence and uniqueness of equilibrium
points for concave n-person games*, Econometrica 33, 1965, theorems 2, 6 and 9). For

    V(x) = Σ_i (r_i / s_i) (x_i − x*_i)²

``V̇ ≤ 2 Σ_i r_i (x_i − x*_i) F_i(x) ≤ 2 (x − x*)' R (F(x) − F(x*)) = (x − x*)' (RM + M'R) (x − x*) < 0``: at
a bound that F_i leads out of, ``(x_i − x*_i) F_i ≥ 0`` is left away; and no agent gains by leaving x*, so
``(x_i − x*_i) F_i(x*) ≤ 0``. Rosen's own flow has ``s = r`` and the plain distance. Here ``s = 1``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from gametheory.certify import certify
from gametheory.continuous.complementarity import rosen_weights
from gametheory.continuous.game import ContinuousGame, JointlyQuadratic
from gametheory.errors import GameError
from gametheory.gradient_play.differences import first, second
from gametheory.numerics import Number, to_fractions


@dataclass(frozen=True)
class Lyapunov:
    """``V(x) = Σ_i r_i (x_i − x*_i)²``, which falls along ``ẋ_i = ∂u_i/∂a_i`` until x is x*."""

    weights: tuple[Fraction, ...]
    """r, of which any positive multiple would do."""
    rest: tuple[Fraction, ...]
    """x*, the only equilibrium; rounded where the game's numbers are floats."""

    def __call__(self, joint: Sequence[Number]) -> Number:
        """V at a joint action: exact if the actions are."""
        terms = zip(self.weights, joint, self.rest, strict=True)
        return sum((r * (x - own) * (x - own) for r, x, own in terms), Fraction(0))

    def __str__(self) -> str:
        if len(set(self.weights)) == 1:
            return "V(x) = Σ_i (x_i − x*_i)²"
        return f"V(x) = Σ_i r_i (x_i − x*_i)², r = ({', '.join(map(str, self.weights))})"


def lyapunov(game: ContinuousGame) -> Lyapunov | None:
    """The function for a game whose condition is proved, in rationals; None if it is not.

    M is found by differences of payoffs, which are exact of quadratics. That payoffs are quadratic is
    the game's word (``JointlyQuadratic``), held against one further point.

    Raises:
        GameError: a payoff that is said to be quadratic is not.
    """
    if not (isinstance(game, JointlyQuadratic) and game.jointly_quadratic):
        return None
    weights = rosen_weights(_jacobian(game))
    listed = () if weights is None else game.equilibria()
    if weights is None or len(listed) != 1 or not certify(game, listed[0]).holds:
        return None
    return Lyapunov(tuple(weights), tuple(to_fractions(own)[0] for own in listed[0]))


def _jacobian(game: ContinuousGame) -> list[list[Fraction]]:
    """``M[i][j] = ∂²u_i/∂a_i∂a_j``, from inside the box; −1 of an agent that cannot move, and 0 beside it."""
    low, high = to_fractions(game.low), to_fractions(game.high)
    widths, n = high - low, len(low)
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    moving = [i for i in range(n) if widths[i]]
    h = min((widths[i] for i in moving), default=Fraction(1)) / 4
    M = [[Fraction(-(i == j)) for j in range(n)] for i in range(n)]
    for i in moving:
        for j in moving:
            M[i][j] = second(game, middle, i, j, h)
    other = [a + width * Fraction(k + 2, n + 4) for k, (a, width) in enumerate(zip(low, widths, strict=True))]
    for i in moving:
        expected = first(game, middle, i, h) + sum(M[i][j] * (other[j] - middle[j]) for j in moving)
        if first(game, other, i, h / (n + 4)) != expected:
            raise GameError(f"the payoff of agent {game.agents[i]} is not one quadratic of all actions")
    return M
