"""Exact values agree with sums over runs, between the two forms of a game, and with numbers by hand."""

import sys
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gametheory import markov
from gametheory.controllers import Controller, HistoryPolicy, MixturePolicy
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError, LimitReached
from gametheory.evaluate import evaluate
from gametheory.history import probabilities_after
from gametheory.kernels import FactoredObservations, JointObservations
from gametheory.policy import TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.testing import normal_forms, profiles
from gametheory.testing_games import aecgs, policies, posgs
from gametheory.trajectories import Trajectory, history_table, law, probability, returns

F = Fraction
SETTINGS = settings(max_examples=25, deadline=None)
GAMMAS = [F(0), F(1, 2), F(9, 10), F(1)]


def with_discount(game, gamma):
    """The same game with another discount."""
    return POSG(
        game.tables.transitions, game.tables.rewards, game.observations, game.initial, gamma,
        initial_observations=game.initial_observations, null=game.null, legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
    )  # fmt: skip


@st.composite
def stateful(draw, game):
    """Profiles of policies with memory: controllers, tables over histories, mixtures."""
    out = []
    for tables in zip(*(draw(policies(game)) for _ in range(3)), strict=True):
        first, second, third = (own.table for own in tables)
        update = draw(st.lists(st.integers(0, 1), min_size=2 * first.size, max_size=2 * first.size))
        controller = Controller(np.stack([first, second]), np.array(update).reshape(2, *first.shape))
        table = {(("o", w),): law for w, law in enumerate(second)}
        table |= {
            (("o", w), ("a", a), ("o", v)): third[v]
            for w, a, v in product(range(len(first)), range(first.shape[1]), range(len(first)))
        }
        mixture = MixturePolicy([F(1, 3), F(2, 3)], [tables[0], controller])
        out.append(draw(st.sampled_from([tables[0], controller, HistoryPolicy(table, first), mixture])))
    return tuple(out)


# --- against the definitions, written once more from the dense tables ---------------------------------


def sightings(game, state, joint):
    """All joint observations with their probabilities; None stands for ⊥."""
    first, kernels = game.initial_observations, game.observations
    sizes = game.observation_counts
    for seen in product(*(range(size) for size in sizes)):
        if joint is None and isinstance(first, tuple):
            factors = [own[state, w] for own, w in zip(first, seen, strict=True)]
        elif joint is not None and isinstance(kernels, FactoredObservations):
            factors = [k[state, a, w] for k, a, w in zip(kernels.kernels, joint, seen, strict=True)]
        else:
            whole = first[(state, *seen)] if joint is None else kernels.kernel[(state, *joint, *seen)]
            yield tuple(None if hide else w for hide, w in zip(game.null[state], seen, strict=True)), whole
            continue
        silent = [(hide, w) for hide, w in zip(game.null[state], seen, strict=True)]
        if any(hide and w for hide, w in silent):
            continue
        weight = F(1)
        for hide, factor in zip(game.null[state], factors, strict=True):
            weight *= 1 if hide else factor
        yield tuple(None if hide else w for hide, w in silent), weight


def worth(game, profile, horizon):
    """``E[Σ Γ_t r_{t+1}]`` by recursion over (state, histories), dense tables only."""
    R, P = game.tables.rewards.expected(), game.tables.transitions

    def after(state, seen, past, left):
        histories = tuple(own if w is None else (*own, ("o", w)) for own, w in zip(past, seen, strict=True))
        return onward(state, seen, histories, left)

    def onward(state, seen, histories, left):
        total = np.array([F(0)] * len(game.agents))
        if not left or game.terminal[state]:
            return total
        laws = [
            [(F(1), None)]
            if w is None
            else [(p, a) for a, p in enumerate(probabilities_after(policy, own, count)) if p]
            for policy, own, w, count in zip(profile, histories, seen, game.action_counts, strict=True)
        ]
        for choice in product(*laws):
            p = np.prod([own for own, _ in choice])
            joint = tuple(a or 0 for _, a in choice)
            past = tuple(
                own if a is None else (*own, ("a", a)) for own, (_, a) in zip(histories, choice, strict=True)
            )
            for reached, q in enumerate(P[(state, *joint)]):
                if q:
                    total = total + p * q * R[(slice(None), state, *joint, reached)]
                    for sight, weight in sightings(game, reached, joint):
                        if weight:
                            rest = after(reached, sight, past, left - 1)
                            total = total + p * q * weight * game.discount[state] * rest
        return total

    total = np.array([F(0)] * len(game.agents))
    for state, p in enumerate(game.initial):
        if not p:
            continue
        if game.initial_observations is None:
            seen = [
                None if hide else size
                for hide, size in zip(game.null[state], game.observation_counts, strict=True)
            ]
            total = total + p * after(state, seen, ((),) * len(seen), horizon)
        else:
            for seen, q in sightings(game, state, None):
                if q:
                    total = total + p * q * after(state, seen, ((),) * len(seen), horizon)
    return tuple(total)


