"""PettingZoo environments as listed games: explored through deep copies, exactly or by samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from gametheory import streams
from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.foreign.generators import drawn, seeded, states_of
from gametheory.foreign.object_graph import Look, look, replicate
from gametheory.foreign.pettingzoo_plays import Choices, Sight, Situation, play_of
from gametheory.game import NULL
from gametheory.numerics import Number
from gametheory.posg import POSG
from gametheory.tables.assemble import to_aecg, to_posg
from gametheory.tables.listed import Joint, Observations, Outcome, explore

Key = Callable[[Any], Hashable]


@dataclass(frozen=True)
class Tabulated:
    """The tables of an environment and what one must know to read them."""

    game: POSG | AECG
    observations: tuple[tuple[Any, ...], ...]
    """Per agent: what the environment gave, in the order of the game's observation labels."""
    truncated: int
    """How many terminal states are the environment's own time limit, not an end of the game."""
    samples: int | None
    """None: exact. Else every law is a frequency among this many samples."""


def tabulate_environment(
    environment: Any, *, key: Key | None = None, seeds: Sequence[int] = (), state_limit: int = 100_000
) -> Tabulated:
    """The exact POSG of a parallel environment, the exact AECG of an AEC environment.

    Every legal action is tried on a copy in every reachable state. No copy's step may draw a random
    number: the states of all generators in the environment's attributes, in its classes' modules,
    and of the global ones of ``random``, numpy and torch are compared before and after. Randomness
    from elsewhere (the clock, the operating system, C code) cannot be seen.

    States are told apart by everything in the environment's attributes but generators and pictures,
    together with what the agents see, or by ``key(environment)``, which is believed. An agent's
    observation is what the environment gives it, its action mask included. An agent that has ended
    sees ⊥. A step costs one deep copy and one walk through the attributes.

    Args:
        environment: a ``ParallelEnv`` or ``AECEnv`` with ``possible_agents`` and discrete actions.
        key: tells states apart; use ``environment.unwrapped`` inside, for wrappers.
        seeds: if ``reset`` draws random numbers: start from these seeds, each equally likely.
        state_limit: refuse beyond this many states.

    Raises:
        GameError: ``step`` draws, or ``reset`` does and there are no seeds; copies do not keep the
            state, or share it; too many states.
    """
    return _tabulate(_Exact(environment, key, seeds), state_limit)


def estimate(
    environment: Any, samples: int, *, seed: int = 0, key: Key | None = None, state_limit: int = 100_000
) -> Tabulated:
    """As ``tabulate_environment``, with the law of every step and of the start estimated.

    Each law is the frequencies among ``samples`` copies whose generators (the global ones too) start
    from different seeds; outcomes that no sample met are missing. The game's title says so.
    """
    if samples < 1:
        raise GameError(f"samples is {samples}; it must be at least 1")
    return _tabulate(_Sampled(environment, key, samples, seed), state_limit)


def _tabulate(game: _Copies, state_limit: int) -> Tabulated:
    found = explore(game, state_limit=state_limit)
    build = to_posg if game.play.simultaneous else to_aecg
    sights = tuple(tuple(sight.value for sight in own if isinstance(sight, Sight)) for own in found.symbols)
    truncated = sum(place.state.truncated for place in found.places if isinstance(place.state, _State))
    return Tabulated(build(found, game.title), sights, truncated, game.samples)


@dataclass(frozen=True)
class _State:
    """A state of an environment, as far as the tables need it."""

    key: Hashable
    sights: Observations
    ended: bool
    label: str = field(compare=False)
    acting: tuple[bool, ...] = field(compare=False)
    truncated: bool = field(compare=False)

    def __str__(self) -> str:
        return self.label


