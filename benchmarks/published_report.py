"""Tables, verdicts and figures of ``published_tables.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from published_claims import Judged, judge
from published_results import Lines, at_share
from published_rows import (
    PUBLISHED_STEPS,
    SHARES,
    TASKS,
    Estimate,
    Finals,
    Pair,
    Published,
    Task,
    mean_of,
    published,
)


def tables(lines: Lines) -> str:
    """Our rows beside the published ones, task by task, and the verdicts, in Markdown."""
    reached = [at_share(lines, share) for share in SHARES]
    parts = [
        f"## {task}, {_budget(lines, task):,} environment steps\n\n"
        + _table(task, [found.get(task, {}) for found in reached])
        for task in TASKS
        if task in reached[0]
    ]
    return "\n\n".join([*parts, "## The five claims\n\n" + _verdicts(judge(reached[-1]))]) + "\n"


def _budget(lines: Lines, task: Task) -> int:
    return max(int(line["step"]) for line in lines if Task(line["task"], line["actions"]) == task)


def _table(task: Task, reached: Sequence[Finals]) -> str:
    heads = [f"{share:.0%}" for share in SHARES]
    out = [["row", "seeds", *heads, *(f"published, {step}" for step in PUBLISHED_STEPS)]]
    theirs = published()[task]
    for pair, own in sorted(_estimates(reached).items(), key=lambda item: -_last(item[1])):
        ours = [str(got or "–") for got in own]
        out.append([str(pair), str(len(reached[0][pair])), *ours, *_published(theirs.get(pair))])
    return f"{_markdown(out)}\n\n{_best(task, reached[-1])}"


def _best(task: Task, finals: Finals) -> str:
    theirs = max(published()[task].items(), key=lambda row: row[1].mean[-1])
    there = f"Best published row: {theirs[0]}, {theirs[1].mean[-1]:.1f}."
    if not finals:
        return there
    pair, own = max(finals.items(), key=lambda row: mean_of(row[1].values()).value)
    return f"Our best row: {pair}, {mean_of(own.values())}. {there}"


def _verdicts(judged: Sequence[Judged]) -> str:
    out = [["claim", "rows run", "verdict on them", "statistic", "values"]]
    for claim in judged:
        found = "; ".join(f"{where}: {value}" for where, value in claim.found) or "–"
        rows = f"{claim.rows[0]} of {claim.rows[1]}"
        out.append([f"{claim.number}. {claim.claim}", rows, claim.verdict, claim.statistic, found])
    return _markdown(out)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    first, *rest = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([first, f"|{' --- |' * len(rows[0])}", *rest])


def _estimates(reached: Sequence[Finals]) -> dict[Pair, list[Estimate | None]]:
    return {
        pair: [mean_of(finals[pair].values()) if pair in finals else None for finals in reached]
        for pair in reached[0]
    }


def _last(own: Sequence[Estimate | None]) -> float:
    return float("-inf") if own[-1] is None else own[-1].value


def _published(row: Published | None) -> list[str]:
    if row is None:
        return ["–"] * len(SHARES)
    return [f"{mean:.1f} ± {spread:.1f}" for mean, spread in zip(row.mean, row.spread, strict=True)]


def plot(lines: Lines, folder: Path) -> list[Path]:
    """A figure per task: mean curves with bootstrap bands, and the published means as points."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for task in TASKS:
        curves = _curves(lines, task)
        if not curves:
            continue
        figure, axes = plt.subplots(figsize=(8.0, 4.0), layout="constrained")
        for k, (pair, points) in enumerate(curves.items()):
            _draw(axes, f"C{k}", pair, points, published()[task].get(pair))
        axes.set(xlabel="share of the budget", ylabel="return of 25 steps", title=str(task))
        axes.axhline(0, color="grey", linewidth=0.5)
        figure.legend(
            fontsize=8, title="lines: ours; points: published", title_fontsize=8, loc="outside right center"
        )
        out.append(folder / f"published-{task.name.replace('_', '-')}-{task.actions}.png")
        figure.savefig(out[-1], dpi=80)
        plt.close(figure)
    return out


def _draw(
    axes: Any, colour: str, pair: Pair, points: Mapping[float, Estimate], theirs: Published | None
) -> None:
    shares = sorted(points)
    axes.plot(shares, [points[at].value for at in shares], color=colour, label=str(pair))
    if all(points[at].low is not None for at in shares):
        low, high = ([getattr(points[at], end) for at in shares] for end in ("low", "high"))
        axes.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)
    if theirs is not None:
        axes.plot(SHARES, theirs.mean, "o", color=colour, markersize=4)


def _curves(lines: Lines, task: Task) -> dict[Pair, dict[float, Estimate]]:
    """By row the mean over seeds at every share of the budget that all its seeds reached."""
    found: dict[Pair, dict[float, dict[str, float]]] = {}
    for line in lines:
        if Task(line["task"], line["actions"]) == task:
            pair = Pair(line["algorithm"], line["scheme"])
            own = found.setdefault(pair, {}).setdefault(float(line["share"]), {})
            own[line["seed"]] = float(line["return"])
    most = {pair: max(map(len, points.values())) for pair, points in found.items()}
    return {
        pair: {at: mean_of(own.values()) for at, own in points.items() if len(own) == most[pair]}
        for pair, points in found.items()
    }
