"""Learners from anywhere: an importable ``Algorithm``, or any callable that makes a ``Learner``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import asdict, field, make_dataclass
from functools import cache, partial
from typing import Any

from gametheory.errors import GameError
from gametheory.game import Spec
from gametheory.imported import foreign_code, imported
from learners.learner import Learner
from learners.settings import Algorithm

SCHEME = "own"
"""The scheme of a learner that says of none of ours that it is its."""
PARTS = ("policies", "behaviour", "observe", "update", "state_dict", "load_state_dict")


@cache
def foreign_algorithm(name: str) -> Algorithm:
    """The algorithm that stands under ``module:attribute``.

    The attribute is an ``Algorithm``, or a class or function ``(observation_specs, action_specs, *,
    seed, …)`` that returns a ``Learner``. Its other keyword parameters are its settings.

    Raises:
        UnknownName: the module has no such attribute.
        GameError: the import fails, or gives neither.
    """
    found = imported(name)
    if isinstance(found, Algorithm):
        return found
    if not callable(found):
        raise GameError(
            f"{name} is of type {type(found).__name__}; it must be a learners.settings.Algorithm or a callable "
            "(observation_specs, action_specs, *, seed) that returns a Learner"
        )
    return Algorithm(settings_of(name, found), partial(_build, name, found), (SCHEME,))


def settings_of(name: str, factory: Callable[..., Any]) -> type[Any]:
    """The factory's keyword parameters but ``seed``, with their defaults, as a frozen dataclass.

    Raises:
        GameError: one without a default, or with one that is no setting.
    """
    try:
        parameters = inspect.signature(factory, eval_str=True).parameters.values()
    except (NameError, TypeError, ValueError):  # annotations that mean nothing here; builtins
        parameters = _plain_signature(factory)
    fields: list[Any] = []
    for own in parameters:
        if own.kind is not own.KEYWORD_ONLY or own.name == "seed":
            continue
        if not _plain(own.default):
            raise GameError(
                f"{name} takes {own.name} without a default that is a number, a string, a truth value or a "
                "tuple of these; a setting needs one"
            )
        kind = type(own.default) if own.annotation is own.empty else own.annotation
        fields.append((own.name, Any if isinstance(kind, str) else kind, field(default=own.default)))
    return make_dataclass("Settings", fields, frozen=True)


def _plain_signature(factory: Callable[..., Any]) -> Any:
    try:
        return inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return ()


def _plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _build(
    name: str,
    factory: Callable[..., Any],
    observation_specs: Sequence[Spec],
    action_specs: Sequence[Spec],
    *,
    seed: int,
    settings: Any,
) -> Learner:
    with foreign_code(name):
        made = factory(observation_specs, action_specs, seed=seed, **asdict(settings))
    if isinstance(made, Learner) and not isinstance(made, type):
        return made
    missing = [part for part in PARTS if not hasattr(made, part)]
    raise GameError(
        f"{name} returns a {type(made).__name__}, which is no Learner: it lacks {', '.join(missing)}"
    )
