"""How the lab's games are trained: one recipe per algorithm, which knows actions and no answers."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from learners.lab.recipes import RECIPES, games, options
from learners.suites import SUITES

OURS = {game.name: game for game in SUITES["small"]}


def test_the_lab_and_the_plugin_have_the_same_suites():
    assert all(games(name) == own for name, own in SUITES.items())


@pytest.mark.parametrize("algorithm", ["soft-maddpg", "ippo", "mmd"])
def test_a_recipe_is_the_same_for_all_games_with_the_same_kind_of_actions(algorithm):
    chosen = [options(game, algorithm) for name, game in OURS.items() if name != "cournot"]
    assert len(chosen) >= 6
    assert all(own == chosen[0] for own in chosen)


def test_settings_for_one_choice_are_not_set_where_actions_are_numbers():
    recipe, cournot = RECIPES["soft-maddpg"], options(OURS["cournot"], "soft-maddpg")
    assert recipe.choice
    assert not set(recipe.choice) & set(cournot)
    assert set(recipe.choice) <= set(options(OURS["chicken"], "soft-maddpg"))


def test_the_logit_penalty_leaves_strict_equilibria_within_epsilon():
    """``e^−d · gap / σ = λ d / 2`` at a gap of a seventh of the range and σ half of it, the least and the most there are."""
    penalty, gap, spread, reach = RECIPES["soft-maddpg"].choice["logit_penalty"], 1 / 7, 0.5, 20.0
    difference = brentq(lambda d: exp(-d) * gap / spread - penalty * d / 2, 0.1, reach)
    assert 2 * exp(-difference) * gap < 0.01  # NashConv of two agents as a share of the range


@given(update=st.integers(0, 10**6))
def test_the_magnets_step_never_exceeds_its_temperature(update):
    """η ≤ α, under which magnetic mirror descent contracts (Sokota et al., ICLR 2023)."""
    given_ = {**RECIPES["mmd"].settings, **RECIPES["mmd"].choice}
    step = given_["step_size"] / (1 + given_["step_decay"] * update)
    temperature = given_["temperature"] / (1 + given_["temperature_decay"] * update) ** 0.5
    assert step <= temperature * (1 + 1e-12)
