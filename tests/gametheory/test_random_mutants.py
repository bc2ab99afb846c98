"""Random edits of converted games: the step-wise check never passes what enumeration tells apart."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.aecg import AECG
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.laws.bisimulation import first_mismatch
from gametheory.laws.enumerated import search
from gametheory.laws.machines import AecgMachine, PosgMachine, Rounds
from gametheory.tables.kernel import Kernel
from gametheory.testing_games import aecgs, posgs

HALF = Fraction(1, 2)


@st.composite
def edited(draw, aecg):
    """The game with one random edit, which may or may not matter; itself, if that is no game."""
    try:
        return edit(draw, aecg)
    except GameError as error:
        if "the rewards depend on who moves next" not in str(error):
            raise
        return aecg


def edit(draw, aecg):
    b = aecg.branches
    kind = draw(st.sampled_from(["rewards", "successors", "γ", "laws", "weights"]))
    if kind == "γ":
        discount = aecg.discount.copy()
        discount[draw(st.integers(0, len(discount) - 1))] = draw(st.sampled_from([HALF, Fraction(1)]))
        return replace(aecg, discount=discount)
    if kind == "laws":
        who = draw(st.integers(0, len(aecg.agents) - 1))
        table = aecg.observations[who].laws.table().copy()
        row = draw(st.integers(0, len(table) - 1))
        table[row] = np.roll(table[row], 1)
        laws = list(aecg.observations)
        laws[who] = Kernel(aecg.observations[who].rows, table)
        return replace(aecg, observations=tuple(laws))
    if not len(b.successors):
        return aecg
    at = draw(st.integers(0, len(b.successors) - 1))
    if kind == "rewards":
        rewards = b.rewards.copy()
        rewards[0, at] += 1
        return replace(aecg, branches=replace(b, rewards=rewards))
    other = draw(st.sampled_from([at + 1, at - 1])) % len(b.successors)
    name = "successors" if kind == "successors" else "probabilities"
    values = getattr(b, name).copy()
    if kind == "weights" and b.row_of_branch[at] != b.row_of_branch[other]:
        return aecg
    values[[at, other]] = values[[other, at]]
    mine = aecg.movers[b.state_of_row[b.row_of_branch]] < len(aecg.agents)
    if kind == "successors" and (mine[at] or mine[other]):
        return aecg
    return replace(aecg, branches=replace(b, **{name: values}))


def enumerated(posg, aecg, correspondence):
    length = correspondence.steps_per_round
    walk = Rounds(AecgMachine(aecg, correspondence.posg_states), length, int(length > 1))
    return search(Rounds(PosgMachine(posg, named=True)), walk, None)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_the_step_wise_check_never_passes_games_with_different_laws(data):
    posg = data.draw(posgs())
    aecg, c = posg_to_aecg(posg)
    mutant = data.draw(edited(aecg))
    found = enumerated(posg, mutant, c)
    if first_mismatch(replace(c, aecg=mutant)) is None:
        assert found.difference is None
        assert found.closed


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_nor_does_it_move_by_move(data):
    aecg: AECG = data.draw(aecgs())
    posg, c = aecg_to_posg(aecg)
    mutant = data.draw(edited(aecg))
    found = enumerated(posg, mutant, c)
    if first_mismatch(replace(c, aecg=mutant)) is None:
        assert found.difference is None
        assert found.closed
