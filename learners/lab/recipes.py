"""Which learners come to which games of a suite, and how they are trained there. No torch.

Games, ε and steps are the suites' own, fixed beforehand. Steps there are what the off-policy learners need;
learners that forget what they have learned from get a multiple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gametheory.continuous.game import ContinuousGame
from gametheory.errors import UnknownName
from gametheory.game import Discrete
from gametheory.gradient_play.theory import Family
from gametheory.normal_form import NormalForm
from learners.suites import SUITES, SuiteGame


@dataclass(frozen=True)
class Recipe:
    """How an algorithm is trained on every game."""

    times: int = 1
    """How many times the suite's steps."""
    training: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the algorithm, where they differ from its defaults."""
    choice: Mapping[str, Any] = field(default_factory=dict)
    """Further settings where every agent makes one choice out of finitely many, and the play is over."""


POINTS = 100
"""Evaluation points of a run: a cycle must be seen going round, not only leaving and coming back."""
_STEADY = Recipe(
    choice={"actor_rate": 1e-2, "critic_rate": 2e-2, "rate_decay": 0.0, "logit_penalty": 3e-3},
)
"""Rates that do not fall, so that cycles do not slow down, and logits held where an agent can still turn back.

The penalty lets a strict equilibrium be played to about half of the ε that is allowed, where a
deviation costs a seventh of the payoff range or more.
"""
_NARROW = {"actor_hidden": [16], "critic_hidden": [16]}
_ON_POLICY = Recipe(
    7,
    {"plays": 512, "update_every": 512},
    {"actor_hidden": [32], "critic_hidden": [32], "actor_rate": 3e-3},
    {
        "actor_rate": 5e-3,
        "critic_rate": 1e-2,
        "rate_decay": 0.0,
        "horizon": 512,
        "epochs": 2,
        "clip": 0.3,
        "entropy": 0.4,
        "entropy_decay": 7e-3,
    },
)
"""Advantages of spread 1 blow up what a rare action earns: without much entropy play is stuck at the first corner."""
_MAGNET = Recipe(
    16,
    {"plays": 1024, "update_every": 1024},
    {**_NARROW, "horizon": 2048, "temperature": 0.5, "temperature_decay": 0.3, "step_decay": 0.4},
    {"temperature_decay": 0.08, "step_size": 0.5, "step_decay": 0.04},
)
"""η ≤ α in every update of one choice: the theorem's condition, where payoffs are measured in their own spread."""
RECIPES: Mapping[str, Recipe] = {
    "maddpg": _STEADY,
    "soft-maddpg": _STEADY,
    "ippo": _ON_POLICY,
    "mappo": _ON_POLICY,
    "mmd": _MAGNET,
    "nash-pg": _MAGNET,
}
"""By algorithm; all others are trained with the suite's steps and their defaults."""

FAMILIES: Mapping[str, Family] = {"mmd": "magnet", "nash-pg": "magnet", "nfsp": "average"}
"""By algorithm; all others follow their own gradient."""

MATRIX = ("soft-maddpg", "ippo", "mmd")
"""A gradient through a critic, a clipped surrogate, and a magnet: for one choice out of finitely many."""
INTERVALS = ("soft-maddpg", "soft-matd4", "ippo")
"""For actions in boxes."""
TREES = ("ippo", "mmd", "nash-pg", "nfsp")
"""For games of several moves."""

SEEDS: Mapping[str, int] = {"small": 5, "standard": 10, "full": 20}


def games(suite: str) -> tuple[SuiteGame, ...]:
    """The rows of the grid.

    Raises:
        UnknownName: there is no such suite.
    """
    if suite not in SUITES:
        raise UnknownName("suite", suite, SUITES)
    return SUITES[suite]


def family(algorithm: str) -> Family:
    """What kind of dynamics an algorithm is, to first order."""
    return FAMILIES.get(algorithm, "gradient")


def served(game: SuiteGame) -> tuple[str, ...]:
    """The algorithms that a game is trained with unless asked for others, by its kind of actions."""
    if _one_choice(game):
        return MATRIX
    environment = game.environment()
    discrete = all(isinstance(spec, Discrete) for spec in environment.game.action_specs)
    return TREES if discrete and not isinstance(environment.formal, ContinuousGame) else INTERVALS


def _one_choice(game: SuiteGame) -> bool:
    return isinstance(game.environment().formal, NormalForm)


def options(game: SuiteGame, algorithm: str) -> dict[str, Any]:
    """All that a cell sets, by the keys of ``learners.running.request.assemble``'s ``over``."""
    recipe = RECIPES.get(algorithm, Recipe())
    training = {
        "evaluations": POINTS,
        **recipe.training,
        **game.training,
        "steps": game.steps * recipe.times,
        "epsilon": game.epsilon,
    }
    return {
        **{f"environment.{key}": value for key, value in game.parameters.items()},
        **{f"training.{key}": value for key, value in training.items()},
        **recipe.settings,
        **(recipe.choice if _one_choice(game) else {}),
    }
