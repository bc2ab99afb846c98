"""What a folder's ``report.json`` says of what became of it. No torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from learners.judge.convergence import Verdict
from learners.running.files import read_json
from learners.running.runs import RunFolder

FILE = "report.json"
_NEEDED = {
    *("verdict", "reason", "more_steps", "interrupted", "environment_steps", "updates", "wall_seconds"),
    *("return", "nash_conv", "distance_to_nearest_equilibrium", "value"),
}


def reported(path: Path) -> dict[str, Any] | None:
    """The report in a folder. None where there is none, or a damaged one: going on writes it anew."""
    try:
        facts = read_json(path / FILE)
    except GameError:
        return None
    return facts if facts.keys() >= _NEEDED else None


def why_broken(path: Path) -> str | None:
    """Why the run of one seed broke off, where its numbers stopped being numbers."""
    facts = reported(path)
    if facts is None or facts["verdict"] != Verdict.DIVERGED or facts["return"]["mean"] is not None:
        return None
    return str(facts["reason"])


def breaks_again(run: RunFolder) -> bool:
    """Whether the run of one seed broke off and would in the same way: it does the same as before.

    Other versions of what its numbers depend on may lead elsewhere.
    """
    return why_broken(run.path) is not None and not run.changed_versions()


def set_aside(path: Path) -> None:
    """Rename the report: what it speaks of is later than where the run goes on."""
    if (path / FILE).exists():
        (path / FILE).rename(path / f"{FILE}.set-aside")


def nothing_saved(run: RunFolder) -> GameError:
    """The error of a seed without a checkpoint."""
    why = why_broken(run.path)
    if why is None:
        return GameError(f"{run.path} has no checkpoint yet; train it with: equilibrist resume {run.path}")
    return GameError(
        f"{run.path} has no checkpoint, for it diverged at once ({why}); train with other settings into another "
        "folder"
    )
