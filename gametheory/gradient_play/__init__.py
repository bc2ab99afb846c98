"""Prediction before observation: what theory says of learning in a game."""

from gametheory.gradient_play.lyapunov import Lyapunov, lyapunov
from gametheory.gradient_play.stability import Linearisation, Stability
from gametheory.gradient_play.theory import Claim, Outlook, Prediction, linearisations, predict

__all__ = [
    "Claim",
    "Linearisation",
    "Lyapunov",
    "Outlook",
    "Prediction",
    "Stability",
    "linearisations",
    "lyapunov",
    "predict",
]
