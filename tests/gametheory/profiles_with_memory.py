"""Policies with memory, and games to play them in."""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.policies.controllers import Controller, HistoryPolicy, MixturePolicy
from gametheory.posg import POSG
from gametheory.testing_games import policies

F = Fraction


def with_discount(game, gamma):
    """The same game with another discount."""
    return POSG(
        game.tables.transitions, game.tables.rewards, game.observations, game.initial, gamma,
        initial_observations=game.initial_observations, null=game.null, legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
    )  # fmt: skip


@st.composite
def stateful(draw, game):
    """Profiles of policies with memory: controllers, tables over histories, mixtures."""
    out = []
    for tables in zip(*(draw(policies(game)) for _ in range(3)), strict=True):
        first, second, third = (own.table for own in tables)
        update = draw(st.lists(st.integers(0, 1), min_size=2 * first.size, max_size=2 * first.size))
        controller = Controller(np.stack([first, second]), np.array(update).reshape(2, *first.shape))
        table = {(("o", w),): law for w, law in enumerate(second)}
        table |= {
            (("o", w), ("a", a), ("o", v)): third[v]
            for w, a, v in product(range(len(first)), range(first.shape[1]), range(len(first)))
        }
        mixture = MixturePolicy([F(1, 3), F(2, 3)], [tables[0], controller])
        out.append(draw(st.sampled_from([tables[0], controller, HistoryPolicy(table, first), mixture])))
    return tuple(out)


def coin_game(gamma):
    """One agent guesses a coin that is tossed anew in every step, and sees it afterwards."""
    P = np.full((2, 2, 2), F(1, 2), dtype=object)
    R = np.array([[[[F(s2 == a) for s2 in range(2)] for a in range(2)] for s in range(2)]], dtype=object)
    return POSG(P, R, [[[1, 0], [0, 1]]], [1, 0], gamma)


def without_end(game, profile):
    """The value without a horizon, or None where there is none."""
    try:
        return evaluate(game, profile)
    except GameError as error:
        if "play never ends" not in str(error):
            raise
        return None
