"""Every cell that the suites lead to trains a little, is measured, and comes onto a page."""

import math

import pytest

from learners.judge.convergence import Verdict
from learners.lab import linear_quadratic, recipes
from learners.lab.grid import Request, open_or_create, run
from learners.lab.outcome import collect
from learners.lab.page import write_report
from learners.running import parallel
from learners.running.files import read_json
from learners.running.parallel import Outcomes
from learners.suites import SUITES

GAMES = {game.label: game for name in ("standard", "full") for game in SUITES[name]}
OPTIONS = recipes.options
BRIEF = {
    "steps": 400,
    "plays": 8,
    "update_every": 32,
    "evaluations": 4,
    "evaluation_plays": 4,
    "checkpoints": 1,
}
SETTINGS = {
    "soft": {"batch_size": 16, "random_steps": 32},
    "ippo": {"horizon": 64, "minibatches": 2},
    "mmd": {"horizon": 64},
    "nash-pg": {"horizon": 64},
    "nfsp": {"batch_size": 16},
}
"""Small enough that 400 steps hold several updates."""


def brief(game, algorithm):
    """A cell's options with a budget of moments."""
    own = SETTINGS["soft" if algorithm.startswith("soft") else algorithm]
    return OPTIONS(game, algorithm) | {f"training.{key}": value for key, value in BRIEF.items()} | own


def one_after_the_other(runs, progress, stop, tensorboard=False):
    out = Outcomes()
    for key, folder in runs.items():
        kind, content = parallel.attempt(folder.path, lambda state: None, stop, False)
        if kind == "done":
            out.facts[key] = read_json(folder.path / "report.json")
        else:
            out.failed[key] = content
    return out


@pytest.mark.slow
@pytest.mark.parametrize("label", GAMES)
def test_every_algorithm_of_a_game_trains_and_is_measured(label, tmp_path, monkeypatch):
    monkeypatch.setattr(recipes, "games", lambda suite: (GAMES[label],))
    monkeypatch.setattr(recipes, "options", brief)
    monkeypatch.setattr(linear_quadratic, "GAMES", ())
    lab = open_or_create(tmp_path / "lab", Request(suite="full", seeds=1))
    done = run(lab, one_after_the_other, progress=lambda unit, state: None, stop=lambda: False)
    assert not any(row["failed"] for row in done.rows), done.rows
    results = collect(lab, {})
    assert [cell.algorithm for cell in results.cells] == list(recipes.served(GAMES[label]))
    for cell in results.cells:
        (seed,) = cell.seeds
        assert seed.facts["updates"] > 0, cell.algorithm
        assert seed.facts["verdict"] == Verdict.UNDECIDED, (cell.algorithm, seed.facts["reason"])
        assert len(seed.rows) == 1 + BRIEF["evaluations"]
        for row in seed.rows:
            assert math.isfinite(row["nash_conv"]), (cell.algorithm, seed.facts["reason"])
            assert row["nash_conv"] >= 0
        assert 0 < seed.facts["threshold"] < math.inf
    write_report(results)
    page = (tmp_path / "lab" / "report.html").read_text(encoding="utf-8")
    assert all(cell.algorithm in page for cell in results.cells)
    assert GAMES[label].label in page
