"""The list of what can learn, and of what can be set."""

import json
from dataclasses import asdict

import pytest

pytest.importorskip("torch", reason="the extra `learners` is not installed")

from learners.registry import names, resolve, schemes
from learners.running.request import parsed_value
from learners.training import TrainingSettings

FOREIGN = '''
class Still:
    def __init__(self, observation_specs, action_specs, *, seed, action: int = 0):
        """Does nothing yet."""
'''


def test_all_are_listed_with_their_schemes(call):
    status, out, _ = call("algorithms", "--json")
    assert status == 0
    listed = {own["name"]: tuple(own["schemes"]) for own in json.loads(out)["algorithms"]}
    assert listed == {name: schemes(name) for name in names()}


@pytest.mark.parametrize("name", names())
def test_what_is_listed_can_be_set(call, name):
    status, out, _ = call("algorithms", name, "--json")
    document = json.loads(out)
    assert status == 0
    assert all(own["meaning"].endswith(".") for own in document["settings"] + document["training"])
    given = {own["setting"]: own["default"] for own in document["settings"]}
    assert resolve(name, given) == resolve(name)
    assert given.keys() == asdict(resolve(name)).keys()
    training = {own["setting"].removeprefix("training."): own["default"] for own in document["training"]}
    assert TrainingSettings.from_mapping(training) == TrainingSettings()


def test_the_table_shows_values_as_set_takes_them(call):
    from learners.cli_algorithms import _word

    for value in (None, True, 3, 0.5, "silu", [64, 32]):
        shown = _word(tuple(value) if isinstance(value, list) else value)
        assert parsed_value(shown) == value
    status, out, _ = call("algorithms", "soft-matd4")
    assert status == 0
    assert "actor_rate" in out
    assert "training.steps" in out


def test_an_algorithm_from_elsewhere(call, tmp_path, monkeypatch):
    (tmp_path / "foreign_still.py").write_text(FOREIGN)
    monkeypatch.chdir(tmp_path)
    status, out, _ = call("algorithms", "foreign_still:Still", "--json")
    assert status == 0
    assert json.loads(out)["settings"] == [{"setting": "action", "default": 0, "meaning": ""}]


def test_a_mistyped_one_is_named(call):
    status, out, err = call("algorithms", "soft-mat4", "--json")
    assert (status, json.loads(out)["error"]["status"]) == (2, 2)
    assert "did you mean soft-matd4" in err
