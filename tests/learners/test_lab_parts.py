"""Expectations, bands, basins and linear-quadratic games of the lab, against answers from elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from gametheory import NormalForm, load, solve, streams
from gametheory.dynamics.replicator import replicator
from gametheory.gradient_play import Claim, Outlook
from learners.judge.convergence import Verdict
from learners.lab.bands import RESAMPLES, bootstrap
from learners.lab.expectation import Agreement, agreement, known
from learners.lab.linear_quadratic import examine, phase_portrait
from learners.lab.portraits import GRID, fates, gradient_arrows
from learners.lab.recipes import family
from learners.reports.facts import solution_facts
from learners.suites import SUITES


def claim(outlook, *places):
    return Claim(outlook, places, "so it is said", "somebody")


@pytest.mark.parametrize(
    ("said", "verdict", "settled", "expected"),
    [
        (None, Verdict.CONVERGED, [0], Agreement.SILENT),
        (claim(Outlook.UNKNOWN), Verdict.CYCLES, [], Agreement.SILENT),
        (claim(Outlook.CONVERGES), Verdict.CONVERGED, [0, 1], Agreement.AGREES),
        (claim(Outlook.CONVERGES), Verdict.CYCLES, [], Agreement.DISAGREES),
        (claim(Outlook.CONVERGES), Verdict.DIVERGED, [], Agreement.DISAGREES),
        (claim(Outlook.CONVERGES), Verdict.UNDECIDED, [0], Agreement.OPEN),
        (claim(Outlook.CONVERGES, 0, 2), Verdict.CONVERGED, [0, 2, None], Agreement.AGREES),
        (claim(Outlook.CONVERGES, 0, 2), Verdict.CONVERGED, [0, 1, 2], Agreement.DISAGREES),
        (claim(Outlook.LOCALLY, 0), Verdict.CONVERGED, [0, 0], Agreement.AGREES),
        (claim(Outlook.LOCALLY, 0), Verdict.CYCLES, [], Agreement.OPEN),
        (claim(Outlook.NOWHERE), Verdict.CYCLES, [], Agreement.AGREES),
        (claim(Outlook.NOWHERE), Verdict.DIVERGED, [], Agreement.DISAGREES),  # at rest, or broken off
        (claim(Outlook.NOWHERE), Verdict.CONVERGED, [0], Agreement.DISAGREES),
        (claim(Outlook.NOWHERE), Verdict.UNDECIDED, [], Agreement.OPEN),
    ],
)
def test_what_agrees_with_what(said, verdict, settled, expected):
    found, why = agreement(said, verdict, settled)
    assert found is expected
    assert why


def about(name):
    environment = find(name)
    facts = solution_facts(solve(environment.formal, all_equilibria=True))
    return known(environment, facts, None)


@pytest.mark.parametrize(
    ("name", "algorithm", "outlook"),
    [
        ("prisoners-dilemma", "ippo", Outlook.CONVERGES),  # dominance
        ("matching-pennies", "soft-maddpg", Outlook.NOWHERE),  # a centre
        ("matching-pennies", "mmd", Outlook.CONVERGES),  # Sokota et al. 2023
        ("matching-pennies", "nfsp", Outlook.CONVERGES),  # Robinson 1951
        ("cournot", "ippo", Outlook.CONVERGES),  # Rosen 1965
        ("hotelling", "ippo", Outlook.LOCALLY),
        ("kuhn-poker", "nash-pg", Outlook.UNKNOWN),
        ("kuhn-poker", "ippo", Outlook.UNKNOWN),
    ],
)
def test_expectations_by_family(name, algorithm, outlook):
    if name == "kuhn-poker":
        facts = {"equilibria": [], "equilibria_complete": None}
        has = known(find(name), facts, None)
    else:
        has = about(name)
    assert has.claim(family(algorithm)).outlook is outlook


def test_ranks_in_the_stag_hunt_and_none_where_there_is_one_equilibrium():
    hunt = about("stag-hunt")
    assert "payoff-dominant" in hunt.role(hunt.payoff_dominant)
    assert hunt.role(1) == ""
    assert about("prisoners-dilemma").payoff_dominant is None


def test_a_suite_has_a_game_in_which_payoff_and_risk_dominance_part():
    """Leaving (stag, stag) costs 9 − 8, leaving (hare, hare) 7 − 0: Aumann 1990."""
    assert "aumann-stag-hunt" in [game.name for game in SUITES["standard"]]
    hunt = about("aumann-stag-hunt")
    [stag] = [k for k, own in enumerate(hunt.profiles) if [int(p[0]) for p in own] == [1, 1]]
    [hare] = [k for k, own in enumerate(hunt.profiles) if [p[1] for p in own] == [1, 1]]
    assert hunt.ranks == {"payoff-dominant": stag, "risk-dominant": hare}
    assert about("stag-hunt").ranks["risk-dominant"] is None  # 2 − 1 and 1 − 0: neither is safer


def test_a_band_holds_its_mean_and_moves_with_the_samples():
    samples = streams.normal(streams.seed_keys(5, 8), 0, 12)
    low, high = bootstrap(samples)
    mean = samples.mean(axis=0)
    assert np.all(low < mean)
    assert np.all(mean < high)
    moved_low, moved_high = bootstrap(3 * samples + 7)
    assert moved_low == pytest.approx(3 * low + 7)
    assert moved_high == pytest.approx(3 * high + 7)
    same_low, same_high = bootstrap(np.ones((4, 3)))
    assert np.all(same_low == 1)
    assert np.all(same_high == 1)


def test_bands_of_many_seeds_are_those_of_the_normal_law():
    """Width 2 · 1.96 · s/√K, to the error of a percentile of the resamples."""
    samples = streams.normal(streams.seed_keys(1, 400), 0, 20)
    low, high = bootstrap(samples)
    expected = 2 * 1.96 * samples.std(axis=0) / np.sqrt(len(samples))
    assert np.mean((high - low) / expected) == pytest.approx(1, abs=3 / np.sqrt(RESAMPLES))


@settings(max_examples=15)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_basins_of_coordination_are_cut_through_the_saddle(a, b, c, d):
    """Both agents prefer to match: (0, 0) and (1, 1) attract, everything above the saddle on both sides goes to one."""
    game = NormalForm([[[a, 0], [0, b]], [[c, 0], [0, d]]])
    corners = [([1, 0], [1, 0]), ([0, 1], [0, 1])]
    fate = fates(game, corners)
    p, q = d / (c + d), b / (a + b)  # where the other is indifferent
    middles = (np.arange(GRID) + 0.5) / GRID
    above = (middles[:, None] > p + 0.02) & (middles[None, :] > q + 0.02)
    below = (middles[:, None] < p - 0.02) & (middles[None, :] < q - 0.02)
    assert np.all(fate[above] == 0)
    assert np.all(fate[below] == 1)


@pytest.mark.parametrize("place", [(10, 40), (40, 10), (50, 20), (20, 30), (5, 50)])
def test_a_basin_is_where_the_integrated_dynamics_end(place):
    """Against the project's replicator dynamics, by scipy in other coordinates."""
    game = load("battle-of-the-sexes")
    found = solve(game, all_equilibria=True)
    p, q = ((k + 0.5) / GRID for k in place)
    walk = replicator(game, start=[[p, 1 - p], [q, 1 - q]], iterations=4000)
    ends = np.array([float(own[0]) for own in walk.profiles[0]])
    places = np.array([[float(own[0]) for own in profile] for profile in found.profiles])
    nearest = int(np.abs(places - ends).max(axis=1).argmin())
    assert fates(game, found.profiles)[place] == nearest


