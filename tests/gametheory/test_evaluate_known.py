"""Values of games that others have computed."""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gametheory.evaluate import evaluate
from gametheory.laws.trajectories import history_table
from gametheory.policies.controllers import HistoryPolicy
from gametheory.policy import TablePolicy, uniform_table
from gametheory.posg import POSG
from gametheory.tables.kernels import JointObservations
from gametheory.testing import normal_forms, profiles

F = Fraction


@given(st.data(), normal_forms())
def test_a_matrix_game_is_worth_what_its_table_says(data, game):
    strategies = data.draw(profiles(game))
    profile = [TablePolicy(np.stack([own, own])) for own in strategies]
    assert evaluate(game.to_posg(), profile) == game.values(strategies)


def dec_tiger(gamma=1):
    """Dec-Tiger (Nair et al., *Taming decentralized POMDPs*, IJCAI 2003): listen, open left, open right."""
    P = np.full((2, 3, 3, 2), F(1, 2), dtype=object)
    O = np.full((2, 3, 3, 2, 2), F(1, 4), dtype=object)  # noqa: E741 - the field's name
    R = np.zeros((2, 2, 3, 3), dtype=object)
    pay = {"ll": -2, "lg": 9, "lb": -101, "gg": 20, "bb": -50, "bg": -100}
    for s in range(2):
        P[s, 0, 0] = [F(s == 0), F(s == 1)]
        hear = [F(17, 20) if w == s else F(3, 20) for w in range(2)]
        O[s, 0, 0] = [[a * b for b in hear] for a in hear]
        kinds = ["l", *("b" if door == s else "g" for door in range(2))]
        for a, b in product(range(3), range(3)):
            key = kinds[a] + kinds[b]
            R[:, s, a, b] = pay[key] if key in pay else pay[key[::-1]]
    return POSG(P, R, JointObservations(O), [F(1, 2), F(1, 2)], gamma)


def heard_twice():
    """Listen twice, then open the door away from a noise heard twice; else listen."""
    listen, left, right = ([F(a == k) for a in range(3)] for k in range(3))
    past = (("o", 2), ("a", 0))
    table = {
        (*past, ("o", 0), ("a", 0), ("o", 0)): right,
        (*past, ("o", 1), ("a", 0), ("o", 1)): left,
    }
    return HistoryPolicy(table, [listen] * 3)


def test_dec_tiger_by_hand():
    # Uniform play: of the nine joint actions one listens (−2), four open one door (twice 9, twice
    # −101), four open two (20, −50, −100, −100): −416/9 per step, whatever is believed.
    uniform = [uniform_table(3, None, 3)] * 2
    for horizon in range(4):
        assert evaluate(dec_tiger(), uniform, horizon) == (F(-416, 9) * horizon,) * 2
    assert evaluate(dec_tiger(F(9, 10)), uniform) == (F(-4160, 9),) * 2
    # Each agent hears twice right with g = 289/400, twice wrong with b = 9/400, else listens.
    g, b, l = F(289, 400), F(9, 400), F(102, 400)  # noqa: E741 - listens
    last = g * g * 20 + b * b * -50 + 2 * g * b * -100 + 2 * l * (g * 9 + b * -101) + l * l * -2
    assert evaluate(dec_tiger(), [heard_twice()] * 2, 3) == (-4 + last,) * 2
    hearing = (("o", 2), ("a", 0)), [(("o", w), ("a", 0)) for w in range(2)]
    table = history_table(dec_tiger(), [heard_twice()] * 2, 0, 3)
    assert set(table) == {
        (("o", 2),),
        *((*hearing[0], ("o", w)) for w in range(2)),
        *((*hearing[0], *one, ("o", w)) for one in hearing[1] for w in range(2)),
    }
    # The optimum for horizon 3 is 5.19 (Nair et al. 2003), and this is the policy.
    assert round(float(-4 + last), 2) == 5.19
