"""What a lab is asked for: the suites, and requests that are refused."""

import pytest
from click.testing import CliRunner

from gametheory.errors import GameError, UnknownName
from learners import cli_lab
from learners.lab import recipes
from learners.lab.grid import Request, open_or_create, plan
from learners.suites import SUITES


def test_the_small_suite_is_large_enough():
    found, configs = plan(Request())
    by_game = {}
    for game, algorithm in found.cells:
        by_game.setdefault(game, set()).add(algorithm)
    assert len(by_game) >= 6
    assert all(len(own) >= 3 for own in by_game.values())
    assert found.seeds >= 5
    assert all(config.training.epsilon == 0.01 and config.training.evaluations >= 20 for config in configs)


@pytest.mark.parametrize("suite", ["standard", "full"])
def test_the_larger_suites_are_those_of_the_suites(suite):
    assert recipes.games(suite) == SUITES[suite]
    assert len(recipes.games(suite)) >= 20


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(suite="medium"), "small"),
        (Request(games=("shaply",)), "shapley"),
        (Request(algorithms=("mddpg",)), "maddpg"),
        (Request(games=()), "games is empty"),
        (Request(algorithms=()), "algorithms is empty"),
        (Request(games=("cournot",), algorithms=("mmd",)), "none of these algorithms"),
    ],
)
def test_bad_requests_are_named_before_anything_is_written(tmp_path, request_, words):
    with pytest.raises(GameError, match=words):
        open_or_create(tmp_path / "lab", request_)
    assert list(tmp_path.iterdir()) == []


def test_what_an_algorithm_cannot_serve_is_left_out_and_said():
    found, _ = plan(Request(games=("stag-hunt", "cournot"), algorithms=("ippo", "mmd"), seeds=1))
    assert found.cells == (("stag-hunt", "ippo"), ("stag-hunt", "mmd"), ("cournot", "ippo"))
    [(game, algorithm, why)] = found.unserved
    assert (game, algorithm) == ("cournot", "mmd")
    assert "its actions are continuous" in why


def test_the_commands_name_what_is_unknown(tmp_path):
    with pytest.raises(UnknownName, match="small"):
        plan(Request(suite="smal"))
    result = CliRunner().invoke(cli_lab.main, ["lab", "--seeds", "0", "-o", str(tmp_path / "lab")])
    assert result.exit_code == 2
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize("given", ["", " , "])
@pytest.mark.parametrize("option", ["--games", "--algorithms"])
def test_nothing_is_not_everything(tmp_path, option, given):
    result = CliRunner().invoke(cli_lab.main, ["lab", option, given, "-o", str(tmp_path / "lab")])
    assert result.exit_code == 2
    assert "names nothing" in result.output
    assert not (tmp_path / "lab").exists()
