"""Runs from the command line that are interrupted, killed or broken, and go on."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("torch", reason="the extra `learners` is not installed")

from train_commands import ROOT, TINY, call

from learners.running import checkpoint, metrics
from learners.running.runs import RunConfig, RunFolder
from learners.training import TrainingSettings

LONG = ["--steps", "4000000", "--set", "training.checkpoints=10000"]


def start(*arguments):
    """One command in a process group of its own, as a terminal would start it."""
    return subprocess.Popen(
        [sys.executable, "-m", "equilibrist", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def wait_for(condition, process, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


def timeless(path):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in metrics.read(path)]


def test_several_seeds_interrupted_killed_and_resumed(tmp_path, capsys):
    """Ctrl-C reaches every seed; kill -9 leaves whole checkpoints; the end is as if nothing had been."""
    path, whole = tmp_path / "run", tmp_path / "whole"
    arguments = [
        "train",
        "cournot",
        "--seeds",
        2,
        "--steps",
        6400,
        *TINY,
        "--set",
        "training.checkpoints=200",
    ]

    def grown(count):
        files = [path / f"seed-{seed}" / "metrics.jsonl" for seed in (0, 1)]
        return lambda: all(file.exists() and file.read_text().count("\n") >= count for file in files)

    first = start(*arguments, "-o", path)
    wait_for(grown(3), first)
    os.killpg(first.pid, signal.SIGINT)
    out, err = first.communicate(timeout=600)
    assert first.returncode == 130, err
    assert "Traceback" not in err
    assert f"equilibrist resume {path}" in err
    assert "verdict: undecided" in out
    assert json.loads((path / "report.json").read_text())["interrupted"] is True
    assert all(checkpoint.stored(path / f"seed-{seed}" / "checkpoints") for seed in (0, 1))

    second = start("resume", path)
    wait_for(grown(6), second)
    os.killpg(second.pid, signal.SIGKILL)
    second.communicate(timeout=600)

    third = start("resume", path)
    out, err = third.communicate(timeout=600)
    assert third.returncode == 0, err
    arguments[2:4] = ["--seed", 1]
    assert call(capsys, *arguments, "-o", whole)[0] == 0
    assert timeless(path / "seed-1" / "metrics.jsonl") == timeless(whole / "metrics.jsonl")
    assert {row["seed"] for row in metrics.read(path / "metrics.jsonl")} == {0, 1}


def test_sigterm_on_one_seed_saves_and_a_damaged_checkpoint_names_its_mend(tmp_path, capsys):
    path = tmp_path / "run"
    process = start("train", "matching-pennies", *LONG, *TINY, "-o", path)
    wait_for(lambda: len(checkpoint.stored(path / "checkpoints")) == 2, process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 130, err
    newest, older = checkpoint.stored(path / "checkpoints")
    newest.write_bytes(newest.read_bytes()[:1000])
    status, _, err = call(capsys, "resume", path)
    assert status == 2
    assert err.strip().endswith(f"equilibrist resume {path} --from {older}")
    process = start("resume", path, "--from", older)
    aside = newest.with_name(f"{newest.name}.set-aside")
    wait_for(lambda: aside.exists() and checkpoint.stored(path / "checkpoints")[0] > older, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 130, err


def test_a_seed_that_fails_does_not_lose_the_others(tmp_path, capsys):
    path = tmp_path / "run"
    settings = {"random_steps": 32, "batch_size": 16, "actor_hidden": [8], "critic_hidden": [8]}
    training = TrainingSettings(steps=160, plays=4, evaluations=20)
    created = RunFolder.create(
        path, RunConfig("cournot", {}, "soft-matd4", "ct-de", settings, training, (0, 1))
    )
    broken = created.seed_folders()[0].checkpoints / "step-000000000080.pt"
    broken.write_bytes(b"no checkpoint")
    status, out, err = call(capsys, "resume", path)
    assert status == 2
    assert "seed 0 failed" in err
    assert f"{broken} is damaged" in err
    assert "Traceback" not in err
    assert "converged" in out or "undecided" in out
    report = json.loads((path / "report.json").read_text())
    assert report["verdict"] == "undecided"
    assert "damaged" in report["failed"]["0"]
    assert [seed["seed"] for seed in report["per_seed"]] == [1]
    assert report["per_seed"][0]["environment_steps"] == 160
    assert "failed" in (path / "report.html").read_text()
