"""A run that dies at any moment goes on from its last checkpoint as if nothing had been: every kind of learner."""

import json

import numpy as np
import pytest
import torch

from environments import find
from learners.running import checkpoint
from learners.running.runs import RunConfig, RunFolder
from learners.trainer import train
from learners.training import TrainingSettings

OFF_POLICY = {"random_steps": 16, "batch_size": 16, "actor_hidden": [8], "critic_hidden": [8]}
ON_POLICY = {"horizon": 32, "actor_hidden": [8], "critic_hidden": [8]}
KINDS = {
    "replay and central critics": ("maddpg", "cournot", OFF_POLICY, {}),
    "own critics, several steps": ("td3", "simple_spread", OFF_POLICY, {"n_step": 3}),
    "own turns": ("td4", "kuhn-poker", OFF_POLICY, {}),
    "a model of the game": ("soft-matd4-fork", "cournot", OFF_POLICY, {}),
    "on-policy with a memory": ("ippo", "simple_spread", ON_POLICY | {"recurrent": True, "memory": 4}, {}),
    "an average and a best response": ("nfsp", "kuhn-poker", {"batch_size": 16, "anticipatory": 0.5}, {}),
    "a magnet that moves": ("nash-pg", "kuhn-poker", {"horizon": 32, "refresh": 2}, {}),
}


class Killed(BaseException):
    """Nothing is told, nothing is saved."""


def same(one, two):
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, np.ndarray):
        return one.tobytes() == two.tobytes()  # ⊥ in a box is NaN
    return one == two


def timeless(rows):
    return json.dumps([{key: value for key, value in row.items() if key != "seconds"} for row in rows])


@pytest.mark.parametrize("kind", KINDS)
def test_killed_twice_and_resumed(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("learners.running.loop.FINAL_PLAYS", 8)
    name, game, settings, more = KINDS[kind]
    training = TrainingSettings(
        steps=320, plays=4, update_every=8, evaluations=20, evaluation_plays=2, checkpoints=8, episode_limit=7, **more
    )  # fmt: skip

    def run(folder, killed_after=10**9):
        count = iter(range(10**9))

        def stop():
            if next(count) >= killed_after:
                raise Killed
            return False

        return train(find(game), name, settings=settings, training=training, seed=5, run=folder, stop=stop)

    folders = [
        RunFolder.create(tmp_path / part, RunConfig(game, {}, name, "any", settings, training, (5,)))
        for part in ("whole", "parts")
    ]
    whole = run(folders[0])
    for killed_after in (23, 31):
        with pytest.raises(Killed):
            run(folders[1], killed_after)
        newest = checkpoint.stored(folders[1].checkpoints)[0]
        assert int(newest.stem.removeprefix("step-")) % 40 == 0
    resumed = run(folders[1])
    assert timeless(resumed.rows) == timeless(whole.rows)
    assert np.array_equal(resumed.returns, whole.returns)
    assert same(resumed.learner.state_dict(), whole.learner.state_dict())
    assert whole.updates > 3
