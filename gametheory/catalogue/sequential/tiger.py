"""Tiger problems: behind one of two doors is a tiger; listening tells which, with errors."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from gametheory.posg import POSG
from gametheory.tables.kernels import JointObservations

LISTEN, LEFT, RIGHT = range(3)
ACTIONS = ("listen", "open left", "open right")
HEARD = ("hear left", "hear right")
HALF = Fraction(1, 2)


def tiger() -> POSG:
    """The tiger problem of one agent (Kaelbling, Littman & Cassandra, Artificial Intelligence 101, 1998).

    Listening costs 1 and is right with probability 0.85; the right door pays 10, the tiger's costs
    100, and then the tiger is put behind a door at random.
    """
    P, rewards = np.empty((2, 3, 2), dtype=object), np.empty((1, 2, 3), dtype=object)
    hears = np.empty((2, 3, 2), dtype=object)
    P[:, 1:], hears[:, 1:] = HALF, HALF
    P[:, LISTEN] = [[1, 0], [0, 1]]
    hears[:, LISTEN] = [["0.85", "0.15"], ["0.15", "0.85"]]
    rewards[0] = [[-1, -100, 10], [-1, 10, -100]]
    return POSG(
        P,
        rewards,
        [hears],
        initial=[HALF, HALF],
        discount="0.95",
        agents=("1",),
        states=("tiger left", "tiger right"),
        actions=[ACTIONS],
        observation_labels=[HEARD],
        title="Tiger",
    )


def dec_tiger() -> POSG:
    """Dec-Tiger (Nair et al., IJCAI 2003): two agents, one reward, each hears for itself.

    Hearing is informative only after both have listened. Opening a door puts the tiger behind a door
    at random. Opening the tiger's door together costs 50 instead of 100, the right one together
    pays 20; opening different doors costs 100.
    """
    P = np.empty((2, 3, 3, 2), dtype=object)
    O = np.empty((2, 3, 3, 2, 2), dtype=object)  # noqa: E741
    table = np.empty((2, 3, 3), dtype=object)
    for s, a, b in product(range(2), range(3), range(3)):
        still = (a, b) == (LISTEN, LISTEN)
        P[s, a, b] = [int(s == 0), int(s == 1)] if still else [HALF, HALF]
        own = [Fraction(85 if w == s else 15, 100) if still else HALF for w in range(2)]
        O[s, a, b] = [[own[v] * own[w] for w in range(2)] for v in range(2)]
        table[s, a, b] = _dec_tiger_reward(s, a, b)
    return POSG(
        P,
        [table, table],
        JointObservations(O),
        initial=[HALF, HALF],
        agents=("1", "2"),
        states=("tiger left", "tiger right"),
        actions=[ACTIONS] * 2,
        observation_labels=[HEARD] * 2,
        title="Dec-Tiger",
    )


def _dec_tiger_reward(state: int, a: int, b: int) -> int:
    bad, good = (LEFT, RIGHT) if state == 0 else (RIGHT, LEFT)
    opened = sorted(x for x in (a, b) if x != LISTEN)
    if not opened:
        return -2
    if len(opened) == 2:
        return -50 if opened == [bad] * 2 else 20 if opened == [good] * 2 else -100
    return -101 if opened == [bad] else 9
