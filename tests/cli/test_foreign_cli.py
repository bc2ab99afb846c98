"""Policies and learners of others on the command line."""

import json
import sys
from itertools import count
from pathlib import Path

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run

pytest.importorskip("torch", reason="the extra `learners` is not installed")

NUMBERS = count()

SOURCE = '''
import numpy as np
from gametheory.policy import TablePolicy


def half(seen):
    return [0.5, 0.5]

named = {"1": half, "2": half}
listed = [half, lambda seen: 1]

def made(game):
    return [TablePolicy(np.full((spec.size, 2), 0.5)) for spec in game.observation_specs]

def still(game):
    return [lambda seen: 0] * len(game.agents)

def breaks(game):
    raise RuntimeError("no model here")

wrong = [lambda seen: 5, half]
single = half
number = 3


class Still:
    """Always the first action."""

    def __init__(self, observation_specs, action_specs, *, seed, action: int = 0):
        self.tables = [np.eye(acts.size)[[action] * seen.size]
                       for seen, acts in zip(observation_specs, action_specs)]

    def policies(self):
        return tuple(map(TablePolicy, self.tables))

    behaviour = policies

    def observe(self, transitions):
        pass

    def update(self):
        return {}

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass
'''
SHORT = ["--steps", "160", "--set", "training.evaluations=20", "--set", "training.plays=4"]


def call(capsys, *arguments):
    capsys.readouterr()
    status = run(group, [str(part) for part in arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def mine(tmp_path, monkeypatch):
    name = f"others_{next(NUMBERS)}"  # an algorithm is read once by its name
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    yield name
    sys.modules.pop(name, None)


@pytest.mark.parametrize("attribute", ["named", "made"])
def test_policies_are_certified(capsys, mine, attribute):
    status, out, _ = call(
        capsys, "evaluate", "matching-pennies", "--policies", f"{mine}:{attribute}", "--plays", 50, "--json"
    )
    found = json.loads(out)
    assert status == 0
    assert found["certificate"]["kind"] == "exact"
    assert (found["nash_conv"], found["plays"], found["estimate"]) == (0, 50, None)
    assert found["profile"] == [[0.5, 0.5], [0.5, 0.5]]


def test_what_is_estimated_says_so(capsys, mine):
    arguments = ["evaluate", "matching-pennies", "--policies", f"{mine}:listed", "--draws", 100]
    status, out, _ = call(capsys, *arguments)
    assert status == 0
    assert "certificate: lower bound" in out
    assert "±" in out
    assert "estimated from 100 answers at each observation: what 2 would do" in out
    found = json.loads(call(capsys, *arguments, "--json")[1])
    assert (found["estimate"]["agents"], found["estimate"]["draws"]) == (["2"], 100)
    assert found["nash_conv"] == 1.0


def test_a_game_without_a_formal_side_has_returns_only(capsys, mine):
    status, out, _ = call(capsys, "evaluate", "simple_target", "--policies", f"{mine}:still", "--plays", 2)
    assert status == 0
    assert "no formal game" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["matching-pennies"],
            "is not a run folder; equilibrist train … -o matching-pennies makes one, and policies",
        ),
        (["matching-pennies", "--policies", "mine"], "write module:attribute"),
        (["matching-pennies", "--policies", "nowhere_at_all:x"], "No module named 'nowhere_at_all'"),
        (["matching-pennies", "--policies", "{mine}:name"], "did you mean named"),
        (["matching-pennies", "--policies", "{mine}:number"], "of type int; they must be a list"),
        (["matching-pennies", "--policies", "{mine}:breaks"], "gives RuntimeError: no model here"),
        (["matching-pennies", "--policies", "{mine}:wrong"], "agent 1 answered 5 when it saw 1"),
        (["matching-pennie", "--policies", "{mine}:named"], "did you mean matching-pennies"),
        (["cournot", "--policies", "{mine}:named"], "unknown agent '1'; known: firm 1, firm 2"),
        (["run", "--policies", "{mine}:named"], "run is a run folder, which has policies of its own"),
        (["run", "--seed", "3"], "--seed goes with --policies"),
    ],
)
def test_bad_input_is_one_line(capsys, mine, arguments, words):
    Path("run").mkdir()
    Path("run/config.json").write_text("{}")
    status, out, err = call(capsys, "evaluate", *(part.replace("{mine}", mine) for part in arguments))
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err


def test_a_learner_of_ones_own_trains_resumes_and_is_reported(capsys, mine):
    name = f"{mine}:Still"
    given = ["--algorithm", name, "--set", "action=1", *SHORT]
    status, out, err = call(capsys, "train", "prisoners-dilemma", *given, "-o", "run", "--json")
    assert status == 0, err
    facts = json.loads(out)
    assert (facts["algorithm"], facts["scheme"], facts["verdict"]) == (name, "own", "converged")
    assert json.loads(Path("run/config.json").read_text())["settings"] == {"action": 1}
    assert {"report.html", "metrics.jsonl", "checkpoints"} <= {path.name for path in Path("run").iterdir()}
    assert call(capsys, "resume", "run")[0] == 0
    status, out, _ = call(capsys, "evaluate", "run", "--plays", 20, "--json")
    assert json.loads(out)["seeds"][0]["nash_conv"] == 0


@pytest.mark.slow
def test_seeds_in_processes_of_their_own_find_it_too(capsys, mine):
    given = ["--algorithm", f"{mine}:Still", "--set", "action=1", "--seeds", 2, *SHORT]
    status, out, err = call(capsys, "train", "prisoners-dilemma", *given, "-o", "run", "--json")
    assert status == 0, err
    assert [seed["verdict"] for seed in json.loads(out)["per_seed"]] == ["converged"] * 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--algorithm", "{mine}:named"],
            "is of type dict; it must be a learners.settings.Algorithm or a callable",
        ),
        (["--algorithm", "{mine}:half"], "gives TypeError"),
        (["--algorithm", "nowhere_at_all:x"], "No module named 'nowhere_at_all'"),
        (["--algorithm", "{mine}:Still", "--set", "acton=1"], "unknown setting 'acton'; did you mean action"),
        (["--algorithm", "{mine}:Still", "--set", "action=1.5"], "setting action is 1.5"),
        (["--algorithm", "{mine}:Still", "--scheme", "ct-de"], "trains under own only"),
    ],
)
def test_what_is_no_learner_leaves_nothing(capsys, mine, arguments, words):
    given = [part.replace("{mine}", mine) for part in arguments]
    status, out, err = call(capsys, "train", "prisoners-dilemma", *given, "-o", "run")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not Path("run").exists()
