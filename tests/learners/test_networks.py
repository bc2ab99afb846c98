"""Stacked networks against one ordinary perceptron after the other."""

import copy
import ctypes
import subprocess
import sys

import pytest
import torch
from torch.nn import functional
from torch.testing import assert_close

from gametheory.errors import GameError
from learners.nets.networks import ACTIVATIONS, Adam, Change, Trained, clip_norms, forward, make_weights


def stack(count: int = 3, sizes: tuple[int, ...] = (4, 5, 6, 2), seed: int = 0, **kwargs: object) -> Trained:
    weights = make_weights(count, sizes, torch.Generator().manual_seed(seed))
    return Trained(weights, ACTIVATIONS["tanh"], 0.1, kwargs.get("max_norm"))  # type: ignore[arg-type]


def test_a_stack_computes_what_its_networks_compute_one_by_one() -> None:
    networks = stack()
    x = torch.randn(3, 7, 4, generator=torch.Generator().manual_seed(1))
    outputs = networks(x)
    for k in range(3):
        h = x[k]
        w = [tensor[k] for tensor in networks.weights]
        h = torch.tanh(functional.linear(h, w[0].T, w[1][0]))
        h = torch.tanh(functional.linear(h, w[2].T, w[3][0]))
        assert_close(outputs[k], functional.linear(h, w[4].T, w[5][0]))
        assert_close(networks.one(k, x[k]), outputs[k])


