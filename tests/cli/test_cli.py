"""The command line as people and programs meet it: answers, JSON, exit statuses, one-line errors."""

import json
import subprocess
import sys
import time
from fractions import Fraction

import pytest

from equilibrist.cli import group

PENNIES = 'NFG 1 R "pennies" { "a" "b" } { 2 2 }\n1 -1 -1 1 -1 1 1 -1\n'


@pytest.fixture
def pennies(tmp_path):
    path = tmp_path / "pennies.nfg"
    path.write_text(PENNIES)
    return str(path)


def test_solve_prints_exact_json(call, pennies):
    status, out, err = call("solve", pennies, "--all", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["complete"] is True
    assert document["components"] == [[0]]
    (equilibrium,) = document["equilibria"]
    assert equilibrium["profile"] == [["1/2", "1/2"], ["1/2", "1/2"]]
    assert equilibrium["values"] == ["0", "0"]
    assert equilibrium["regrets"] == ["0", "0"]
    assert equilibrium["certificate"] == "exact"
    assert set(document) >= {"game", "concept", "method", "why", "outcome", "seconds"}


def test_solve_prints_a_table_for_people(call):
    status, out, _ = call("solve", "battle-of-the-sexes", "--all")
    assert status == 0
    assert out.count("exact") >= 3
    assert "the list is complete" in out


def test_what_solve_prints_certify_takes(call, pennies, tmp_path):
    _, solved, _ = call("solve", pennies, "--json")
    path = tmp_path / "solved.json"
    path.write_text(solved)
    status, out, _ = call("certify", pennies, "--profile", str(path), "--json")
    document = json.loads(out)
    assert status == 0
    assert (document["nash_conv"], document["certificate"]) == ("0", "exact")


def test_certify_says_no_with_status_1(call, pennies, tmp_path):
    path = tmp_path / "profile.json"
    path.write_text('[["3/4", "1/4"], [1, 0]]')
    status, out, _ = call("certify", pennies, "--profile", str(path), "--json")
    document = json.loads(out)
    assert status == 1
    assert document["certificate"] is None
    # Against (1, 0) the first agent gains 1 − 1/2; the second gains 1/2 − (−1/2) by the other column.
    assert [Fraction(regret) for regret in document["regrets"]] == [Fraction(1, 2), Fraction(1)]


def test_certify_accepts_the_regret_one_allows(call, pennies, tmp_path):
    path = tmp_path / "profile.json"
    path.write_text("[[0.501, 0.499], [0.5, 0.5]]")
    assert call("certify", pennies, "--profile", str(path))[0] == 1
    assert call("certify", pennies, "--profile", str(path), "--epsilon", "0.01")[0] == 0


def test_classify_as_json(call, pennies):
    status, out, _ = call("classify", pennies, "--json")
    document = json.loads(out)
    assert status == 0
    assert document["settings"]["zero-sum"]["literal"]["holds"] is True
    assert document["settings"]["fully cooperative"]["literal"]["holds"] is False
    assert document["settings"]["competitive"].keys() >= {"uniform", "pointwise", "uniform_same_agent"}
    assert document["classes"]["constant-sum"]["holds"] is True


def test_the_continuous_game_solves_and_certifies(call, tmp_path):
    status, out, _ = call("solve", "cournot", "--json")
    (equilibrium,) = json.loads(out)["equilibria"]
    assert status == 0
    assert equilibrium["certificate"] == "exact"
    path = tmp_path / "solved.json"
    path.write_text(out)
    assert call("certify", "cournot", "--profile", str(path))[0] == 0


def test_lists(call):
    status, out, _ = call("games", "--json")
    games = json.loads(out)["games"]
    assert status == 0
    assert len(games) >= 20
    assert all(game["source"] for game in games)
    assert "stag-hunt" in call("games")[1]
    assert "cournot" in call("environments")[1]


def test_without_a_command_the_commands_are_listed(call):
    status, out, err = call()
    assert (status, err) == (0, "")
    assert out == call("--help")[1]
    lines = [line.split() for line in out.split("Commands:")[1].splitlines() if line.strip()]
    assert {line[0] for line in lines} == set(group.list_commands(None))


BAD = [
    (["solve", "stag-hnt"], "did you mean stag-hunt"),
    (["solve", "nowhere/market.nfg"], "no folder 'nowhere'"),
    (["solve"], "Missing argument"),
    (["solve", "chicken", "--concept", "nahs"], "did you mean nash"),
    (["solve", "chicken", "--method", "magic"], "magic"),
    (["solve", "chicken", "--time-limit", "-1"], "--time-limit"),
    (["sovle", "chicken"], "did you mean solve"),
    (["solve", "chicken", "--jsn"], "--json"),
    (["solve", "json:nothing"], "json"),
    (["certify", "chicken", "--profile", "nowhere.json"], "nowhere.json"),
    (["classify", "chicken", "--rewards", "some"], "--rewards"),
    (["frobnicate"], "frobnicate"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_bad_input_is_one_line_and_status_2(call, arguments, words):
    status, out, err = call(*arguments)
    assert status == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert words in err
    assert "Traceback" not in err


def test_bad_input_with_json_is_a_document_too(call):
    status, out, err = call("solve", "stag-hnt", "--json")
    assert status == 2
    assert "stag-hunt" in json.loads(out)["error"]["message"]
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "profile",
    [
        "[[1, 0]]",
        "[[1, 1], [1, 0]]",
        "[[2, -1], [1, 0]]",
        "{",
        "[[NaN, 1], [1, 0]]",
        '[["x", 1], [1, 0]]',
        "[]",
    ],
)
def test_a_bad_profile_is_one_line(call, pennies, tmp_path, profile):
    path = tmp_path / "profile.json"
    path.write_text(profile)
    status, out, err = call("certify", pennies, "--profile", str(path))
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_every_command_has_help(call):
    status, out, _ = call("--help")
    assert status == 0
    for line in out.split("Commands:")[1].strip().splitlines():
        command = line.split()[0]
        status, text, _ = call(command, "--help")
        assert status == 0
        assert "Usage:" in text


def test_an_internal_error_is_status_70(call, monkeypatch):
    monkeypatch.delenv("EQUILIBRIST_DEBUG", raising=False)
    monkeypatch.setattr(sys.modules["gametheory.load"], "load", lambda name: 1 / 0)
    status, out, err = call("solve", "chicken")
    assert (status, out) == (70, "")
    assert "ZeroDivisionError" in err


def cold(*arguments):
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-X", "importtime", "-m", "equilibrist", *arguments],
                          capture_output=True, text=True, check=True)  # fmt: skip
    return time.perf_counter() - begin, done.stderr


def test_solving_a_small_game_loads_nothing_heavy():
    _, imports = cold("solve", "stag-hunt", "--all", "--json")
    loaded = {line.split("|")[-1].strip() for line in imports.splitlines()}
    assert not loaded & {"torch", "numba", "nashpy", "matplotlib", "scipy.optimize", "networkx"}


@pytest.mark.parametrize("module", ["gametheory", "environments", "equilibrist"])
def test_every_floor_runs_as_a_module(module):
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage:" in done.stdout
