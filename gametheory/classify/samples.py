"""Reward settings of a simulated game, judged on sampled transitions and on nothing more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gametheory import streams
from gametheory.classify.classify import Classification
from gametheory.classify.settings import reward_settings
from gametheory.errors import GameError
from gametheory.game import Game, Step, where
from gametheory.numerics import Array
from gametheory.simulate import random_actions

PLAYS = 64


def classify_samples(game: Game[Any], samples: int = 1000, seed: int = 0) -> Classification:
    """Judge the four reward settings on transitions under uniformly random legal actions.

    What is refuted is refuted: the witness is a sampled reward vector, or two. What holds, holds on
    the samples; ``judged_on`` says how many there were. Rewards are the draws, compared as the
    binary rationals that floats are, so rounding can refute an equality.

    Args:
        game: any simulated game.
        samples: how many transitions, from plays side by side; finished plays start again.
        seed: decides everything random.

    Raises:
        GameError: fewer than one sample.
    """
    if samples < 1:
        raise GameError(f"samples is {samples}; it must be at least 1")
    rewards = _sampled(game, samples, seed)
    distinct, first = np.unique(rewards, axis=0, return_index=True)
    places = [f"sample {k}" for k in first]
    judged_on = f"{samples:,} samples"
    settings = reward_settings(distinct.T, places, game.agents)
    return Classification(
        settings={
            name: {reading: replace(finding, judged_on=judged_on) for reading, finding in readings.items()}
            for name, readings in settings.items()
        },
        classes={},
        judged_on=judged_on,
    )


def _sampled(game: Game[Any], samples: int, seed: int) -> Array:
    """``[samples, n]`` reward vectors."""
    keys = streams.seed_keys(seed, min(PLAYS, samples))
    step = game.reset(keys)
    rows: list[Array] = []
    for t in range(-(-samples // len(keys))):
        turn = streams.derive(keys, t + 1)
        if np.any(step.terminated):
            fresh = game.reset(turn)
            step = Step(*(where(step.terminated, new, old) for new, old in zip(fresh, step, strict=True)))
        step = game.step(step.state, random_actions(game, step.state, turn))
        rows.append(step.rewards)
    return np.concatenate(rows)[:samples]