@SETTINGS
@given(st.data(), posgs(), st.integers(0, 2))
def test_the_value_is_the_one_of_the_definition(data, game, horizon):
    profile = data.draw(stateful(game))
    assert evaluate(game, profile, horizon) == worth(game, profile, horizon)


@SETTINGS
@given(st.data(), st.one_of(posgs(), aecgs()), st.integers(0, 3))
def test_the_value_is_the_sum_over_runs(data, game, horizon):
    profile = data.draw(stateful(game))
    try:
        runs = law(game, profile, horizon)
    except LimitReached:
        assume(False)
    assume(len(runs) < 400)
    assert sum(runs.values()) == 1
    assert all(probability(game, profile, run) == p for run, p in runs.items())
    totals = [sum(p * returns(game, run)[i] for run, p in runs.items()) for i in range(len(game.agents))]
    assert evaluate(game, profile, horizon) == tuple(totals)


@SETTINGS
@given(st.data(), st.one_of(posgs(), aecgs()), st.integers(0, 3))
def test_policies_survive_as_tables_over_histories(data, game, horizon):
    profile = data.draw(stateful(game))
    tables = []
    for i, (count, size) in enumerate(zip(game.action_counts, game.observation_counts, strict=True)):
        blank = uniform_table(count, None, size + 1).table
        tables.append(HistoryPolicy(history_table(game, profile, i, horizon), blank))
    assert law(game, tables, horizon) == law(game, profile, horizon)


def test_runs_that_cannot_happen_have_probability_0():
    game = coin_game(F(1, 2))
    profile = [TablePolicy([[1, 0]] * 3)]
    (run,) = (run for run in law(game, profile, 1) if run.states == (0, 1))
    assert probability(game, profile, run) == F(1, 2)
    for changes in (
        {"states": (1, 1)},
        {"observations": ((2,), (0,))},
        {"actions": ((1,),)},
        {"actions": ((-1,),)},
        {"rewards": ((7,),)},
    ):
        other = Trajectory(**{**vars(run), **changes})
        assert probability(game, profile, other) == 0


def coin_game(gamma):
    """One agent guesses a coin that is tossed anew in every step, and sees it afterwards."""
    P = np.full((2, 2, 2), F(1, 2), dtype=object)
    R = np.array([[[[F(s2 == a) for s2 in range(2)] for a in range(2)] for s in range(2)]], dtype=object)
    return POSG(P, R, [[[1, 0], [0, 1]]], [1, 0], gamma)


# --- conversions ----------------------------------------------------------------------------------------


@SETTINGS
@given(st.data(), posgs(), st.sampled_from([*GAMMAS, None]), st.integers(0, 3))
def test_a_posg_and_its_aecg_are_worth_the_same(data, game, gamma, steps):
    game = game if gamma is None else with_discount(game, gamma)
    aecg, _ = posg_to_aecg(game)
    profile = data.draw(stateful(game))
    values = evaluate(game, profile, steps)
    turns = 1 + steps * (len(game.agents) + 1)
    assert evaluate(aecg, profile, turns) == values
    assert evaluate(aecg_to_posg(aecg)[0], profile, turns) == values
    assert without_end(game, profile) == without_end(aecg, profile)


@SETTINGS
@given(st.data(), aecgs(), st.integers(0, 5))
def test_an_aecg_and_its_posg_are_worth_the_same(data, game, steps):
    profile = data.draw(stateful(game))
    posg, _ = aecg_to_posg(game)
    assert evaluate(game, profile, steps) == evaluate(posg, profile, steps)
    assert without_end(game, profile) == without_end(posg, profile)


