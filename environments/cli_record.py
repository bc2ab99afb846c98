"""The command record: plays as films."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def main() -> None:
    """Films of simulated games."""


@main.command()
@click.argument("environment")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where to write: .gif or .mp4.",
)
@click.option("--policy", metavar="NAME", help="Who plays: baseline or random.  [default: baseline, if any]")
@click.option("--episodes", type=click.IntRange(min=1), default=1, show_default=True, help="How many plays.")
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Stop a play after N steps.")
@click.option("--seed", type=int, default=0, show_default=True, help="Fixes all plays.")
@click.option("--fps", type=click.FloatRange(0.1, 50), help="Pictures a second.  [default: 10 or 1]")
@click.option("--size", type=int, default=672, show_default=True, help="Width in pixels.")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Of the environment; may be repeated.",
)
def record(
    environment: str,
    output: Path,
    policy: str | None,
    episodes: int,
    steps: int | None,
    seed: int,
    fps: float | None,
    size: int,
    assignments: tuple[str, ...],
) -> None:
    """Write a film of ENVIRONMENT being played.

    ENVIRONMENT is a name (`equilibrist environments`, `equilibrist games`), a file or module:attribute.
    A play ends by itself or after N steps: 25 for particle tasks, 100 for others, unless said. Particle
    tasks run in their own time, 10 steps a second; others one step a second. MP4 needs
    equilibrist[video].

    \b
    equilibrist record simple_collect -o collect.gif
    equilibrist record simple_tag --set good=2 --steps 100 -o tag.mp4
    equilibrist record soccer --episodes 3 --fps 2 --seed 7 -o soccer.gif
    """
    from environments.asked import asked
    from environments.drawing.film import check_film, steady, write_film
    from environments.drawing.watcher import frames_per_second
    from environments.drivers import driver, episode
    from gametheory import streams
    from gametheory.commands.terminal import late_progress

    check_film(output)
    found = asked(environment, assignments)
    driver(policy, found, streams.seed_keys(seed, 1))  # a mistake is told before anything is played
    plays = [list(episode(found, policy, seed=seed, number=k, steps=steps)) for k in range(episodes)]
    rate = fps or frames_per_second(found.game)
    moments = steady(plays)
    with late_progress("painting") as report:
        write_film(output, moments, fps=rate, width=size, report=report)
    click.echo(f"wrote {output}: {len(moments)} pictures", err=True)
