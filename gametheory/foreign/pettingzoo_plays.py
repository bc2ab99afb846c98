"""A PettingZoo environment in the middle of a play: the parallel and the AEC form under one face."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

import numpy as np

from gametheory.errors import GameError
from gametheory.foreign.object_graph import digest
from gametheory.numerics import Array, Number

_LONGEST = 60


class Sight:
    """What an environment gives one agent: its observation and its action mask.

    Equal sights have equal content; ``str`` is a short text of it.
    """

    def __init__(self, value: Any, info: Any) -> None:
        self.value = value
        mask = value.get("action_mask") if isinstance(value, dict) else None
        if mask is None and isinstance(info, dict):
            mask = info.get("action_mask")
        self.mask: Array | None = None if mask is None else np.asarray(mask).astype(bool)
        self._key = digest((value, None if self.mask is None else self.mask.tolist()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sight) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        text = _text(self.value)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


class Situation(NamedTuple):
    """Where a play stands after a reset or a step."""

    acting: tuple[bool, ...]
    sights: tuple[Sight | None, ...]
    """What each agent sees: those that act now, and those whose part has just ended."""
    rewards: tuple[Number, ...]
    ended: bool
    truncated: bool
    """Whether it ended by the environment's own time limit."""


class Play(Protocol):
    """How one form of environment is played. The environment is changed by both methods."""

    @property
    def simultaneous(self) -> bool:
        """Whether all live agents act at once."""
        ...

    def reset(self, environment: Any, seed: int | None) -> Situation: ...

    def step(self, environment: Any, actions: tuple[Any, ...]) -> Situation:
        """One step by the actions of those that act; the other entries are not read."""
        ...


@dataclass(frozen=True)
class ParallelPlay:
    """All live agents act at once."""

    agents: tuple[Any, ...]
    simultaneous: bool = True

    def reset(self, environment: Any, seed: int | None) -> Situation:
        given = environment.reset(seed=seed)
        seen, infos = given if isinstance(given, tuple) else (given, {})
        live = set(environment.agents)
        return Situation(
            tuple(agent in live for agent in self.agents),
            tuple(Sight(seen[a], infos.get(a)) if a in live else None for a in self.agents),
            (0,) * len(self.agents),
            not live,
            False,
        )

    def step(self, environment: Any, actions: tuple[Any, ...]) -> Situation:
        live = list(environment.agents)
        chosen = {agent: actions[self.agents.index(agent)] for agent in live}
        seen, rewards, terminations, truncations, infos = environment.step(chosen)
        left = set(environment.agents)
        return Situation(
            tuple(agent in left for agent in self.agents),
            tuple(
                Sight(seen[a], infos.get(a)) if a in seen and (a in left or a in live) else None
                for a in self.agents
            ),
            tuple(_number(rewards.get(agent, 0)) for agent in self.agents),
            not left,
            not left and any(truncations.get(a) and not terminations.get(a) for a in live),
        )


@dataclass(frozen=True)
class TurnPlay:
    """One agent acts at a time; an agent that has ended is stepped out of the environment at once."""

    agents: tuple[Any, ...]
    simultaneous: bool = False

    def reset(self, environment: Any, seed: int | None) -> Situation:
        environment.reset(seed=seed)
        return self._settled(environment, dict.fromkeys(self.agents, 0))

    def step(self, environment: Any, actions: tuple[Any, ...]) -> Situation:
        environment.step(actions[self.agents.index(environment.agent_selection)])
        return self._settled(environment, dict(environment.rewards))

    def _settled(self, environment: Any, rewards: dict[Any, Any]) -> Situation:
        sights: dict[Any, Sight] = {}
        ended = {a: environment.terminations[a] for a in environment.agents if _over(environment, a)}
        for agent in ended:
            sights[agent] = Sight(environment.observe(agent), environment.infos.get(agent))
        while environment.agents and _over(environment, environment.agent_selection):
            environment.step(None)
        mover = environment.agent_selection if environment.agents else None
        if environment.agents:
            seen, _, _, _, info = environment.last()
            sights[mover] = Sight(seen, info)
        return Situation(
            tuple(bool(environment.agents) and agent == mover for agent in self.agents),
            tuple(sights.get(agent) for agent in self.agents),
            tuple(_number(rewards.get(agent, 0)) for agent in self.agents),
            not environment.agents,
            not environment.agents and not all(ended.values()),
        )


def _over(environment: Any, agent: Any) -> bool:
    return bool(environment.terminations[agent] or environment.truncations[agent])


def play_of(environment: Any) -> Play:
    """The way to play an environment.

    Raises:
        GameError: it is no PettingZoo environment, or it does not name its ``possible_agents``.
    """
    from pettingzoo import AECEnv, ParallelEnv

    if not isinstance(environment, ParallelEnv | AECEnv):
        raise GameError(f"a {type(environment).__name__} is no PettingZoo environment")
    if not getattr(environment, "possible_agents", None):
        raise GameError(f"{environment} does not name its possible_agents; a game's agents must be known")
    agents = tuple(environment.possible_agents)
    return ParallelPlay(agents) if isinstance(environment, ParallelEnv) else TurnPlay(agents)


@dataclass(frozen=True)
class Choices:
    """The actions of one finite action space, numbered."""

    counts: tuple[int, ...]
    """One number for a single choice, several for a vector of choices."""
    start: Any
    single: bool

    @classmethod
    def of(cls, space: Any, agent: Any) -> Choices:
        """The choices of a ``Discrete``, ``MultiDiscrete`` or ``MultiBinary`` space.

        Raises:
            GameError: any other space.
        """
        kind = type(space).__name__
        if kind == "Discrete":
            return cls((int(space.n),), int(space.start), single=True)
        if kind == "MultiDiscrete" and space.nvec.ndim == 1:
            return cls(tuple(map(int, space.nvec)), np.asarray(space.start), single=False)
        if kind == "MultiBinary" and len(space.shape) == 1:
            return cls((2,) * space.shape[0], np.zeros(space.shape, dtype=np.int8), single=False)
        raise GameError(f"agent {agent} acts in a {kind} space; tables need finitely many actions")

    @property
    def size(self) -> int:
        return int(np.prod(self.counts))

    def action(self, number: int) -> Any:
        """The environment's name of an action."""
        if self.single:
            return self.start + int(number)
        return self.start + np.array(np.unravel_index(number, self.counts), dtype=self.start.dtype)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(_text(self.action(k)) for k in range(self.size))


def _number(reward: Any) -> Number:
    value = np.asarray(reward).reshape(-1)
    if len(value) != 1:
        raise GameError(f"a reward is {reward}; it must be one number")
    own: Any = value[0].item() if isinstance(value[0], np.generic) else value[0]
    return own if isinstance(own, float | Fraction) else int(own)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        if "observation" in value:
            return _text(value["observation"])
        return ", ".join(f"{key} {_text(entry)}" for key, entry in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value))
    if isinstance(value, np.ndarray) and value.dtype != object:
        return " ".join(f"{entry:.6g}" if value.dtype.kind == "f" else str(entry) for entry in value.ravel())
    return str(value)
