"""Runs that meet trouble: full disks, numbers that stop being numbers, two at one folder; and early stops."""

import errno
import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from environments import Environment, find
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.simulate import TabularGame
from learners.judge.convergence import Verdict
from learners.running import checkpoint, files, metrics
from learners.running.runs import RunConfig, RunFolder
from learners.trainer import train, train_learner
from learners.training import TrainingSettings

SHORT = TrainingSettings(steps=640, plays=8, update_every=8, evaluations=20, checkpoints=4)


@pytest.fixture
def dilemma() -> Environment:
    formal = NormalForm([[[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]])
    return Environment("game", TabularGame(formal.to_posg()), formal)


def folder(path: Path, training=SHORT) -> RunFolder:
    return RunFolder.create(path, RunConfig("game", {}, "matd4", "ct-de", {}, training, (0,)))


def test_a_full_disk_keeps_the_checkpoint_before_and_says_how_to_go_on(
    tmp_path, dilemma, doubles, monkeypatch
):
    run, written = folder(tmp_path / "run"), []

    def fill(path, content):
        if path.suffix == ".pt" and written:
            path.with_name(f".{path.name}.1.part").write_bytes(content[:100])
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        files.write_atomically(path, content)

    monkeypatch.setattr("learners.running.checkpoint.write_atomically", fill)
    with pytest.raises(GameError) as caught:
        train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, seed=3, run=run)
    message = str(caught.value)
    assert "\n" not in message
    for words in ("No space left on device", "is whole", f"equilibrist resume {run.path}"):
        assert words in message
    assert len(checkpoint.stored(run.checkpoints)) == 1
    monkeypatch.undo()  # somebody made room
    resumed = train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, seed=3, run=run)
    whole = train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, seed=3)
    assert np.array_equal(resumed.returns, whole.returns)
    assert [row["step"] for row in metrics.read(run.metrics)] == [32 * k for k in range(21)]
    assert not list(run.checkpoints.glob(".*.part"))


@pytest.fixture
def full(monkeypatch):
    """A call that leaves no room for whole files of the given suffixes."""
    replace = Path.replace

    def fill(*suffixes):
        def refuse(self, target):
            if Path(target).suffix in suffixes:
                raise OSError(errno.ENOSPC, "No space left on device")
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", refuse)

    return fill


WRITES = {
    ".jsonl": lambda folder: metrics.cut(folder / "m.jsonl", 1),
    ".csv": lambda folder: metrics.write_csv(folder / "m.csv", [{"step": 0}]),
}


@pytest.mark.parametrize("suffix", WRITES)
def test_a_disk_that_fills_up_beside_the_checkpoints_is_bad_input_too(tmp_path, full, suffix):
    rows = metrics.MetricsFile(tmp_path / "m.jsonl")
    rows.append({"step": 0})
    rows.close()
    full(suffix)
    with pytest.raises(GameError, match="cannot be written: No space left on device; make room") as caught:
        WRITES[suffix](tmp_path)
    assert "\n" not in str(caught.value)
    assert metrics.read(tmp_path / "m.jsonl") == [{"step": 0}]
    assert [path.name for path in tmp_path.iterdir()] == ["m.jsonl"]


@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_a_folder_that_cannot_be_filled_is_not_left_behind(tmp_path, full, seeds):
    config = RunConfig("game", {}, "matd4", "ct-de", {}, SHORT, seeds)
    full(".json")
    with pytest.raises(GameError, match="No space left on device"):
        RunFolder.create(tmp_path / "run", config)
    assert list(tmp_path.iterdir()) == []


