"""The weights of stacked networks apart from their targets and optimiser: what a snapshot keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from gametheory.errors import GameError
from learners.nets.networks import Trained


def weights_of(networks: Trained) -> dict[str, Any]:
    """A copy of the online weights."""
    return {"weights": [tensor.detach().clone() for tensor in networks.weights]}


def put_weights(networks: Trained, state: Mapping[str, Any]) -> None:
    """Take back what ``weights_of`` gave, in place: policies hold these tensors.

    Raises:
        GameError: the networks were of other sizes.
    """
    saved = state.get("weights", ())
    if [tensor.shape for tensor in networks.weights] != [tensor.shape for tensor in saved]:
        raise GameError("the saved policies are of other sizes: load them with the settings they had")
    with torch.no_grad():
        for own, tensor in zip(networks.weights, saved, strict=True):
            own.copy_(tensor)
