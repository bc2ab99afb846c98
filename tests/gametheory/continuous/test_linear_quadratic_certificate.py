"""Certificates of gains: regrets that other code confirms, and profiles that are none."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_quadratic_games import lq_games
from scipy.optimize import minimize

from environments.linear_quadratic import LinearQuadraticPlay
from gametheory import certify, nash_conv, solve
from gametheory.certificates.certificate import Kind
from gametheory.certificates.linear_quadratic import certify_gains
from gametheory.continuous.lq import LinearQuadraticGame, linear_policies, named
from gametheory.continuous.lq.finite import coupled_riccati
from gametheory.continuous.lq.saddle import saddle_point
from gametheory.errors import GameError
from gametheory.planning.monte_carlo import monte_carlo

F = Fraction


def rolled_out(game, gains, agent, steps=4_000):
    """``J_i`` step by step: the law of x_t is a second moment, pushed forward."""
    f, gamma = game.floats, float(game.discount)
    loop = f.A - sum(b @ k for b, k in zip(f.B, gains, strict=True))
    cost = f.Q[agent] + sum(k.T @ r @ k for k, r in zip(gains, f.R[agent], strict=True))
    moment, total, weight = np.asarray(f.second_moment, dtype=float), 0.0, 1.0
    for _ in range(steps):
        total += weight * float(np.trace(cost @ moment))
        moment, weight = loop @ moment @ loop.T + f.noise, weight * gamma
    return total


GAMES = [named.linear_quadratic(), named.linear_quadratic(3, 3, 2), named.scalar(), named.avoided()]


@pytest.mark.parametrize("game", GAMES)
def test_values_agree_with_the_pushed_forward_law(game):
    for profile in solve(game).profiles:
        certificate = certify(game, profile)
        costs = [rolled_out(game, profile, i) for i in range(len(profile))]
        assert np.array(certificate.values) == pytest.approx(-np.array(costs), rel=1e-9)


@pytest.mark.parametrize("game", GAMES[:3])
def test_the_regret_of_other_gains_agrees_with_a_search(game):
    profile = [np.array(own) + 0.1 for own in solve(game).profiles[0]]
    certificate = certify(game, profile)
    assert certificate.kind is None
    assert nash_conv(game, profile) == pytest.approx(sum(certificate.regrets))
    agent, shape = 0, profile[0].shape

    def cost(entries):
        return rolled_out(game, [entries.reshape(shape), *profile[1:]], agent, steps=300)

    best = minimize(cost, profile[0].ravel(), method="BFGS", options={"gtol": 1e-7}).fun
    assert certificate.regrets[0] == pytest.approx(cost(profile[0].ravel()) - best, rel=1e-3, abs=1e-8)


@settings(max_examples=20)
@given(lq_games(agents=(2, 3)), st.integers(0, 1), st.data())
def test_a_perturbed_gain_is_refused(game, stage, data):
    """To a horizon and exactly: one entry changed by a thousandth, at any stage of any agent."""
    profile = coupled_riccati(game, True, horizon=2).profiles[0]
    agent = data.draw(st.integers(0, len(profile) - 1))
    bent = [np.array(own) for own in profile]
    bent[agent][stage, 0, 0] += F(1, 1000)
    certificate = certify_gains(game, bent, 2)
    assert certificate.kind is not Kind.EXACT
    assert certificate.gain_errors[agent] >= 1e-3 - 1e-12
    assert certificate.regrets[agent] >= 0
    assert certify_gains(game, profile, 2).kind is Kind.EXACT


@pytest.mark.parametrize("game", GAMES)
def test_a_perturbed_stationary_gain_is_refused(game):
    profile = solve(game).profiles[0]
    for agent in range(len(profile)):
        bent = [np.array(own) for own in profile]
        bent[agent][0, 0] += 1e-3
        certificate = certify(game, bent)
        assert certificate.kind is None
        assert certificate.regrets[agent] > 0
        assert certificate.gain_errors[agent] == pytest.approx(1e-3, rel=1e-6)


def test_a_gain_that_is_wrong_only_off_the_path_is_refused():
    """x_0 = 0 without noise: from there nothing costs anything, from elsewhere the gain is not best."""
    game = replace(named.linear_quadratic(), noise=None, covariance=np.zeros((2, 2), dtype=int))
    profile = [np.array(own) for own in solve(game).profiles[0]]
    profile[0][0, 0] += 0.1
    certificate = certify(game, profile)
    assert certificate.regrets == (0, 0)
    assert certificate.kind is None
    assert max(certificate.anywhere) > 1e-4


def test_gains_that_are_not_stable_cost_infinitely_much():
    game = named.scalar()
    certificate = certify(game, ([[0]], [[0]]))
    assert certificate.kind is None
    assert certificate.spectral_radius == pytest.approx(1.3)
    assert certificate.regrets == (np.inf, np.inf)


def test_costs_may_stay_finite_where_the_state_does_not():
    """γ = ½ and a = 1.2: √γ·1.2 < 1, so that doing little is an equilibrium and x grows."""
    game = LinearQuadraticGame(F(6, 5), (1, 1), (F(1, 100),) * 2, ((1, None), (None, 1)), F(1, 2))
    certificate = solve(game).certificates[0]
    assert certificate.kind is Kind.NUMERIC
    assert certificate.discounted_radius < 1 < certificate.spectral_radius


def test_an_unbounded_reply_is_no_equilibrium():
    """The second agent gains without end by pushing: its cost has no minimum."""
    game = LinearQuadraticGame(F(9, 10), (1, 1), (1, -50), ((1, None), (None, 1)))
    certificate = certify(game, ([[F(1, 2)]], [[0]]))
    assert certificate.kind is None
    assert certificate.regrets[1] == np.inf


def test_gains_of_the_wrong_shape_are_refused():
    game = named.linear_quadratic()
    with pytest.raises(GameError, match="profile has 1 gains; the game has 2 agents"):
        certify(game, ([[0, 0]],))
    with pytest.raises(GameError, match=r"gain of agent 2 has shape \[1, 1\]; it must be \[1, 2\]"):
        certify(game, ([[0, 0]], [[0]]))
    with pytest.raises(GameError, match=r"it must be \[3, 1, 2\]"):
        certify(game, (np.zeros((2, 1, 2)), [[0, 0]]), horizon=3)
    with pytest.raises(GameError, match="not a finite number"):
        certify(game, ([[0, np.nan]], [[0, 0]]))


# --- zero-sum ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", [0, 1])
def test_zero_sum_games_have_a_saddle_point(dimension, seed):
    game = named.zero_sum(dimension, seed)
    solution = solve(game)
    assert len(solution.profiles) == 1
    saddle = saddle_point(game, solution.profiles[0])
    assert saddle.holds
    assert sum(solution.values[0]) == pytest.approx(0, abs=1e-9)
    worth = np.trace(saddle.value @ (np.eye(dimension) + 9 * np.eye(dimension) / 100))
    assert solution.values[0][0] == pytest.approx(-worth)


@settings(max_examples=15)
@given(lq_games(agents=(1, 1), dimensions=(1, 2)), st.integers(5, 20))
def test_exact_values_of_zero_sum_games_add_up_to_nothing(game, attenuation):
    q, r, size = game.Q[0], game.R[0][0], game.sizes[0]
    strong = attenuation * r + 20 * np.eye(size, dtype=int)
    played = replace(
        game,
        B=(game.B[0], game.B[0]),
        Q=(q, -q),
        R=((r, -strong), (-r, strong)),
        final=(q, -q),
        agents=(),
    )
    assert played.zero_sum
    solution = solve(played, horizon=2, exact=True)
    assert solution.values[0][0] == -solution.values[0][1] <= 0
    first, second = solution.parameters["stages"][0].values
    assert np.array_equal(first, -second)


def test_other_gains_are_no_saddle_point():
    game = named.zero_sum()
    profile = [np.array(own) for own in solve(game).profiles[0]]
    profile[0] = profile[0] + 0.05
    assert not saddle_point(game, profile).holds
    with pytest.raises(GameError, match="this is none"):
        saddle_point(named.linear_quadratic(), profile)


# --- as policies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("game", [named.linear_quadratic(), named.zero_sum(3), named.scalar()])
def test_sampled_plays_agree_with_the_exact_values(game):
    solution = solve(game)
    play, profile = LinearQuadraticPlay(game, bound=100), solution.profiles[-1]
    estimate = monte_carlo(play, linear_policies(profile, play.bound), plays=4_000, seed=3)
    apart = np.abs(estimate.mean - np.array(solution.values[-1]))
    assert np.all(apart < 4.5 * estimate.standard_error)
    assert np.all(estimate.standard_error < 0.05 * np.abs(estimate.mean))


def test_sampled_plays_to_a_horizon_agree_with_the_exact_values():
    game = named.linear_quadratic(3, 2)
    solution = solve(game, horizon=4)
    policies = linear_policies(solution.profiles[0])
    estimate = monte_carlo(LinearQuadraticPlay(game, 100), policies, plays=4_000, seed=5, horizon=4)
    assert np.all(np.abs(estimate.mean - np.array(solution.values[0])) < 4.5 * estimate.standard_error)
