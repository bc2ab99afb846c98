"""Conversions change nothing: laws, returns, node counts; checked by code that shares none with them."""

from fractions import Fraction

import numpy as np
import pytest
from forward_play import named, play_aecg, play_posg
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.laws.bisimulation import first_mismatch
from gametheory.laws.enumerated import search
from gametheory.laws.machines import AecgMachine, PosgMachine, Rounds
from gametheory.posg import POSG
from gametheory.testing_games import aecgs, assert_equivalent, policies, posgs

few = settings(deadline=None, max_examples=60)


@few
@given(st.data())
def test_states_discounts_and_returns_agree_after_t_steps_and_1_plus_t_rounds(data):
    posg = data.draw(posgs())
    profile = data.draw(policies(posg))
    aecg, c = posg_to_aecg(posg)
    n = len(posg.agents)
    moves = list(play_aecg(aecg, profile, 1 + 3 * (n + 1)))
    for t, (states, returns) in enumerate(play_posg(posg, profile, 3)):
        weights, paid = moves[1 + t * (n + 1)]
        assert named(weights, c.posg_states) == states
        assert paid == returns


@few
@given(st.data())
def test_states_discounts_and_returns_agree_move_by_move(data):
    aecg = data.draw(aecgs())
    profile = data.draw(policies(aecg))
    posg, c = aecg_to_posg(aecg)
    back, there = posg_to_aecg(posg)  # the POSG is sparse: played as an AECG of n + 1 moves to a move
    n = len(aecg.agents)
    moves = list(play_aecg(back, profile, 1 + 4 * (n + 1)))
    for t, (weights, returns) in enumerate(play_aecg(aecg, profile, 4)):
        again, paid = moves[1 + t * (n + 1)]
        assert named(again, there.posg_states) == named(weights, c.posg_states)
        assert paid == returns


# --- laws for every policy and every horizon ------------------------------------------------------------


@few
@given(posgs())
def test_from_posg_to_aecg_and_back_laws_stay(posg):
    aecg, there = posg_to_aecg(posg)
    assert first_mismatch(there) is None
    assert_equivalent(posg, aecg)  # by enumeration, without the correspondence
    again, back = aecg_to_posg(aecg)
    assert first_mismatch(back) is None
    length = len(posg.agents) + 1
    round_trip = search(
        Rounds(PosgMachine(posg, named=False)), Rounds(PosgMachine(again, named=False), length, 1), None
    )
    assert round_trip.difference is None
    assert round_trip.closed


@few
@given(aecgs())
def test_from_aecg_to_posg_and_back_laws_stay(aecg):
    posg, there = aecg_to_posg(aecg)
    assert first_mismatch(there) is None
    assert_equivalent(aecg, posg)
    again, back = posg_to_aecg(posg)
    assert first_mismatch(back) is None
    length = len(aecg.agents) + 1
    round_trip = search(Rounds(AecgMachine(aecg, None)), Rounds(AecgMachine(again, None), length, 1), None)
    assert round_trip.difference is None
    assert round_trip.closed


@few
@given(posgs(agents=3, max_states=2, max_observations=1))
def test_three_agents(posg):
    aecg, there = posg_to_aecg(posg)
    assert first_mismatch(there) is None
    assert_equivalent(posg, aecg, there)


# --- what is built -----------------------------------------------------------------------------------


@few
@given(posgs())
def test_only_nodes_that_play_can_reach_are_built(posg):
    aecg, c = posg_to_aecg(posg)
    uniform = [
        np.ones((size + 1, count))
        for size, count in zip(aecg.observation_counts, aecg.action_counts, strict=True)
    ]
    for own, legal in zip(uniform, aecg.legal, strict=True):
        if legal is not None:
            own[: len(legal)] *= legal
    seen, queue = {aecg.start}, [aecg.start]
    b = aecg.branches
    while queue:
        node = queue.pop()
        s, mover = aecg.node_states[node], aecg.movers[node]
        for a in range(b.offsets[node + 1] - b.offsets[node]):
            row = b.offsets[node] + a
            if (
                not aecg.silent[node]
                and not aecg.observations[mover].law(s) @ uniform[mover][: aecg.observation_counts[mover], a]
            ):
                continue
            for k in range(b.indptr[row], b.indptr[row + 1]):
                if b.successors[k] not in seen:
                    seen.add(int(b.successors[k]))
                    queue.append(int(b.successors[k]))
    assert len(seen) == aecg.node_count
    over = aecg.terminal[aecg.node_states]
    assert not over[aecg.start]
    others = np.arange(aecg.node_count) != aecg.start
    assert np.array_equal(over[others], posg.terminal[c.posg_states[others]])
    assert aecg.exact


# --- by hand -------------------------------------------------------------------------------------------


def test_a_joint_first_observation_beside_factored_kernels():
    """Both agents first hear one coin, and later nothing."""
    half = Fraction(1, 2)
    first = np.zeros((1, 2, 2), dtype=object)
    first[0, 0, 0] = first[0, 1, 1] = half
    posg = POSG(
        np.ones((1, 1, 1, 1), dtype=int),
        np.zeros((2, 1, 1, 1), dtype=int),
        [[[1, 0]], [[1, 0]]],
        [1],
        initial_observations=first,
    )
    aecg, c = posg_to_aecg(posg)
    assert_equivalent(posg, aecg, c)
    opened = [
        int(k) for k in aecg.branches.successors[aecg.branches.indptr[aecg.branches.offsets[aecg.start]] :]
    ][:2]
    assert sorted(aecg.states[int(aecg.node_states[k])] for k in opened) == [
        "1 (sees 1, sees 1)",
        "1 (sees 2, sees 2)",
    ]


def test_a_game_too_large_is_refused_with_its_size():
    posg = POSG(np.ones((1, 2, 2, 1), dtype=int), np.zeros((2, 1, 2, 2), dtype=int), [[[1]], [[1]]], [1])
    with pytest.raises(GameError, match="more than 5 nodes"):
        posg_to_aecg(posg, node_limit=5)
