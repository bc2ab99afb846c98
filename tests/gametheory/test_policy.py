"""Policies draw from the laws they state, remember what they should, and never play illegally."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gametheory import streams
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.game import Box, Discrete
from gametheory.normal_form import NormalForm
from gametheory.policies.controllers import Controller, HistoryPolicy, MixturePolicy
from gametheory.policies.history import finite_policy, probabilities_after
from gametheory.policy import (
    ConstantPolicy,
    FinitePolicy,
    StochasticPolicy,
    TablePolicy,
    UniformPolicy,
    uniform_table,
)
from gametheory.posg import POSG
from gametheory.testing import distributions
from gametheory.testing_games import policies, posgs

F = Fraction
MANY = 20_000
HALVES = [F(1, 2), F(1, 2)]


@st.composite
def controllers(draw, observations=2, actions=2, memories=2):
    shape = (memories, observations, actions)
    table = np.array([draw(distributions(actions)) for _ in np.ndindex(shape[:2])]).reshape(shape)
    if draw(st.booleans()):
        update = np.array([draw(distributions(memories)) for _ in np.ndindex(shape)])
        return Controller(table, update.reshape(*shape, memories))
    return Controller(
        table, np.array([draw(st.integers(0, memories - 1)) for _ in np.ndindex(shape)]).reshape(shape)
    )


@dataclass
class Foreign:
    """Somebody else's policy: nothing but probabilities and act."""

    inner: object

    def start(self, batch):
        return (self.inner.start(batch),)

    def probabilities(self, carry, observation):
        return self.inner.probabilities(carry[0], observation)

    def act(self, carry, observation, keys):
        memory, action = self.inner.act(carry[0], observation, keys)
        return (memory,), action


class Frank(Foreign):
    """It also says what it remembers after an action."""

    def remember(self, carry, observation, action):
        return (self.inner.update[carry[0], observation, action],)


def drawn(policy, memory, observation):
    """How often each (action, next memory) was drawn from one memory."""
    carry = np.full(MANY, memory)
    after, action = policy.act(carry, np.full(MANY, observation), streams.seed_keys(3, MANY))
    return {
        key: int(np.sum((action == key[0]) & (after == key[1])))
        for key in set(zip(action.tolist(), after.tolist(), strict=True))
    }


@settings(max_examples=25)
@given(controllers(), st.integers(0, 1), st.integers(0, 1))
def test_controllers_draw_from_the_law_of_their_choices(controller, memory, observation):
    law = {}
    for p, action, after in controller.choices(memory, observation):
        law[action, after] = law.get((action, after), 0) + p
    assert sum(law.values()) == 1
    counts = drawn(controller, memory, observation)
    assert set(counts) <= set(law)
    if len(law) > 1:
        expected = [MANY * float(p) for p in law.values()]
        assert stats.chisquare([counts.get(key, 0) for key in law], expected).pvalue > 1e-9
    own = controller.probabilities(np.array([memory]), np.array([observation]))[0]
    assert own == pytest.approx([float(sum(p for (a, _), p in law.items() if a == k)) for k in range(2)])


TABLE = {
    (("o", 0),): [F(1, 4), F(3, 4)],
    (("o", 0), ("a", 1), ("o", 1)): [0, 1],
    (("o", 1), ("a", 0), ("o", 0), ("a", 0), ("o", 0)): [1, 0],  # what leads here follows the default
}


