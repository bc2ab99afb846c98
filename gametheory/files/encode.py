"""Answers as JSON: exact numbers as strings, other numbers as JSON numbers.

``Fraction(1, 2)`` is ``"1/2"`` and ``Fraction(3)`` is ``"3"``; ``number_from_json`` reads them
back exactly. Floats keep their shortest decimal, which reads back as the same float.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import os
import reprlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.numerics import Number, as_numbers


def to_json(value: Any) -> Any:
    """Return the value in terms ``json.dumps`` knows.

    Fractions become strings, arrays and tuples lists, dataclasses objects by field, enums their
    values, paths strings. JSON has no infinity and no NaN: they become null. Counts (``int``)
    stay JSON numbers.

    Raises:
        TypeError: the value holds something of another type.
    """
    if isinstance(value, enum.Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, Fraction):
        return rational_to_text(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return _container_to_json(value)


def _container_to_json(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return to_json(value.tolist())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): to_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(entry) for entry in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _key(key: object) -> str:
    plain = to_json(key)
    if isinstance(plain, str | int) and not isinstance(plain, bool):
        return str(plain)
    raise TypeError(f"{key!r} cannot be a name in a JSON object")


def rational_to_text(value: Fraction) -> str:
    """``"1/2"``, ``"3"``: also where Python refuses to print an integer for its length."""
    try:
        return str(value)
    except ValueError:
        from flint import fmpz

        top, bottom = str(fmpz(value.numerator)), str(fmpz(value.denominator))
        return top if bottom == "1" else f"{top}/{bottom}"


def number_from_json(value: object, name: str = "number") -> Number:
    """Return the number a JSON value stands for: exact from strings and integers, else a float.

    Args:
        value: what ``json.loads`` gave.
        name: what to call it in error messages.

    Raises:
        GameError: not a finite number.
    """
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        number: Number = as_numbers(value, name).item()
        return number
    raise GameError(f'{name} is {reprlib.repr(value)}; it must be a number, or text like "1/3"')
