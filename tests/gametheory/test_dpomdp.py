"""Dec-POMDP files in the MADP toolbox's format: every form of entry, and one-line errors with line numbers."""

import contextlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.files import read
from gametheory.files.dpomdp import parse_dpomdp

SHARED = Path(__file__).parents[3] / "shared" / "games"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the collection of game files is not beside the project"
)

HEAD = """\
# two rovers and a rock
agents: 2
discount: 0.95   # a comment at a line's end
values: reward
states: dry wet
start: 0.25 0.75
actions:
dig rest
3
observations:
2
sun rain
"""

PLAIN = HEAD + "T: * :\nidentity\nO: * :\nuniform\nR: * : * : * : * : 1\n"


def with_entries(entries, head=HEAD):
    return parse_dpomdp(head + "T: * :\nuniform\nO: * :\nuniform\n" + entries)


def law(game, state, joint):
    """Successor to probability."""
    successors, _, weights = game.transition(state, joint)
    return dict(zip(successors.tolist(), weights.tolist(), strict=True))


def test_names_and_counts():
    game = parse_dpomdp(PLAIN)
    assert game.agents == ("1", "2")
    assert game.states == ("dry", "wet")
    assert game.actions == (("dig", "rest"), ("0", "1", "2"))
    assert game.observation_labels == (("0", "1"), ("sun", "rain"))
    assert game.initial.tolist() == [Fraction(1, 4), Fraction(3, 4)]
    assert set(game.discount.tolist()) == {Fraction(19, 20)}
    assert game.exact
    assert game.initial_observations is None
    assert not game.terminal.any()
    assert not game.null.any()


def test_transitions_in_every_form():
    game = with_entries(
        "T: dig 1 : dry : wet : 0.9\nT: dig 1 : dry : dry : 0.1\n"  # single entries
        "T: rest 2 : wet :\n0.2 0.8\n"  # a row
        "T: rest 0 :\n0 1\n1 0\n"  # a matrix
        "T: 2 :\nidentity\n"  # joint action 2 is (dig, 2)
        "T: rest * : 0 : * : 0.5\n"  # overrides the matrix's first row
        "T: dig 0 uniform\n"  # the last colon may be missing
    )
    assert law(game, 0, (0, 1)) == {0: Fraction(1, 10), 1: Fraction(9, 10)}
    assert law(game, 1, (1, 2)) == {0: Fraction(1, 5), 1: Fraction(4, 5)}
    assert law(game, 1, (1, 0)) == {0: 1}
    assert [law(game, s, (0, 2)) for s in (0, 1)] == [{0: 1}, {1: 1}]
    assert law(game, 0, (1, 0)) == {0: Fraction(1, 2), 1: Fraction(1, 2)}
    assert law(game, 0, (0, 0)) == {0: Fraction(1, 2), 1: Fraction(1, 2)}


def test_observations_in_every_form_and_order():
    game = with_entries(
        "O: dig 0 : wet : 1 sun : 0.75\nO: dig 0 : wet : 0 * : 0\nO: dig 0 : wet : 1 rain : 0.25\n"
        "O: rest 1 : dry :\n0.1 0.2 0.3 0.4\n"  # the last agent's observation goes fastest
        "O: rest 2 :\n1 0 0 0\n0 0 0 1\n"
        "O: dig 2 : * : * : 0\nO: dig 2 : * : 3 : 1\n"  # joint observation 3 is (1, rain)
    )
    kernel = game.observations.kernel  # [S', A_1, A_2, Ω_1, Ω_2]
    assert kernel[1, 0, 0].tolist() == [[0, 0], [Fraction(3, 4), Fraction(1, 4)]]
    assert kernel[0, 1, 1].tolist() == [[Fraction(1, 10), Fraction(1, 5)], [Fraction(3, 10), Fraction(2, 5)]]
    assert kernel[0, 1, 2].tolist() == [[1, 0], [0, 0]]
    assert kernel[1, 1, 2].tolist() == [[0, 0], [0, 1]]
    assert kernel[1, 0, 2].tolist() == [[0, 0], [0, 1]]
    assert kernel[1, 1, 0].tolist() == [[Fraction(1, 4)] * 2] * 2


def test_rewards_by_state_and_action():
    game = with_entries(
        "R: * : * : * : * : -2\nR: dig 1 : wet : * : * : +20\nR: rest * : dry : * : * : 1.5\n"
    )
    assert game.expected_rewards(1)[0].tolist() == [[-2, 20, -2], [-2, -2, -2]]
    assert game.expected_rewards(0)[1].tolist() == [[-2] * 3, [Fraction(3, 2)] * 3]
    assert "expectation" not in game.title


def test_rewards_by_next_state_are_kept_apart():
    game = with_entries("R: dig 0 : dry : wet : * : 4\n")
    _, rewards, weights = game.transition(0, (0, 0))
    assert sorted(zip(rewards[0].tolist(), weights.tolist(), strict=True)) == [
        (0, Fraction(1, 2)),
        (4, Fraction(1, 2)),
    ]


