"""Sweeps: the grid, the table, failures, interruption and what goes on from there."""

import csv
import importlib.util
import json

import pytest

from gametheory.errors import GameError, UnknownName
from learners.cli_sweep import main as sweep_group
from learners.running import parallel
from learners.running.files import read_json, write_json
from learners.running.parallel import Outcomes
from learners.running.request import asked_axes, asked_engine, assemble
from learners.running.runs import RunFolder
from learners.running.trials import Sweep, conduct, flat, grid, is_done

TINY = [
    *("training.evaluations=20", "training.plays=4", "training.update_every=16", "random_steps=32"),
    *("batch_size=16", "actor_hidden=[8]", "critic_hidden=[8]"),
]
OPTIONS = {"steps": 160, "algorithm": None, "scheme": None, "seed": None, "seeds": None, "engine": None}


def one_after_the_other(runs, progress, stop, tensorboard=False):
    """A pool without processes."""
    out = Outcomes()
    for key, folder in runs.items():
        if stop():
            out.interrupted = True
            break
        kind, content = parallel.attempt(
            folder.path, lambda state, k=key: progress(k, state), stop, tensorboard
        )
        if kind == "done":
            out.facts[key] = read_json(folder.path / "report.json")
            out.interrupted = out.interrupted or content
        else:
            out.failed[key], out.internal = content, kind == "internal"
    return out


def made(path, over, seeds=None, game="cournot"):
    axes = asked_axes(over, None)
    options = OPTIONS | {"seeds": seeds}
    return Sweep.create(path, axes, [(s, assemble(game, options, None, TINY, s)) for s in grid(axes)])


def swept(sweep, stop=lambda: False, told=None):
    return conduct(sweep, one_after_the_other, progress=told or (lambda unit, state: None), stop=stop)


def test_the_grid_is_every_combination():
    axes = asked_axes(["algorithm=matd4,soft-matd4", "actor_hidden=[8],[8, 8]", "training.plays=4,8"], None)
    assert axes["actor_hidden"] == [[8], [8, 8]]
    combinations = grid(axes)
    assert len(combinations) == 8
    assert combinations[1] == {"algorithm": "matd4", "actor_hidden": [8], "training.plays": 8}
    assert len({json.dumps(c) for c in combinations}) == 8


def test_a_file_says_the_same(tmp_path):
    file = tmp_path / "sweep.toml"
    file.write_text(
        'engine = "ray"\n[sweep]\nalgorithm = ["matd4"]\nactor_rate = [2e-3, 5e-4]\ntraining.plays = [4]\n'
    )
    assert asked_axes([], file) == {"algorithm": ["matd4"], "actor_rate": [2e-3, 5e-4], "training.plays": [4]}
    assert asked_axes(["actor_rate=1e-3"], file)["actor_rate"] == [1e-3]  # the command line wins
    assert asked_engine({"engine": None}, file) == "ray"
    assert asked_engine({"engine": "local"}, file) == "local"
    assert assemble("cournot", OPTIONS, file, TINY).algorithm == "soft-matd4"  # train leaves the table alone


@pytest.mark.parametrize(
    ("over", "words"),
    [
        (["actor_rate"], "KEY=VALUE"),
        (["actor_rate="], "no values"),
        (["actor_rate=1e-3,1e-3"], "twice"),
        (["seed=1,2"], "--seeds"),
        (["actor_rat=1,2"], "actor_rate"),
        (["training.play=1,2"], "plays"),
        (["algorithm=matd4,matd5"], "matd4"),
        (["actor_rate=fast,slow"], "actor_rate"),
        ([], "something to go over"),
    ],
)
def test_bad_sweeps_are_named_before_anything_is_written(tmp_path, over, words):
    with pytest.raises(GameError, match=words):
        made(tmp_path / "sweep", over)
    assert list(tmp_path.iterdir()) == []


def test_every_trial_is_the_run_it_would_be_alone(tmp_path):
    sweep = made(tmp_path / "sweep", ["algorithm=matd4,soft-matd4", "actor_rate=2e-3,5e-4"], seeds=2)
    told = set()
    done = swept(sweep, told=lambda unit, state: told.add(unit))
    assert told == {(f"trial-{k:03}", seed) for k in range(4) for seed in (0, 1)}
    assert {row["trial"] for row in done.rows} == {f"trial-{k:03}" for k in range(4)}
    regrets = [row["nash_conv"]["last"] for row in done.rows if row["verdict"] == "undecided"]
    assert regrets == sorted(regrets)
    lines = list(csv.DictReader((tmp_path / "sweep" / "results.csv").read_text().splitlines()))
    assert [line["trial"] for line in lines] == [row["trial"] for row in done.rows]
    assert lines[0]["actor_rate"] == str(done.rows[0]["over"]["actor_rate"])
    assert read_json(tmp_path / "sweep" / "results.json")["trials"][0]["trial"] == lines[0]["trial"]

    alone = assemble("cournot", OPTIONS | {"seed": 1}, None, TINY, {"algorithm": "matd4", "actor_rate": 5e-4})
    run = RunFolder.create(tmp_path / "alone", alone)
    assert parallel.attempt(run.path, lambda state: None, lambda: False, False) == ("done", False)
    mine = read_json(tmp_path / "sweep" / "trial-001" / "seed-1" / "report.json")
    theirs = read_json(run.path / "report.json")
    assert mine["final_profile"] == theirs["final_profile"]
    assert mine["return"] == theirs["return"]


