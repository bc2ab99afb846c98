"""Float regrets where payoffs are chains of quadratics."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equilibrist.cli import group
from gametheory.certify import certify
from gametheory.commands.terminal import run
from gametheory.continuous import Cournot, Hotelling, Mixture
from learners.judge import regrets

GAMES = [Hotelling(), Hotelling((0, "1/4", 1), t=2), Cournot(3, c=0, floor=True)]


@given(st.sampled_from(GAMES), st.data())
@settings(deadline=None, max_examples=40)
def test_they_agree_with_the_certificate(game, data):
    low, high = float(game.low[0]), float(game.high[0])
    played = st.lists(st.floats(low, high), min_size=1, max_size=4)
    profile = tuple(Mixture.uniform(data.draw(played)) for _ in game.agents)
    exact = certify(game, profile)
    fast = regrets.quadratic_regrets(game, profile)
    assert fast == pytest.approx([float(regret) for regret in exact.regrets], abs=1e-11)


def test_the_best_reply_stops_at_a_kink():
    """Ends, t = 1, c = 0: against price 3 all buyers are won at price 2."""
    game = Hotelling(c=0)
    assert regrets.best_action(game, 0, np.array([0.5, 3.0])) == pytest.approx([2, 3])
    assert regrets.best_action(game, 1, np.array([1.0, 0.5])) == pytest.approx([1, 1])


def test_many_joint_actions_are_taken_in_parts(monkeypatch):
    profile = tuple(Mixture.uniform(np.linspace(1, 4, 9)) for _ in range(2))
    whole = regrets.quadratic_regrets(Hotelling(), profile)
    monkeypatch.setattr(regrets, "MOST_NUMBERS", 50)
    assert regrets.quadratic_regrets(Hotelling(), profile) == pytest.approx(whole)


def test_a_run_on_hotelling_is_judged_against_its_equilibrium(tmp_path, capsys):
    pytest.importorskip("torch", reason="the extra `learners` is not installed")
    tiny = ["training.evaluations=4", "training.plays=4", "training.update_every=16", "random_steps=32"]
    tiny += ["batch_size=16", "actor_hidden=[8]", "critic_hidden=[8]", 'environment.locations=[0, "1/2"]']
    options = [part for setting in tiny for part in ("--set", setting)]
    path = tmp_path / "run"
    assert run(group, ["train", "hotelling", "--steps", "96", *options, "-o", str(path)]) == 0
    facts = json.loads((path / "report.json").read_text(encoding="utf-8"))
    # 1 + (1/2)(2 + 1/2)/3 and 1 + (1/2)(4 − 1/2)/3
    assert facts["equilibria"][0]["profile"] == [["17/12"], ["19/12"]]
    assert facts["equilibria_complete"] is True
    assert facts["certificates"]["last"]["nash_conv"] == pytest.approx(facts["nash_conv"]["last"])
