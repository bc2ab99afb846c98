"""Commands on formal games as such: convert, check-equivalence, describe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import click

from gametheory.commands.terminal import NO, print_json, print_table
from gametheory.errors import GameError

if TYPE_CHECKING:
    from gametheory.aecg import AECG
    from gametheory.convert import Correspondence
    from gametheory.extensive.tree import Tree
    from gametheory.normal_form import NormalForm
    from gametheory.posg import POSG

SUFFIXES = {"posg": ".json", "aecg": ".json", "efg": ".efg", "nfg": ".nfg"}
FINITE = ("efg", "nfg")
PICTURES = (".svg", ".png")


@click.group()
def main() -> None:
    """Formal games: convert, compare and describe."""


@main.command()
@click.argument("game")
@click.option("--to", "target", type=click.Choice(list(SUFFIXES)), required=True, help="What to make of it.")
@click.option(
    "-o", "output", required=True, metavar="FILE", help="Where to write: .json; .efg or .nfg for those."
)
@click.option(
    "--horizon",
    type=click.IntRange(min=1),
    metavar="H",
    help="For efg and nfg: stop after H of the game's own steps; by default when play ends.",
)
@click.option("--correspondence", metavar="FILE", help="Also write which state stands for which, as JSON.")
def convert(game: str, target: str, output: str, horizon: int | None, correspondence: str | None) -> None:
    """Write GAME as a POSG, an AECG, a tree or a normal form.

    An AECG is an agent-environment cycle game. GAME is a catalogue name (`equilibrist games`), a file
    (.nfg, .efg, .json, .dpomdp), or module:attribute.
    Conversions between POSG and AECG change no law; `equilibrist check-equivalence` proves it. In a
    normal form each action is a reduced strategy and is named by what it prescribes.

    \b
    equilibrist convert tiger.dpomdp --to aecg -o tiger.json --correspondence tiger-states.json
    equilibrist convert kuhn-poker --to nfg -o kuhn.nfg
    equilibrist convert tiger.dpomdp --to efg --horizon 2 -o tiger.efg
    """
    from gametheory.files import write
    from gametheory.files.correspondence_json import write_correspondence
    from gametheory.load import load

    if PurePath(output).suffix.lower() != SUFFIXES[target]:
        raise GameError(f"{output!r} cannot hold the answer; --to {target} needs a file {SUFFIXES[target]}")
    if correspondence is not None and PurePath(correspondence).suffix.lower() != ".json":
        raise GameError(f"{correspondence!r} cannot hold a correspondence; name a file .json")
    if horizon is not None and target not in FINITE:
        raise GameError("--horizon is for --to efg and nfg; games of states have no horizon")
    made, states = converted(load(game), target, game, horizon)
    if correspondence is not None and states is None:
        raise GameError(f"{game} to {target} is no conversion between POSG and AECG; drop --correspondence")
    write(made, output)
    if correspondence is not None and states is not None:
        write_correspondence(states, correspondence)
    click.echo(f"wrote {output}" + (f" and {correspondence}" if correspondence else ""), err=True)


def converted(
    game: Any, target: str, name: str, horizon: int | None = None
) -> tuple[Any, Correspondence | None]:
    """The game as a posg, aecg, efg or nfg, and the correspondence where one was made.

    Raises:
        GameError: a game without states and tables, or one too large for a tree or a normal form.
    """
    from gametheory.aecg import AECG
    from gametheory.convert import aecg_to_posg, posg_to_aecg
    from gametheory.extensive.tree import Tree
    from gametheory.normal_form import NormalForm
    from gametheory.posg import POSG

    if not isinstance(game, NormalForm | POSG | AECG | Tree):
        raise GameError(
            f"{name} is a {type(game).__name__}; convert takes matrix games, POSGs, AECGs and trees"
        )
    if target in FINITE:
        return _finite(game, target, horizon), None
    if isinstance(game, Tree):
        raise GameError(f"{name} is a tree; it can be written as efg or nfg")
    start: POSG | AECG = game.to_posg() if isinstance(game, NormalForm) else game
    if target == "aecg" and isinstance(start, POSG):
        return posg_to_aecg(start)
    if target == "posg" and isinstance(start, AECG):
        return aecg_to_posg(start)
    return start, None


def _finite(game: NormalForm | POSG | AECG | Tree, target: str, horizon: int | None) -> NormalForm | Tree:
    """The tree or the normal form of a game that ends, or is cut after a horizon."""
    from gametheory.extensive.tree import Tree
    from gametheory.extensive.unroll import unroll
    from gametheory.normal_form import NormalForm
    from gametheory.solving.induced import induced_normal_form

    if isinstance(game, NormalForm):
        return game if target == "nfg" else unroll(game)
    if target == "nfg":
        return induced_normal_form(game, horizon).game
    if not isinstance(game, Tree):
        return unroll(game, horizon)
    if horizon is not None:
        raise GameError("a tree ends by itself; drop --horizon")
    return game


@main.command("check-equivalence")
@click.argument("first")
@click.argument("second")
@click.option(
    "--correspondence", metavar="FILE", help="What `convert --correspondence` wrote: proves every horizon."
)
@click.option("--horizon", type=click.IntRange(min=1), metavar="H", help="Compare laws through H steps only.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def check_equivalence(
    first: str, second: str, correspondence: str | None, horizon: int | None, as_json: bool
) -> None:
    """Whether two games give plays the same probability.

    Exit status 1 if not. With --correspondence a step-wise check decides for every policy and every
    horizon at once. Without it laws are enumerated, through all horizons if the games allow it.

    \b
    equilibrist check-equivalence tiger.dpomdp tiger.json --correspondence tiger-states.json
    """
    from gametheory.equivalence import check_equivalence as check

    a, b = _tabular(first), _tabular(second)
    states = None if correspondence is None else _states(correspondence, [a, b])
    found = check(a, b, states, horizon)
    if as_json:
        difference = found.first_difference
        print_json(
            {
                "games": [first, second],
                "equivalent": found.equivalent,
                "proved_for": found.proved_for,
                "first_difference": None
                if difference is None
                else {"trajectory": difference.trajectory, "probabilities": difference.probabilities},
            }
        )
    else:
        click.echo(str(found))
    if not found.equivalent:
        raise SystemExit(NO)


def _tabular(name: str) -> POSG | AECG:
    from gametheory.aecg import AECG
    from gametheory.load import load
    from gametheory.normal_form import NormalForm
    from gametheory.posg import POSG

    game = load(name)
    if isinstance(game, NormalForm):
        return game.to_posg()
    if not isinstance(game, POSG | AECG):
        raise GameError(f"{name} is a {type(game).__name__}; laws are compared of POSGs and AECGs")
    return game


def _states(path: str, games: list[POSG | AECG]) -> Correspondence:
    from gametheory.aecg import AECG
    from gametheory.files.correspondence_json import read_correspondence
    from gametheory.posg import POSG

    posgs = [game for game in games if isinstance(game, POSG)]
    aecgs = [game for game in games if isinstance(game, AECG)]
    if len(posgs) != 1 or len(aecgs) != 1:
        raise GameError(f"{path!r} relates a POSG and an AECG; give one of each, or no --correspondence")
    return read_correspondence(path, posgs[0], aecgs[0])


picture_option = click.option("-o", "output", metavar="FILE", help="Draw it: .svg or .png.")


@main.command()
@click.argument("game")
@picture_option
def describe(game: str, output: str | None) -> None:
    """What GAME is made of; or, with -o, a picture of it.

    A matrix game is drawn as its payoff table, best responses shaded and pure equilibria
    framed; a small POSG or AECG as a graph of its states.

    \b
    equilibrist describe stag-hunt
    equilibrist describe stag-hunt -o stag-hunt.svg
    """
    from gametheory.load import load

    check_picture(output)
    show_game(load(game), game, output)


def check_picture(output: str | None) -> None:
    """Check that a file's name says what kind of picture it is to hold.

    Raises:
        GameError: it does not.
    """
    if output is not None and PurePath(output).suffix.lower() not in PICTURES:
        raise GameError(f"{output!r} names no kind of picture; end it in .svg or .png")


def show_game(game: Any, name: str, output: str | None, more: Sequence[tuple[str, str]] = ()) -> None:
    """Print what a game is made of, with further facts before; or draw it to a file."""
    if output is None:
        from gametheory.describe import facts

        print_table(["", name], [[what, value] for what, value in [*more, *facts(game)]])
        return
    try:
        from gametheory.drawing.pictures import draw
    except ImportError as error:
        raise GameError(f"pictures need {error.name}: python -m pip install 'equilibrist[plots]'") from None
    draw(game, output)
    click.echo(f"wrote {output}", err=True)
