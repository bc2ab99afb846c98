"""How do conversions and the equivalence check grow with the game?

Random POSGs with factored observations that depend on the own action: time and peak memory of
`posg_to_aecg` and `aecg_to_posg`, and time of `check_equivalence`, against the number of states,
agents and actions. The slope on log-log axes against the non-zeros of the result is stated.

    python benchmarks/conversion.py [--largest 1000] [--plot FILE.svg] [--json]
"""

# ruff: noqa: E402 (threads are set before numpy is imported)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from gametheory.convert import aecg_to_posg, posg_to_aecg
from gametheory.equivalence import check_equivalence
from gametheory.posg import POSG
from gametheory.streams import seed_keys, uniform
from gametheory.tables.branches import Branches, c_order_strides

SYMBOLS, SUCCESSORS = 4, 10
WORK = ("posg_to_aecg", "aecg_to_posg", "check_equivalence")


def random_posg(states: int, agents: int, actions: int) -> POSG:
    """``SUCCESSORS`` branches a row, ``SYMBOLS`` observations an agent, all weights random."""
    rows = states * actions**agents
    u = uniform(seed_keys(0, rows), 0, SUCCESSORS * (2 + agents)).reshape(rows, 2 + agents, SUCCESSORS)
    weights = u[:, 1] / u[:, 1].sum(axis=1, keepdims=True)
    branches = Branches(
        np.arange(states + 1) * actions**agents,
        c_order_strides(np.full((states, agents), actions)),
        np.arange(rows + 1) * SUCCESSORS,
        (u[:, 0] * states).astype(np.int64).ravel(),
        weights.ravel(),
        np.moveaxis(u[:, 2:], 1, 0).reshape(agents, -1),
    )
    kernels = []
    for i in range(agents):
        kernel = uniform(seed_keys(1 + i, states * actions), 0, SYMBOLS).reshape(states, actions, SYMBOLS)
        kernels.append(kernel / kernel.sum(axis=-1, keepdims=True))
    labels = [[str(a) for a in range(actions)]] * agents
    start = np.full(states, 1 / states)
    return POSG(branches, observations=kernels, initial=start, discount=0.9, actions=labels)


def measured(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Result, seconds of processor time, and peak MB of a second run under the memory tracer."""
    begin = time.process_time()
    result = work()
    seconds = time.process_time() - begin
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return result, seconds, peak


def measure(states: int, agents: int, actions: int) -> dict[str, Any]:
    game = random_posg(states, agents, actions)
    (aecg, correspondence), there, there_mb = measured(lambda: posg_to_aecg(game))
    _, back, back_mb = measured(lambda: aecg_to_posg(aecg))
    begin = time.process_time()
    proof = check_equivalence(game, aecg, correspondence)
    checked = time.process_time() - begin
    assert proof.equivalent
    return {
        "states": states, "agents": agents, "actions": actions, "nodes": aecg.node_count,
        "non_zeros": len(aecg.branches.successors), "seconds": dict(zip(WORK, (there, back, checked), strict=True)),
        "peak_mb": {"posg_to_aecg": there_mb, "aecg_to_posg": back_mb},
    }  # fmt: skip


def slopes(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Least-squares slope of log seconds against log non-zeros, over the larger half of the sizes."""
    late = sorted(rows, key=lambda row: row["non_zeros"])[len(rows) // 2 :]
    x = np.log([row["non_zeros"] for row in late])
    return {name: float(np.polyfit(x, np.log([row["seconds"][name] for row in late]), 1)[0]) for name in WORK}


def plot(rows: list[dict[str, Any]], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "conversion"}  # small, and the same each time
    figure, axes = plt.subplots(figsize=(5, 3.4))
    for (name, slope), marker in zip(slopes(rows).items(), "osv", strict=True):
        points = sorted((row["non_zeros"], row["seconds"][name]) for row in rows)
        axes.loglog(
            *zip(*points, strict=True), marker=marker, markersize=4, label=f"{name}, slope {slope:.2f}"
        )
    axes.set_xlabel("non-zeros of the agent-environment cycle game")
    axes.set_ylabel("processor seconds")
    axes.grid(which="major", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(
        path, dpi=120, bbox_inches="tight", metadata={"Date": None} if path.endswith(".svg") else None
    )


@click.command(help=__doc__)
@click.option("--largest", default=1000, show_default=True, help="States of the largest game.")
@click.option("--plot", "picture", metavar="FILE.svg|.png", help="Draw the log-log plot.")
@click.option("--json", "as_json", is_flag=True)
def main(largest: int, picture: str | None, as_json: bool) -> None:
    by_states = [s for s in (10, 30, 100, 300, 1000, 3000) if s <= largest]
    sizes = [(s, 3, 5) for s in by_states] + [(100, n, 5) for n in (1, 2, 4)] + [(100, 3, a) for a in (2, 8)]
    measure(5, 2, 2)  # imports are no part of the measurement
    rows = [measure(*size) for size in sizes]
    if picture:
        plot(rows, picture)
    if as_json:
        print(json.dumps({"rows": rows, "slopes": slopes(rows)}))
        return
    table = Table("states", "agents", "actions", "nodes", "non-zeros", *(f"{name}, s" for name in WORK), "MB")
    for row in rows:
        table.add_row(
            *(f"{row[key]:,}" for key in ("states", "agents", "actions", "nodes", "non_zeros")),
            *(f"{row['seconds'][name]:.3f}" for name in WORK),
            f"{row['peak_mb']['posg_to_aecg']:.0f}",
        )
    Console(width=140).print(table)
    print(
        "slopes against non-zeros:", ", ".join(f"{name} {slope:.2f}" for name, slope in slopes(rows).items())
    )


if __name__ == "__main__":
    main()
