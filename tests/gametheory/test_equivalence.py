"""Equal laws are found equal, different ones told apart, and the first difference is the first."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.convert import Correspondence, posg_to_aecg
from gametheory.equivalence import check_equivalence
from gametheory.errors import GameError, LimitReached
from gametheory.laws.bisimulation import first_mismatch
from gametheory.laws.matching import Items, differing_pairs, fold, shared_ids
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.kernels import FactoredObservations, JointObservations
from gametheory.testing_games import assert_equivalent, posgs

HALF = Fraction(1, 2)


def chain(length, paid=0):
    """One agent walks ``length`` states to the end; the last step pays."""
    P = np.eye(length + 1, k=1, dtype=int)[:, None, :]
    P[-1, 0, -1] = 1
    rewards = np.zeros((1, length + 1, 1), dtype=int)
    rewards[0, length - 1] = paid
    return POSG(P, rewards, [np.ones((length + 1, 1), dtype=int)], [1] + [0] * length, terminal=[length])


# --- by hand ----------------------------------------------------------------------------------------


def test_a_difference_shows_at_its_step_and_not_before():
    a, b = chain(3), chain(3, paid=1)
    assert check_equivalence(a, a).proved_for == "every horizon"
    early = check_equivalence(a, b, horizon=2)
    assert early.equivalent
    assert early.proved_for == 2
    found = check_equivalence(a, b)
    assert not found.equivalent
    assert found.proved_for == 2
    assert found.first_difference.trajectory == (
        "rewards 0",
        "agent 1 sees start and does 1",
        "rewards 0",
        "agent 1 sees 1 and does 1",
        "rewards 0",
        "agent 1 sees 1 and does 1",
        "rewards 0, play ends",
    )
    assert found.first_difference.probabilities == (1, 0)


def test_states_that_nobody_can_tell_apart_may_differ():
    """One state, or two that a coin chooses between: what the agents see is the same for ever."""
    one = POSG([[[1]]], [[[2]]], [[[HALF, HALF]]], [1], HALF)
    two = POSG([[[HALF, HALF]]] * 2, [[[2]] * 2], [[[HALF, HALF]] * 2], [HALF, HALF], HALF)
    assert check_equivalence(one, two).proved_for == "every horizon"
    seen = POSG([[[HALF, HALF]]] * 2, [[[2]] * 2], [[[1, 0], [0, 1]]], [HALF, HALF], HALF)
    assert check_equivalence(one, seen).proved_for == "every horizon"  # a fair coin each time
    stays = POSG([[[1, 0]], [[0, 1]]], [[[2]] * 2], [[[1, 0], [0, 1]]], [HALF, HALF], HALF)
    found = check_equivalence(one, stays)  # the second coin shows what the first did
    assert not found.equivalent
    assert found.proved_for == 2
    assert found.first_difference.probabilities == (Fraction(1, 4), HALF)


def test_a_product_is_a_product_however_it_is_written():
    """A joint kernel that is a product, against the AECG of the factored form: laws are spelled out."""
    signal = [Fraction(1, 3), Fraction(2, 3)]
    parts = {"transitions": [[[[1]]]], "rewards": np.zeros((2, 1, 1, 1), dtype=int), "initial": [1]}
    factored = POSG(**parts, observations=[[signal], [signal]])
    joint = POSG(**parts, observations=JointObservations([[[np.outer(signal, signal).tolist()]]]))
    aecg, c = posg_to_aecg(factored)
    assert first_mismatch(Correspondence(joint, aecg, c.posg_states, 3)) is None
    correlated = POSG(
        **parts, observations=JointObservations([[[[[Fraction(1, 3), 0], [0, Fraction(2, 3)]]]]])
    )
    wrong = Correspondence(correlated, aecg, c.posg_states, 3)
    assert not check_equivalence(correlated, aecg, wrong).equivalent


def test_exact_and_float_games_are_compared_within_the_tolerance():
    third = Fraction(1, 3)
    exact = POSG([[[third, 1 - third]]] * 2, [[[1], [0]]], [[[1, 0], [0, 1]]], [1, 0])
    floats = POSG([[[1 / 3, 2 / 3]]] * 2, [[[1], [0]]], [[[1, 0], [0, 1]]], [1, 0])
    assert check_equivalence(exact, floats).equivalent
    other = POSG([[[1 / 3 + 1e-6, 2 / 3 - 1e-6]]] * 2, [[[1], [0]]], [[[1, 0], [0, 1]]], [1, 0])
    assert not check_equivalence(exact, other).equivalent


def test_a_wrong_correspondence_of_equal_games_is_told():
    posg = POSG([[[HALF, HALF]]] * 2, [[[1], [0]]], [[[1], [1]]], [HALF, HALF])
    aecg, c = posg_to_aecg(posg)
    crossed = replace(c, posg_states=np.where(c.posg_states < 0, -1, 1 - c.posg_states))
    assert not check_equivalence(posg, aecg, crossed).equivalent
    assert check_equivalence(posg, aecg).equivalent
    lost = replace(c, posg_states=np.where(c.posg_states == 1, 7, c.posg_states))
    assert not check_equivalence(posg, aecg, lost).equivalent


def test_games_of_other_shapes_and_strangers_are_refused():
    a, b = NormalForm([[1, 2]]).to_posg(), NormalForm([[1, 2, 3]]).to_posg()
    with pytest.raises(GameError, match=r"\[2\] and \[3\] actions"):
        check_equivalence(a, b)
    aecg, c = posg_to_aecg(a)
    with pytest.raises(GameError, match="correspondence is one of other games"):
        check_equivalence(chain(1), posg_to_aecg(chain(1))[0], c)
    assert check_equivalence(aecg, a, c).equivalent  # either order


def test_a_search_that_cannot_end_says_how_far_it_came(monkeypatch):
    monkeypatch.setattr("gametheory.laws.enumerated.LETTERS", 20)
    with pytest.raises(LimitReached, match="no difference in the first"):
        check_equivalence(chain(50), chain(50))


def test_the_assertion_shows_the_trajectory():
    with pytest.raises(
        AssertionError, match=r"agent 1 sees start and does 1\nrewards 0, play ends\nprobability 1"
    ):
        assert_equivalent(chain(1), chain(1, paid=3))


# --- the search against plain enumeration --------------------------------------------------------------


def enumerated(posg, steps):
    """Probability given the actions of every trajectory of so many steps, from the dense tables."""
    P, R = posg.tables.transitions, posg.tables.rewards
    weights = np.ones(R.values.shape[1:], dtype=object) if R.probabilities is None else R.probabilities
    law = Counter()
    current = Counter({((), s, None): p for s, p in enumerate(posg.initial) if p})
    for _ in range(steps):
        following = Counter()
        for (past, s, last), p in current.items():
            past = (*past, bool(posg.terminal[s]))
            if posg.terminal[s]:
                law[past] += p
                continue
            acting = [i for i in range(len(posg.agents)) if not posg.null[s, i]]
            for seen, q in observed(posg, s, last):
                for joint in np.ndindex(*posg.action_counts):
                    if any(posg.null[s, i] and a for i, a in enumerate(joint)):
                        continue
                    if any(
                        posg.legal[i] is not None and not posg.legal[i][seen[i], joint[i]] for i in acting
                    ):
                        continue
                    shown = tuple((i, seen[i], joint[i]) for i in acting)
                    for t, k in zip(*np.nonzero(P[(s, *joint)][:, None] * weights[(s, *joint)]), strict=True):
                        paid = tuple(R.values[(slice(None), s, *joint, t, k)])
                        mass = p * q * P[(s, *joint, t)] * weights[(s, *joint, t, k)]
                        following[(*past, shown, paid, posg.discount[s]), int(t), joint] += mass
        current = following
    for (past, s, _), p in current.items():
        law[(*past, bool(posg.terminal[s]))] += p
    return law


def observed(posg, s, joint):
    kernels, first, n = posg.observations, posg.initial_observations, len(posg.agents)
    if joint is None and first is None:
        yield posg.observation_counts, 1
        return
    for seen in np.ndindex(*posg.observation_counts):
        if joint is None and isinstance(first, JointObservations):
            p = first.kernel[(s, *seen)]
        elif joint is None:
            p = np.prod([first.kernels[i][s, seen[i]] for i in range(n)])
        elif isinstance(kernels, FactoredObservations):
            p = np.prod([kernels.kernels[i][s, joint[i], seen[i]] for i in range(n)])
        else:
            p = kernels.kernel[(s, *joint, *seen)]
        if p:
            yield seen, p


@st.composite
def twins(draw):
    """A game and another that may or may not have the same laws."""
    game = draw(posgs(max_states=2))
    P, R = game.tables.transitions, game.tables.rewards
    kind = draw(st.sampled_from(["states", "γ", "rewards", "start", "weights"]))
    changes = {}
    if kind == "γ":
        changes["discount"] = game.discount[::-1]
    elif kind == "rewards":
        changes["rewards"] = Rewards(R.values[:, ::-1], R.probabilities)
    elif kind == "start":
        changes["initial"] = game.initial[::-1]
    elif kind == "weights" and R.probabilities is not None:
        changes["rewards"] = Rewards(R.values, R.probabilities[..., ::-1])
    elif kind == "states":
        changes["transitions"] = P[..., ::-1]
    parts = {
        "transitions": P,
        "rewards": R,
        "observations": game.observations,
        "initial": game.initial,
        "discount": game.discount,
        "initial_observations": game.initial_observations,
        "null": game.null,
        "legal": game.legal,
        "terminal": np.flatnonzero(game.terminal),
    }
    try:
        return game, POSG(**parts | changes)
    except GameError:  # the change broke the null-observation rule
        return game, game


@settings(deadline=None, max_examples=80)
@given(twins())
def test_the_search_finds_a_difference_exactly_where_enumeration_does(pair):
    a, b = pair
    for steps in (1, 2):
        same = enumerated(a, steps) == enumerated(b, steps)
        assert check_equivalence(a, b, horizon=steps).equivalent == same
    if check_equivalence(a, b).equivalent:
        assert enumerated(a, 3) == enumerated(b, 3)


# --- matching -----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2**40), st.integers(0, 2**40)), min_size=1))
def test_folded_numbers_are_equal_exactly_for_equal_rows(rows):
    folded = fold(list(np.array(rows, dtype=np.int64).T))
    for k, row in enumerate(rows):
        assert [own == row for own in rows] == (folded == folded[k]).tolist()


items = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(-1, 1),
        st.fractions(0, 2, max_denominator=3),
    )
)


@given(items, items)
def test_measures_differ_where_their_sums_do(a, b):
    sums = [Counter(), Counter()]
    sides = []
    for side, own in zip(sums, (a, b), strict=True):
        own.sort()
        for pair, state, reward, law, weight in own:
            side[pair, state, reward, law] += weight
        columns = [np.array([row[k] for row in own], dtype=np.int64) for k in range(4)]
        weights = np.array([row[4] for row in own], dtype=object)
        sides.append(
            Items(columns[0], columns[1], columns[2][None].astype(object), columns[3][None], weights)
        )
    wrong = {key[0] for key in {**sums[0], **sums[1]} if sums[0][key] != sums[1][key]}
    assert differing_pairs(*sides).tolist() == sorted(wrong)


def test_floats_share_a_number_within_the_tolerance():
    a, b = shared_ids([np.array([0.1 + 0.2, 1.0]), np.array([0.3, 1.0 + 1e-6])])
    assert a[0] == b[0]
    assert a[1] != b[1]
