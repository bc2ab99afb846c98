"""All equilibria of games of n agents, with a proof that there are no others."""

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory import catalogue
from gametheory.certify import Kind, certify
from gametheory.files import read
from gametheory.normal_form import NormalForm
from gametheory.solution import Outcome
from gametheory.solvers.n_agents.order import batches, count_supports
from gametheory.solvers.n_agents.supports import support_enumeration
from gametheory.solvers.pure import pure_joint_actions
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.streams import seed_keys, uniform
from gametheory.testing import assert_equilibrium, bimatrix_games, normal_forms

GAMES = Path(__file__).parents[3] / "shared" / "games"
SMALL = [
    entry.name
    for entry in catalogue.entries()
    if entry.known is not None and entry.complete and isinstance(entry.build(), NormalForm)
    if len(entry.build().shape) > 2 or max(entry.build().shape) < 4
]


def random_game(shape, seed, most=None):
    size = len(shape) * int(np.prod(shape))
    draws = uniform(seed_keys(seed, 1), 0, size).reshape(len(shape), *shape)
    return NormalForm(draws if most is None else (draws * most).astype(int))


def as_set(profiles):
    return {tuple(tuple(own) for own in profile) for profile in profiles}


def spans(solution):
    return {frozenset(as_set(solution.profiles[k] for k in own)) for own in solution.components}


@pytest.mark.parametrize("name", SMALL)
def test_the_catalogues_equilibria_are_all_there_are(name):
    entry = catalogue.entry(name)
    found = support_enumeration(entry.build())
    assert found.complete
    assert as_set(found.profiles) == as_set(entry.equilibria)


@pytest.mark.skipif(not GAMES.exists(), reason="needs ../shared/games")
def test_the_game_with_nine_equilibria():
    """McKelvey & McLennan, The maximal number of regular totally mixed Nash equilibria, 1997."""
    game = read(GAMES / "2x2x2.nfg")
    found = support_enumeration(game)
    assert found.complete
    assert len(found.profiles) == 9
    assert sum(min(map(min, profile)) > 0 for profile in found.profiles) == 2
    assert all(certify(game, profile).kind is Kind.EXACT for profile in found.profiles)


@pytest.mark.skipif(not GAMES.exists(), reason="needs ../shared/games")
def test_five_equilibria_two_of_them_pure():
    """The file's own title says so; one of the five is irrational."""
    found = support_enumeration(read(GAMES / "3x3x3.nfg"))
    assert found.complete
    assert len(found.profiles) == 5
    assert (
        sum(max(map(min, profile)) == 0 and set(map(max, profile)) == {1} for profile in found.profiles) == 2
    )
    assert [own[0].dtype == object for own in found.profiles].count(False) == 1
    assert "1 irrational" in found.why


def test_seltens_horse_has_two_segments():
    """Selten, International Journal of Game Theory 4, 1975, figure 1.

    The first agent R, the second R, the third L with probability at most 1/4; or L, R with probability at
    least 1/3, L.
    """

    def payoffs(first, second, third):
        if first == "L":
            return (3, 2, 2) if third == "L" else (0, 0, 0)
        if second == "R":
            return (1, 1, 1)
        return (4, 4, 0) if third == "L" else (0, 0, 1)

    table = np.array([payoffs(*joint) for joint in itertools.product("RL", repeat=3)])
    found = support_enumeration(NormalForm(table.T.reshape(3, 2, 2, 2)))
    right, left, third, quarter = (1, 0), (0, 1), Fraction(1, 3), Fraction(1, 4)
    assert found.complete
    assert spans(found) == {
        frozenset({(right, right, right), (right, right, (1 - quarter, quarter))}),
        frozenset({(left, right, left), (left, (third, 1 - third), left)}),
    }


def test_el_farol_bar_of_three():
    """Arthur, American Economic Review 84, 1994, with three agents and room for two.

    Going pays 1 with at most two there and −1 otherwise, staying pays 0. Pure: two go. Mixed by all: the
    other two are both there with probability p² = 1/2, irrational. One goes for sure, or stays: then
    another's company has probability 1/2, or never fills the bar.
    """
    table = np.zeros((3, 2, 2, 2), dtype=int)
    for joint in itertools.product((0, 1), repeat=3):
        for i in range(3):
            table[(i, *joint)] = 0 if joint[i] else 1 if joint.count(0) <= 2 else -1
    game = NormalForm(table)
    found = support_enumeration(game)
    assert found.complete
    assert len(found.profiles) == 7
    (mixed,) = [profile for profile in found.profiles if min(map(min, profile)) > 0]
    assert np.allclose(np.array(mixed, dtype=float)[:, 0], np.sqrt(0.5), atol=1e-15)
    assert all(certify(game, profile, 1e-15).holds for profile in found.profiles)


# An oracle that shares no code: totally mixed equilibria of 2×2×2 games are roots of one quadratic.


def totally_mixed(game):
    """Count them: agent i is indifferent where a + b y + c z + d y z = 0 in the others' probabilities."""
    forms = []
    for i, table in enumerate(game.payoffs.astype(float)):
        gap = np.take(table, 0, axis=i) - np.take(table, 1, axis=i)
        b, c = gap[0, 1] - gap[1, 1], gap[1, 0] - gap[1, 1]
        both = gap[0, 0] - gap[0, 1] - gap[1, 0] + gap[1, 1]
        forms.append(tuple(map(float, (gap[1, 1], b, c, both))))
    (a1, b1, c1, d1), (a2, b2, c2, d2), (a3, b3, c3, d3) = forms  # in (q, r), (p, r), (p, q)
    above, below = np.poly1d([-b1, -a1]), np.poly1d([d1, c1])  # r = above / below, in q
    over, under = -(a2 * below + c2 * above), b2 * below + d2 * above  # p = over / under
    q = np.poly1d([1.0, 0.0])
    roots = ((a3 + c3 * q) * under + (b3 + d3 * q) * over).roots
    count = 0
    for root in roots[np.abs(roots.imag) < 1e-12].real:
        p, r = over(root) / under(root), above(root) / below(root)
        count += all(0 < value < 1 for value in (p, root, r))
    return count


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6))
def test_totally_mixed_equilibria_are_roots_of_a_quadratic(seed):
    game = random_game((2, 2, 2), seed)
    found = support_enumeration(game)
    assert found.complete
    assert sum(min(map(min, profile)) > 0 for profile in found.profiles) == totally_mixed(game)


