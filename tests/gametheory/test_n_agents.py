"""One equilibrium of a game of n agents: the logit path, the global Newton method, and all of them in turn."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory import catalogue
from gametheory.certify import Kind, certify
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.solution import Outcome
from gametheory.solvers.clock import Clock
from gametheory.solvers.n_agents.logit import logit
from gametheory.solvers.n_agents.multistart import n_agent_equilibrium
from gametheory.solvers.n_agents.newton import global_newton
from gametheory.solvers.n_agents.supports import first_support, support_enumeration
from gametheory.streams import seed_keys, uniform
from gametheory.testing import assert_equilibrium, normal_forms

GAMES = Path(__file__).parents[3] / "shared" / "games"
METHODS = [logit, global_newton, first_support, n_agent_equilibrium]
SHAPES = [(2, 2, 2), (4, 4, 4), (3, 3, 3, 3), (5, 2, 3), (4, 4)]


def random_game(shape, seed):
    size = len(shape) * int(np.prod(shape))
    return NormalForm(uniform(seed_keys(seed, 1), 0, size).reshape(len(shape), *shape))


def unit(game):
    """Payoffs shifted and scaled to [0, 1], agent by agent."""
    tables = game.payoffs.astype(float)
    flat = tables.reshape(len(tables), -1)
    low, width = flat.min(axis=1), np.ptp(flat, axis=1)
    lift = (slice(None), *[None] * (tables.ndim - 1))
    return NormalForm((tables - low[lift]) / np.where(width, width, 1.0)[lift])


def at(game, x):
    return np.split(x, np.cumsum(game.shape)[:-1])


@pytest.mark.parametrize("solver", METHODS)
@pytest.mark.parametrize("shape", SHAPES)
def test_random_games_are_solved_to_rounding(solver, shape):
    for seed in range(6):
        found = solver(random_game(shape, seed))
        assert found.outcome is Outcome.SOLVED
        for profile in found.profiles:
            assert_equilibrium(random_game(shape, seed), profile, 1e-12)


@pytest.mark.parametrize("solver", [logit, global_newton, first_support])
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 3, 3), (2, 2, 2, 2)])
def test_what_one_method_finds_is_in_the_complete_list(solver, shape):
    for seed in range(4):
        game = random_game(shape, 100 + seed)
        everything = support_enumeration(game)
        assert everything.complete
        (profile,) = solver(game).profiles
        distances = [
            max(np.abs(a - b).max() for a, b in zip(profile, other, strict=True))
            for other in everything.profiles
        ]
        assert min(distances) < 1e-9


@settings(max_examples=40, deadline=None)
@given(normal_forms(agents=(2, 3)))
def test_games_with_ties_get_certified_equilibria(game):
    for solver in (global_newton, n_agent_equilibrium):
        found = solver(game)
        assert found.outcome is Outcome.SOLVED
        for profile in found.profiles:
            assert_equilibrium(game, profile, 1e-12)


@settings(max_examples=20, deadline=None)
@given(normal_forms(agents=3, max_actions=2), st.fractions(1, 50), st.fractions(-50, 50))
def test_units_and_origins_of_payoffs_do_not_matter(game, factor, shift):
    tables = [payoffs * factor ** (1 + i) + shift for i, payoffs in enumerate(game.payoffs)]
    changed = NormalForm(np.stack(tables))
    for solver in (logit, global_newton):
        first, second = solver(game), solver(changed)
        for a, b in zip(first.profiles[0], second.profiles[0], strict=True):
            assert np.abs((a - b).astype(float)).max() < 1e-9


@pytest.mark.parametrize("power", [-40, 40])
def test_powers_of_two_change_no_bit(power):
    game = random_game((3, 3, 3), 5)
    scaled = NormalForm(game.payoffs * 2.0**power)
    for solver in (logit, global_newton, first_support):
        for a, b in zip(solver(game).profiles[0], solver(scaled).profiles[0], strict=True):
            assert np.array_equal(a, b)


def test_thirty_digit_payoffs():
    game = catalogue.entry("jordan").build()
    large = NormalForm(game.payoffs * 10**30 + 7)
    for solver in (logit, global_newton, first_support):
        (profile,) = solver(large).profiles
        assert certify(large, profile).kind is Kind.EXACT
        assert all(weight == Fraction(1, 2) for own in profile for weight in own)


def test_rational_equilibria_of_float_games_on_request():
    game = NormalForm(catalogue.entry("jordan").build().payoffs.astype(float))
    (profile,), (values,) = (lambda s: (s.profiles, s.values))(logit(game, exact=True))
    assert all(own.tolist() == [Fraction(1, 2)] * 2 for own in profile)
    assert values == (0, 0, 0)
    assert all(isinstance(value, Fraction) for value in values)


# --- the logit path ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 2, 2), (4, 4, 4), (3, 3, 3, 3)])
def test_every_point_of_the_logit_path_is_a_quantal_response(shape):
    """x_i(a) ∝ exp(λ u_i(a, x)), recomputed from the payoffs scaled to [0, 1]."""
    game = random_game(shape, 3)
    scaled = unit(game)
    trace = logit(game).trace
    assert trace.quantities["lambda"][0] == 0
    for parameter, x in zip(trace.quantities["lambda"], trace.quantities["profiles"], strict=True):
        profile = at(game, x)
        for i, own in enumerate(profile):
            power = parameter * scaled.action_values(i, profile)
            expected = np.exp(power - power.max())
            assert np.abs(own - expected / expected.sum()).max() < 1e-8


def test_the_logit_path_starts_uniform_and_ends_near_the_answer():
    game = random_game((4, 4, 4), 8)
    found = logit(game)
    first, last = found.trace.quantities["profiles"][[0, -1]]
    assert np.allclose(first, 0.25)
    assert np.abs(last - np.concatenate(found.profiles[0])).max() < 0.05
    regrets = found.trace.quantities["regrets"]
    assert regrets.shape == (len(found.trace.iterations), 3)
    certificate = certify(unit(game), at(game, np.full(12, 0.25)))
    assert np.allclose(regrets[0], np.array(certificate.regrets, dtype=float))


def test_lambda_in_the_games_own_units():
    """A symmetric 2×2 game whose units differ by agent: the path of the game as it stands."""
    game = NormalForm.bimatrix([[9, 0], [0, 5]], [[90, 0], [0, 50]])
    trace = logit(game, common_unit=True).trace
    for parameter, x in zip(trace.quantities["lambda"], trace.quantities["profiles"], strict=True):
        profile = at(game, x)
        for i, own in enumerate(profile):
            power = parameter * np.array(game.action_values(i, profile), dtype=float)
            expected = np.exp(power - power.max())
            assert np.abs(own - expected / expected.sum()).max() < 1e-8


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(-30, 0), st.integers(-30, 0))
def test_logit_selects_the_risk_dominant_equilibrium(a, d, b, c):
    """Symmetric 2×2 coordination: the branch stays on the risk-dominant side (Turocy 2005, section 4)."""
    if a - c == d - b:
        return
    game = NormalForm.bimatrix([[a, b], [c, d]], [[a, c], [b, d]])
    (profile,) = logit(game).profiles
    chosen = 0 if a - c > d - b else 1
    assert [own.tolist().index(1) for own in profile] == [chosen, chosen]


def test_finer_steps_follow_the_same_branch():
    for seed in range(5):
        game = random_game((3, 3, 3), 50 + seed)
        coarse, fine = logit(game), logit(game, longest_step=0.02)
        assert len(fine.trace.iterations) > 2 * len(coarse.trace.iterations)
        for a, b in zip(coarse.profiles[0], fine.profiles[0], strict=True):
            assert np.abs(a - b).max() < 1e-12


# --- the global Newton method -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 2, 2), (4, 4, 4), (3, 3, 3, 3), (5, 5)])
def test_every_point_of_the_newton_path_is_an_equilibrium_with_bonuses(shape):
    game = random_game(shape, 1)
    found = global_newton(game)
    scaled, quantities = unit(game), found.trace.quantities
    for level, x in zip(quantities["lambda"], quantities["profiles"], strict=True):
        tables = [
            payoffs + level * np.expand_dims(own, [j for j in range(len(shape)) if j != i])
            for i, (payoffs, own) in enumerate(zip(scaled.payoffs, found.parameters["bonus"], strict=True))
        ]
        assert_equilibrium(NormalForm(np.stack(tables)), at(game, np.maximum(x, 0.0)), 1e-8)
    assert quantities["lambda"][-1] == 0


def test_other_seeds_reach_other_equilibria():
    game = catalogue.entry("three-agent-coordination").build()
    reached = {tuple(map(tuple, global_newton(game, seed=seed).profiles[0])) for seed in range(12)}
    assert len(reached) > 1


# --- games on which peers fail, limits, errors ------------------------------------------------------


@pytest.mark.skipif(not (GAMES / "hard_cases.json").exists(), reason="needs ../shared/games")
@pytest.mark.parametrize("solver", [logit, global_newton, n_agent_equilibrium])
def test_games_on_which_other_libraries_fail(solver):
    cases = json.loads((GAMES / "hard_cases.json").read_text())["cases"]
    tried = 0
    for case in cases:
        if case.get("A") and len(case["A"]) <= 8 and "right" in case:
            game = NormalForm([case["A"], case["B"]])
            found = solver(game)
            assert found.outcome is Outcome.SOLVED, case["name"]
            for profile in found.profiles:
                assert_equilibrium(game, profile, 1e-12)
            tried += 1
    assert tried > 5


@pytest.mark.parametrize("solver", [logit, global_newton, first_support, support_enumeration])
def test_the_time_limit_is_kept(solver):
    found = solver(catalogue.entry("jordan").build(), clock=Clock(1e-9))
    assert found.outcome is Outcome.TIME_LIMIT
    assert not found.complete


def test_all_methods_in_turn_keep_the_time_limit():
    game = catalogue.entry("jordan").build()
    assert n_agent_equilibrium(game, clock=Clock(60)).outcome is Outcome.SOLVED
    assert n_agent_equilibrium(game, clock=Clock(1e-9)).outcome is Outcome.TIME_LIMIT


def test_pure_equilibria_come_first_and_the_account_says_what_failed():
    coordination = catalogue.entry("three-agent-coordination").build()
    found = n_agent_equilibrium(coordination)
    assert found.method == "pure"
    assert len(found.profiles) == 2
    jordan = n_agent_equilibrium(catalogue.entry("jordan").build())
    assert jordan.parameters["tried"] == {"pure": "not found", "logit": "solved"}
    assert jordan.why.startswith("no pure equilibrium: ")


@pytest.mark.parametrize("solver", [logit, global_newton, first_support, support_enumeration])
def test_a_single_agent_is_refused(solver):
    with pytest.raises(GameError, match="two agents or more"):
        solver(NormalForm([[1, 2, 3]]))
