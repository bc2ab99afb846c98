"""Reward settings and finer classes of games, each with an exact witness."""

from gametheory.classify.classify import Classification, classify
from gametheory.classify.finding import Finding
from gametheory.classify.settings import reward_settings

__all__ = ["Classification", "Finding", "classify", "reward_settings"]
