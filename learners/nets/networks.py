"""Stacked perceptrons: K networks of one shape, one batched matrix product per layer for all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gametheory.errors import GameError
from learners import losses
from learners.nets.memory import keep_freed

Activation = Callable[[Tensor], Tensor]

ACTIVATIONS: Mapping[str, Activation] = {
    "relu": torch.relu_,
    "silu": torch.nn.functional.silu,
    "tanh": torch.tanh,
}
"""May write over what they are given: a product that nobody else holds."""


def make_weights(count: int, sizes: Sequence[int], generator: torch.Generator) -> list[Tensor]:
    """``[W_1, b_1, W_2, b_2, …]`` with ``W [K, in, out]`` and ``b [K, 1, out]``, uniform ±1/√in."""
    weights = []
    for fan_in, fan_out in itertools.pairwise(sizes):
        for shape in ((count, fan_in, fan_out), (count, 1, fan_out)):
            uniform = torch.rand(shape, generator=generator, device=generator.device)
            weights.append((uniform * 2.0 - 1.0) * fan_in**-0.5)
    return weights


NARROW = 16
"""Matrix products with fewer columns want another layout."""


class Change(NamedTuple):
    """Other values in some input columns of K networks."""

    by: Tensor
    """``[K, B, c]``."""
    rows: Tensor
    """``[K, c, hidden]``, the rows of W_1 that multiply these columns."""


def forward(
    weights: Sequence[Tensor], x: Tensor, activation: Activation, change: Change | None = None
) -> Tensor:
    """Outputs ``[K, B, out]`` of K networks for inputs ``[K, B, in]``, some columns of which may change."""
    last = len(weights) - 2
    for layer in range(0, last, 2):
        x = torch.baddbmm(weights[layer + 1], x, weights[layer])
        if change is not None and layer == 0:
            x = torch.baddbmm(x, change.by, change.rows)
        x = activation(x)
    head, bias = weights[last:]
    columns = head.shape[2]
    if columns == 1:  # a matrix product with one column is slow, there and back
        return (x * head.transpose(1, 2)).sum(dim=2, keepdim=True) + bias
    if columns < NARROW:
        product: Tensor = _Narrow.apply(x, head)  # type: ignore[no-untyped-call]
        return bias + product
    return torch.baddbmm(bias, x, head)


class _Narrow(torch.autograd.Function):
    """``x W`` with few columns: up to six times as fast if the narrow factor lies transposed, there and back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return torch.bmm(x, weight.transpose(1, 2).contiguous().transpose(1, 2))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        (x, weight), (gradient,) = ctx.saved_tensors, gradients
        of_x, of_weight = ctx.needs_input_grad
        return (
            torch.bmm(gradient, weight.transpose(1, 2)) if of_x else None,
            torch.bmm(gradient.transpose(1, 2), x).transpose(1, 2) if of_weight else None,
        )


def after_first(weights: Sequence[Tensor], z: Tensor, activation: Activation) -> Tensor:
    """Outputs ``[K, B, out]`` given what the first layers add up to, ``z [K, B, hidden]``."""
    return forward(weights[2:], activation(z), activation)


