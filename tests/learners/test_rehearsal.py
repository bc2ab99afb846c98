"""What a run could not do is refused before there is a run."""

from fractions import Fraction

import numpy as np
import pytest

from environments import Environment, find
from gametheory.errors import GameError
from learners.judge.played import learner_for, prepared
from learners.running import checkpoint, rehearsal
from learners.running.rehearsal import Stage, rehearse
from learners.running.request import assemble
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


@pytest.fixture
def counts(monkeypatch):
    """How often something is done on a stage, by its name."""
    done = {}

    def count(name):
        own = getattr(rehearsal, name)

        def told(*given, **how):
            done[name] = done.get(name, 0) + 1
            return own(*given, **how)

        monkeypatch.setattr(rehearsal, name, told)

    for name in ("find", "prepared", "learner_for", "rehearse"):
        count(name)
    return done


def asked(stage, game="leduc-poker", **over):
    options = {"steps": 6_400, "algorithm": "nfsp"}
    return assemble(game, options, None, (), over, stage)


def test_a_sweep_over_rates_prepares_its_game_and_plays_it_once(counts):
    """The game of Leduc poker takes longer to prepare than a whole rehearsal."""
    stage = Stage()
    rates = [
        asked(stage, **{"training.epsilon": k / 500, "training.discount": 1 - k / 500}) for k in range(1, 101)
    ]
    assert len({config.digest for config in rates}) == 100
    assert counts == {"find": 1, "prepared": 1, "learner_for": 100, "rehearse": 1}


@pytest.mark.parametrize(
    ("over", "games"),
    [
        ({"algorithm": "ippo"}, 1),
        ({"training.n_step": 2}, 1),
        ({"training.episode_limit": 5}, 1),
        ({"training.horizon": 3}, 2),
        ({"training.recall": 1}, 2),
        ({"batch_size": 16}, 1),
    ],
)
def test_what_may_be_refused_is_played_each_time(counts, over, games):
    stage = Stage()
    asked(stage, algorithm="matd4")
    asked(stage, **({"algorithm": "matd4"} | over))
    assert counts == {"find": games, "prepared": games, "learner_for": 2, "rehearse": 2}


def test_other_parameters_are_another_game(counts):
    stage = Stage()
    for cost in (1.0, 2.0, 1.0):
        asked(stage, "cournot", algorithm="matd4", **{"environment.c": cost})
    assert counts == {"find": 2, "prepared": 2, "learner_for": 3, "rehearse": 2}


def test_what_was_refused_is_refused_again(counts):
    stage = Stage()
    for _ in range(2):
        with pytest.raises(GameError, match=r"training\.n_step"):
            asked(stage, algorithm="ippo", **{"training.n_step": 2})


def test_a_slow_environment_is_played_a_few_steps(doubles, monkeypatch):
    """Each step of each play counts where one takes a second."""
    steps, played = [], doubles.Walk.step

    def step(self, state, actions):
        steps.append(len(state.keys))
        return played(self, state, actions)

    monkeypatch.setattr(doubles.Walk, "step", step)
    rehearsed(Environment("walk", doubles.Walk(length=100), None), "matd3")
    assert sum(steps) <= 10
