"""Policies kept along a run: small, whole, neither lost nor doubled by going on."""

import json

import numpy as np
import pytest

from environments import find
from gametheory.errors import GameError
from gametheory.game import Discrete
from learners.judge.played import learner_for, prepared
from learners.learner import ask
from learners.running import checkpoint, snapshots
from learners.running.request import assemble
from learners.running.runs import RunFolder
from learners.trainer import train
from learners.training import TrainingSettings

SMALL = {"actor_hidden": [8], "critic_hidden": [8]}
CASES = {
    "soft-maddpg": ("stag-hunt", SMALL | {"batch_size": 16, "random_steps": 16}),
    "ippo": ("kuhn-poker", SMALL | {"horizon": 32}),
    "mmd": ("kuhn-poker", SMALL | {"horizon": 32}),
    "nfsp": ("kuhn-poker", {"hidden": [8], "batch_size": 16, "replay_size": 64, "reservoir_size": 64}),
}


def made(path, algorithm, **training):
    game, settings = CASES[algorithm]
    over = {
        "training.steps": 320,
        "training.plays": 8,
        "training.evaluations": 4,
        "training.update_every": 16,
    }
    over |= {"training.checkpoints": 4} | {f"training.{key}": value for key, value in training.items()}
    config = assemble(game, {"algorithm": algorithm}, None, (), over | settings)
    return RunFolder.create(path, config)


def trained(run, stop=lambda: False):
    config = run.config
    return train(
        find(config.game, config.parameters),
        config.algorithm,
        settings=config.settings,
        scheme=config.scheme,
        training=config.training,
        seed=0,
        run=run,
        stop=stop,
    )


def behaviour(learner, environment):
    """What the policies do at some observations."""
    out = []
    for policy, spec in zip(learner.policies(), environment.game.observation_specs, strict=True):
        seen = (
            np.zeros(3, dtype=int)
            if isinstance(spec, Discrete)
            else np.linspace(0, 1, 3 * spec.size).reshape(3, -1)
        )
        tell = getattr(policy, "probabilities", None)
        keys = np.arange(3, dtype=np.uint64)
        out.append(tell(policy.start(3), seen) if tell else ask(policy, policy.start(3), seen, keys, None)[1])
    return out


@pytest.mark.parametrize(
    ("algorithm", "normalised"), [*((name, False) for name in CASES), ("soft-maddpg", True), ("nfsp", True)]
)
def test_a_snapshot_plays_as_the_learner_did(tmp_path, algorithm, normalised):
    run = made(tmp_path / "run", algorithm, snapshots=4, normalise_observations=normalised)
    result = trained(run)
    kept = snapshots.steps(run)
    assert list(kept) == [80, 160, 240, 320]
    config = run.config
    environment = prepared(find(config.game), config.training)
    again = learner_for(environment, config.training, algorithm, config.settings, 5, config.scheme)
    snapshots.bring_back(run, kept[320], again)
    for one, other in zip(behaviour(again, environment), behaviour(result.learner, environment), strict=True):
        assert np.array_equal(one, other)
    whole = checkpoint.stored(run.checkpoints)[0].stat().st_size
    assert kept[320].stat().st_size < whole


def test_going_on_loses_none_and_writes_none_twice(tmp_path):
    whole = made(tmp_path / "whole", "soft-maddpg", snapshots=7)
    trained(whole)
    part, count = made(tmp_path / "part", "soft-maddpg", snapshots=7), iter(range(10**6))
    trained(part, stop=lambda: next(count) >= 23)  # 184 steps, four of the seven marks
    assert len(snapshots.steps(part)) == 4
    later = part.snapshots / list(snapshots.steps(whole).values())[4].name
    later.write_bytes(b"left by a process that was killed")
    trained(part)
    assert [path.name for path in sorted(part.snapshots.iterdir())] == [
        path.name for path in sorted(whole.snapshots.iterdir())
    ]
    assert len(list(snapshots.steps(part))) == 7
    for step, path in snapshots.steps(whole).items():
        one, other = (
            checkpoint.read(own, whole.config.digest)["policies"]["weights"]
            for own in (path, snapshots.steps(part)[step])
        )
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_without_the_setting_nothing_is_kept_and_nothing_changes(tmp_path):
    plain, kept = made(tmp_path / "plain", "soft-maddpg"), made(tmp_path / "kept", "soft-maddpg", snapshots=2)
    assert plain.config.digest == kept.config.digest
    one, other = trained(plain), trained(kept)
    assert not plain.snapshots.exists()
    drop = "seconds"
    assert [{k: v for k, v in row.items() if k != drop} for row in one.rows] == [
        {k: v for k, v in row.items() if k != drop} for row in other.rows
    ]


def test_a_run_from_before_the_setting_still_opens(tmp_path):
    run = made(tmp_path / "run", "soft-maddpg")
    path = run.path / "config.json"
    old = json.loads(path.read_text())
    del old["training"]["snapshots"]
    path.write_text(json.dumps(old))
    assert RunFolder.open(run.path).config.digest == run.config.digest


@pytest.mark.parametrize("value", [-1, 1.5, "many"])
def test_bad_numbers_are_named(value):
    with pytest.raises(GameError, match=r"training\.snapshots"):
        TrainingSettings(snapshots=value)


def test_a_damaged_snapshot_is_named(tmp_path):
    run = made(tmp_path / "run", "soft-maddpg", snapshots=1)
    result = trained(run)
    [path] = snapshots.steps(run).values()
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(GameError, match=r"step-000000000320\.pt is damaged"):
        snapshots.bring_back(run, path, result.learner)