def test_rewards_by_observation_are_paid_in_expectation_and_the_title_says_so():
    game = with_entries(
        "O: dig 0 : wet :\n0.1 0.2 0.3 0.4\n"
        "R: dig 0 : dry : wet :\n10 20 30 40\n"  # Σ_o O·R = 1 + 4 + 9 + 16 = 30
        "R: rest 0 : dry :\n1 2 3 4\n5 6 7 8\n"  # uniform: 10/4 on dry, 26/4 on wet
        "R: rest 1 : dry : wet : * rain : 8\n"  # probability 1/2 under the uniform law
    )
    successors, rewards, _ = game.transition(0, (0, 0))
    assert dict(zip(successors.tolist(), rewards[1].tolist(), strict=True)) == {0: 0, 1: 30}
    successors, rewards, _ = game.transition(0, (1, 0))
    assert dict(zip(successors.tolist(), rewards[0].tolist(), strict=True)) == {
        0: Fraction(5, 2),
        1: Fraction(13, 2),
    }
    successors, rewards, _ = game.transition(0, (1, 1))
    assert dict(zip(successors.tolist(), rewards[0].tolist(), strict=True)) == {0: 0, 1: 4}
    assert "in expectation over observations" in game.title


def test_costs_are_negative_rewards():
    game = parse_dpomdp(PLAIN.replace("values: reward", "values: cost"))
    assert set(game.branches.rewards.ravel().tolist()) == {-1}


@pytest.mark.parametrize(
    ("start", "law"),
    [
        ("start: uniform", [Fraction(1, 2)] * 2),
        ("start:\nuniform", [Fraction(1, 2)] * 2),
        ("start: wet", [0, 1]),
        ("start: 1", [0, 1]),
        ("start:\n0.5 0.5", [Fraction(1, 2)] * 2),
        ("start include: wet", [0, 1]),
        ("start include: 0 wet", [Fraction(1, 2)] * 2),
        ("start exclude: 1", [1, 0]),
    ],
)
def test_starts(start, law):
    assert parse_dpomdp(PLAIN.replace("start: 0.25 0.75", start)).initial.tolist() == law


def test_three_agents_by_name():
    game = parse_dpomdp(
        "agents: a b c\ndiscount: 1\nvalues: reward\nstates: 1\nstart: 0\nactions:\n1\n2\n2\nobservations:\n1\n1\n1\n"
        "T: * :\nidentity\nO: * :\nuniform\nR: 0 1 * : * : * : * : 3\nR: 2 : * : * : * : 5\n"  # 2 is (0, 1, 0)
    )
    assert game.agents == ("a", "b", "c")
    assert game.expected_rewards(0)[2].tolist() == [[[0, 0], [5, 3]]]


def test_rounded_laws_are_divided_by_their_sum_and_the_title_says_so():
    game = with_entries("T: dig 0 : dry :\n0.33333 0.66666\n")
    assert law(game, 0, (0, 0)) == {0: Fraction(1, 3), 1: Fraction(2, 3)}
    assert "rounded laws" in game.title


