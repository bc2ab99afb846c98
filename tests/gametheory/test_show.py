import json

import pytest

from gametheory.certificates.correlated import as_joint, certify_correlated
from gametheory.commands.show import show_solution, solution_document
from gametheory.files.encode import to_json
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.solution import Solution
from gametheory.solvers.correlated import correlated
from gametheory.solvers.maximum_entropy import maximum_entropy


def certified(game: NormalForm, found: Solution) -> Solution:
    from dataclasses import replace

    return replace(found, certificates=tuple(certify_correlated(game, p[0]) for p in found.profiles))


def test_the_document_of_a_correlated_equilibrium_reads_back() -> None:
    game = load("chicken")
    assert isinstance(game, NormalForm)
    solution = certified(game, correlated(game))
    document = json.loads(json.dumps(to_json(solution_document("chicken", solution, 0.1, game))))
    [answer] = document["equilibria"]
    assert answer["joint"] == {
        "[swerve, swerve]": "1/2",
        "[swerve, straight]": "1/4",
        "[straight, swerve]": "1/4",
    }
    assert answer["certificate"] == "exact"
    assert "profile" not in answer
    assert as_joint(game, answer["joint"]).tolist() == solution.profiles[0][0].tolist()
    [by_index] = solution_document("chicken", solution, 0.1)["equilibria"]
    assert set(by_index["joint"]) == {"[0, 0]", "[0, 1]", "[1, 0]"}


def test_labels_that_would_be_ambiguous_give_way_to_indices() -> None:
    game = NormalForm([[[1, 0], [0, 1]], [[1, 0], [0, 1]]], actions=[["a", "a"], ["b", "c"]])
    [answer] = solution_document("twins", certified(game, correlated(game)), 0.1, game)["equilibria"]
    assert set(answer["joint"]) <= {"[0, 0]", "[1, 1]"}


def test_the_table_of_correlated_equilibria(capsys: pytest.CaptureFixture[str]) -> None:
    game = load("chicken")
    assert isinstance(game, NormalForm)
    show_solution(game, certified(game, correlated(game)), 0.1)
    shown = capsys.readouterr().out
    for part in ("[swerve, swerve] 1/2", "[straight, swerve] 1/4", "21/4, 21/4", "exact"):
        assert part in shown
    assert "Nash subsets" not in shown
    large = NormalForm([[[0.0] * 6] * 6] * 2)
    show_solution(large, certified(large, maximum_entropy(large)), 0.1)
    assert "and 16 more" in capsys.readouterr().out
