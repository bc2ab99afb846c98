"""What there was to get, beside what was got: by formulas, published values and brute force."""

import pytest

from environments import find
from gametheory import load
from learners.judge.optimum import optimum
from learners.judge.played import learner_for, prepared
from learners.reports.facts import merged_facts, seed_facts
from learners.running.loop import Loop
from learners.running.monitor import Monitor
from learners.running.runs import RunConfig
from learners.training import TrainingSettings


def best(name, parameters=None, **training):
    asked = TrainingSettings(**training)
    monitor = Monitor.of(prepared(find(name, parameters), asked), asked, 0)
    return optimum(monitor.reference, asked.horizon)


@pytest.mark.parametrize("corridor", [1, 3, 5])
def test_the_maze_s_worth_with_and_without_memory(corridor):
    """Bakker (2001): 4 γ^N; without memory (4 − 0.1)/2 γ^N."""
    found = best("t-maze", {"corridor": corridor}, horizon=corridor + 2)
    assert found.value == pytest.approx(4 * 0.98**corridor)
    assert found.memoryless == pytest.approx(1.95 * 0.98**corridor)


@pytest.mark.parametrize("delay", [0, 2])
def test_recall_ends_by_itself(delay):
    found = best("recall", {"delay": delay, "symbols": 2})
    assert found.value == pytest.approx(1)
    assert found.memoryless == pytest.approx(0.5)


def test_the_published_optimum_of_dec_tiger():
    """Oliehoek et al. (2013), horizon 2: −4."""
    assert best("dec-tiger", horizon=2).value == pytest.approx(-4)


@pytest.mark.slow
def test_the_published_optimum_of_dec_tiger_for_three_steps():
    """Oliehoek et al. (2013): 5.190812."""
    assert best("dec-tiger", horizon=3).value == pytest.approx(5.190812, abs=1e-6)


def test_a_matrix_s_largest_entry():
    """Claus & Boutilier (1998): 11."""
    assert best("climbing").value == load("climbing").payoffs.max() == 11
    assert best("climbing").memoryless is None


@pytest.mark.parametrize(
    "name", ["stag-hunt", "matching-pennies", "cournot", "kuhn-poker", "linear-quadratic"]
)
def test_where_interests_differ_nothing_is_best_for_all(name):
    assert best(name) is None


def test_the_report_has_both(tmp_path):
    training = TrainingSettings(
        steps=64, plays=8, evaluations=2, evaluation_plays=4, checkpoints=1, horizon=3, update_every=32
    )
    environment = prepared(find("t-maze", {"corridor": 1}), training)
    made = learner_for(environment, training, "ippo", {"horizon": 16, "minibatches": 1}, 0)
    loop = Loop(made, Monitor.of(environment, training, 0), None, lambda state: None)
    result = loop.run(lambda: False)
    config = RunConfig(
        game="t-maze",
        parameters={"corridor": 1},
        algorithm="ippo",
        settings={},
        scheme="concurrent",
        training=training,
        seeds=(0, 1),
    )
    facts = seed_facts(config, result)
    assert facts["optimum"]["value"] == pytest.approx(4 * 0.98)
    assert facts["value"] < facts["optimum"]["value"]
    assert facts["optimum"]["value"] - facts["value"] == pytest.approx(facts["nash_conv"]["last"])
    several = merged_facts(config, {0: facts, 1: {**facts, "value": -1.0}}, {}, 1.0)
    assert several["value"] == -1.0  # of the worst seed
    assert several["optimum"] == facts["optimum"]
