"""What a user asks for, from the command line and a TOML file, as one checked configuration."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gametheory.errors import GameError, UnknownName
from learners.runs import RunConfig, file_digest
from learners.training import TrainingSettings

ALGORITHM = "soft-matd4"
SCHEMES = ("ct-de",)
_OPTIONS = ("algorithm", "scheme", "steps", "seed", "seeds", "engine")
_TABLES = ("settings", "training", "environment")


def assemble(
    game: str, options: Mapping[str, Any], config: Path | None, assignments: Sequence[str]
) -> RunConfig:
    """Put the request together and check all of it, before anything is written.

    Args:
        game: catalogue name, file, or module:attribute.
        options: ``algorithm scheme steps seed seeds engine``, None where not given.
        config: a TOML file with the same keys and the tables ``settings training environment``.
        assignments: ``key=value``, ``training.key=value``, ``environment.key=value``.

    Raises:
        GameError: anything unknown (the nearest known is named), of a wrong kind or out of range.
    """
    from environments import find
    from learners import registry

    asked = {table: dict[str, Any]() for table in _TABLES}
    top = _read(config, asked) if config is not None else {}
    if options.get("seed") is not None or options.get("seeds") is not None:
        top.pop("seed", None), top.pop("seeds", None)
    top |= {key: value for key, value in options.items() if value is not None}
    for assignment in assignments:
        _assign(assignment, asked)
    if top.get("steps") is not None:
        asked["training"]["steps"] = top["steps"]
    algorithm = str(top.get("algorithm", ALGORITHM))
    settings = asdict(registry.resolve(algorithm, asked["settings"]))
    training = TrainingSettings.from_mapping(asked["training"])
    scheme = _scheme(str(top.get("scheme", "ct-de")), str(top.get("engine", "local")))
    seeds = _seeds(top.get("seed"), top.get("seeds"))
    place = str(Path(game).resolve()) if Path(game).is_file() else game
    environment = find(place, asked["environment"])
    specs = environment.game.observation_specs, environment.game.action_specs
    registry.make(algorithm, *specs, seed=seeds[0], settings=settings)
    return RunConfig(
        place, asked["environment"], algorithm, scheme, settings, training, seeds, file_digest(place)
    )


def _read(path: Path, asked: dict[str, dict[str, Any]]) -> dict[str, Any]:
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GameError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # TOML and UTF-8 errors
        raise GameError(f"{path} is not TOML: {error}") from None
    for key in value:
        if key not in (*_OPTIONS, *_TABLES):
            raise UnknownName(f"key in {path}", key, (*_OPTIONS, *_TABLES))
    for table in _TABLES:
        part = value.pop(table, {})
        if not isinstance(part, dict):
            raise GameError(f"{path}: {table} is {part!r}; it must be a table, [{table}]")
        asked[table].update(part)
    return value


def _assign(assignment: str, asked: dict[str, dict[str, Any]]) -> None:
    key, equals, text = assignment.partition("=")
    if not equals or not key:
        raise GameError(f"--set {assignment}: write KEY=VALUE, for example training.plays=16")
    table, dot, name = key.strip().partition(".")
    if dot and table not in _TABLES:
        raise UnknownName("group of settings", table, _TABLES)
    asked[table if dot else "settings"][name if dot else key.strip()] = _value(text.strip())


def _value(text: str) -> Any:
    """A TOML value, ``none``, or the text itself where it is neither (names, fractions)."""
    if text == "none":
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _scheme(scheme: str, engine: str) -> str:
    if scheme not in SCHEMES:
        raise GameError(f"scheme {scheme!r} is not available; there is: {', '.join(SCHEMES)}")
    if engine != "local":
        raise GameError(
            f"engine {engine!r} is not available yet; leave --engine out to train on this machine"
        )
    return scheme


def _seeds(seed: Any, count: Any) -> tuple[int, ...]:
    if seed is not None and count is not None:
        raise GameError("--seed and --seeds exclude each other: one run, or several with seeds 0, 1, …")
    if count is None:
        seed = 0 if seed is None else seed
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise GameError(f"seed is {seed!r}; it must be an integer, at least 0")
        return (seed,)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 1000:
        raise GameError(f"seeds is {count!r}; it must be an integer from 1 to 1000")
    return tuple(range(count))
