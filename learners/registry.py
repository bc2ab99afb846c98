"""Learning algorithms by name. A new one is a file and a line here; nothing is imported until asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gametheory.errors import UnknownName
from gametheory.game import Spec
from learners.learner import Learner

if TYPE_CHECKING:
    from learners.settings import Algorithm

ALGORITHMS: Mapping[str, str] = {
    "matd4": "learners.matd4:PLAIN",
    "soft-matd4": "learners.matd4:SOFT",
}
"""Name → ``module:attribute`` of an ``Algorithm``."""


def names() -> tuple[str, ...]:
    """All registered algorithms."""
    return tuple(ALGORITHMS)


def _algorithm(name: str) -> Algorithm:
    if name not in ALGORITHMS:
        raise UnknownName("algorithm", name, ALGORITHMS)
    module, attribute = ALGORITHMS[name].split(":")
    found: Algorithm = getattr(importlib.import_module(module), attribute)
    return found


def settings_type(name: str) -> type[Any]:
    """The frozen dataclass of the algorithm's settings.

    Raises:
        UnknownName: no such algorithm.
    """
    return _algorithm(name).settings


def resolve(name: str, settings: Mapping[str, Any] | None = None) -> Any:
    """The algorithm's settings with the given values in place of defaults.

    Raises:
        UnknownName: no such algorithm or setting.
        GameError: a value of the wrong kind or range.
    """
    from learners.settings import resolve as resolve_settings

    return resolve_settings(settings_type(name), settings)


def make(
    name: str,
    observation_specs: Sequence[Spec],
    action_specs: Sequence[Spec],
    *,
    seed: int,
    settings: Mapping[str, Any] | None = None,
) -> Learner:
    """A fresh learner for agents with these spaces.

    Raises:
        UnknownName: no such algorithm or setting.
        GameError: a bad value, or spaces that the algorithm cannot serve.
    """
    chosen = resolve(name, settings)
    return _algorithm(name).build(tuple(observation_specs), tuple(action_specs), seed=seed, settings=chosen)
