"""A POSG checks its laws at the door and knows a matrix game as its simplest case."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.kernels import JointObservations
from gametheory.testing import normal_forms

HALF = Fraction(1, 2)


def coin(**changes):
    """Two states that a fair coin chooses, two agents with two actions, each sees the state."""
    P = np.empty((2, 2, 2, 2), dtype=object)
    P[:] = HALF
    see = [[1, 0], [0, 1]]
    parts = {"transitions": P, "rewards": np.zeros((2, 2, 2, 2), dtype=int), "observations": [see, see]}
    parts |= {"initial": [HALF, HALF], "discount": Fraction(9, 10)} | changes
    return POSG(**parts)


@given(normal_forms())
def test_a_matrix_game_is_a_posg_with_one_decision_state(game):
    posg = game.to_posg()
    assert posg.stage_game(0).payoffs.tolist() == game.payoffs.tolist()
    assert posg.exact == game.exact
    assert posg.terminal.tolist() == [False, True]
    for joint in np.ndindex(*game.shape):
        successors, rewards, probabilities = posg.transition(0, joint)
        assert successors.tolist() == [1]
        assert probabilities.tolist() == [1]
        assert rewards[:, 0].tolist() == [own[joint] for own in game.payoffs]


def test_expected_rewards_average_over_successors_and_outcomes():
    # In state 0: successor 0 pays 4 or 0 (weights 1/4, 3/4), successor 1 pays 3 surely; both with 1/2.
    values = np.zeros((2, 2, 2, 2, 2, 2), dtype=int)
    values[0, 0, :, :, 0] = [4, 0]
    values[0, 0, :, :, 1] = [3, 3]
    weights = np.empty((2, 2, 2, 2, 2), dtype=object)
    weights[..., 0], weights[..., 1] = Fraction(1, 4), Fraction(3, 4)
    game = coin(rewards=Rewards(values, weights))
    assert game.expected_rewards(0)[0].tolist() == [[2, 2], [2, 2]]
    assert not np.any(game.expected_rewards(1))
    assert game.exact


def test_floats_make_a_float_game():
    assert not coin(initial=[0.5, 0.5]).exact
    assert coin().exact


def test_a_game_that_is_over_at_once_is_exact_only_if_its_tables_are():
    """No branch is left then, but the floats stand in the tables."""
    ends = {"terminal": [0, 1], "rewards": Rewards(np.zeros((2, 2, 2, 2, 2, 1), dtype=int), np.ones((2, 2, 2, 2, 1), dtype=int))}  # fmt: skip
    assert coin(**ends).exact
    assert not coin(transitions=np.full((2, 2, 2, 2), 0.5), **ends).exact
    drawn = Rewards(np.zeros((2, 2, 2, 2, 2, 1), dtype=int), np.ones((2, 2, 2, 2, 1)))
    assert not coin(**ends | {"rewards": drawn}).exact


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        coin().tables.transitions[0, 0, 0, 0] = 1


def altered(index, value):
    P = np.array(coin().tables.transitions)
    P[index] = value
    return P


BAD = {
    r"P\[0, 1, 0\] must be a distribution; it sums to 1/4": {
        "transitions": altered((0, 1, 0), Fraction(1, 8))
    },
    r"P\[1, 0, 0, 1\] is -1/2": {"transitions": altered((1, 0, 0, 1), -HALF)},
    r"P\[0, 0, 0, 0\] is nan": {"transitions": altered((0, 0, 0, 0), float("nan"))},
    r"P has shape \[2, 2\]": {"transitions": [[1, 0], [0, 1]]},
    r"initial has shape \[3\]": {"initial": [1, 0, 0]},
    r"initial must be a distribution; it sums to 2": {"initial": [1, 1]},
    r"discount\[0\] is 3/2": {"discount": Fraction(3, 2)},
    r"discount has shape \[3\]": {"discount": [1, 1, 1]},
    r"O\^1\[0, 0\] must be a distribution": {"observations": [[[1, 0], [0, 1]], [[1, 1], [0, 1]]]},
    r"O\^0 has shape \[3, 1\]": {"observations": [[[1]] * 3, [[1]] * 3]},
    r"observations has 1 kernels": {"observations": [[[1], [1]]]},
    r"rewards has shape \[1, 2, 2, 2, 2\]": {"rewards": np.zeros((1, 2, 2, 2, 2))},
    r"legal\[0\]\[1\] allows no action": {"legal": [[[1, 1], [0, 0]], None]},
    r"terminal names state 7": {"terminal": [7]},
    r"agents has 3 names": {"agents": ["a", "b", "c"]},
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_named(message):
    with pytest.raises(GameError, match=message):
        coin(**BAD[message])


def test_rows_that_cannot_be_played_are_not_asked_for():
    P = altered((0, 1, 0), 0)
    P[0, 1, 1] = 0
    coin(transitions=P, terminal=[0])
    coin(transitions=P, legal=[[[1, 0], [1, 1]], None], initial_observations=[[[1, 0], [0, 1]]] * 2)
    with pytest.raises(GameError, match="P"):  # the first observation `start` allows every action
        coin(transitions=P, legal=[[[1, 0], [1, 1]], None])


def sparse(**changes):
    """The coin as branches: each agent's second action in the first state has no successors."""
    full = coin().branches
    kept = ~np.isin(full.row_of_branch, [1, 3])  # rows of (1, 2) and (2, 2) in the first state
    branches = replace(
        full,
        indptr=np.concatenate([[0], np.bincount(full.row_of_branch[kept], minlength=8).cumsum()]),
        successors=full.successors[kept],
        probabilities=full.probabilities[kept],
        rewards=full.rewards[:, kept],
    )
    see = [[1, 0], [0, 1]]
    parts = {"transitions": branches, "observations": [see, see], "initial": [1, 0]}
    parts |= {"initial_observations": [see, see], "actions": [["up", "down"], ["left", "right"]]}
    return POSG(**parts | changes)


