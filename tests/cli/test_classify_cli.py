"""classify for everything with a name: formal games exactly, environments on samples and no more than that."""

import json

import pytest

from environments.registry import registered
from equilibrist.cli import group
from gametheory.commands.terminal import run


@pytest.fixture
def call(capsys):
    def run_it(*arguments):
        status = run(group, ["classify", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_it


def holds(document):
    return {
        name: {reading: own["holds"] for reading, own in readings.items()}
        for name, readings in document["settings"].items()
    }


def test_an_environment_is_judged_on_as_many_samples_as_asked_and_says_so(call):
    status, out, _ = call("simple_spread", "--samples", "200", "--seed", "3", "--json")
    document = json.loads(out)
    assert status == 0
    assert (document["judged_on"], document["samples"], document["seed"]) == ("200 samples", 200, 3)
    assert document["classes"] == {}
    # each agent's reward is half its own collisions: sharing a sign, not equal
    assert holds(document)["fully cooperative"] == {"literal": False}
    assert holds(document)["cooperative"]["pointwise"]
    (place,) = document["settings"]["zero-sum"]["literal"]["witness"]["places"]
    assert set(place["at"]) == {"play", "step", "joint action"}
    assert len(place["at"]["joint action"]) == len(place["rewards"]) == 3
    assert sum(place["rewards"]) != 0
    assert "judged on 200 samples" in call("simple_spread", "--samples", "200")[1]


def test_the_seed_decides_the_samples(call):
    one, again, other = (call("simple_tag", "--samples", "50", "--seed", seed, "--json")[1] for seed in "001")
    assert one == again
    assert one != other


def test_formal_games_are_judged_on_their_tables(call):
    for name in ("chicken", "t-maze"):
        document = json.loads(call(name, "--json")[1])
        assert "samples" not in document
        assert document["rewards"] == "expected"
        assert document["classes"]


def test_games_with_continuous_actions_are_sampled(call):
    document = json.loads(call("cournot", "--samples", "64", "--json")[1])
    assert document["judged_on"] == "64 samples"
    assert not holds(document)["zero-sum"]["literal"]


@pytest.mark.parametrize("name", [entry.name for entry in registered()])
def test_every_registered_environment_is_classified_and_said_on_what(call, name):
    status, out, _ = call(name, "--samples", "20", "--json")
    assert status == 0
    document = json.loads(out)
    assert document["judged_on"] == "20 samples" or document["classes"]


PENNIES = """
from gymnasium.spaces import Discrete
from pettingzoo import ParallelEnv


class Pennies(ParallelEnv):
    metadata, render_mode, possible_agents = {"name": "pennies_v0"}, None, ["a", "b"]

    def observation_space(self, agent):
        return Discrete(1)

    def action_space(self, agent):
        return Discrete(2)

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        return dict.fromkeys(self.agents, 0), {agent: {} for agent in self.agents}

    def step(self, actions):
        live, self.agents = self.agents, []
        won = 1 if actions["a"] == actions["b"] else -1
        sure, never = dict.fromkeys(live, True), dict.fromkeys(live, False)
        return dict.fromkeys(live, 0), {"a": won, "b": -won}, sure, never, {agent: {} for agent in live}


number = 3
"""


def test_a_pettingzoo_environment_is_met_under_module_attribute(call, tmp_path, monkeypatch):
    pytest.importorskip("pettingzoo", reason="the extra `pettingzoo` is not installed")
    (tmp_path / "mine_of_pettingzoo.py").write_text(PENNIES)
    monkeypatch.chdir(tmp_path)
    document = json.loads(call("mine_of_pettingzoo:Pennies", "--samples", "80", "--json")[1])
    assert document["agents"] == ["a", "b"]
    assert holds(document)["zero-sum"]["literal"]
    assert not holds(document)["fully cooperative"]["literal"]
    status, _, err = call("mine_of_pettingzoo:number")
    assert status == 2
    assert "is of type int" in err


def test_mistakes_are_named(call):
    status, _, err = call("simple_spred")
    assert status == 2
    assert "did you mean simple_spread" in err
    assert call("simple_spread", "--samples", "0")[0] == 2
