"""The faults that ``learners.faults.battery`` looks for, what it says of them, and who is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from learners.learner import Learner

Factory = Callable[..., Learner]
"""``factory(observation_specs, action_specs, *, seed) -> Learner``."""


def as_factory(learner: Any, settings: Mapping[str, Any] | None = None) -> Factory:
    """A factory from a name that ``learners.make`` knows, an ``Algorithm``, or a factory.

    Args:
        learner: which.
        settings: of a named one or an ``Algorithm``; keyword parameters of a factory.

    Raises:
        UnknownName: a factory has no such parameter, or an ``Algorithm`` no such setting.
        GameError: a setting of the wrong kind or range.
    """
    if isinstance(learner, str):
        from learners.registry import make

        return partial(make, learner, settings=settings)
    if not hasattr(learner, "build") and not settings:
        factory: Factory = learner
        return factory
    from learners.settings import resolve

    if not hasattr(learner, "build"):
        from learners.external.learner import settings_of

        own = settings_of(getattr(learner, "__name__", type(learner).__name__), learner)
        return partial(learner, **asdict(resolve(own, settings)))
    how = {"scheme": learner.schemes[0]} if len(learner.schemes) > 1 else {}
    return partial(learner.build, settings=resolve(learner.settings, settings), **how)


class Fault(StrEnum):
    """What is wrong, in the words of a report."""

    NO_LEARNING = "it does not learn which of its actions pays; perhaps what is stored is not what was played"
    ORDER = "it learns the opposite action: order or sign of actions differ between game and learner"
    LEAK = (
        "another agent's critic moves this agent's actor: the sum of returns is maximised, which is collusion"
    )
    TIME_LIMIT = "a time limit is taken for termination: no value is seen behind it"
    NEXT_START = "the final observation is lost at a reset: targets bootstrap from the next play's start"
    LAST_REWARD = "the last step before a time limit is lost, or its reward"
    TERMINAL = "steps that end a play are left out of the critic's loss"
    RESIDUAL = "a gradient flows through the target"
    OTHERS = "a critic, or its target, does not see what the others will do"
    DRAWS = "actions do not follow from a row's own keys: a generator is shared"
    EVALUATION = "the policies to be evaluated do not play what they say, or still explore"
    ILLEGAL = "actions lie outside their space"
    STATE = "the saved state is not the whole: a resumed run is another one"


class Finding(NamedTuple):
    """A fault and what shows it."""

    fault: Fault
    evidence: str

    def __str__(self) -> str:
        return f"{self.fault} ({self.evidence})"
