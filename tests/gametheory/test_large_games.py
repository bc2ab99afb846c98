"""Games whose dense tables would not fit: time and memory go with what is not zero."""

import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from gametheory.aecg import AECG
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.equivalence import check_equivalence
from gametheory.errors import GameError
from gametheory.files.game_json import format_game_json, parse_game_json
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from gametheory.streams import seed_keys, uniform
from gametheory.tables.branches import Branches, c_order_strides
from gametheory.tables.distributions import Distributions
from gametheory.tables.kernel import Kernel

DEEP = 14


def tree(depth=DEEP):
    """Two agents walk down a binary tree in turns; each inner node shows a number of its own.

    A table of what the agents see would have about ``4^depth`` cells.
    """
    inner = 2**depth - 1
    level = np.log2(np.arange(1, inner + 1)).astype(np.int64)  # node k has the children 2k + 1 and 2k + 2
    movers = np.append(level % 2, np.full(inner + 1, 2))
    seen, labels = [], []
    for i in range(2):
        mine = movers == i
        labels.append(tuple(map(str, range(mine.sum()))))
        seen.append(Kernel(np.where(mine, mine.cumsum() - 1, -1), Distributions.points(len(labels[i]))))
    rewards = np.full((2, 2 * inner), Fraction(0), dtype=object)
    rewards[:, 1::2] = [[Fraction(1, 3)], [Fraction(-1, 3)]]  # on the way to the right
    return AECG(
        branches=Branches(
            np.append(2 * np.arange(inner + 1), np.full(inner + 1, 2 * inner)),
            np.stack([movers == 0, movers == 1], axis=1).astype(np.int64),
            np.arange(2 * inner + 1),
            np.arange(1, 2 * inner + 1),
            np.full(2 * inner, Fraction(1), dtype=object),
            rewards,
        ),
        node_states=np.arange(2 * inner + 1),
        movers=movers,
        start=0,
        observations=tuple(seen),
        discount=np.full(2 * inner + 1, Fraction(9, 10), dtype=object),
        terminal=movers == 2,
        legal=(None, None),
        agents=("a", "b"),
        states=[str(k) for k in range(2 * inner + 1)],
        actions=(("left", "right"),) * 2,
        observation_labels=tuple(labels),
    )


def peak(work):
    """The result, and the most memory in use on the way, in MB."""
    tracemalloc.start()
    result = work()
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return result, most


def test_as_many_observations_as_states_need_no_table():
    aecg = tree()
    (posg, there), used = peak(lambda: aecg_to_posg(aecg))
    assert used < 50  # dense kernels: over 4,000 MB
    assert posg.exact
    assert sum(posg.observation_counts) == 2**DEEP - 1
    last = 2**DEEP - 2
    assert posg.observations.of_agent[(DEEP - 1) % 2].support(last) == [(posg.observation_counts[1] - 1, 1)]
    assert check_equivalence(aecg, posg, there).proved_for == "every horizon"
    back, again = posg_to_aecg(posg)
    assert check_equivalence(posg, back, again).proved_for == "every horizon"
    with pytest.raises(GameError, match="cells; read its rows instead"):
        posg.observations.kernels  # noqa: B018


def test_they_can_be_played_written_and_read():
    aecg = tree(11)
    posg, _ = aecg_to_posg(aecg)
    play = TabularGame(posg)
    step = play.reset(seed_keys(0, 3))
    assert [own.tolist() for own in step.observations] == [[0] * 3, [-1] * 3]
    for _ in range(2):
        step = play.step(step.state, (np.array([0, 1, 1]), np.array([0, 0, 1])))
    assert [own.tolist() for own in step.observations] == [[1, 3, 4], [-1] * 3]  # the third level
    for game in (aecg, posg):
        again = parse_game_json(format_game_json(game))
        for own, read in zip(observed(game), observed(again), strict=True):
            some = range(0, 2**12 - 1, 111)
            assert [own.support(k) for k in some] == [read.support(k) for k in some]


def observed(game):
    return game.observations if isinstance(game, AECG) else game.observations.of_agent


def random_posg(states, symbols):
    """Three agents with three actions, five successors a row, and a law of few of many symbols each."""
    n, actions, rows = 3, 3, 27 * states
    u = uniform(seed_keys(0, rows), 0, 5)
    branches = Branches(
        np.arange(states + 1) * 27,
        c_order_strides(np.full((states, n), actions)),
        np.arange(rows + 1) * 5,
        (u * states).astype(np.int64).ravel(),
        np.full(5 * rows, 0.2),
        np.zeros((n, 5 * rows)),
    )
    own = 3 * states
    first = (uniform(seed_keys(1, own), 0, 1)[:, 0] * (symbols - 1)).astype(np.int64)
    columns = np.stack([first, first + 1], axis=1).ravel()
    laws = Distributions(2 * np.arange(own + 1), columns, np.full(2 * own, 0.5), symbols)
    kernel = Kernel(np.arange(own).reshape(states, 3), laws)
    return POSG(
        branches,
        observations=[kernel] * n,
        initial=np.full(states, 1 / states),
        actions=[("a", "b", "c")] * n,
    )


def test_memory_of_a_conversion_goes_with_the_non_zeros_of_its_result():
    used = {}
    for states, symbols in ((40, 1000), (40, 100_000), (160, 1000)):
        game = random_posg(states, symbols)
        (aecg, _), most = peak(lambda game=game: posg_to_aecg(game))
        used[states, symbols] = most, most / len(aecg.branches.successors)
    assert used[160, 1000][1] < 1.1 * used[40, 1000][1]
    assert used[40, 100_000][0] < used[40, 1000][0] + 10  # dense kernels: 288 MB more
