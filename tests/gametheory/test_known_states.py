"""Where the agent sees the state, dynamic programming over states finds what beliefs over histories find."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gametheory.aecg import AECG
from gametheory.best_response import against, best_response, over_beliefs
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.planning.known_states import known_states
from gametheory.policies.controllers import Controller
from gametheory.policy import TablePolicy
from gametheory.posg import POSG
from gametheory.tables.kernels import FactoredObservations, JointObservations
from gametheory.tables.rules import rules
from gametheory.testing_games import aecgs, policies, posgs

F = Fraction
SETTINGS = settings(max_examples=40, deadline=None)
HORIZONS = st.one_of(st.none(), st.integers(0, 3))


@st.composite
def revealed(draw):
    """Games whose first agent sees the state; what the others see depends on the state alone."""
    game = draw(posgs(agents=(1, 3), max_states=2))
    see = np.eye(len(game.states), dtype=int)
    factored = isinstance(game.observations, FactoredObservations)
    others = game.observations.kernels[1:] if factored else [see] * (len(game.agents) - 1)
    kernels = [see, *(own[:, 0] if own.ndim == 3 else own for own in others)]
    return POSG(
        game.branches,
        observations=kernels,
        initial=game.initial,
        discount=game.discount,
        initial_observations=draw(st.sampled_from([None, kernels])),
        null=game.null,
        legal=None
        if not factored
        else [None, *(None if own is None else own[:-1] for own in game.legal[1:])],
        terminal=np.flatnonzero(game.terminal),
        actions=game.actions,
    )


@st.composite
def clocks(draw, game):
    """Policies that play one table at even moves and another at odd ones."""
    pairs = zip(draw(policies(game)), draw(policies(game)), strict=True)
    tables = [np.stack([one.table, other.table]) for one, other in pairs]
    turned = [np.broadcast_to(np.array([1, 0])[:, None, None], table.shape) for table in tables]
    return [Controller(*parts) for parts in zip(tables, turned, strict=True)]


def outcome(work):
    """What comes out; None is a refusal."""
    try:
        return work()
    except GameError:
        return None


@SETTINGS
@given(st.data(), st.one_of(revealed(), aecgs(), posgs()), HORIZONS)
def test_states_and_beliefs_lead_to_the_same_value(data, game, horizon):
    profile = data.draw(st.one_of(policies(game), clocks(game)))
    chain = against(rules(game), 0, [None, *profile[1:]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gametheory.planning.beliefs.ENDLESS_LIMIT", 60)  # beyond, rationals take long
        expected = outcome(lambda: over_beliefs(chain, 0, horizon).value)
        found = outcome(lambda: best_response(game, 0, profile, horizon))
    if expected is None:
        assume(found is None)  # states may do where beliefs are too many
    else:
        assert found is not None
        assert found.value == expected
        assert isinstance(found.value, Fraction)
        assert evaluate(game, [found.policy, *profile[1:]], horizon)[0] == expected


@SETTINGS
@given(st.data(), revealed(), st.integers(0, 4))
def test_floats_come_close(data, game, horizon):
    profile = data.draw(policies(game))
    rounded = [TablePolicy(policy.table.astype(float)) for policy in profile]
    exact = best_response(game, 0, profile, horizon)
    inexact = best_response(game, 0, rounded, horizon)
    assert float(inexact.value) == pytest.approx(float(exact.value), abs=1e-9)


# --- where it is used, and where it is not ---------------------------------------------------------------


def known(game, profile, horizon, agent=0):
    return known_states(against(rules(game), agent, profile), agent, horizon)


@SETTINGS
@given(st.data(), revealed(), HORIZONS)
def test_a_seen_state_is_enough_where_the_agent_always_acts(data, game, horizon):
    if np.any(game.null[:, 0]) or (horizon is None and game.initial_observations is not None):
        return
    profile = data.draw(policies(game))
    assert known(game, profile, horizon) is not None
    if horizon is not None:
        assert known(game, data.draw(clocks(game)), horizon) is not None or np.any(game.null)


def two_states(observations, **options):
    """Agent 0 in one of two states, which change at random."""
    half = [F(1, 2), F(1, 2)]
    P = np.array([[[half, half]] * 2] * 2, dtype=object)
    return POSG(P, np.zeros((2, 2, 2, 2), dtype=int), observations, half, F(1, 2), **options)


NOISE = [[F(2, 3), F(1, 3)], [F(1, 3), F(2, 3)]]
SEE = np.eye(2, dtype=int)
TABLE = TablePolicy([[F(1), F(0)], [F(0), F(1)], [F(1, 2), F(1, 2)]])


def test_a_state_seen_through_noise_is_not_known():
    assert known(two_states([NOISE, SEE]), [None, TABLE], 3) is None
    assert known(two_states([SEE, NOISE]), [None, TABLE], 3) is not None


def test_what_others_remember_must_be_seen():
    remembers = Controller([TABLE.table] * 2, np.array([[[0, 1]] * 3] * 2))  # its own last action
    assert known(two_states([SEE, SEE]), [None, remembers], 3) is None


def test_an_observation_that_tells_what_another_did_is_not_known():
    echo = np.array([[[1, 0], [0, 1]]] * 2)  # [S', A, Ω]: the other hears its own last action
    assert known(two_states([SEE, echo]), [None, TABLE], 3) is None
    hears = np.zeros((2, 2, 2, 2, 2), dtype=int)  # both see the state; the second hears what the first did
    for s in range(2):
        for a in range(2):
            hears[s, a, :, s, a] = 1
    assert known(two_states(JointObservations(hears)), [None, TABLE], 3) is None


def test_a_first_state_that_is_not_seen_is_believed_in():
    game = two_states([SEE, SEE])
    found = known(game, [None, TABLE], 2)
    assert [p for p, _ in found.openings] == [1]
    pays = POSG(
        [[[1, 0], [1, 0]], [[1, 0], [1, 0]]], [[[3, 0], [0, 1]]], [SEE], [F(1, 2), F(1, 2)], terminal=[]
    )  # fmt: skip
    # Unseen at first: max(3/2, 1/2); then state 0 is known: 3.
    assert best_response(pays, 0, [None], 2).value == F(3, 2) + 3


def counting_down(steps):
    """Two agents in turn take one or two of some stones; who takes the last one wins. All is seen."""
    S = steps + 1
    moves = [[[max(s - 1, 0), max(s - 2, 0)] for s in range(S)]] * 2
    wins = np.zeros((2, 2, S, 2, S), dtype=int)  # by mover
    for mover in range(2):
        for s in range(1, S):
            for a in range(2):
                if s - 1 - a <= 0:
                    wins[mover, mover, s, a, 0] = 1
                    wins[mover, 1 - mover, s, a, 0] = -1
    see = np.eye(S, dtype=int)
    return AECG.tabular(moves, None, [0, 1], [*wins, 0], [see] * 2, (steps, 0), 1, terminal=[0])


@pytest.mark.parametrize("stones", range(1, 9))
def test_who_may_take_one_or_two_of_a_multiple_of_three_stones_loses(stones):
    # Bouton, Annals of Mathematics 3 (1901): take what leaves a multiple of three.
    def clever(s):
        return [F(s % 3 != 2), F(s % 3 == 2)]

    game = counting_down(stones)
    policy = TablePolicy([clever(s) for s in range(stones + 1)])
    for form in (game, aecg_to_posg(game)[0]):
        profile = (
            [None, TablePolicy([*policy.table, [F(1), F(0)]])] if isinstance(form, POSG) else [None, policy]
        )
        assert known(form, profile, stones + 1) is not None
        assert best_response(form, 0, profile, stones + 1).value == (1 if stones % 3 else -1)


def test_the_slots_of_earlier_movers_are_not_seen():
    aecg, _ = posg_to_aecg(two_states([SEE, SEE], initial_observations=[SEE, SEE]))
    mixed = TablePolicy([[F(1, 2), F(1, 2)]] * 3)
    assert known(aecg, [None, mixed], 7) is not None
    assert known(aecg, [mixed, None], 7, agent=1) is None
    assert known(aecg, [TABLE, None], 7, agent=1) is not None  # without chance they can be worked out
