"""POSGs, AECGs and correspondences survive their JSON; what is no game is refused with its place."""

import contextlib
import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.errors import GameError
from gametheory.files import read, write
from gametheory.files.correspondence_json import read_correspondence, write_correspondence
from gametheory.files.game_json import format_game_json, parse_game_json, schema
from gametheory.files.json_text import Names, Place
from gametheory.normal_form import NormalForm
from gametheory.observed import actions_of_rows
from gametheory.posg import POSG
from gametheory.testing_games import aecgs, assert_equivalent, posgs

HALF = Fraction(1, 2)


def floats(game):
    """The same POSG with float probabilities and rewards, labels that repeat, and a title."""
    tables = game.tables
    return POSG(
        tables.transitions.astype(float),
        tables.rewards.expected().astype(float) / 3,
        game.observations,
        game.initial,
        game.discount.astype(float),
        initial_observations=game.initial_observations,
        null=game.null,
        legal=game.legal,
        terminal=np.flatnonzero(game.terminal),
        states=["same"] * len(game.states),
        actions=[["go"] * count for count in game.action_counts],
        title='"quoted" – ünïcode',
    )


def equal(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and bool(np.all(a == b))


def assert_same_branches(a, b):
    for own, other in zip(vars_of(a.branches), vars_of(b.branches), strict=True):
        assert np.array_equal(own, other)
    if len(a.branches.successors):
        assert a.branches.probabilities.dtype == b.branches.probabilities.dtype
        assert a.branches.rewards.dtype == b.branches.rewards.dtype


def vars_of(b):
    return b.offsets, b.strides, b.indptr, b.successors, b.probabilities, b.rewards


def assert_same_names(a, b):
    for name in ("agents", "states", "actions", "observation_labels"):
        assert list(getattr(a, name)) == list(getattr(b, name))
    assert a.title == b.title


def assert_same_legal(a, b):
    assert all((x is None) == (y is None) for x, y in zip(a.legal, b.legal, strict=True))
    assert all(x is None or np.array_equal(x, y) for x, y in zip(a.legal, b.legal, strict=True))


def assert_same_posg(a, b):
    """Equal in everything that play can show, number for number."""
    assert_same_branches(a, b)
    assert_same_names(a, b)
    assert_same_legal(a, b)
    assert equal(a.initial, b.initial)
    assert equal(a.discount, b.discount)
    assert np.array_equal(a.null, b.null)
    assert np.array_equal(a.terminal, b.terminal)
    assert type(a.observations) is type(b.observations)
    started = np.asarray(a.initial > 0, dtype=bool)
    if hasattr(a.observations, "kernels"):
        for i, (own, other) in enumerate(zip(a.observations.kernels, b.observations.kernels, strict=True)):
            assert np.all(own[~a.null[:, i]] == other[~a.null[:, i]])
    else:
        assert np.all(a.observations.kernel == b.observations.kernel)
    first, again = a.initial_observations, b.initial_observations
    assert type(first) is type(again)
    if isinstance(first, tuple):
        for i, (own, other) in enumerate(zip(first, again, strict=True)):
            assert np.all(own[started & ~a.null[:, i]] == other[started & ~a.null[:, i]])
    elif first is not None:
        assert np.all(first[started] == again[started])


def assert_same_aecg(a, b):
    assert_same_branches(a, b)
    assert_same_names(a, b)
    assert_same_legal(a, b)
    assert equal(a.discount, b.discount)
    assert a.start == b.start
    for name in ("node_states", "movers", "terminal", "silent"):
        assert np.array_equal(getattr(a, name), getattr(b, name))
    for own, other in zip(a.observations, b.observations, strict=True):
        assert np.array_equal(own.rows < 0, other.rows < 0)
        for state in np.flatnonzero(own.rows >= 0):
            assert np.all(own.law(state) == other.law(state))


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
    assert [kernel[1].tolist() for kernel in game.initial_observations] == [[0, 1], [1]]


def test_numbers_keep_their_kind():
    document = json.loads(format_game_json(coin()))
    assert document["initial"] == [["s", "1"]]
    document["discount"] = 0.5
    game = parse_game_json(json.dumps(document))
    assert game.discount.dtype == np.float64
    assert game.branches.exact


def coin():
    return POSG(
        [[[HALF, HALF], [1, 0]], [[0, 1], [0, 1]]],
        [[[[1, 2], [0, 0]], [[0, 0], [0, 0]]]],
        [[[1, 0], [0, 1]]],
        [1, 0],
        states=["s", "end"],
        terminal=[1],
        actions=[["toss", "hold"]],
        observation_labels=[["on", "off"]],
    )


def changed(path, value):
    """The coin's document with one value replaced, or removed if the value is ``...``."""
    document = json.loads(format_game_json(coin()))
    keys = [int(key) if key.isdigit() else key for key in path.strip("/").split("/")]
    place = document
    for key in keys[:-1]:
        place = place[key]
    if value is ...:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    return json.dumps(document)


BAD = [
    ("/format", "gambit", "/format: expected equilibrist/posg or equilibrist/aecg"),
    ("/version", 2, "/version: expected version 1"),
    ("/agents", [], "/agents: no agents' names"),
    ("/agents", ["1"] * 40, "/agents: 40 agents"),
    ("/states", "s", "/states: expected a list of states, found 's'"),
    ("/states/0", 7, "/states/0: expected text"),
    ("/initial", ..., "the document: the field 'initial' is missing"),
    ("/initial/0/0", "sz", "/initial/0/0: unknown state 'sz'; did you mean s?"),
    ("/initial/0/0", True, "/initial/0/0: expected the label or the index of state"),
    ("/initial/0/0", 2, "/initial/0/0: expected an index of state, 0 to 1"),
    ("/initial/0/1", "1/0", "/initial/0/1: expected a number"),
    ("/initial/0/1", "1/2", "initial must be a distribution; it sums to 1/2"),
    ("/initial/0", ["s"], "/initial/0: expected 2 values"),
    ("/discount", "3/2", "/discount: γ must lie in [0, 1]"),
    ("/discount", {"usual": 1}, "/discount: the field 'except' is missing"),
    ("/terminal", ["s", "nowhere"], "/terminal/1: unknown state"),
    ("/transitons", [], "the document: unknown field 'transitons'; did you mean transitions"),
    ("/transitions/0/outcomes/0/p", "-1/2", "/transitions/0/outcomes/0/p: -1/2 is no probability"),
    ("/transitions/0/outcomes/0/p", "1/3", "/transitions/0/outcomes: the probabilities sum to 5/6"),
    ("/transitions/0/outcomes/0/p", None, "/transitions/0/outcomes/0/p: expected a number"),
    (
        "/transitions/0/outcomes/0/rewards",
        ["1", "1"],
        "/transitions/0/outcomes/0/rewards: expected 1 rewards",
    ),
    ("/transitions/0/outcomes", [], "/transitions/0/outcomes: the probabilities sum to 0"),
    ("/transitions/0", ..., "/transitions: nothing is said of state 's' and actions ['toss']"),
    (
        "/transitions/0/actions",
        ["hold"],
        "/transitions/1: this state and joint action stand at /transitions/0",
    ),
    ("/transitions/0/actions", [None], "/transitions/0/actions/0: null stands for an agent that sees ⊥"),
    ("/transitions/0/state", "end", "/transitions/0/state: the state is terminal"),
    ("/observations/kind", "both", '/observations/kind: expected "factored" or "joint"'),
    ("/observations/laws", [], "/observations/laws: expected 1 lists of laws"),
    ("/observations/laws/0/0", ..., "/observations/laws/0: no law is told of state 's'"),
    ("/observations/laws/0/0/state", "end", "/observations/laws/0/1: this law is told twice"),
    ("/observations/laws/0/0/law", [["on", "1/2"]], "O^0[0, 0] must be a distribution; it sums to 1/2"),
    ("/null", [["end", "1"]], "/observations/laws/0/1/state: the agent sees ⊥"),
    ("/legal", [{"after": [["on", []]]}], "/legal/0/after/0/1: no action is legal here"),
    ("/legal", [], "/legal: expected 1 entries"),
    ("/actions/0", ["toss", "hold", "hold"], "/transitions/1/actions/0: several have the label 'hold'"),
]


@pytest.mark.parametrize(("path", "value", "message"), BAD)
def test_what_is_no_game_is_refused_by_its_place(path, value, message):
    with pytest.raises(GameError) as raised:
        parse_game_json(changed(path, value), source="f.json")
    assert message in str(raised.value)
    assert str(raised.value).startswith("'f.json': ")
    assert "\n" not in str(raised.value)


CYCLE = """
{"format": "equilibrist/aecg", "agents": ["a"], "states": ["s", "t"], "actions": [["l", "r"]],
 "observation_labels": [["o"]], "start": ["s", "a"], "terminal": ["t"],
 "observations": [[{"states": ["s"], "law": [["o", "1"]]}]],
 "nodes": [{"state": "s", "mover": "a", "moves": [
              {"action": "l", "outcomes": [{"to": "s", "next": null}]},
              {"action": "r", "outcomes": [{"to": "s", "next": "a"}]}]},
           {"state": "s", "mover": null, "moves": [{"outcomes": [{"to": "t", "next": null, "rewards": ["1"]}]}]},
           {"state": "t", "mover": null}]}
"""

BAD_CYCLES = [
    ('["s", "a"], "terminal"', '["t", "a"], "terminal"', "/start/0: no node has state 't' and mover 'a'"),
    ('"next": "a"', '"next": "b"', "/nodes/0/moves/1/outcomes/0/next: unknown agent 'b'"),
    ('"mover": null}', '"mover": null, "moves": [{"outcomes": []}]}', "/nodes/2/moves/0: the state is terminal"),
    ('{"action": "l",', '{"action": "r",', "/nodes/0/moves/1: this move is told twice"),
    ('{"action": "l",', "{", "/nodes/0/moves/0: the field 'action' is missing"),
    ('"moves": [{"outcomes": [{"to": "t", "next": null, "rewards": ["1"]}]}]', '"moves": []', "/nodes/1/state: no move is told"),
    ('{"to": "s", "next": "a"}', '{"p": "1/2", "to": "s", "next": "a"}, {"p": "1/2", "to": "t", "next": null}', "an agent's move leads to one state"),
    ('"law": [["o", "1"]]', '"law": []', "/observations/0/0/law: no distribution"),
    ('"states": ["s"], "law"', '"states": ["s", "s"], "law"', "/observations/0/0/states/1: the agent's law in this state"),
    ('"mover": null}', '"mover": null}, {"state": "t", "mover": null}', "/nodes/3/state: this state and mover have a node"),
    ('"next": null, "rewards"', '"rewards"', "the field 'next' is missing"),
]  # fmt: skip


def test_a_cycle_written_by_hand():
    game = parse_game_json(CYCLE)
    assert game.movers.tolist() == [0, 1, 1]
    assert game.branches.rewards.tolist() == [[0, 0, 1]]
    assert game.silent.tolist() == [False, True, True]


@pytest.mark.parametrize(("old", "new", "message"), BAD_CYCLES)
def test_what_is_no_cycle_is_refused_by_its_place(old, new, message):
    assert CYCLE.count(old) == 1
    with pytest.raises(GameError) as raised:
        parse_game_json(CYCLE.replace(old, new))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "null",
        '{"format": "equilibrist/posg"}',
        '{"format": ["equilibrist/posg"]}',
        "[" * 100_000,
        '{"a": 1, "a": 2}',
        '{"format": NaN}',
        "1" * 5000,
        CYCLE.replace('"1"]]}', '"1e-9999999"]]}'),
        CYCLE.replace('"1"]]}', f'"{"9" * 9000}"]]}}'),
        CYCLE.replace('"1"]]}', f"{'9' * 9000}]]}}"),
        CYCLE.replace('"1"]]}', "1e999]]}"),
    ],
)
def test_what_is_no_document_is_refused(text):
    with pytest.raises(GameError):
        parse_game_json(text)


