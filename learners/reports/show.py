"""Runs for people: progress bars on standard error, results as tables on standard output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gametheory.commands.terminal import print_table
from learners.reports.report import show, show_profile
from learners.running.runs import RunFolder
from learners.scheme import variant

if TYPE_CHECKING:
    from learners.running.loop import Progress as State
    from learners.running.parallel import Told


@contextmanager
def bars(run: RunFolder) -> Iterator[Told]:
    """One bar per seed: steps, updates a second, return, losses, NashConv, time left."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    whole = Column(no_wrap=True)  # where the line is too narrow the note gives way
    columns = (
        TextColumn("seed {task.fields[seed]}", table_column=whole),
        BarColumn(bar_width=16),
        TextColumn("{task.completed:,}/{task.total:,} steps", table_column=whole),
        TimeRemainingColumn(table_column=whole),
        TextColumn("{task.fields[note]}", table_column=Column(no_wrap=False, overflow="ellipsis")),
    )
    total = run.config.training.steps
    click.echo(f"{run.config.algorithm} on {run.config.game}, into {run.path}", err=True)
    with Progress(*columns, console=Console(stderr=True)) as display:
        tasks = {seed: display.add_task("", total=total, seed=seed, note="") for seed in run.config.seeds}

        def progress(seed: int, state: State) -> None:
            note = told(state)
            display.update(tasks[seed], completed=min(state.steps, total), note=note)

        yield progress


def told(state: State) -> str:
    """How a run is doing, in a line."""
    parts = [f"{state.updates_per_second:.0f} updates/s"]
    if state.returns:
        shown = ", ".join(map(show, state.returns[:4]))
        parts.append(f"return {shown}{', …' if len(state.returns) > 4 else ''}")
    parts += [
        f"{name.replace('_', ' ')} {show(value)}" for name, value in state.losses.items() if "loss" in name
    ]
    if state.nash_conv is not None:
        parts.append(f"NashConv {show(state.nash_conv)}")
    return "  ".join(parts)


def show_run(path: Path, facts: Mapping[str, Any]) -> None:
    """What was computed, what was reached, and where the report lies."""
    if facts["equilibria"]:
        rows = [
            [
                str(k),
                show_profile(found["profile"], facts),
                ", ".join(map(show, found["values"])),
                str(found["certificate"]),
            ]
            for k, found in enumerate(facts["equilibria"][:20])
        ]
        print_table(["#", "computed equilibrium", "values", "certificate"], rows)
    seeds = facts.get("per_seed") or [{**facts, "seed": facts["seeds"][0]}]
    columns = {
        "seed": [str(seed["seed"]) for seed in seeds],
        "verdict": [seed["verdict"] for seed in seeds],
        "profile reached": [show_profile(seed["final_profile"], facts) for seed in seeds],
        "return per agent": [", ".join(map(show, seed["return"]["mean"] or [])) or "–" for seed in seeds],
        "NashConv": [show(seed["nash_conv"]["last"]) for seed in seeds],
        "NashConv, time average": [show(seed["nash_conv"]["average"]) for seed in seeds],
        "distance": [show(seed["distance_to_nearest_equilibrium"]) for seed in seeds],
    }
    told_of = {name: cells for name, cells in columns.items() if set(cells) != {"–"}}
    print_table(list(told_of), list(zip(*told_of.values(), strict=True)))
    if facts.get("optimum"):
        best, plain = facts["optimum"]["value"], facts["optimum"]["memoryless"]
        without = "" if plain is None else f", {show(plain)} without memory"
        click.echo(f"value: {show(facts['value'])} of {show(best)} at best{without}")
    treats = variant(facts["algorithm"])
    click.echo(", ".join([*(treats or ())[:1], facts["algorithm"], facts["scheme"]]))
    click.echo(f"verdict: {facts['verdict']} ({facts['reason']})")
    click.echo(f"report: {path / 'report.html'}")


def show_evaluation(found: Mapping[str, Any]) -> None:
    """A table of ``learners.evaluate``."""
    rows = []
    for seed in found["seeds"]:
        payment, certificate = seed["return"], seed["certificate"]
        rows.append(
            [
                str(seed["seed"]),
                show(seed["environment_steps"]),
                ", ".join(
                    f"{show(mean)} [{show(low)}, {show(high)}]"
                    for mean, (low, high) in zip(payment["mean"], payment["interval"], strict=True)
                ),
                show(seed["nash_conv"]),
                "–" if certificate is None else certificate["kind"] or "no equilibrium",
            ]
        )
    print_table(["seed", "steps", "return per agent [95 %]", "NashConv", "certificate"], rows)
    for seed in found["seeds"]:
        if seed["diverged"] is not None:
            click.echo(
                f"seed {seed['seed']} diverged ({seed['diverged']}); its last good policies are those of step "
                f"{seed['environment_steps']:,}"
            )


def show_policies(found: Mapping[str, Any]) -> None:
    """A table of ``learners.evaluate_policies``, and in words what its numbers are worth."""
    payment, certificate, estimate = found["return"], found["certificate"], found["estimate"]
    profile = found["profile"] or [None] * len(found["agents"])
    regrets = [None] * len(found["agents"]) if certificate is None else certificate["regrets"]
    rows = [
        [agent, f"{show(mean)} [{show(low)}, {show(high)}]", _played(own), show(regret)]
        for agent, mean, (low, high), own, regret in zip(
            found["agents"], payment["mean"], payment["interval"], profile, regrets, strict=True
        )
    ]
    print_table(["agent", "return [95 %]", "plays", "regret"], rows)
    if certificate is None:
        click.echo(found["why"])
        return
    known = estimate is None or estimate["nash_conv_error"] is None
    give = "" if known or estimate is None else f" ± {show(estimate['nash_conv_error'])} (95 %)"
    click.echo(f"NashConv: {show(found['nash_conv'])}{give}")
    click.echo(f"certificate: {certificate['kind'] or 'no equilibrium'}")
    if estimate is not None:
        click.echo(
            f"estimated from {estimate['draws']:,} answers at each observation: what {', '.join(estimate['agents'])} "
            "would do; policies that tell their probabilities get a certificate"
        )


def _played(own: Any) -> str:
    if own is None:
        return "–"
    if isinstance(own, Mapping):
        return f"{show(own['mean'])}, deviation {show(own['deviation'])}"
    return ", ".join(map(show, own))
