"""NashConv of a policy network on Kuhn and Leduc poker: how long does one measurement take?

Ours: one forward pass over all information sets, realisation plans, best responses. OpenSpiel's: its
C++ ``nash_conv`` of probabilities that lie in a ``TabularPolicy``; the same with our networks asked for
as many probabilities and a ``TabularPolicy`` made of them, as a run would have to; and its Python
``exploitability`` of a ``TabularPolicy`` of numpy arrays. Interleaved in one process on one thread; each
figure is the least of several.

    python benchmarks/nash_conv.py [--repeats 20] [--json]
"""

# ruff: noqa: E402 (threads are set before numpy is imported)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"

import json
import time
from collections.abc import Callable
from typing import Any

import click
import pyspiel
import torch
from open_spiel.python import policy as spiel_policy
from open_spiel.python.algorithms import exploitability
from rich.console import Console
from rich.table import Table

from environments import find
from gametheory import streams
from gametheory.extensive.values import uniform_profile
from gametheory.numerics import to_floats
from learners.judge.played import learner_for, prepared
from learners.judge.reference import nash_conv
from learners.judge.sequential import TreeReference
from learners.running.monitor import Monitor
from learners.training import TrainingSettings

GAMES = {"kuhn-poker": "kuhn_poker", "leduc-poker": "leduc_poker"}


def ours(name: str) -> tuple[Callable[[], float], Callable[[], float], Callable[[], Any], TreeReference]:
    """Measuring a network's policies; the parts of it after the network and before."""
    training = TrainingSettings()
    environment = prepared(find(name), training)
    learner = learner_for(environment, training, "soft-matd4", None, 0)
    reference = Monitor.of(environment, training, 0).reference
    assert isinstance(reference, TreeReference)
    keys = streams.seed_keys(0, 1)
    policies = learner.policies()
    behaviours = reference.behaviours(policies)
    return (
        lambda: nash_conv(reference, reference.point(policies, (), keys)),
        lambda: nash_conv(reference, reference.plans(behaviours)),
        lambda: reference.behaviours(policies),
        reference,
    )


def spiel(
    name: str, network: Callable[[], Any]
) -> tuple[Callable[[], float], Callable[[], float], Callable[[], float]]:
    """OpenSpiel's own, of its uniform policy: the work does not depend on the numbers."""
    game = pyspiel.load_game(name)
    arrays = spiel_policy.TabularPolicy(game)
    tabular = spiel_policy.python_policy_to_pyspiel_policy(arrays)

    def from_network() -> float:
        network()
        return float(pyspiel.nash_conv(game, spiel_policy.python_policy_to_pyspiel_policy(arrays)))

    return (
        lambda: float(pyspiel.nash_conv(game, tabular)),
        from_network,
        lambda: 2 * float(exploitability.exploitability(game, arrays)),
    )


def least(repeats: int, works: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Least seconds of each, taken in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    return {name: min(taken) for name, taken in seconds.items()}


@click.command()
@click.option("--repeats", default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(repeats: int, as_json: bool) -> None:
    """Print milliseconds per measurement and the ratios."""
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for name, theirs in GAMES.items():
        network, regrets, asked, reference = ours(name)
        native, from_network, python = spiel(theirs, asked)
        works = {
            "network": network,
            "regrets": regrets,
            "from_network": from_network,
            "native": native,
            "python": python,
        }
        for work in works.values():
            work()  # compiled, cached
        taken = least(repeats if name == "kuhn-poker" else max(3, repeats // 4), works)
        uniform = reference.plans([to_floats(own) for own in uniform_profile(reference.tree)])
        agree = abs(nash_conv(reference, uniform) - python()) < 1e-9
        rows.append({"game": name, "agree_on_uniform": agree, **taken})
    if as_json:
        print(json.dumps(rows))
        return
    table = Table(title="milliseconds per measurement of NashConv")
    for column in (
        "game",
        "network and all",
        "after the network",
        "open_spiel, network and all",
        "open_spiel C++ alone",
        "open_spiel Python alone",
        "ratio, all",
        "ratio, alone",
        "same number",
    ):
        table.add_column(column)
    for row in rows:
        keys = "network", "regrets", "from_network", "native", "python"
        ratios = row["from_network"] / row["network"], row["native"] / row["regrets"]
        table.add_row(
            row["game"],
            *(f"{1000 * row[key]:.3f}" for key in keys),
            *(f"{ratio:.1f}" for ratio in ratios),
            str(row["agree_on_uniform"]),
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
