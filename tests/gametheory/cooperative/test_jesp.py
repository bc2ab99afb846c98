"""Alternating best response: local optima by certificates, against optimal policies and published values."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory.certificates.sequential import certify_sequential
from gametheory.cooperative.a_star import multi_agent_a_star
from gametheory.cooperative.jesp import jesp
from gametheory.cooperative.sequences import _from_tree, team_sequences
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.unroll import unroll
from gametheory.load import load
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.rules import rules
from gametheory.testing import posgs


@st.composite
def teams(draw, agents=2, regular=False):
    """Random POSGs in which all agents get what agent 0 got."""
    game = draw(posgs(agents=agents))
    if regular:
        assume(not game.null.any())
    values = np.broadcast_to(game.tables.rewards.values[:1], game.tables.rewards.values.shape)
    return POSG(
        game.tables.transitions,
        Rewards(values, game.tables.rewards.probabilities),
        game.observations,
        game.initial,
        game.discount,
        initial_observations=game.initial_observations,
        null=game.null,
        legal=None if regular else game.legal,
        terminal=np.flatnonzero(game.terminal),
    )


@settings(max_examples=25, deadline=None)
@given(teams(agents=(1, 3)), st.integers(1, 2), st.integers(0, 2**32))
def test_nobody_can_improve_alone(game, horizon, seed):
    """⊥, legal sets, ends and discounts per state included."""
    assume(count_nodes(rules(game), horizon) < 3_000)
    found = jesp(game, horizon=horizon, restarts=3, seed=seed)
    certificate = certify_sequential(game, found.profiles[0], horizon)
    assert certificate.holds
    assert max(map(float, certificate.regrets)) < 1e-8
    assert found.values[0] == pytest.approx([float(v) for v in certificate.values], abs=1e-9)
    assert found.outcome == "partial"
    assert "local optimum" in found.why
    assert np.all(np.diff(found.trace.quantities["value"]) > 0)


@settings(max_examples=15, deadline=None)
@given(teams(regular=True), st.integers(1, 3))
def test_never_above_the_optimum(game, horizon):
    found = jesp(game, horizon=horizon, restarts=10)
    assert found.values[0][0] <= multi_agent_a_star(game, horizon=horizon).values[0][0] + 1e-8


@settings(max_examples=25, deadline=None)
@given(teams(agents=(1, 3), regular=True), st.integers(1, 2), st.randoms(use_true_random=False))
def test_sequences_stage_by_stage_are_those_of_the_tree(game, horizon, random):
    """The same value for any weights, once sequences are matched by history."""
    assume(count_nodes(rules(game), horizon) < 3_000)
    short, tree = team_sequences(game, horizon), _from_tree(unroll(game, horizon))
    weights: dict = {}

    def value(known):
        total = known.payoffs
        for i, (own, at) in enumerate(zip(known.own, known.at, strict=True)):
            plan = np.ones(own.size)
            for low, codes, history in zip(own.first, own.codes, own.histories, strict=True):
                for k, action in enumerate(codes):
                    plan[low + k] = weights.setdefault((i, history, action), random.random())
            total = total * plan[at]
        return total.sum()

    assert value(short) == pytest.approx(value(tree), abs=1e-9)
    for a, b in zip(short.own, tree.own, strict=True):
        assert set(a.histories) <= set(b.histories)  # without those that no longer count, as γ = 0


@pytest.mark.parametrize(("horizon", "optimum"), [(2, -4.0), (3, 5.190812)])
def test_dec_tiger_with_restarts(horizon, optimum):
    """Oliehoek, Spaan, Amato & Whiteson, JAIR 46, 2013: optimal values."""
    found = jesp(load("dec-tiger"), horizon=horizon)
    value = float(evaluate(load("dec-tiger"), found.profiles[0], horizon)[0])
    assert value == pytest.approx(optimum, abs=1e-6)
    assert certify_sequential(load("dec-tiger"), found.profiles[0], horizon).kind == "exact"


def test_few_restarts_find_less():
    """A start that ends in a worse local optimum, as the method's name for it says."""
    values = [jesp(load("dec-tiger"), horizon=3, restarts=1, seed=seed).values[0][0] for seed in range(12)]
    assert max(values) <= 5.1908126
    assert min(values) < 5
    assert all(v == jesp(load("dec-tiger"), horizon=3, restarts=1, seed=s).values[0][0] for s, v in
               enumerate(values[:2]))  # fmt: skip


def test_a_time_limit_leaves_a_policy():
    found = jesp(load("dec-tiger"), clock=TickClock(50), horizon=3, restarts=10**5)
    assert found.outcome == "time limit"
    value = float(evaluate(load("dec-tiger"), found.profiles[0], 3)[0])
    assert value == pytest.approx(found.values[0][0], abs=1e-9)


def test_what_it_cannot_do_is_said():
    with pytest.raises(GameError, match="numeric"):
        jesp(load("dec-tiger"), exact=True, horizon=2)
    with pytest.raises(GameError, match="not fully cooperative"):
        jesp(load("kuhn-poker"))
    with pytest.raises(GameError, match="not fully cooperative"):
        jesp(load("matching-pennies").to_posg(), horizon=1)
    with pytest.raises(GameError, match="play may go on for ever"):
        jesp(load("dec-tiger"))
    with pytest.raises(GameError, match="shorten the horizon"):
        jesp(load("dec-tiger"), horizon=9)
