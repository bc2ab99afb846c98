"""How a callable is asked for its answers: row by row or all at once, with masks and a memory. No torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gametheory.errors import GameError
from gametheory.game import Box, Discrete, Spec, take
from gametheory.numerics import Array
from learners.experience.spaces import seen
from learners.external.seats import Answers, Mask, Seat, words
from learners.words import counted


@dataclass(frozen=True, eq=False)
class Caller:
    """A callable in an agent's seat."""

    function: Callable[..., Any]
    seat: Seat
    answers: Answers
    batched: bool
    mask: Mask
    memory: Any

    def start(self, batch: int) -> Any:
        """The memory of B plays: ``[B, …]`` of every part, or None without one."""
        return _repeated(self.memory, batch)

    def find_out(self) -> Answers:
        """What the callable answers with, from one answer to some observation."""
        legal = np.ones((1, self.seat.actions.size), dtype=bool) if self.seat.masked else None
        raw, _ = self._called(self.start(1), _some(self.seat.sees), legal)
        size = self.seat.actions.size
        told = isinstance(self.seat.actions, Discrete) and size > 1 and raw[0].shape == (size,)
        return Answers.LAW if told else Answers.DRAW

    def ask(self, carry: Any, observation: Array, legal: Array | None) -> tuple[Any, Array]:
        """Next carry, and actions ``[B]`` or ``[B, d]``, or the law ``[B, A]`` where it is known.

        Raises:
            GameError: names the agent, its answer and what it saw.
        """
        rows = np.flatnonzero(seen(self.seat.sees, observation))
        spec, batch = self.seat.actions, len(observation)
        if not len(rows):  # who sees nothing does nothing, and nobody reads what it is
            return carry, _unread(self.seat.actions, self._tells, batch)
        known = self._legal(observation, legal)
        shown, masks = np.asarray(observation)[rows], None if known is None else known[rows]
        raw, later = self._called(take(carry, rows), shown, masks)
        answer = self.seat.checked(self.answers, raw, shown, masks)
        if self._tells and self.answers is Answers.ACTION:
            answer = np.equal(answer[:, None], np.arange(spec.size)).astype(np.float64)
        out = _unread(spec, self._tells, batch)
        out[rows] = answer
        return _put(carry, rows, later), out

    @property
    def _tells(self) -> bool:
        return self.answers is not Answers.DRAW and isinstance(self.seat.actions, Discrete)

    def _legal(self, observation: Array, legal: Array | None) -> Array | None:
        if not self.seat.masked or legal is not None:
            return legal if self.seat.masked else None
        if self.seat.legal is None:
            raise GameError(f"the policy of agent {self.seat.agent} has to be told which actions are legal")
        return np.asarray(self.seat.legal[observation])

    # --- calling -------------------------------------------------------------------------------------

    def _called(self, carry: Any, shown: Array, masks: Array | None) -> tuple[list[Array], Any]:
        """K answers to K observations, and the memories after."""
        if self.batched:
            given, later = self._call(carry, shown, masks)
            answers = self._array(given, shown)
            if answers.ndim == 0 or len(answers) != len(shown):
                raise self.seat.refusal(
                    answers, shown, f"it must be {counted(len(shown), 'row')}, one for each observation"
                )
            return list(answers), later
        pairs = [
            self._call(take(carry, k), own, None if masks is None else masks[k])
            for k, own in enumerate(shown)
        ]
        raw = [self._array(given, own) for (given, _), own in zip(pairs, shown, strict=True)]
        return raw, self._stacked([later for _, later in pairs], carry)

    def _call(self, carry: Any, shown: Any, mask: Array | None) -> tuple[Any, Any]:
        masked = {} if mask is None else {"action_mask": mask.astype(np.int8)}
        within = masked and self.mask is Mask.WITHIN
        arguments = [{"observation": shown} | masked if within else shown]
        if self.mask is Mask.INFO:
            arguments.append(masked)
        if self.memory is not None:
            arguments.append(carry)
        try:
            given = self.function(*arguments)
        except GameError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or "no reason given"
            raise GameError(
                f"the policy of agent {self.seat.agent} gives {type(error).__name__} when it sees "
                f"{words(shown)}: {reason}"
            ) from error
        if self.memory is None:
            return given, None
        if not isinstance(given, tuple) or len(given) != 2:
            raise self.seat.refusal(given, shown, "with a memory it must be (answer, next memory)")
        return given

    def _array(self, given: Any, shown: Any) -> Array:
        """The answer as numbers; tensors of other libraries come off their graph and device."""
        for step in ("detach", "cpu"):
            given = getattr(given, step)() if hasattr(given, step) else given
        try:
            array = np.asarray(given)
        except (TypeError, ValueError):
            array = np.asarray(None)
        if array.dtype.kind not in "biuf":
            raise self.seat.refusal(given, shown, self.seat.wanted(self.answers))
        return array

    def _stacked(self, parts: list[Any], like: Any) -> Any:
        if like is None:
            return None
        try:
            if isinstance(like, tuple):
                return tuple(
                    self._stacked(list(own), old)
                    for own, old in zip(zip(*parts, strict=True), like, strict=True)
                )
            return np.stack([np.broadcast_to(np.asarray(part), like.shape[1:]) for part in parts])
        except (TypeError, ValueError):
            raise GameError(
                f"the policy of agent {self.seat.agent} changed the shape of its memory; it must stay what "
                "`memory` is"
            ) from None


def _unread(spec: Spec, law: bool, batch: int) -> Array:
    """Something of the right shape for rows that nobody reads."""
    if isinstance(spec, Box):
        return np.tile(np.clip(0.0, spec.low, spec.high), (batch, 1))
    return np.full((batch, spec.size), 1.0 / spec.size) if law else np.zeros(batch, dtype=np.int64)


def _some(spec: Spec) -> Array:
    """An observation ``[1]`` or ``[1, d]``."""
    if isinstance(spec, Discrete):
        return np.zeros(1, dtype=np.int64)
    return np.asarray(np.clip(0.0, spec.low, spec.high))[None]


def _repeated(value: Any, batch: int) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(_repeated(part, batch) for part in value)
    return np.repeat(np.asarray(value)[None], batch, axis=0)


def _put(carry: Any, rows: Array, later: Any) -> Any:
    """The carry with new memories in some rows."""
    if carry is None:
        return None
    if isinstance(carry, tuple):
        return tuple(_put(own, rows, new) for own, new in zip(carry, later, strict=True))
    out = np.array(carry, dtype=np.result_type(carry, later))
    out[rows] = later
    return out
