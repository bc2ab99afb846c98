"""Stochastic games of which the state is seen, by hand and at random."""

from typing import Any

import numpy as np
from stochastic_games import observed

from gametheory.posg import POSG
from gametheory.streams import seed_keys, uniform


def random_game(
    seed: int, states: int, counts: tuple[int, ...], discount: Any, zero_sum: bool = True
) -> POSG:
    shape = (states, *counts)
    draws = uniform(seed_keys(seed, states), 0, int(np.prod(counts)) * states).reshape(*shape, states)
    P = np.where(draws > 0.5, draws, 0.0)
    P[..., 0] += 0.01
    P /= P.sum(axis=-1, keepdims=True)
    cells = states * int(np.prod(counts))
    rewards = [
        np.floor(8 * uniform(seed_keys(seed, 1), 1 + i, cells)[0]).reshape(shape) for i in range(len(counts))
    ]
    if zero_sum:
        rewards[1] = -rewards[0]
    return observed(P, np.stack(rewards), discount)


def big_match(discount: float) -> POSG:
    """Agent 1 quits (first action) or goes on; quitting fixes the payoff, 1 if agent 2 played left."""
    P = np.zeros((3, 2, 2, 3))
    P[0, 0, 0, 1] = P[0, 0, 1, 2] = 1  # quit against left: always 1; against right: always 0
    P[0, 1, :, 0] = 1
    P[1, :, :, 1] = P[2, :, :, 2] = 1
    R = np.zeros((3, 2, 2))
    R[0] = [[1, 0], [0, 1]]
    R[1] = 1
    return observed(P, np.stack([R, -R]), discount, initial=[1, 0, 0])


def turns() -> POSG:
    """Agent 1 picks a box in state 0, agent 2 then opens it or not in state 1; each sees ⊥ on the other's turn."""
    P = np.zeros((4, 2, 2, 4))
    P[0, 0, :, 1] = P[0, 1, :, 2] = 1
    P[1:3, :, :, 3] = 1
    P[3, :, :, 3] = 1
    R = np.zeros((4, 2, 2))
    R[1, :, :] = [2, 5]
    R[2, :, :] = [4, 3]
    null = np.array([[False, True], [True, False], [True, False], [False, False]])
    return observed(P, np.stack([R, -R]), 1, initial=[1, 0, 0, 0], null=null, terminal=[3])
