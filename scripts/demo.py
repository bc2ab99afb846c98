"""The main job: a game file in, certified equilibria out, learners trained and held against them."""

from __future__ import annotations

import itertools
import os
import shlex
import sys
import time
from pathlib import Path

from equilibrist.cli import group
from gametheory.commands.terminal import run

ROOT = Path(__file__).resolve().parent.parent
FILE = "examples/charging.nfg"


def main() -> int:
    """Run every step through the command line and say where the reports are."""
    begin = time.monotonic()
    os.chdir(ROOT)
    folder = _fresh(Path("runs"))
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    for title, command in _steps(folder):
        print(f"\n{bold}{title}{plain}\n$ equilibrist {command}", flush=True)
        status = run(group, shlex.split(command))
        if status:
            return status
    print(f"\nDone in {time.monotonic() - begin:.0f} s. Look at:")
    for report in sorted(folder.glob("*/report.html")):
        print(f"  {report}")
        for figure in sorted(report.parent.glob("*.png")):
            print(f"    {figure}")
    print("\nTo go on by yourself: . .venv/bin/activate; equilibrist --help")
    return 0


def _steps(folder: Path) -> list[tuple[str, str]]:
    train = f"--algorithm soft-matd4 --seeds 3 -o {shlex.quote(str(folder))}"
    return [
        ("1. What game is it?", f"classify {FILE}"),
        ("2. What is the right answer? All of its equilibria.", f"solve {FILE} --all"),
        (
            "3. Does the learner find it? Cournot duopoly: continuous quantities, started far from the equilibrium.",
            f"train cournot --set initial_action=0.9 {train}/cournot",
        ),
        ("4. The same learner on a matrix game: discrete actions.", f"train stag-hunt {train}/stag-hunt"),
    ]


def _fresh(parent: Path) -> Path:
    names = itertools.chain(["demo"], (f"demo-{k}" for k in itertools.count(2)))
    return next(folder for folder in (parent / name for name in names) if not folder.exists())


if __name__ == "__main__":
    sys.exit(main())
