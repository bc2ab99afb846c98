"""All equilibria of random two-agent games: how long, and how many are found?

Ours (`vertex_enumeration`, complete and exact) against nashpy's and quantecon's support and vertex
enumeration, on the same games, in one run, on one thread. An equilibrium of the complete list
counts as found where a listed profile is within 1e-6 of it; a listed profile far from all of them
is wrong, unless its certificate holds: then our list was not complete, which would be reported.

    python benchmarks/equilibria.py [--games 5] [--seed 0] [--json]
"""

# ruff: noqa: E402 (threads are set before numpy is imported)

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"

import json
import statistics
import time
import warnings
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from gametheory.certify import certify
from gametheory.errors import GameError
from gametheory.interop import to_nashpy
from gametheory.normal_form import NormalForm
from gametheory.numerics import to_floats
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.streams import seed_keys, uniform

OURS = "equilibrist"
SIZES = (6, 8)
PAYOFFS = {"floats in [0, 1)": None, "integers from 0 to 99": 100}
NEAR = 1e-6
COUNTS = ("found", "wrong", "repeated", "missing in ours")
Listing = list[tuple[Any, Any]]
Peer = Callable[[NormalForm], Iterable[Any]]


def random_game(size: int, seed: int, number: int, integers: int | None) -> NormalForm:
    keys = seed_keys(seed, 1, start=1000 * size + number)
    tables = uniform(keys, 0, 2 * size * size).reshape(2, size, size)
    return NormalForm(tables if integers is None else (tables * integers).astype(int))


def peers() -> dict[str, Peer]:
    found: dict[str, Peer] = {
        OURS: lambda game: vertex_enumeration(game).profiles,
        "nashpy supports": lambda game: to_nashpy(game).support_enumeration(),
        "nashpy vertices": lambda game: to_nashpy(game).vertex_enumeration(),
    }
    try:
        from quantecon.game_theory import (
            NormalFormGame,
            Player,
            support_enumeration,
        )
        from quantecon.game_theory import (
            vertex_enumeration as quantecon_vertices,
        )
    except ImportError:
        return found

    def convert(game: NormalForm) -> Any:
        first, second = (to_floats(table) for table in game.payoffs)
        return NormalFormGame((Player(first), Player(second.T.copy())))

    found["quantecon supports"] = lambda game: support_enumeration(convert(game))
    found["quantecon vertices"] = lambda game: quantecon_vertices(convert(game))
    return found


def listing(peer: Peer, game: NormalForm) -> tuple[Listing, float, str]:
    """What the peer lists, its seconds, and the error that ended it."""
    start = time.perf_counter()
    out: Listing = []
    failure = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out.extend((profile[0], profile[1]) for profile in peer(game))
    except Exception as error:  # a peer's failure is a finding
        failure = type(error).__name__
    return out, time.perf_counter() - start, failure


def compare(game: NormalForm, complete: Listing, profiles: Listing) -> dict[str, int]:
    """How many of the complete list were found, and what else was listed."""
    known = np.array([np.concatenate(profile) for profile in complete], dtype=float)
    found: set[int] = set()
    count = {"wrong": 0, "repeated": 0, "missing in ours": 0}
    for profile in profiles:
        distances = np.abs(known - np.concatenate(profile).astype(float)).max(axis=1)
        nearest = int(distances.argmin())
        if not distances[nearest] <= NEAR:  # a NaN is not near
            count["missing in ours" if certified(game, profile) else "wrong"] += 1
        elif nearest in found:
            count["repeated"] += 1
        else:
            found.add(nearest)
    return {"found": len(found), **count}


def certified(game: NormalForm, profile: tuple[Any, Any]) -> bool:
    try:
        return certify(game, profile).holds
    except GameError:
        return False


def measure(games: int, seed: int, console: Console) -> dict[str, Any]:
    everyone = peers()
    for integers in PAYOFFS.values():  # compilation and first imports are not what is measured
        for peer in everyone.values():
            listing(peer, random_game(2, seed, 0, integers))
    packages = ["numpy", "nashpy"] + (["quantecon"] if len(everyone) > 3 else [])
    return {
        "games": games,
        "seed": seed,
        "versions": {name: version(name) for name in packages},
        "results": {
            f"{size} × {size}, {payoffs}": race(
                everyone,
                track(
                    [random_game(size, seed, number, integers) for number in range(games)],
                    description=f"{size} × {size}, {payoffs}",
                    console=console,
                    transient=True,
                ),
            )
            for size in SIZES
            for payoffs, integers in PAYOFFS.items()
        },
    }


def race(everyone: dict[str, Peer], games: Iterable[NormalForm]) -> dict[str, Any]:
    results: dict[str, dict[str, Any]] = {
        name: {"seconds": [], "failures": [], **dict.fromkeys(COUNTS, 0)} for name in everyone
    }
    for game in games:
        complete: Listing = []
        for name, peer in everyone.items():  # ours first
            profiles, seconds, failure = listing(peer, game)
            complete, entry = complete or profiles, results[name]
            entry["seconds"].append(seconds)
            entry["failures"] += [failure] if failure else []
            for what, number in compare(game, complete, profiles).items():
                entry[what] += number
    ours = statistics.median(results[OURS]["seconds"])
    for entry in results.values():
        entry["median"] = statistics.median(entry["seconds"])
        entry["ratio"] = entry["median"] / ours
    return results


def show(result: dict[str, Any], console: Console) -> None:
    for title, entries in result["results"].items():
        complete = entries[OURS]["found"]
        table = Table(title=f"{result['games']} games, {title}: {complete} equilibria")
        for heading in ("", "median ms", "times ours", "found", "wrong", "failed"):
            table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
        for name, entry in entries.items():
            cells = [
                f"{1000 * entry['median']:,.2f}",
                f"{entry['ratio']:.3g}",
                f"{entry['found']}/{complete}",
            ]
            table.add_row(name, *cells, str(entry["wrong"]), str(len(entry["failures"])))
        console.print(table)
        for name, entry in entries.items():
            if entry["missing in ours"]:
                console.print(f"{name} lists {entry['missing in ours']} certified profiles that ours lacks")
    console.print("one thread; " + ", ".join(f"{name} {v}" for name, v in result["versions"].items()))


@click.command(help=__doc__)
@click.option("--games", default=5, show_default=True, type=click.IntRange(min=1), help="Games per size.")
@click.option("--seed", default=0, show_default=True, help="Which random games.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def main(games: int, seed: int, as_json: bool) -> None:
    result = measure(games, seed, Console(stderr=True))
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        show(result, Console())


if __name__ == "__main__":
    main()
