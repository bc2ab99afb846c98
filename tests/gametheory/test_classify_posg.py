"""Settings and classes of POSGs and AECGs: what they are judged on, and what leaves them as they are."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.classify import classify
from gametheory.classify.posg import STAGE_CLASSES
from gametheory.classify.triples import reachable_rows, triples_of
from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.observed import actions_of_rows
from gametheory.tables.rules import rules as rules_of
from gametheory.testing import normal_forms
from gametheory.testing_games import aecgs, posgs

HALF = Fraction(1, 2)
AFFINE = [
    "constant-sum",
    "zero-sum up to positive affine maps",
    "identical-interest up to positive affine maps",
    "team-against-team zero-sum",
    "general-sum",
]


def answers(found):
    """Every setting's and reading's answer with its intervals of k, which do not name places."""
    return {
        (name, reading): (finding.holds, str(finding.witness.get("intervals")))
        for name, readings in found.settings.items()
        for reading, finding in readings.items()
    }


def classes(found, names=AFFINE):
    return {name: found.classes[name].holds for name in names}


def triples(game, how="expected", which="reachable"):
    found = triples_of(game, which, how)
    return {tuple(vector) for vector in found.rewards.T.tolist()}


# --- conversions -----------------------------------------------------------------------------------


@given(posgs(agents=(1, 3)), st.sampled_from(["expected", "sure"]))
def test_a_posg_and_its_aecg_have_the_same_settings_and_affine_classes(game, how):
    before, after = classify(game, rewards=how), classify(posg_to_aecg(game)[0], rewards=how)
    assert answers(before) == answers(after)
    assert classes(before) == classes(after)


@given(aecgs(agents=(1, 3)), st.sampled_from(["expected", "sure"]))
def test_an_aecg_and_its_posg_have_the_same_settings(game, how):
    before, after = classify(game, rewards=how), classify(aecg_to_posg(game)[0], rewards=how)
    assert answers(before) == answers(after)
    assert triples(game, how) == triples(aecg_to_posg(game)[0], how)


@given(posgs(), st.sampled_from(["expected", "sure"]))
def test_an_aecg_adds_nothing_but_triples_that_pay_nobody(game, how):
    own, converted = triples(game, how), triples(posg_to_aecg(game)[0], how)
    assert converted == own | {(0,) * len(game.agents)}


# --- invariances -----------------------------------------------------------------------------------


def mapped(game, slopes, shifts):
    values = game.tables.rewards.values
    shape = (-1,) + (1,) * (values.ndim - 1)
    changed = values * np.array(slopes, dtype=object).reshape(shape) + np.array(shifts, dtype=object).reshape(
        shape
    )
    return POSG(
        game.tables.transitions,
        Rewards(changed, game.tables.rewards.probabilities),
        game.observations,
        game.initial,
        game.discount,
        initial_observations=game.initial_observations,
        null=game.null,
        legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
    )


positive = st.fractions(Fraction(1, 5), 5, max_denominator=5)


@given(posgs(), positive)
def test_settings_are_invariant_under_one_common_positive_factor(game, factor):
    n = len(game.agents)
    assert answers(classify(game)) == answers(classify(mapped(game, [factor] * n, [0] * n)))


@given(posgs(agents=2), st.lists(positive, min_size=2, max_size=2), st.lists(st.integers(-3, 3), min_size=2, max_size=2))  # fmt: skip
def test_affine_aware_classes_are_invariant_under_positive_affine_maps(game, slopes, shifts):
    names = [
        "zero-sum up to positive affine maps",
        "identical-interest up to positive affine maps",
        "general-sum",
    ]
    assert classes(classify(game), names) == classes(classify(mapped(game, slopes, shifts)), names)


@given(posgs(agents=(1, 3)))
def test_settings_imply_one_another(game):
    found = classify(game).settings
    together, zero = found["fully cooperative"]["literal"].holds, found["zero-sum"]["literal"].holds
    if together:
        assert found["cooperative"]["uniform"].holds
    if together and zero:
        assert triples(game) <= {(0,) * len(game.agents)}


@given(normal_forms(agents=(1, 3)))
@settings(max_examples=50)
def test_a_matrix_game_keeps_its_classes_as_a_posg(game):
    before, after = classify(game), classify(game.to_posg())
    assert answers(before) == answers(after)
    names = [*AFFINE, *STAGE_CLASSES]
    assert classes(before, names) == classes(after, names)


# --- what counts -----------------------------------------------------------------------------------


@given(posgs(), st.data())
@settings(max_examples=60)
def test_reachable_rows_are_those_that_play_comes_by(game, data):
    """An independent search: unfold the game's own rules position by position."""
    rules, joints = rules_of(game), actions_of_rows(game)
    seen, todo, rows = set(), [], set()
    for _, state in rules.starts():
        todo += [(state, observed) for _, observed in rules.observe(state, None)]
    while todo:
        state, observed = todo.pop()
        if (state, observed) in seen or rules.over[state]:
            continue
        seen.add((state, observed))
        choices = [[0] if game.null[state, i] else rules.legal(i, w) for i, w in enumerate(observed)]
        for joint in product(*choices):
            rows.add((state, joint))
            successors, _, weights = game.transition(state, joint)
            for successor in {int(s) for s, p in zip(successors, weights, strict=True) if p}:
                todo += [(successor, seen_next) for _, seen_next in rules.observe(successor, joint)]
    found = {(int(game.branches.state_of_row[r]), tuple(joints[r].tolist())) for r in reachable_rows(game)}
    assert found == rows