def test_one_failure_loses_nothing_else_and_is_mended_by_a_resume(tmp_path):
    sweep = made(tmp_path / "sweep", ["actor_rate=2e-3,5e-4"])
    broken = sweep.runs()["trial-000"].checkpoints / "step-000000000080.pt"
    broken.write_bytes(b"no checkpoint")
    done = swept(sweep)
    assert [row["verdict"] for row in done.rows] == ["undecided", "failed"]
    assert "damaged" in done.rows[1]["failed"][0]
    assert "damaged" in flat(done.rows[1])["failed"]
    broken.unlink()
    again = swept(Sweep.open(tmp_path / "sweep"))
    assert all(row["verdict"] == "undecided" and not row["failed"] for row in again.rows)


def test_an_interrupted_sweep_goes_on_with_what_is_left(tmp_path):
    whole = swept(made(tmp_path / "whole", ["actor_rate=2e-3,5e-4,1e-4"]))
    sweep, count = made(tmp_path / "sweep", ["actor_rate=2e-3,5e-4,1e-4"]), iter(range(10**6))
    first = swept(sweep, stop=lambda: next(count) >= 60)
    assert first.interrupted
    states = {name: is_done(run) for name, run in sweep.runs().items()}
    assert states["trial-000"]
    assert not states["trial-002"]
    before = (tmp_path / "sweep" / "trial-000" / "report.json").stat().st_mtime_ns
    second = swept(Sweep.open(tmp_path / "sweep"))
    assert not second.interrupted
    assert (tmp_path / "sweep" / "trial-000" / "report.json").stat().st_mtime_ns == before
    numbers = [[{**row, "seconds": 0} for row in done.rows] for done in (whole, second)]
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("content", ["{}", '{"interrupted": fal'])
def test_a_damaged_report_counts_as_not_done_and_is_written_anew(tmp_path, content):
    sweep = made(tmp_path / "sweep", ["actor_rate=2e-3,5e-4"], seeds=2)
    first = swept(sweep)
    trial = sweep.runs()["trial-000"]
    whole = (trial.path / "seed-1" / "report.json").read_text()
    for place in (trial.path, trial.path / "seed-1"):
        (place / "report.json").write_text(content)
    assert [is_done(own) for own in trial.seed_folders()] == [True, False]
    again = swept(Sweep.open(tmp_path / "sweep"))
    assert [{**row, "seconds": 0} for row in again.rows] == [{**row, "seconds": 0} for row in first.rows]
    mended = (trial.path / "seed-1" / "report.json").read_text()
    assert json.loads(mended)["return"] == json.loads(whole)["return"]


def test_a_sweep_is_not_written_over_nor_shared(tmp_path):
    sweep = made(tmp_path / "sweep", ["actor_rate=2e-3,5e-4"])
    with pytest.raises(GameError, match="equilibrist resume"):
        made(tmp_path / "sweep", ["actor_rate=2e-3,5e-4"])
    with sweep.lock(), pytest.raises(GameError, match="another process"):
        swept(sweep)
    write_json(tmp_path / "sweep" / "sweep.json", {"format": 1})
    with pytest.raises(GameError, match="describes no sweep"):
        Sweep.open(tmp_path / "sweep")


def test_engines_by_name():
    with pytest.raises(UnknownName, match="ray"):
        parallel.pool("rai")
    assert sweep_group.get_command(None, "sweep") is not None
    if importlib.util.find_spec("ray") is None:
        with pytest.raises(GameError, match=r"equilibrist\[ray\]"):
            parallel.pool("ray")


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="the extra `ray` is not installed")
def test_a_cluster_does_the_same_work(tmp_path):
    """On a Ray of this machine: the same numbers, a failure that loses nothing, and an interruption."""
    sweep = made(tmp_path / "sweep", ["actor_rate=2e-3,5e-4"], seeds=2)
    broken = sweep.runs()["trial-000"].seed_folders()[0].checkpoints / "step-000000000080.pt"
    broken.write_bytes(b"no checkpoint")
    units_on = parallel.pool("ray", 2)
    done = conduct(sweep, units_on, progress=lambda unit, state: None, stop=lambda: False)
    rows = {row["trial"]: row for row in done.rows}
    assert "damaged" in rows["trial-000"]["failed"][0]
    assert not rows["trial-001"]["failed"]
    here = swept(made(tmp_path / "here", ["actor_rate=2e-3,5e-4"], seeds=2))
    mine = next(row for row in here.rows if row["trial"] == "trial-001")
    assert mine["nash_conv"] == rows["trial-001"]["nash_conv"]
    broken.unlink()
    stopped = conduct(sweep, units_on, progress=lambda unit, state: None, stop=lambda: True)
    assert stopped.interrupted
    finished = conduct(sweep, units_on, progress=lambda unit, state: None, stop=lambda: False)
    assert not any(row["failed"] for row in finished.rows)