def without_end(game, profile):
    """The value without a horizon, or None where there is none."""
    try:
        return evaluate(game, profile)
    except GameError as error:
        if "play never ends" not in str(error):
            raise
        return None


# --- without a horizon ----------------------------------------------------------------------------------


@SETTINGS
@given(st.data(), posgs(), st.sampled_from([F(1, 2), F(9, 10)]), st.integers(0, 8))
def test_the_value_is_the_limit_of_finite_horizons(data, game, gamma, horizon):
    game = with_discount(game, gamma)
    profile = data.draw(stateful(game))
    bound = gamma**horizon * 2 / (1 - gamma)  # rewards lie in [−2, 2]
    for whole, part in zip(evaluate(game, profile), evaluate(game, profile, horizon), strict=True):
        assert abs(whole - part) <= bound


@SETTINGS
@given(st.data(), posgs())
def test_floats_are_close_to_rationals(data, game):
    profile = data.draw(stateful(game))
    exact = without_end(game, profile)
    inexact = POSG(
        np.array(game.tables.transitions, dtype=float), game.tables.rewards, game.observations,
        np.array(game.initial, dtype=float),
        game.discount, initial_observations=game.initial_observations, null=game.null, legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
    )  # fmt: skip
    found = without_end(inexact, profile)
    if exact is None:
        assert found is None
    else:
        assert all(isinstance(value, F) for value in exact)
        assert all(isinstance(value, float) for value in found)
        assert found == pytest.approx([float(value) for value in exact], abs=1e-8)


def test_values_by_hand():
    # Each guess is right with probability 1/2: Σ_t γ^t / 2 = 1 / (2 (1 − γ)).
    half = [uniform_table(2, None, 3)]
    assert evaluate(coin_game(F(9, 10)), half) == (5,)
    assert evaluate(coin_game(F(0)), half) == (F(1, 2),)
    assert evaluate(coin_game(1), half, 7) == (F(7, 2),)
    # γ by state: v0 = 1/2 + (v0 + v1)/2, v1 = 1/2: v0 = 3/2. State 0 is the start.
    assert evaluate(coin_game([1, 0]), half) == (F(3, 2),)


def test_play_that_ends_surely_needs_no_discount():
    # An agent stops with probability 1/3 in each step, and earns 1 per step: 3 steps on average.
    P = np.zeros((2, 2, 2), dtype=int)
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1
    game = POSG(P, np.ones((1, 2, 2), dtype=int), [[[1], [1]]], [1, 0], 1, terminal=[1])
    assert evaluate(game, [TablePolicy([[F(2, 3), F(1, 3)]] * 2)]) == (3,)
    for always in ([F(1), F(0)], [1.0, 0.0]):
        with pytest.raises(GameError, match="no value without a horizon: from state 1 on play never ends"):
            evaluate(game, [TablePolicy([always] * 2)])
    assert evaluate(game, [TablePolicy([[1, 0]] * 2)], 5) == (5,)


def test_recurrence_is_judged_under_the_profile():
    # Undiscounted for ever in state 1, but nobody goes there.
    P = np.zeros((2, 2, 2), dtype=int)
    P[0, 0, 0] = P[0, 1, 1] = P[1, :, 1] = 1
    game = POSG(P, np.ones((1, 2, 2), dtype=int), [[[1], [1]]], [1, 0], [F(1, 2), 1])
    assert evaluate(game, [TablePolicy([[1, 0]] * 2)]) == (2,)
    with pytest.raises(GameError, match="from state 2 on"):
        evaluate(game, [TablePolicy([[0, 1]] * 2)])


class Counter:
    """Remembers how often it acted: no finite memory."""

    first = 0

    def start(self, batch):
        return np.zeros(batch)

    def act(self, carry, observation, keys):
        return carry + 1, np.zeros(len(keys), dtype=int)

    def choices(self, memory, observation):
        return (TablePolicy([[1, 0]] * 3).choices(None, observation)[0]._replace(memory=memory + 1),)


def test_policies_that_remember_without_bound_need_a_horizon(monkeypatch):
    monkeypatch.setattr(sys.modules["gametheory.evaluate"], "POINT_LIMIT", 100)
    with pytest.raises(GameError, match=r"may remember without bound\); give a horizon"):
        evaluate(coin_game(F(1, 2)), [Counter()])
    assert evaluate(coin_game(F(1, 2)), [Counter()], 2) == (F(3, 4),)


