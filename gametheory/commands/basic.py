"""Commands on formal games: games, solve, classify, certify."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from gametheory.commands.classify import classify_options, show_classified
from gametheory.commands.terminal import (
    NO,
    print_json,
    print_table,
    show_number,
)
from gametheory.errors import GameError

if TYPE_CHECKING:
    from gametheory.catalogue import Entry
    from gametheory.continuous import ContinuousGame
    from gametheory.normal_form import NormalForm


@click.group()
def main() -> None:
    """Formal games: list, solve, classify and certify."""


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")


@main.command()
@json_option
def games(as_json: bool) -> None:
    """List the catalogue: named games, sizes, sources."""
    from gametheory.catalogue import entries

    listed = [_described(entry) for entry in entries()]
    if as_json:
        print_json({"games": listed})
        return
    rows = [[g["name"], _size(g), g["title"], g["source"]] for g in listed]
    print_table(["name", "actions", "title", "source"], rows)
    click.echo(
        "Solve one: equilibrist solve NAME. Game files (.nfg, .efg, .dpomdp, .json) work in the same place.",
        err=True,
    )


@main.command()
@click.argument("game")
@classify_options
def classify(game: str, **options: Any) -> None:
    """What kind of game GAME is, with witnesses.

    Reward settings and finer classes are looked at; --json has long witnesses whole. GAME is a catalogue
    name (`equilibrist games`), a file (.nfg, .json, .dpomdp), or module:attribute.

    \b
    equilibrist classify prisoners-dilemma
    equilibrist classify market.nfg --json
    """
    from gametheory.load import load

    show_classified(load(game), game, **options)


@main.command()
@click.argument("game")
@click.option(
    "--profile",
    required=True,
    metavar="FILE|-",
    help="JSON: [[p, …] per agent], policies over histories, or what `solve --json` printed.",
)
@click.option(
    "--horizon",
    type=click.IntRange(min=0),
    metavar="H",
    help="Steps of a POSG or an AECG; by default until play ends.",
)
@click.option(
    "--epsilon",
    type=click.FloatRange(min=0),
    help="Regret allowed, as a share of the payoff range. [default: 1e-9]",
)
@json_option
def certify(game: str, profile: str, horizon: int | None, epsilon: float | None, as_json: bool) -> None:
    """Recompute every agent's regret under a profile.

    Exit status 1 if it is no equilibrium. GAME is a catalogue name (`equilibrist games`), a game file,
    or module:attribute. In a game of several moves agents deviate to any policy that remembers what
    they saw and did.

    \b
    echo '[["1/2", "1/2"], ["1/2", "1/2"]]' | equilibrist certify matching-pennies --profile -
    equilibrist certify tiger.json --horizon 3 --profile policies.json
    """
    from gametheory.certify import EPSILON
    from gametheory.certify import certify as certify_profile
    from gametheory.load import load

    loaded: Any = load(game)
    found = _read_profile(loaded, profile, game)
    result = certify_profile(loaded, found, EPSILON if epsilon is None else epsilon, horizon=horizon)
    if as_json:
        print_json(
            {
                "game": game,
                "regrets": result.regrets,
                "nash_conv": result.nash_conv,
                "values": result.values,
                "certificate": result.kind,
                "epsilon": result.epsilon,
                **({} if result.distance is None else {"distance": result.distance}),
            }
        )
    else:
        rows = [
            [agent, show_number(value), show_number(regret), show_number(width)]
            for agent, value, regret, width in zip(
                loaded.agents, result.values, result.regrets, result.payoff_ranges, strict=True
            )
        ]
        print_table(["agent", "value", "regret", "payoff range"], rows)
        verdict = f"an equilibrium, certificate: {result.grade}" if result.holds else "not an equilibrium"
        click.echo(
            f"NashConv {show_number(result.nash_conv)}; epsilon {result.epsilon:g} of the payoff range"
        )
        click.echo(f"{game}: {verdict}")
    if not result.holds:
        raise SystemExit(NO)


def _read_profile(game: Any, path: str, name: str) -> Sequence[Any]:
    """A profile of the kind that the game asks for."""
    from gametheory.continuous import ContinuousGame
    from gametheory.continuous.lq.model import LinearQuadraticGame
    from gametheory.normal_form import NormalForm

    if isinstance(game, NormalForm | ContinuousGame):
        from gametheory.files.profile import read_profile

        return read_profile(path, game)
    if isinstance(game, LinearQuadraticGame):
        from gametheory.files.gains import read_gains

        return read_gains(path, game)
    from gametheory.aecg import AECG
    from gametheory.extensive.tree import Tree
    from gametheory.files.policies_json import read_behaviour, read_policies
    from gametheory.posg import POSG

    if isinstance(game, Tree):
        return read_behaviour(path, game)
    if not isinstance(game, POSG | AECG):
        raise GameError(
            f"{name} is a {type(game).__name__}; certify takes games with tables, not simulations"
        )
    return read_policies(path, game)


def _size(game: dict[str, Any]) -> str:
    if game["kind"] in ("sequential", "linear-quadratic"):
        return f"{game['agents']} agents, in moves"
    return " × ".join(map(str, game["actions"] or ["interval"] * game["agents"]))


def _described(entry: Entry) -> dict[str, Any]:
    from gametheory.normal_form import NormalForm

    if entry.agents is not None:
        return {
            "name": entry.name,
            "title": entry.title,
            "kind": entry.kind,
            "agents": entry.agents,
            "actions": None,
            "value": entry.value,
            "source": entry.source,
        }
    game = entry.build()
    return {
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "agents": len(game.agents),
        "actions": list(game.shape) if isinstance(game, NormalForm) else None,
        "known_equilibria": entry.count if entry.equilibria is None else len(entry.equilibria),
        "source": entry.source,
    }


def _one_shot(name: str) -> NormalForm | ContinuousGame:
    """Load a game that is played once.

    Raises:
        GameError: the game is of another kind.
    """
    from gametheory.continuous import ContinuousGame
    from gametheory.load import load
    from gametheory.normal_form import NormalForm

    game = load(name)
    if not isinstance(game, NormalForm | ContinuousGame):
        raise GameError(f"{name} is a {type(game).__name__}; this command takes one-shot games so far")
    return game
