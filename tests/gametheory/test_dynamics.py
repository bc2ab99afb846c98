"""Learning dynamics against theorems about them, and what they say of themselves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory import NormalForm, certify, load
from gametheory.dynamics import DYNAMICS, agent_paths, dynamics
from gametheory.dynamics.recurrence import recurrence
from gametheory.errors import GameError, UnknownName
from gametheory.solution import Outcome
from gametheory.testing import bimatrix_games, normal_forms, potential_games, zero_sum_games

few = settings(max_examples=25)
LOOPS = tuple(name for name in DYNAMICS if name not in ("replicator", "logit", "best-response"))


def generic_payoffs():
    # away from ties, so that games are nondegenerate
    return st.floats(-3, 3).map(lambda value: round(value, 3) + 1e-4 * math.pi)


@few
@given(game=zero_sum_games())
def test_regret_matching_keeps_its_bound(game):
    """Hart & Mas-Colell 2000, by Blackwell's argument: NashConv of the averages ≤ Σ_i Δ_i √(A_i / T)."""
    trace = DYNAMICS["regret-matching"](game, iterations=400).trace
    width = float(game.payoff_ranges[0])
    bound = width * sum(math.sqrt(count) for count in game.shape)
    late = trace.iterations > 0
    gaps = trace.quantities["nash_conv_average"][late] * np.sqrt(trace.iterations[late])
    assert np.all(gaps <= bound + 1e-9)


@few
@given(game=normal_forms(agents=(2, 3)))
def test_hedge_keeps_its_bound_in_every_game(game):
    """Cesa-Bianchi & Lugosi 2006, theorem 2.2: at the horizon regret ≤ Δ √(T ln A / 2)."""
    steps = 300
    trace = DYNAMICS["multiplicative-weights"](game, iterations=steps, epsilon=0).trace
    if trace.iterations[-1] < steps:
        return
    for i, count in enumerate(game.shape):
        bound = float(game.payoff_ranges[i]) * math.sqrt(math.log(count) / 2 / steps)
        assert trace.quantities["external_regret"][-1, i] <= bound + 1e-9


def test_fictitious_play_does_not_converge_in_shapleys_game():
    """Shapley 1964: the beliefs run round a hexagon, in ever longer rounds."""
    solution = dynamics("fictitious-play")(load("shapley"), iterations=200_000)
    assert solution.outcome is Outcome.ITERATION_LIMIT
    assert "the average iterate cycles" in solution.why
    assert solution.trace.quantities["nash_conv_average"][-20:].min() > 0.2


@few
@given(game=zero_sum_games(max_actions=3))
def test_fictitious_play_converges_in_zero_sum_games(game):
    """Robinson 1951."""
    gaps = DYNAMICS["fictitious-play"](game, iterations=20_000).trace.quantities["nash_conv_average"]
    assert gaps.min() <= 0.05 * float(game.payoff_ranges[0])


@few
@given(game=bimatrix_games(payoffs=generic_payoffs()).filter(lambda game: min(game.shape) == 2))
def test_fictitious_play_converges_in_two_by_n_games(game):
    """Berger 2005, for nondegenerate games."""
    found = DYNAMICS["fictitious-play"](game, iterations=50_000, alternating=True)
    assert found.trace.quantities["nash_conv_average"].min() <= 0.02 * float(game.payoff_ranges.max())


def test_hedge_spirals_outwards_in_matching_pennies():
    """Bailey & Piliouras 2018: relative entropy from the equilibrium grows, and the last iterate leaves."""
    trace = dynamics("multiplicative-weights")(
        load("matching-pennies"), iterations=400, rate=0.05, start=[[0.6, 0.4], [0.5, 0.5]], record=400
    ).trace
    distance = -sum(np.log(own).sum(axis=1) / 2 for own in agent_paths(trace))
    assert np.all(np.diff(distance) > 0)
    assert trace.quantities["nash_conv_last"][-100:].max() > trace.quantities["nash_conv_last"][:100].max()


@pytest.mark.parametrize("name", ["optimistic-multiplicative-weights", "magnetic-mirror-descent"])
@pytest.mark.parametrize("game", ["matching-pennies", "biased-rock-paper-scissors"])
def test_last_iterates_converge_in_zero_sum_games(name, game):
    """Daskalakis & Panageas 2019; Sokota et al. 2023."""
    solution = DYNAMICS[name](load(game), iterations=100_000, seed=3)
    assert solution.outcome is Outcome.SOLVED
    assert certify(load(game), solution.profiles[0]).holds


def test_replicator_circles_in_matching_pennies():
    """Hofbauer 1996: Σ_i Σ_a x_i*(a) log x_i(a) is constant, x* = (1/2, 1/2)."""
    solution = dynamics("replicator")(load("matching-pennies"), iterations=5_000, seed=1)
    path = agent_paths(solution.trace)
    invariant = sum(np.log(own).sum(axis=1) for own in path)
    np.testing.assert_allclose(invariant, invariant[0], rtol=1e-6)
    assert "the last iterate cycles" in solution.why
    assert solution.parameters["reported"] == "average"


