"""Equilibria that a game with continuous actions knows in closed form."""

from __future__ import annotations

from gametheory.continuous.game import ContinuousGame
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock


def closed_form(game: ContinuousGame, exact: bool = False, clock: Clock | None = None) -> Solution:
    """The equilibria that come with the game; whether there are others is not searched."""
    profiles = game.equilibria()
    agents = range(len(game.agents))
    joints = [[actions[0] for actions in profile] for profile in profiles]
    return Solution(
        concept="nash",
        profiles=profiles,
        values=tuple(tuple(game.payoff(i, joint) for i in agents) for joint in joints),
        outcome=Outcome.SOLVED if profiles else Outcome.NOT_FOUND,
        complete=False,
        method="closed-form",
        why="the formula that comes with the game; others were not searched"
        if profiles
        else "no formula comes with the game",
    )
