"""Commands on learners: train, resume, evaluate, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from learners.training import TrainingSettings

if TYPE_CHECKING:
    from learners.running.conduct import Conducted
    from learners.running.parallel import Pool
    from learners.running.runs import RunFolder

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
tensorboard_option = click.option(
    "--tensorboard", is_flag=True, help="Write TensorBoard events too (extra: equilibrist[tensorboard])."
)
require_option = click.option(
    "--require-convergence", is_flag=True, help="Exit status 1 unless the verdict is converged."
)
engine_option = click.option(
    "--engine",
    metavar="NAME",
    help="local: processes of this machine; ray: a Ray cluster (extra: equilibrist[ray]).  [default: local]",
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="At most N seeds at a time.  [default: all cores]"
)
steps_option = click.option(
    "--steps",
    type=int,
    metavar="N",
    help=f"Environment steps of each seed.  [default: {TrainingSettings.steps}]",
)
folder = click.Path(path_type=Path)


SWEEP_FILE = "sweep.json"
"""What makes a folder a sweep."""


@click.group()
def main() -> None:
    """Learning algorithms: train, resume, evaluate, report."""


@main.command()
@click.argument("game")
@click.option(
    "--algorithm",
    metavar="NAME",
    help="What learns (`equilibrist algorithms` lists them), or module:attribute.  [default: soft-matd4]",
)
@click.option(
    "--scheme",
    metavar="NAME",
    help="ct-de, concurrent, parameter-sharing or centralized.  [default: the algorithm's first]",
)
@steps_option
@click.option("--seed", type=int, metavar="S", help="One run with this seed.  [default: 0]")
@click.option("--seeds", type=int, metavar="COUNT", help="COUNT runs with seeds 0, 1, …, side by side.")
@engine_option
@jobs_option
@click.option(
    "--config",
    type=folder,
    metavar="FILE.toml",
    help="Options and settings from a file; the command line wins.",
)
@click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="One setting; may be repeated."
)
@click.option(
    "-o", "--output", type=folder, required=True, metavar="RUN", help="The run folder; it must not exist."
)
@tensorboard_option
@require_option
@json_option
def train(
    game: str,
    output: Path,
    config: Path | None,
    assignments: tuple[str, ...],
    tensorboard: bool,
    require_convergence: bool,
    as_json: bool,
    jobs: int | None,
    **options: Any,
) -> None:
    """Train on GAME, and judge by the computed equilibria.

    GAME is an environment (`equilibrist environments`), a catalogue name (`equilibrist games`), a game
    file, or module:attribute. Ctrl-C writes a checkpoint; `equilibrist resume RUN` continues.

    \b
    equilibrist train cournot --algorithm soft-matd4 --seeds 3 -o runs/cournot
    equilibrist train matching-pennies --steps 64000 --seed 7 -o runs/pennies
    equilibrist train cournot --set environment.firms=3 --set actor_rate=3e-4 \\
        --set training.epsilon=0.005 --require-convergence -o runs/three-firms

    An algorithm of your own is module:attribute: a class or function (observation_specs,
    action_specs, *, seed) that returns a Learner; its other keyword parameters are its settings.

    KEY is a setting of the algorithm (actor_rate), of the training (training.plays), or a
    parameter of the environment (environment.firms); `equilibrist algorithms NAME` and `equilibrist
    environments` list them. In a file the same keys stand in the tables
    [settings], [training] and [environment], and algorithm, steps, seed … at the top.
    """
    from learners.running.parallel import pool
    from learners.running.request import asked_engine, assemble
    from learners.running.runs import RunFolder

    seeds_on = pool(asked_engine(options, config), jobs)
    chosen = assemble(game, options, config, assignments)
    alone = len(chosen.seeds) == 1 and asked_engine(options, config) == "local"
    run = RunFolder.create(output, chosen)
    _conduct(run, None if alone else seeds_on, tensorboard, require_convergence, as_json)


@main.command()
@click.argument("run", type=folder)
@click.option("--from", "checkpoint", type=folder, metavar="FILE", help="An older checkpoint of this run.")
@engine_option
@jobs_option
@tensorboard_option
@require_option
@json_option
def resume(
    run: Path,
    checkpoint: Path | None,
    engine: str | None,
    jobs: int | None,
    tensorboard: bool,
    require_convergence: bool,
    as_json: bool,
) -> None:
    """Continue RUN, or a sweep, as if it had never stopped.

    A run goes on from its newest checkpoint unless told otherwise.

    \b
    equilibrist resume runs/cournot
    equilibrist resume runs/cournot/seed-1 --from runs/cournot/seed-1/checkpoints/step-000000032000.pt
    """
    from gametheory.errors import GameError
    from learners.running.parallel import pool
    from learners.running.reported import breaks_again, set_aside, why_broken
    from learners.running.runs import RunFolder

    seeds_on = pool(engine or "local", jobs)
    if (run / SWEEP_FILE).exists():
        if checkpoint is not None:
            raise GameError(
                f"{run} is a sweep; resume one of its runs: equilibrist resume {run}/trial-K --from …"
            )
        from learners.cli_sweep import conduct_sweep

        conduct_sweep(run, seeds_on, tensorboard, as_json)
        return
    opened = RunFolder.open(run)
    opened.check_source()
    if checkpoint is not None:
        from learners.running.checkpoint import go_back

        if opened.several:
            raise GameError(
                f"{run} holds several seeds; resume one of them: equilibrist resume {run}/seed-K --from …"
            )
        if checkpoint.resolve().parent != opened.checkpoints.resolve():
            raise GameError(f"{checkpoint} is not a checkpoint of {run}; they lie in {opened.checkpoints}")
        with opened.lock():
            go_back(opened.checkpoints / checkpoint.name, opened.config.digest)
            set_aside(opened.path)
    for name, (then, now) in opened.changed_versions().items():
        click.echo(
            f"equilibrist: {name} was {then} and is {now}: the numbers may differ in the last digits",
            err=True,
        )
    for own in filter(breaks_again, opened.seed_folders()):
        click.echo(
            f"equilibrist: {own.path} diverged, would do so again, and is left as it is: {why_broken(own.path)}; "
            "train with other settings into another folder",
            err=True,
        )
    alone = not opened.several and engine in (None, "local")
    _conduct(opened, None if alone else seeds_on, tensorboard, require_convergence, as_json)


@main.command()
@click.argument("what", metavar="(RUN | GAME)")
@click.option(
    "--policies", metavar="module:attribute", help="Policies from anywhere, one per agent of GAME; see below."
)
@click.option("--plays", type=click.IntRange(min=2), default=1000, show_default=True, help="Plays per seed.")
@click.option("--seed", type=int, metavar="S", help="With --policies: of the plays.  [default: 0]")
@click.option(
    "--draws",
    type=click.IntRange(min=2),
    metavar="N",
    help="With --policies: answers asked for at each observation where no law is told.  [default: 1000]",
)
@click.option(
    "--horizon", type=click.IntRange(min=1), metavar="H", help="With --policies: GAME is over after H steps."
)
@click.option(
    "--recall",
    type=click.IntRange(min=0),
    metavar="K",
    help="With --policies: agents see their own last K moves, too.",
)
@json_option
def evaluate(what: str, policies: str | None, plays: int, as_json: bool, **options: int | None) -> None:
    """Play and certify the policies of RUN, or your own.

    Those of RUN's newest checkpoints; with --policies, any in GAME.

    \b
    equilibrist evaluate runs/cournot --plays 10000
    equilibrist evaluate matching-pennies --policies mine:policies

    module:attribute is a dictionary of policies by the agents' names, a list in their order, or a
    function of the game that returns one. A policy is any callable from what its agent sees to an
    action, or to a probability for every action; or an object with `start` and `act`.
    """
    from gametheory.commands.terminal import print_json
    from learners.external.evaluate_request import evaluated, evaluated_run
    from learners.reports.show import show_evaluation, show_policies

    given = {name: value for name, value in options.items() if value is not None}
    if policies is not None:
        found = evaluated(what, policies, {"plays": plays, **given})
    else:
        found = evaluated_run(what, plays, given)
    if as_json:
        print_json(found)
    elif policies is not None:
        show_policies(found)
    else:
        show_evaluation(found)


@main.command()
@click.argument("runs", nargs=-1, required=True, type=folder)
@click.option("-o", "--output", type=folder, required=True, metavar="FILE.html", help="Where the page goes.")
@json_option
def report(runs: tuple[Path, ...], output: Path, as_json: bool) -> None:
    """Write one self-contained page about one or more RUNs.

    \b
    equilibrist report runs/cournot runs/pennies -o comparison.html
    """
    from gametheory.commands.terminal import print_json
    from learners.reports.report import load_run, render

    render(runs, output)
    if as_json:
        print_json({"report": output, "runs": [load_run(path).facts for path in runs]})
    else:
        click.echo(str(output))


def _conduct(
    run: RunFolder, pool: Pool | None, tensorboard: bool, require_convergence: bool, as_json: bool
) -> None:
    from gametheory.commands.terminal import BAD_INPUT, INTERNAL, INTERRUPTED, NO, print_json
    from learners.reports.show import bars, show_run
    from learners.running.conduct import conduct
    from learners.running.parallel import interruptible

    with interruptible() as stop, bars(run) as progress:
        done: Conducted = conduct(run, progress=progress, stop=stop, tensorboard=tensorboard, pool=pool)
    if as_json:
        print_json(done.facts)
    else:
        show_run(run.path, done.facts)
    for seed, why in done.failed.items():
        click.echo(f"equilibrist: seed {seed} failed: {why}", err=True)
    if done.interrupted:
        click.echo(f"equilibrist: interrupted; continue with: equilibrist resume {run.path}", err=True)
        sys.exit(INTERRUPTED)
    if done.failed:
        sys.exit(INTERNAL if done.internal else BAD_INPUT)
    if require_convergence and done.facts["verdict"] != "converged":
        sys.exit(NO)
