"""The random generators of foreign code: numpy's, the standard library's, and the global ones."""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

_NUMPY = ("Generator", "RandomState", "BitGenerator")


def is_generator(thing: Any) -> bool:
    """Whether it is a random generator of numpy or of the standard library."""
    return _kind(thing) != ""


def generator_state(generator: Any) -> Any:
    """What its next draws depend on; two states compare by ``==``."""
    return _plain(_raw_state(generator))


def reseed(generator: Any, seed: int) -> None:
    """Start the generator afresh from a seed below 2^32."""
    if hasattr(generator, "seed"):
        generator.seed(seed)
    else:
        source = _source(generator)
        source.state = type(source)(seed).state


_KINDS: dict[type, str] = {}


def _kind(thing: Any) -> str:
    """``Random``, or ``Generator``, ``RandomState`` or ``BitGenerator`` of numpy, else empty."""
    kind = type(thing)
    if kind not in _KINDS:
        names = [b.__name__ for b in kind.__mro__ if b.__module__.startswith("numpy.random")]
        known = [name for name in names if name in _NUMPY]
        _KINDS[kind] = "Random" if issubclass(kind, random.Random) else known[0] if known else ""
    return _KINDS[kind]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.tobytes() if isinstance(value, np.ndarray) else value


def global_states() -> dict[str, Any]:
    """The states of the process's own generators: of ``random``, of numpy, and of torch if loaded."""
    states = {"random": random.getstate(), "numpy.random": generator_state(_numpy_global())}
    torch = sys.modules.get("torch")
    if torch is not None:
        states["torch"] = torch.random.get_rng_state().numpy().tobytes()
    return states


def states_of(generators: Mapping[str, Any]) -> dict[str, Any]:
    """The states of the given generators and of the global ones, by their paths."""
    return {path: generator_state(own) for path, own in generators.items()} | global_states()


def drawn(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The paths of the generators that have moved on, or that are new and not merely found elsewhere."""
    known = list(before.values())
    return [
        path
        for path, state in after.items()
        if (before[path] != state if path in before else state not in known)
    ]


@contextmanager
def seeded(generators: Mapping[str, Any], seed: int) -> Iterator[None]:
    """All given generators and the global ones start from ``seed``; afterwards they go on as before."""
    torch = sys.modules.get("torch")
    touched = [*generators.values(), random, _numpy_global()]
    kept = [copy.deepcopy(_raw_state(own)) for own in touched]
    kept_torch = torch and torch.random.get_rng_state()
    for k, own in enumerate(touched):
        reseed(own, (seed + k * 0x9E3779B1) % 2**32)
    if torch is not None:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        for own, state in zip(touched, kept, strict=True):
            _put_back(own, state)
        if torch is not None:
            torch.random.set_rng_state(kept_torch)


def _raw_state(generator: Any) -> Any:
    kind = _kind(generator)
    if kind in ("", "Random"):  # the module ``random`` has the words of its generators
        return generator.getstate()
    return generator.get_state() if kind == "RandomState" else _source(generator).state


def _put_back(generator: Any, state: Any) -> None:
    kind = _kind(generator)
    if kind in ("", "Random"):
        generator.setstate(state)
    elif kind == "RandomState":
        generator.set_state(state)
    else:
        _source(generator).state = state


def _source(generator: Any) -> Any:
    """The bit generator behind a generator of numpy."""
    return generator.bit_generator if _kind(generator) == "Generator" else generator


def _numpy_global() -> Any:
    return np.random.mtrand._rand  # noqa: TID251  # foreign code draws from it; it is only looked at
