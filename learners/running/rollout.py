"""Playing B plays of a game side by side, restarting those that end, and saving where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from gametheory import streams
from gametheory.errors import GameError
from gametheory.game import Game, Step, where
from gametheory.numerics import Array
from gametheory.policy import Policy
from learners.experience.limits import cut_off
from learners.learner import Transition, ask, shown

_GAME, _ACTIONS = 0, 1
_DO_NOT_FIT = "the saved plays do not fit this game"


class NotFinite(ArithmeticError):
    """A number stopped being finite; the message says which and where."""


class Rollout(NamedTuple):
    """Where B plays stand: everything the next step needs."""

    rows: streams.Keys  # [B], one stream per row
    episodes: Array  # [B], how many plays the row finished
    moves: Array  # [B], steps of the present play
    step: Step[Any]
    carries: tuple[Any, ...]  # per agent, its policy's memory
    weights: Array  # [B], discount so far in the present play
    returns: Array  # [B, n], discounted rewards so far


class Advance(NamedTuple):
    """What one step of B plays brought."""

    rollout: Rollout
    transition: Transition
    finished: Array  # [B] bool
    returns: Array  # [B, n], discounted; final where finished


def begin(game: Game[Any], policies: Sequence[Policy], *, seed: int, plays: int) -> Rollout:
    """The first plays. Row b of play e draws from a stream of (seed, b, e) alone."""
    rows = streams.seed_keys(seed, plays)
    nothing = np.zeros(plays, dtype=np.uint64)
    return Rollout(
        rows,
        nothing,
        np.zeros(plays, dtype=np.int64),
        _reset(game, rows, nothing),
        tuple(policy.start(plays) for policy in policies),
        np.ones(plays),
        np.zeros((plays, len(game.agents))),
    )


def advance(game: Game[Any], policies: Sequence[Policy], rollout: Rollout, episode_limit: int) -> Advance:
    """One step of every play.

    A play that terminates, or is truncated after ``episode_limit`` steps or by the game's own time
    limit, is restarted in the rollout returned; the transition keeps its true final observations.

    Raises:
        GameError: a play is over before anybody can act.
        NotFinite: a policy plays NaN or an infinity.
    """
    if np.any(rollout.step.terminated):
        raise GameError("a play terminates at its start: there is nothing to learn from")
    state, seen = rollout.step.state, rollout.step.observations
    acting, legal = game.acting(state), game.legal(state)
    carries, actions = _act(policies, rollout, seen, acting, legal)
    after = game.step(state, actions)
    moves, following, terminated = rollout.moves + 1, game.acting(after.state), after.terminated
    stopped = cut_off(game, after.state)
    if stopped is not None:  # these would have had another turn
        terminated, following = terminated & ~stopped.any(axis=1), following | stopped
    truncated = np.where(after.terminated, ~terminated, moves >= episode_limit)
    transition = Transition(
        seen,
        actions,
        after.rewards,
        after.observations,
        after.discount,
        terminated,
        truncated,
        acting,
        legal,
        game.legal(after.state),
        carries,
        following,
    )
    returns = rollout.returns + rollout.weights[:, None] * after.rewards
    going = Rollout(
        rollout.rows, rollout.episodes, moves, after, carries, rollout.weights * after.discount, returns
    )
    finished = after.terminated | truncated
    return Advance(_restart(game, policies, going, finished), transition, finished, returns)


def play(game: Game[Any], policies: Sequence[Policy], *, seed: int, plays: int, episode_limit: int) -> Array:
    """``[plays, n]`` discounted returns of one whole play per row."""
    rollout = begin(game, policies, seed=seed, plays=plays)
    returns = np.zeros((plays, len(game.agents)))
    open_rows = np.ones(plays, dtype=bool)
    while np.any(open_rows):
        rollout, _, finished, so_far = advance(game, policies, rollout, episode_limit)
        first = finished & open_rows
        returns[first] = so_far[first]
        open_rows &= ~finished
    return returns


@runtime_checkable
class Retraceable(Protocol):
    """A part of a game's state that is no number: saved as the way that led to it, and led there again."""

    def trace(self) -> Any:
        """The way there: numbers, strings and containers."""
        ...

    def retraced(self, trace: Any) -> Retraceable:
        """Another of the same game, led the same way."""
        ...


