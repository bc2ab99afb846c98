"""Wrong conversions, each made by one slip; the equivalence check must catch them all."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.equivalence import check_equivalence
from gametheory.posg import POSG
from gametheory.tables.branches import Branches
from gametheory.tables.kernels import FactoredObservations, JointObservations

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def meeting(**changes):
    """Two agents, two places and an end; private noisy signals that depend on one's own last action."""
    P = np.zeros((3, 2, 2, 3), dtype=object)
    P[:2] = [HALF, THIRD, Fraction(1, 6)]
    P[0, 0, 0] = [THIRD, THIRD, THIRD]
    P[2, ..., 2] = 1
    rewards = np.zeros((2, 3, 2, 2, 3), dtype=int)
    rewards[0, 0] = [[[1, 2, 3]] * 2, [[0, 0, 5]] * 2]
    rewards[1, 1] = 4
    kernel = np.zeros((3, 2, 2), dtype=object)
    kernel[..., 0], kernel[..., 1] = HALF, HALF
    kernel[:2, 1] = [THIRD, 1 - THIRD]
    parts = {"transitions": P, "rewards": rewards, "observations": [kernel, kernel]}
    parts |= {"initial": [THIRD, 1 - THIRD, 0], "discount": [HALF, Fraction(9, 10), 1], "terminal": [2]}
    parts |= {"legal": [[[1, 0], [1, 1]], None]}
    return POSG(**parts | changes)


def correlated():
    """The same with one public signal instead of two private ones."""
    O = np.zeros((3, 2, 2, 2, 2), dtype=object)  # noqa: E741 - the field's name
    O[..., 0, 0], O[..., 1, 1] = HALF, HALF
    return meeting(observations=JointObservations(O))


def converted(posg):
    """The AECG of a game, and what it should correspond to."""
    return posg_to_aecg(posg)


# --- slips ----------------------------------------------------------------------------------------


def discount_per_turn(posg):
    aecg, c = converted(posg)
    return replace(aecg, discount=np.where(c.posg_states < 0, 1, posg.discount[c.posg_states])), c


def rewards_paid_twice(posg):
    aecg, c = converted(posg)
    return replace(aecg, branches=replace(aecg.branches, rewards=aecg.branches.rewards * 2)), c


def rewards_paid_on_the_last_agents_turn(posg):
    aecg, c = converted(posg)
    b = aecg.branches
    mover = aecg.movers[b.state_of_row[b.row_of_branch]]
    expected = b.expected_rewards[:, np.minimum(b.offsets[b.successors], b.row_count - 1)]
    rewards = np.where(mover == len(posg.agents) - 1, expected, 0)
    return replace(aecg, branches=replace(b, rewards=rewards)), c


def previous_action_forgotten(posg):
    kernels = [np.repeat(own[:, :1], own.shape[1], axis=1) for own in posg.observations.kernels]
    aecg, c = converted(meeting(observations=kernels))
    return aecg, replace(c, posg=posg)


def a_legal_set_lost(posg):
    aecg, c = converted(meeting(legal=None))
    return aecg, replace(c, posg=posg)


def a_legal_set_widened(posg):
    aecg, c = converted(posg)
    return replace(aecg, legal=(None, *aecg.legal[1:])), c


def agents_swapped(posg):
    aecg, c = converted(posg)
    movers = np.array([1, 0, 2])[aecg.movers]
    branches = replace(aecg.branches, strides=aecg.branches.strides[:, ::-1])
    changed = {"observations": aecg.observations[::-1], "legal": aecg.legal[::-1]}
    return replace(aecg, movers=movers, branches=branches, **changed), c


def order_of_play_swapped(posg):
    """Agent 2 moves first: the game of the swapped agents, its agents named back."""
    twin = meeting(
        transitions=np.swapaxes(posg.tables.transitions, 1, 2),
        rewards=np.swapaxes(posg.tables.rewards.values[::-1, ..., 0], 2, 3),
        observations=posg.observations.kernels[::-1],
        legal=posg.legal[::-1],
    )
    aecg, c = agents_swapped(twin)
    rewards = aecg.branches.rewards[::-1]
    return replace(aecg, branches=replace(aecg.branches, rewards=rewards)), replace(c, posg=posg)


def another_first_state(posg):
    aecg, c = converted(posg)
    weights = aecg.branches.probabilities.copy()
    row = aecg.branches.offsets[aecg.start]
    first = slice(aecg.branches.indptr[row], aecg.branches.indptr[row + 1])
    weights[first] = weights[first][::-1]
    return replace(aecg, branches=replace(aecg.branches, probabilities=weights)), c


