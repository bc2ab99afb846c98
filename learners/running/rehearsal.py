"""A run's first steps before there is a run: what cannot be played, learned from or saved is refused early."""

from __future__ import annotations

import json
from contextlib import suppress

from environments import Environment, find
from learners.experience.steps import NStep
from learners.judge.played import learner_for, prepared
from learners.learner import Learner
from learners.running.checkpoint import need_readable
from learners.running.rollout import NotFinite, advance, begin, pack
from learners.running.runs import RunConfig
from learners.training import TrainingSettings

PLAYS, STEPS = 2, 4
"""Plays side by side, and steps beyond the first that ``training.n_step`` completes."""
MOST_STEPS = 64
"""However large ``training.n_step`` is."""
MOST_GAMES = 8
"""Prepared games that a stage holds."""


class Stage:
    """Where runs are rehearsed: a game is prepared once, and of runs alike only the first is played."""

    def __init__(self) -> None:
        self._games: dict[str, Environment] = {}
        self._passed: set[str] = set()

    def rehearse(self, config: RunConfig) -> None:
        """Build the learner of a run, and play a little unless a run like it was played before.

        Runs are alike if they differ in fractional settings alone, such as rates, which say how much of
        something there is and never what; or in what a few steps do not meet, such as their length.

        Raises:
            GameError: as ``environments.find``, ``learner_for`` and ``rehearse``.
        """
        training = config.training
        environment = self._environment(config)
        learner = learner_for(
            environment, training, config.algorithm, config.settings, config.seeds[0], config.scheme
        )
        kind = _kind(config)
        if kind not in self._passed:
            rehearse(environment, learner, training)
            self._passed.add(kind)

    def _environment(self, config: RunConfig) -> Environment:
        key = _game_key(config)
        if key not in self._games:
            found = prepared(find(config.game, config.parameters), config.training)
            if len(self._games) == MOST_GAMES:
                del self._games[next(iter(self._games))]
            self._games[key] = found
        return self._games[key]


def _game_key(config: RunConfig) -> str:
    """Names the game as it is played."""
    training = config.training
    return json.dumps([config.game, config.to_json()["parameters"], training.horizon, training.recall])


def _kind(config: RunConfig) -> str:
    """The same of runs alike."""
    training = config.training
    settings = config.to_json()["settings"]
    return json.dumps(
        [
            _game_key(config),
            config.algorithm,
            config.scheme,
            {name: value for name, value in settings.items() if not isinstance(value, float)},
            training.n_step,
            min(training.plays, PLAYS),
            min(training.episode_limit, MOST_STEPS),
            training.normalise_observations,
        ],
        sort_keys=True,
    )


def rehearse(environment: Environment, learner: Learner, training: TrainingSettings) -> None:
    """Play and observe a few steps, then save and read back what a checkpoint would hold.

    Whether an algorithm can serve a game is often told by its steps alone: agents who take turns
    with ``training.n_step`` above 1, plays that end at their start, states and learners that hold
    what no checkpoint can.

    Args:
        environment: a prepared one.
        learner: a fresh one, not to be trained afterwards.
        training: of the run.

    Raises:
        GameError: the run could not be trained or not be resumed; names what it fails on.
    """
    game, sums = environment.game, NStep(training.n_step)
    rollout = begin(game, learner.behaviour(), seed=0, plays=min(training.plays, PLAYS))
    with suppress(NotFinite):  # a run that diverges says where it began
        for _ in range(min(training.n_step + STEPS, MOST_STEPS)):
            step = advance(game, learner.behaviour(), rollout, training.episode_limit)
            rollout = step.rollout
            for part in sums.take(step.transition):
                learner.observe(part)
    need_readable("the state of the plays", pack(rollout))
    need_readable("the learner's state_dict", learner.state_dict())