def pack(tree: Any) -> Any:
    """Nested (named) tuples as plain lists; numeric arrays, tensors, numbers and None as they are.

    Raises:
        GameError: an array of objects that are not ``Retraceable``.
    """
    if isinstance(tree, np.ndarray) and tree.dtype == object:
        for own in tree.flat:
            if not isinstance(own, Retraceable):
                raise GameError(
                    f"the state of a play holds a {type(own).__name__}, which cannot be saved: hold it in "
                    "arrays, or give it the methods trace and retraced"
                )
        return {"shape": list(tree.shape), "traces": [own.trace() for own in tree.flat]}
    return [pack(part) for part in tree] if isinstance(tree, tuple) else tree


def unpack(plain: Any, like: Any) -> Any:
    """The inverse of ``pack``; ``like`` is any value of the same structure.

    Raises:
        GameError: the structures or the shapes differ; or an object cannot be led there again.
    """
    if isinstance(like, tuple):
        if not isinstance(plain, list) or len(plain) != len(like):
            raise GameError(_DO_NOT_FIT)
        parts = [unpack(a, b) for a, b in zip(plain, like, strict=True)]
        return type(like)(*parts) if hasattr(like, "_fields") else tuple(parts)
    if isinstance(like, np.ndarray) and like.dtype == object:
        if not isinstance(plain, dict) or plain["shape"] != list(like.shape):
            raise GameError(_DO_NOT_FIT)
        out = np.empty(like.size, dtype=object)
        out[:] = [own.retraced(trace) for own, trace in zip(like.flat, plain["traces"], strict=True)]
        return out.reshape(like.shape)
    if getattr(plain, "shape", None) != getattr(like, "shape", None):
        raise GameError(_DO_NOT_FIT)
    return plain


def _act(
    policies: Sequence[Policy],
    rollout: Rollout,
    seen: tuple[Array, ...],
    acting: Array,
    legal: tuple[Array | None, ...],
) -> tuple[tuple[Any, ...], tuple[Array, ...]]:
    """Next carries and actions; a memory advances only where its agent acts."""
    episode = streams.derive(rollout.rows, rollout.episodes)
    carries, actions = [], []
    for i, policy in enumerate(policies):
        keys = streams.derive(streams.derive(episode, _ACTIONS + i), rollout.moves)
        carry, action = ask(
            policy, rollout.carries[i], shown(policy, seen, i), keys, _mask(legal[i], acting[:, i])
        )
        if not np.all(np.isfinite(action)):
            raise NotFinite(f"an action of agent {i + 1} became {np.asarray(action)[0]}")
        carries.append(where(acting[:, i], carry, rollout.carries[i]))
        actions.append(action)
    return tuple(carries), tuple(actions)


def _mask(legal: Array | None, acting: Array) -> Array | None:
    """The mask, with everything allowed in rows whose action is not read: none is ever empty."""
    return None if legal is None else legal | ~acting[:, None]


def _restart(game: Game[Any], policies: Sequence[Policy], rollout: Rollout, finished: Array) -> Rollout:
    if not np.any(finished):
        return rollout
    episodes = rollout.episodes + finished.astype(np.uint64)
    plays = len(finished)
    fresh = Rollout(
        rollout.rows,
        episodes,
        np.zeros_like(rollout.moves),
        _reset(game, rollout.rows, episodes),
        tuple(policy.start(plays) for policy in policies),
        np.ones_like(rollout.weights),
        np.zeros_like(rollout.returns),
    )
    out: Rollout = where(finished, fresh, rollout._replace(episodes=episodes))
    return out


def _reset(game: Game[Any], rows: streams.Keys, episodes: Array) -> Step[Any]:
    return game.reset(streams.derive(streams.derive(rows, episodes), _GAME))
