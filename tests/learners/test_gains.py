"""Networks held against linear-quadratic games: fits, misfits, regrets, and what is said where nothing is held."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from gametheory import streams
from gametheory.certificates.certificate import Kind
from gametheory.certificates.linear_quadratic import certify_gains
from gametheory.continuous.lq import linear_policies
from gametheory.numerics import to_floats
from gametheory.planning.monte_carlo import monte_carlo
from learners.judge.convergence import Verdict
from learners.judge.fitted import Fit, fitted
from learners.judge.gains import WORST, GainReference
from learners.judge.played import learner_for, prepared
from learners.judge.reference import nash_conv
from learners.reports.facts import certificate_facts
from learners.running.loop import Loop
from learners.running.monitor import Monitor
from learners.trainer import train_learner
from learners.training import TrainingSettings

KEYS = streams.seed_keys(0, 1)
GAMES = [
    ("linear-quadratic", {"dimension": 1}),
    ("linear-quadratic", {"agents": 3, "dimension": 3}),
    ("linear-quadratic", {"dimension": 4}),
    ("linear-quadratic-zero-sum", {"dimension": 2}),
    ("linear-quadratic-zero-sum", {"dimension": 4}),
    ("linear-quadratic-scalar", {}),
    ("linear-quadratic-avoided", {}),
    ("dynamic-duopoly", {}),  # its plays begin at one state and both outputs stay alike
]


def held(name, parameters=None, **training):
    environment = find(name, parameters)
    asked = TrainingSettings(**training)
    return environment, Monitor.of(prepared(environment, asked), asked, 0)


def reference(name, parameters=None):
    environment, monitor = held(name, parameters)
    assert isinstance(monitor.reference, GainReference)
    return environment, monitor.reference


def equilibrium(found, number=0):
    return [to_floats(own) for own in found.solution.profiles[number]]


class Bent:
    """``−K x`` with something on top that is not linear."""

    def __init__(self, gain, bend, bound):
        self.gain, self.bend, self.bound = gain, bend, bound

    def start(self, batch):
        return None

    def act(self, carry, observation, keys):
        actions = -observation @ self.gain.T + self.bend(observation)
        return None, np.clip(actions, -self.bound, self.bound)


@pytest.mark.parametrize(("name", "parameters"), GAMES)
def test_linear_feedback_is_found_again(name, parameters):
    environment, found = reference(name, parameters)
    gains = [1.05 * own for own in equilibrium(found)]
    point = found.point(linear_policies(gains, environment.game.bound), (), KEYS)
    fits = found.fits(point)
    for fit, gain in zip(fits, gains, strict=True):
        assert fit.gain == pytest.approx(gain, abs=1e-7)
        assert fit.share < 1e-6
    assert found.regrets(point) == pytest.approx(certify_gains(environment.formal, gains).regrets, rel=1e-3)


@pytest.mark.parametrize(("name", "parameters"), GAMES)
def test_an_equilibrium_has_no_regret_and_no_distance(name, parameters):
    environment, found = reference(name, parameters)
    point = found.point(linear_policies(equilibrium(found), environment.game.bound), (), KEYS)
    assert nash_conv(found, point) == pytest.approx(0, abs=1e-9 * found.payoff_range)
    assert found.distance(point).value == pytest.approx(0, abs=1e-7)
    assert found.distance(point).nearest == (0,)
    assert found.certify(point, 1e-6).kind is Kind.NUMERIC


@given(seed=st.integers(0, 2**32), dimension=st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_regrets_are_those_of_the_certificate(seed, dimension):
    """By policy iteration here, by a Riccati equation there; misfits are noise in either."""
    _, found = reference("linear-quadratic", {"dimension": dimension})
    draws = streams.normal(streams.seed_keys(seed, 2), 0, dimension + 1)
    fits = [
        Fit(star + 0.1 * own[None, :-1], np.array([[own[-1] ** 2]]), 0.5)
        for star, own in zip(equilibrium(found), draws, strict=True)
    ]
    point = [fit.numbers for fit in fits]
    certificate = found.certify(point, 0.01)
    mine = found.regrets(point)
    worst = WORST * found.payoff_range
    assert mine == pytest.approx(np.minimum(certificate.regrets, worst), rel=1e-6)
    assert found.values(point) == pytest.approx(np.maximum(certificate.values, -worst), rel=1e-6)


def test_the_misfit_costs_what_noise_of_its_size_costs():
    """Against play itself: an agent that adds normal noise to its equilibrium gain, in the game as it is played."""
    environment, found = reference("linear-quadratic")
    gains, spread, gamma = equilibrium(found), 0.3, 0.9

    class Noisy(Bent):
        def act(self, carry, observation, keys):
            noise = spread * streams.normal(streams.derive(keys, 77), 0, 1)
            return None, np.clip(-observation @ self.gain.T + noise, -self.bound, self.bound)

    bound = environment.game.bound
    policies = (Noisy(gains[0], None, bound), linear_policies(gains, bound)[1])
    fits = found.fits(found.point(policies, (), KEYS))
    assert fits[0].misfit[0, 0] == pytest.approx(spread**2 / (1 - gamma), rel=0.1)
    assert fits[1].share < 1e-6
    played = monte_carlo(environment.game, policies, plays=4000, seed=1)
    low, high = played.interval.T
    values = found.values([fit.numbers for fit in fits])
    assert all(low - 0.02 <= values)
    assert all(values <= high + 0.02)
    assert found.regrets([fit.numbers for fit in fits])[0] > spread**2 / (1 - gamma)


def test_what_is_not_linear_is_said_and_is_no_equilibrium():
    environment, found = reference("linear-quadratic")
    gains, bound = equilibrium(found), environment.game.bound
    policies = [Bent(own, lambda x: 0.3 * np.sign(x[:, :1]), bound) for own in gains]
    point = found.point(policies, (), KEYS)
    assert min(found.misfit(point)) > 0.1
    threshold = 0.05 * found.payoff_range
    alone = [fit.gain for fit in found.fits(point)]
    assert nash_conv(found, point) > nash_conv(found, alone)
    assert nash_conv(found, point) > threshold
    assert found.certify(point, 1e-3).kind is None
    assert found.certify(point, 1.0).kind is Kind.LOWER_BOUND  # nobody has looked for replies to the bend


def test_gains_that_do_not_hold_the_state_have_a_finite_number_and_no_certificate():
    """1.3 √0.9 > 1: nobody pushes, and costs are infinite."""
    environment, found = reference("linear-quadratic-scalar")
    idle = [np.zeros((1, 1))] * 2
    point = found.point(linear_policies(idle, environment.game.bound), (), KEYS)
    assert found.regrets(point).tolist() == [WORST * found.payoff_range] * 2
    assert found.values(point).tolist() == [-WORST * found.payoff_range] * 2
    certificate = found.certify(point, 0.05)
    assert certificate.kind is None
    assert certificate_facts(certificate)["nash_conv"] is None
    json.dumps(certificate_facts(certificate), allow_nan=False)


@pytest.mark.parametrize("name", ["linear-quadratic", "linear-quadratic-zero-sum"])
@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_doing_nothing_is_far_from_what_converged_allows(name, dimension):
    _, found = reference(name, {"dimension": dimension})
    idle = [np.zeros((1, dimension))] * 2
    assert nash_conv(found, idle) > 10 * 0.05 * found.payoff_range


def test_a_policy_that_breaks_is_named():
    environment, _ = reference("linear-quadratic")
    broken = Bent(np.full((1, 2), np.nan), lambda x: 0, 10)
    fits = fitted(environment.game, [broken] * 2, streams.seed_keys(0, 4))
    assert all(np.isnan(fit.gain).all() for fit in fits)


@pytest.mark.parametrize(
    ("training", "words"),
    [({"horizon": 5}, "episode_limit"), ({"recall": 2}, "recall")],
)
def test_why_nothing_is_held(training, words):
    _, monitor = held("linear-quadratic", **training)
    assert monitor.reference is None
    assert words in monitor.unheld


def test_a_run_has_the_misfit_in_its_rows_and_no_average():
    environment = find("linear-quadratic", {"dimension": 1})
    training = TrainingSettings(
        steps=128, plays=8, evaluations=4, evaluation_plays=4, episode_limit=10, checkpoints=1, epsilon=0.05
    )
    made = learner_for(environment, training, "soft-maddpg", {"random_steps": 16, "batch_size": 8}, 0)
    loop = Loop(made, Monitor.of(environment, training, 0), None, lambda state: None)
    result = loop.run(lambda: False)
    for row in result.rows:
        assert len(row["misfit"]) == 2
        assert all(0 <= own <= 1 for own in row["misfit"])
        assert row["nash_conv"] > 0
        assert row["nash_conv_average"] is None
        assert row["nearest"] == [0]


def test_a_mean_of_gains_is_no_average():
    _, found = reference("linear-quadratic")
    assert found.average([equilibrium(found)] * 2) is None


def test_coordinates_are_in_the_unit_of_distances():
    _, found = reference("linear-quadratic")
    gains = equilibrium(found)
    off = [own + 0.1 for own in gains]
    points = [[Fit(own, np.zeros((1, 1)), 0.0).numbers for own in k] for k in (gains, off)]
    apart = max(float(np.abs(own[0] - own[1]).sum()) for own in found.coordinates(points))
    assert apart == pytest.approx(found.distance(points[1]).value)


def test_without_an_equilibrium_there_is_still_a_scale():
    _, found = reference("linear-quadratic")
    empty = replace(found, solution=replace(found.solution, profiles=(), values=(), certificates=()))
    assert 0 < empty.payoff_range < np.inf
    assert empty.distance(tuple(equilibrium(found))) is None


class Fixed:
    """A learner that has nothing to learn."""

    def __init__(self, policies):
        self._policies = tuple(policies)

    def policies(self):
        return self._policies

    behaviour = policies

    def observe(self, transitions):
        pass

    def update(self):
        return {}

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


@pytest.mark.parametrize(("bend", "verdict"), [(0.0, Verdict.CONVERGED), (0.3, Verdict.UNDECIDED)])
def test_equilibrium_gains_have_converged_unless_the_policies_bend(bend, verdict):
    environment, found = reference("linear-quadratic")
    training = TrainingSettings(
        steps=320, plays=8, evaluations=20, evaluation_plays=2, episode_limit=5, checkpoints=1, epsilon=0.05
    )
    policies = [
        Bent(own, lambda x: bend * np.where(np.abs(x[:, :1]) < 0.5, 1.0, -1.0), environment.game.bound)
        for own in equilibrium(found)
    ]
    result = train_learner(environment, Fixed(policies), training=training)
    assert result.judgement.verdict is verdict, result.judgement.reason
    assert result.monitor.certificates(result.rows)["last"].holds == (bend == 0)
