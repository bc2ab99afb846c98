"""Best responses beat every policy there is, attain what they promise, and know no more than they see."""

from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gametheory.aecg import AECG
from gametheory.best_response import best_response, regrets
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.laws.trajectories import law
from gametheory.normal_form import NormalForm
from gametheory.policies.controllers import Controller, HistoryPolicy
from gametheory.policy import TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.testing_games import aecgs, policies, posgs

F = Fraction
SETTINGS = settings(max_examples=25, deadline=None)


def own_histories(game, agent, profile, horizon):
    """Every history at which the agent may have to act, against the others' policies."""
    rows = game.observation_counts[agent] + 1
    free = uniform_table(game.action_counts[agent], padded(game, agent), rows)
    changed = [free if i == agent else policy for i, policy in enumerate(profile)]
    found = set()
    for run in law(game, changed, horizon):
        for t, joint in enumerate(run.actions):
            if joint[agent] >= 0:
                found.add(run.history(agent, t))
    return sorted(found, key=lambda history: (len(history), history))


def padded(game, agent):
    """Legal actions with a row for `start` (an AECG has one only where it shows it)."""
    legal, rows = game.legal[agent], game.observation_counts[agent] + 1
    if legal is None or len(legal) == rows:
        return legal
    return np.concatenate([legal, np.ones((1, legal.shape[1]), dtype=bool)])


def pure_policies(game, agent, histories):
    """All assignments of a legal action to each of the histories."""
    legal = padded(game, agent)
    count = game.action_counts[agent]
    default = uniform_table(count, legal, game.observation_counts[agent] + 1).table
    choices = [
        [a for a in range(count) if legal is None or legal[history[-1][1], a]] for history in histories
    ]
    assume(prod(map(len, choices)) <= 64)
    for chosen in product(*choices):
        table = {h: [F(b == a) for b in range(count)] for h, a in zip(histories, chosen, strict=True)}
        yield HistoryPolicy(table, default)


@SETTINGS
@given(st.data(), st.one_of(posgs(), aecgs()), st.integers(0, 3))
def test_a_best_response_is_the_best_pure_policy(data, game, horizon):
    profile = data.draw(policies(game))
    agent = data.draw(st.integers(0, len(game.agents) - 1))
    found = best_response(game, agent, profile, horizon)

    def worth(policy):
        changed = [policy if i == agent else other for i, other in enumerate(profile)]
        return evaluate(game, changed, horizon)[agent]

    histories = own_histories(game, agent, profile, horizon)
    assert found.value == max(map(worth, pure_policies(game, agent, histories)))
    assert worth(found.policy) == found.value


@SETTINGS
@given(st.data(), posgs(max_states=2), st.integers(0, 3))
def test_no_policy_with_memory_does_better(data, game, horizon):
    profile = data.draw(policies(game))
    table = data.draw(policies(game))[0].table
    update = data.draw(st.lists(st.integers(0, 1), min_size=2 * table.size, max_size=2 * table.size))
    other = Controller(np.stack([profile[0].table, table]), np.array(update).reshape(2, *table.shape))
    best = best_response(game, 0, [None, *profile[1:]], horizon).value
    assert evaluate(game, [other, *profile[1:]], horizon)[0] <= best


@SETTINGS
@given(st.data(), posgs(), st.integers(0, 2))
def test_regrets_are_equal_in_both_forms_of_a_posg(data, game, steps):
    aecg, _ = posg_to_aecg(game)
    profile = data.draw(policies(game))
    turns = 1 + steps * (len(game.agents) + 1)
    found = regrets(game, profile, steps)
    assert min(found) >= 0
    assert regrets(aecg, profile, turns) == found
    assert regrets(aecg_to_posg(aecg)[0], profile, turns) == found


@SETTINGS
@given(st.data(), aecgs(), st.integers(0, 5))
def test_regrets_are_equal_in_both_forms_of_an_aecg(data, game, steps):
    profile = data.draw(policies(game))
    assert regrets(game, profile, steps) == regrets(aecg_to_posg(game)[0], profile, steps)


