"""A game of one agent as a Gymnasium environment, one play at a time or a batch of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from environments.plays import Illegal, OnePlay, action_space, observation_space
from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import Game, Step, where
from gametheory.numerics import Array


class GameEnv(gymnasium.Env[Any, Any]):
    """A game of one agent as a ``gymnasium.Env``.

    Steps at which the agent does not act are played through, their rewards added up and discounted;
    ``info["discount"]`` is γ of everything that a call has played. Legal actions stand in
    ``info["action_mask"]``, as in Gymnasium's own environments.

    Args:
        game: a game of one agent.
        max_cycles: truncate after so many steps of the game; None: never.
        illegal: what to do with an illegal action.
        silent: whether the agent may see ⊥; from the game where it knows.
        render_mode: "ansi" or None.

    Raises:
        GameError: the game has another number of agents.
    """

    def __init__(
        self,
        game: Game[Any],
        *,
        max_cycles: int | None = None,
        illegal: Illegal = Illegal.REFUSE,
        silent: Sequence[bool] | None = None,
        render_mode: str | None = None,
    ) -> None:
        _check_alone(game)
        if render_mode not in (None, "ansi"):
            raise GameError(f"render_mode is {render_mode!r}; it must be 'ansi' or None")
        self.play = OnePlay(game, max_cycles, illegal, silent)
        self.metadata = {"render_modes": ["ansi"], "render_fps": 1}
        self.render_mode = render_mode
        self.observation_space = observation_space(game.observation_specs[0], self.play.silent[0])
        self.action_space = action_space(game.action_specs[0])

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode. A seed fixes it and all later ones; no option has a meaning.

        Raises:
            GameError: the play is over before the agent acts, which Gymnasium cannot say.
        """
        super().reset(seed=seed)
        self.play.start(seed)
        self.play.skip_silence()
        if self.play.over:
            raise GameError("the play is over before the agent acts; reset again for another start")
        return self.play.observation(0), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.play.advance([action])
        self.play.skip_silence()
        seen, reward = self.play.observation(0), float(self.play.rewards[0])
        return seen, reward, self.play.terminated, self.play.truncated, self._info()

    def render(self) -> Any:
        """The last step in words, with ``render_mode="ansi"``."""
        return self.play.text() if self.render_mode == "ansi" else None

    def _info(self) -> dict[str, Any]:
        mask = self.play.mask(0)
        return self.play.info(0) | ({} if mask is None else {"action_mask": mask})


class GameVectorEnv(VectorEnv[Any, Any, Any]):
    """A batch of plays of a one-agent game as a Gymnasium ``VectorEnv``: one call of the game a step.

    A play that has ended begins anew at the next step (Gymnasium's ``NEXT_STEP``), whose action is
    not read. The agent must act at every step.

    Args:
        game: a game of one agent that never sees ⊥.
        num_envs: how many plays.
        max_cycles: truncate a play after so many steps; None: never.
    """

    def __init__(self, game: Game[Any], num_envs: int, *, max_cycles: int | None = None) -> None:
        _check_alone(game)
        play = OnePlay(game, max_cycles, Illegal.REFUSE, None)
        if play.silent[0]:
            raise GameError("the agent does not act at every step; use GameEnv, one play at a time")
        self.game, self.num_envs, self.max_cycles = game, num_envs, max_cycles
        self.metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}
        self.single_observation_space = observation_space(game.observation_specs[0], silent=False)
        self.single_action_space = action_space(game.action_specs[0])
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._families = streams.seed_keys(0, num_envs)
        self._episodes = np.zeros(num_envs, dtype=np.uint64)
        self._cycles = np.zeros(num_envs, dtype=np.int64)
        self._ended = np.zeros(num_envs, dtype=bool)
        self._now: Step[Any]

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Array, dict[str, Any]]:
        """Begin all plays. A seed fixes them and all later ones."""
        super().reset(seed=seed)
        if seed is not None:
            self._families, self._episodes = streams.seed_keys(seed, self.num_envs), self._episodes * 0
        self._now = self._fresh(np.ones(self.num_envs, dtype=bool))
        self._ended[:] = False
        return self._seen(), self._infos()

    def step(self, actions: Any) -> tuple[Array, Array, Array, Array, dict[str, Any]]:
        chosen = np.array(actions)
        ended = self._ended
        now = self._now
        if np.any(ended):
            fresh = self._fresh(ended)
            now = Step(*(where(ended, new, old) for new, old in zip(fresh, now, strict=True)))
            chosen[ended] = self._something(now)[ended]
        after = self.game.step(now.state, (chosen,))
        self._cycles = np.where(ended, 0, self._cycles + 1)
        if np.any(ended):
            after = Step(*(where(ended, old, new) for old, new in zip(now, after, strict=True)))
        self._now = after
        limit = self.max_cycles is not None and self._cycles >= self.max_cycles
        truncated = np.asarray(limit & ~after.terminated, dtype=bool)
        self._ended = after.terminated | truncated
        return self._seen(), after.rewards[:, 0].copy(), after.terminated.copy(), truncated, self._infos()

    def _fresh(self, rows: Array) -> Step[Any]:
        """The next episode's start in every row; ``rows`` are those that begin it."""
        self._episodes = self._episodes + rows.astype(np.uint64)
        self._cycles = np.where(rows, 0, self._cycles)
        return self.game.reset(streams.derive(self._families, self._episodes))

    def _something(self, now: Step[Any]) -> Array:
        """A legal action in every row."""
        mask, space = self.game.legal(now.state)[0], self.single_action_space
        if mask is not None:
            return np.asarray(mask.argmax(axis=1))
        low = 0 if isinstance(space, gymnasium.spaces.Discrete) else space.low  # type: ignore[attr-defined]
        return np.broadcast_to(low, (self.num_envs, *(space.shape or ()))).copy()

    def _seen(self) -> Array:
        return np.array(self._now.observations[0], dtype=self.single_observation_space.dtype)

    def _infos(self) -> dict[str, Any]:
        mask = self.game.legal(self._now.state)[0]
        said: dict[str, Any] = {"discount": self._now.discount.copy()}
        return said if mask is None else said | {"action_mask": mask.astype(np.int8)}


def _check_alone(game: Game[Any]) -> None:
    if len(game.agents) != 1:
        raise GameError(f"a Gymnasium environment has one agent; this game has {len(game.agents)}")
