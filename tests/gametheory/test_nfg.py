import time
import tracemalloc
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gametheory.errors import GameError, UnknownName
from gametheory.files import format_nfg, parse_nfg, read, write
from gametheory.normal_form import NormalForm
from gametheory.numerics import to_floats
from gametheory.testing import float_payoffs, normal_forms

SHARED = Path(__file__).parents[3] / "shared" / "games"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.nfg"))

PAYOFFS = 'NFG 1 R "two by three" { "row" "column" } { 2 3 }\n1 2  3 4  5 6  7 8  9 10  11 12\n'
OUTCOMES = """NFG 1 D "outcomes" { "row" "column" }
{ { "up" "down" } { "left" "middle" "right" } }
"a comment"
{ { "good" 1, 1/2 } { "" -.5 1e-3 } }
1 0 2
2, 1 0
"""

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\r{},'), max_size=8)


def same(game, other):
    return game == other and (game.title, game.comment) == (other.title, other.comment)


def complaint(text):
    try:
        parse_nfg(text)
    except GameError as error:
        return str(error)
    return ""


def message(text):
    with pytest.raises(GameError) as caught:
        parse_nfg(text, source="game.nfg")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_first_agents_action_varies_fastest():
    game = parse_nfg(PAYOFFS)
    assert game.agents == ("row", "column")
    assert game.actions == (("1", "2"), ("1", "2", "3"))
    assert game.payoffs[0].tolist() == [[1, 5, 9], [3, 7, 11]]
    assert game.payoffs[1].tolist() == [[2, 6, 10], [4, 8, 12]]


def test_outcome_body_labels_comment_and_number_forms():
    game = parse_nfg(OUTCOMES)
    half, tiny = Fraction(1, 2), Fraction(1, 1000)
    assert game.actions == (("up", "down"), ("left", "middle", "right"))
    assert (game.title, game.comment) == ("outcomes", "a comment")
    assert game.payoffs[0].tolist() == [[1, -half, 1], [0, -half, 0]]
    assert game.payoffs[1].tolist() == [[half, tiny, half], [0, tiny, 0]]


def test_decimals_are_exact():
    game = parse_nfg('NFG 1 D "" { "a" } { 3 } 1.131 -2.50e-1 +3.')
    assert game.payoffs[0].tolist() == [Fraction(1131, 1000), Fraction(-1, 4), 3]


def test_quoted_text_may_hold_quotes_newlines_braces_and_backslashes():
    game = parse_nfg(r'NFG 1 R "say \"hi\" {1}" { "a\\" "\alpha" } { 1 1 } "one' + '\ntwo" 0 0')
    assert game.title == 'say "hi" {1}'
    assert game.agents == ("a\\", "\\alpha")
    assert game.comment == "one\ntwo"


@given(normal_forms(agents=(1, 4), labels=texts))
def test_round_trip_of_exact_games(game):
    assert same(parse_nfg(format_nfg(game)), game)


@given(normal_forms(payoffs=st.one_of(float_payoffs(), st.floats(-1e300, 1e300))))
def test_float_games_read_back_to_the_same_floats(game):
    again = parse_nfg(format_nfg(game))
    assert again.exact
    assert np.array_equal(to_floats(again.payoffs), to_floats(game.payoffs))


@given(normal_forms(agents=(1, 3), labels=texts), st.randoms(use_true_random=False))
def test_outcome_bodies_give_the_same_game(game, random):
    """Cells with equal payoffs share one outcome, and outcomes come in any order."""
    cells = [tuple(game.payoffs[(slice(None), *a[::-1])]) for a in np.ndindex(*game.shape[::-1])]
    outcomes = list(dict.fromkeys(cell for cell in cells if any(cell)))
    random.shuffle(outcomes)
    listed = " ".join('{ "o" ' + ", ".join(map(str, outcome)) + " }" for outcome in outcomes)
    chosen = " ".join(str(outcomes.index(cell) + 1 if any(cell) else 0) for cell in cells)
    head = format_nfg(NormalForm(game.payoffs * 0, game.agents, game.actions, game.title, game.comment))
    head = head[: head.rindex('"') + 1]  # all but the payoff body
    assert same(parse_nfg(f"{head}\n{{ {listed} }}\n{chosen}"), game)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of foreign game files is not there")
