"""Exact values agree with the definition, with sums over runs and between the two forms of a game."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from profiles_with_memory import coin_game, stateful, with_discount, without_end

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError, LimitReached
from gametheory.evaluate import evaluate
from gametheory.laws.trajectories import Trajectory, history_table, law, probability, returns
from gametheory.policies.controllers import HistoryPolicy
from gametheory.policies.history import probabilities_after
from gametheory.policy import TablePolicy, uniform_table
from gametheory.tables.kernels import FactoredObservations
from gametheory.testing_games import aecgs, posgs

F = Fraction
SETTINGS = settings(max_examples=25, deadline=None)
GAMMAS = [F(0), F(1, 2), F(9, 10), F(1)]


def sightings(game, state, joint):
    """All joint observations with their probabilities; None stands for ⊥."""
    first, kernels = game.initial_observations, game.observations
    sizes = game.observation_counts
    for seen in product(*(range(size) for size in sizes)):
        if joint is None and isinstance(first, FactoredObservations):
            factors = [own[state, w] for own, w in zip(first.kernels, seen, strict=True)]
        elif joint is not None and isinstance(kernels, FactoredObservations):
            factors = [k[state, a, w] for k, a, w in zip(kernels.kernels, joint, seen, strict=True)]
        else:
            whole = first.kernel[(state, *seen)] if joint is None else kernels.kernel[(state, *joint, *seen)]
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


@pytest.mark.parametrize("horizon", [-1, 1.5])
def test_a_horizon_is_a_number_of_steps(horizon):
    with pytest.raises(GameError, match=f"horizon is {horizon}"):
        evaluate(coin_game(1), [uniform_table(2, None, 3)], horizon)
