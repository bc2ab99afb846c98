"""What a learner cannot be held against is refused before anything is trained; nothing given is left unread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from environments import find
from gametheory.errors import GameError, UnknownName
from gametheory.policy import TablePolicy
from learners.faults.findings import as_factory
from learners.testing import assert_agrees_with_theory, assert_converges
from learners.training import TrainingSettings

QUICK = TrainingSettings(steps=640, plays=16, update_every=16, evaluations=20, evaluation_plays=4)
NEVER = "it was trained"


class Stubborn:
    """Always plays one action; the second is the equilibrium of the prisoner's dilemma."""

    def __init__(
        self, seen: Any, actions: Any, *, seed: int, action: int = 1, trainable: bool = True
    ) -> None:
        self.sizes = [(own.size, can.size) for own, can in zip(seen, actions, strict=True)]
        self.action, self.trainable = action, trainable

    def policies(self) -> tuple[TablePolicy, ...]:
        return tuple(TablePolicy(np.eye(can)[[self.action] * own]) for own, can in self.sizes)

    behaviour = policies

    def observe(self, step: Any) -> None:
        if not self.trainable:
            raise AssertionError(NEVER)

    def update(self) -> Mapping[str, float]:
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        pass


@pytest.mark.parametrize("asked", [assert_converges, assert_agrees_with_theory])
@pytest.mark.parametrize("name", ["prisoners-dilemma", "simple_spread"])
def test_without_a_formal_game_nothing_can_be_asserted_and_nothing_is_trained(asked, name):
    informal = replace(find(name), formal=None)
    with pytest.raises(GameError, match="nothing to hold a learner against"):
        asked(Stubborn, informal, settings={"trainable": False}, training=QUICK)


def test_settings_of_a_factory_are_its_keyword_parameters():
    """As on the command line."""
    game = find("prisoners-dilemma").game
    made: Any = as_factory(Stubborn, {"action": 0})(game.observation_specs, game.action_specs, seed=0)
    assert (made.action, made.trainable) == (0, True)
    assert assert_converges(Stubborn, "prisoners-dilemma", training=QUICK).runs
    with pytest.raises(AssertionError, match="not proved to converge"):
        assert_converges(Stubborn, "prisoners-dilemma", training=QUICK, settings={"action": 0})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"acton": 0}, "did you mean action"),
        ({"seed": 3}, "unknown setting"),
        ({"action": "second"}, "setting action is 'second'"),
    ],
)
def test_settings_that_a_factory_does_not_take_are_refused(settings, words):
    with pytest.raises(GameError, match=words) as caught:
        assert_converges(Stubborn, "prisoners-dilemma", training=QUICK, settings=settings)
    assert isinstance(caught.value, UnknownName) == ("unknown" in str(caught.value))
    if "acton" not in settings:
        return
    plain = lambda seen, actions, *, seed: Stubborn(seen, actions, seed=seed)  # noqa: E731
    with pytest.raises(UnknownName):
        assert_converges(plain, "prisoners-dilemma", training=QUICK, settings={"action": 0})
