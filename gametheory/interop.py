"""To and from ``nashpy.Game``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import to_floats

if TYPE_CHECKING:
    import nashpy


def to_nashpy(game: NormalForm) -> nashpy.Game:
    """The game as a ``nashpy.Game``: payoffs as floats, labels lost.

    Raises:
        GameError: the game does not have two agents.
    """
    import nashpy

    if len(game.agents) != 2:
        raise GameError(f"a nashpy game has two agents; this one has {len(game.agents)}")
    return nashpy.Game(*(to_floats(table) for table in game.payoffs))


def from_nashpy(game: Any, **labels: Any) -> NormalForm:
    """A ``nashpy.Game`` as a normal form; integer and ``Fraction`` payoffs stay exact.

    Args:
        game: anything with two ``payoff_matrices``.
        labels: ``agents``, ``actions``, ``title``, ``comment`` of the ``NormalForm``.

    Raises:
        GameError: there are no two payoff matrices, or they hold something else than numbers.
    """
    matrices = getattr(game, "payoff_matrices", None)
    if matrices is None or len(matrices) != 2:
        raise GameError(f"a {type(game).__name__} is not a nashpy game: it needs two payoff_matrices")
    return NormalForm.bimatrix(matrices[0], matrices[1], **labels)
