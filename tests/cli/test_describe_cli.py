"""describe for everything with a name: environments, trees, games that can only be played."""

import pytest

from environments.cli import main
from gametheory.commands.terminal import run


@pytest.fixture
def described(capsys):
    """The facts that `describe` prints, by name; (status, facts, standard error)."""

    def call(*arguments):
        status = run(main, ["describe", *map(str, arguments)])
        captured = capsys.readouterr()
        lines = (line.split("   ", 1) for line in captured.out.splitlines() if "   " in line.strip())
        facts = {line[0].strip(): line[1].strip() for line in lines if len(line) == 2 and line[1].strip()}
        return status, facts, captured.err

    return call


def test_an_environment_is_shown_as_its_game(described):
    status, facts, _ = described("cournot")
    assert status == 0
    assert facts["parameters"] == "firms, a, b, c, floor"
    assert facts["agents"] == "2: firm 1, firm 2"
    assert facts["actions of firm 1"] == "from 0 to 9"


def test_a_game_that_can_only_be_played_is_judged_on_samples(described, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "from environments.registry import make\ndef pennies():\n    return make('matching-pennies')\n"
    )
    monkeypatch.chdir(tmp_path)
    status, facts, _ = described("mine:pennies")
    assert status == 0
    assert facts["kind"] == "simulated game (TabularGame)"
    assert facts["actions of 1"] == "one of 2: heads, tails"
    assert "zero-sum" in facts["not refuted by 200 samples"]
    assert "fully cooperative" not in facts["not refuted by 200 samples"]


def test_a_tree(described, tmp_path):
    path = tmp_path / "one.efg"
    path.write_text(
        'EFG 2 R "Entry" { "Entrant" "Incumbent" }\n'
        'p "" 1 1 "" { "in" "out" } 0\n'
        'p "" 2 1 "" { "fight" "yield" } 0\n'
        't "" 1 "" { -1, -1 }\nt "" 2 "" { 1, 1 }\nt "" 3 "" { 0, 2 }\n'
    )
    status, facts, _ = described(path)
    assert status == 0
    assert facts["nodes"] == "5: 3 leaves, 0 of chance"
    assert facts["information sets of Incumbent"] == "1"
    assert facts["payoffs of Entrant"] == "from -1 to 1"


def test_catalogue_games_and_unknown_names(described):
    assert described("stag-hunt")[1]["actions of 1"] == "2: stag, hare"
    status, _, err = described("cournott")
    assert status == 2
    assert "did you mean cournot" in err
    assert described("cournot", "-o", "x.gif")[0] == 2
