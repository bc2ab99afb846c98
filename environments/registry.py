"""Named environments, and everything else that can be simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from environments.adopt import adopted
from environments.linear_quadratic import GAMES as LINEAR_QUADRATIC
from environments.linear_quadratic import LinearQuadraticPlay
from environments.one_shot import OneShot
from environments.particle.tasks import TASKS
from gametheory.aecg import AECG
from gametheory.catalogue.continuous import ENTRIES as CONTINUOUS
from gametheory.catalogue.sequential.dilemma import REPEATED
from gametheory.catalogue.sequential.memory import MEMORY
from gametheory.continuous import ContinuousGame
from gametheory.continuous.lq import LinearQuadraticGame
from gametheory.convert import aecg_to_posg
from gametheory.errors import GameError, UnknownName
from gametheory.game import Game
from gametheory.load import load
from gametheory.load import names as catalogue_names
from gametheory.normal_form import NormalForm
from gametheory.posg import POSG
from gametheory.simulate import TabularGame

Formal = NormalForm | ContinuousGame | LinearQuadraticGame | POSG | AECG


@dataclass(frozen=True)
class Environment:
    """A game to play and, where there is one, the formal game that says what the right answer is."""

    name: str
    game: Game[Any]
    formal: Formal | None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """How to build a named environment: ``build(**parameters)`` gives a formal game or a ``Game``."""

    name: str
    description: str
    build: Callable[..., Formal | Game[Any]]

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(signature(self.build).parameters)


_REGISTRY: dict[str, Registered] = {}


def register(name: str, description: str, build: Callable[..., Formal | Game[Any]]) -> None:
    """Add an environment.

    Raises:
        GameError: the name is taken.
    """
    if name in _REGISTRY:
        raise GameError(f"environment {name!r} is registered already; choose another name")
    _REGISTRY[name] = Registered(name, description, build)


def registered() -> tuple[Registered, ...]:
    """The registered environments by name; every game of the catalogue can be played besides."""
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))


def names() -> tuple[str, ...]:
    """Everything that ``make`` knows by name: registered environments and catalogue games."""
    return tuple(sorted({*_REGISTRY, *catalogue_names()}))


def find(name: str, parameters: Mapping[str, Any] | None = None) -> Environment:
    """The environment of a registered name, a catalogue name, a file or ``module:attribute``.

    The attribute may be of another library: see ``environments.adopt``.

    Raises:
        UnknownName: no such environment or parameter.
        GameError: the parameters are out of range, or the file is malformed.
    """
    given = dict(parameters or {})
    entry = _REGISTRY.get(name)
    if entry is None:
        if given:
            raise GameError(f"{name} takes no parameters; got {', '.join(sorted(given))}")
        return playable(name, load(name, also_known=_REGISTRY, adopt=adopted), given)
    for key in given:
        if key not in entry.parameters:
            raise UnknownName(f"parameter of {name}", key, entry.parameters)
    return playable(name, entry.build(**given), given)


def asked_for(name: str) -> Any:
    """What a name stands for, with its own parameters: a formal game, or a game that can only be played.

    Raises:
        UnknownName: no such game or environment.
    """
    entry = _REGISTRY.get(name)
    found = load(name, also_known=_REGISTRY, adopt=adopted) if entry is None else entry.build()
    return found.formal if isinstance(found, LinearQuadraticPlay) else found


def make(name: str, **parameters: Any) -> Game[Any]:
    """The simulated game of that name; see ``find`` for what names there are."""
    return find(name, parameters).game


def playable(name: str, formal: Any, parameters: Mapping[str, Any]) -> Environment:
    """The environment of a formal or simulated game under a name.

    Raises:
        GameError: it is no game.
    """
    if isinstance(formal, NormalForm):
        return Environment(name, TabularGame(formal.to_posg()), formal, parameters)
    if isinstance(formal, POSG):
        return Environment(name, TabularGame(formal), formal, parameters)
    if isinstance(formal, AECG):
        return Environment(name, TabularGame(aecg_to_posg(formal)[0]), formal, parameters)
    if isinstance(formal, ContinuousGame):
        return Environment(name, OneShot(formal), formal, parameters)
    if isinstance(formal, LinearQuadraticGame):
        formal = LinearQuadraticPlay(formal)
    if isinstance(formal, LinearQuadraticPlay):
        return Environment(name, formal, formal.formal, parameters)
    if isinstance(formal, Game):
        return Environment(name, formal, None, parameters)
    raise GameError(_unplayable(name, formal))


def _unplayable(name: str, found: Any) -> str:
    from gametheory.extensive.tree import Tree

    if isinstance(found, Tree):
        return (
            f"{name} is a game tree, which is solved but not played step by step; play its normal form: "
            f"equilibrist convert {name} --to nfg -o FILE.nfg"
        )
    return f"{name} is a {type(found).__name__}; it must be a game"


for _name, _build in [
    *((entry.name, entry.build) for entry in CONTINUOUS),
    *TASKS.items(),
    *MEMORY.items(),
    *REPEATED.items(),
    *LINEAR_QUADRATIC.items(),
]:
    register(_name, (_build.__doc__ or "").partition("\n")[0].rstrip("."), _build)
