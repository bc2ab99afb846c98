"""The command play: a person takes one agent's place, or watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from environments.drawing.moment import Moment
    from environments.drivers import Driver
    from environments.fronts import Front
    from environments.hand import Hand
    from environments.registry import Environment


@click.group()
def main() -> None:
    """Simulated games by hand."""


@main.command()
@click.argument("environment")
@click.option("--agent", metavar="NAME", help="Whom you are.  [default: the first that has a choice]")
@click.option(
    "--against",
    metavar="NAME",
    help="What the others do: baseline or random.  [default: baseline, if any]",
)
@click.option("--watch", is_flag=True, help="Be nobody, and look on.")
@click.option("--terminal", is_flag=True, help="No window.")
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Stop after N steps.")
@click.option("--seed", type=int, default=0, show_default=True, help="Fixes all that is left to chance.")
@click.option(
    "--size", type=int, default=672, show_default=True, help="Width of the window's picture in pixels."
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Of the environment; may be repeated.",
)
def play(
    environment: str,
    agent: str | None,
    against: str | None,
    watch: bool,
    terminal: bool,
    steps: int | None,
    seed: int,
    size: int,
    assignments: tuple[str, ...],
) -> None:
    """Play ENVIRONMENT as one of its agents.

    In a window where there is a display, else in the terminal. Particle tasks and games of moves take
    arrow keys, others the number of an action; one key is one step. You see what your agent sees, and rewards.
    Lines of standard input, if it is no terminal, are your actions: labels, numbers of the list, or, for
    vectors, their numbers; # begins a comment.

    \b
    equilibrist play simple_tag --agent agent_0
    equilibrist play kuhn-poker --terminal --seed 3
    equilibrist play simple_collect --watch
    printf 'right\\nright\\nup\\n' | equilibrist play simple
    """
    from environments.asked import asked
    from environments.drivers import driver, usual_steps
    from environments.fronts import open_front
    from environments.hand import Hand, first_chooser
    from gametheory import streams
    from gametheory.errors import GameError

    found = asked(environment, assignments)
    if watch and agent is not None:
        raise GameError("--watch is for nobody; drop it or --agent")
    keys = streams.seed_keys(seed, 1)
    others = driver(against, found, keys)
    start = _start(found, seed)
    hand = None if watch else Hand(first_chooser(start) if agent is None else _number(found, agent))
    front = open_front(found.name, terminal=terminal, width=size)
    try:
        end = _go(found, start, hand, others, front, steps or usual_steps(found.game))
    finally:
        front.close()
    _tell(end)


def _number(environment: Environment, agent: str) -> int:
    from gametheory.errors import UnknownName

    if agent not in environment.game.agents:
        raise UnknownName(f"agent of {environment.name}", agent, environment.game.agents)
    return environment.game.agents.index(agent)


def _start(environment: Environment, seed: int) -> Moment:
    from environments.drawing.moment import first_moment
    from gametheory import streams

    game = environment.game
    return first_moment(game, game.reset(streams.seed_keys(seed, 1)), environment.name)


def _go(
    environment: Environment, start: Moment, hand: Hand | None, others: Driver, front: Front, limit: int
) -> Moment:
    """Play until it is over or the person stops; the last moment."""
    from dataclasses import replace

    from environments.drawing.moment import next_moment
    from environments.fronts import Stopped

    moment = replace(start, viewer=None if hand is None else hand.agent)
    try:
        front.show(moment)
        while not moment.over and moment.time < limit:
            actions = list(others.choose(moment.step, moment.time))
            if hand is None:
                front.rest(WATCHED)
            elif moment.acting[hand.agent]:
                hand, actions[hand.agent] = front.ask(moment, hand)
            joint = tuple(actions)
            step = environment.game.step(moment.step.state, joint)
            moment = next_moment(moment, joint, step, stopped=moment.time + 1 == limit)
            front.show(moment)
        front.rest(AFTER)
    except Stopped:
        pass
    return moment


WATCHED, AFTER = 0.2, 2.0
"""Seconds between steps that are looked at, and before a window closes."""


def _tell(end: Moment) -> None:
    from environments.drawing.strip import number
    from gametheory.commands.terminal import print_table

    done = "the play is over" if end.over else "stopped"
    click.echo(f"{done} after {end.time} step{'' if end.time == 1 else 's'}", err=True)
    you = ["" if end.viewer != i else "you" for i in range(len(end.game.agents))]
    rows = [
        [agent, number(own), mark] for agent, own, mark in zip(end.game.agents, end.returns, you, strict=True)
    ]
    print_table(["agent", "return", ""], rows)