def walk(rewards, **changes):
    """State 0 leads to 1 or (never) 2 by a fair coin that never falls; 1 ends in 3; 2 is cut off."""
    P = np.zeros((4, 2, 2, 4), dtype=object)
    P[0, ..., 1] = P[1, ..., 3] = P[2, ..., 3] = P[3, ..., 3] = 1
    see = [[1]] * 4
    return POSG(P, rewards, [see, see], [1, 0, 0, 0], terminal=[3], **changes)


def paying(state, vector):
    out = np.zeros((2, 4, 2, 2), dtype=object)
    out[:, state] = np.array(vector, dtype=object).reshape(2, 1, 1)
    return out


def test_what_cannot_be_reached_counts_only_when_all_triples_do():
    game = walk(paying(2, [1, 2]))
    assert classify(game).settings["fully cooperative"]["literal"].holds
    found = classify(game, triples="all")
    witness = found.settings["fully cooperative"]["literal"].witness
    assert found.settings["fully cooperative"]["literal"].holds is False
    assert witness["places"][0]["at"]["state"] == "3"
    assert "possible or not" in found.judged_on


def test_illegal_actions_do_not_count():
    rewards = np.zeros((2, 4, 2, 2), dtype=object)
    rewards[0, 1, 1] = 5
    legal = [[[True, False]], None]
    assert not classify(walk(rewards)).settings["zero-sum"]["literal"].holds
    assert classify(walk(rewards, legal=legal)).settings["zero-sum"]["literal"].holds


def test_expected_and_sure_rewards_differ():
    values = np.zeros((2, 4, 2, 2, 4, 2), dtype=object)
    values[0, 0, :, :, 1] = [1, -1]
    weights = np.zeros((4, 2, 2, 4, 2), dtype=object)
    weights[...] = HALF
    game = walk(Rewards(values, weights))
    assert classify(game).settings["zero-sum"]["literal"].holds
    found = classify(game, rewards="sure").settings["zero-sum"]["literal"]
    assert not found.holds
    assert found.witness["sum"] == 1


def test_stage_games_are_judged_state_by_state():
    dilemma = NormalForm([[[2, 0], [3, 1]], [[2, 3], [0, 1]]])
    pennies = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    rewards = np.zeros((2, 4, 2, 2), dtype=object)
    rewards[:, 0] = dilemma.payoffs
    found = classify(walk(rewards)).classes
    assert found["exact potential"].holds
    assert found["dominance-solvable"].holds is False  # in state 2 all is one
    assert found["dominance-solvable"].witness["state"] == "2"
    rewards[:, 1] = pennies.payoffs
    found = classify(walk(rewards)).classes["exact potential"]
    assert not found.holds
    assert found.witness["state"] == "2"
    assert found.judged_on == "every stage game"


def test_a_game_without_a_step_belongs_to_every_setting():
    game = POSG([[[1]]], [[[1]]], [[[1]]], [1], terminal=[0])
    found = classify(game)
    assert found.settings["fully cooperative"]["literal"].holds
    assert found.classes["constant-sum"].holds


def test_aecgs_are_judged_per_round_where_they_have_rounds():
    cycle, _ = posg_to_aecg(walk(paying(0, [1, -1])))
    assert classify(cycle).classes["constant-sum"].judged_on == "each round"
    assert classify(cycle).classes["exact potential"].holds is None


def test_only_games_with_finitely_many_actions_are_judged():
    with pytest.raises(GameError, match="cannot classify a str"):
        classify("stag-hunt")
    with pytest.raises(GameError, match="triples are reachable or all"):
        classify(walk(paying(0, [1, 1])), triples="some")
