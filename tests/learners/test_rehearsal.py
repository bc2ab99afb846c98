"""What a run could not do is refused before there is a run."""

from fractions import Fraction

import numpy as np
import pytest

from environments import Environment, find
from gametheory.errors import GameError
from learners.judge.played import learner_for, prepared
from learners.running import checkpoint
from learners.running.rehearsal import rehearse
from learners.running.rollout import pack
from learners.training import TrainingSettings

STEPS = {"steps": 6_400}


def rehearsed(game, name, **training):
    settings = TrainingSettings(**STEPS, **training)
    environment = prepared(find(game) if isinstance(game, str) else game, settings)
    rehearse(environment, learner_for(environment, settings, name, {}, 0), settings)


@pytest.mark.parametrize(("name", "n"), [("td3", 3), ("nfsp", 3), ("ippo", 2), ("mmd", 2)])
def test_several_steps_that_an_algorithm_cannot_learn_from(name, n):
    rehearsed("leduc-poker", name)
    with pytest.raises(GameError, match=r"training\.n_step"):
        rehearsed("leduc-poker", name, n_step=n)


@pytest.mark.parametrize(
    ("game", "name"), [("leduc-poker", "matd3"), ("shapley", "td3"), ("goofspiel-3", "nfsp")]
)
def test_several_steps_that_it_can(game, name):
    rehearsed(game, name, n_step=3)
    rehearsed(game, name, n_step=10**9)


def test_a_play_that_is_over_at_its_start(doubles):
    with pytest.raises(GameError, match="terminates at its start"):
        rehearsed(Environment("over", doubles.Walk(length=0), None), "matd3")


class Boxed:
    """A game whose state holds an object beside the arrays."""

    def __init__(self, game, held):
        self.game, self.held = game, held
        self.agents = game.agents
        self.observation_specs, self.action_specs = game.observation_specs, game.action_specs

    def reset(self, keys):
        return self._holding(self.game.reset(keys))

    def step(self, state, actions):
        return self._holding(self.game.step(state[0], actions))

    def acting(self, state):
        return self.game.acting(state[0])

    def legal(self, state):
        return self.game.legal(state[0])

    def _holding(self, step):
        held = np.empty(len(step.discount), dtype=object)
        held[:] = [self.held] * len(held)
        return step._replace(state=(step.state, held))


def test_a_state_that_no_checkpoint_holds():
    game = Boxed(find("shapley").game, Fraction(1, 3))
    with pytest.raises(GameError, match="holds a Fraction, which cannot be saved") as caught:
        rehearsed(Environment("boxed", game, None), "matd3")
    assert "\n" not in str(caught.value)


def test_a_learner_that_no_checkpoint_holds(doubles):
    environment = find("matching-pennies")
    learner = doubles.ActionValues(environment)
    training = TrainingSettings(**STEPS)
    rehearse(environment, learner, training)
    learner.state_dict = lambda: {"counts": {"third": Fraction(1, 3)}}
    with pytest.raises(
        GameError, match=r"learner's state_dict cannot be saved.*fractions\.Fraction"
    ) as caught:
        rehearse(environment, learner, training)
    assert "\n" not in str(caught.value)


def test_addresses_are_never_saved(tmp_path):
    held = np.array([Fraction(1, 3)], dtype=object)
    with pytest.raises(GameError, match="cannot be saved"):
        pack((held,))
    with pytest.raises(GameError, match="cannot be saved"):
        checkpoint.save(tmp_path, 0, "digest", {"held": held})
    assert list(tmp_path.iterdir()) == []
