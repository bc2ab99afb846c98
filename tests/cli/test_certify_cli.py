"""certify on games of several moves: profiles by history, regrets over the whole horizon."""

import json

import pytest

LEAVE = [{"history": [["o", "start"]], "p": {"defect": 1}}]
STAY = [{"history": [["o", "start"]], "p": {"cooperate": "1"}}]


@pytest.fixture
def certified(call, tmp_path):
    """certify the prisoner's dilemma in another form under policies from a file."""

    def certify(kind, policies, *options):
        game, profile = tmp_path / f"game.{'efg' if kind == 'efg' else 'json'}", tmp_path / "profile.json"
        assert call("convert", "prisoners-dilemma", "--to", kind, "-o", game)[0] == 0
        profile.write_text(json.dumps({"policies": policies}))
        return call("certify", game, "--profile", profile, *options)

    return certify


@pytest.mark.parametrize("kind", ["posg", "aecg"])
def test_policies_are_certified_in_both_forms(certified, kind):
    status, out, _ = certified(kind, [LEAVE, LEAVE], "--json")
    document = json.loads(out)
    assert status == 0
    assert document["certificate"] == "exact"
    assert document["regrets"] == ["0", "0"]
    status, out, _ = certified(kind, [STAY, LEAVE], "--json")
    document = json.loads(out)
    assert status == 1
    assert document["certificate"] is None
    assert document["regrets"][1] == "0"
    status, out, _ = certified(kind, [STAY, LEAVE])
    assert status == 1
    assert "not an equilibrium" in out


def test_nothing_is_played_to_horizon_zero(certified):
    status, out, _ = certified("posg", [[], []], "--horizon", 0, "--json")
    assert status == 0
    assert json.loads(out)["values"] == ["0", "0"]


def test_a_history_that_is_missing_is_named(certified):
    status, _, err = certified("posg", [LEAVE, []], "--horizon", 1)
    assert status == 2
    assert "agent" in err
    assert "does not say what to do after start" in err
    assert len(err.splitlines()) == 1


def test_a_horizon_is_for_games_of_steps(call, tmp_path):
    profile = tmp_path / "profile.json"
    profile.write_text("[[0, 1], [0, 1]]")
    status, _, err = call("certify", "prisoners-dilemma", "--profile", profile, "--horizon", 2)
    assert status == 2
    assert "no steps to count" in err


def test_a_simulated_game_is_refused(call, tmp_path, monkeypatch):
    (tmp_path / "some.py").write_text(
        "from gametheory.load import load\nfrom gametheory.simulate import TabularGame\n"
        "game = TabularGame(load('stag-hunt').to_posg())\n"
    )
    monkeypatch.chdir(tmp_path)
    status, _, err = call("certify", "some:game", "--profile", "-")
    assert status == 2
    assert "not simulations" in err
