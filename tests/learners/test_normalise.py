"""Observations behind running moments: agreement with numpy, frozen lenses, exact continuation."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from environments import find
from gametheory import streams
from gametheory.game import Box, Discrete
from gametheory.policy import StochasticPolicy, TablePolicy
from learners.experience.normalise import Moments, Normalised, through, widened
from learners.learner import MaskedPolicy, Transition
from learners.trainer import train
from learners.training import TrainingSettings

BOX = Box([-np.inf, 0.0], [np.inf, 100.0])
rows = arrays(np.float64, st.tuples(st.integers(2, 12), st.just(2)), elements=st.floats(-100, 100))


@given(parts=st.lists(rows, min_size=1, max_size=4))
def test_moments_are_those_of_everything_seen(parts):
    moments = Moments(BOX)
    for part in parts:
        moments.observe(np.concatenate([part, [[np.nan, np.nan]]]))  # ⊥ does not count
    every = np.concatenate(parts)
    assert moments.mean == pytest.approx(every.mean(axis=0), abs=1e-9)
    spread = every.std(axis=0)
    seen = moments.lens()(every)
    for k in range(2):
        if spread[k] > 1e-3:
            wanted = np.clip((every[:, k] - every[:, k].mean()) / spread[k], -10, 10)
            assert seen[:, k] == pytest.approx(wanted, abs=1e-6)


def test_a_lens_in_use_does_not_change():
    moments = Moments(BOX)
    moments.observe(np.array([[0.0, 0.0], [2.0, 4.0]]))
    lens = moments.lens()
    before = lens(np.array([[2.0, 4.0]]))
    moments.observe(np.full((50, 2), 9.0))
    assert before.tolist() == lens(np.array([[2.0, 4.0]])).tolist() == [[1.0, 1.0]]
    assert moments.lens()(np.array([[2.0, 4.0]])).tolist() != [[1.0, 1.0]]


def test_symbols_and_silence_stay():
    moments = Moments(Discrete(3))
    moments.observe(np.array([0, 2, -1]))
    assert moments.lens()(np.array([2, -1])).tolist() == [2, -1]
    boxed = Moments(BOX)
    boxed.observe(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert np.isnan(boxed.lens()(np.array([[np.nan, np.nan]]))).all()
    assert widened((BOX, Discrete(3)))[1] == Discrete(3)
    assert np.isinf(widened((BOX,))[0].high).all()


class Recorder:
    """A learner that writes down what it is handed."""

    def __init__(self):
        self.seen = []

    def policies(self):
        return (Linear(),)

    behaviour = policies

    def observe(self, transitions):
        self.seen.append(transitions)

    def update(self):
        return {}

    def state_dict(self):
        return {"steps": len(self.seen)}

    def load_state_dict(self, state):
        self.seen = [None] * state["steps"]


class Linear:
    """Plays what it sees."""

    def start(self, batch):
        return None

    def act(self, carry, observation, keys):
        return None, observation


def step(observations, after):
    batch = len(observations)
    return Transition(
        (observations,), (observations,), np.zeros((batch, 1)), (after,), np.ones(batch), np.zeros(batch, dtype=bool),
        np.zeros(batch, dtype=bool), np.ones((batch, 1), dtype=bool), (None,), (None,),
    )  # fmt: skip


def test_the_learner_sees_what_its_policies_saw():
    learner = Normalised(Recorder(), (BOX,))
    learner.observe(step(np.array([[1.0, 10.0], [3.0, 30.0]]), np.zeros((2, 2))))
    behaviour = learner.behaviour()[0]
    now = np.array([[2.0, 20.0], [4.0, 40.0]])
    _, acted = behaviour.act(None, now, streams.seed_keys(0, 2))
    learner.observe(step(now, now))
    assert np.array_equal(learner.learner.seen[1].observations[0], acted)
    assert acted.tolist() == [[0.0, 0.0], [2.0, 2.0]]
    again = Normalised(Recorder(), (BOX,))
    again.load_state_dict(learner.state_dict())
    keys = streams.seed_keys(0, 2)
    one, two = (which.policies()[0].act(None, now, keys)[1] for which in (learner, again))
    assert one.tobytes() == two.tobytes()


def test_a_policy_keeps_what_it_could_tell():
    table = through(TablePolicy(np.full((3, 2), 0.5)), Moments(Discrete(3)).lens())
    assert isinstance(table, StochasticPolicy)
    assert isinstance(table, MaskedPolicy)
    assert table.probabilities(None, np.array([1]), np.ones((1, 2), dtype=bool)).tolist() == [[0.5, 0.5]]
    assert not isinstance(through(Linear(), Moments(BOX).lens()), StochasticPolicy)


def test_a_step_leads_where_the_next_begins():
    learner = Normalised(Recorder(), (BOX,))
    path = np.cumsum(np.ones((4, 3, 2)), axis=0) * np.array([1.0, 7.0])
    for before, after in itertools.pairwise(path):
        learner.observe(step(before, after))
    seen = learner.learner.seen
    for this, following in itertools.pairwise(seen):
        assert np.array_equal(this.next_observations[0], following.observations[0])


@pytest.mark.parametrize("name", ["ippo", "mappo"])
def test_learners_from_whole_plays_take_normalised_observations(name):
    environment = find("simple_spread", {"discrete": False})
    training = TrainingSettings(
        steps=256, plays=8, update_every=8, normalise_observations=True, evaluations=1, episode_limit=5
    )
    settings = {"horizon": 4, "actor_hidden": (8,), "critic_hidden": (8,), "recurrent": True}
    assert train(environment, name, settings=settings, training=training, seed=0).updates > 0