def test_pennies_lead_nowhere():
    game = load("matching-pennies")
    fate = fates(game, [([0.5, 0.5], [0.5, 0.5])])
    assert np.mean(fate == -1) > 0.95


def test_arrows_of_cournot_are_its_marginal_profits():
    game = find("cournot").formal
    points, moves = gradient_arrows(game)
    a, b, c = float(game.a), float(game.b), float(game.c)
    inside = b * points.sum(axis=1) < a - 0.01  # the price is not at its floor
    expected = a - c - b * points.sum(axis=1)[:, None] - b * points
    assert moves[inside] == pytest.approx(expected[inside], abs=1e-6)


def test_gradient_play_leaves_an_equilibrium_that_its_jacobian_says_it_leaves():
    """A game of the family of Mazumdar et al. (AAMAS 2020), and one whose equilibrium draws play in."""
    [rest] = examine("linear-quadratic-avoided").rests
    assert rest.at.eigenvalues.real.min() < 0
    assert (rest.back, rest.left) == (0, 4)
    assert rest.agreement is Agreement.AGREES
    [rest] = examine("linear-quadratic").rests
    assert rest.at.eigenvalues.real.min() > 0
    assert (rest.back, rest.left) == (4, 0)


def test_the_scalar_game_is_drawn_with_all_three_equilibria():
    found = examine("linear-quadratic-scalar")
    assert sorted(str(rest.at.stability) for rest in found.rests) == ["saddle", "stable", "stable"]
    assert all(rest.agreement is Agreement.AGREES for rest in found.rests)
    figure = phase_portrait(found)
    [axes] = figure.axes
    stars = next(line for line in axes.lines if line.get_label() == "equilibrium")
    drawn = {tuple(np.round(point, 6)) for point in np.asarray(stars.get_xydata())}
    assert drawn == {tuple(round(float(own.ravel()[0]), 6) for own in rest.gains) for rest in found.rests}