def one_probability_nudged(posg, by=Fraction(1, 10**6)):
    aecg, c = converted(posg)
    weights = aecg.branches.probabilities.copy()
    row = int(np.argmax(np.diff(aecg.branches.indptr)))  # an environment's row with several successors
    first = aecg.branches.indptr[row]
    weights[first] += by
    weights[first + 1] -= by
    return replace(aecg, branches=replace(aecg.branches, probabilities=weights)), c


def terminal_lost(posg):
    aecg, c = converted(meeting(terminal=[]))
    return aecg, replace(c, posg=posg)


def the_draw_of_the_first_state_discounted(posg):
    aecg, c = converted(posg)
    discount = aecg.discount.copy()
    discount[aecg.node_states[aecg.start]] = HALF
    return replace(aecg, discount=discount), c


def joint_observation_resampled(posg):
    """Each agent draws from its own marginal."""
    O = posg.observations.kernel  # noqa: E741 - the field's name
    product = O.sum(axis=-1, keepdims=True) * O.sum(axis=-2, keepdims=True)
    aecg, c = converted(meeting(observations=JointObservations(product)))
    return aecg, replace(c, posg=posg)


SLIPS = [
    discount_per_turn,
    rewards_paid_twice,
    rewards_paid_on_the_last_agents_turn,
    previous_action_forgotten,
    a_legal_set_lost,
    a_legal_set_widened,
    agents_swapped,
    order_of_play_swapped,
    another_first_state,
    one_probability_nudged,
    terminal_lost,
    the_draw_of_the_first_state_discounted,
]


def test_without_a_slip_all_is_well():
    for posg in (meeting(), correlated()):
        aecg, c = converted(posg)
        assert check_equivalence(posg, aecg, c).proved_for == "every horizon"


@pytest.mark.parametrize(
    ("posg", "slip"), [*((meeting(), slip) for slip in SLIPS), (correlated(), joint_observation_resampled)]
)
def test_a_slip_is_caught_and_shown(posg, slip):
    aecg, correspondence = slip(posg)
    found = check_equivalence(posg, aecg, replace(correspondence, aecg=aecg))
    assert not found.equivalent
    assert found.step_wise
    p, q = found.first_difference.probabilities
    assert p != q
    assert found.first_difference.trajectory


def test_a_large_enough_nudge_of_a_float_is_caught():
    floats = meeting(initial=[0.25, 0.75, 0], transitions=meeting().tables.transitions.astype(float))
    aecg, c = one_probability_nudged(floats, by=1e-7)
    assert not check_equivalence(floats, aecg, replace(c, aecg=aecg)).equivalent
    aecg, c = one_probability_nudged(floats, by=1e-13)
    assert check_equivalence(floats, aecg, replace(c, aecg=aecg)).equivalent


# --- the null-observation rule ----------------------------------------------------------------------


def with_ticks(posg):
    """The naive POSG of an AECG: who is not on the move sees a `tick`, and acts in vain."""
    b, counts = posg.branches, posg.action_counts
    grid = np.indices(counts).reshape(len(counts), -1).T
    going = np.flatnonzero(~posg.terminal)
    rows = (b.offsets[going][:, None] + b.strides[going] @ grid.T).ravel()
    parts = [np.arange(b.indptr[row], b.indptr[row + 1]) for row in rows]
    kept = np.concatenate(parts)
    sizes = np.where(posg.terminal, 0, len(grid))
    strides = np.array([int(np.prod(counts[i + 1 :])) if counts[i] > 1 else 0 for i in range(len(counts))])
    kernels, first = [], []
    for i, own in enumerate(posg.observations.kernels):
        for laws, out in ((own, kernels), (posg.initial_observations.kernels[i], first)):
            silent = posg.null[:, i].reshape(-1, *[1] * (laws.ndim - 1))
            tick = np.ones_like(laws[..., :1]) * silent
            out.append(np.concatenate([np.where(silent, 0, laws), tick], axis=-1))
    return POSG(
        Branches(
            np.concatenate([[0], sizes.cumsum()]),
            np.broadcast_to(strides, b.strides.shape),
            np.concatenate([[0], np.cumsum([len(part) for part in parts], dtype=int)]),
            b.successors[kept],
            b.probabilities[kept],
            b.rewards[:, kept],
        ),
        observations=FactoredObservations(tuple(kernels)),
        initial=posg.initial,
        discount=posg.discount,
        initial_observations=tuple(first),
        terminal=np.flatnonzero(posg.terminal),
        actions=posg.actions,
    )


def test_ticks_are_caught():
    aecg, _ = converted(meeting(legal=None))
    posg, c = aecg_to_posg(aecg)
    naive = with_ticks(posg)
    found = check_equivalence(aecg, naive, replace(c, posg=naive))
    assert not found.equivalent
    assert "different agents make a choice" in found.step_wise
