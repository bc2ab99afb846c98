"""AECGs in tables: what is built, what is refused."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.tables.dense import Rewards
from gametheory.tables.kernel import Kernel
from gametheory.testing_games import aecgs

HALF = Fraction(1, 2)


def toss(**changes):
    """The environment tosses (state 0 → 1 or 2); agent 1 names the coin, agent 2 passes; then 3, the end."""
    parts = {
        "moves": [[[-1, -1], [1, 2], [1, 2], [3, 3]], [[0], [3], [3], [3]]],
        "chance": [[0, HALF, HALF, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]],
        "next_mover": [2, 0, 1],
        "rewards": [np.arange(16).reshape(2, 4, 2), 0, 0],
        "observations": [[[1, 0]] * 4, [[1]] * 4],
        "start": (0, 2),
        "terminal": [3],
    }
    return AECG.tabular(**parts | changes)


def law(game, node, action=0):
    """{(state, mover, rewards): probability} of one row."""
    b = game.branches
    row = b.offsets[node] + action
    part = range(b.indptr[row], b.indptr[row + 1])
    return {
        (
            int(game.node_states[b.successors[k]]),
            int(game.movers[b.successors[k]]),
            *b.rewards[:, k],
        ): b.probabilities[k]
        for k in part
    }


def node(game, state, mover):
    (found,) = np.flatnonzero((game.node_states == state) & (game.movers == mover))
    return int(found)


def test_the_tables_become_the_nodes_that_play_can_reach():
    game = toss()
    assert game.exact
    reached = set(zip(game.node_states.tolist(), game.movers.tolist(), strict=True))
    assert reached == {(0, 2), (1, 0), (2, 0), (1, 1), (2, 1), (3, 2)}
    assert law(game, node(game, 0, 2)) == {(1, 0, 0, 0): HALF, (2, 0, 0, 0): HALF}
    assert law(game, node(game, 1, 0), 1) == {(2, 1, 3, 11): 1}  # rewards[:, s = 1, a = 1]
    assert law(game, node(game, 2, 1)) == {(3, 2, 0, 0): 1}
    assert game.silent.tolist() == (game.movers == 2).tolist()


def test_tables_of_movers_may_be_random():
    V = [np.full((4, 2, 3), Fraction(1, 3)), [[[0, 0, 1]]] * 4, [[HALF, HALF, 0]] * 4]
    game = toss(next_mover=V, moves=[[[1, 1], [1, 2], [1, 2], [3, 3]], [[0], [3], [3], [3]]])
    assert law(game, node(game, 0, 2)) == {(s, j, 0, 0): Fraction(1, 4) for s in (1, 2) for j in (0, 1)}
    assert sum(law(game, node(game, 1, 0), 0).values()) == 1


def test_random_rewards_split_branches():
    values = np.zeros((2, 4, 4, 2), dtype=int)
    values[0, 0, 1] = [7, 8]
    weights = np.empty((4, 4, 2), dtype=object)
    weights[..., 0], weights[..., 1] = Fraction(1, 4), Fraction(3, 4)
    game = toss(rewards=[0, 0, Rewards(values, weights)])
    found = law(game, node(game, 0, 2))
    assert found[1, 0, 7, 0] == Fraction(1, 8)
    assert found[1, 0, 8, 0] == Fraction(3, 8)


def test_a_game_without_the_environment_needs_no_chance():
    game = AECG.tabular([[[1], [1]]], None, [0], None, [[[1], [1]]], (0, 0), terminal=[1])
    assert game.node_count == 2


def test_an_empty_turn_has_one_row():
    null = np.zeros((4, 2), dtype=bool)
    null[1, 0] = True
    game = toss(null=null, moves=[[[-1, -1], [1, 1], [1, 2], [3, 3]], [[0], [3], [3], [3]]], rewards=None)
    assert game.silent[node(game, 1, 0)]
    assert np.diff(game.branches.offsets)[[node(game, 1, 0), node(game, 2, 0)]].tolist() == [1, 2]


SILENT = [[False, False], [True, False], [False, False], [False, False]]
BAD = {
    r"V names mover 5; movers are 0 … 1 and the environment is 2": {"next_mover": [2, 0, 5]},
    r"a cycle names every mover at most once": {"next_mover": [2, 0, 1, 0]},
    r"V\^0 names mover 3": {"next_mover": [np.ones((4, 2, 4)), np.ones((4, 1, 3)), np.ones((4, 3))]},
    r"V\^1 has shape \[4, 3\]": {"next_mover": [np.ones((4, 2, 3)), np.ones((4, 3)), np.ones((4, 3))]},
    r"V has 2 tables": {"next_mover": [np.ones((4, 2, 3)), np.ones((4, 3))]},
    r"moves\[1\] must name states 0 … 3": {"moves": [[[0, 0]] * 4, [[4]] * 4]},
    r"moves must be one table": {"moves": [[0, 1], [1]]},
    r"moves\[0\]\[1, 1\] is −1, but agent 1 may choose it": {"moves": [[[1, -1]] * 4, [[3]] * 4]},
    r"P has shape \[2, 2\]": {"chance": [[1, 0], [0, 1]]},
    r"P\[0\] must be a distribution; it sums to 1/2": {"chance": [[0, HALF, 0, 0]] * 4},
    r"the environment moves in state 0; give chance": {"chance": None},
    r"observations must be one table": {"observations": [[[1]] * 4]},
    r"O\^0\[1\] must be a distribution": {"observations": [[[1, 1]] * 4, [[1]] * 4]},
    r"rewards has 1 entries": {"rewards": [0]},
    r"rewards has shape \[1, 4": {"rewards": [np.zeros((1, 4, 2)), 0, 0]},
    r"start is \(9, 2\)": {"start": (9, 2)},
    r"discount\[0\] is 2": {"discount": 2},
    r"terminal names state 4": {"terminal": [4]},
    r"legal\[0\]\[1\] allows no action": {"legal": [[[1, 1], [0, 0]], None]},
    r"agents has 1 names": {"agents": ["ann"]},
    r"T depends on the action of agent 1 in state 1, where it sees ⊥": {"null": SILENT, "rewards": None},
    r"R depends on the action of agent 1 in state 1": {
        "null": SILENT,
        "moves": [[[0, 0], [1, 1], [1, 2], [3, 3]], [[3]] * 4],
    },
    r"V depends on the action of agent 1 in state 1": {
        "null": SILENT,
        "moves": [[[0, 0], [1, 1], [1, 2], [3, 3]], [[3]] * 4],
        "rewards": None,
        "next_mover": [[[[0, 1, 0], [0, 0, 1]]] * 4, [[[0, 0, 1]]] * 4, [[1, 0, 0]] * 4],
    },
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_named(message):
    with pytest.raises(GameError, match=message):
        toss(**BAD[message])


def test_a_move_that_is_never_legal_need_not_lead_anywhere():
    legal = [[[1, 0], [1, 1]], None]  # symbol 1 is never seen
    game = toss(moves=[[[1, -1]] * 4, [[3]] * 4], legal=legal)
    assert law(game, node(game, 1, 0), 1) == {}


def test_a_legal_move_must_lead_somewhere():
    legal = [[[1, 0], [1, 1]], None]  # symbol 1 is never seen
    game = toss(moves=[[[1, -1]] * 4, [[3]] * 4], legal=legal)
    with pytest.raises(GameError, match="nothing follows the legal action 2 in state 2 moved by agent 1"):
        replace(game, legal=(None, None))
    shown = Kernel(np.zeros(4, dtype=int), [[HALF, HALF]])
    with pytest.raises(GameError, match="nothing follows the legal action 2 in state 2"):
        replace(game, observations=(shown, game.observations[1]))
    b = game.branches
    drawn = b.row_of_branch == b.offsets[node(game, 0, 2)]
    empty = replace(
        b,
        indptr=np.concatenate([[0], np.bincount(b.row_of_branch[~drawn], minlength=b.row_count).cumsum()]),
        successors=b.successors[~drawn],
        probabilities=b.probabilities[~drawn],
        rewards=b.rewards[:, ~drawn],
    )
    with pytest.raises(GameError, match="nothing follows it in state 1 moved by the environment"):
        replace(game, branches=empty)


def test_rewards_do_not_depend_on_the_next_mover():
    """``R`` and ``V`` are two laws: given where a move leads, they are drawn independently."""
    V = [np.full((4, 2, 3), Fraction(1, 3)), [[[0, 0, 1]]] * 4, [[HALF, HALF, 0]] * 4]
    values = np.zeros((2, 4, 4, 2), dtype=int)
    values[0, 0, 1:3] = [7, 8]
    weights = np.empty((4, 4, 2), dtype=object)
    weights[..., 0], weights[..., 1] = Fraction(1, 4), Fraction(3, 4)
    game = toss(
        next_mover=V,
        moves=[[[1, 1], [1, 2], [1, 2], [3, 3]], [[0], [3], [3], [3]]],
        rewards=[0, 0, Rewards(values, weights)],
    )
    b = game.branches
    row = b.offsets[node(game, 0, 2)]
    part = slice(b.indptr[row], b.indptr[row + 1])
    assert len(b.successors[part]) == 8  # two states, two movers, two rewards
    swapped = b.rewards.copy()
    (first, second) = np.flatnonzero((b.successors == node(game, 1, 0)) & (b.row_of_branch == row))
    swapped[:, [first, second]] = swapped[:, [second, first]]  # 8 by 1/4 and 7 by 3/4 if agent 1 is next
    message = "state 1 moved by the environment: on the way to state 2 the rewards depend on who moves next"
    with pytest.raises(GameError, match=message):
        replace(game, branches=replace(b, rewards=swapped))
    told = b.rewards.copy()
    told[:, part] = 0
    told[0, part] = game.node_states[b.successors[part]]  # the state reached may tell the rewards
    replace(game, branches=replace(b, rewards=told))


def test_an_agent_that_never_moves_is_worth_a_warning():
    with pytest.warns(UserWarning, match="agent bob never moves"):
        toss(next_mover=[2, 0], moves=[[[3, 3]] * 4, [[0]] * 4], agents=["ann", "bob"])


@settings(deadline=None)
@given(aecgs())
def test_every_row_that_is_played_is_a_distribution(game):
    played = np.diff(game.branches.indptr) > 0
    assert np.all(game.branches.row_sums[played] == 1)
    assert game.exact
    over = game.terminal[game.node_states]
    assert not np.any(np.diff(game.branches.offsets)[over])
