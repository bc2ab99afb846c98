"""Networks' policies held against trees and states: against code that shares nothing with it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from gametheory import streams
from gametheory.best_response import nash_conv, regrets
from gametheory.certificates.sequential import return_ranges
from gametheory.errors import GameError
from gametheory.extensive.behaviour import to_policies
from gametheory.extensive.values import tree_values
from gametheory.policies.controllers import HistoryPolicy
from gametheory.policy import TablePolicy, uniform_table
from gametheory.solve import solve
from learners.judge.played import learner_for, prepared
from learners.judge.reference import nash_conv as nash_conv_of
from learners.judge.sequential import TableReference, TreeReference, sequential_reference
from learners.judge.tabulate import KnownSets
from learners.running.monitor import Monitor
from learners.training import TrainingSettings

KEYS = streams.seed_keys(0, 1)


def held(name, **training):
    environment = prepared(find(name), TrainingSettings(**training))
    return environment, sequential_reference(environment.formal, environment.game, training.get("horizon"))


def behaviours(tree, seed):
    """Random behaviour strategies of every agent."""
    out = []
    for i in range(len(tree.agents)):
        own = []
        for h in np.flatnonzero(tree.owners == i):
            weights = streams.uniform(streams.seed_keys(seed + int(h), 1), 0, int(tree.widths[h]))[0] + 0.01
            own.append(weights / weights.sum())
        out.append(np.concatenate(own))
    return out


def tables(posg, seed):
    """Random tables over observations, legal actions only."""
    out = []
    for i, (actions, legal, seen) in enumerate(
        zip(posg.action_counts, posg.legal, posg.observation_counts, strict=True)
    ):
        weights = streams.uniform(streams.seed_keys(seed + i, seen + 1), 0, actions) + 0.01
        weights = weights if legal is None else weights * legal[: seen + 1]
        out.append(weights / weights.sum(axis=1, keepdims=True))
    return out


@pytest.mark.parametrize("name", ["kuhn-poker", "battle-of-the-sexes-3", "goofspiel-3"])
@given(seed=st.integers(0, 2**32))
@settings(max_examples=4, deadline=None)
def test_regrets_of_plans_are_those_of_the_policies(name, seed):
    _, reference = held(name)
    assert isinstance(reference, TreeReference)
    strategies = behaviours(reference.tree, seed)
    policies = to_policies(reference.tree, reference.posg, tuple(strategies))
    mine = reference.regrets(reference.plans(strategies))
    theirs = regrets(reference.posg, policies)
    assert mine == pytest.approx([float(regret) for regret in theirs], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "horizon"), [("pursuit", None), ("pursuit", 3), ("battle-of-the-sexes-2", 1)]
)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=4, deadline=None)
def test_regrets_over_states_are_those_of_the_policies(name, horizon, seed):
    _, reference = held(name, horizon=horizon)
    assert isinstance(reference, TableReference)
    rows = tables(reference.posg, seed)
    mine = reference.regrets([own.ravel() for own in rows])
    theirs = regrets(reference.posg, [TablePolicy(own) for own in rows], horizon)
    assert mine == pytest.approx([float(regret) for regret in theirs], abs=1e-9)


@pytest.mark.parametrize(
    ("name", "horizon"), [("pursuit", None), ("pursuit", 3), ("endless-prisoners-dilemma", None)]
)
def test_ranges_over_states_are_those_of_the_certificate(name, horizon):
    _, reference = held(name, horizon=horizon)
    exact = [float(width) for width in return_ranges(reference.posg, horizon)]
    assert reference.payoff_ranges == pytest.approx(exact, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["soccer", "tic-tac-toe"])
def test_regrets_over_the_states_of_larger_games(name):
    _, reference = held(name)
    rows = tables(reference.posg, 5)
    mine = reference.regrets([own.ravel() for own in rows])
    theirs = regrets(reference.posg, [TablePolicy(own) for own in rows])
    assert mine == pytest.approx([float(regret) for regret in theirs], abs=1e-9)


def test_kuhn_poker_solved_has_no_regret_and_the_published_value():
    """Kuhn (1950): the game is worth −1/18 to the first agent."""
    _, reference = held("kuhn-poker")
    found = solve(reference.tree)
    plans = reference.plans([np.array(own, dtype=float) for own in found.profiles[0]])
    assert nash_conv_of(reference, plans) == pytest.approx(0, abs=1e-12)
    certificate = reference.certify(plans, 1e-9)
    assert certificate.kind is not None
    assert float(certificate.values[0]) == pytest.approx(float(Fraction(-1, 18)), abs=1e-9)


def test_the_average_is_weighted_by_realisation():
    """Against fixed others the average earns the mean of what the averaged policies earn."""
    _, reference = held("leduc-poker")
    one, two = behaviours(reference.tree, 1), behaviours(reference.tree, 2)
    other = behaviours(reference.tree, 3)[1]
    average = reference.average([reference.plans([one[0], other]), reference.plans([two[0], other])])
    plans = np.concatenate(average)
    mixed = tree_values(reference.tree, reference.plex.profile(plans))[0]
    apart = [tree_values(reference.tree, (own, other))[0] for own in (one[0], two[0])]
    assert mixed == pytest.approx(sum(apart) / 2)
    halves = tree_values(reference.tree, ((one[0] + two[0]) / 2, other))[0]
    assert abs(halves - mixed) > 1e-6  # which averaging behaviour would have been


class Asked:
    """A policy without memory that counts how often it is asked."""

    def __init__(self, weights):
        self.weights, self.asked = weights, 0

    takes_legal = True

    def start(self, batch):
        return None

    def act(self, carry, observation, keys, legal=None):
        raise AssertionError("nobody plays")

    def probabilities(self, carry, observation, legal=None):
        self.asked += 1
        scores = np.where(np.isnan(observation), 0, observation) @ self.weights
        law = np.exp(scores) * legal
        return law / law.sum(axis=1, keepdims=True)


def test_all_information_sets_are_one_question():
    environment, reference = held("leduc-poker")
    policies = []
    for i, spec in enumerate(environment.game.observation_specs):
        weights = streams.normal(streams.seed_keys(7 + i, spec.size), 0, 3)
        policies.append(Asked(weights))
    point = reference.point(policies, (), KEYS)
    assert [policy.asked for policy in policies] == [1, 1]
    # the same laws, history by history, through code that knows no plans
    laws = []
    for i, policy in enumerate(policies):
        own = [found for found in reference.tree.information if found.agent == i]
        table = {}
        for found in own:
            legal = np.zeros((1, 3), dtype=bool)
            legal[0, list(found.codes)] = True
            shown = environment.game.histories(i, [found.history])
            table[found.history] = policy.probabilities(None, shown, legal)[0]
        seen, mask = reference.posg.observation_counts[i] + 1, reference.posg.legal[i]
        laws.append(HistoryPolicy(table, uniform_table(3, mask, seen).table))
    assert nash_conv_of(reference, point) == pytest.approx(float(nash_conv(reference.posg, laws)), abs=1e-9)


class Tally:
    """A policy with a memory: how often it has bet, and nothing else."""

    def start(self, batch):
        return np.zeros(batch)

    def act(self, carry, observation, keys):
        action = (streams.uniform(keys, 0, 1)[:, 0] < self.probabilities(carry, observation)[:, 1]).astype(
            int
        )
        return carry + action, action

    def probabilities(self, carry, observation):
        bets = 0.3 + 0.2 * carry + 0.05 * observation
        return np.stack([1 - bets, bets], axis=1)


class Remembering(Tally):
    def remember(self, carry, observation, action):
        return carry + action


def test_a_policy_with_a_memory_is_folded_along_its_histories():
    _, reference = held("kuhn-poker", recall=0)
    own = (Remembering(), Remembering())
    theirs = nash_conv(reference.posg, own)
    assert nash_conv_of(reference, reference.point(own, (), KEYS)) == pytest.approx(float(theirs), abs=1e-9)
    with pytest.raises(GameError, match="remember"):
        reference.point((Tally(), Tally()), (), KEYS)


def test_what_cannot_be_measured_says_why(monkeypatch):
    endless = Monitor.of(prepared(find("tiger"), TrainingSettings()), TrainingSettings(), 0)
    assert endless.reference is None
    assert "training.horizon" in endless.unheld
    assert endless.judge([], None, False).reason == endless.unheld
    monkeypatch.setattr("learners.judge.played.LARGEST_TREE", 500)
    large = Monitor.of(prepared(find("goofspiel-3"), TrainingSettings()), TrainingSettings(), 0)
    assert "more than" in large.unheld


def test_networks_are_measured_where_they_play():
    training = TrainingSettings()
    environment = prepared(find("leduc-poker"), training)
    learner = learner_for(environment, training, "soft-matd4", None, 0)
    monitor = Monitor.of(environment, training, 0)
    row = monitor.measure(learner.policies(), 0, [])
    # every first policy is almost uniform over what is legal; uniform play of Leduc poker has
    # exploitability 2.373611, so NashConv 4.747222 (OpenSpiel's figure)
    assert row["nash_conv"] == pytest.approx(4.747222, abs=0.1)
    assert isinstance(
        KnownSets.of(monitor.reference.tree, monitor.reference.posg, environment.game, 0), KnownSets
    )


def recurrent(name, **training):
    settings = TrainingSettings(**training)
    environment = prepared(find(name), settings)
    learner = learner_for(environment, settings, "ippo", {"recurrent": True, "memory": 4}, 1)
    return learner.policies(), Monitor.of(environment, settings, 0).holding(learner.policies())


def test_policies_that_remember_are_held_against_the_tree_where_the_state_is_seen():
    policies, monitor = recurrent("repeated-prisoners-dilemma", horizon=3)
    assert isinstance(monitor.reference, TreeReference)
    row = monitor.measure(policies, 0, [])
    posg = monitor.reference.posg
    uniform = [
        TablePolicy(uniform_table(actions, legal, seen + 1).table)
        for actions, legal, seen in zip(posg.action_counts, posg.legal, posg.observation_counts, strict=True)
    ]
    assert row["nash_conv"] == pytest.approx(float(nash_conv(posg, uniform, 3)), rel=0.05)


def test_where_there_is_no_tree_the_reason_is_said():
    policies, monitor = recurrent("soccer")
    assert monitor.reference is None
    assert "policies that remember" in monitor.unheld
    assert set(monitor.measure(policies, 0, [])) == {"return"}
