"""Every game of the list is one game wherever its name is used."""

import json
from fractions import Fraction

import pytest

from environments import find
from environments.registry import registered
from equilibrist.cli import group
from gametheory.catalogue.continuous import ENTRIES
from gametheory.certify import certify
from gametheory.commands.terminal import run
from gametheory.load import load
from gametheory.solve import solve

every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


@every
def test_the_environment_and_the_catalogue_hold_the_same_game(entry):
    environment = find(entry.name)
    [listed] = [own for own in registered() if own.name == entry.name]
    assert environment.formal.title == load(entry.name).title
    assert environment.game.agents == environment.formal.agents
    assert listed.description.endswith(", one shot")
    assert listed.parameters


@every
def test_commands_know_it(entry, capsys, tmp_path):
    assert run(group, ["solve", entry.name, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["complete"] is True
    [found] = answer["equilibria"]
    assert found["certificate"] == "exact"
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer))
    assert run(group, ["certify", entry.name, "--profile", str(path)]) == 0
    assert run(group, ["describe", entry.name]) == 0
    assert "continuous actions, played once" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "parameters", "answer"),
    [
        ("hotelling", {"locations": [0, "1/2", 1], "t": 2}, ["3/2"] * 3),
        ("bertrand", {"firms": 3, "a": 10, "b": 3, "d": 1, "c": 2}, [4] * 3),
        ("public-goods-quadratic", {"contributors": 2, "saturation": 0, "convexity": 3}, [2] * 2),
        ("voluntary-contributions", {"contributors": 2, "share": "3/2"}, [20] * 2),
        ("quadratic-zero-sum", {"c": [0, 0]}, [0] * 2),
        ("quadratic-potential", {"P": [[-1]], "c": [6], "low": 0, "high": 2}, [2]),
        ("cournot", {"c": 0, "a": 9, "floor": True}, [3] * 2),
    ],
)
def test_parameters_are_the_definitions(name, parameters, answer):
    formal = find(name, parameters).formal
    [profile] = solve(formal).profiles
    assert [own[0] for own in profile] == [Fraction(action) for action in answer]
    assert certify(formal, profile).kind == "exact"