def test_foreign_files_read_and_round_trip(tmp_path):
    files = sorted(SHARED.glob("*.nfg"))
    assert files
    for file in files:
        game = read(file)
        assert game.exact
        write(game, tmp_path / "copy.nfg")
        assert same(read(tmp_path / "copy.nfg"), game), file.name


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of foreign game files is not there")
def test_cells_of_foreign_files_stand_where_their_authors_meant_them():
    # "Random 8x8 game", the cells of the file's second and ninth line.
    game = read(SHARED / "8x8.nfg")
    assert game.payoffs[:, 1, 0].tolist() == [Fraction("2.426"), Fraction("2.429")]
    assert game.payoffs[:, 0, 1].tolist() == [Fraction("4.452"), Fraction("4.549")]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_examples_are_written_as_we_write(file):
    assert format_nfg(read(file)) == file.read_text(encoding="utf-8")


@given(
    st.sampled_from([PAYOFFS, OUTCOMES]),
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 9), st.text('NFG1RD "{}\\,./-e0123\n\0é', max_size=6)),
        min_size=1,
        max_size=4,
    ),
)
def test_corrupted_text_gives_a_game_or_a_game_error(text, edits):
    for start, length, patch in edits:
        text = text[:start] + patch + text[start + length :]
    assert "\n" not in complaint(text)


