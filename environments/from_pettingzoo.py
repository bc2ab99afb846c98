"""Any PettingZoo environment as a game here, played in batches by copies of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from gametheory import streams
from gametheory.errors import GameError
from gametheory.foreign.generators import states_of
from gametheory.foreign.object_graph import Look, look, replicate
from gametheory.foreign.pettingzoo_plays import Choices, Sight, Situation, play_of
from gametheory.game import NULL, Box, Discrete, Spec, Step, check_actions, check_state
from gametheory.numerics import Array
from gametheory.streams import Keys


class Copy:
    """An environment in the middle of a play; equal to one in the same state with the same generators.

    It knows how it came there. That is what is saved of it, for an environment itself could be read
    back only by executing what was saved.
    """

    def __init__(self, game: PettingZooGame, environment: Any, seed: int, moves: tuple[Moves, ...]) -> None:
        self.game, self.environment = game, environment
        self.seed, self.moves = seed, moves

    def trace(self) -> Trace:
        """How it came there, in numbers."""
        return self.seed, list(map(list, self.moves)), self._look().digest.hex()

    def retraced(self, trace: Trace) -> Copy:
        """The environment that came there in the same way.

        Raises:
            GameError: it is in another state now: the environment does not repeat itself.
        """
        seed, moves, digest = trace
        there = self.game.replayed(seed, tuple(map(tuple, moves)))
        if there._look().digest.hex() != digest:
            raise GameError(
                "the environment does not repeat itself: from the same seed the same actions lead to another "
                "state, so a play cannot be taken up where it was left; draw all chance from generators that "
                "reset(seed=…) seeds, or train anew in one go"
            )
        return there

    def _look(self) -> Look:
        return look(self.environment)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Copy) and self._content() == other._content()

    __hash__ = None  # type: ignore[assignment]  # it has a mutable environment

    def _content(self) -> tuple[bytes, Any]:
        seen = self._look()
        return seen.digest, {
            path: own for path, own in states_of(seen.generators).items() if path in seen.generators
        }


Moves = tuple[Any, ...]
"""Per agent its action, a number or a list of numbers; None of one that was not asked."""
Trace = tuple[int, list[list[Any]], str]
"""A seed, all that was done since, and the digest of where it led."""


class PettingZooState(NamedTuple):
    """Where B plays stand."""

    copies: Array  # [B] of Copy
    acting: Array  # [B, n] bool
    masks: tuple[Array | None, ...]  # per agent [B, A_i] bool
    terminated: Array  # [B] bool
    truncated: Array  # [B] bool: ended by the environment's own time limit
    shown: Array  # [B, n] bool: who sees something


class PettingZooGame:
    """A PettingZoo environment, parallel or AEC, as a ``Game``.

    Row b is a copy of the environment, reset with a seed made from key b. ``step`` leaves its
    argument alone, so it copies every row before stepping it: per row and step one deep copy and one
    Python step, some hundred to some thousand times slower than a batched game.

    Rows keep the contract (the same key gives the same play) where an environment's randomness comes
    from its own generators, seeded by ``reset``; one that draws from global generators breaks it.

    * An agent acts where PettingZoo asks it: live agents of a parallel environment, the selected
      agent of an AEC one. Others see ⊥ (``NULL``, or the point of their box nearest to 0), but for
      the true final observation of an agent whose part has just ended.
    * Observations: a ``Discrete`` space stays one, any other space becomes a flat ``Box``; action
      masks, from the observation or from ``infos``, become legal sets. Actions: ``Discrete``,
      ``MultiDiscrete`` and ``MultiBinary`` become numbers, a ``Box`` a flat one.
    * Play is over when no agent is left. An environment that stops by its own time limit cannot go
      on, so that ends the play too, as ``truncated(state)`` tells, and ``cut_off(state)`` by agent.

    Args:
        environment: the environment, which is copied and never stepped itself, or a function that
            makes one.

    Raises:
        GameError: no ``possible_agents``, or a space that is neither finite nor a box.
    """

    def __init__(self, environment: Any | Callable[[], Any]) -> None:
        made = isinstance(environment, type) or not hasattr(environment, "reset")
        self._original = environment() if made else replicate(environment)
        self._play = play_of(self._original)
        names = tuple(self._original.possible_agents)
        self.agents = tuple(map(str, names))
        now = self._play.reset(replicate(self._original), 0)
        any_mask = any(sight is not None and sight.mask is not None for sight in now.sights)
        self._seen = [_Seen(self._original.observation_space(name), name) for name in names]
        self._acts = [_Acts(self._original.action_space(name), name) for name in names]
        self.observation_specs: tuple[Spec, ...] = tuple(own.spec for own in self._seen)
        self.action_specs: tuple[Spec, ...] = tuple(own.spec for own in self._acts)
        self._masked = tuple(
            isinstance(acts.spec, Discrete) and (seen.masked or any_mask)
            for seen, acts in zip(self._seen, self._acts, strict=True)
        )
        self.silent = (not self._play.simultaneous,) * len(names)

    def reset(self, keys: Keys) -> Step[PettingZooState]:
        seeds = (streams.derive(keys, 0) >> np.uint64(33)).tolist()
        copies = [Copy(self, replicate(self._original), seed, ()) for seed in seeds]
        return self._step(copies, [self._play.reset(own.environment, own.seed) for own in copies])

    def step(self, state: PettingZooState, actions: tuple[Array, ...]) -> Step[PettingZooState]:
        check_state(state, PettingZooState)
        check_actions(self.action_specs, self.agents, actions, len(state.copies))
        if np.any(state.terminated):
            row = int(np.argmax(state.terminated))
            raise GameError(f"row {row} has terminated; reset it before stepping")
        copies, now = [], []
        for b, own in enumerate(state.copies):
            moves = tuple(
                action[b].tolist() if state.acting[b, i] else None for i, action in enumerate(actions)
            )
            self._check_legal(state, b, actions)
            copies.append(Copy(self, replicate(own.environment), own.seed, (*own.moves, moves)))
            now.append(self._play.step(copies[-1].environment, self._chosen(moves)))
        return self._step(copies, now)

    def replayed(self, seed: int, moves: tuple[Moves, ...]) -> Copy:
        """A copy that was reset with ``seed`` and in which all this was done."""
        environment = replicate(self._original)
        self._play.reset(environment, seed)
        for joint in moves:
            self._play.step(environment, self._chosen(joint))
        return Copy(self, environment, seed, moves)

    def _chosen(self, moves: Moves) -> tuple[Any, ...]:
        """Per agent the action as the environment takes it."""
        return tuple(
            None if own is None else acts.action(own) for acts, own in zip(self._acts, moves, strict=True)
        )

    def acting(self, state: PettingZooState) -> Array:
        return state.acting

    def legal(self, state: PettingZooState) -> tuple[Array | None, ...]:
        return state.masks

    def truncated(self, state: PettingZooState) -> Array:
        """``[B]`` bool: plays that the environment's own time limit has ended."""
        return state.truncated

    def cut_off(self, state: PettingZooState) -> Array:
        """``[B, n]`` bool: the agents that the environment's own time limit has stopped."""
        return state.truncated[:, None] & state.shown

    def _check_legal(self, state: PettingZooState, row: int, actions: tuple[Array, ...]) -> None:
        for i, mask in enumerate(state.masks):
            if mask is not None and state.acting[row, i] and not mask[row, actions[i][row]]:
                raise GameError(
                    f"action {actions[i][row]} of agent {self.agents[i]} in row {row} is illegal here"
                )

    def _step(self, copies: list[Copy], now: list[Situation]) -> Step[PettingZooState]:
        """Rows put together."""
        batch, n = len(copies), len(self.agents)
        held = np.empty(batch, dtype=object)
        held[:] = copies
        over = np.array([row.ended for row in now], dtype=bool)
        masks = tuple(
            np.array([_mask(row.sights[i], own.size) for row in now]).reshape(batch, own.size)
            if masked and isinstance(own, Discrete)
            else None
            for i, (own, masked) in enumerate(zip(self.action_specs, self._masked, strict=True))
        )
        state = PettingZooState(
            held,
            np.array([row.acting for row in now], dtype=bool).reshape(batch, n),
            masks,
            over,
            np.array([row.truncated for row in now], dtype=bool),
            np.array([[own is not None for own in row.sights] for row in now]).reshape(batch, n),
        )
        rewards = np.array([row.rewards for row in now], dtype=np.float64).reshape(batch, n)
        observations = tuple(own.batch([row.sights[i] for row in now]) for i, own in enumerate(self._seen))
        return Step(state, observations, rewards, np.ones(batch), over)


