"""A run's first steps before there is a run: what cannot be played, learned from or saved is refused early."""

from __future__ import annotations

from contextlib import suppress

from environments import Environment
from learners.experience.steps import NStep
from learners.learner import Learner
from learners.running.checkpoint import need_readable
from learners.running.rollout import NotFinite, advance, begin, pack
from learners.training import TrainingSettings

PLAYS, STEPS = 4, 4
"""Plays side by side, and steps beyond the first that ``training.n_step`` completes."""
MOST_STEPS = 64
"""However large ``training.n_step`` is."""


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