@settings(max_examples=15, deadline=None)
@given(posgs(agents=2, max_states=2, max_observations=1))
def test_pure_equilibria_are_the_same_in_both_forms(game):
    aecg, _ = posg_to_aecg(game)
    steps, turns = 2, 7
    uniform = [
        uniform_table(count, padded(game, i), size + 1)
        for i, (count, size) in enumerate(zip(game.action_counts, game.observation_counts, strict=True))
    ]
    histories = [own_histories(game, i, uniform, steps) for i in range(2)]
    assert histories == [own_histories(aecg, i, uniform, turns) for i in range(2)]
    joint = list(product(*(list(pure_policies(game, i, histories[i])) for i in range(2))))
    assume(len(joint) <= 64)
    left = [not any(regrets(game, profile, steps)) for profile in joint]
    assert left == [not any(regrets(aecg, profile, turns)) for profile in joint]


def the_coin():
    """One dummy turn of bob on heads, two on tails; then ann, who has seen nothing, names the coin.

    States: 0 toss, 1 heads, 2 and 3 tails, 4 and 5 ann's turn, 6 the end.
    """
    chance = np.eye(7, dtype=int).astype(object)
    chance[0, :3] = [0, F(1, 2), F(1, 2)]
    ann, bob, toss = np.eye(3, dtype=int)
    moves = [
        [[s, s] if s < 4 else [6, 6] for s in range(7)],
        [[{1: 4, 2: 3, 3: 5}.get(s, s)] for s in range(7)],
    ]
    following = [
        np.array([[toss, toss]] * 7),
        np.array([[{1: ann, 2: bob, 3: ann}.get(s, toss)] for s in range(7)]),
        np.array([bob] * 7),
    ]
    right = np.zeros((2, 7, 2, 7), dtype=int)
    right[0, 4, 0, 6] = right[0, 5, 1, 6] = 1
    nothing = np.zeros((2, 7, 1, 7), dtype=int), np.zeros((2, 7, 7), dtype=int)
    return AECG.tabular(
        moves, chance, following, [right, *nothing], [[[1]] * 7, [[1]] * 7], (0, 2), 1, terminal=[6],
        agents=["ann", "bob"],
    )  # fmt: skip


def the_coin_with_ticks():
    """The same, wrongly: ann sees an empty signal in every step, and so can count."""
    P = np.zeros((7, 2, 1, 7), dtype=object)
    P[0, :, :, 1] = P[0, :, :, 2] = F(1, 2)
    for s, after in {1: 4, 2: 3, 3: 5, 4: 6, 5: 6, 6: 6}.items():
        P[s, :, :, after] = 1
    R = np.zeros((2, 7, 2, 1), dtype=int)
    R[0, 4, 0] = R[0, 5, 1] = 1
    return POSG(P, R, [[[1]] * 7] * 2, np.eye(7, dtype=int)[0], 1, terminal=[6])


@pytest.mark.parametrize("horizon", [6, None])
def test_nobody_counts_the_steps_at_which_it_sees_nothing(horizon):
    profile = [uniform_table(2, None, 2), uniform_table(1, None, 2)]
    for game in (the_coin(), aecg_to_posg(the_coin())[0]):
        assert best_response(game, 0, profile, horizon).value == F(1, 2)
    assert best_response(the_coin_with_ticks(), 0, profile, horizon).value == 1


@st.composite
def markov_games(draw):
    """Two agents, two or three states that both see, γ below 1."""
    S = draw(st.integers(2, 3))
    weights = np.array(draw(st.lists(st.integers(0, 2), min_size=4 * S * S, max_size=4 * S * S)))
    weights = weights.reshape(S, 2, 2, S)
    weights[..., 0][~weights.any(axis=-1)] = 1
    P = np.array([F(int(w), 1) for w in weights.ravel()], dtype=object).reshape(weights.shape)
    P = P / P.sum(axis=-1, keepdims=True)
    R = np.array(draw(st.lists(st.integers(-2, 2), min_size=8 * S, max_size=8 * S))).reshape(2, S, 2, 2)
    see = np.eye(S, dtype=int)
    gamma = draw(st.sampled_from([F(0), F(1, 2), F(9, 10)]))
    return POSG(P, R, [see, see], np.eye(S, dtype=int)[0], gamma, initial_observations=[see, see])


