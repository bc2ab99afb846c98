"""Realisation plans of behaviour strategies, in one compiled pass."""

from __future__ import annotations

from gametheory.compiled import compiled
from gametheory.numerics import Array


@compiled
def realise(
    behaviour: Array, begins: Array, before: Array, first: Array, widths: Array, offsets: Array, out: Array
) -> None:
    """``x(∅) = 1`` and ``x(σ a) = x(σ) π(a)``: no information set comes before the sequence that leads to it.

    Args:
        behaviour: ``[Q]``, all agents' probabilities, set after set.
        begins: ``[n + 1]``, as the next three in ``Treeplexes``.
        before: ``[I]``.
        first: ``[I + 1]``.
        widths: ``[I]``.
        offsets: ``[I + 1]``, as in ``Tree``.
        out: ``[size]``.
    """
    for i in range(len(begins) - 1):
        out[begins[i]] = 1.0
    for h in range(len(widths)):
        reach = out[before[h]]
        for a in range(widths[h]):
            out[first[h] + a] = reach * behaviour[offsets[h] + a]
