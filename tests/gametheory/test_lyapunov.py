"""Functions that fall along gradient play, held against payoffs and against the play itself, step by step."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from interval_games import actions, bertrands, cournots, public_goods, quadratics

from gametheory.continuous import Bertrand, Cournot, Hotelling, PublicGoods, QuadraticGame
from gametheory.errors import GameError
from gametheory.gradient_play import Lyapunov, Outlook, Stability, linearisations, lyapunov, predict
from gametheory.load import load

proved = st.one_of(cournots(), bertrands(), public_goods(), quadratics()).filter(
    lambda game: lyapunov(game) is not None
)
PULLED = QuadraticGame([[[-1, 6], [0, 0]], [[0, 0], ["1/2", -1]]], [[0, 0], [0, 0]], -1, 1)
"""The first heeds the second twelve times as much as it is heeded: ``M = [[−2, 6], [1/2, −2]]``, x* = 0."""


def slopes(game, x):
    """``∂u_i/∂a_i``: exact, as payoffs are quadratic."""
    out = []
    for i in range(len(x)):
        up, down = ([*x[:i], x[i] + step, *x[i + 1 :]] for step in (1, -1))
        out.append((Fraction(game.payoff(i, up)) - Fraction(game.payoff(i, down))) / 2)
    return out


def kept(game, x, moves):
    """Moves, but those out of the box."""
    ends = zip(x, moves, game.low, game.high, strict=True)
    return [
        max(move, 0)
        if own == low < high
        else min(move, 0)
        if own == high > low
        else move
        if low < high
        else 0
        for own, move, low, high in ends
    ]


def change(function, game, x):
    """``dV/dt`` along the flow; V is quadratic, so a central difference along the direction is exact."""
    ahead = kept(game, x, slopes(game, x))
    up, down = ([own + sign * move for own, move in zip(x, ahead, strict=True)] for sign in (1, -1))
    return (function(up) - function(down)) / 2


@given(proved, st.data())
@settings(deadline=None)
def test_it_falls_everywhere_but_at_the_equilibrium(game, data):
    falls = lyapunov(game)
    assert falls(falls.rest) == 0
    x = data.draw(actions(game))
    assume(tuple(x) != falls.rest)
    assert falls(x) > 0
    assert change(falls, game, x) < 0


@given(proved, st.data())
@settings(deadline=None, max_examples=40)
def test_it_falls_along_simulated_play_from_any_start(game, data):
    """Projected steps so short that they contract: h = μ/L², both in the norm of V."""
    falls = lyapunov(game)
    low, high, rest = (np.array(own, dtype=float) for own in (game.low, game.high, falls.rest))
    moving = low < high
    origin, n = slopes(game, [Fraction(0)] * len(low)), len(low)
    unit = np.eye(n, dtype=int).tolist()
    M = np.array([[float(a - b) for a, b in zip(slopes(game, e), origin, strict=True)] for e in unit]).T
    q, root = np.array(origin, dtype=float), np.sqrt(np.array(falls.weights, dtype=float))
    N = (root[:, None] * M / root)[np.ix_(moving, moving)]
    assume(moving.any())
    least, most = -np.linalg.eigvalsh((N + N.T) / 2).max(), np.linalg.norm(N, 2)
    assert least > 0
    h = least / most**2
    x = np.array(data.draw(actions(game)), dtype=float)
    now = float(falls(x))
    for _ in range(200):
        if now <= 1e-12 * (1 + rest @ rest):
            break
        x = np.clip(x + h * (M @ x + q), low, high)
        before, now = now, float(falls(x))
        assert now < before


def test_the_weights_are_those_of_the_condition_and_no_others_do():
    """Along ẋ = F it is Σ r_i (x_i − x*_i)²; the plain distance, that of Rosen's ẋ = RF, and 1/r rise somewhere."""
    falls = lyapunov(PULLED)
    assert falls.weights == (1, 12)  # r_1 · 6 = r_2 · 1/2
    assert change(falls, PULLED, [1, 1]) < 0
    inside = [Fraction(1, 2)] * 2
    assert slopes(PULLED, inside) == [2, Fraction(-3, 4)]  # by hand: −1 + 3, 1/4 − 1
    assert change(falls, PULLED, inside) == 2 * (1 - Fraction(12 * 3, 8))
    for others in [(Fraction(1), Fraction(1)), (Fraction(12), Fraction(1))]:
        assert change(Lyapunov(others, falls.rest), PULLED, inside) > 0
    assert str(falls) == "V(x) = Σ_i r_i (x_i − x*_i)², r = (1, 12)"


@pytest.mark.parametrize(
    "game",
    [
        *(Cournot(firms) for firms in (1, 2, 3, 5)),
        Cournot(3, 10.5, 0.7, 1.1),
        Bertrand(),
        PublicGoods(),
        QuadraticGame.potential(),
        QuadraticGame.zero_sum(),
        PULLED,
    ],
    ids=lambda game: type(game).__name__,
)
def test_play_is_expected_to_converge_from_everywhere_where_that_is_proved(game):
    says = predict(game, game.equilibria(), game.equilibria_complete)
    assert says.claim.outlook is Outlook.CONVERGES
    assert says.claim.equilibria == (0,)
    assert str(says.lyapunov) in says.claim.why
    assert [float(own) for own in says.lyapunov.rest] == [float(own[0]) for own in game.equilibria()[0]]
    assert predict(game, game.equilibria(), True, "average").claim.outlook is Outlook.UNKNOWN


COORDINATION = QuadraticGame([[[-1, 3], [0, 0]], [[0, 0], [3, -1]]], [[0, 0], [0, 0]], -1, 1)


@pytest.mark.parametrize(
    "game",
    [COORDINATION, Cournot(3, floor=True), Hotelling(), PublicGoods.voluntary()],
    ids=lambda game: type(game).__name__,
)
def test_nothing_more_is_said_where_it_is_not_proved(game):
    """Several equilibria; kinks; no curvature at all."""
    says = predict(game, game.equilibria(), game.equilibria_complete)
    assert says.lyapunov is None
    assert says.claim.outlook is Outlook.LOCALLY
    assert predict(load("matching-pennies"), [], False).lyapunov is None


@dataclass(frozen=True)
class Boasting(Cournot):
    """Says that its payoffs have no kink."""

    jointly_quadratic = True


def test_a_games_word_is_not_taken_on_trust():
    with pytest.raises(GameError, match="firm 1 is not one quadratic"):
        lyapunov(Boasting(floor=True))
    assert lyapunov(Boasting()) == lyapunov(Cournot())


def test_an_agent_that_cannot_move_does_not_matter():
    """u_1 = −a_1² + a_1 a_2 with a_2 = 1: a_1 goes to 1/2 as e^(−2t)."""
    game = QuadraticGame([[[-1, 1], [0, 0]], [[0, 9], [9, -1]]], [[0, 0], [0, 0]], [0, 1], [1, 1])
    [at] = linearisations(game, game.equilibria())
    assert at.stability is Stability.STABLE
    assert at.strict
    assert at.eigenvalues.tolist() == [-2]
    assert lyapunov(game).rest == (Fraction(1, 2), 1)
