"""Experience: one joint ring buffer for all agents, and the running scale of their rewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gametheory.errors import GameError
from gametheory.numerics import Array
from learners.experience.spaces import Spaces
from learners.learner import Transition


class Batch(NamedTuple):
    """Transitions as networks read them; n agents padded to D observation and A action columns."""

    observations: Tensor  # [B, n, D]
    actions: Tensor  # [B, n, A], zero where the agent did not act
    next_observations: Tensor  # [B, n, D]
    legal: Tensor  # [B, n, A] bool
    next_legal: Tensor  # [B, n, A] bool
    acting: Tensor  # [B, n], 1 where the agent acted
    next_acting: Tensor  # [B, n], 1 where it will act at the next observation
    continues: Tensor  # [B], discount · (1 − terminated)
    rewards: Tensor  # [B, n] float64, unscaled


class Replay:
    """The last ``capacity`` joint transitions, sampled uniformly with replacement.

    All but the rewards of a transition is one row of one float32 table, so that drawing a batch
    is one gather. Rewards are float64: payoffs may be large against their differences.
    """

    def __init__(self, spaces: Spaces, capacity: int, device: torch.device) -> None:
        n, D, A = spaces.agents, spaces.observation_width, spaces.action_width
        self._spaces, self._capacity = spaces, capacity
        self._shapes = ((n, D), (n, A), (n, D), (n, A), (n, A), (n,), (n,), (1,))
        self._widths = [int(np.prod(shape)) for shape in self._shapes]
        # empty, not zeros: pages that were never written cost no memory
        self._rows = torch.empty(capacity, sum(self._widths), dtype=torch.float32, device=device)
        self._rewards = torch.empty(capacity, n, dtype=torch.float64, device=device)
        self._next = self.size = 0

    def add(self, transitions: Transition) -> None:
        """Write B transitions over the oldest ones.

        Raises:
            GameError: an observation, action or reward is not finite; nothing is written.
        """
        rows = self._encode(transitions)
        rewards = np.asarray(transitions.rewards, dtype=np.float64)
        if not (np.isfinite(rows).all() and np.isfinite(rewards).all()):
            raise GameError(_not_finite(transitions))
        for start in range(0, len(rows), self._capacity):
            self._write(rows[start : start + self._capacity], rewards[start : start + self._capacity])

    def _write(self, rows: Array, rewards: Array) -> None:
        count, first = len(rows), min(len(rows), self._capacity - self._next)
        for table, new in ((self._rows, torch.from_numpy(rows)), (self._rewards, torch.from_numpy(rewards))):
            table[self._next : self._next + first] = new[:first]
            table[: count - first] = new[first:]
        self._next = (self._next + count) % self._capacity
        self.size = min(self.size + count, self._capacity)

    def _encode(self, transitions: Transition) -> Array:
        spaces, batch = self._spaces, len(transitions.rewards)
        acting, following = np.asarray(transitions.acting, dtype=bool), transitions.next_acting
        parts = (
            spaces.encode_observations(transitions.observations),
            spaces.encode_actions(transitions.actions) * acting[:, :, None],
            spaces.encode_observations(transitions.next_observations),
            spaces.encode_legal(transitions.legal, batch),
            spaces.encode_legal(transitions.next_legal, batch),
            acting,
            spaces.seen(transitions.next_observations) if following is None else np.asarray(following, bool),
            # a truncated play goes on elsewhere, so only termination stops the bootstrap
            np.asarray(transitions.discount) * ~np.asarray(transitions.terminated, dtype=bool),
        )
        return np.concatenate([part.reshape(batch, -1) for part in parts], axis=1, dtype=np.float32)

    def sample(self, batch: int, generator: torch.Generator) -> Batch:
        """``batch`` transitions, each uniform over what is stored."""
        index = torch.randint(self.size, (batch,), generator=generator, device=self._rows.device)
        columns = torch.split(self._rows.index_select(0, index), self._widths, dim=1)
        parts = [c.view(batch, *shape) for c, shape in zip(columns, self._shapes, strict=True)]
        observations, actions, following, legal, next_legal, acting, next_acting, continues = parts
        return Batch(
            observations,
            actions,
            following,
            legal > 0,
            next_legal > 0,
            acting,
            next_acting,
            continues[:, 0],
            self._rewards.index_select(0, index),
        )

    def state_dict(self) -> dict[str, Any]:
        """The rows in use and the position of the ring."""
        return {
            "rows": self._rows[: self.size].clone(),
            "rewards": self._rewards[: self.size].clone(),
            "next": self._next,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        size = len(state["rows"])
        if size > self._capacity or state["rows"].shape[1:] != self._rows.shape[1:]:
            raise GameError(
                f"the saved replay has rows {list(state['rows'].shape)}; "
                f"this learner's has {list(self._rows.shape)}: load it with the settings it was saved with"
            )
        self._rows[:size], self._rewards[:size] = state["rows"], state["rewards"]
        self.size, self._next = size, int(state["next"])


def _not_finite(transitions: Transition) -> str:
    named = [("reward", [transitions.rewards[:, i] for i in range(transitions.rewards.shape[1])])]
    named += [("action", list(transitions.actions)), ("observation", list(transitions.observations))]
    named += [("next observation", list(transitions.next_observations))]
    for name, arrays in named:
        for i, array in enumerate(arrays):
            bad = ~np.isfinite(np.asarray(array, dtype=np.float64)).reshape(len(array), -1).all(axis=1)
            if bad.any():
                row = int(np.argmax(bad))
                return f"the {name} of agent {i} in row {row} is {array[row]}; it must be finite"
    return "a transition holds a number too large for float32"


class RewardScale:
    """Puts every agent's values near 0 with rewards of spread 1, without touching incentives.

    With running mean ``r̄_i`` and standard deviation ``σ_i`` of all rewards seen, the mean ``c̄`` of
    ``discount · (1 − terminated)``, and the constant ``m_i = (r̄_i/σ_i) / max(1 − c̄, 0.01)``, the
    learner sees

        r̃_i = r_i/σ_i + c·m_i − m_i,    c = discount · (1 − terminated).

    Dividing by ``σ_i > 0`` leaves every equilibrium where it is. The rest is potential-based
    shaping with the constant potential ``m_i`` (0 after termination), which leaves them too
    (Ng, Harada & Russell, ICML 1999; Devlin & Kudenko, AAMAS 2011): it only makes the critics learn
    ``Q_i/σ_i − m_i``. ``m_i`` is the value that mean reward and mean continuation would give.
    An agent whose rewards never vary has ``σ_i = 1``.
    """

    def __init__(self, agents: int) -> None:
        self._count, self._continues = 0, 0.0
        self._mean, self._squares = np.zeros(agents), np.zeros(agents)
        self._refresh()

    def observe(self, rewards: Array, continues: Array) -> None:
        """Take in rewards ``[B, n]`` and continuations ``[B]`` (Chan, Golub & LeVeque 1979)."""
        batch = len(rewards)
        total = self._count + batch
        delta = rewards.mean(axis=0) - self._mean
        self._squares += ((rewards - rewards.mean(axis=0)) ** 2).sum(axis=0)
        self._squares += delta**2 * self._count * batch / total
        self._mean += delta * batch / total
        self._continues += (float(continues.mean()) - self._continues) * batch / total
        self._count = total
        self._refresh()

    def _refresh(self) -> None:
        spread = np.sqrt(self._squares / max(self._count, 1))
        # the spread of a constant is rounding, not information
        self.deviation = np.where(spread > 1e-9 * np.abs(self._mean), spread, 1.0)
        self.offset = self._mean / self.deviation / max(1.0 - self._continues, 0.01)
        self._tensors = torch.from_numpy(1.0 / self.deviation), torch.from_numpy(self.offset)

    def __call__(self, rewards: Tensor, continues: Tensor) -> Tensor:
        """``r̃ [B, n]`` float32 from rewards ``[B, n]`` float64 and continuations ``[B]``."""
        factor, offset = (tensor.to(rewards.device) for tensor in self._tensors)
        return (rewards * factor + (continues[:, None] - 1.0) * offset).float()

    def state_dict(self) -> dict[str, Any]:
        return {
            "count": self._count,
            "continues": self._continues,
            "mean": torch.from_numpy(self._mean.copy()),
            "squares": torch.from_numpy(self._squares.copy()),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._count, self._continues = int(state["count"]), float(state["continues"])
        self._mean = state["mean"].numpy().copy()
        self._squares = state["squares"].numpy().copy()
        self._refresh()
