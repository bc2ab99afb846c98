"""Observation kernels: sparse and dense ones make one game; shapes and missing laws are named."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.posg import POSG
from gametheory.tables.distributions import Distributions
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import FactoredObservations, JointObservations
from gametheory.testing_games import assert_equivalent, posgs

HALF = Fraction(1, 2)


def rebuilt(kernel, data):
    """The same kernel with its laws in another order, each once or several times."""
    laws = kernel.laws
    order = data.draw(st.permutations([*range(len(laws))] * 2))
    place = np.array([order.index(row) for row in range(len(laws))] + [-1])
    return Kernel(place[kernel.rows], laws.take(order))


@given(st.data())
def test_sparse_kernels_make_the_game_that_dense_ones_make(data):
    game = data.draw(posgs())
    own, first = game.observations, game.initial_observations
    if isinstance(own, FactoredObservations):
        seen = FactoredObservations([rebuilt(kernel, data) for kernel in own.of_agent])
    else:
        seen = JointObservations(rebuilt(own.joint, data), own.sizes)
    if isinstance(first, FactoredObservations):
        first = [rebuilt(kernel, data) for kernel in first.of_agent]
    twin = POSG(
        game.branches,
        observations=seen,
        initial=game.initial,
        discount=game.discount,
        initial_observations=first,
        null=game.null,
        legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
        actions=game.actions,
    )
    if isinstance(own, FactoredObservations):
        for a, b in zip(own.kernels, twin.observations.kernels, strict=True):
            assert a.tolist() == b.tolist()
    else:
        assert own.kernel.tolist() == twin.observations.kernel.tolist()
    assert twin.exact
    assert_equivalent(game, twin)


def test_an_action_that_turns_out_immaterial_needs_no_rows():
    same, other = [[1, 0], [1, 0]], [[1, 0], [HALF, HALF]]
    game = pair([[same, same], [same, other]])
    assert [own.rows.shape for own in game.observations.of_agent] == [(2, 1), (2, 2)]
    assert game.observations.kernels[0].tolist() == [same, same]
    both = np.zeros((2, 2, 2, 2, 2), dtype=int)
    both[:, 0, :, 0, 0] = both[:, 1, :, 1, 0] = 1  # what agent 1 did shows, what agent 2 did does not
    assert pair(JointObservations(both)).observations.joint.rows.shape == (2, 2, 1)


def test_views_of_one_law_share_its_row():
    law = np.broadcast_to(np.array([HALF, HALF], dtype=object), (2, 2, 2))
    kernel = pair([law, law]).observations.of_agent[0]
    assert len(kernel.laws) == 1
    assert kernel.table().tolist() == [[[HALF, HALF]]] * 2


def test_what_is_hidden_need_not_be_said():
    null = [[True, False], [False, False]]
    points = Distributions.points(2)
    quiet, loud = Kernel(np.array([-1, 1]), points), Kernel(np.array([0, 1]), points)
    game = pair([quiet, loud], null=null)
    assert game.observations.of_agent[0].rows.tolist() == [[-1], [1]]
    garbage = np.array([[[7, 7], [0, 0]], [[1, 0], [1, 0]]])
    assert pair([garbage, loud], null=null).observations.of_agent[0].rows.tolist() == [[-1], [2]]
    with pytest.raises(GameError, match=r"O\^0\[0, 0\] is missing; only where an agent sees ⊥"):
        pair([quiet, loud])


def pair(observations, **changes):
    """Two states and two agents with two actions each."""
    parts = {"transitions": np.full((2, 2, 2, 2), HALF), "rewards": np.zeros((2, 2, 2, 2), dtype=int)}
    return POSG(**parts, observations=observations, initial=[1, 0], **changes)


POINTS = Distributions.points(2)
BAD = {
    r"rows of a kernel must be numbers −1 … 1": lambda: Kernel(np.array([0, 2]), POINTS),
    r"rows of a kernel must be numbers": lambda: Kernel(np.array([0.0, 1.0]), POINTS),
    r"O\^0 has shape \[2, 3, 2\]; it must be \[2, 2, \|Ω\|\]": lambda: pair(
        [Kernel(np.zeros((2, 3), dtype=int), POINTS)] * 2
    ),
    r"O\^1 has shape \[2\]; it must be": lambda: pair([[[1], [1]], [1, 1]]),
    r"O\^0\[1, 0\] must be a distribution; it sums to 0": lambda: pair([[[1, 0], [0, 0]]] * 2),
    r"O\^0\[0, 1, 0\] is -1": lambda: pair([[[[1, 0], [-1, 2]], [[1, 0], [1, 0]]], [[1], [1]]]),
    r"O has shape \[2, 2, 4\]; it must be \[2, 2, 2, \|Ω\|\]": lambda: pair(
        JointObservations(Kernel(np.zeros((2, 2), dtype=int), Distributions.points(4)), (2, 2))
    ),
    r"O shows 3 agents something; the game has 2": lambda: pair(
        JointObservations(np.ones((2, 2, 2, 2, 1, 1, 1), dtype=int))
    ),
    r"needs sizes to match": lambda: JointObservations(Kernel(np.array([0]), POINTS), (2, 2)),
    r"initial observations have shapes \[\[1, 2\], \[2, 2\]\]": lambda: pair(
        [[[1, 0]] * 2] * 2, initial_observations=[[[1, 0]], [[1, 0]] * 2]
    ),
    r"O0 has shape \[2, 2\]": lambda: pair([[[1, 0]] * 2] * 2, initial_observations=np.zeros((2, 2))),
    r"O0\^0\[0\] is missing": lambda: pair(
        [[[1, 0]] * 2] * 2, initial_observations=[Kernel(np.array([-1, 0]), POINTS)] * 2
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_kernels_are_named(message):
    with pytest.raises(GameError, match=message):
        BAD[message]()


def test_states_in_another_order_take_their_laws_along():
    see = [[1, 0], [0, 1]]
    game = pair([see, see])
    turned = game.observations.of_states(np.array([1, 0, 1]))
    assert [own.tolist() for own in turned.kernels] == [[[[0, 1]] * 2, [[1, 0]] * 2, [[0, 1]] * 2]] * 2
