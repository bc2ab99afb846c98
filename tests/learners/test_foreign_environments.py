"""PettingZoo environments in runs: plays saved as what was done in them, and time limits of their own."""

import itertools

import numpy as np
import pytest
import torch

pytest.importorskip("pettingzoo", reason="the extra `pettingzoo` is not installed")

from gymnasium import spaces
from gymnasium.utils.seeding import np_random
from pettingzoo import ParallelEnv
from pettingzoo.utils.conversions import parallel_to_aec

from environments import Environment
from environments.from_pettingzoo import from_pettingzoo
from gametheory.errors import GameError
from gametheory.policy import uniform_profile
from learners.judge.evaluation import restore
from learners.judge.played import prepared
from learners.running import checkpoint
from learners.running.rollout import advance, begin, pack, unpack
from learners.running.runs import RunConfig, RunFolder
from learners.trainer import train
from learners.training import TrainingSettings

SMALL = {"random_steps": 16, "batch_size": 16, "actor_hidden": [8], "critic_hidden": [8]}
OUTSIDE = itertools.count()


class Drift(ParallelEnv):
    """Two agents push a number about, one by a vector; noise from a generator of its own."""

    def __init__(self, limit=6, truncate=False, forgets=False):
        self.metadata, self.render_mode = {"name": "drift_v0"}, None
        self.possible_agents, self.limit, self.truncate, self.forgets = ["a", "b"], limit, truncate, forgets

    def observation_space(self, agent):
        return spaces.Box(-np.inf, np.inf, (2,))

    def action_space(self, agent):
        return spaces.Box(-1, 1, (2,)) if agent == "a" else spaces.MultiDiscrete([2, 2])

    def reset(self, seed=None, options=None):
        if seed is not None:
            self.generator, _ = np_random(seed)
        self.agents, self.time, self.at = ["a", "b"], 0, float(self.generator.normal())
        return self._sights(), {"a": {}, "b": {}}

    def _sights(self):
        return {agent: np.array([self.at, self.time], dtype=np.float32) for agent in ("a", "b")}

    def step(self, actions):
        self.time += 1
        self.at += float(np.sum(actions["a"]) - np.sum(actions["b"]) + self.generator.normal())
        self.at += next(OUTSIDE) if self.forgets else 0
        over = self.time >= self.limit
        self.agents = [] if over else ["a", "b"]
        flags = [dict.fromkeys(("a", "b"), over and self.truncate is own) for own in (False, True)]
        return self._sights(), {"a": self.at, "b": -self.at}, *flags, {"a": {}, "b": {}}


def made(turns=False, **options):
    env = Drift(**options)
    return Environment("drift", from_pettingzoo(parallel_to_aec(env) if turns else env), None)


class Killed(BaseException):
    """Nothing is told, nothing is saved."""


def killed_after(steps):
    count = itertools.count()

    def stop():
        if next(count) >= steps:
            raise Killed
        return False

    return stop


def timeless(rows):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


@pytest.mark.parametrize("turns", [False, True])
@pytest.mark.parametrize("more", [{}, {"horizon": 5, "recall": 2, "n_step": 2}])
def test_a_killed_run_goes_on_as_if_nothing_had_been(tmp_path, monkeypatch, turns, more):
    monkeypatch.setattr("learners.running.loop.FINAL_PLAYS", 2)
    training = TrainingSettings(
        steps=60, plays=3, update_every=4, evaluations=4, evaluation_plays=2, checkpoints=3, episode_limit=9, **more
    )  # fmt: skip

    def run(part, stop=lambda: False):
        place = tmp_path / part
        config = RunConfig("drift", {}, "matd4", "ct-de", SMALL, training, (5,))
        folder = RunFolder(place, config) if place.exists() else RunFolder.create(place, config)
        return train(made(turns), "matd4", settings=SMALL, training=training, seed=5, run=folder, stop=stop)

    whole = run("whole")
    with pytest.raises(Killed):
        run("parts", killed_after(11))
    assert len(checkpoint.stored(tmp_path / "parts" / "checkpoints")) == 2
    resumed = run("parts")
    assert whole.updates > 5
    assert timeless(resumed.rows) == timeless(whole.rows)
    assert np.array_equal(resumed.returns, whole.returns)
    for one, two in zip(
        whole.learner.models.actors.weights, resumed.learner.models.actors.weights, strict=True
    ):
        assert torch.equal(one, two)


