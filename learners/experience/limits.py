"""Games that stop by a time limit of their own: that is a cut, not an end."""

from __future__ import annotations

from typing import Any

from gametheory.game import Game
from gametheory.numerics import Array


def cut_off(game: Game[Any], state: Any) -> Array | None:
    """``[B, n]`` bool: whom the game's own time limit stopped at what they see now; None: it has none.

    Such a play cannot go on, so the game calls it terminated; but a value would have followed. A game
    that knows the difference has a method ``cut_off(state)``.
    """
    told = getattr(game, "cut_off", None)
    found: Array | None = None if told is None else told(state)
    return found
