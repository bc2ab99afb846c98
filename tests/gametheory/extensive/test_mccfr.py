"""External sampling: what it approaches, against exact evaluation and certificates that share no code with it."""

from functools import cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory.certificates.sequential import certify_sequential
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive import mccfr as module
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.mccfr import mccfr
from gametheory.load import load
from gametheory.tables.rules import rules
from gametheory.testing import aecgs, posgs


@cache
def kuhn(iterations=20_000):
    return mccfr(load("kuhn-poker"), iterations=iterations, seed=1)


def test_kuhn_poker_comes_near_its_equilibria():
    found = kuhn()
    assert found.outcome == "iteration limit"
    assert found.trace.quantities["information_sets"][-1] == 12
    certificate = certify_sequential(load("kuhn-poker"), found.profiles[0])
    assert certificate.nash_conv < 0.05
    # Kuhn 1950: −1/18; an agent's value is off by no more than the regrets allow
    assert abs(float(certificate.values[0]) + 1 / 18) <= float(certificate.nash_conv)


def test_nash_conv_falls_with_the_iterations():
    falling = kuhn().trace.quantities["nash_conv"]
    early = falling[kuhn().trace.iterations <= 100]
    assert falling[-1] < 0.2 * early.min()


def test_what_is_measured_on_the_way_is_what_the_certificate_finds():
    found = kuhn()
    certificate = certify_sequential(load("kuhn-poker"), found.profiles[0])
    assert found.trace.quantities["nash_conv"][-1] == pytest.approx(float(certificate.nash_conv), abs=1e-9)
    assert found.values[0] == pytest.approx([float(v) for v in certificate.values], abs=1e-9)


def test_liars_dice():
    game = load("liars-dice-4")
    found = mccfr(game, iterations=700, seed=3)
    falling = found.trace.quantities["nash_conv"]
    assert falling[-1] < 0.55 < 0.8 < falling[0]
    certificate = certify_sequential(game, found.profiles[0])
    assert float(certificate.nash_conv) == pytest.approx(falling[-1], abs=1e-9)


@pytest.mark.parametrize(("name", "bound"), [("goofspiel-3", 0.08), ("kuhn-poker-3", 0.25)])
def test_simultaneous_moves_and_three_agents(name, bound):
    found = mccfr(load(name), iterations=1500, seed=2)
    assert float(certify_sequential(load(name), found.profiles[0]).nash_conv) < bound


def test_one_agent_learns_what_is_best_for_it():
    """The tiger problem over two steps: listen twice, −1 − 0.95; opening a door at once is −45."""
    found = mccfr(load("tiger"), iterations=2000, horizon=2)
    assert -2.5 < float(evaluate(load("tiger"), found.profiles[0], 2)[0]) <= -1.95


@settings(max_examples=15, deadline=None)
@given(st.one_of(posgs(), aecgs()), st.integers(0, 3), st.integers(0, 2**32))
def test_policies_earn_what_is_said_in_any_game(game, horizon, seed):
    """Discounts per state, ⊥ and illegal actions included."""
    assume(count_nodes(rules(game), horizon) < 2_000)
    found = mccfr(game, iterations=5, seed=seed, horizon=horizon)
    values = [float(v) for v in evaluate(game, found.profiles[0], horizon)]
    assert found.values[0] == pytest.approx(values, abs=1e-9)


def test_values_of_large_trees_are_estimates(monkeypatch):
    monkeypatch.setattr(module, "MEASURED", 10)
    found = mccfr(load("kuhn-poker"), iterations=50)
    assert set(found.trace.quantities) == {"information_sets"}
    errors = np.array(found.parameters["standard_errors"])
    values = [float(v) for v in evaluate(load("kuhn-poker"), found.profiles[0])]
    assert (errors > 0).all()
    assert np.all(abs(np.array(found.values[0]) - values) < 5 * errors)


def test_the_seed_decides():
    first, again, other = (mccfr(load("kuhn-poker"), iterations=200, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first.trace.quantities["nash_conv"], again.trace.quantities["nash_conv"])
    assert not np.array_equal(first.trace.quantities["nash_conv"], other.trace.quantities["nash_conv"])


def test_a_time_limit_leaves_what_was_reached():
    found = mccfr(load("kuhn-poker"), clock=TickClock(5), iterations=10**9)
    assert found.outcome == "time limit"
    assert found.trace.iterations[-1] == found.parameters["iterations"] < 10**9


def test_what_it_cannot_do_is_said():
    with pytest.raises(GameError, match="samples"):
        mccfr(load("kuhn-poker"), exact=True)
    with pytest.raises(GameError, match="at least 1"):
        mccfr(load("kuhn-poker"), iterations=0)
    with pytest.raises(GameError, match="play may go on for ever"):
        mccfr(load("dec-tiger"))
