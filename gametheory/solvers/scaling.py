"""Tables of rationals (``Fraction`` or Python ints) as integers: one positive factor for all entries, so that every comparison stays."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from gametheory.numerics import Array, is_exact


def to_integer_table(table: Array) -> tuple[Array, Fraction]:
    """Integers (dtype ``object``) and the unit with ``table = unit · integers``, ``unit > 0``.

    The integers are coprime. A float is the binary rational it is.
    """
    flat = table.ravel().tolist()
    if is_exact(table):
        ratios = [(entry.numerator, entry.denominator) for entry in flat]
    else:
        ratios = [entry.as_integer_ratio() for entry in flat]
    denominator = math.lcm(*{below for _, below in ratios})
    integers = [above * (denominator // below) for above, below in ratios]
    divisor = math.gcd(*integers) or 1
    out = np.empty(len(integers), dtype=object)
    out[:] = integers if divisor == 1 else [value // divisor for value in integers]
    return out.reshape(table.shape), Fraction(divisor, denominator)


def comparable(table: Array) -> Array:
    """The same table up to a positive factor, in a dtype that numpy compares fast and exactly."""
    if not is_exact(table):
        return table
    integers, _ = to_integer_table(table)
    try:
        return integers.astype(np.int64)
    except OverflowError:
        return integers
