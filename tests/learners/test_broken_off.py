"""Runs whose numbers stop being numbers, and reports that are damaged: what is kept, said and done again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from environments import Environment
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.simulate import TabularGame
from learners.judge.convergence import Verdict
from learners.judge.evaluation import evaluate, restore
from learners.reports.report import load_run
from learners.running import checkpoint, metrics, parallel, reported
from learners.running.parallel import attempt, write_up
from learners.running.runs import RunConfig, RunFolder
from learners.trainer import train_learner
from learners.training import TrainingSettings

SHORT = TrainingSettings(steps=640, plays=8, update_every=8, evaluations=20, checkpoints=4)
EXPLODES = {
    "random_steps": 8,
    "batch_size": 8,
    "actor_hidden": [8],
    "critic_hidden": [8],
    "critic_rate": 1e30,
}


@pytest.fixture
def dilemma() -> Environment:
    formal = NormalForm([[[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]])
    return Environment("game", TabularGame(formal.to_posg()), formal)


def folder(path: Path, training=SHORT, settings=None, game="game", seeds=(0,)) -> RunFolder:
    config = RunConfig(game, {}, "matd4", "ct-de", settings or {}, training, seeds)
    return RunFolder.create(path, config)


def timeless(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def broken(path: Path) -> RunFolder:
    """A run of a network whose rate lets it explode before the first checkpoint but one."""
    run = folder(path, replace(SHORT, steps=160), EXPLODES, "prisoners-dilemma")
    assert attempt(run.path, lambda state: None, lambda: False, False) == ("done", False)
    return run


def test_what_breaks_off_early_leaves_its_first_policies(tmp_path, dilemma, doubles):
    run = folder(tmp_path / "run")
    fresh = doubles.ActionValues(dilemma).state_dict()
    result = train_learner(dilemma, doubles.ActionValues(dilemma, breaks_at=2), training=SHORT, run=run)
    assert result.judgement.verdict is Verdict.DIVERGED
    assert "after 16 environment steps and 2 updates" in result.judgement.reason
    state = checkpoint.load(checkpoint.stored(run.checkpoints)[0], run.config.digest)
    assert (state["steps"], state["rows"]) == (0, 1)
    for key in ("sums", "counts", "values"):
        assert all(map(np.array_equal, state["learner"][key], fresh[key]))


def test_a_run_goes_on_from_its_beginning_as_if_nothing_had_been(tmp_path, dilemma, doubles):
    whole = train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, seed=3)
    run = folder(tmp_path / "run")

    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, seed=3, run=run, stop=killed)
    assert [path.name for path in checkpoint.stored(run.checkpoints)] == ["step-000000000000.pt"]
    resumed = train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, seed=3, run=run)
    assert timeless(resumed.rows) == timeless(metrics.read(run.metrics)) == timeless(whole.rows)
    assert np.array_equal(resumed.returns, whole.returns)
    assert len(checkpoint.stored(run.checkpoints)) == checkpoint.KEEP


def test_a_broken_run_can_be_evaluated_and_says_what_it_is(tmp_path):
    run = broken(tmp_path / "run")
    found = evaluate(run.path, plays=4)["seeds"][0]
    assert found["environment_steps"] == 0
    assert "became" in found["diverged"]
    assert found["diverged"] == reported.why_broken(run.path)


def test_what_would_break_off_again_is_not_trained_again(tmp_path, monkeypatch):
    run = broken(tmp_path / "run")
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}

    def never(*given, **how):
        raise AssertionError("it was trained")

    with monkeypatch.context() as patched:
        patched.setattr(parallel, "train", never)
        assert attempt(run.path, lambda state: None, lambda: False, False) == ("done", False)
        assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before
        patched.setattr("learners.running.runs.versions", lambda: {"torch": "another"})
        assert attempt(run.path, lambda state: None, lambda: False, False)[0] == "internal"
    reported.set_aside(run.path)
    assert attempt(run.path, lambda state: None, lambda: False, False) == ("done", False)
    again = (run.path / "report.json").read_text()
    aside = (run.path / "report.json.set-aside").read_text()
    assert json.loads(again)["reason"] == json.loads(aside)["reason"]


def test_nothing_is_left_of_what_is_no_number_from_the_start(tmp_path, dilemma, doubles):
    class Poisoned(doubles.ActionValues):
        def state_dict(self):
            return super().state_dict() | {"scale": float("nan")}

    run = folder(tmp_path / "run", game="prisoners-dilemma")
    write_up(run, train_learner(dilemma, Poisoned(dilemma), training=SHORT, run=run))
    with pytest.raises(
        GameError, match=r"diverged at once \(scale of the learner became nan after 0"
    ) as caught:
        restore(run)
    assert "equilibrist resume" not in str(caught.value)


@pytest.mark.parametrize("content", [b"{}", b'{"verdict": "diver', b"[]", b'{"interrupted": false}'])
def test_a_damaged_report_is_none_and_is_written_anew(tmp_path, content):
    small = EXPLODES | {"critic_rate": 1e-3}
    run = folder(tmp_path / "run", replace(SHORT, steps=160), small, "prisoners-dilemma")
    assert attempt(run.path, lambda state: None, lambda: False, False) == ("done", False)
    report = run.path / "report.json"
    whole = json.loads(report.read_text())
    report.write_bytes(content)
    assert reported.reported(run.path) is None
    assert reported.why_broken(run.path) is None
    with pytest.raises(GameError, match=f"equilibrist resume {run.path}"):
        load_run(run.path)
    assert attempt(run.path, lambda state: None, lambda: False, False) == ("done", False)
    again = json.loads(report.read_text())
    assert {**again, "wall_seconds": 0} == {**whole, "wall_seconds": 0}
