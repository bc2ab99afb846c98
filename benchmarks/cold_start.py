"""How long does a first answer take from a cold process?

`equilibrist solve stag-hunt --all` as a process of its own: right after installation (no compiled
bytecode yet) and from then on, against a script that solves the same game with nashpy or
quantecon. Wall time of the whole process, medians.

    python benchmarks/cold_start.py [--repeats 7] [--json]
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec

import click
from rich.console import Console
from rich.table import Table

OURS = [sys.executable, "-m", "equilibrist", "solve", "stag-hunt", "--all", "--json"]
GAME = "[[2, 0], [1, 1]], [[2, 1], [0, 1]]"
PEERS = {
    "nashpy": f"import nashpy; print(list(nashpy.Game({GAME}).support_enumeration()))",
    "quantecon": "import numpy as np, quantecon.game_theory as g;"
    f"A, B = map(np.array, ({GAME}));"
    "print(g.support_enumeration(g.NormalFormGame((g.Player(A), g.Player(B.T)))))",
}


def seconds(command: list[str], repeats: int, *, fresh: bool) -> list[float]:
    out = []
    with tempfile.TemporaryDirectory() as warm:
        for run in range(repeats + (not fresh)):
            with tempfile.TemporaryDirectory() as cold:
                begin = time.perf_counter()
                subprocess.run(
                    command,
                    env={
                        # a machine that forbids bytecode would make the warm case cold
                        **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
                        "PYTHONPYCACHEPREFIX": cold if fresh else warm,
                        "OMP_NUM_THREADS": "1",
                    },
                    check=True,
                    capture_output=True,
                )
                if fresh or run:
                    out.append(time.perf_counter() - begin)
    return out


@click.command(help=__doc__)
@click.option("--repeats", default=7, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(repeats: int, as_json: bool) -> None:
    commands = {"equilibrist": OURS} | {
        name: [sys.executable, "-c", code] for name, code in PEERS.items() if find_spec(name)
    }
    rows = [
        {"tool": name, "bytecode": "none yet" if fresh else "there",
         "seconds": statistics.median(seconds(command, repeats, fresh=fresh))}
        for name, command in commands.items()
        for fresh in (True, False)
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows))
        return
    ours = {row["bytecode"]: row["seconds"] for row in rows if row["tool"] == "equilibrist"}
    table = Table("tool", "bytecode", "seconds", "times ours", title="a 2 × 2 game from a cold process")
    for row in rows:
        ratio = row["seconds"] / ours[row["bytecode"]]
        table.add_row(row["tool"], row["bytecode"], f"{row['seconds']:.2f}", f"{ratio:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
