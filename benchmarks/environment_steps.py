"""How many environment steps a second?

One-shot games with random actions at several batch sizes, on one thread; drawing the actions is
not counted. Updates a second of the learner are measured in `learner_updates.py`.

    python benchmarks/environment_steps.py [--seconds 2] [--json]
"""

# ruff: noqa: E402 (threads are set before numpy is imported)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import json
import time

import click
from rich.console import Console
from rich.table import Table

from environments import find
from gametheory.simulate import random_actions
from gametheory.streams import derive, seed_keys

GAMES = ("cournot", "stag-hunt")
BATCHES = (1, 32, 1024, 65536)


def stepping(name: str, batch: int, seconds: float) -> float:
    """Environment steps (plays × steps) a second, resets and drawing of actions not counted."""
    game = find(name).game
    keys = seed_keys(0, batch)
    state = game.reset(keys).state
    actions = random_actions(game, state, derive(keys, 1))
    game.step(state, actions)
    steps, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        game.step(state, actions)
        steps += batch
    return steps / (time.perf_counter() - begin)


@click.command(help=__doc__)
@click.option("--seconds", default=2.0, show_default=True, help="Per measurement.")
@click.option("--json", "as_json", is_flag=True)
def main(seconds: float, as_json: bool) -> None:
    rows = [
        {"game": name, "batch": batch, "steps_per_second": stepping(name, batch, seconds)}
        for name in GAMES
        for batch in BATCHES
    ]
    if as_json:
        print(json.dumps(rows))
        return
    table = Table("game", "B", "environment steps/s", title="stepping one-shot games")
    for row in rows:
        table.add_row(row["game"], f"{row['batch']:,}", f"{row['steps_per_second']:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
