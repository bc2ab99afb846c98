"""Games with continuous actions and known equilibria."""

from gametheory.continuous.cournot import Cournot
from gametheory.continuous.game import ContinuousGame, Mixture

__all__ = ["ContinuousGame", "Cournot", "Mixture"]