BAD = [
    ("agents: 2\n", "", "has no 'agents'"),
    ("discount: 0.95 ", "discount: high ", "line 3: expected a number, found 'high'"),
    ("discount: 0.95 ", "discount: 1.5 ", "γ must lie in [0, 1]"),
    ("values: reward", "values: revenge", "line 4: expected reward or cost, found 'revenge'"),
    ("values: reward", "value: reward", "line 3: expected one number"),
    ("states: dry wet", "states: dry dry", "line 5: the name 'dry' stands twice"),
    ("states: dry wet", "states: 0", "line 5: 0 is no number of states"),
    ("states: dry wet\nstart: 0.25 0.75", "states: 99999\nstart: 0", "cells of a transition table"),
    ("states: dry wet", "states:", "line 5: expected a number or names"),
    ("start: 0.25 0.75", "start: 0.25 0.7", "line 6: start must be a distribution; it sums to 0.95"),
    ("start: 0.25 0.75", "start: wett", "line 6: unknown state 'wett'; did you mean wet?"),
    ("start: 0.25 0.75", "start exclude: 0 1", "line 6: no state is left to start in"),
    ("start: 0.25 0.75", "start: uniform\nstart: dry", "line 7: start stands in line 6 already"),
    ("dig rest\n", "", "line 7: expected 2 lines, one per agent; found 1"),
    ("agents: 2", "agents: 16", "line 2: 16 agents"),
    ("# two rovers", "two rovers", "line 1: expected agents"),
    ("T: * :\nidentity", "T: * * * :\nidentity", "line 13: expected a joint action: * or one of each of 2 agents"),
    ("T: * :\nidentity", "T: dug 1 :\nidentity", "line 13: unknown action of agent 1 'dug'; did you mean dig?"),
    ("T: * :\nidentity", "T: dig 3 :\nidentity", "line 13: action of agent 2 3 is none of 0 to 2"),
    ("T: * :\nidentity", "T: 6 :\nidentity", "line 13: there is no joint action 6"),
    ("T: * :\nidentity", "T: * :\n1 0 0", "line 14: expected 4 numbers"),
    ("T: * :\nidentity", "T: * : dry : wet : 1 2", "line 13: expected 1 numbers, one value; found 2"),
    ("T: * :\nidentity", "T: * : dry : wet : * : 1", "line 13: expected T: actions"),
    ("T: * :\nidentity", "T: * : dry : wet :", "line 13: expected 1 numbers"),
    ("T: * :\nidentity", "T: * : dry : wet : 1", "T: dig 0 : dry must be"),
    ("T: * :\nidentity", "T: * : * : * : -0.5", "must be a distribution"),
    ("O: * :\nuniform", "", "O: dig 0 : dry must be a distribution; it sums to 0"),
    ("O: * :\nuniform", "O: * :\nidentity", "line 16: expected 8 numbers"),
    ("R: * : * : * : * : 1", "R: * : 1", "line 17: expected R:"),
    ("R: * : * : * : * : 1", "R: * : * : * : * : 1/0", "line 17: expected a number, found '1/0', a fraction"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BAD)
def test_errors_name_the_line(old, new, message):
    assert PLAIN.count(old) == 1
    text = PLAIN.replace(old, new)
    if message.startswith("T: "):
        text = text.replace("T: * : dry", "T: * : wet", 1)
    with pytest.raises(GameError) as raised:
        parse_dpomdp(text, source="rovers.dpomdp")
    assert message in str(raised.value)
    assert str(raised.value).startswith("'rovers.dpomdp'")
    assert "\n" not in str(raised.value)


def test_a_short_file_cannot_ask_for_endless_work():
    head = PLAIN.replace("states: dry wet", "states: 800").replace("start: 0.25 0.75", "start: 0")
    with pytest.raises(GameError, match="override one another too often"):
        parse_dpomdp(head + "T: * :\nuniform\n" * 40)


WORDS = ["*", ":", "uniform", "identity", "dig", "dry", "0", "1", "-1", "0.5", "99", "x", "T", "O:", "R", "start", "#", "\n", "agents:"]  # fmt: skip


@given(st.integers(0, 200), st.integers(0, 3), st.lists(st.sampled_from(WORDS), max_size=3))
@settings(max_examples=400)
def test_a_mutated_file_is_a_game_or_an_error_of_ours(at, dropped, words):
    tokens = PLAIN.replace("\n", " \n ").split(" ")
    at = min(at, len(tokens))
    with contextlib.suppress(GameError):
        parse_dpomdp(" ".join([*tokens[:at], *words, *tokens[at + dropped :]]))


@given(st.text(max_size=200))
def test_any_text_is_refused(text):
    with pytest.raises(GameError):
        parse_dpomdp(text)


@needs_shared
def test_dec_tiger():
    """Nair et al., *Taming decentralized POMDPs* (IJCAI 2003): rewards and 0.85 accuracy per agent."""
    game = read(SHARED / "dectiger.dpomdp")
    assert game.states == ("tiger-left", "tiger-right")
    assert game.exact
    left = [[-2, -101, 9], [-101, -50, -100], [9, -100, 20]]
    right = [[-2, 9, -101], [9, 20, -100], [-101, -100, -50]]
    for i in (0, 1):
        assert game.expected_rewards(0)[i].tolist() == left
        assert game.expected_rewards(1)[i].tolist() == right
    hears = np.array([Fraction(85, 100), Fraction(15, 100)])
    assert (game.observations.kernel[0, 0, 0] == np.outer(hears, hears)).all()
    assert (game.observations.kernel[1, 0, 0] == np.outer(hears[::-1], hears[::-1])).all()
    assert (game.observations.kernel[1, 0, 1] == Fraction(1, 4)).all()
    assert law(game, 0, (0, 0)) == {0: 1}
    assert law(game, 0, (1, 0)) == {0: Fraction(1, 2), 1: Fraction(1, 2)}


@needs_shared
def test_broadcast_channel():
    """Hansen et al., *Dynamic programming for POSGs* (AAAI 2004): buffers refill with 0.9 and 0.1."""
    game = read(SHARED / "broadcastChannel.dpomdp")
    refill = Fraction(9, 10), Fraction(1, 10)
    for state, label in enumerate(game.states):
        full = [sign == "1" for sign in label[1:]]
        for joint in np.ndindex(2, 2):
            sends = [action == 0 for action in joint]
            alone = sum(sends) == 1
            earned = [alone and send and has for send, has in zip(sends, full, strict=True)]
            if not all(sends):  # of a collision the file gives one law for all states
                assert game.expected_rewards(state)[0][joint] == sum(earned)
                expected = {}
                for k, successor in enumerate(game.states):
                    p = Fraction(1)
                    for has, send, chance, sign in zip(full, sends, refill, successor[1:], strict=True):
                        filled = 1 if has and not send else chance
                        p *= filled if sign == "1" else 1 - filled
                    if p:
                        expected[k] = p
                assert law(game, state, joint) == expected
