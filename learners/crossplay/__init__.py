"""Trained policies against each other: payoffs, rankings, the meta-game's equilibria, PSRO."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from learners.crossplay.contest import CrossPlay, cross_play
    from learners.crossplay.response_oracles import TrainedPsro, psro

_HOMES = {
    "CrossPlay": "learners.crossplay.contest",
    "TrainedPsro": "learners.crossplay.response_oracles",
    "cross_play": "learners.crossplay.contest",
    "psro": "learners.crossplay.response_oracles",
}

__all__ = ["CrossPlay", "TrainedPsro", "cross_play", "psro"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'learners.crossplay' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
