"""Linear-quadratic games that go on for ever: published numbers, other people’s solvers."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from linear_quadratic_games import lq_games, points
from scipy.linalg import solve_discrete_are
from scipy.optimize import brentq

from gametheory import solve
from gametheory.certificates.certificate import Kind
from gametheory.continuous.lq import LinearQuadraticGame, named
from gametheory.continuous.lq.finite import coupled_riccati
from gametheory.continuous.lq.scalar import scalar_resultant
from gametheory.continuous.lq.stationary import multi_start

F = Fraction


@settings(max_examples=10)
@given(lq_games(agents=(1, 1)))
def test_one_agent_is_the_regulator_of_scipy(game):
    f, root = game.floats, 0.9**0.5
    a, b = root * f.A, root * f.B[0]
    try:
        p = solve_discrete_are(a, b, f.Q[0], f.R[0][0])
    except np.linalg.LinAlgError:
        assume(False)
    solution = solve(game)
    assert solution.complete
    assert solution.certificates[0].holds
    gain = np.linalg.solve(f.R[0][0] + b.T @ p @ b, b.T @ p @ a)
    assert solution.profiles[0][0] == pytest.approx(gain, abs=1e-8)
    start = np.eye(len(a)) + 9 * f.noise
    assert solution.values[0][0] == pytest.approx(-np.trace(p @ start), rel=1e-8)


@settings(max_examples=8)
@given(lq_games(agents=(2, 2)))
def test_stationary_equilibria_are_certified(game):
    solution = solve(game, method="multi-start", starts=2)
    assert not solution.complete
    assert solution.profiles
    for values, certificate in zip(solution.values, solution.certificates, strict=True):
        assert certificate.kind is Kind.NUMERIC
        assert certificate.discounted_radius < 1
        assert max(certificate.gain_errors) < 1e-7
        assert np.array(values) == pytest.approx(np.array(certificate.values), rel=1e-7)


@pytest.mark.parametrize("game", [named.linear_quadratic(3, 4, 1), named.zero_sum(4, 1)])
def test_a_long_horizon_comes_to_the_stationary_equilibrium(game):
    long = coupled_riccati(game, horizon=300)
    first = [own[0] for own in long.profiles[0]]
    stationary = solve(game).profiles
    assert any(
        all(np.allclose(a, b, atol=1e-10) for a, b in zip(first, profile, strict=True))
        for profile in stationary
    )


def test_the_published_scalar_game_has_its_three_equilibria():
    """a = 5, q = (1, 1), r = (1, 2): costs 6.614 and 14.722 at the shared one.

    Salizzoni, Ouhamma and Kamgarpour, Nash equilibria in scalar discrete-time linear quadratic games,
    2025, from the authors' published code; at most three by their theorem.
    """
    solution = solve(named.scalar(5, 1, 1, 1, 2, discount=1))
    assert solution.method == "scalar-resultant"
    assert solution.complete
    assert len(solution.profiles) == 3
    costs = sorted((-np.array(solution.values)).tolist())
    assert costs[1] == pytest.approx([6.614, 14.722], abs=1e-3)


def test_the_published_duopoly_gains():
    """Sargent and Stachurski, QuantEcon, Markov Perfect Equilibrium: printed to eight digits."""
    solution = solve(named.dynamic_duopoly())
    assert len(solution.profiles) == 1
    first, second = solution.profiles[0]
    assert first == pytest.approx(np.array([[-0.66846615, 0.29512482, 0.07584666]]), abs=3e-8)
    assert second == pytest.approx(np.array([[-0.66846615, 0.07584666, 0.29512482]]), abs=3e-8)


def brute_force(a, q, r, gamma):
    """Gains where each agent's condition, a quadratic given c, holds: sign changes over a grid of c.

    ``s_i = b_i k_i`` solves ``s² − s (1 − γc²)/(γc) + q_i/r_i = 0``.
    """
    found = []
    grid = np.linspace(1e-6, gamma**-0.5, 20_001)
    for signs in product((-1, 1), repeat=2):

        def parts(c, signs=signs):
            half = (1 - gamma * c * c) / (2 * gamma * c)
            return [
                half + sign * np.sqrt(half**2 - qi / ri) for sign, qi, ri in zip(signs, q, r, strict=True)
            ]

        def gap(c, parts=parts):
            return a - c - sum(parts(c))

        with np.errstate(invalid="ignore"):
            values = gap(grid)
        for k in np.flatnonzero(values[:-1] * values[1:] < 0):
            found.append(parts(brentq(gap, grid[k], grid[k + 1], xtol=1e-14)))
    return np.array(found)


@settings(max_examples=15)
@given(
    st.integers(5, 60).map(lambda k: F(k, 10)),
    st.tuples(*[st.integers(1, 9)] * 2),
    st.tuples(*[st.integers(1, 9)] * 2),
    st.sampled_from([F(1), F(9, 10), F(1, 2)]),
)
def test_elimination_misses_nothing_that_a_grid_finds(a, q, r, gamma):
    solution = solve(named.scalar(a, *q, *r, discount=gamma))
    assert solution.complete
    assert 1 <= len(solution.profiles) <= 3  # 2^N − 1, Nortmann, Sassano and Mylvaganam 2024
    listed = np.array(points(solution))
    for gains in brute_force(float(a), q, r, float(gamma)):
        assert np.abs(listed - gains).max(axis=1).min() < 1e-6


@pytest.mark.parametrize("game", [named.scalar(), named.scalar(5, 1, 1, 1, 2, discount=1), named.scalar(1)])
def test_multi_start_and_elimination_agree(game):
    everything = np.array(sorted(map(tuple, points(scalar_resultant(game)))))
    found = np.array(sorted(map(tuple, points(multi_start(game)))))
    assert found == pytest.approx(everything, abs=1e-7)


def test_elimination_takes_costs_of_the_others_actions():
    game = LinearQuadraticGame(2, (1, F(-1, 2)), (1, 2), ((1, F(1, 3)), (F(-1, 4), 2)), F(9, 10))
    everything, found = points(solve(game)), points(multi_start(game))
    assert len(everything) >= 1
    for gains in found:
        assert min(float(np.abs(gains - own).max()) for own in everything) < 1e-7


@pytest.mark.peers
def test_gains_agree_with_quantecon():
    from quantecon import nnash

    for seed in range(4):
        game = named.linear_quadratic(seed=seed)
        f, zero = game.floats, np.zeros((1, 1))
        peer = nnash(
            f.A, *f.B, *f.Q, f.R[0][0], f.R[1][1], f.R[0][1], f.R[1][0],
            *[np.zeros((2, 1))] * 2, zero, zero, beta=0.9, tol=1e-13,
        )  # fmt: skip
        profile = solve(game).profiles[0]
        for own, other in zip(profile, peer[:2], strict=True):
            assert own == pytest.approx(other, abs=1e-9)
