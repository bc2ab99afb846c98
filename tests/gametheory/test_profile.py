import io
import json
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.continuous import Cournot
from gametheory.errors import GameError
from gametheory.files.encode import to_json
from gametheory.files.profile import parse_profile, read_profile
from gametheory.normal_form import NormalForm
from gametheory.testing import normal_forms, profiles

HUNT = NormalForm.bimatrix(
    [[2, 0], [1, 1]], [[2, 1], [0, 1]], agents=["ann", "bob"], actions=[["stag", "hare"]] * 2
)


def complaint(text):
    try:
        parse_profile(text, HUNT)
    except GameError as error:
        return str(error)
    return ""


def lists(profile):
    return [strategy.tolist() for strategy in profile]


@given(st.data(), normal_forms())
def test_profiles_survive_json_in_every_form(data, game):
    profile = data.draw(profiles(game))
    rows = to_json(profile)
    labelled = [dict(zip(own, row, strict=True)) for own, row in zip(game.actions, rows, strict=True)]
    documents = [rows, labelled, {"profile": rows}, {"game": "g", "equilibria": [{"profile": rows}]}]
    for document in documents:
        assert lists(parse_profile(json.dumps(document), game)) == lists(profile)


def test_numbers_are_floats_and_strings_exact():
    assert lists(parse_profile('[["1/3", "2/3"], [0.25, 0.75]]', HUNT)) == [
        [Fraction(1, 3), Fraction(2, 3)],
        [0.25, 0.75],
    ]


def test_labels_left_out_have_probability_zero():
    assert lists(parse_profile('[{"hare": 1}, {"stag": "1/2", "hare": "1/2"}]', HUNT)) == [
        [0, 1],
        [Fraction(1, 2), Fraction(1, 2)],
    ]


def test_choosing_among_equilibria():
    text = json.dumps({"equilibria": [{"profile": [[1, 0], [1, 0]]}, {"profile": [[0, 1], [0, 1]]}]})
    assert lists(parse_profile(text, HUNT)) == [[1, 0], [1, 0]]
    assert lists(parse_profile(text, HUNT, choose=1)) == [[0, 1], [0, 1]]
    for choose in (-1, 2):
        with pytest.raises(GameError, match="choose 0 to 1"):
            parse_profile(text, HUNT, choose=choose)


def test_continuous_profiles_are_one_action_per_agent():
    for text in ('["3", 2.5]', '[["3"], [2.5]]'):
        assert lists(parse_profile(text, Cournot())) == [[3], [2.5]]
    for text, words in [("[[1, 2], 3]", "one action"), ("[100, 3]", "outside"), ("[3]", "2 agents")]:
        with pytest.raises(GameError, match=words):
            parse_profile(text, Cournot())


def test_files_and_standard_input(tmp_path, monkeypatch):
    (tmp_path / "p.json").write_text("[[1, 0], [0, 1]]")
    assert lists(read_profile(tmp_path / "p.json", HUNT)) == [[1, 0], [0, 1]]
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"[[0, 1], [0, 1]]")))
    assert lists(read_profile("-", HUNT)) == [[0, 1], [0, 1]]
    with pytest.raises(GameError, match=r"did you mean 'p\.json'"):
        read_profile(tmp_path / "q.json", HUNT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON: expecting value at line 1, column 1"),
        ('[[1, 0],\n [1, "x]]', "line 2, column 6"),
        ("[[1, 0]", "line 1, column 8"),
        ("[" * 100_000, "nested too deeply"),
        ("[[1, 0], [NaN, 1]]", "NaN is not a finite number"),
        ("[[1, 0], [1e999, 1]]", r"profile\[1\]\[0\] is inf"),
        (f"[[1, 0], [{'9' * 5000}, 1]]", "too many digits"),
        ("3", "3 is no profile"),
        ("{}", "{} is no profile"),
        ('{"profile": 3}', "3 is no profile"),
        ('{"equilibria": []}', "lists no equilibria"),
        ('{"error": "unknown game"}', "holds an error.*unknown game"),
        ("[[1, 0]]", "1 strategies; the game has 2 agents"),
        ("[[1, 0], [1]]", r"profile\[1\] has shape \[1\]; agent bob has 2 actions"),
        ("[[1, 0], 1]", r"profile\[1\] is 1; it must be a list of 2"),
        ('[[1, 0], ["1/3", "1/3"]]', r"profile\[1\] must be a distribution; it sums to 2/3"),
        ("[[1, 0], [1.5, -0.5]]", r"profile\[1\]\[1\] is -0.5"),
        ("[[1, 0], [true, 0]]", r"profile\[1\]\[0\] is True"),
        ('[[1, 0], ["1/0", 0]]', "denominator 0"),
        ('[[1, 0], {"hair": 1}]', "unknown action of agent bob 'hair'; did you mean hare"),
        ('[[1, 0], {"hare": 1, "hare": 0}]', "'hare' stands twice"),
    ],
)
def test_bad_profiles_are_named(text, words):
    with pytest.raises(GameError, match=words) as caught:
        parse_profile(text, HUNT, source="p.json")
    message = str(caught.value)
    assert "p.json" in message
    assert "\n" not in message
    assert len(message) < 300


def test_labels_that_repeat_cannot_name_an_action():
    game = NormalForm([[1, 2]], actions=[["same", "same"]])
    with pytest.raises(GameError, match="labels repeat; give a list"):
        parse_profile('[{"same": 1}]', game)


@given(
    st.text(max_size=30)
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), st.lists).map(json.dumps)
)
def test_any_text_gives_a_profile_or_a_game_error(text):
    assert "\n" not in complaint(text)