def _mask(sight: Sight | None, size: int) -> Array:
    if sight is None or sight.mask is None:
        return np.ones(size, dtype=bool)
    return sight.mask


class _Seen:
    """One agent's observation space, and observations as arrays."""

    def __init__(self, space: Any, agent: Any) -> None:
        self.masked = isinstance(space, spaces.Dict) and "action_mask" in space.spaces
        self.inner = isinstance(space, spaces.Dict) and set(space.spaces) == {"observation", "action_mask"}
        self.space = space.spaces["observation"] if self.inner else space
        if isinstance(self.space, spaces.Discrete):
            self.spec: Spec = Discrete(int(self.space.n))
            return
        try:
            flat = spaces.flatten_space(self.space)
        except NotImplementedError:
            flat = None
        if not isinstance(flat, spaces.Box):
            raise GameError(
                f"the observations of agent {agent} are a {type(space).__name__}; they must flatten to a box"
            )
        self.spec = Box(flat.low.astype(np.float64), flat.high.astype(np.float64))

    def batch(self, sights: list[Sight | None]) -> Array:
        """``[B]`` or ``[B, d]``."""
        values = [
            None if own is None else own.value["observation"] if self.inner else own.value for own in sights
        ]
        if isinstance(self.spec, Discrete):
            start = int(self.space.start)
            return np.array([NULL if own is None else int(own) - start for own in values], dtype=np.int64)
        nothing = np.clip(0.0, self.spec.low, self.spec.high)
        rows = [nothing if own is None else spaces.flatten(self.space, own) for own in values]
        return np.array(rows, dtype=np.float64).reshape(len(sights), self.spec.size)


class _Acts:
    """One agent's action space, and actions as the environment takes them."""

    def __init__(self, space: Any, agent: Any) -> None:
        self.space = space
        self.choices = None if isinstance(space, spaces.Box) else Choices.of(space, agent)
        self.spec: Spec = (
            Box(space.low.reshape(-1).astype(np.float64), space.high.reshape(-1).astype(np.float64))
            if self.choices is None
            else Discrete(self.choices.size, self.choices.labels)
        )

    def action(self, own: Any) -> Any:
        if self.choices is not None:
            return self.choices.action(int(own))
        return np.asarray(own, dtype=self.space.dtype).reshape(self.space.shape)


def from_pettingzoo(environment: Any | Callable[[], Any]) -> PettingZooGame:
    """A PettingZoo environment, or a function that makes one, as a ``Game``; see ``PettingZooGame``."""
    return PettingZooGame(environment)
