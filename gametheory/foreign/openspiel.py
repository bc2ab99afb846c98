"""OpenSpiel games as tables. Needs the extra ``openspiel``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.numerics import Number
from gametheory.posg import POSG
from gametheory.tables.assemble import to_aecg, to_posg, unique
from gametheory.tables.listed import Joint, Observations, Outcome, explore

Key = Callable[[Any], Hashable]
Observe = Callable[[Any, int], Hashable]


def tabulate_openspiel(
    game: Any, *, key: Key | None = None, observe: Observe | None = None, state_limit: int = 100_000
) -> POSG | AECG:
    """The AECG of a sequential OpenSpiel game, the POSG of one with simultaneous moves.

    Chance is the environment's move, with OpenSpiel's probabilities as they are: floats, so that the
    game is a float game wherever chance moves. A reward is the difference of two ``returns()``.
    States are histories, so that the result is the game's tree, or ``key(state)``, which is
    believed. An agent that is to act sees its information state string, or its observation string
    in games without one, or ``observe(state, agent)``; others see ⊥.

    Args:
        game: a ``pyspiel.Game``.
        key: tells states apart, such as ``str`` where the position says everything.
        observe: what an agent that is to act sees.
        state_limit: refuse beyond this many states.

    Raises:
        GameError: the game samples its chance moves, shows its agents nothing, or is too large.
    """
    listed = _Spiel(game, key, observe or _observer(game))
    found = explore(listed, state_limit=state_limit)
    sequential = game.get_type().dynamics.name == "SEQUENTIAL"
    return to_aecg(found, str(game)) if sequential else to_posg(found, str(game))


def _observer(game: Any) -> Observe:
    kind = game.get_type()
    if kind.provides_information_state_string:
        return lambda state, agent: str(state.information_state_string(agent))
    if kind.provides_observation_string:
        return lambda state, agent: str(state.observation_string(agent))
    raise GameError(f"{game} shows its agents no strings; give observe(state, agent)")


@dataclass(frozen=True)
class _State:
    """A state by its key; the OpenSpiel object travels with it."""

    key: Hashable
    state: Any = field(compare=False)

    def __str__(self) -> str:
        if isinstance(self.key, tuple):
            return " ".join(map(str, self.key)) or "start"
        return str(self.key)


class _Spiel:
    """An OpenSpiel game as a listed game."""

    discount: Number = 1

    def __init__(self, game: Any, key: Key | None, observe: Observe) -> None:
        kind = game.get_type()
        if kind.chance_mode.name == "SAMPLED_STOCHASTIC" or kind.dynamics.name == "MEAN_FIELD":
            raise GameError(f"{game} does not list its chance outcomes; it cannot be tabulated")
        self.game, self.observe = game, observe
        self.key: Key = key if key is not None else lambda state: tuple(state.history())
        count = game.num_distinct_actions()
        self.agents = tuple(str(i) for i in range(game.num_players()))
        start = game.new_initial_state()
        self.actions = tuple(
            unique(_action_name(start, i, a) for a in range(count)) for i in range(len(self.agents))
        )

    def initial(self) -> Iterable[tuple[Number, Hashable, Observations]]:
        state = self._state(self.game.new_initial_state())
        return [(1, state, self._seen(state))]

    def outcomes(self, state: Any, joint: Joint) -> Iterable[Outcome]:
        spiel = state.state
        if spiel.is_chance_node():
            return [self._after(spiel, chance, [action]) for action, chance in spiel.chance_outcomes()]
        if spiel.is_simultaneous_node():
            legal = [spiel.legal_actions(i) for i in range(len(joint))]
            return [
                self._after(
                    spiel,
                    1,
                    [own[0] if a == NULL and own else a for own, a in zip(legal, joint, strict=True)],
                )
            ]
        return [self._after(spiel, 1, [joint[spiel.current_player()]])]

    def acting(self, state: Any) -> Sequence[bool]:
        spiel = state.state
        if spiel.is_chance_node():
            return [False] * len(self.agents)
        if spiel.is_simultaneous_node():
            return [bool(spiel.legal_actions(i)) for i in range(len(self.agents))]
        return [i == spiel.current_player() for i in range(len(self.agents))]

    def legal(self, state: Any, agent: int) -> Sequence[int] | None:
        return list(state.state.legal_actions(agent))

    def terminal(self, state: Any) -> bool:
        return bool(state.state.is_terminal())

    def _after(self, spiel: Any, chance: Number, actions: list[int]) -> Outcome:
        child = spiel.clone()
        if spiel.is_simultaneous_node():
            child.apply_actions(actions)
        else:
            child.apply_action(actions[0])
        rewards = [after - before for after, before in zip(child.returns(), spiel.returns(), strict=True)]
        reached = self._state(child)
        return Outcome(chance, reached, rewards, self._seen(reached))

    def _state(self, spiel: Any) -> _State:
        return _State(self.key(spiel), spiel)

    def _seen(self, state: _State) -> Observations:
        if state.state.is_terminal():
            return (None,) * len(self.agents)
        acting = self.acting(state)
        return tuple(self.observe(state.state, i) if acts else None for i, acts in enumerate(acting))


def _action_name(state: Any, agent: int, action: int) -> str:
    try:
        return str(state.action_to_string(agent, action))
    except Exception:  # a name that some states only can give
        return str(action)
