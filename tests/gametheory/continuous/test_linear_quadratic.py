"""Feedback equilibria of linear-quadratic games to a horizon: sums by hand, invariances, bad input."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_quadratic_games import as_exact, lq_games, points

from gametheory import solve
from gametheory.certificates.certificate import Kind
from gametheory.continuous.lq import LinearQuadraticGame, named
from gametheory.continuous.lq.finite import NoStageEquilibrium, coupled_riccati, feedback_recursion
from gametheory.errors import GameError, LimitReached, UnknownName
from gametheory.solution import Outcome
from gametheory.solvers.clock import Clock

SHARED_WORK = LinearQuadraticGame(1, (1, 1), (1, 1), ((1, None), (None, 1)), final=(1, 1))
"""x ← x + u_1 + u_2, everybody pays x² + u²."""

F = Fraction


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
