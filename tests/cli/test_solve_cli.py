"""`equilibrist solve` on every kind of game: what is printed, and the exit status."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run

ROOT = Path(__file__).parents[2]
ROUNDED = """EFG 2 R "" { "1" }
c "" 1 "" { "a" 0.333 "b" 0.666 } 0
t "" 1 "" { 3 }
t "" 2 "" { 0 }
"""


def answer(capsys, *arguments):
    status = run(group, ["solve", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_tree_prints_what_is_played_after_every_history(capsys):
    status, document = answer(capsys, "kuhn-poker")
    assert status == 0
    (found,) = document["equilibria"]
    assert found["values"] == ["-1/18", "1/18"]
    assert found["certificate"] == "exact"
    first, second = found["policies"]
    assert len(first) == len(second) == 6
    king = next(entry for entry in second if entry["history"] == [["o", "K bet"]])
    assert king["p"] == {"bet": "1"}
    later = [entry["history"] for entry in first if len(entry["history"]) > 1]
    assert all([kind for kind, _ in history] == ["o", "a", "o"] for history in later)


def test_a_team_needs_a_horizon(capsys):
    status, document = answer(capsys, "dec-tiger", "--concept", "optimal", "--horizon", "3")
    assert status == 0
    assert document["outcome"] == "solved"
    assert float(Fraction(document["equilibria"][0]["values"][0])) == 5.1908125
    assert run(group, ["solve", "dec-tiger", "--concept", "optimal"]) == 2
    assert "--horizon" in capsys.readouterr().err


def test_correlated_equilibria_by_joint_action(capsys):
    status, document = answer(capsys, "chicken", "--concept", "correlated", "--set", "objective=fairest")
    assert status == 0
    assert document["equilibria"][0]["joint"] == {
        "[swerve, swerve]": "1/2",
        "[swerve, straight]": "1/4",
        "[straight, swerve]": "1/4",
    }


def test_an_iteration_limit_is_an_answer_with_its_regret(capsys):
    status, document = answer(capsys, "kuhn-poker", "--method", "cfr+", "--set", "iterations=20")
    assert status == 0
    assert document["outcome"] == "iteration limit"
    assert document["equilibria"][0]["certificate"] is None
    assert max(document["equilibria"][0]["regrets"]) > 0


def test_a_dynamics_that_cycles_says_so(capsys):
    status, document = answer(capsys, "shapley", "--method", "fictitious-play")
    assert status == 0
    assert document["outcome"] == "iteration limit"
    assert "not converged" in document["why"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["stag-hunt", "--horizon", "2"], "this one is played once"),
        (["kuhn-poker", "--method", "cfrr"], "did you mean cfr or cfr+"),
        (["kuhn-poker", "--concept", "correlated"], "known: nash, optimal"),
        (["stag-hunt", "--set", "depth=1"], "unknown option 'depth'"),
        (["stag-hunt", "--set", "depth"], "write key=value"),
        (["stag-hunt", "--renormalise"], "--renormalise is for .efg files"),
        (["dec-tiger", "--horizon", "9", "--method", "sequence-form"], "nodes, more than"),
    ],
)
def test_what_does_not_fit_is_one_line(capsys, arguments, message):
    assert run(group, ["solve", *arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error


def test_a_file_with_rounded_chances(tmp_path, capsys):
    path = tmp_path / "rounded.efg"
    path.write_text(ROUNDED)
    assert run(group, ["solve", str(path)]) == 2
    assert "--renormalise" in capsys.readouterr().err
    status, document = answer(capsys, str(path), "--renormalise")
    assert status == 0
    assert document["equilibria"][0]["values"] == ["1"]


INTERRUPTED = """
import os, signal, sys
from gametheory.solvers.clock import Clock
from equilibrist.cli import main

tick, seen = Clock.tick, []

def counted(self, *report):
    seen.append(report)
    if len(seen) == 5:
        os.kill(os.getpid(), signal.SIGINT)
    tick(self, *report)

Clock.tick = counted
sys.exit(main())
"""
"""Ctrl-C in the middle of a search, however long the machine takes to come there."""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_interrupting_prints_what_was_found():
    search = "solve kuhn-poker-3 --method cfr --set target=0 --set iterations=1000000000 --json"
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, *search.split()],
                          capture_output=True, text=True, cwd=ROOT)  # fmt: skip
    assert done.returncode == 130
    assert "stopping at the next step" in done.stderr
    document = json.loads(done.stdout)
    assert document["outcome"] == "time limit"
    assert document["equilibria"]