@given(st.sampled_from([PAYOFFS, OUTCOMES]), st.integers(0, 250))
def test_truncated_text_is_refused(text, length):
    whole = parse_nfg(text)
    assume(length < len(text.rstrip()))
    try:
        cut = parse_nfg(text[:length])
    except GameError:
        return
    # Only the last number can lose digits and stay one.
    assert length >= len(text.rstrip()) - 1
    assert cut.shape == whole.shape


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "", ["empty", "NFG 1 R"]),
        (" \n", "", ["empty"]),
        ("EFG 2 R", "line 1, column 1", ["expected NFG", "'EFG'"]),
        ('NFG 2 R "t"', "line 1, column 5", ["version 1", "'2'"]),
        ('NFG 1 Q "t"', "line 1, column 7", ["R or D", "'Q'"]),
        ("NFG 1 R title { }", "line 1, column 9", ["title in quotes", "'title'"]),
        ('NFG 1 R "t', "line 1, column 9", ["quoted text without end"]),
        ('NFG 1 R "t" { }', "line 1, column 13", ["no agents"]),
        ('NFG 1 R "t" { a b }', "line 1, column 15", ["agent's name", "'a'"]),
        ('NFG 1 R "t" { "a" "b" } { 2 } 1 1', "line 1, column 25", ["actions for 1 agents", "names 2"]),
        ('NFG 1 R "t" { "a" } { 2 2 } 1 1', "line 1, column 21", ["more than 1", "names 1"]),
        ('NFG 1 R "t" { "a" } { 0 }', "line 1, column 23", ["without actions"]),
        ('NFG 1 R "t" { "a" } { -2 }', "line 1, column 23", ["number of actions", "'-2'"]),
        ('NFG 1 R "t" { "a" } { 3/2 }', "line 1, column 23", ["number of actions", "'3/2'"]),
        ('NFG 1 R "t" { "a" } { { } }', "line 1, column 23", ["without actions"]),
        ('NFG 1 R "t" { "a" } { { { } }', "line 1, column 25", ["label", "'{'"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1 x', "line 2, column 3", ["payoff 2 of 2", "'x'"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1 nan', "line 2, column 3", ["payoff 2 of 2", "'nan'"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1 1/0', "line 2, column 3", ["denominator 0"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1 1e99999999', "line 2, column 3", ["exponent"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1 2 3', "line 2, column 5", ["expected the end", "'3'"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1', "line 2, column 1", ["too short", "2 cells"]),
        ('NFG 1 R "t" { "a" } { 2 }\n1234', "line 2, column 5", ["payoff 2 of 2", "the end"]),
        ('NFG 1 R "t" { "a" } { 1000000000 }\n1', "line 1, column 23", ["1000000000 cells"]),
        ('NFG 1 R "t" { "a" } { 1 }\n{ { "o" 1 2 } } 1', "line 2, column 11", ["'}' after the 1 payoffs"]),
        ('NFG 1 R "t" { "a" } { 1 }\n{ { 1 } } 1', "line 2, column 5", ["outcome's name"]),
        ('NFG 1 R "t" { "a" } { 1 }\n{ { "o" 1 } } 2', "line 2, column 15", ["outcome 2", "has 1"]),
        ('NFG 1 R "t" { "a" } { 1 }\n{ { "o" 1 } } -1', "line 2, column 15", ["0 to 1", "'-1'"]),
        ('NFG 1 R "t" { "a" } { 2 }\n{ { "o" 1 } } 1', "line 2, column 16", ["cell 2 of 2", "the end"]),
    ],
)
def test_malformed_text_is_named_with_its_place(text, place, words):
    found = message(text)
    assert "game.nfg" in found
    for word in [place, *words]:
        assert word in found


HEADER = 'NFG 1 R "t" { "a" "b" } { 2 2 }\n'


@pytest.mark.parametrize(
    "text",
    [
        "\0" * 10**7,
        "0 " * (5 * 10**6),
        HEADER + "0 " * (5 * 10**6),
        'NFG 1 R "t" { "a" "b" } { ' + "1 " * (5 * 10**6),
        'NFG 1 R "t" { "a" "b" } ' + "{ " * (5 * 10**6),
        'NFG 1 R "t" { "a" "b" } { 100000 100000 }' + "0 " * (5 * 10**6),
        'NFG 1 R "t" { ' + '"" ' * (3 * 10**6),
        'NFG 1 R "' + "\\" * 10**7,
        HEADER + "9" * 10**7,
    ],
    ids=["NUL", "zeros", "zeros after a header", "sizes", "braces", "cells", "agents", "escape", "digits"],
)
def test_ten_megabytes_of_nonsense_give_a_quick_error_in_bounded_memory(text):
    tracemalloc.start()
    start = time.process_time()
    assert len(message(text)) < 400
    seconds = time.process_time() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 2  # of the processor: a fraction of one; anything quadratic takes hours
    assert peak < 5 * len(text)


def test_too_many_agents_for_an_array_are_refused():
    names = '"" ' * 32
    assert "at most 31" in message(f'NFG 1 R "t" {{ {names} }} {{ {"1 " * 32} }}' + "0 " * 32)


def test_files_that_cannot_be_read(tmp_path):
    write(parse_nfg(PAYOFFS), tmp_path / "chicken.nfg")
    (tmp_path / "latin.nfg").write_bytes(HEADER.encode() + b'"caf\xe9"')
    (tmp_path / "folder.nfg").mkdir()
    for name, words in [
        ("chiken.nfg", ["no file", "did you mean 'chicken.nfg'"]),
        ("nowhere/chicken.nfg", ["no folder"]),
        ("latin.nfg", ["not UTF-8", "0xe9", f"offset {len(HEADER) + 4}"]),
        ("folder.nfg", ["is a directory"]),
        ("a\0b.nfg", ["cannot read"]),
        ("game", ["no suffix", ".nfg"]),
    ]:
        with pytest.raises(GameError) as caught:
            read(tmp_path / name)
        assert "\n" not in str(caught.value)
        for word in words:
            assert word in str(caught.value)
    with pytest.raises(UnknownName, match=r"known: .*\.nfg"):
        read(tmp_path / "game.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "game.nfg").write_bytes(b"\xef\xbb\xbf" + PAYOFFS.encode())
    assert read(tmp_path / "game.nfg") == parse_nfg(PAYOFFS)


def test_writing_replaces_the_whole_file_or_leaves_it(tmp_path):
    path = tmp_path / "game.nfg"
    path.write_text("old")
    with pytest.raises(GameError, match="surrogate"):
        write(NormalForm([[1]], agents=["\ud800"]), path)
    assert path.read_text() == "old"
    write(parse_nfg(OUTCOMES), path)
    assert read(path) == parse_nfg(OUTCOMES)
    assert [entry.name for entry in tmp_path.iterdir()] == ["game.nfg"]


@pytest.mark.parametrize("name", ["missing/game.nfg", "folder.nfg"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, name):
    (tmp_path / "folder.nfg").mkdir()
    with pytest.raises(GameError, match=name):
        write(parse_nfg(PAYOFFS), tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.nfg"]
