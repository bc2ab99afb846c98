"""Samples refute or fail to refute, and say how many they were."""

import pytest

from environments import make
from gametheory.classify import classify
from gametheory.classify.samples import classify_samples
from gametheory.errors import GameError
from gametheory.load import load

NAMES = ["matching-pennies", "prisoners-dilemma", "stag-hunt", "chicken", "climbing"]


@pytest.mark.parametrize("name", NAMES)
def test_enough_samples_of_a_small_game_say_what_its_table_says(name):
    exact, sampled = classify(load(name)), classify_samples(make(name), 2000)
    for setting, readings in exact.settings.items():
        for reading, finding in readings.items():
            found = sampled.settings[setting][reading]
            assert found.holds == finding.holds, (setting, reading)
            assert found.judged_on == "2,000 samples"


def test_few_samples_claim_no_more_than_they_saw():
    # one sample of stag hunt's diagonal looks fully cooperative; the answer says on how little
    answers = {
        classify_samples(make("stag-hunt"), 1, seed).settings["fully cooperative"]["literal"].holds
        for seed in range(20)
    }
    assert answers == {True, False}


def test_continuous_games_are_sampled_too():
    found = classify_samples(make("cournot"), 500)
    assert not found.settings["zero-sum"]["literal"].holds
    assert found.judged_on == "500 samples"


def test_no_samples_no_answer():
    with pytest.raises(GameError, match="samples is 0"):
        classify_samples(make("cournot"), 0)
