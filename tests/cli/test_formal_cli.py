"""convert, check-equivalence, describe and classify as people and programs meet them."""

import json

import pytest

from gametheory.files import read

NOISY = """agents: 2
discount: 0.9
values: reward
states: calm storm
start: uniform
actions:
go stay
go stay
observations:
quiet loud
1
T: * :
uniform
O: * :
uniform
O: * : storm :
0.25 0.75
R: go * : storm : * : * : -5
"""


@pytest.fixture
def rovers(tmp_path):
    path = tmp_path / "rovers.dpomdp"
    path.write_text(NOISY)
    return path


def test_what_convert_writes_check_equivalence_proves(call, rovers, tmp_path):
    cycle, states = tmp_path / "cycle.json", tmp_path / "states.json"
    status, out, _ = call("convert", rovers, "--to", "aecg", "-o", cycle, "--correspondence", states)
    assert (status, out) == (0, "")
    status, out, _ = call("check-equivalence", rovers, cycle, "--correspondence", states, "--json")
    document = json.loads(out)
    assert status == 0
    assert document["equivalent"] is True
    assert document["proved_for"] == "every horizon"
    assert document["first_difference"] is None


def test_a_difference_is_shown_and_the_answer_is_no(call, rovers, tmp_path):
    cycle, states, other = tmp_path / "cycle.json", tmp_path / "states.json", tmp_path / "other.dpomdp"
    call("convert", rovers, "--to", "aecg", "-o", cycle, "--correspondence", states)
    other.write_text(NOISY.replace("0.25 0.75", "0.5 0.5"))
    status, out, _ = call("check-equivalence", other, cycle, "--correspondence", states, "--json")
    document = json.loads(out)
    assert status == 1
    assert document["equivalent"] is False
    assert len(document["first_difference"]["probabilities"]) == 2
    status, out, _ = call("check-equivalence", rovers, other, "--horizon", 1)
    assert status == 0  # nobody acts on what it saw after one step
    assert "1 steps" in out
    status, out, _ = call("check-equivalence", rovers, other, "--horizon", 2)
    assert status == 1
    assert "the laws differ" in out


def test_conversion_there_and_back(call, rovers, tmp_path):
    cycle, back, states = (tmp_path / name for name in ("cycle.json", "back.json", "states.json"))
    assert call("convert", rovers, "--to", "aecg", "-o", cycle)[0] == 0
    assert call("convert", cycle, "--to", "posg", "-o", back, "--correspondence", states)[0] == 0
    assert call("check-equivalence", cycle, back, "--correspondence", states)[0] == 0


def test_matrix_games_go_both_ways(call, tmp_path):
    posg, table = tmp_path / "dilemma.json", tmp_path / "dilemma.nfg"
    assert call("convert", "prisoners-dilemma", "--to", "posg", "-o", posg)[0] == 0
    assert call("convert", posg, "--to", "nfg", "-o", table)[0] == 0
    assert call("convert", "prisoners-dilemma", "--to", "nfg", "-o", tmp_path / "same.nfg")[0] == 0
    assert read(table) == read(tmp_path / "same.nfg")


def test_a_game_is_cut_to_its_first_step_on_demand(call, rovers, tmp_path):
    table = tmp_path / "first.nfg"
    status, _, err = call("convert", rovers, "--to", "nfg", "-o", table)
    assert status == 2
    assert "give a horizon (--horizon)" in err
    assert not table.exists()
    assert call("convert", rovers, "--to", "nfg", "-o", table, "--horizon", 1)[0] == 0
    assert [[str(x) for x in row] for row in read(table).payoffs[0].tolist()] == [["-5/2"] * 2, ["0"] * 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["convert", "stag-hunt", "--to", "posg", "-o", "x.nfg"], "--to posg needs a file .json"),
        (["convert", "stag-hunt", "--to", "posg", "-o", "x"], "--to posg needs a file .json"),
        (["convert", "stag-hunt", "--to", "efg7", "-o", "x.json"], "efg7"),
        (["convert", "cournot", "--to", "posg", "-o", "x.json"], "cournot is a Cournot"),
        (
            ["convert", "stag-hunt", "--to", "posg", "-o", "x.json", "--horizon", "2"],
            "--horizon is for --to efg and nfg",
        ),
        (
            ["convert", "stag-hunt", "--to", "nfg", "-o", "x.nfg", "--correspondence", "c.json"],
            "drop --correspondence",
        ),
        (["convert", "stag-hunt", "--to", "posg", "-o", "no/x.json"], "cannot write"),
        (
            ["check-equivalence", "stag-hunt", "chicken", "--correspondence", "c.json"],
            "relates a POSG and an AECG",
        ),
        (["check-equivalence", "stag-hunt", "cournot"], "cournot is a Cournot"),
        (["describe", "stag-hunt", "-o", "x.gif"], "end it in .svg or .png"),
        (["describe", "stag-hunters"], "did you mean stag-hunt"),
        (["describe", "missing.dpomdp"], "there is no file"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(call, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert not any(tmp_path.iterdir())


def test_describe_tells_the_facts(call, rovers, tmp_path):
    status, out, _ = call("describe", rovers)
    assert status == 0
    for fact in (
        "partially observable stochastic game",
        "2: calm, storm",
        "joint",
        "9/10",
        "exact rationals",
    ):
        assert fact in out
    call("convert", rovers, "--to", "aecg", "-o", tmp_path / "cycle.json")
    assert "agent-environment cycle game" in call("describe", tmp_path / "cycle.json")[1]
    assert "matrix game" in call("describe", "stag-hunt")[1]
    assert "continuous actions" in call("describe", "cournot")[1]


def test_describe_draws(call, rovers, tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need the extra plots")
    for name in ("rovers.svg", "rovers.png"):
        assert call("describe", rovers, "-o", tmp_path / name)[0] == 0
        assert (tmp_path / name).stat().st_size > 1000


def test_classify_takes_games_with_states(call, rovers, tmp_path):
    status, out, _ = call("classify", rovers, "--json")
    document = json.loads(out)
    assert status == 0
    assert document["settings"]["fully cooperative"]["literal"]["holds"] is True
    assert document["classes"]["constant-sum"]["judged_on"] == "each POSG step"
    assert "reachable" in document["judged_on"]
    status, out, _ = call("classify", rovers, "--triples", "all", "--rewards", "sure")
    assert status == 0
    assert "possible or not; every joint draw" in out
