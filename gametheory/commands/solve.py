"""The command that solves games."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import click

from gametheory.commands.terminal import INTERRUPTED, NO_ANSWER, gentle_interrupt, late_progress, print_json
from gametheory.errors import GameError


@click.group()
def main() -> None:
    """Solve games."""


@main.command()
@click.argument("game")
@click.option(
    "--concept",
    default="nash",
    show_default=True,
    help="nash, correlated, coarse-correlated or maximin; of games of several moves nash, optimal or efce.",
)
@click.option("--all", "all_equilibria", is_flag=True, help="All equilibria, and the components they span.")
@click.option(
    "--exact", is_flag=True, help="Take floats as the binary rationals they are; answer in rationals."
)
@click.option("--method", help="A solver by name; by default the game decides, and the answer says why.")
@click.option(
    "--horizon",
    type=click.IntRange(min=1),
    metavar="H",
    help="For games of several moves: stop after H steps. [default: when play ends]",
)
@click.option(
    "--time-limit", type=click.FloatRange(min=0), metavar="S", help="Give up after S seconds (exit status 3)."
)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the method; may be repeated."
)
@click.option(
    "--renormalise", is_flag=True, help="Of an .efg file: divide chance's probabilities by their sum."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def solve(
    game: str,
    concept: str,
    all_equilibria: bool,
    exact: bool,
    method: str | None,
    horizon: int | None,
    time_limit: float | None,
    settings: tuple[str, ...],
    renormalise: bool,
    as_json: bool,
) -> None:
    """Find equilibria of GAME, each with a certificate.

    Certificates are recomputed from the game alone. GAME is a catalogue name (`equilibrist games`), a
    file (.nfg, .efg, .dpomdp, .json), or module:attribute. Ctrl-C stops the search and prints what was found by then.

    \b
    equilibrist solve stag-hunt
    equilibrist solve market.nfg --all --json
    equilibrist solve chicken --concept correlated --set objective=fairest
    equilibrist solve kuhn-poker
    equilibrist solve dec-tiger --concept optimal --horizon 4
    """
    from gametheory.commands.show import show_solution, solution_document
    from gametheory.load import load
    from gametheory.solve import solve as solve_game

    loaded = _renormalised(game) if renormalise else load(game)
    begin = time.perf_counter()
    with late_progress("solving") as progress, gentle_interrupt() as interrupted:
        solution = solve_game(
            loaded,  # type: ignore[arg-type]  # simulated games are refused there, with a better message
            concept=concept,
            all_equilibria=all_equilibria,
            exact=exact,
            method=method,
            horizon=horizon,
            time_limit=time_limit,
            progress=progress,
            **_options(settings),
        )
    seconds = time.perf_counter() - begin
    if as_json:
        print_json(solution_document(game, solution, seconds, loaded))
    else:
        show_solution(loaded, solution, seconds)
    if interrupted():
        raise SystemExit(INTERRUPTED)
    if solution.outcome == "time limit":
        raise SystemExit(NO_ANSWER)


def _options(settings: tuple[str, ...]) -> dict[str, Any]:
    """``key=value`` as keywords: numbers where they are numbers, true and false, else text.

    Raises:
        GameError: no ``=``.
    """
    out: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise GameError(f"{setting!r} sets nothing; write key=value")
        out[key.strip().replace("-", "_")] = _value(text.strip())
    return out


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def _renormalised(game: str) -> Any:
    from gametheory.files.efg import read_efg

    if not game.lower().endswith(".efg"):
        raise GameError(f"--renormalise is for .efg files; {game} is none")
    return read_efg(game, renormalise=True)
