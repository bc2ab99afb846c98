"""Conversions change nothing: laws, returns, node counts, names; checked by code that shares none with them."""

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.bisimulation import first_mismatch
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.dense import Rewards
from gametheory.errors import GameError
from gametheory.kernels import FactoredObservations, JointObservations
from gametheory.laws import search
from gametheory.machines import AecgMachine, PosgMachine, Rounds
from gametheory.posg import POSG
from gametheory.testing_games import aecgs, assert_equivalent, policies, posgs

# --- an oracle: play forward by the definitions, from the dense tables -------------------------------


def law_of_seeing(posg, state, joint):
    """Observation vectors and their probabilities, straight from the kernels."""
    kernels, first = posg.observations, posg.initial_observations
    for seen in product(*(range(size + 1) for size in posg.observation_counts)):
        if joint is None and first is None:
            weight = int(seen == posg.observation_counts)
        elif any(w == size for w, size in zip(seen, posg.observation_counts, strict=True)):
            weight = 0
        elif joint is None:
            weight = (
                np.prod([own[state, w] for own, w in zip(first, seen, strict=True)])
                if isinstance(first, tuple)
                else first[(state, *seen)]
            )
        elif isinstance(kernels, FactoredObservations):
            weight = np.prod(
                [own[state, a, w] for own, a, w in zip(kernels.kernels, joint, seen, strict=True)]
            )
        else:
            weight = kernels.kernel[(state, *joint, *seen)]
        if weight:
            yield seen, weight


def play_posg(posg, profile, steps):
    """Law of the state and the agents' expected discounted return after each number of steps."""
    P, R = posg.tables.transitions, posg.tables.rewards
    expected = R.values[..., 0] if R.probabilities is None else (R.values * R.probabilities).sum(axis=-1)
    weights = {(s, None, Fraction(1)): p for s, p in enumerate(posg.initial) if p}  # (state, joint, Γ)
    total = [Fraction(0)] * len(posg.agents)
    yield states_of(weights), list(total)
    for _ in range(steps):
        after = Counter()
        for (s, last, scale), p in weights.items():
            if posg.terminal[s]:
                continue
            for joint in np.ndindex(*posg.action_counts):
                if any(posg.null[s, i] and a for i, a in enumerate(joint)):
                    continue
                q = p * sum(
                    (
                        weight * choosing(posg, profile, s, seen, joint)
                        for seen, weight in law_of_seeing(posg, s, last)
                    ),
                    Fraction(0),
                )
                for t in np.flatnonzero(P[(s, *joint)]) if q else ():
                    mass = q * P[(s, *joint, t)]
                    for i in range(len(total)):
                        total[i] += scale * mass * expected[(i, s, *joint, t)]
                    after[int(t), joint, scale * posg.discount[s]] += mass
        weights = after
        yield states_of(weights), list(total)


def choosing(posg, profile, state, seen, joint):
    """How likely the profile chooses the joint action after these observations."""
    out = Fraction(1)
    for i, (w, a) in enumerate(zip(seen, joint, strict=True)):
        if not posg.null[state, i]:
            out *= profile[i].table[w, a]
    return out


def states_of(weights):
    """The law of (state, Γ)."""
    out = Counter()
    for (s, *_, scale), p in weights.items():
        out[s, scale] += p
    return +out


def play_aecg(aecg, profile, steps):
    """Law of (node, Γ) and expected discounted returns after each number of moves."""
    b = aecg.branches
    weights = Counter({(aecg.start, Fraction(1)): Fraction(1)})
    total = [Fraction(0)] * len(aecg.agents)
    yield weights, list(total)
    for _ in range(steps):
        after = Counter()
        for (node, scale), p in weights.items():
            s, mover = aecg.node_states[node], aecg.movers[node]
            if aecg.terminal[s]:
                continue
            chosen = [Fraction(1)]
            if not aecg.silent[node]:
                law = aecg.observations[mover].law(s)
                chosen = [
                    sum((law[w] * profile[mover].table[w, a] for w in range(len(law))), Fraction(0))
                    for a in range(aecg.action_counts[mover])
                ]
            for a, q in enumerate(chosen):
                row = b.offsets[node] + a
                for k in range(b.indptr[row], b.indptr[row + 1]) if q else ():
                    mass = p * q * b.probabilities[k]
                    for i in range(len(total)):
                        total[i] += scale * mass * b.rewards[i, k]
                    after[int(b.successors[k]), scale * aecg.discount[s]] += mass
        weights = after
        yield +weights, list(total)