class _Copies(ABC):
    """The listed game of an environment: one waiting copy for each state not yet left."""

    samples: int | None = None
    discount: Number = 1

    def __init__(self, environment: Any, key: Key | None) -> None:
        self.play = play_of(environment)
        names = tuple(environment.possible_agents)
        self.agents = tuple(map(str, names))
        self.choices = [Choices.of(environment.action_space(name), name) for name in names]
        self.actions = tuple(own.labels for own in self.choices)
        self.title = str(environment)
        self.key = key
        for path, game in look(environment).games.items():
            if not getattr(game, "deterministic", False):
                raise GameError(
                    f"{self.title} is the face of a game ({path}) that draws from keys in its own state, so that "
                    "chance would look like certainty; tabulate the game itself"
                )
        self.original = self._copy(environment)
        self._waiting: dict[_State, Any] = {}
        self._known: dict[_State, _State] = {}
        self._open: tuple[_State, Any, Look] | None = None

    # --- the rules, as ``Listed`` asks for them ----------------------------------------------------

    @abstractmethod
    def initial(self) -> Iterable[tuple[Number, Hashable, Observations]]: ...

    @abstractmethod
    def outcomes(self, state: Any, joint: Joint) -> Iterable[Outcome]: ...

    def acting(self, state: Any) -> Sequence[bool]:
        return tuple(state.acting)

    def legal(self, state: Any, agent: int) -> Sequence[int] | None:
        mask = state.sights[agent].mask
        return None if mask is None else np.flatnonzero(mask).tolist()

    def terminal(self, state: Any) -> bool:
        return bool(state.ended)

    # --- copies ------------------------------------------------------------------------------------

    def _copy(self, environment: Any, seen: Look | None = None) -> Any:
        try:
            return replicate(environment, seen)
        except GameError:
            raise
        except Exception as error:
            raise GameError(f"{self.title} cannot be copied: {error}") from error

    def _opened(self, state: _State) -> tuple[Any, Look]:
        """The copy that waits in a state; the one opened before must be as it was."""
        if self._open is None or self._open[0] is not state:
            if self._open is not None and look(self._open[1]).digest != self._open[2].digest:
                raise GameError(
                    f"stepping a copy of {self.title} changes the original: they share their state"
                )
            environment = self._waiting.pop(state)
            self._open = state, environment, look(environment)
        return self._open[1:]

    def _joint(self, joint: Joint) -> tuple[Any, ...]:
        return tuple(None if a == NULL else own.action(a) for own, a in zip(self.choices, joint, strict=True))

    def _look(self, environment: Any) -> Look:
        return look(environment, strict=self.key is None)

    def _arrive(self, environment: Any, now: Situation, seen: Look) -> _State:
        """The state an environment has reached; the first copy that reaches it waits there."""
        key = seen.digest if self.key is None else self.key(environment)
        kept = (True,) * len(now.acting) if now.ended and self.play.simultaneous else now.acting
        sights = tuple(sight if keep else None for sight, keep in zip(now.sights, kept, strict=True))
        label = f"s{len(self._known)}" if self.key is None else str(key)
        state = _State(key, sights, now.ended, label, now.acting, now.truncated)
        known = self._known.setdefault(state, state)
        if known is state and not now.ended:
            self._waiting[state] = environment
        return known


class _Exact(_Copies):
    """Steps that draw nothing, one copy for each."""

    def __init__(self, environment: Any, key: Key | None, seeds: Sequence[int]) -> None:
        super().__init__(environment, key)
        self.seeds = tuple(seeds)

    def initial(self) -> Iterable[tuple[Number, Hashable, Observations]]:
        if not self.seeds:
            self._check_reset()
        for seed in self.seeds or (0,):
            environment = self._copy(self.original)
            now = self.play.reset(environment, seed)
            seen = self._look(environment)
            if look(self._copy(environment, seen)).digest != seen.digest:
                raise GameError(f"a deep copy of {self.title} does not carry its whole state")
            state = self._arrive(environment, now, seen)
            yield Fraction(1, len(self.seeds) or 1), state, state.sights

    def _check_reset(self) -> None:
        """Without given seeds every reset must lead to one state, and draw nothing."""
        environment = self._copy(self.original)
        starts = []
        for seed in range(3):
            now = self.play.reset(environment, seed)
            starts.append((look(environment).digest, now.sights))
        before = states_of(look(environment).generators)
        self.play.reset(environment, None)
        moved = drawn(before, states_of(look(environment).generators))
        if moved or any(start != starts[0] for start in starts):
            raise GameError(
                f"reset of {self.title} draws random numbers{f' from {moved[0]}' if moved else ''}; "
                "give the seeds to start from, each equally likely, or estimate the game from samples"
            )

    def outcomes(self, state: Any, joint: Joint) -> Iterable[Outcome]:
        origin, at_origin = self._opened(state)
        before = states_of(at_origin.generators)
        environment = self._copy(origin, at_origin)
        now = self.play.step(environment, self._joint(joint))
        seen = self._look(environment)
        moved = drawn(before, states_of(seen.generators))
        if moved:
            raise GameError(
                f"a step of {self.title} draws random numbers (from {moved[0]}, in state {state}), so its law "
                "cannot be listed; gametheory.foreign.pettingzoo.estimate(environment, samples) samples it"
            )
        reached = self._arrive(environment, now, seen)
        return [Outcome(1, reached, now.rewards, reached.sights)]


class _Sampled(_Copies):
    """Every law as frequencies among copies with fresh seeds."""

    def __init__(self, environment: Any, key: Key | None, samples: int, seed: int) -> None:
        super().__init__(environment, key)
        self.samples: int = samples
        self.title += f" (estimated: {samples} samples of every step)"
        self._keys = streams.seed_keys(seed, 1)
        self._laws = 0

    def _seeds(self) -> list[int]:
        """As many seeds as samples, for one law."""
        self._laws += 1
        drawn_keys = streams.derive(np.repeat(self._keys, self.samples), self._laws)
        seeds = streams.derive(drawn_keys, np.arange(self.samples)) >> np.uint64(33)
        return [int(seed) for seed in seeds]

    def initial(self) -> Iterable[tuple[Number, Hashable, Observations]]:
        for seed in self._seeds():
            environment = self._copy(self.original)
            with seeded(look(environment).generators, seed):
                now = self.play.reset(environment, seed)
            state = self._arrive(environment, now, self._look(environment))
            yield Fraction(1, self.samples), state, state.sights

    def outcomes(self, state: Any, joint: Joint) -> Iterable[Outcome]:
        origin, at_origin = self._opened(state)
        for seed in self._seeds():
            environment = self._copy(origin, at_origin)
            with seeded(look(environment).generators, seed):
                now = self.play.step(environment, self._joint(joint))
            reached = self._arrive(environment, now, self._look(environment))
            yield Outcome(Fraction(1, self.samples), reached, now.rewards, reached.sights)
