"""Command on learning dynamics: dynamics."""

from __future__ import annotations

import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from gametheory.commands.terminal import NO_ANSWER, late_progress, print_json, print_table, show_number
from gametheory.errors import GameError

if TYPE_CHECKING:
    from gametheory.certify import Certificate
    from gametheory.normal_form import NormalForm
    from gametheory.solution import Solution

PICTURES = (".svg", ".png")
SECONDS_FOR_EQUILIBRIA = 5.0
"""For the stars in a picture."""


@click.group()
def main() -> None:
    """Learning dynamics of matrix games."""


@main.command()
@click.argument("game")
@click.option("--algorithm", required=True, metavar="NAME", help="fictitious-play, regret-matching, …")
@click.option(
    "--iterations", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many steps."
)
@click.option(
    "--start", metavar="JSON|FILE", help="The first profile: [[p, …] per agent], or a file with it."
)
@click.option("--seed", type=int, metavar="S", help="Draw the first profile from the simplices instead.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter of the algorithm; repeatable."
)
@click.option(
    "--epsilon",
    type=click.FloatRange(min=0),
    help="Converged once no agent can gain more than this share of its payoff range. [default: 1e-9]",
)
@click.option(
    "--record", type=click.IntRange(min=2), default=400, show_default=True, help="About how many points."
)
@click.option("--plot", metavar="FILE", help="Draw the run: .svg or .png.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Stop after S seconds."
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output, the trace in it."
)
def dynamics(
    game: str,
    algorithm: str,
    iterations: int,
    start: str | None,
    seed: int | None,
    settings: tuple[str, ...],
    epsilon: float | None,
    record: int,
    plot: str | None,
    time_limit: float | None,
    as_json: bool,
) -> None:
    """Run learning dynamics on GAME, and say where they led.

    GAME is a matrix game: a catalogue name, a file or module:attribute. NAME is one of fictitious-play,
    regret-matching, regret-matching-plus, multiplicative-weights, optimistic-multiplicative-weights,
    replicator, logit, best-response, continuous-best-response, magnetic-mirror-descent.

    \b
    equilibrist dynamics shapley --algorithm fictitious-play --plot shapley.png
    equilibrist dynamics matching-pennies --algorithm replicator --seed 1 --json
    equilibrist dynamics chicken --algorithm multiplicative-weights --set rate=0.1 --set decreasing=true
    """
    from gametheory.certify import EPSILON, certify
    from gametheory.commands.keywords import read_keywords
    from gametheory.dynamics import dynamics as named
    from gametheory.solvers.clock import Clock

    run = named(algorithm)
    keywords = read_keywords(run, settings, f"parameter of {algorithm}")
    _check_picture(plot)
    loaded = _matrix_game(game)
    allowed = EPSILON if epsilon is None else epsilon
    first = None if start is None else _profile(start, loaded)
    shared = {"iterations": iterations, "start": first, "seed": seed, "record": record, "epsilon": allowed}
    begin = time.perf_counter()
    with late_progress("learning") as progress:
        solution = run(loaded, clock=Clock(time_limit, progress), **shared, **keywords)
    seconds = time.perf_counter() - begin
    certificate = certify(loaded, solution.profiles[0], allowed)
    if plot is not None:
        _draw(loaded, solution, plot)
    if as_json:
        print_json(_document(game, solution, certificate, seconds))
    else:
        _show(game, loaded, solution, certificate, seconds)
    if solution.outcome == "time limit":
        raise SystemExit(NO_ANSWER)


def _matrix_game(name: str) -> NormalForm:
    from gametheory.load import load
    from gametheory.normal_form import NormalForm

    game = load(name)
    if not isinstance(game, NormalForm):
        raise GameError(f"{name} is a {type(game).__name__}; dynamics are of matrix games")
    return game


def _profile(text: str, game: NormalForm) -> list[Any]:
    from gametheory.files.profile import parse_profile, read_profile

    if text.lstrip().startswith(("[", "{")):
        return list(parse_profile(text, game, source="--start"))
    return list(read_profile(text, game))


def _check_picture(plot: str | None) -> None:
    if plot is None:
        return
    if PurePath(plot).suffix.lower() not in PICTURES:
        raise GameError(f"{plot!r} names no kind of picture; end it in .svg or .png")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise GameError(f"pictures need {error.name}: python -m pip install 'equilibrist[plots]'") from None


def _draw(game: NormalForm, solution: Solution, path: str) -> None:
    """The run and the equilibria that can be found in a few seconds."""
    from gametheory.plots import run_picture, save
    from gametheory.solve import solve

    known = solve(game, time_limit=SECONDS_FOR_EQUILIBRIA)
    save(run_picture(game, solution, known.profiles, known.components), path)
    click.echo(f"wrote {path}", err=True)


def _document(name: str, solution: Solution, certificate: Certificate, seconds: float) -> dict[str, Any]:
    assert solution.trace is not None
    return {
        "game": name,
        "algorithm": solution.method,
        "concept": solution.concept,
        "parameters": solution.parameters,
        "outcome": solution.outcome,
        "advice": solution.outcome.advice,
        "why": solution.why,
        "seconds": round(seconds, 6),
        "iterations": int(solution.trace.iterations[-1]),
        "profile": solution.profiles[0],
        "values": certificate.values,
        "regrets": certificate.regrets,
        "nash_conv": certificate.nash_conv,
        "certificate": certificate.kind,
        "epsilon": certificate.epsilon,
        "trace": {"iterations": solution.trace.iterations, **solution.trace.quantities},
    }


def _show(name: str, game: NormalForm, solution: Solution, certificate: Certificate, seconds: float) -> None:
    assert solution.trace is not None
    rows = [
        [agent, _strategy(labels, own), show_number(value), show_number(regret)]
        for agent, labels, own, value, regret in zip(
            game.agents,
            game.actions,
            solution.profiles[0],
            certificate.values,
            certificate.regrets,
            strict=True,
        )
    ]
    print_table(["agent", "plays", "value", "regret"], rows)
    ended = int(solution.trace.iterations[-1])
    click.echo(f"{solution.method}: {solution.outcome} after {ended:,} iterations in {seconds:.3g} s")
    click.echo(solution.why)
    grade = f"an equilibrium, certificate: {certificate.kind}" if certificate.holds else "not an equilibrium"
    click.echo(
        f"NashConv {show_number(certificate.nash_conv)}; epsilon {certificate.epsilon:g} of the payoff range"
    )
    click.echo(f"{name}: the answer is {grade}")


def _strategy(labels: tuple[str, ...], own: Any, most: int = 8) -> str:
    played = [f"{label} {show_number(p)}" for label, p in zip(labels, own, strict=True) if p > 0]
    return ", ".join(played[:most]) + (f", … ({len(played)} actions)" if len(played) > most else "")