def named(weights, place):
    """The law of (POSG state, Γ)."""
    out = Counter()
    for (node, scale), p in weights.items():
        out[int(place[node]), scale] += p
    return +out


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


# --- other names, other order -----------------------------------------------------------------------


def renamed(posg, states, agents, actions):
    """The game with state k called ``states[k]``, agent i ``agents[i]``, its action a ``actions[i][a]``."""
    old = [int(s) for s in np.argsort(states)]
    who = [int(i) for i in np.argsort(agents)]
    own = [np.argsort(actions[i]) for i in who]
    n = len(who)

    def turned(array, first, states_at):
        """Agents' axes ``first … first+n−1`` into the new order, and the listed state axes."""
        axes = list(range(array.ndim))
        axes[first : first + n] = [first + i for i in who]
        array = array.transpose(axes)
        for axis in states_at:
            array = np.take(array, old, axis=axis)
        for k in range(n):
            array = np.take(array, own[k], axis=first + k)
        return array

    tables = posg.tables
    weights = tables.rewards.probabilities
    rewards = Rewards(
        turned(tables.rewards.values[who], 2, (1, 2 + n)),
        None if weights is None else turned(weights, 1, (0, 1 + n)),
    )
    kernels, first = posg.observations, posg.initial_observations
    if isinstance(kernels, FactoredObservations):
        seen = [kernels.kernels[i][old][:, own[k]] for k, i in enumerate(who)]
    else:
        joint = turned(kernels.kernel, 1, (0,))
        seen = JointObservations(joint.transpose([*range(1 + n), *(1 + n + i for i in who)]))
    if isinstance(first, tuple):
        first = [first[i][old] for i in who]
    elif first is not None:
        first = first[old].transpose([0, *(1 + i for i in who)])
    return POSG(
        turned(tables.transitions, 1, (0, 1 + n)),
        rewards,
        seen,
        posg.initial[old],
        posg.discount[old],
        initial_observations=first,
        null=posg.null[old][:, who],
        legal=[None if posg.legal[i] is None else posg.legal[i][:, own[k]] for k, i in enumerate(who)],
        terminal=np.flatnonzero(posg.terminal[old]),
    )


@few
@given(st.data())
def test_conversion_commutes_with_other_names(data):
    posg = data.draw(posgs(agents=2))
    states = data.draw(st.permutations(range(len(posg.states))))
    agents = data.draw(st.permutations(range(2)))
    actions = [data.draw(st.permutations(range(count))) for count in posg.action_counts]
    twin = renamed(posg, states, agents, actions)
    aecg, c = posg_to_aecg(posg)
    other, d = posg_to_aecg(twin)
    profile = data.draw(policies(posg))
    who = np.argsort(agents)
    swapped = [type(profile[i])(profile[i].table[:, np.argsort(actions[i])]) for i in who]
    last = 1 + 2 * 3
    for moves in range(1, last + 1, 3):
        weights, returns = list(play_aecg(aecg, profile, last))[moves]
        twins, paid = list(play_aecg(other, swapped, last))[moves]
        own = {(states[s], scale): p for (s, scale), p in named(weights, c.posg_states).items()}
        assert own == named(twins, d.posg_states)
        assert [returns[i] for i in who] == paid
    if list(agents) == [0, 1]:  # the order of play is the agents' order, and shapes the nodes
        counts = Counter(states[s] if s >= 0 else s for s in c.posg_states.tolist())
        assert counts == Counter(d.posg_states.tolist())


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
