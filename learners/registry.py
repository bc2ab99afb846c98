"""Learning algorithms by name. A new one is a file and a line here; nothing is imported until asked for.

What other packages bring has a name too, by their entry points; anything else is ``module:attribute``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from gametheory.errors import GameError, UnknownName
from gametheory.game import Spec
from learners.learner import Learner
from learners.scheme import SCHEMES

if TYPE_CHECKING:
    from learners.settings import Algorithm

ALGORITHMS: Mapping[str, str] = {
    "ddpg": "learners.ddpg:DDPG",
    "td3": "learners.td3:TD3",
    "td3-fork": "learners.td3:TD3_FORK",
    "td4": "learners.td4:TD4",
    "td4-fork": "learners.td4:TD4_FORK",
    "maddpg": "learners.maddpg:MADDPG",
    "soft-maddpg": "learners.maddpg:SOFT_MADDPG",
    "maddpg-team": "learners.maddpg:MADDPG_TEAM",
    "matd3": "learners.matd3:MATD3",
    "soft-matd3": "learners.matd3:SOFT_MATD3",
    "matd3-fork": "learners.matd3:MATD3_FORK",
    "soft-matd3-fork": "learners.matd3:SOFT_MATD3_FORK",
    "matd4": "learners.matd4:MATD4",
    "soft-matd4": "learners.matd4:SOFT_MATD4",
    "matd4-fork": "learners.matd4:MATD4_FORK",
    "soft-matd4-fork": "learners.matd4:SOFT_MATD4_FORK",
    "nfsp": "learners.nfsp:PLAIN",
    "mmd": "learners.mmd:FIXED",
    "nash-pg": "learners.mmd:MOVING",
    "ippo": "learners.ppo:INDEPENDENT",
    "mappo": "learners.ppo:CENTRAL",
}
"""Name → ``module:attribute`` of an ``Algorithm``."""

GROUP = "equilibrist.learners"
"""Entry points by which installed packages name theirs; a name of ours is never replaced."""


def names() -> tuple[str, ...]:
    """All registered algorithms, ours first."""
    return (*ALGORITHMS, *(name for name in _brought() if name not in ALGORITHMS))


def _brought() -> Mapping[str, str]:
    return {point.name: point.value for point in metadata.entry_points(group=GROUP)}


def _algorithm(name: str) -> Algorithm:
    if name in ALGORITHMS:
        module, attribute = ALGORITHMS[name].split(":")
        found: Algorithm = getattr(importlib.import_module(module), attribute)
        return found
    found_at = place(name)
    if found_at is None:
        raise UnknownName("algorithm", name, names(), hint="or give module:attribute")
    from learners.external.learner import foreign_algorithm

    return foreign_algorithm(found_at)


def place(name: str) -> str | None:
    """The ``module:attribute`` of an algorithm; None where there is none of the name."""
    return ALGORITHMS.get(name) or (name if ":" in name else _brought().get(name))


def settings_type(name: str) -> type[Any]:
    """The frozen dataclass of the algorithm's settings.

    Raises:
        UnknownName: no such algorithm.
    """
    return _algorithm(name).settings


def schemes(name: str) -> tuple[str, ...]:
    """The training schemes that an algorithm serves, its default first.

    Raises:
        UnknownName: no such algorithm.
    """
    return _algorithm(name).schemes


def check_scheme(name: str, scheme: str | None) -> str:
    """The scheme asked for, or the algorithm's default.

    Raises:
        UnknownName: no such algorithm or scheme.
        GameError: they do not go together; names what would serve.
    """
    served = schemes(name)
    if scheme is None or scheme in served:
        return scheme or served[0]
    if scheme not in SCHEMES:
        raise UnknownName("scheme", scheme, SCHEMES)
    others = ", ".join(other for other in ALGORITHMS if scheme in schemes(other))
    raise GameError(f"{name} trains under {', '.join(served)} only; under {scheme} there are {others}")


def resolve(name: str, settings: Mapping[str, Any] | None = None) -> Any:
    """The algorithm's settings with the given values in place of defaults.

    Raises:
        UnknownName: no such algorithm or setting.
        GameError: a value of the wrong kind or range.
    """
    from learners.settings import resolve as resolve_settings

    return resolve_settings(settings_type(name), settings)


def make(
    name: str,
    observation_specs: Sequence[Spec],
    action_specs: Sequence[Spec],
    *,
    seed: int,
    settings: Mapping[str, Any] | None = None,
    scheme: str | None = None,
) -> Learner:
    """A fresh learner for agents with these spaces, under a training scheme or the algorithm's default.

    Raises:
        UnknownName: no such algorithm, setting or scheme.
        GameError: a bad value, or a scheme or spaces that the algorithm cannot serve.
    """
    chosen, under = resolve(name, settings), check_scheme(name, scheme)
    how = {"scheme": under} if len(schemes(name)) > 1 else {}
    specs = tuple(observation_specs), tuple(action_specs)
    return _algorithm(name).build(*specs, seed=seed, settings=chosen, **how)
