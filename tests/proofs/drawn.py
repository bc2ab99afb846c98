"""Numbers that are hashes of the place where they stand."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gametheory import streams
from gametheory.tables.dense import Rewards


@dataclass(frozen=True)
class Drawn:
    """Numbers by place."""

    name: str

    def whole(self, low, high, *place):
        """A whole number from ``low`` to ``high``."""
        keys = streams.seed_keys(zlib.crc32(self.name.encode()), 1)
        for part in place:
            keys = streams.derive(keys, zlib.crc32(part.encode()) if isinstance(part, str) else int(part))
        return low + int(streams.uniform(keys, 0, 1)[0, 0] * (high - low + 1))

    def law(self, size, *place):
        """``[size]`` probabilities, zeros likely."""
        weights = [max(0, self.whole(-1, 3, "weight", *place, k)) for k in range(size)]
        if not any(weights):
            weights[self.whole(0, size - 1, "point", *place)] = 1
        return [Fraction(w, sum(weights)) for w in weights]

    def laws(self, shape, size, *place, deaf=lambda *index: index):
        """``[*shape, size]`` laws; ``deaf`` says as which index an index counts."""
        out = np.empty((*shape, size), dtype=object)
        for index in np.ndindex(*shape):
            out[index] = self.law(size, *place, *deaf(*index))
        return out

    def rewards(self, shape, outcomes, n, deaf=lambda *index: index, *place):
        """Rewards ``[n, *shape, K]`` of ``outcomes`` equally possible values each, K of them."""
        values = np.empty((n, *shape, outcomes), dtype=object)
        for i, *index, k in np.ndindex(*values.shape):
            top = self.whole(-2, 2, "reward", *place, i, *deaf(*index), k)
            values[(i, *index, k)] = Fraction(top, self.whole(1, 3, "unit", *place, i, *deaf(*index), k))
        return Rewards(values, self.laws(shape, outcomes, "payment", *place, deaf=deaf))

    def mask(self, shape, *place):
        """Legal actions ``[|Ω|, A]``: some of them, one at least."""
        out = np.empty(shape, dtype=bool)
        for index in np.ndindex(*shape):
            out[index] = self.whole(0, 2, "legal", *place, *index) > 0
        out[~out.any(axis=1), 0] = True
        return out