class Trained:
    """K stacked networks, their target copies and their optimiser (Adam, one step for all).

    ``serves`` lists which network answers row block r of an input ``[R, B, in]``; without it block
    k is network k's. A network that serves several blocks gets the sum of their gradients.
    """

    def __init__(
        self,
        weights: list[Tensor],
        activation: Activation,
        rate: float,
        max_norm: float | None,
        serves: Sequence[int] | None = None,
    ) -> None:
        self.weights = [tensor.requires_grad_() for tensor in weights]
        self.targets = [tensor.detach().clone() for tensor in weights]
        self._frozen = [tensor.detach() for tensor in weights]  # the same memory
        self.activation, self._rate, self._max_norm = activation, rate, max_norm
        straight = serves is None or list(serves) == list(range(len(weights[0])))
        self._serves = None if straight else torch.tensor(serves, device=weights[0].device)
        self._adam = Adam(self.weights)
        keep_freed()

    def _blocks(self, weights: list[Tensor]) -> list[Tensor]:
        return weights if self._serves is None else [tensor[self._serves] for tensor in weights]

    def __call__(self, x: Tensor) -> Tensor:
        """``[R, B, out]`` of the online networks."""
        return forward(self._blocks(self.weights), x, self.activation)

    def target(self, x: Tensor) -> Tensor:
        """``[R, B, out]`` of the target networks."""
        return forward(self._blocks(self.targets), x, self.activation)

    def frozen(self, count: int | None = None) -> list[Tensor]:
        """Online weights of the first ``count`` blocks, without gradient: for asking, not teaching."""
        return [tensor[:count] for tensor in self._blocks(self._frozen)]

    def one(self, k: int, x: Tensor) -> Tensor:
        """``[B, out]`` of online network k alone."""
        return forward([tensor[k : k + 1] for tensor in self.weights], x[None], self.activation)[0]

    def descend(self, loss: Tensor, factor: float = 1.0) -> None:
        """One step of ``factor`` times the rate down ``loss``; no other network gains a gradient."""
        gradients = torch.autograd.grad(loss, self.weights)
        if self._max_norm is not None:
            clip_norms(gradients, self._max_norm)
        self._adam.step(self.weights, gradients, self._rate * factor)

    def follow(self, keep: float) -> None:
        """``targets ← keep · targets + (1 − keep) · weights``."""
        losses.follow(self.targets, self.weights, keep)

    def state_dict(self) -> dict[str, Any]:
        return {
            "weights": [tensor.detach().clone() for tensor in self.weights],
            "targets": [tensor.clone() for tensor in self.targets],
            "adam": self._adam.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        if "adam" not in state:
            raise GameError("the state was saved by another version of the learners; train anew")
        for own, saved in ((self.weights, state["weights"]), (self.targets, state["targets"])):
            if [tensor.shape for tensor in own] != [tensor.shape for tensor in saved]:
                raise GameError(
                    "the saved networks have other sizes: load them with the specs and settings they had"
                )
            with torch.no_grad():
                for mine, tensor in zip(own, saved, strict=True):
                    mine.copy_(tensor)  # in place: policies hold these tensors
        self._adam.load_state_dict(state["adam"])


class Adam:
    """Adam (Kingma & Ba, ICLR 2015) by torch's kernel: around it torch's class imports a compiler, and its
    function spends as long as the kernel on small networks.

    Its state are both moments of every weight and how many steps were taken.
    """

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self._means = [torch.zeros_like(tensor) for tensor in weights]
        self._squares = [torch.zeros_like(tensor) for tensor in weights]
        self._steps = [torch.zeros((), device=weights[0].device)] * len(weights)  # one count for all

    @torch.no_grad()
    def step(self, weights: list[Tensor], gradients: Sequence[Tensor], rate: float) -> None:
        """``φ ← φ − rate · m̂ / (√v̂ + 1e-8)``, in place, with β = (0.9, 0.999)."""
        self._steps[0] += 1
        torch._fused_adam_(
            weights,
            [gradient.contiguous() for gradient in gradients],  # the kernel asks for no strides
            self._means,
            self._squares,
            [],
            self._steps,
            lr=rate,
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )

    def state_dict(self) -> dict[str, list[Tensor]]:
        return {name: [tensor.clone() for tensor in own] for name, own in self._named().items()}

    def load_state_dict(self, state: Mapping[str, list[Tensor]]) -> None:
        for name, own in self._named().items():
            for mine, tensor in zip(own, state[name], strict=True):
                mine.copy_(tensor)

    def _named(self) -> dict[str, list[Tensor]]:
        return {"means": self._means, "squares": self._squares, "steps": self._steps}


def clip_norms(gradients: Sequence[Tensor], max_norm: float) -> None:
    """Scale each of the K networks' gradients, in place, to norm at most ``max_norm``."""
    squares = torch.stack([gradient.square().sum(dim=(1, 2)) for gradient in gradients]).sum(dim=0)
    scale = (max_norm / (squares.sqrt() + 1e-12)).clamp(max=1.0)[:, None, None]
    for gradient in gradients:
        gradient.mul_(scale)
