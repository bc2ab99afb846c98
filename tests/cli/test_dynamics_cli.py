"""`equilibrist dynamics` and `equilibrist generate` as people and programs meet them."""

import json

import pytest

from gametheory.commands import dynamics as cli_dynamics
from gametheory.commands import generate as cli_generate
from gametheory.commands.terminal import run
from gametheory.files import read
from gametheory.generators import generate, names

COMMANDS = {"dynamics": cli_dynamics.main, "generate": cli_generate.main}


@pytest.fixture
def call(capsys):
    def called(*arguments):
        status = run(COMMANDS[arguments[0]], arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return called


def test_a_run_as_json(call):
    status, out, err = call(
        "dynamics", "shapley", "--algorithm", "fictitious-play", "--iterations", "2000", "--json"
    )
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["outcome"] == "iteration limit"
    assert document["certificate"] is None
    assert document["nash_conv"] > 0.2
    assert document["trace"]["iterations"][-1] == document["iterations"] == 2000
    assert len(document["trace"]["average_0"]) == len(document["trace"]["iterations"])


def test_a_run_for_people(call):
    status, out, _ = call("dynamics", "matching-pennies", "--algorithm", "optimistic-multiplicative-weights", "--iterations", "50000", "--seed", "1")  # fmt: skip
    assert status == 0
    assert "heads 0.5" in out
    assert "an equilibrium, certificate: numeric" in out
    assert "Daskalakis" in out


def test_parameters_and_starts(call, tmp_path):
    start = '[["1/4", "3/4"], {"swerve": 1}]'
    file = tmp_path / "start.json"
    file.write_text(start)
    common = ("dynamics", "chicken", "--algorithm", "multiplicative-weights", "--iterations", "5", "--json")
    settings = ("--set", "rate=0.2", "--set", "decreasing=true")
    documents = [json.loads(call(*common, *settings, "--start", given)[1]) for given in (start, str(file))]
    for document in documents:
        assert document["parameters"]["decreasing"] is True
        assert document["trace"]["last_0"][0] == [0.25, 0.75]
        assert document["trace"]["last_1"][0] == [1, 0]


def test_a_picture(call, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    path = tmp_path / "run.svg"
    status, _, err = call(
        "dynamics", "chicken", "--algorithm", "replicator", "--seed", "1", "--plot", str(path)
    )
    assert status == 0
    assert "wrote" in err
    assert b"<svg" in path.read_bytes()


def test_running_out_of_time_has_its_status(call):
    status, out, _ = call("dynamics", "shapley", "--algorithm", "regret-matching", "--seed", "1", "--iterations", "100000000000", "--time-limit", "0.3", "--json")  # fmt: skip
    assert status == 3
    assert json.loads(out)["outcome"] == "time limit"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dynamics", "shapley", "--algorithm", "fictitious"), "did you mean fictitious-play"),
        (
            ("dynamics", "shapley", "--algorithm", "logit", "--set", "temprature=1"),
            "did you mean temperature",
        ),
        (("dynamics", "shapley", "--algorithm", "logit", "--set", "temperature"), "key=value"),
        (("dynamics", "shapley", "--algorithm", "logit", "--set", "temperature=warm"), "must be a number"),
        (("dynamics", "shapley", "--algorithm", "logit", "--set", "step=1", "--set", "step=2"), "twice"),
        (("dynamics", "shapley", "--algorithm", "logit", "--plot", "a.gif"), ".svg or .png"),
        (("dynamics", "cournot", "--algorithm", "logit"), "dynamics are of matrix games"),
        (("generate", "congestoin"), "did you mean congestion"),
        (("generate", "congestion", "--set", "agent=3"), "did you mean agents"),
        (("generate", "graphical", "--set", "edges=1,2"), "pairs such as"),
        (("generate", "congestion", "--count", "3"), "-o"),
        (("generate", "congestion", "-o", "game.txt"), ".txt"),
    ],
)
def test_bad_input_is_one_line(call, arguments, message):
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_generated_files_are_the_games(call, tmp_path):
    path = tmp_path / "roads.nfg"
    status, out, _ = call("generate", "congestion", "--seed", "5", "--set", "agents=3", "-o", str(path))
    assert (status, out) == (0, "")
    assert read(path) == generate("congestion", seed=5, agents=3)
    call("generate", "symmetric", "--index", "7", "--count", "2", "-o", str(tmp_path / "many.nfg"))
    assert read(tmp_path / "many-8.nfg") == generate("symmetric", index=8)


def test_without_a_file_the_game_is_printed(call):
    status, out, _ = call("generate", "polymatrix", "--set", "edges=0-1,1-2")
    assert status == 0
    assert out.startswith("NFG 1 R")


def test_generators_are_listed(call):
    document = json.loads(call("generate", "--json")[1])
    assert [g["name"] for g in document["generators"]] == list(names())
    assert "Rosenthal" in call("generate")[1]
