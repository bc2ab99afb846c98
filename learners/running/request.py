"""What a user asks for, from the command line and a TOML file, as one checked configuration."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gametheory.errors import GameError, UnknownName
from learners.running.runs import RunConfig
from learners.running.sources import file_digest
from learners.training import TrainingSettings

if TYPE_CHECKING:
    from learners.running.rehearsal import Stage

ALGORITHM = "soft-matd4"
_OPTIONS = ("algorithm", "scheme", "steps", "seed", "seeds", "engine")
_TABLES = ("settings", "training", "environment")
SWEEP = "sweep"
"""The table of a file that says what a sweep goes over."""


def assemble(
    game: str,
    options: Mapping[str, Any],
    config: Path | None,
    assignments: Sequence[str],
    over: Mapping[str, Any] | None = None,
    stage: Stage | None = None,
) -> RunConfig:
    """Put the request together and check all of it, before anything is written.

    Args:
        game: catalogue name, file, or module:attribute.
        options: ``algorithm scheme steps seed seeds engine``, None where not given.
        config: a TOML file with the same keys and the tables ``settings training environment``.
        assignments: ``key=value``, ``training.key=value``, ``environment.key=value``.
        over: what one trial of a sweep sets, by the same keys or an option's name; it wins.
        stage: where the run is rehearsed; requests alike take less time on the same one.

    Raises:
        GameError: anything unknown (the nearest known is named), of a wrong kind or out of range.
    """
    from learners import registry
    from learners.running.rehearsal import Stage

    asked = {table: dict[str, Any]() for table in _TABLES}
    top = _read(config, asked) if config is not None else {}
    if options.get("seed") is not None or options.get("seeds") is not None:
        top.pop("seed", None), top.pop("seeds", None)
    top |= {key: value for key, value in options.items() if value is not None}
    for assignment in assignments:
        _assign(assignment, asked)
    for key, value in (over or {}).items():
        if key in _OPTIONS:
            top[key] = value
        else:
            _put(key, value, asked)
    if top.get("steps") is not None:
        asked["training"]["steps"] = top["steps"]
    algorithm = str(top.get("algorithm", ALGORITHM))
    settings = asdict(registry.resolve(algorithm, asked["settings"]))
    training = TrainingSettings.from_mapping(asked["training"])
    scheme = registry.check_scheme(algorithm, top.get("scheme"))
    seeds = _seeds(top.get("seed"), top.get("seeds"))
    place = str(Path(game).resolve()) if Path(game).is_file() else game
    found = RunConfig(
        place, asked["environment"], algorithm, scheme, settings, training, seeds, file_digest(place)
    )
    (stage or Stage()).rehearse(found)
    return found


def asked_engine(options: Mapping[str, Any], config: Path | None) -> str:
    """The engine of the command line, else of the file, else ``local``."""
    return str(options.get("engine") or (_toml(config) if config else {}).get("engine", "local"))


def asked_axes(over: Sequence[str], config: Path | None) -> dict[str, list[Any]]:
    """What a sweep goes over: ``key=v1,v2`` of the command line, and the file's table ``[sweep]``.

    Raises:
        GameError: a key without values, or with a value twice.
    """
    axes: dict[str, list[Any]] = {}
    for key, values in _flat((_toml(config) if config else {}).get(SWEEP, {})):
        axes[key] = values if isinstance(values, list) else [values]
    for text in over:
        key, equals, values = text.partition("=")
        if not equals or not key.strip():
            raise GameError(f"--over {text}: write KEY=VALUE,VALUE,…, for example actor_rate=1e-3,1e-4")
        axes[key.strip()] = [parsed_value(part.strip()) for part in _split(values)]
    for key, values in axes.items():
        if not values or values == [""]:
            raise GameError(f"the sweep over {key} has no values")
        if any(value in values[:k] for k, value in enumerate(values)):
            raise GameError(f"the sweep over {key} has a value twice: {', '.join(map(str, values))}")
        if key in ("seed", "seeds", "engine"):
            raise GameError(f"a sweep does not go over {key}; give --seeds COUNT or --engine NAME once")
    return axes


def _flat(table: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if not isinstance(table, dict):
        raise GameError(f"{SWEEP} is {table!r}; it must be a table, [{SWEEP}]")
    out: list[tuple[str, Any]] = []
    for key, value in table.items():
        out += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(f"{prefix}{key}", value)]
    return out


def _split(text: str) -> list[str]:
    """At commas outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[{(") - (letter in "]})")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GameError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:  # TOML and UTF-8 errors
        raise GameError(f"{path} is not TOML: {error}") from None


def _read(path: Path, asked: dict[str, dict[str, Any]]) -> dict[str, Any]:
    value = _toml(path)
    value.pop(SWEEP, None)
    for key in value:
        if key not in (*_OPTIONS, *_TABLES):
            raise UnknownName(f"key in {path}", key, (*_OPTIONS, *_TABLES, SWEEP))
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
    _put(key.strip(), parsed_value(text.strip()), asked)


def _put(key: str, value: Any, asked: dict[str, dict[str, Any]]) -> None:
    table, dot, name = key.partition(".")
    if dot and table not in _TABLES:
        raise UnknownName("group of settings", table, _TABLES)
    asked[table if dot else "settings"][name if dot else key] = value


def parsed_value(text: str) -> Any:
    """A TOML value, ``none``, or the text itself where it is neither (names, fractions)."""
    if text == "none":
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


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
