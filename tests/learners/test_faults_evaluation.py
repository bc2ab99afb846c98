"""Faults of well-known learning libraries that evaluation must be free of: exploring, or sampling where it says greedy."""

import numpy as np
import pytest

from environments import Environment
from gametheory import streams
from gametheory.policy import ConstantPolicy
from learners.trainer import train_learner
from learners.training import TrainingSettings


@pytest.mark.parametrize("name", ["maddpg", "soft-matd4", "ddpg"])
@pytest.mark.parametrize("random_steps", [0, 1000])
def test_continuous_policies_are_evaluated_without_noise(family, name, random_steps):
    """Whatever is drawn, one observation has one action; who gathers experience has many."""
    made = family.learner(name, "box", random_steps=random_steps, exploration_noise=0.5)
    seen = family.experience("box", batch=1).observations
    for i, (policy, exploring) in enumerate(zip(made.policies(), made.behaviour(), strict=True)):
        shown = np.repeat(seen[i], 20, axis=0)
        keys = streams.seed_keys(3, 20)
        assert len(np.unique(policy.act(None, shown, keys)[1], axis=0)) == 1
        assert len(np.unique(exploring.act(None, shown, keys)[1], axis=0)) > 1


def test_the_loop_measures_what_is_to_be_evaluated(doubles):
    """Behaviour walks by 2 and 2 a step, the policies by 0: at a discount of 1/2 chance alone brings less than 2."""
    environment = Environment("walk", doubles.Walk(10**6), None)

    class Explorer(doubles.ActionValues):
        def policies(self):
            return (ConstantPolicy(0), ConstantPolicy(0))

        def behaviour(self):
            return (ConstantPolicy(2), ConstantPolicy(2))

    training = TrainingSettings(steps=160, plays=4, evaluations=20, evaluation_plays=4, episode_limit=8)
    result = train_learner(environment, Explorer(environment), training=training)
    for row in result.rows:
        assert 0 <= max(row["return"]) < 2
    assert result.returns.max() < 2
    assert result.learner.sums[0][2] > 0  # what was learned from was the behaviour
    assert result.learner.counts[0].tolist() == [1, 1, 161]
