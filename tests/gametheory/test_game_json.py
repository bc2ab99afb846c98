"""POSGs, AECGs and correspondences survive their JSON."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_samples import CYCLE, HALF, assert_same_aecg, assert_same_posg, changed, coin, floats

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.files import read, write
from gametheory.files.correspondence_json import read_correspondence, write_correspondence
from gametheory.files.game_json import format_game_json, parse_game_json, schema
from gametheory.files.json_text import Names, Place
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.tables.branches import Branches
from gametheory.tables.distributions import Distributions
from gametheory.tables.kernel import Kernel
from gametheory.tables.kernels import JointObservations
from gametheory.tables.observed import actions_of_rows
from gametheory.testing_games import aecgs, assert_equivalent, posgs


@given(posgs())
def test_a_posg_survives(game):
    assert_same_posg(game, parse_game_json(format_game_json(game)))


@given(posgs())
def test_floats_and_repeated_labels_survive(game):
    game = floats(game)
    assert_same_posg(game, parse_game_json(format_game_json(game)))


@given(aecgs())
def test_an_aecg_survives(game):
    assert_same_aecg(game, parse_game_json(format_game_json(game)))


@given(posgs(), st.booleans())
@settings(max_examples=40)
def test_converted_games_and_their_correspondence_survive(tmp_path_factory, game, back):
    folder = tmp_path_factory.mktemp("files")
    cycle, correspondence = posg_to_aecg(game)
    if back:
        game, correspondence = aecg_to_posg(cycle)
    posg, aecg = (parse_game_json(format_game_json(own)) for own in (game, cycle))
    assert_same_posg(game, posg)
    assert_same_aecg(cycle, aecg)
    write_correspondence(correspondence, folder / "c.json")
    again = read_correspondence(folder / "c.json", posg, aecg)
    assert np.array_equal(again.posg_states, correspondence.posg_states)
    assert again.steps_per_round == correspondence.steps_per_round
    assert_equivalent(posg, aecg, again)


def test_a_file_written_by_hand(tmp_path):
    """Two agents guess a coin that only the first has seen; matching pays 1 each, as drawn by 3/4."""
    text = """
    {"format": "equilibrist/posg", "agents": ["seer", "guesser"], "states": ["heads", "tails", "over"],
     "actions": [["h", "t"], ["h", "t"]], "observation_labels": [["heads", "tails"], ["cue"]],
     "initial": [["heads", "1/2"], ["tails", "0.5"]], "discount": "9/10", "terminal": ["over"],
     "initial_observations": {"kind": "factored", "laws": [
        [{"state": "heads", "law": [["heads", 1]]}, {"state": 1, "law": [["tails", "1"]]}],
        [{"state": "heads", "law": [["cue", "1"]]}, {"state": "tails", "law": [[0, "1"]]}]]},
     "observations": {"kind": "factored", "laws": [
        [{"state": "heads", "law": [["heads", "1"]]}, {"state": "tails", "law": [["heads", "1"]]},
         {"state": "over", "law": [["heads", "1"]]}, {"state": "over", "action": "t", "law": [["tails", "1"]]}],
        [{"state": "heads", "law": [["cue", "1"]]}, {"state": "tails", "law": [["cue", "1"]]},
         {"state": "over", "law": [["cue", "1"]]}]]},
     "transitions": [
        {"state": "heads", "actions": ["h", "h"], "outcomes": [
            {"p": "3/4", "to": "over", "rewards": ["1", 1]}, {"p": "1/4", "to": "over"}]},
        {"state": "heads", "actions": ["h", "t"], "outcomes": [{"to": "over"}]},
        {"state": "heads", "actions": ["t", "h"], "outcomes": [{"to": "over"}]},
        {"state": "heads", "actions": ["t", "t"], "outcomes": [{"to": "over"}]},
        {"state": "tails", "actions": ["h", "h"], "outcomes": [{"to": "over"}]},
        {"state": "tails", "actions": ["h", "t"], "outcomes": [{"to": "over"}]},
        {"state": "tails", "actions": ["t", "h"], "outcomes": [{"to": "over"}]},
        {"state": "tails", "actions": ["t", 1], "outcomes": [{"to": "over", "rewards": ["1", "1"]}]}]}
    """
    path = tmp_path / "coin.json"
    path.write_text(text)
    game = read(path)
    assert game.exact
    assert game.initial.tolist() == [HALF, HALF, 0]
    assert game.discount.tolist() == [Fraction(9, 10)] * 3
    assert game.expected_rewards(0)[0].tolist() == [[Fraction(3, 4), 0], [0, 0]]
    assert game.expected_rewards(1)[1].tolist() == [[0, 0], [0, 1]]
    assert game.observations.kernels[0][2].tolist() == [[1, 0], [0, 1]]  # the named action, then the rest
    assert [kernel[1].tolist() for kernel in game.initial_observations.kernels] == [[0, 1], [1]]


def test_states_with_one_law_share_its_entry():
    """Five states, two of which show something else after the second action."""
    usual, other = [1, 0], [HALF, HALF]
    see = [[usual, usual], [usual, other], [usual, usual], [usual, other], [usual, usual]]
    moves = np.zeros((5, 2, 5), dtype=int)
    moves[..., 4] = 1
    game = POSG(moves, np.zeros((1, 5, 2), dtype=int), [see], [1, 0, 0, 0, 0], actions=["xy"])
    document = json.loads(format_game_json(game))
    assert document["observations"]["laws"] == [
        [
            {"states": ["1", "2", "3", "4", "5"], "law": [["1", "1"]]},
            {"states": ["2", "4"], "action": "y", "law": [["1", "1/2"], ["2", "1/2"]]},
        ]
    ]
    again = parse_game_json(json.dumps(document))
    assert_same_posg(game, again)
    assert len(again.observations.of_agent[0].laws) == 2


def test_many_agents_may_share_one_joint_observation():
    """Twenty agents of one action, who all hear one coin: a table of it would have forty axes."""
    n = 20
    heard = Distributions([0, 2], [0, 2**n - 1], [HALF, HALF], 2**n)
    game = POSG(
        Branches(np.array([0, 1]), np.zeros((1, n), dtype=int), np.array([0, 1]), np.array([0]), np.ones(1, dtype=object), np.zeros((n, 1), dtype=object)),
        observations=JointObservations(Kernel(np.zeros(1, dtype=int), heard), (2,) * n),
        initial=[1],
        actions=["a"] * n,
    )  # fmt: skip
    again = parse_game_json(format_game_json(game))
    assert again.observations.support(0) == [((0,) * n, HALF), ((1,) * n, HALF)]


def test_numbers_keep_their_kind():
    document = json.loads(format_game_json(coin()))
    assert document["initial"] == [["s", "1"]]
    document["discount"] = 0.5
    game = parse_game_json(json.dumps(document))
    assert game.discount.dtype == np.float64
    assert game.branches.exact


def test_a_cycle_written_by_hand():
    game = parse_game_json(CYCLE)
    assert game.movers.tolist() == [0, 1, 1]
    assert game.branches.rewards.tolist() == [[0, 0, 1]]
    assert game.silent.tolist() == [False, True, True]


def test_formats_hold_what_they_can(tmp_path):
    game = coin()
    for name, kind in [("g.nfg", game), ("g.dpomdp", game), ("g.json", NormalForm([[1]]))]:
        with pytest.raises(GameError, match="can be written to"):
            write(kind, tmp_path / name)
    write(game, tmp_path / "g.JSON")
    assert_same_posg(game, read(tmp_path / "g.JSON"))


def test_labels_refer_where_they_are_unique():
    names = Names(["a", "b", "a"], "state")
    assert [names.refer(k) for k in range(3)] == [0, "b", 2]
    assert [names.find(Place(reference)) for reference in (0, "b", 2)] == [0, 1, 2]


def test_joint_actions_keep_their_order_in_the_file():
    document = json.loads(format_game_json(coin()))
    assert [entry["actions"] for entry in document["transitions"]] == [["toss"], ["hold"]]
    assert actions_of_rows(coin()).tolist() == [[0], [1]]


@given(st.one_of(posgs(), posgs().map(floats), aecgs()))
@settings(max_examples=40)
def test_documents_keep_the_published_schema(game):
    jsonschema = pytest.importorskip(
        "jsonschema", reason="the schema is held against jsonschema where that is"
    )
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    validator.validate(json.loads(format_game_json(game)))


def test_the_schema_refuses_what_the_reader_refuses(tmp_path):
    jsonschema = pytest.importorskip(
        "jsonschema", reason="the schema is held against jsonschema where that is"
    )
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    for path, value in [
        ("/version", 2),
        ("/states/0", 7),
        ("/initial", ...),
        ("/initial/0/1", "1/0"),
        ("/transitons", []),
    ]:
        assert not validator.is_valid(json.loads(changed(path, value))), path
    write_correspondence(posg_to_aecg(coin())[1], tmp_path / "c.json")
    validator.validate(json.loads((tmp_path / "c.json").read_text()))
    validator.validate(json.loads(CYCLE))