@pytest.mark.parametrize("columns", [1, 2, 7, 20])
def test_gradients_are_those_of_ordinary_networks(columns: int) -> None:
    networks = stack(sizes=(4, 5, columns))
    x = torch.randn(3, 7, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    asked = torch.randn(3, 7, columns, generator=torch.Generator().manual_seed(2))
    ours = torch.autograd.grad((networks(x) * asked).sum(), [x, *networks.weights])
    w1, b1, w2, b2 = networks.weights
    plain = torch.einsum("kbi,kio->kbo", torch.tanh(torch.einsum("kbi,kio->kbo", x, w1) + b1), w2) + b2
    assert_close(ours, torch.autograd.grad((plain * asked).sum(), [x, *networks.weights]))
    frozen = forward(networks.frozen(), x, torch.tanh)
    assert_close(torch.autograd.grad((frozen * asked).sum(), x)[0], ours[0])


def test_a_change_of_some_columns_is_another_input() -> None:
    weights, random = stack().frozen(), torch.Generator().manual_seed(1)
    x, by = torch.randn(3, 7, 4, generator=random), torch.randn(3, 7, 2, generator=random)
    moved = x.clone()
    moved[:, :, 1:3] += by
    change = Change(by, weights[0][:, 1:3])
    assert_close(forward(weights, x, torch.tanh, change), forward(weights, moved, torch.tanh))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_of_every_activation_are_slopes_and_nothing_given_is_written_over(name: str) -> None:
    """Slopes by central differences in float64."""
    random = torch.Generator().manual_seed(3)
    weights = [tensor.double().requires_grad_() for tensor in make_weights(2, (4, 5, 6, 2), random)]
    x = torch.randn(2, 3, 4, generator=random, dtype=torch.float64).requires_grad_()
    by = torch.randn(2, 3, 2, generator=random, dtype=torch.float64).requires_grad_()
    given = [x, by, *weights]
    before = [tensor.detach().clone() for tensor in given]

    def outputs(x: torch.Tensor, by: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return forward(weights, x, ACTIVATIONS[name], Change(by, weights[0][:, 1:3]))

    assert torch.autograd.gradcheck(outputs, given)
    assert all(map(torch.equal, given, before))


def test_frozen_weights_are_always_the_present_ones_without_gradient() -> None:
    networks = stack()
    held = networks.frozen()
    networks.descend(networks(torch.ones(3, 2, 4)).sum())
    networks.load_state_dict(stack(seed=5).state_dict())
    for frozen in (held, networks.frozen()):
        assert all(map(torch.equal, frozen, stack(seed=5).weights))
        assert not any(tensor.requires_grad for tensor in frozen)


def test_adam_is_the_papers_whatever_the_strides_of_a_gradient() -> None:
    """Algorithm 1 of Kingma & Ba (2015), in float64."""
    random = torch.Generator().manual_seed(3)
    weight = torch.randn(2, 3, 4, generator=random)
    plain, adam = weight.double(), Adam([weight])
    mean = square = torch.zeros_like(plain)
    for step in range(1, 6):
        gradient = torch.randn(2, 4, 3, generator=random).transpose(1, 2)
        adam.step([weight], [gradient], rate := 0.1 / step)
        mean = 0.9 * mean + 0.1 * gradient.double()
        square = 0.999 * square + 0.001 * gradient.double() ** 2
        root = (square / (1 - 0.999**step)).sqrt() + 1e-8
        plain = plain - rate * (mean / (1 - 0.9**step)) / root
    assert_close(weight.double(), plain, rtol=1e-5, atol=1e-6)


def test_weights_start_within_one_over_root_fan_in() -> None:
    w1, b1, w2, b2 = make_weights(2, (100, 4, 50), torch.Generator().manual_seed(0))
    for tensor, fan_in in ((w1, 100), (b1, 100), (w2, 4), (b2, 4)):
        assert tensor.abs().max() <= fan_in**-0.5
        assert tensor.abs().max() > 0.8 * fan_in**-0.5


def test_a_step_moves_only_the_networks_in_the_loss_and_not_the_targets() -> None:
    networks = stack()
    before = [tensor.detach().clone() for tensor in networks.weights]
    networks.descend(networks(torch.ones(3, 2, 4))[1].sum())
    for now, old, target in zip(networks.weights, before, networks.targets, strict=True):
        assert_close(target, old, rtol=0, atol=0)
        assert torch.equal(now[0], old[0])
        assert torch.equal(now[2], old[2])
    assert not torch.equal(networks.weights[0][1], before[0][1])
    networks.follow(0.25)
    assert_close(networks.targets[0], 0.25 * before[0] + 0.75 * networks.weights[0].detach())


def test_no_other_network_gains_a_gradient() -> None:
    actors, critics = stack(), stack(sizes=(2, 3, 1), seed=1)
    actors.descend(critics(actors(torch.ones(3, 2, 4))).sum())
    assert all(tensor.grad is None for tensor in critics.weights)


def test_gradient_norms_are_clipped_network_by_network() -> None:
    first = torch.tensor([[[3.0, 0.0]], [[0.3, 0.0]]])
    second = torch.tensor([[[0.0, 4.0]], [[0.0, 0.4]]])
    clip_norms([first, second], 1.0)  # norms 5 and 0.5
    assert_close(first, torch.tensor([[[0.6, 0.0]], [[0.3, 0.0]]]))
    assert_close(second, torch.tensor([[[0.0, 0.8]], [[0.0, 0.4]]]))


def test_a_saved_state_is_a_copy_and_loads_in_place() -> None:
    networks, other = stack(), stack(seed=5)
    networks.descend(networks(torch.ones(3, 2, 4)).sum())
    held, state = other.weights[0], networks.state_dict()
    saved = copy.deepcopy(state)
    other.load_state_dict(state)
    assert other.weights[0] is held
    for trained in (networks, other):
        trained.descend(trained(torch.ones(3, 2, 4)).square().sum())
        trained.follow(0.5)
    assert torch.equal(state["weights"][0], saved["weights"][0])
    for name, kept in saved["adam"].items():
        assert all(map(torch.equal, state["adam"][name], kept))
    for mine, theirs in zip(other.weights + other.targets, networks.weights + networks.targets, strict=True):
        assert torch.equal(mine, theirs)


def test_a_state_of_other_sizes_is_refused() -> None:
    with pytest.raises(GameError, match="other sizes"):
        stack().load_state_dict(stack(sizes=(4, 5, 7, 2)).state_dict())


def in_a_fresh_process(script: str) -> str:
    """What a script prints; it begins with a network of one weight that has made a step."""
    begin = """
import resource, sys, torch
from learners.nets.networks import Trained
one = Trained([torch.ones(1, 1, 1), torch.ones(1, 1, 1)], torch.relu, 0.1, None)
one.descend(one(torch.ones(1, 1, 1)).sum())
"""
    asked = subprocess.run([sys.executable, "-c", begin + script], capture_output=True, text=True, check=True)
    return asked.stdout


def test_a_step_imports_no_compiler() -> None:
    assert in_a_fresh_process("print('torch.optim' in sys.modules, 'torch._dynamo' in sys.modules)") == (
        "True False\n"
    )


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="the C library has no mallopt")
def test_freed_memory_is_not_asked_for_anew() -> None:
    """Eight blocks of 8 MiB, written and freed again and again, cost page faults only once."""
    faults = in_a_fresh_process("""
def use():
    blocks = [torch.ones(2**21) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
before = use()
for _ in range(4):
    after = use()
print(after - before)
""")
    assert int(faults) < 1000  # 16,384 pages a round
