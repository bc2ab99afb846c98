"""Settings of learners: frozen dataclasses, a sentence under each field, checked at the door."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

import torch
from pydantic import TypeAdapter, ValidationError

from gametheory.errors import GameError, UnknownName
from gametheory.game import Spec
from learners.learner import Learner

SettingsT = TypeVar("SettingsT")

Build = Callable[..., Learner]
"""``build(observation_specs, action_specs, *, seed, settings) -> Learner``."""


@dataclass(frozen=True)
class Algorithm:
    """What a registry line points to."""

    settings: type[Any]
    """Frozen dataclass of the algorithm's hyperparameters."""
    build: Build
    schemes: tuple[str, ...] = ("concurrent",)
    """The training schemes it serves, the default first; ``build`` takes a ``scheme`` if there are several."""


def resolve(settings: type[SettingsT], given: Mapping[str, Any] | None) -> SettingsT:
    """The settings with the given values in place of defaults.

    Raises:
        UnknownName: a key that is no field; names the nearest.
        GameError: a value of the wrong kind or range; names key and value.
    """
    known = [field.name for field in fields(settings)]  # type: ignore[arg-type]
    given = dict(given or {})
    for key in given:
        if key not in known:
            raise UnknownName("setting", key, known)
    try:
        kind: Any = settings
        found: SettingsT = _checker(kind).validate_python(given)
        return found
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, GameError):
            raise cause from None
        key = str(first["loc"][0])
        message = first["msg"][0].lower() + first["msg"][1:]
        raise GameError(f"setting {key} is {given[key]!r}: {message}") from None


@cache
def _checker(settings: type[Any]) -> TypeAdapter[Any]:
    """What checks values of a class; making one takes longer than using it."""
    return TypeAdapter(settings)


def describe(settings: type[Any]) -> Mapping[str, str]:
    """The sentence under each field, by the field's name; those of the classes it extends, too.

    A class without source, such as one made of a factory's parameters, has none.
    """
    out = {}
    for part in reversed(settings.__mro__[:-1]):
        try:
            source = textwrap.dedent(inspect.getsource(part))
        except (OSError, TypeError):
            continue
        body = ast.parse(source).body[0].body  # type: ignore[attr-defined]
        for field, text in itertools.pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                out[ast.unparse(field.target)] = inspect.cleandoc(ast.literal_eval(text.value))
    return out


def as_specs(specs: Any) -> tuple[Spec, ...]:
    """A tuple of specs, checked.

    Raises:
        GameError: an entry is no spec.
    """
    out = tuple(specs)
    for i, spec in enumerate(out):
        if not isinstance(spec, Spec):
            raise GameError(f"spec {i} is {spec!r}; it must be Discrete or Box")
    return out


def find_device(name: str) -> torch.device:
    """The torch device of that name.

    Raises:
        GameError: torch knows no such device here.
    """
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise GameError(f"setting device is {name!r}: {reason}") from None
    return device
