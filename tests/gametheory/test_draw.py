"""Pictures: what is drawn is what the game says, and what cannot be read is refused."""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.continuous import Cournot
from gametheory.convert import posg_to_aecg
from gametheory.errors import GameError
from gametheory.files.dpomdp import parse_dpomdp
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.testing import normal_forms
from gametheory.testing_games import aecgs, posgs

pytest.importorskip("matplotlib", reason="pictures need the extra plots")

from gametheory.drawing.layout import spread_out
from gametheory.drawing.pictures import draw, picture
from gametheory.drawing.state_graph import state_graph

STAG = NormalForm.bimatrix(
    [[2, 0], [1, 1]], [[2, 1], [0, 1]], actions=[["stag", "hare"]] * 2, title="Stag $hunt"
)
NOISY = """agents: 2
discount: 1
values: reward
states: calm storm
start: uniform
actions:
go stay
go stay
observations:
1
1
T: * :
uniform
T: go go :
identity
O: * :
uniform
R: go * : storm : * : * : -5
"""


def words(figure):
    texts = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [text.get_text() for text in texts]


def test_a_payoff_table_shows_labels_payoffs_and_equilibria():
    figure = picture(STAG)
    assert {"stag", "hare", "Stag $hunt", "agent 1", "agent 2"} <= set(words(figure))
    (axes,) = figure.axes
    frames = [patch for patch in axes.patches if patch.get_linewidth() == 2]
    assert len(frames) == 2  # both pure equilibria
    shades = [patch for patch in axes.patches if patch.get_linewidth() == 0]
    assert len(shades) == 4  # each agent's best response to each action


def test_more_agents_make_more_tables():
    game = NormalForm(np.arange(3 * 2 * 2 * 3).reshape(3, 2, 2, 3))
    figure = picture(game)
    assert len(figure.axes) == 3
    assert "agent 3: 2" in words(figure)
    assert "35" in words(figure)


@given(normal_forms(agents=(1, 3)))
@settings(max_examples=15, deadline=None)
def test_any_small_table_can_be_drawn(game):
    shown = [text.replace("−", "-") for text in words(picture(game))]
    assert {str(x) for x in game.payoffs.ravel() if len(str(x)) <= 9} <= set(shown)


@given(st.one_of(posgs(agents=(1, 2)), aecgs()))
@settings(max_examples=15, deadline=None)
def test_any_small_game_can_be_drawn(game):
    graph = state_graph(game)
    assert {dot.name for dot in graph.dots.values()} <= {*game.states}
    assert picture(game).axes


def test_arrows_say_who_does_what_with_which_chance_and_reward():
    graph = state_graph(parse_dpomdp(NOISY))
    assert graph.arrows[0, 1] == ["go, stay · 1/2", "stay, * · 1/2"]
    assert graph.arrows[1, 1] == ["go, go · (−5, −5)", "go, stay · 1/2 · (−5, −5)", "stay, * · 1/2"]
    assert [dot.start for dot in graph.dots.values()] == ["1/2", "1/2"]


def test_a_cycle_shows_the_environments_turns():
    graph = state_graph(posg_to_aecg(parse_dpomdp(NOISY))[0])
    notes = {dot.note for dot in graph.dots.values()}
    assert notes == {"environment", "agent 1", "agent 2"}


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_same_game_gives_the_same_file(tmp_path, suffix):
    for name in ("a", "b"):
        draw(parse_dpomdp(NOISY), tmp_path / f"{name}.{suffix}")
    data = (tmp_path / f"a.{suffix}").read_bytes()
    assert data == (tmp_path / f"b.{suffix}").read_bytes()
    assert data.startswith(b"\x89PNG" if suffix == "png" else b"<?xml")


def test_labels_in_strange_scripts_are_drawn(tmp_path):
    draw(NormalForm([[1, 2]], actions=[["狩り", "$x^{$"]]), tmp_path / "strange.png")


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(GameError, match="20 × 20 actions cannot be read"):
        draw(NormalForm(np.zeros((2, 20, 20))), tmp_path / "large.svg")
    S = 50
    ring = np.roll(np.eye(S, dtype=int), 1, axis=1).reshape(S, 1, S)
    with pytest.raises(GameError, match="50 states can be reached and a picture holds 40"):
        draw(POSG(ring, [[[0]] * S], [[[1]] * S], [1, *[0] * (S - 1)]), tmp_path / "ring.svg")
    with pytest.raises(GameError, match="a Cournot has no picture"):
        draw(Cournot(), tmp_path / "cournot.svg")
    with pytest.raises(GameError, match="cannot write"):
        draw(STAG, tmp_path / "no" / "folder.svg")
    assert not any(tmp_path.iterdir())


@given(st.lists(st.tuples(*(st.integers(0, 40),) * 2), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_labels_are_pushed_apart(points):
    labels = np.array([[x / 10, y / 10, 1.0, 0.3] for x, y in points])
    boxes = np.array([[2.0, 2.0, 1.0, 0.5]])
    places = spread_out(labels, boxes, rounds=1000)
    everything = np.concatenate([places, boxes])
    for k, (x, y, w, h) in enumerate(places):
        for j, (u, v, a, b) in enumerate(everything):
            assert k == j or abs(x - u) > (w + a) / 2 - 0.02 or abs(y - v) > (h + b) / 2 - 0.02


def test_long_rationals_are_rounded_in_cells():
    figure = picture(NormalForm([[Fraction(1, 3), Fraction(123456789, 1234567)]]))
    assert {"1/3", "100"} <= set(words(figure))
    assert not any(re.search(r"\d{7}", text) for text in words(figure))
