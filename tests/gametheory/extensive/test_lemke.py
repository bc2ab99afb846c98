"""Lemke's path, the reduced normal form and whole subgames: equilibria found by ways that share no code."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gametheory.certify import Kind
from gametheory.errors import GameError, LimitReached
from gametheory.extensive import lemke
from gametheory.extensive.lemke import in_integers, sequence_form_lemke
from gametheory.extensive.lemke_opening import opening
from gametheory.extensive.reduced import behaviour, in_behaviour
from gametheory.extensive.sequence_form import sequence_form
from gametheory.extensive.sequences import ImperfectRecallError, sequences
from gametheory.extensive.tree import Tree
from gametheory.extensive.unroll import unroll
from gametheory.extensive.values import certify_tree, float_tree, reach_probabilities, tree_values
from gametheory.extensive.whole import all_of_whole, solve_whole, subgame_perfect
from gametheory.files import read
from gametheory.files.efg import parse_efg
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.solvers.clock import Clock
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.solving.induced import induced_normal_form, strategy_counts
from gametheory.testing import bimatrix_games, posgs, profiles, zero_sum_games
from gametheory.testing_trees import perfect_information_trees, trees

F = Fraction
SHARED = Path(__file__).parents[4] / "shared" / "games"
SETTINGS = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def recalls(tree: Tree) -> bool:
    try:
        sequences(tree)
    except ImperfectRecallError:
        return False
    return True


@st.composite
def unrolled(draw) -> Tree:
    """Trees with perfect recall of some depth: random POSGs over three steps."""
    game = draw(posgs(agents=2))
    try:
        tree = unroll(game, 3, limit=1_000)
    except GameError:
        assume(False)
    assume(int(tree.offsets[-1]) <= 60)
    return tree


def given_tree(name: str) -> Tree:
    path = SHARED / f"{name}.efg"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    tree = read(path)
    assert isinstance(tree, Tree)
    return tree


@SETTINGS
@given(st.one_of(unrolled(), trees().filter(recalls)))
def test_the_path_ends_in_an_exact_equilibrium(tree):
    found = sequence_form_lemke(tree)
    certificate = certify_tree(tree, found.profiles[0])
    assert certificate.kind is Kind.EXACT
    assert certificate.values == found.values[0]


@SETTINGS
@given(unrolled())
def test_in_floats_it_ends_in_one_too(tree):
    floats = float_tree(tree)
    certificate = certify_tree(floats, sequence_form_lemke(floats).profiles[0])
    assert certificate.nash_conv <= 1e-11 * (1 + abs(floats.payoffs).max())


@SETTINGS
@given(unrolled())
def test_the_last_basis_of_a_path_in_floats_is_solved_in_rationals(tree):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lemke, "SMALL", 0)
        found = sequence_form_lemke(tree)
    assert certify_tree(tree, found.profiles[0]).kind is Kind.EXACT


@SETTINGS
@given(bimatrix_games())
def test_of_a_matrix_game_it_is_one_of_the_equilibria(game):
    """An equilibrium is a mixture of extreme ones, so supports lie within the supports of these."""
    tree = unroll(game)
    mine = sequence_form_lemke(tree).profiles[0]
    found = vertex_enumeration(game)
    if found.parameters["finite"]:
        assert any(
            all(np.all(a == b) for a, b in zip(mine, theirs, strict=True)) for theirs in found.profiles
        )
    assert certify_tree(tree, mine).kind is Kind.EXACT


@SETTINGS
@given(trees().filter(recalls))
def test_it_is_one_of_all_equilibria_of_the_reduced_form(tree):
    form = induced_normal_form(tree)
    assume(sum(form.game.shape) <= 12)
    every = in_behaviour(form, vertex_enumeration(form.game))
    for profile, values in zip(every.profiles, every.values, strict=True):
        certificate = certify_tree(tree, profile)
        assert certificate.kind is Kind.EXACT
        assert certificate.values == values
    if every.parameters["finite"]:
        assert sequence_form_lemke(tree).values[0] in every.values


@SETTINGS
@given(zero_sum_games())
def test_zero_sum_values_are_those_of_the_linear_program(game):
    tree = unroll(game)
    assert sequence_form_lemke(tree).values == sequence_form(tree).values


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("myerson1991_fig2_1", (F(1, 3), F(-1, 3))),  # Myerson, *Game Theory*, 1991, section 4.5
        ("cent4", (F(4, 5), F(1, 5))),  # taken at once: Rosenthal 1981
    ],
)
def test_games_by_others(name, values):
    tree = given_tree(name)
    found = sequence_form_lemke(tree)
    assert found.values[0] == values
    assert certify_tree(tree, found.profiles[0]).kind is Kind.EXACT


def test_a_bayesian_game_by_others():
    """Its reduced form has one equilibrium, by enumeration."""
    tree = given_tree("bayes1a")
    form = induced_normal_form(tree)
    every = vertex_enumeration(form.game)
    assert form.game.shape == (4, 4)
    assert sequence_form_lemke(tree).values == every.values


def test_four_cards_and_the_linear_program_agree():
    tree = given_tree("4cards")
    assert sequence_form_lemke(tree).values == sequence_form(tree).values


def test_kuhn_poker():
    """Kuhn 1950: worth −1/18."""
    tree = unroll(load("kuhn-poker"))
    assert sequence_form_lemke(tree).values[0] == (F(-1, 18), F(1, 18))


def test_ties_everywhere_end_too():
    tree = unroll(NormalForm(np.zeros((2, 4, 3), dtype=int)).to_posg())
    assert sequence_form_lemke(tree).values == ((0, 0),)
    assert in_integers(opening(tree, sequences(tree)), Clock())[0].sum() == 2


def test_it_avoids_equilibria_in_dominated_actions():
    """(bottom, right) is an equilibrium of weakly dominated actions, so it is not perfect (Selten 1975)."""
    tree = unroll(NormalForm.bimatrix([[1, 0], [0, 0]], [[1, 0], [0, 0]]))
    assert [own.tolist() for own in sequence_form_lemke(tree).profiles[0]] == [[1, 0], [1, 0]]


def test_what_it_refuses():
    tree = unroll(NormalForm.bimatrix([[2, 0], [0, 1]], [[1, 0], [0, 2]]))
    with pytest.raises(GameError, match="exact answers need rationals"):
        sequence_form_lemke(float_tree(tree), exact=True)
    with pytest.raises(GameError, match="needs two agents; this game has 3"):
        sequence_form_lemke(unroll(NormalForm(np.zeros((3, 2, 2, 2), dtype=int))))
    with pytest.raises(LimitReached):
        sequence_form_lemke(unroll(load("kuhn-poker")), clock=Clock(1e-9))


def test_tables_too_large_are_refused(monkeypatch):
    monkeypatch.setattr(lemke, "LARGEST", 10)
    with pytest.raises(GameError, match=r"have 26 sequences.*at most 10"):
        sequence_form_lemke(unroll(load("kuhn-poker")))


def test_kuhn_poker_in_reduced_form():
    """27 × 64 strategies, as Kuhn 1950 counts them; mixtures are worth the same either way."""
    tree = unroll(load("kuhn-poker"))
    assert strategy_counts(tree, sequences(tree)) == (27, 64)


@SETTINGS
@given(trees().filter(recalls), st.data())
def test_mixed_and_behaviour_strategies_reach_the_same(tree, data):
    """Kuhn 1953: with perfect recall every mixture has a behaviour strategy that plays alike."""
    form = induced_normal_form(tree)
    assume(form.game.payoffs.size <= 200)
    mixed = data.draw(profiles(form.game))
    profile = behaviour(form, mixed)
    assert tree_values(tree, profile) == form.game.values(mixed)
    reach = reach_probabilities(tree, profile)
    for node in tree.leaves.tolist():
        assert reach[node] == drawn(tree, form, mixed, node)


def drawn(tree, form, mixed, node):
    """Probability of a leaf: chance's moves times, per agent, that of strategies that play to it."""
    way = []
    while node:
        way.append(node)
        node = int(tree.parents[node])
    out = F(1)
    for k in way:
        out *= tree.probabilities[k] if tree.entries[k] < 0 else 1
    steps = [(int(tree.infosets[tree.parents[k]]), k) for k in way if tree.entries[k] >= 0]
    for i, (strategies, weights) in enumerate(zip(form.strategies, mixed, strict=True)):
        own = [(h, k - int(tree.first[tree.parents[k]])) for h, k in steps if tree.owners[h] == i]
        plays = [all(strategy.get(h) == a for h, a in own) for strategy in strategies]
        out *= sum((w for w, does in zip(weights, plays, strict=True) if does), F(0))
    return out


