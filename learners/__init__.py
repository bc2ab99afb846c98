"""Learning algorithms, training, and verdicts against the computed equilibria.

Names are loaded when they are first used, so that a command's help does not wait for torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from learners.crossplay import cross_play
    from learners.exploitability import exploit
    from learners.external.policies import callable_policy
    from learners.judge.evaluation import evaluate
    from learners.judge.policies import evaluate_policies
    from learners.learner import Learner, Transition
    from learners.registry import make, names
    from learners.trainer import train, train_learner
    from learners.training import TrainingSettings

_HOMES = {
    "Learner": "learners.learner",
    "TrainingSettings": "learners.training",
    "Transition": "learners.learner",
    "callable_policy": "learners.external.policies",
    "cross_play": "learners.crossplay",
    "evaluate": "learners.judge.evaluation",
    "evaluate_policies": "learners.judge.policies",
    "exploit": "learners.exploitability",
    "make": "learners.registry",
    "names": "learners.registry",
    "train": "learners.trainer",
    "train_learner": "learners.trainer",
}

__all__ = [
    "Learner",
    "TrainingSettings",
    "Transition",
    "callable_policy",
    "cross_play",
    "evaluate",
    "evaluate_policies",
    "exploit",
    "make",
    "names",
    "train",
    "train_learner",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'learners' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
