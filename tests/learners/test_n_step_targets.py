"""Targets over several steps, of critics that see their own agent alone: against sums done by hand.

Two agents play three steps and are paid 1, 2, 4 and 10, 20, 40; γ = 1/2 and n = 2. The targets' Q is 8
everywhere. So what is bootstrapped is 8/4 after two steps and 8/2 after one, and nothing after the end:

    t = 0:  1 + 2/2 + 8/4            t = 1:  2 + 4/2 (+ 8/4 if cut off)       t = 2:  4 (+ 8/2 if cut off)
"""

import numpy as np
import pytest
import torch

from environments import Environment, find
from gametheory.errors import GameError
from gametheory.game import Discrete
from learners import losses
from learners.experience.replay import RewardScale
from learners.experience.steps import NStep
from learners.learner import Transition
from learners.registry import make
from learners.trainer import train
from learners.training import TrainingSettings

SMALL = {"random_steps": 0, "batch_size": 64, "actor_hidden": (4,), "critic_hidden": (4,)}
OWN = {True: {(4.0, 22.0), (4.0, 40.0)}, False: {(4.0, 22.0), (6.0, 42.0), (8.0, 44.0)}}
"""Targets of the two agents, by whether the play terminates."""
TEAM = {True: {(24.0,), (44.0,)}, False: {(24.0,), (46.0,), (48.0,)}}
"""Of the sum of rewards: 11, 22, 44."""


def step(time: int, ends: bool, plays: int = 3) -> Transition:
    """Step ``time`` of plays side by side; the third terminates or is cut off."""
    seen, last = np.full(plays, time), np.full(plays, time == 2)
    everybody = np.ones((plays, 2), dtype=bool)
    return Transition(
        observations=(seen, seen),
        actions=(np.zeros(plays, dtype=int), np.ones(plays, dtype=int)),
        rewards=np.tile([1.0, 10.0], (plays, 1)) * 2**time,
        next_observations=(seen + 1, seen + 1),
        discount=np.full(plays, 0.5),
        terminated=last & ends,
        truncated=last & (not ends),
        acting=everybody,
        legal=(None, None),
        next_legal=(None, None),
        next_acting=everybody & ~(last & ends)[:, None],
    )


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("scheme", ["concurrent", "parameter-sharing", "centralized"])
@pytest.mark.parametrize("name", ["ddpg", "td3", "td4", "td3-fork"])
def test_targets_of_two_steps(monkeypatch, name, scheme, ends):
    specs = (Discrete(4),) * 2, (Discrete(2),) * 2
    made = make(name, *specs, seed=0, scheme=scheme, settings=SMALL)
    sums = NStep(2)
    for _ in range(12):
        for time in range(3):
            for part in sums.take(step(time, ends)):
                made.observe(part)
    assert made.replay.size == 12 * 3 * 3  # every step of every play once
    made.models.scale.load_state_dict(RewardScale(made.models.wiring.objectives).state_dict())
    for target in made.models.critics.targets:
        target.zero_()
    made.models.critics.targets[-1].fill_(8.0)
    seen = []

    def target(*arguments: torch.Tensor) -> torch.Tensor:
        seen.append(plain(*arguments))
        return seen[-1]

    plain = losses.td_target
    monkeypatch.setattr(losses, "td_target", target)
    made.update()
    got = {tuple(round(y, 4) for y in column) for column in seen[0].T.tolist()}
    assert got == (TEAM if scheme == "centralized" else OWN)[ends]


def short(n: int) -> TrainingSettings:
    return TrainingSettings(
        steps=160, plays=4, n_step=n, update_every=8, evaluations=20, evaluation_plays=2, episode_limit=7
    )


@pytest.mark.parametrize("scheme", ["concurrent", "parameter-sharing"])
def test_games_in_which_all_act_at_once_are_learned_over_several_steps(doubles, scheme):
    """Plays of unlike length, cut off and not; each of the 160 steps is stored once, or still summed."""
    settings = SMALL | {"batch_size": 16}
    walk = Environment("walk", doubles.Walk(16), None)
    result = train(walk, "td3", scheme=scheme, settings=settings, training=short(3), seed=0)
    replay = result.learner.replay
    assert 160 - 4 * 2 <= replay.size <= 160
    batch = replay.sample(2000, torch.Generator().manual_seed(0))
    assert set(batch.continues.tolist()) == {0.0, 0.5, 0.25, 0.125}
    assert result.updates >= 15


def test_fictitious_self_play_learns_over_several_steps(walk):
    """Each decision comes once, with what its behaviour remembered."""
    training = short(3)
    settings = {"batch_size": 16, "anticipatory": 1.0}
    result = train(walk, "nfsp", settings=settings, training=training, seed=0)
    learner = result.learner
    assert 160 - 4 * 2 <= learner._recent.counts[0] <= 160
    assert learner._reservoir.counts.tolist() == learner._recent.counts.tolist()
    assert result.updates > 10


@pytest.mark.parametrize(("name", "n"), [("td3", 3), ("nfsp", 3), ("ippo", 2)])
def test_where_it_is_unsound_it_is_refused_in_one_line(name, n):
    with pytest.raises(GameError, match=r"training\.n_step") as caught:
        train(find("leduc-poker"), name, training=short(n))
    assert "\n" not in str(caught.value)


def test_central_critics_take_any_number_of_steps_where_agents_take_turns():
    settings = SMALL | {"batch_size": 16}
    assert train(find("leduc-poker"), "matd3", settings=settings, training=short(3)).updates > 10