def test_a_joint_action_that_may_be_legal_must_lead_somewhere():
    left_only = [None, [[1, 0], [1, 1]]]  # after the symbol of the first state
    assert sparse(legal=left_only).transition(0, (1, 1))[0].size == 0
    with pytest.raises(GameError, match=r"nothing follows the joint action \(up, right\) in state 1; give"):
        sparse()
    up_only = [[[1, 0], [1, 1]], None]
    with pytest.raises(GameError, match=r"joint action \(up, right\) in state 1"):
        sparse(legal=up_only)
    with pytest.raises(GameError, match=r"joint action \(up, right\) in state 1"):  # `start` allows all
        sparse(legal=left_only, initial_observations=None)
    noisy = [[[1, 0], [0, 1]], [[HALF, HALF], [0, 1]]]  # now the first state may show the other symbol
    with pytest.raises(GameError, match=r"joint action \(up, right\) in state 1"):
        sparse(legal=left_only, observations=noisy)
    one_shows = np.zeros((2, 2, 2, 2, 2), dtype=int)
    one_shows[0, ..., 0, 0] = one_shows[1, ..., 1, 1] = 1
    sparse(legal=left_only, observations=JointObservations(one_shows))
    one_shows[0, 1] = [[[0, 1], [0, 0]]] * 2  # where agent 1 went down agent 2 sees the other symbol
    with pytest.raises(GameError, match=r"joint action \(up, right\) in state 1"):
        sparse(legal=left_only, observations=JointObservations(one_shows))


BROKEN = {
    "a branch leads to state 2; the game has states 0 … 1": {"successors": [2]},
    "branch 3 has probability nan, not a number of everyday size": {"probabilities": [0.5] * 3 + [np.nan]},
    "branch 1 has reward inf": {"rewards": [[0.0, np.inf]]},
    "branch 0 has probability -1/2; a probability is at least 0": {"probabilities": [-HALF, 3 * HALF]},
    "a row of state 1 must be a distribution; it sums to 1/4": {"probabilities": [Fraction(1, 8)] * 2},
    r"branches must have strides \[2, 2\] and rewards \[2, 15\]": {"successors": ...},
}


@pytest.mark.parametrize("message", BROKEN)
def test_bad_branches_are_named(message):
    branches = coin().branches
    ((name, values),) = BROKEN[message].items()
    given_array = np.array(getattr(branches, name)[..., 1:])
    if values is not ...:
        given_array = np.array(getattr(branches, name))
        given_array = given_array.astype(float) if "nan" in message or "inf" in message else given_array
        given_array[..., : np.shape(values)[-1]] = values
    see = [[1, 0], [0, 1]]
    with pytest.raises(GameError, match=message):
        POSG(
            replace(branches, **{name: given_array}),
            observations=[see, see],
            initial=[1, 0],
            actions=["ab", "ab"],
        )


def test_an_agent_that_sees_nothing_makes_no_choice():
    null = [[True, False], [False, False]]
    coin(null=null)
    rewards = np.zeros((2, 2, 2, 2), dtype=int)
    rewards[1, 0, 1] = 5  # agent 1's action 1 in state 0 pays agent 2
    with pytest.raises(GameError, match="R depends on the action of agent 1 in state 1, where it sees ⊥"):
        coin(null=null, rewards=rewards)
    P = altered((0, 1, 0, slice(None)), [1, 0])
    with pytest.raises(GameError, match="P depends on the action of agent 1 in state 1"):
        coin(null=null, transitions=P)
    heard = np.zeros((2, 2, 2), dtype=int)
    heard[:, 0, 0] = heard[:, 1, 1] = 1  # agent 1 is told its own last action
    with pytest.raises(GameError, match="an action of agent 1 that it could not choose"):
        coin(null=null, observations=[heard, [[1], [1]]])


def test_a_joint_kernel_keeps_to_the_null_rule():
    O = np.zeros((2, 2, 2, 2, 2), dtype=int)  # noqa: E741 - the field's name
    O[..., 1, 1] = 1
    coin(observations=JointObservations(O))
    with pytest.raises(GameError, match="O shows agent 1 an observation in state 1, where it sees ⊥"):
        coin(observations=JointObservations(O), null=[[True, False], [False, False]])


def test_the_matrix_game_keeps_its_names():
    game = NormalForm(
        [[[1, 0], [0, 1]]] * 2, ["ann", "bob"], [["up", "down"], ["left", "right"]], title="meet"
    )
    posg = game.to_posg()
    assert posg.agents == ("ann", "bob")
    assert posg.actions == game.actions
    assert posg.states == ("play", "end")
    assert posg.title == "meet"