@SETTINGS
@given(perfect_information_trees())
def test_whole_trees_have_the_subgame_perfect_equilibria_among_all(tree):
    """Solved as one game, a tree has the equilibrium of backward induction among all it has."""
    form = induced_normal_form(tree)
    assume(sum(form.game.shape) <= 12)
    every = all_of_whole(tree, True, Clock())
    if every.complete:
        assert subgame_perfect(tree).values[0] in every.values


def test_battle_of_the_sexes_twice():
    """One subgame with three equilibria after every outcome, and the first round over each choice of these."""
    game = load("battle-of-the-sexes-2")
    tree = unroll(game)
    found = subgame_perfect(tree, all_equilibria=True)
    assert all(certify_tree(tree, profile).kind is Kind.EXACT for profile in found.profiles)
    once = vertex_enumeration(load("battle-of-the-sexes")).values
    assert len(once) == 3
    repeated = {tuple(a + b for a, b in zip(u, v, strict=True)) for u in once for v in once}
    assert repeated <= set(found.values)
    one = subgame_perfect(tree)
    assert certify_tree(tree, one.profiles[0]).kind is Kind.EXACT
    assert one.values[0] in found.values


WATCHED = """EFG 2 R "two play, one watches" { "watcher" "row" "column" }
c "" 1 "" { "x" 1/2 "y" 1/2 } 0
p "" 2 1 "" { "T" "B" } 0
p "" 3 1 "" { "l" "r" } 0
t "" 1 "" { 5 2 1 }
t "" 2 "" { 0 0 0 }
p "" 3 1 0
t "" 2
t "" 3 "" { 7 1 2 }
p "" 2 1 0
p "" 3 1 0
t "" 1
t "" 2
p "" 3 1 0
t "" 2
t "" 3
"""


def test_agents_that_only_watch_have_nothing_to_decide():
    tree = parse_efg(WATCHED)
    found = solve_whole(tree, True, Clock())
    assert [len(own) for own in found.profiles[0]] == [0, 2, 2]
    assert certify_tree(tree, found.profiles[0]).kind is Kind.EXACT
    every = all_of_whole(tree, True, Clock())
    assert set(every.values) == {(5, 2, 1), (7, 1, 2), (F(5 * 2 + 7 * 2, 9), F(2, 3), F(2, 3))}
    assert every.complete


def test_one_agent_alone():
    text = """EFG 2 R "alone" { "1" }
    c "" 1 "" { "x" 1/3 "y" 2/3 } 0
    p "" 1 1 "" { "l" "r" } 0
    t "" 1 "" { 3 }
    t "" 2 "" { 0 }
    p "" 1 1 0
    t "" 2
    t "" 4 "" { 2 }
    """
    tree = parse_efg(text)
    assert solve_whole(tree, True, Clock()).values == ((F(4, 3),),)
