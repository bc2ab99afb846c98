"""Feedback equilibria of linear-quadratic games: published numbers, invariances, other people's solvers."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from linear_quadratic_games import as_exact, lq_games
from scipy.linalg import solve_discrete_are
from scipy.optimize import brentq

from gametheory import solve
from gametheory.certificates.certificate import Kind
from gametheory.continuous.lq import LinearQuadraticGame, named
from gametheory.continuous.lq.finite import NoStageEquilibrium, coupled_riccati, feedback_recursion
from gametheory.continuous.lq.scalar import scalar_resultant
from gametheory.continuous.lq.stationary import multi_start
from gametheory.errors import GameError, LimitReached, UnknownName
from gametheory.solution import Outcome
from gametheory.solvers.clock import Clock

F = Fraction
SHARED_WORK = LinearQuadraticGame(1, (1, 1), (1, 1), ((1, None), (None, 1)), final=(1, 1))
"""x ← x + u_1 + u_2, everybody pays x² + u²."""


def points(solution):
    return [np.concatenate([np.ravel(own) for own in profile]).astype(float) for profile in solution.profiles]


# --- to a horizon ------------------------------------------------------------------------------------


def test_two_stages_by_hand():
    """Φ = [[2, 1], [1, 2]] gives 1/3 each and costs 11/9; before those, 11/31 each and 1181/961."""
    solution = solve(SHARED_WORK, horizon=2, exact=True)
    for gain in solution.profiles[0]:
        assert gain.ravel().tolist() == [F(11, 31), F(1, 3)]
    assert solution.values == ((-F(1181, 961),) * 2,)
    assert solution.certificates[0].kind is Kind.EXACT
    assert solution.complete
    stages = solution.parameters["stages"]
    assert [own.determinant for own in stages] == [F(20, 9) ** 2 - F(11, 9) ** 2, 3]
    assert stages[1].condition == pytest.approx(3)


@pytest.mark.parametrize(("a", "words"), [(1, "no linear equilibrium"), (0, "infinitely many equilibria")])
@pytest.mark.parametrize("exact", [False, True])
def test_a_singular_stage_is_named(a, words, exact):
    """Φ = ½ [[1, −1], [−1, 1]]."""
    game = replace(SHARED_WORK, A=a, final=(F(-1, 2), F(-1, 2)))
    solution = solve(game, horizon=3, exact=exact)
    assert solution.outcome is Outcome.NOT_FOUND
    assert solution.profiles == ()
    assert f"stage 2 has {words}" in solution.why
    assert "rank 1 of 2" in solution.why


def test_a_cost_without_a_minimum_is_named():
    with pytest.raises(NoStageEquilibrium, match=r"stage 1 has no equilibrium.* agent 2 is not positive"):
        feedback_recursion(replace(SHARED_WORK, final=(1, -2)), 2)


@settings(max_examples=25)
@given(lq_games())
def test_exact_equilibria_are_certified_exactly_and_floats_agree(game):
    exact, floats = (solve(game, horizon=2, exact=kind) for kind in (True, False))
    assert exact.certificates[0].kind is Kind.EXACT
    assert exact.certificates[0].values == exact.values[0]
    assert floats.certificates[0].kind is Kind.NUMERIC
    assert points(floats)[0] == pytest.approx(points(exact)[0], abs=1e-9)
    assert np.array(floats.values[0]) == pytest.approx(np.array(exact.values[0], dtype=float))


@settings(max_examples=20)
@given(lq_games(agents=(2, 3)), st.fractions(min_value=F(1, 10), max_value=10, max_denominator=10))
def test_scaling_an_agents_costs_leaves_the_gains(game, factor):
    scaled = replace(
        game,
        Q=(factor * game.Q[0], *game.Q[1:]),
        R=(tuple(factor * own for own in game.R[0]), *game.R[1:]),
        final=(factor * game.final[0], *game.final[1:]),
    )
    before, after = coupled_riccati(game, True, horizon=2), coupled_riccati(scaled, True, horizon=2)
    for old, new in zip(before.profiles[0], after.profiles[0], strict=True):
        assert np.array_equal(old, new)
    assert after.values[0] == (factor * before.values[0][0], *before.values[0][1:])


@settings(max_examples=20)
@given(lq_games(agents=(2, 2), dimensions=(2, 2)), st.integers(-3, 3), st.sampled_from([-2, 1, 3]))
def test_other_coordinates_transform_the_gains(game, shear, stretch):
    """y = Tx: A → TAT⁻¹, B → TB, Q → T⁻'QT⁻¹, K → KT⁻¹."""
    t, inverse = as_exact([[1, shear], [0, stretch]]), as_exact([[1, F(-shear, stretch)], [0, F(1, stretch)]])

    def costs(forms):
        return tuple(inverse.T @ form @ inverse for form in forms)

    moved = replace(
        game,
        A=t @ game.A @ inverse,
        B=tuple(t @ own for own in game.B),
        Q=costs(game.Q),
        final=costs(game.final),
        noise=t @ game.noise @ t.T,
        covariance=t @ game.covariance @ t.T,
    )
    before, after = coupled_riccati(game, True, horizon=2), coupled_riccati(moved, True, horizon=2)
    assert before.values == after.values
    for old, new in zip(before.profiles[0], after.profiles[0], strict=True):
        assert np.array_equal(new, old @ inverse)