@pytest.mark.parametrize(
    ("shape", "games"), [((2, 2, 2), 30), ((3, 3, 3), 10), ((2, 2, 2, 2), 10), ((3, 3, 3, 3), 2), ((4, 4), 5)]
)
def test_random_games_have_an_odd_number_and_indices_add_up_to_one(shape, games):
    """Harsanyi 1973; Shapley 1974 (two agents), Ritzberger 1994 (any number)."""
    for seed in range(games):
        game = random_game(shape, 1000 + seed)
        found = support_enumeration(game)
        assert found.outcome is Outcome.SOLVED
        assert found.complete
        assert len(found.profiles) % 2 == 1
        assert sum(found.parameters["indices"]) == 1
        for profile in found.profiles:
            assert_equilibrium(game, profile, 1e-12)


@settings(max_examples=60, deadline=None)
@given(bimatrix_games(max_actions=3))
def test_two_agents_agree_with_vertex_enumeration(game):
    ours, theirs = support_enumeration(game), vertex_enumeration(game)
    assert ours.complete
    assert as_set(ours.profiles) == as_set(theirs.profiles)
    assert spans(ours) == spans(theirs)


@settings(max_examples=60, deadline=None)
@given(normal_forms(agents=(3, 4), max_actions=2))
def test_games_with_ties(game):
    found = support_enumeration(game)
    assert len(found.profiles) > 0
    for profile in found.profiles:
        assert_equilibrium(game, profile, 1e-12)
    pure = {
        tuple(
            tuple(Fraction(int(a == b)) for b in range(count))
            for a, count in zip(joint, game.shape, strict=True)
        )
        for joint in pure_joint_actions(game)
    }
    assert pure <= as_set(found.profiles)
    assert found.complete == (not found.parameters["undecided"])
    for component in found.components:
        middle = [
            sum(found.profiles[k][i] for k in component) / Fraction(len(component))
            if found.profiles[component[0]][i].dtype == object
            else found.profiles[component[0]][i]
            for i in range(len(game.agents))
        ]
        assert_equilibrium(game, middle, 1e-12)


def test_duplicate_actions_make_continua_that_are_named():
    """Each agent's second action twice: whoever mixes can mix those two at will."""
    base = catalogue.entry("three-agent-coordination").build().payoffs
    tables = base[np.ix_(range(3), [0, 1, 1], [0, 1, 1], [0, 1, 1])]
    game = NormalForm(tables)
    found = support_enumeration(game)
    assert not found.complete
    assert found.outcome is Outcome.PARTIAL
    assert "{1, 2, 3} × {1, 2, 3} × {1, 2, 3}" in found.parameters["undecided"]
    assert "stay undecided" in found.why
    assert sum(set(map(max, profile)) == {1} for profile in found.profiles) == 9
    assert all(certify(game, profile).holds for profile in found.profiles)


def test_a_game_in_which_nothing_matters():
    game = NormalForm(np.zeros((3, 2, 2, 2), dtype=int))
    found = support_enumeration(game)
    assert not found.complete
    assert len(found.parameters["undecided"]) == 1  # all mix; everything smaller is decided
    assert len([p for p in found.profiles if set(map(max, p)) == {1}]) == 8


def test_few_boxes_leave_supports_undecided_and_say_so():
    game = random_game((3, 3, 3), 7)
    full, little = support_enumeration(game), support_enumeration(game, most_boxes=1)
    assert full.complete
    assert not little.complete
    assert little.parameters["undecided"]
    assert len(little.profiles) <= len(full.profiles)


def test_time_limit_keeps_what_is_known():
    game = random_game((5, 5, 5), 3)
    found = support_enumeration(game, clock=TickClock(50))
    assert found.outcome is Outcome.TIME_LIMIT
    assert not found.complete
    for profile in found.profiles:
        assert_equilibrium(game, profile, 1e-12)


@pytest.mark.parametrize("factor", [2.0**-40, 2.0**40])
def test_scaled_floats_have_the_same_equilibria(factor):
    game = random_game((3, 3, 3), 2)
    first, second = support_enumeration(game), support_enumeration(NormalForm(game.payoffs * factor))
    assert first.complete
    assert second.complete
    assert as_set(first.profiles) == as_set(second.profiles)


def test_exact_payoffs_in_any_unit():
    game = random_game((2, 2, 2), 9, most=6)
    large = NormalForm(game.payoffs * 10**30 - 3)
    first, second = support_enumeration(game), support_enumeration(large)
    assert first.complete == second.complete
    assert as_set(first.profiles) == as_set(second.profiles)


def test_supports_come_small_and_balanced_first():
    shape = (3, 2, 4)
    sizes = [[bin(mask).count("1") for mask in row] for batch in batches(shape) for row in batch.tolist()]
    assert len(sizes) == count_supports(shape) == 7 * 3 * 15
    assert sizes == sorted(sizes, key=lambda own: (sum(own), max(own) - min(own)))
    everything = {tuple(row) for batch in batches(shape) for row in batch.tolist()}
    assert len(everything) == count_supports(shape)