def test_a_play_is_taken_up_where_it_was_saved():
    game = made(truncate=True).game
    policies = uniform_profile(game.action_specs[1:])
    policies = (_Middle(), *policies)
    rollout = begin(game, policies, seed=1, plays=2)
    for _ in range(4):
        rollout, *_ = advance(game, policies, rollout, 100)
    back = unpack(pack(rollout), begin(game, policies, seed=1, plays=2))
    assert (back.step.state.copies == rollout.step.state.copies).all()
    for _ in range(5):  # over the end of the play
        rollout, one, *_ = advance(game, policies, rollout, 100)
        back, two, *_ = advance(game, policies, back, 100)
        assert np.array_equal(one.rewards, two.rewards)
        assert np.array_equal(one.next_observations[0], two.next_observations[0])


class _Middle:
    def start(self, batch):
        return np.zeros(batch)

    def act(self, carry, observation, keys):
        return carry, np.full((len(observation), 2), 0.25)


def test_an_environment_that_does_not_repeat_itself_is_told_of():
    game = made(forgets=True).game
    policies = (_Middle(), *uniform_profile(game.action_specs[1:]))
    rollout = begin(game, policies, seed=1, plays=2)
    rollout, *_ = advance(game, policies, rollout, 100)
    with pytest.raises(GameError, match="does not repeat itself"):
        unpack(pack(rollout), begin(game, policies, seed=1, plays=2))


@pytest.mark.parametrize("turns", [False, True])
@pytest.mark.parametrize("truncate", [False, True])
@pytest.mark.parametrize("recall", [0, 1])
def test_its_own_time_limit_is_a_cut_and_no_end(turns, truncate, recall):
    training = TrainingSettings(recall=recall, horizon=99)
    game = prepared(made(turns, limit=3, truncate=truncate), training).game
    policies = (_Middle(), *uniform_profile(game.action_specs[1:]))
    rollout, steps = begin(game, policies, seed=1, plays=2), []
    for _ in range(3 * (1 + turns)):
        rollout, step, *_ = advance(game, policies, rollout, 100)
        steps.append(step)
    assert [step.truncated.tolist() for step in steps[:-1]] == [[False] * 2] * (len(steps) - 1)
    assert steps[-1].truncated.tolist() == [truncate] * 2
    assert steps[-1].terminated.tolist() == [not truncate] * 2
    assert steps[-1].next_acting.tolist() == [[truncate] * 2] * 2  # all would have had another turn
    assert rollout.moves.tolist() == [0, 0]  # the next plays have begun


def test_within_a_horizon_the_end_is_an_end():
    game = prepared(made(limit=3, truncate=True), TrainingSettings(horizon=3)).game
    policies = (_Middle(), *uniform_profile(game.action_specs[1:]))
    rollout = begin(game, policies, seed=1, plays=2)
    for _ in range(3):
        rollout, step, *_ = advance(game, policies, rollout, 100)
    assert (step.terminated.all(), step.truncated.any()) == (True, False)


def test_its_run_is_evaluated_from_its_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr("learners.running.loop.FINAL_PLAYS", 2)
    monkeypatch.setattr("learners.judge.evaluation.find", lambda *_: made())
    training = TrainingSettings(steps=40, plays=4, update_every=4, evaluations=2, evaluation_plays=2)
    config = RunConfig("drift", {}, "matd4", "ct-de", SMALL, training, (5,))
    result = train(
        made(),
        "matd4",
        settings=SMALL,
        training=training,
        seed=5,
        run=RunFolder.create(tmp_path / "run", config),
    )
    learner, _, step = restore(RunFolder(tmp_path / "run", config))
    assert step == 40
    for one, two in zip(learner.models.actors.weights, result.learner.models.actors.weights, strict=True):
        assert torch.equal(one, two)