def test_exact_systems_have_a_limit(monkeypatch):
    monkeypatch.setattr(markov, "EXACT_LIMIT", 2)
    with pytest.raises(LimitReached, match="exact linear system of 3 unknowns"):
        markov.solve_chain([[(F(1, 2), (k + 1) % 3)] for k in range(3)], [[F(1)]] * 3)


@pytest.mark.parametrize("horizon", [-1, 1.5])
def test_a_horizon_is_a_number_of_steps(horizon):
    with pytest.raises(GameError, match=f"horizon is {horizon}"):
        evaluate(coin_game(1), [uniform_table(2, None, 3)], horizon)


# --- known games ----------------------------------------------------------------------------------------


@given(st.data(), normal_forms())
def test_a_matrix_game_is_worth_what_its_table_says(data, game):
    strategies = data.draw(profiles(game))
    profile = [TablePolicy(np.stack([own, own])) for own in strategies]
    assert evaluate(game.to_posg(), profile) == game.values(strategies)


def dec_tiger(gamma=1):
    """Dec-Tiger (Nair et al., *Taming decentralized POMDPs*, IJCAI 2003): listen, open left, open right."""
    P = np.full((2, 3, 3, 2), F(1, 2), dtype=object)
    O = np.full((2, 3, 3, 2, 2), F(1, 4), dtype=object)  # noqa: E741 - the field's name
    R = np.zeros((2, 2, 3, 3), dtype=object)
    pay = {"ll": -2, "lg": 9, "lb": -101, "gg": 20, "bb": -50, "bg": -100}
    for s in range(2):
        P[s, 0, 0] = [F(s == 0), F(s == 1)]
        hear = [F(17, 20) if w == s else F(3, 20) for w in range(2)]
        O[s, 0, 0] = [[a * b for b in hear] for a in hear]
        kinds = ["l", *("b" if door == s else "g" for door in range(2))]
        for a, b in product(range(3), range(3)):
            key = kinds[a] + kinds[b]
            R[:, s, a, b] = pay[key] if key in pay else pay[key[::-1]]
    return POSG(P, R, JointObservations(O), [F(1, 2), F(1, 2)], gamma)


def heard_twice():
    """Listen twice, then open the door away from a noise heard twice; else listen."""
    listen, left, right = ([F(a == k) for a in range(3)] for k in range(3))
    past = (("o", 2), ("a", 0))
    table = {
        (*past, ("o", 0), ("a", 0), ("o", 0)): right,
        (*past, ("o", 1), ("a", 0), ("o", 1)): left,
    }
    return HistoryPolicy(table, [listen] * 3)


def test_dec_tiger_by_hand():
    # Uniform play: of the nine joint actions one listens (−2), four open one door (twice 9, twice
    # −101), four open two (20, −50, −100, −100): −416/9 per step, whatever is believed.
    uniform = [uniform_table(3, None, 3)] * 2
    for horizon in range(4):
        assert evaluate(dec_tiger(), uniform, horizon) == (F(-416, 9) * horizon,) * 2
    assert evaluate(dec_tiger(F(9, 10)), uniform) == (F(-4160, 9),) * 2
    # Each agent hears twice right with g = 289/400, twice wrong with b = 9/400, else listens.
    g, b, l = F(289, 400), F(9, 400), F(102, 400)  # noqa: E741 - listens
    last = g * g * 20 + b * b * -50 + 2 * g * b * -100 + 2 * l * (g * 9 + b * -101) + l * l * -2
    assert evaluate(dec_tiger(), [heard_twice()] * 2, 3) == (-4 + last,) * 2
    hearing = (("o", 2), ("a", 0)), [(("o", w), ("a", 0)) for w in range(2)]
    table = history_table(dec_tiger(), [heard_twice()] * 2, 0, 3)
    assert set(table) == {
        (("o", 2),),
        *((*hearing[0], ("o", w)) for w in range(2)),
        *((*hearing[0], *one, ("o", w)) for one in hearing[1] for w in range(2)),
    }
    # The optimum for horizon 3 is 5.19 (Nair et al. 2003), and this is the policy.
    assert round(float(-4 + last), 2) == 5.19