@SETTINGS
@given(st.data(), markov_games())
def test_where_states_are_seen_the_best_is_a_pure_table(data, game):
    profile = data.draw(policies(game))
    found = best_response(game, 0, profile)
    values = []
    for actions in product(range(2), repeat=len(game.states)):
        table = TablePolicy([[F(a == k) for a in range(2)] for k in (*actions, 0)])
        values.append(evaluate(game, [table, profile[1]])[0])
    assert found.value == max(values)
    assert isinstance(found.policy, TablePolicy)
    assert evaluate(game, [found.policy, profile[1]])[0] == found.value
    assert regrets(posg_to_aecg(game)[0], profile) == regrets(game, profile)


@SETTINGS
@given(st.data(), markov_games())
def test_hidden_memories_of_others_are_guessed(data, game):
    # Against a controller the agent's belief is about its memory, which it follows through the actions.
    rows = len(game.states) + 1
    table = np.array([[[F(1), F(0)]] * rows, [[F(0), F(1)]] * rows])
    update = np.array(data.draw(st.lists(st.integers(0, 1), min_size=4 * rows, max_size=4 * rows)))
    other = Controller(table, update.reshape(2, rows, 2))
    found = best_response(game, 0, [None, other])
    assert evaluate(game, [found.policy, other])[0] == found.value
    bound = game.discount[0] ** 4 * 2 / (1 - game.discount[0])
    assert abs(best_response(game, 0, [None, other], 4).value - found.value) <= bound


@SETTINGS
@given(st.data(), markov_games())
def test_floats_agree_with_rationals(data, game):
    inexact = POSG(
        np.array(game.tables.transitions, dtype=float), game.tables.rewards, game.observations, game.initial,
        game.discount, initial_observations=game.initial_observations,
    )  # fmt: skip
    profile = data.draw(policies(game))
    for horizon in (3, None):
        exact = regrets(game, profile, horizon)
        assert regrets(inexact, profile, horizon) == pytest.approx([float(gain) for gain in exact], abs=1e-9)


def waiting(gamma):
    """The agent earns 1 when it acts; then the environment gives the turn back with probability 1/2."""
    return AECG.tabular(
        [[[0]]], [[1]], [[[[0, 1]]], [[F(1, 2), F(1, 2)]]], [np.ones((1, 1, 1, 1), dtype=int), [[[0]]]],
        [[[1]]], (0, 0), gamma,
    )  # fmt: skip


def test_steps_that_are_not_seen_may_go_on_for_ever():
    # With γ = 1/2: let m be the discount until the agent acts again once the environment has the
    # turn: m = 1/2 (1/2 + m/2) = 1/3. Then v = 1 + v/2 · 1/3 = 6/5.
    policy = TablePolicy([[1]])
    assert best_response(waiting(F(1, 2)), 0, [policy]).value == F(6, 5)
    assert evaluate(waiting(F(1, 2)), [policy]) == (F(6, 5),)
    with pytest.raises(GameError, match="for ever at γ = 1"):
        best_response(waiting(1), 0, [policy])


def test_a_game_without_end_needs_a_horizon():
    stay = POSG(
        [[[0, 1], [1, 0]], [[0, 1], [0, 1]]], np.zeros((1, 2, 2)), [[[1], [1]]], [1, 0], 1, terminal=[1]
    )
    with pytest.raises(GameError, match="can make play go on for ever at γ = 1"):
        best_response(stay, 0, [None])
    assert best_response(stay, 0, [None], 4).value == 0
    with pytest.raises(GameError, match="agent is 3"):
        best_response(stay, 3, [None])
    with pytest.raises(GameError, match="profile has 2 policies"):
        best_response(stay, 0, [None, None])
    pair = NormalForm.bimatrix([[0]]).to_posg()
    with pytest.raises(GameError, match="agent 2 has no policy to respond to"):
        best_response(pair, 0, [None, None])


def test_beliefs_without_end_need_a_horizon(monkeypatch):
    # A hidden state that each look at tells a little more about.
    hear = [[[F(2, 3), F(1, 3)]], [[F(1, 3), F(2, 3)]]]
    game = POSG([[[1, 0]], [[0, 1]]], np.zeros((1, 2, 1), dtype=int), [hear], [F(1, 2)] * 2, F(1, 2))
    monkeypatch.setattr("gametheory.planning.beliefs.ENDLESS_LIMIT", 50)
    with pytest.raises(GameError, match="more than 50 beliefs of agent 1 to tell apart; give a horizon"):
        best_response(game, 0, [None])
    assert best_response(game, 0, [None], 5).value == 0