def test_a_limit_on_file_size_is_one_line_and_status_2(tmp_path):
    """The system itself refuses to write: a process that may write files of 20 kB and no more."""
    small = ["random_steps=32", "batch_size=16", "actor_hidden=[64]", "critic_hidden=[64]"]
    small += ["training.evaluations=20", "training.plays=4"]
    arguments = ["train", "cournot", "--steps", "160", *(part for own in small for part in ("--set", own))]
    done = subprocess.run(
        [sys.executable, "-m", "equilibrist", *arguments, "-o", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        cwd=Path(__file__).parents[2],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 2, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "cannot be written: File too large" in last
    assert "Traceback" not in done.stderr
    assert not checkpoint.stored(tmp_path / "run" / "checkpoints")


def test_a_state_that_is_no_number_is_never_a_checkpoint(tmp_path, dilemma, doubles):
    class Poisoned(doubles.ActionValues):
        def state_dict(self):
            out = super().state_dict()
            out["networks"] = [
                torch.zeros(2),
                torch.tensor([0.0, float("nan") if self.updates > 30 else 0.0]),
            ]
            return out

    run = folder(tmp_path / "run")
    result = train_learner(dilemma, Poisoned(dilemma), training=SHORT, run=run)
    assert result.judgement.verdict is Verdict.DIVERGED
    assert (
        "networks[1] of the learner became nan after 320 environment steps and 40 updates"
        in result.judgement.reason
    )
    kept = [path.name for path in checkpoint.stored(run.checkpoints)]
    assert kept == ["step-000000000160.pt", "step-000000000000.pt"]


def test_two_processes_do_not_train_in_one_folder(tmp_path):
    run = folder(tmp_path / "run")
    with run.lock(), pytest.raises(GameError, match="another process"), run.lock():
        pass


def test_a_run_stops_once_a_certificate_confirms_it(tmp_path, dilemma, doubles):
    training = TrainingSettings(
        steps=6400, plays=8, update_every=8, evaluations=200, epsilon=0.05, stop_when_converged=True
    )
    run = folder(tmp_path / "run", training)
    result = train_learner(
        dilemma, doubles.ActionValues(dilemma, temperature=0.15), training=training, seed=1, run=run
    )
    assert result.judgement.verdict is Verdict.CONVERGED
    assert not result.interrupted
    assert 19 * 32 <= result.steps < 3200  # the rule asks for 20 points, the first at step 0
    certificate = result.monitor.certificates(result.rows)["last"]
    assert certificate.nash_conv <= result.monitor.threshold
    again = train_learner(
        dilemma, doubles.ActionValues(dilemma, temperature=0.15), training=training, seed=1, run=run
    )
    assert again.steps == result.steps  # it is over, and stays so


def test_what_progress_says_is_what_was_measured(dilemma, doubles):
    told = []
    result = train_learner(dilemma, doubles.ActionValues(dilemma), training=SHORT, progress=told.append)
    last = result.rows[-1]
    assert told[-1].nash_conv == last["nash_conv"]
    assert list(told[-1].returns) == last["return"]
    assert told[-1].losses == last["losses"]


def test_the_table_of_a_run_has_a_line_per_row_and_no_profiles(tmp_path):
    rows = [{"step": 0, "return": [1.0, -1.0], "profile": [[0.5, 0.5]], "losses": {}},
            {"step": 8, "return": [2.0, -2.0], "profile": [[0.5, 0.5]], "losses": {"critic_loss": 0.25}}]  # fmt: skip
    metrics.write_csv(tmp_path / "m.csv", rows)
    assert (tmp_path / "m.csv").read_text().splitlines() == [
        "step,return/0,return/1,losses/critic_loss",
        "0.0,1.0,-1.0,",
        "8.0,2.0,-2.0,0.25",
    ]


@pytest.mark.parametrize("setting", [{"n_step": 3}, {"normalise_observations": True}, {"horizon": 3}])
def test_resume_is_bit_exact_under_every_setting(tmp_path, setting):
    game = "simple_spread" if "normalise_observations" in setting else "kuhn-poker"
    small = {"random_steps": 16, "batch_size": 8, "actor_hidden": [8], "critic_hidden": [8]}
    training = TrainingSettings(
        steps=80,
        plays=4,
        update_every=8,
        evaluations=20,
        evaluation_plays=4,
        checkpoints=3,
        episode_limit=7,
        **setting,
    )

    def run(path, stop=lambda: False):
        return train(find(game), "soft-matd4", settings=small, training=training, seed=5, run=path, stop=stop)

    whole = run(folder(tmp_path / "whole", training))
    parts, count = folder(tmp_path / "parts", training), iter(range(1000))
    assert run(parts, lambda: next(count) >= 11).interrupted
    resumed = run(parts)
    assert json.dumps(timeless(resumed.rows)) == json.dumps(timeless(whole.rows))
    assert whole.updates > 3


def timeless(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]
