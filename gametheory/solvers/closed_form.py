"""Equilibria that a game with continuous actions knows in closed form."""

from __future__ import annotations

from gametheory.continuous.game import ContinuousGame
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock


def closed_form(game: ContinuousGame, exact: bool = False, clock: Clock | None = None) -> Solution:
    """The equilibria that come with the game, complete where the game can show it."""
    profiles = game.equilibria()
    agents = range(len(game.agents))
    joints = [[actions[0] for actions in profile] for profile in profiles]
    return Solution(
        concept="nash",
        profiles=profiles,
        values=tuple(tuple(game.payoff(i, joint) for i in agents) for joint in joints),
        outcome=Outcome.SOLVED if profiles else Outcome.NOT_FOUND,
        complete=game.equilibria_complete,
        method="closed-form",
        why=_why(game),
    )


def _why(game: ContinuousGame) -> str:
    if not game.equilibria():
        return "no formula comes with the game"
    if game.equilibria_complete:
        return "the formula that comes with the game; there are no other equilibria"
    return "the formula that comes with the game; others were not searched"
