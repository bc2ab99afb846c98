"""From rules to tables: the POSG or AECG of any game that lists its outcomes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from gametheory.tables.assemble import to_posg
from gametheory.tables.listed import Listed, explore

STATE_LIMIT = 100_000


def tabulate(
    game: Any, *, key: Callable[[Any], Hashable] | None = None, state_limit: int = STATE_LIMIT
) -> POSG | AECG:
    """The tables of a game that is given as rules or as somebody's program.

    * ``Listed`` (or a game with a method ``listed()`` that gives one): a POSG.
    * A PettingZoo environment: explored through copies. Parallel: a POSG; AEC: an AECG. Exact, or
      refused where a step draws random numbers (``gametheory.foreign.pettingzoo.estimate`` samples).
    * An OpenSpiel game: an AECG if agents move in turns, else a POSG.

    Args:
        game: one of these.
        key: tells the states of a PettingZoo environment or an OpenSpiel game apart; it is believed.
            Without it, environments by their structure, OpenSpiel states by their history.
        state_limit: refuse beyond this many states.

    Raises:
        GameError: no such game, too many states (with an estimate), or hidden randomness.
    """
    if isinstance(game, TabularGame):
        return game.posg
    if isinstance(game, Listed):
        return to_posg(explore(game, state_limit=state_limit))
    if callable(getattr(game, "listed", None)):
        return tabulate(game.listed(), state_limit=state_limit)
    if _comes_from(game, "pettingzoo", ("ParallelEnv", "AECEnv")):
        from gametheory.foreign.pettingzoo import tabulate_environment

        return tabulate_environment(game, key=key, state_limit=state_limit).game
    if _comes_from(game, "pyspiel", ("Game",)):
        from gametheory.foreign.openspiel import tabulate_openspiel

        return tabulate_openspiel(game, key=key, state_limit=state_limit)
    raise GameError(
        f"a {type(game).__name__} does not list its outcomes; give a Listed game, a PettingZoo environment "
        "or an OpenSpiel game"
    )


def _comes_from(game: Any, library: str, names: Sequence[str]) -> bool:
    """Whether it is an instance of one of a library's classes; a library not loaded has none."""
    module = sys.modules.get(library)
    return module is not None and isinstance(game, tuple(getattr(module, name) for name in names))
