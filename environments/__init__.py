"""Simulated games: a registry, the contract every game keeps, and recorded plays."""

from environments.contract import check_game
from environments.registry import Environment, find, make, names, register

__all__ = ["Environment", "check_game", "find", "make", "names", "register"]
