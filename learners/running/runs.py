"""The run folder: what lies where, who may write, and what was asked for. No torch.

One seed: ``config.json versions.json metrics.jsonl checkpoints/ report.json report.html *.png``.
Several seeds: the same per ``seed-K/``, and above them config, versions, reports and figures over
all seeds with the merged ``metrics.jsonl``.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from gametheory.files.encode import to_json
from learners.running.files import held, read_json, write_json
from learners.running.sources import algorithm_digest, file_digest
from learners.training import TrainingSettings

__all__ = ["RunConfig", "RunFolder", "file_digest", "versions"]

FORMAT = 1
CONFIG = "config.json"
_VERSIONED = ("equilibrist", "numpy", "scipy", "torch", "numba", "python-flint")


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a run's numbers."""

    game: str
    """What was given as GAME; a file by its absolute path."""
    parameters: Mapping[str, Any]
    """Parameters of the environment."""
    algorithm: str
    scheme: str
    settings: Mapping[str, Any]
    """Settings of the algorithm, resolved."""
    training: TrainingSettings
    seeds: tuple[int, ...]
    source: str = ""
    """SHA-256 of the game's file or module, if it has one: a run never goes on with another game."""
    algorithm_source: str = ""
    """The same of an algorithm that is not ours."""

    @property
    def soft(self) -> bool:
        """Whether the actors are trained against the others' current policies."""
        return self.algorithm.startswith("soft-")

    @property
    def digest(self) -> str:
        """Names the configuration; two runs share it if and only if all that decides numbers is equal."""
        content = self.to_json()
        del content["training"]["snapshots"]  # what is kept on the way changes nothing
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = to_json({"format": FORMAT} | asdict(self))
        if not self.algorithm_source:
            del out["algorithm_source"]
        return out

    @classmethod
    def from_json(cls, value: Mapping[str, Any], path: Path) -> RunConfig:
        """Read back ``to_json``.

        Raises:
            GameError: a field is missing or of another format.
        """
        try:
            if value["format"] != FORMAT:
                raise GameError(f"{path} is of format {value['format']}; this version reads {FORMAT}")
            return cls(
                game=str(value["game"]),
                parameters=dict(value["parameters"]),
                algorithm=str(value["algorithm"]),
                scheme=str(value["scheme"]),
                settings=dict(value["settings"]),
                training=TrainingSettings.from_mapping(value["training"]),
                seeds=tuple(int(seed) for seed in value["seeds"]),
                source=str(value["source"]),
                algorithm_source=str(value.get("algorithm_source", "")),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise GameError(f"{path} is no configuration of a run: {error}") from None


@dataclass(frozen=True)
class RunFolder:
    """One folder on disk."""

    path: Path
    config: RunConfig

    @classmethod
    def create(cls, path: Path, config: RunConfig) -> RunFolder:
        """A new folder with its configuration, and one below it per seed if there are several.

        The configuration notes the source of an algorithm that is not ours.

        Raises:
            GameError: there is something at ``path`` already, and nothing is touched; or the disk is
                full, and nothing is left.
        """
        if path.is_symlink() or path.exists():
            raise GameError(
                f"{path} exists; choose another folder, or continue a run with: equilibrist resume {path}"
            )
        if not config.algorithm_source:
            config = replace(config, algorithm_source=algorithm_digest(config.algorithm))
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise GameError(f"{path} cannot be made: {error.strerror}") from None
        try:
            return cls._filled(path, config)
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise

    @classmethod
    def _filled(cls, path: Path, config: RunConfig) -> RunFolder:
        write_json(path / "versions.json", versions())
        run = cls(path, config)
        for seed_folder in run.seed_folders() if run.several else ():
            cls.create(seed_folder.path, seed_folder.config)
        if not run.several:
            run.checkpoints.mkdir()
        write_json(path / CONFIG, config.to_json())
        return run

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run.

        Raises:
            GameError: the folder is none.
        """
        if not path.is_dir():
            raise GameError(f"{path} is not a run folder; equilibrist train … -o {path} makes one")
        if not (path / CONFIG).exists():
            raise GameError(_no_run(path))
        return cls(path, RunConfig.from_json(read_json(path / CONFIG), path / CONFIG))

    @property
    def several(self) -> bool:
        return len(self.config.seeds) > 1

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def snapshots(self) -> Path:
        """Where policies along the run lie; made with the first of them."""
        return self.path / "snapshots"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    def seed_folders(self) -> tuple[RunFolder, ...]:
        """One run folder per seed: those below, or this one."""
        if not self.several:
            return (self,)
        return tuple(
            RunFolder(self.path / f"seed-{seed}", replace(self.config, seeds=(seed,)))
            for seed in self.config.seeds
        )

    def check_source(self) -> None:
        """Check that the game and the algorithm are written as they were when the run began.

        Raises:
            GameError: one has changed.
        """
        config = self.config
        sources = (
            (config.game, config.source, file_digest(config.game)),
            (config.algorithm, config.algorithm_source, algorithm_digest(config.algorithm)),
        )
        for name, then, now in sources:
            if then and then != now:
                raise GameError(
                    f"{name} has changed since {self.path} was begun; restore it, or train anew into another folder"
                )

    def lock(self) -> AbstractContextManager[None]:
        """Hold the folder against other processes; the system lets go when the process ends.

        Raises:
            GameError: another process holds it.
        """
        return held(self.path, "trained in")

    def changed_versions(self) -> dict[str, tuple[str, str]]:
        """What was installed in another version when the run began: name -> (then, now)."""
        then, now = read_json(self.path / "versions.json"), versions()
        return {key: (str(then.get(key)), now[key]) for key in now if then.get(key) != now[key]}


_OTHERS = {
    "sweep.json": ("a sweep", "resume"),
    "grid.json": ("a lab", "lab -o"),
    "question.json": ("a folder of equilibrist exploit", "exploit -o"),
}
"""Folders of runs by the file that marks them: what they are, and how all of it goes on."""


def _no_run(path: Path) -> str:
    """What a folder without a configuration is, and a run below it."""
    below = next(
        (found[0].parent for depth in ("*", "*/*") if (found := sorted(path.glob(f"{depth}/{CONFIG}")))), None
    )
    if below is None:
        return f"{path / CONFIG} is missing; is {path} a run folder?"
    for file, (kind, command) in _OTHERS.items():
        if (path / file).exists():
            return f"{path} is {kind}; name one of its runs, for example {below}, or go on with all: equilibrist {command} {path}"
    return f"{path} is not a run folder; there are some in it, for example {below}"


def versions() -> dict[str, str]:
    """What a run's numbers depend on besides its configuration."""
    out = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    for name in _VERSIONED:
        try:
            out[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            out[name] = "not installed"
    return out