def test_an_agent_without_influence_changes_nothing():
    game = named.linear_quadratic()
    idle = replace(game, B=(game.B[0], 0 * game.B[1]))
    alone = LinearQuadraticGame(game.A, game.B[:1], game.Q[:1], ((game.R[0][0],),), game.discount)
    with_idle, without = (coupled_riccati(own, True, horizon=3) for own in (idle, alone))
    assert np.array_equal(with_idle.profiles[0][0], without.profiles[0][0])


def test_a_time_limit_is_kept():
    with pytest.raises(LimitReached):
        feedback_recursion(SHARED_WORK.floats, 5_000, Clock(1e-6))
    assert solve(named.linear_quadratic(), time_limit=1e-6).outcome is Outcome.TIME_LIMIT


# --- for ever ----------------------------------------------------------------------------------------


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


# --- bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"A": [[1, 2]]}, r"A has shape \[1, 2\]; it must be square"),
        ({"A": [["x", 1], [0, 1]]}, r"A\[0, 0\] is 'x', not a number"),
        ({"A": [[float("nan"), 1], [0, 1]]}, r"A\[0, 0\] is nan"),
        ({"B": ([[1]], [[1], [0]])}, r"B\[0\] has shape \[1, 1\]; it must be \[2, any number\]"),
        ({"B": ([[1], [0]],)}, "Q has 2 entries; B has 1"),
        ({"Q": (np.eye(2, dtype=int), [[1, 2], [0, 1]])}, r"Q\[1\] must be symmetric; entry \[0, 1\] is 2"),
        ({"R": ((1, None), (1, None))}, r"R\[1\]\[1\] must be positive definite"),
        ({"R": ((1,), (1, 1))}, r"R\[0\] must hold 2 matrices"),
        ({"R": (([[1, 0], [0, 1]], None), (None, 1))}, r"R\[0\]\[0\] has shape"),
        ({"discount": 0}, r"discount is 0; it must lie in \(0, 1\]"),
        ({"discount": 1.5}, "discount is 1.5"),
        ({"noise": [[1, 0], [0, -1]]}, "noise must be positive semidefinite"),
        ({"covariance": [[1, 2], [2, 1]]}, "covariance must be positive semidefinite"),
        ({"mean": [1]}, "mean has 1 numbers; the state has 2"),
        ({"final": ([[1]],)}, "final has 1 entries"),
        ({"agents": ("1",)}, "agents has 1 entries"),
    ],
)
def test_bad_matrices_are_named(changes, words):
    with pytest.raises(GameError, match=words) as caught:
        replace(named.linear_quadratic(), **changes)
    assert "\n" not in str(caught.value)


def test_questions_that_do_not_fit_are_refused():
    game = named.linear_quadratic()
    with pytest.raises(GameError, match="drop --exact"):
        solve(game, exact=True)
    with pytest.raises(GameError, match="drop --horizon"):
        solve(game, method="multi-start", horizon=2)
    with pytest.raises(GameError, match="needs a horizon"):
        solve(game, method="coupled-riccati")
    with pytest.raises(GameError, match="one state and one action each"):
        solve(game, method="scalar-resultant")
    with pytest.raises(GameError, match="noise costs infinitely much"):
        solve(replace(game, discount=1))
    with pytest.raises(UnknownName, match="known: nash"):
        solve(game, "maximin")