def test_a_history_policy_follows_its_table_and_then_its_default():
    policy = HistoryPolicy(TABLE, [HALVES, [F(1, 3), F(2, 3)]])
    for history, law in TABLE.items():
        assert probabilities_after(policy, history, 2).tolist() == law
    for history, law in {
        (("o", 1),): [F(1, 3), F(2, 3)],
        (("o", 1), ("a", 0), ("o", 0)): HALVES,
        (("o", 0), ("a", 0), ("o", 1)): [F(1, 3), F(2, 3)],
        (("o", 0), ("a", 1), ("o", 1), ("a", 1), ("o", 1)): [F(1, 3), F(2, 3)],
    }.items():
        assert probabilities_after(policy, history, 2).tolist() == law
    carry, rest = policy.start(MANY), np.zeros(MANY, dtype=int)
    carry, first = policy.act(carry, rest, streams.seed_keys(0, MANY))
    _, second = policy.act(carry, rest + 1, streams.seed_keys(1, MANY))
    assert abs(first.mean() - 3 / 4) < 5 * np.sqrt(3 / 16 / MANY)
    assert set(second[first == 1].tolist()) == {1}
    assert abs(second[first == 0].mean() - 2 / 3) < 5 * np.sqrt(2 / 9 / np.sum(first == 0))


def test_a_history_that_cannot_have_happened_is_refused():
    with pytest.raises(GameError, match="never plays action 0"):
        probabilities_after(TablePolicy([[0, 1]]), (("o", 0), ("a", 0), ("o", 0)), 2)


def test_a_mixture_is_drawn_once_and_shows_itself():
    # Policy 0 always plays 0, policy 1 tosses a fair coin; drawn with 1/4 and 3/4. After one 0:
    # P(policy 0 | 0) = (1/4) / (1/4 + 3/8) = 2/5, so the next 0 has probability 2/5 + 3/10 = 7/10.
    mixture = MixturePolicy([F(1, 4), F(3, 4)], [ConstantPolicy(0), TablePolicy([HALVES])])
    see = ("o", 0)
    assert probabilities_after(mixture, (see,), 2).tolist() == [F(5, 8), F(3, 8)]
    assert probabilities_after(mixture, (see, ("a", 0), see), 2).tolist() == [F(7, 10), F(3, 10)]
    assert probabilities_after(mixture, (see, ("a", 1), see), 2).tolist() == HALVES
    sampled = MixturePolicy([F(1, 4), F(3, 4)], [TablePolicy([[1, 0]]), TablePolicy([[0, 1]])])
    carry, rest = sampled.start(MANY), np.zeros(MANY, dtype=int)
    assert sampled.probabilities(carry, rest)[0].tolist() == [0.25, 0.75]
    carry, first = sampled.act(carry, rest, streams.seed_keys(0, MANY))
    assert np.array_equal(sampled.probabilities(carry, rest)[:, 1], first)
    _, second = sampled.act(carry, rest, streams.seed_keys(1, MANY))
    assert np.array_equal(first, second)
    assert abs(first.mean() - 3 / 4) < 5 * np.sqrt(3 / 16 / MANY)


@settings(max_examples=25, deadline=None)
@given(st.data(), posgs(agents=1, max_actions=2, max_observations=2))
def test_foreign_policies_fold_to_the_same_values(data, game):
    size, actions, legal = game.observation_counts[0] + 1, game.action_counts[0], game.legal[0]
    first, second = data.draw(policies(game))[0].table, uniform_table(actions, legal, size).table
    update = data.draw(st.lists(st.integers(0, 1), min_size=2 * size * actions, max_size=2 * size * actions))
    controller = Controller(np.stack([first, second]), np.array(update).reshape(2, size, actions))
    exact = evaluate(game, [controller], 3)
    for foreign in (Foreign(controller), Frank(controller)):
        assert not isinstance(foreign, FinitePolicy)
        assert isinstance(foreign, StochasticPolicy)
        assert evaluate(game, [foreign], 3) == pytest.approx([float(v) for v in exact], abs=1e-9)


def test_a_foreign_policy_that_cannot_be_folded_says_why():
    coin = [[HALVES], [HALVES]]
    forgetful = Controller(coin, np.full((2, 1, 2, 2), F(1, 2)))
    with pytest.raises(GameError, match="what the policy remembers after an action is random"):
        finite_policy(Foreign(forgetful)).choices(finite_policy(Foreign(forgetful)).first, 0)
    rare = Controller([[[1 - 1e-9, 1e-9]]], np.zeros((1, 1, 2), dtype=int))
    with pytest.raises(GameError, match="too rare to draw"):
        finite_policy(Foreign(rare)).choices(finite_policy(Foreign(rare)).first, 0)
    frank = finite_policy(Frank(rare))
    assert [choice.action for choice in frank.choices(frank.first, 0)] == [0, 1]


