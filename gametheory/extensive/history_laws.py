"""Action probabilities by own history, as policies of the game they were found in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gametheory.aecg import AECG
from gametheory.policies.controllers import History, HistoryPolicy
from gametheory.policy import uniform_table
from gametheory.posg import POSG

Laws = Sequence[Mapping[History, Sequence[float]]]
"""Per agent the law over all its actions, by own history."""


def history_policies(game: POSG | AECG, laws: Laws) -> tuple[HistoryPolicy, ...]:
    """One policy per agent; uniform over legal actions where the laws are silent."""
    rows = isinstance(game, POSG)  # `start` has the last row
    return tuple(
        HistoryPolicy(
            {history: np.array(law) for history, law in own.items()},
            uniform_table(count, legal, seen + rows).table,
        )
        for own, count, legal, seen in zip(
            laws, game.action_counts, game.legal, game.observation_counts, strict=True
        )
    )