def test_replicator_follows_its_equation():
    """Between a dominant action and another the odds grow as exp(Δ t): the logistic equation."""
    game = NormalForm([[1.0, 3.5]])
    trace = dynamics("replicator")(game, iterations=40, step=0.02, start=[[0.9, 0.1]], record=40).trace
    odds = agent_paths(trace)[0][:, 1] / agent_paths(trace)[0][:, 0]
    np.testing.assert_allclose(odds, np.exp(2.5 * 0.02 * trace.iterations) / 9, rtol=1e-8)


@pytest.mark.parametrize(
    "name",
    ["replicator", "multiplicative-weights", "optimistic-multiplicative-weights", "magnetic-mirror-descent"],
)
def test_what_nobody_plays_stays_away_and_is_no_equilibrium_found(name):
    game = NormalForm.bimatrix([[1, 0], [100, 100]], [[1, 0], [0, 1]])
    found = DYNAMICS[name](game, iterations=8_000, start=[[1, 0], [0.5, 0.5]])
    last = agent_paths(found.trace)
    assert np.all(last[0] == [1, 0])
    assert last[1][-1, 0] > 0.99
    assert found.outcome is Outcome.ITERATION_LIMIT


def test_the_discrete_replicator_approaches_the_continuous_one():
    game = load("hawk-dove")
    ends = [
        dynamics("replicator")(
            game, iterations=int(4 / step), step=step, discrete=discrete, seed=5, epsilon=0
        )
        for step, discrete in ((1e-4, True), (1e-2, False))
    ]
    first, second = (agent_paths(found.trace)[0][-1] for found in ends)
    np.testing.assert_allclose(first, second, atol=1e-3)


@few
@given(game=potential_games(), seed=st.integers(0, 5))
def test_best_response_dynamics_ends_in_potential_games(game, seed):
    solution = DYNAMICS["best-response"](game, seed=seed)
    assert solution.outcome is Outcome.SOLVED
    assert certify(game, solution.profiles[0]).kind == "exact"


def test_best_response_dynamics_names_its_cycle():
    solution = dynamics("best-response")(load("matching-pennies"))
    assert solution.outcome is Outcome.NOT_FOUND
    assert "cycles for ever through 2 joint actions" in solution.why


def test_continuous_best_response_comes_within_its_step():
    game = load("biased-rock-paper-scissors")
    found = dynamics("continuous-best-response")(game, iterations=20_000, step=0.001)
    width = float(game.payoff_ranges[0])
    assert found.trace.quantities["nash_conv_last"][-50:].max() < 0.02 * width


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize("power", [-40, 40, 900])
def test_scale_and_shift_change_nothing(name, power):
    base = load("biased-rock-paper-scissors").payoffs.astype(float)
    rates = {
        "optimistic-multiplicative-weights": {"rate": 0.05},
        "magnetic-mirror-descent": {"rate": 0.1, "temperature": 1.0},
    }.get(name, {})
    plain = DYNAMICS[name](NormalForm(base), iterations=50, start=[[0.5, 0.25, 0.25]] * 2, **rates)
    scaled = {key: value * 2.0 ** (power if key == "temperature" else -power) for key, value in rates.items()}
    moved = DYNAMICS[name](
        NormalForm((base + 3) * 2.0**power), iterations=50, start=[[0.5, 0.25, 0.25]] * 2, **scaled
    )
    for own, other in zip(agent_paths(plain.trace), agent_paths(moved.trace), strict=True):
        np.testing.assert_allclose(own, other, atol=1e-9)


def test_the_clock_ends_a_run_and_keeps_what_it_has():
    game = load("rock-paper-scissors")
    solution = dynamics("regret-matching")(game, clock=TickClock(50), iterations=10**10, seed=1)
    assert solution.outcome is Outcome.TIME_LIMIT
    assert solution.trace.iterations[-1] > 1000
    assert "not converged" in solution.why


def test_recurrence_is_measured():
    time = np.linspace(0, 40, 400)
    circle = (np.stack([0.5 + 0.3 * np.sin(time), 0.5 - 0.3 * np.sin(time)], axis=1),)
    assert recurrence(circle).cycles
    inwards = (0.5 + (circle[0] - 0.5) * np.exp(-time / 10)[:, None],)
    assert not recurrence(inwards).cycles
    away = (np.stack([time / 40, 1 - time / 40], axis=1),)
    assert recurrence(away).returns == 0
    assert recurrence((np.full((50, 2), 0.5),)).at_rest


@pytest.mark.parametrize("name", DYNAMICS)
def test_bad_options_are_named(name):
    run, game = DYNAMICS[name], load("matching-pennies")
    with pytest.raises(GameError, match="iterations is 0"):
        run(game, iterations=0)
    with pytest.raises(GameError, match="start and seed"):
        run(game, start=[[1, 0], [1, 0]], seed=1)
    with pytest.raises(GameError, match="distribution"):
        run(game, start=[[1, 1], [1, 0]])
    with pytest.raises(UnknownName, match="did you mean iterations"):
        run(game, iteration=5)
    with pytest.raises(GameError, match="NormalForm"):
        run(load("cournot"))


def test_rationals_and_unknown_names_are_refused():
    with pytest.raises(GameError, match="floats"):
        dynamics("replicator")(load("matching-pennies"), exact=True)
    with pytest.raises(UnknownName, match="regret-matching"):
        dynamics("regretmatching")
    with pytest.raises(GameError, match="rate is -1"):
        dynamics("multiplicative-weights")(load("chicken"), rate=-1)
