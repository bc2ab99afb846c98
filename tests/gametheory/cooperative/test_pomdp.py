"""POMDPs: both bounds against values found another way, and policies that earn what they promise."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory.cooperative.a_star import multi_agent_a_star
from gametheory.cooperative.pomdp import pomdp
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.load import load
from gametheory.posg import POSG
from gametheory.testing import posgs


def tiger_by_counting(most=60, steps=2_000):
    """The tiger problem's value: its belief is how often more "left" than "right" was heard, k.

    Pr(tiger left | k) = 0.85^k / (0.85^k + 0.15^k); value iteration over −most … most.
    """
    k = np.arange(-most, most + 1)
    left = 1 / (1 + (0.15 / 0.85) ** k)
    hear_left = 0.85 * left + 0.15 * (1 - left)
    values = np.zeros(len(k))
    for _ in range(steps):
        up, down = np.append(values[1:], values[-1]), np.append(values[0], values[:-1])
        listen = -1 + 0.95 * (hear_left * up + (1 - hear_left) * down)
        open_left = -100 * left + 10 * (1 - left) + 0.95 * values[most]
        open_right = 10 * left - 100 * (1 - left) + 0.95 * values[most]
        values = np.maximum(listen, np.maximum(open_left, open_right))
    return values[most]


def test_tiger_for_ever():
    """The problem of Kaelbling, Littman & Cassandra 1998 at γ = 0.95; its value from the even belief is 19.37."""
    found = pomdp(load("tiger"), gap=0.01)
    assert found.outcome == "solved"
    lower, upper = found.parameters["lower_bound"], found.parameters["upper_bound"]
    assert upper - lower <= 0.01
    truth = tiger_by_counting()
    assert truth == pytest.approx(19.37, abs=0.005)
    assert lower - 1e-9 <= truth <= upper + 1e-9


def test_the_controller_earns_the_lower_bound():
    found = pomdp(load("tiger"), gap=0.5)
    value = float(evaluate(load("tiger"), found.profiles[0])[0])
    assert value == pytest.approx(found.parameters["lower_bound"], abs=1e-9)


def test_bounds_only_come_closer():
    trace = pomdp(load("tiger"), gap=0.1).trace.quantities
    assert np.all(np.diff(trace["lower"]) >= -1e-9)
    assert np.all(np.diff(trace["upper"]) <= 1e-9)


@pytest.mark.parametrize("horizon", [1, 2, 5, 8])
def test_with_a_horizon_it_agrees_with_a_star(horizon):
    """Multi-agent A* with one agent: reachable beliefs, no vectors."""
    found = pomdp(load("tiger"), horizon=horizon, gap=1e-8)
    best = multi_agent_a_star(load("tiger"), horizon=horizon)
    assert found.outcome == "solved"
    assert found.values[0][0] == pytest.approx(best.values[0][0], abs=1e-7)
    value = float(evaluate(load("tiger"), found.profiles[0], horizon)[0])
    assert value == pytest.approx(found.values[0][0], abs=1e-9)


@st.composite
def games(draw, discount=None):
    """One agent that always acts; ends, discounts by state, first observations of all kinds."""
    game = draw(posgs(agents=1, max_states=3))
    assume(not game.null.any())
    return POSG(
        game.tables.transitions,
        game.tables.rewards,
        game.observations,
        game.initial,
        game.discount if discount is None else discount,
        initial_observations=game.initial_observations,
        terminal=np.flatnonzero(game.terminal),
    )


@settings(max_examples=40, deadline=None)
@given(games(), st.integers(1, 4))
def test_random_games_over_a_horizon(game, horizon):
    found = pomdp(game, horizon=horizon, gap=1e-7)
    assert found.outcome == "solved"
    best = multi_agent_a_star(game, horizon=horizon).values[0][0]
    assert found.parameters["lower_bound"] - 1e-9 <= best <= found.parameters["upper_bound"] + 1e-9
    value = float(evaluate(game, found.profiles[0], horizon)[0])
    assert value == pytest.approx(found.values[0][0], abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(games(discount="1/2"))
def test_random_games_for_ever(game):
    """What comes after h steps is worth at most γ^h max|r| / (1 − γ)."""
    found = pomdp(game, gap=1e-2)
    assert found.outcome == "solved"
    best = multi_agent_a_star(game, horizon=8).values[0][0]
    later = 0.5**8 * 2 / (1 - 0.5)  # rewards are −2 … 2
    assert found.parameters["lower_bound"] - later - 1e-9 <= best
    assert best <= found.parameters["upper_bound"] + later + 1e-9
    value = float(evaluate(game, found.profiles[0])[0])
    assert value == pytest.approx(found.values[0][0], abs=1e-8)


def test_limits_leave_a_policy_and_bounds():
    cut = pomdp(load("tiger"), clock=TickClock(20), gap=1e-9)
    assert cut.outcome == "time limit"
    assert cut.parameters["lower_bound"] <= 19.3721 <= cut.parameters["upper_bound"] + 1e-3
    few = pomdp(load("tiger"), trials=3)
    assert few.outcome == "iteration limit"
    assert len(few.trace.iterations) == 4


def test_what_it_cannot_do_is_said():
    with pytest.raises(GameError, match="numeric"):
        pomdp(load("tiger"), exact=True)
    with pytest.raises(GameError, match="one agent; this game has 2"):
        pomdp(load("dec-tiger"))
    with pytest.raises(GameError, match="gap is 0"):
        pomdp(load("tiger"), gap=0)
    ending = POSG(np.ones((1, 1, 1)), np.ones((1, 1, 1)), [np.ones((1, 1, 1))], [1])
    with pytest.raises(GameError, match="give a horizon"):
        pomdp(ending)
