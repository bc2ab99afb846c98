"""The catalogue's games of several moves: known values, and the same games written by others."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from gametheory import catalogue
from gametheory.catalogue import Kind
from gametheory.catalogue.sequential.dice import liars_dice
from gametheory.catalogue.sequential.grids import MOVES, Pitch, Soccer
from gametheory.catalogue.sequential.poker import kuhn_poker
from gametheory.catalogue.sequential.repeated import goofspiel, repeated
from gametheory.classify import classify
from gametheory.extensive.backward_induction import backward_induction
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.sequence_form import sequence_form
from gametheory.extensive.sequences import sequences
from gametheory.extensive.unroll import unroll
from gametheory.extensive.values import tree_values, uniform_profile
from gametheory.files import read
from gametheory.load import load
from gametheory.tables.rules import rules

F = Fraction
SHARED = Path(__file__).parents[4] / "shared" / "games"
ENTRIES = [entry for entry in catalogue.entries() if entry.kind is Kind.SEQUENTIAL]
QUICK = [e for e in ENTRIES if e.name not in ("liars-dice-6", "goofspiel-5", "soccer", "tic-tac-toe")]


@pytest.mark.parametrize("entry", QUICK, ids=lambda entry: entry.name)
def test_entries_build_what_they_describe(entry):
    game = entry.build()
    assert game.exact
    assert len(game.agents) == entry.agents
    assert game.title
    if "zero-sum" in entry.tags:
        assert classify(game).settings["zero-sum"]["literal"].holds
    if "cooperative" in entry.tags:
        assert classify(game).settings["fully cooperative"]["literal"].holds


@pytest.mark.parametrize("name", ["kuhn-poker", "goofspiel-3"])
def test_known_values(name):
    value = sequence_form(unroll(load(name))).values[0]
    assert value == (F(catalogue.entry(name).value), -F(catalogue.entry(name).value))


def test_leduc_poker_in_floats():
    """-0.0856064…: Brown & Sandholm 2019 and OpenSpiel's own figure of -0.0856 agree."""
    tree = unroll(load("leduc-poker"))
    assert sequence_form(tree).values[0][0] == pytest.approx(-0.0856064, abs=1e-7)


def spiel_tree(text):
    pyspiel = pytest.importorskip("pyspiel")
    from gametheory.foreign.openspiel import tabulate_openspiel

    return unroll(tabulate_openspiel(pyspiel.load_game(text), state_limit=500_000))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (kuhn_poker, "kuhn_poker"),
        (lambda: kuhn_poker(3), "kuhn_poker(players=3)"),
        (lambda: load("leduc-poker"), "leduc_poker"),
        (lambda: liars_dice(3), "liars_dice(dice_sides=3)"),
        (lambda: goofspiel(3), "goofspiel(num_cards=3,points_order=random,returns_type=point_difference)"),
    ],
    ids=["kuhn", "kuhn of three", "leduc", "liar's dice", "goofspiel"],
)
def test_the_same_games_as_openspiel(ours, theirs):
    """Uniform play is worth the same, and so is the best there is."""
    own, other = unroll(ours()), spiel_tree(theirs)
    scale = 2 if "goofspiel" in theirs else 1  # there each gets half the difference
    for tree_value, spiel_value in zip(
        tree_values(own, uniform_profile(own)), tree_values(other, uniform_profile(other)), strict=True
    ):
        assert float(tree_value) == pytest.approx(spiel_value * scale, abs=1e-9)
    if len(own.agents) == 2:
        found, reference = sequence_form(own).values[0][0], sequence_form(other).values[0][0]
        assert float(found) == pytest.approx(reference * scale, abs=1e-9)


def test_kuhn_poker_of_three_has_sixteen_information_sets_each():
    """Szafron, Gibson & Sturtevant, AAMAS 2013: 48 information sets in all."""
    tree = unroll(kuhn_poker(3))
    assert np.bincount(tree.owners).tolist() == [16, 16, 16]
    sequences(tree)


def test_tic_tac_toe_has_its_positions_and_plays():
    """5,478 positions and 255,168 plays: e.g. Schaefer, MathRec Solutions, 2002."""
    game = load("tic-tac-toe")
    assert game.node_count == 5_478
    assert count_nodes(rules(game), None) == 549_946


def test_soccer_by_hand():
    rules_of = Soccer()
    north, east, stand = (list(MOVES).index(move) for move in ("north", "east", "stand"))
    scored = list(rules_of.outcomes(Pitch(((1, 4), (3, 3)), 0), (east, stand)))
    assert {tuple(outcome.rewards) for outcome in scored} == {(1, -1)}
    missed = list(rules_of.outcomes(Pitch(((0, 4), (3, 3)), 0), (east, stand)))
    assert {outcome.state for outcome in missed} == {Pitch(((0, 4), (3, 3)), 0)}
    tackled = list(rules_of.outcomes(Pitch(((2, 2), (2, 3)), 0), (east, stand)))
    assert {outcome.state for outcome in tackled} == {Pitch(((2, 2), (2, 3)), 1)}
    race = list(rules_of.outcomes(Pitch(((2, 2), (1, 3)), 0), (north, list(MOVES).index("west"))))
    assert {outcome.state for outcome in race} == {
        Pitch(((1, 2), (1, 3)), 0),  # A was first: B runs into it, and A keeps the ball
        Pitch(((2, 2), (1, 2)), 1),  # B was first: A runs into it and loses the ball
    }


def test_repeated_games_add_up():
    game = load("battle-of-the-sexes")
    tree = unroll(repeated(game, 2))
    assert len(tree) == 31
    once = game.values([[F(1, 2)] * 2] * 2)
    assert tree_values(tree, uniform_profile(tree)) == tuple(2 * value for value in once)


def test_the_coin_cannot_be_named_better_than_by_guessing():
    solution = backward_induction(unroll(load("ticks")), whole=_one_agent)
    assert solution.values[0][0] == F(1, 2)


def _one_agent(tree, exact, clock):
    """The dummy has nothing to choose: both of the namer's answers are worth the same."""
    from gametheory.solution import Outcome, Solution

    profile = uniform_profile(tree)
    return Solution("nash", (profile,), (tree_values(tree, profile),), Outcome.SOLVED, False, "uniform")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collection of foreign game files is not here")
def test_dec_tiger_is_the_file_of_the_toolbox():
    ours, theirs = load("dec-tiger"), read(SHARED / "dectiger.dpomdp")
    for state in range(2):
        assert np.array_equal(ours.expected_rewards(state), theirs.expected_rewards(state))
        for joint in np.ndindex(3, 3):
            mine, other = ours.transition(state, joint), theirs.transition(state, joint)
            assert np.array_equal(mine[0], other[0])
            assert np.array_equal(mine[2], other[2])
    assert tree_values(unroll(ours, 2), uniform_profile(unroll(ours, 2))) == tree_values(
        unroll(theirs, 2), uniform_profile(unroll(theirs, 2))
    )