def test_a_short_document_cannot_ask_for_a_large_table():
    many = [str(k) for k in range(400)]
    document = json.loads(format_game_json(coin())) | {
        "agents": list("abcd"), "actions": [many] * 4, "observation_labels": [[]] * 4
    }  # fmt: skip
    document["observations"] = {"kind": "joint", "laws": []}
    with pytest.raises(GameError, match="at most 20,000,000 fit"):
        parse_game_json(json.dumps(document))


VALUES = [None, True, -1, 0, 1, 2, 1.5, 10**30, "", "s", "1/2", "x", [], [[]], {}, {"p": "1"}]


def places(value, path=()):
    yield path
    for key, part in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(part, (*path, key))


@given(st.one_of(posgs(), aecgs()), st.randoms(use_true_random=False), st.sampled_from(VALUES))
@settings(max_examples=300)
def test_a_mutated_document_is_a_game_or_an_error_of_ours(game, random_, value):
    document = json.loads(format_game_json(game))
    *path, key = random_.choice([path for path in places(document) if path])
    place = document
    for step in path:
        place = place[step]
    if random_.random() < 0.3:
        del place[key]
    else:
        place[key] = value
    with contextlib.suppress(GameError):
        parse_game_json(json.dumps(document))


@given(st.one_of(posgs(), aecgs()), st.integers(0, 2000), st.characters(codec="utf-8"))
def test_a_mutated_text_is_a_game_or_an_error_of_ours(game, at, sign):
    text = format_game_json(game)
    at = min(at, len(text) - 1)
    with contextlib.suppress(GameError):
        parse_game_json(text[:at] + sign + text[at + 1 :])


def test_correspondences_of_other_games_are_refused(tmp_path):
    cycle, correspondence = posg_to_aecg(coin())
    path = tmp_path / "c.json"
    write_correspondence(correspondence, path)
    text = path.read_text()
    for old, new, message in [
        ('"steps_per_round": 2', '"steps_per_round": 3', "/steps_per_round: expected 1 or 2"),
        ('"stands_for": "end"', '"stands_for": "ned"', "unknown state of the POSG 'ned'; did you mean end?"),
        ('{"node": ["the first draw", null], "stands_for": null}', '{"node": ["the first draw", "1"], "stands_for": null}', "no node has state 'the first draw' and mover '1'"),
        (',\n    {"node": ["the first draw", null], "stands_for": null}', "", "node ['the first draw', None] is missing"),
    ]:  # fmt: skip
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new))
        with pytest.raises(GameError) as raised:
            read_correspondence(path, coin(), cycle)
        assert message in str(raised.value)


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