def guarded():
    """One agent, one state; observation `quiet` forbids `shout`."""
    return POSG(
        np.ones((1, 2, 1), dtype=int), [[[0, 1]]], [[[1]]], [1], F(1, 2), legal=[[[True, False]]],
        actions=[["whisper", "shout"]], observation_labels=[["quiet"]], agents=["ann"],
        initial_observations=[[[1]]],
    )  # fmt: skip


def test_an_illegal_action_is_an_error_with_names():
    assert evaluate(guarded(), [uniform_table(2, guarded().legal[0], 1)]) == (0,)
    for policy in (TablePolicy([HALVES]), UniformPolicy(Discrete(2)), ConstantPolicy(1)):
        with pytest.raises(GameError, match="agent ann at observation quiet plays the illegal action shout"):
            evaluate(guarded(), [policy], 1)
    with pytest.raises(GameError, match="illegal action 7"):
        evaluate(guarded(), [ConstantPolicy(7)], 1)


class Broken:
    """Weights that are no distribution."""

    def __init__(self, weights):
        self.weights = weights

    def start(self, batch):
        return None

    def probabilities(self, carry, observation):
        return np.array([self.weights])

    def act(self, carry, observation, keys):
        return None, np.argmax(np.array([self.weights]), axis=1)


def test_policies_that_do_not_fit_are_named():
    game = NormalForm.bimatrix([[1, 2], [3, 4]]).to_posg()
    fine = TablePolicy([[1, 0]] * 2)
    cases = {
        "profile has 1 policies; the game has 2 agents": [fine],
        "agent 2 at observation start: the table has rows for observations 0 … 0 only": [
            fine,
            TablePolicy([[1, 0]]),
        ],
        "agent 2 at observation start plays with probabilities that sum to 0.5": [fine, Broken([0.5, 0])],
        "agent 2 at observation start: action 0 has probability -1": [fine, Broken([-1.0, 2.0])],
        "agent 2: the policy does not tell its probabilities": [fine, object()],
    }
    for message, profile in cases.items():
        with pytest.raises(GameError, match=message):
            evaluate(game, profile, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Controller([HALVES], [[0, 0]]), r"table has shape \[1, 2\]"),
        (lambda: Controller([[[F(1, 3), F(1, 3)]]], [[[0, 0]]]), r"table\[0, 0\] must be a distribution"),
        (lambda: Controller([[HALVES]], [[[0, 1]]]), "update names a memory outside 0 … 0"),
        (lambda: Controller([[HALVES]], [[0, 0]]), r"update has shape \[1, 2\]"),
        (lambda: Controller([[HALVES]], [[[[1], [F(1, 2)]]]]), r"update\[0, 0, 1\] must be a distribution"),
        (lambda: HistoryPolicy({(("a", 0),): HALVES}, [HALVES]), "is no history"),
        (lambda: HistoryPolicy({(("o", 1),): HALVES}, [HALVES]), "is no history"),
        (lambda: HistoryPolicy({(("o", 0),): [1]}, [HALVES]), "must have 2 probabilities"),
        (lambda: HistoryPolicy({(("o", 0),): [1, 1]}, [HALVES]), "must be a distribution"),
        (lambda: MixturePolicy([1], []), "there are 0 policies"),
        (lambda: ConstantPolicy([0.5]).choices(None, 0), "not the number of an action"),
        (lambda: UniformPolicy(Box([0], [1])).choices(None, 0), "no finite list"),
    ],
)  # fmt: skip
def test_bad_policies_are_named(make, message):
    with pytest.raises(GameError, match=message):
        make()
