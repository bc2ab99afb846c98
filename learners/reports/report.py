"""``report.html`` and the PNG figures, made from what lies in run folders. No torch."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from gametheory.errors import GameError
from learners.reports.facts import Facts
from learners.running import metrics
from learners.running.files import read_json, write_atomically
from learners.running.metrics import Row
from learners.running.reported import reported
from learners.running.runs import RunFolder
from learners.scheme import SCHEMES, variant

_TRAJECTORY_CAPTIONS = {
    "plane": "From the open circle to the dot. Star: the computed equilibrium, where the best replies cross.",
    "square": "From the open circle to the dot. Stars: computed equilibria; grey lines join those that span a component.",
    "time": "Mean over the seeds thick. Dotted: the computed equilibrium, where there is only one.",
}


@dataclass(frozen=True)
class Drawing:
    """One figure of a page."""

    name: str
    title: str
    caption: str
    draw: Callable[..., Any]


@dataclass(frozen=True)
class Loaded:
    """A run folder as read."""

    run: RunFolder
    facts: Facts
    rows: dict[int, list[Row]]


def load_run(path: Path) -> Loaded:
    """Read a run's configuration, report and metrics.

    Raises:
        GameError: no run folder, or one that has no report yet.
    """
    run = RunFolder.open(path)
    facts = reported(path)
    if facts is None:
        raise GameError(f"{path} has no whole report yet; finish the run with: equilibrist resume {path}")
    rows: dict[int, list[Row]] = {}
    for row in metrics.read(run.metrics):
        rows.setdefault(row.get("seed", run.config.seeds[0]), []).append(row)
    return Loaded(run, facts, rows)


def render_run(path: Path) -> None:
    """Write ``report.html`` and the PNG figures of a run, and of its seeds if it has several."""
    loaded = load_run(path)
    for figure in _figures(loaded):
        write_atomically(path / f"{figure.name}.png", _draw(loaded, figure, "png"))
    render([path], path / "report.html")
    if loaded.run.several:
        for folder in loaded.run.seed_folders():
            if reported(folder.path) is not None:
                render_run(folder.path)


def render(paths: Sequence[Path], output: Path) -> None:
    """One self-contained page over one or more runs.

    Raises:
        GameError: a path is no finished run folder, or the extra ``plots`` is not installed.
    """
    try:
        import jinja2
        import matplotlib  # noqa: F401
    except ImportError:
        raise GameError("reports need matplotlib and jinja2; pip install 'equilibrist[plots]'") from None
    runs = [load_run(path) for path in paths]
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("learners.reports", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"num": show, "profile": show_profile, "label": _label}
    page = environment.get_template("report.html.jinja").render(
        runs=[_context(loaded, number) for number, loaded in enumerate(runs)]
    )
    if not output.parent.is_dir():
        raise GameError(f"there is no folder {str(output.parent)!r}; make it first")
    write_atomically(output, page.encode())


def _context(loaded: Loaded, number: int) -> dict[str, Any]:
    config = loaded.run.config
    drawn = [
        {"title": f.title, "caption": f.caption, "name": f.name, "svg": _inline(loaded, f, number)}
        for f in _figures(loaded)
    ]
    facts = loaded.facts
    seeds = facts.get("per_seed") or [facts | {"seed": config.seeds[0]}]
    return {
        "facts": facts,
        "scheme": SCHEMES.get(facts["scheme"], facts["scheme"]),
        "variant": variant(facts["algorithm"]),
        "seeds": seeds,
        "figures": drawn,
        "relative": max(
            (s["relative_distance"] for s in seeds if s.get("relative_distance") is not None), default=None
        ),
        "misfit": max((max(s["misfit"]) for s in seeds if s.get("misfit")), default=None),
        "optimum": facts.get("optimum"),
        "path": str(loaded.run.path),
        "settings": dict(config.settings),
        "training": config.to_json()["training"],
        "versions": read_json(loaded.run.path / "versions.json"),
        "command": command(loaded),
    }


def _figures(loaded: Loaded) -> list[Drawing]:
    """Which figures a run has."""
    from learners.reports import figures

    learning = Drawing(
        "learning_curve",
        "Learning curve",
        "Mean return per play of the policies without exploration; thin lines are seeds, the thick line their mean.",
        figures.learning_curve,
    )
    if loaded.facts["space"]["kind"] == "none":
        return [learning]
    regret = Drawing(
        "nash_conv",
        "NashConv over time",
        "What the agents could gain together by each deviating alone. Dashed: what a converged policy is "
        "allowed; a thousandth of that and less is drawn as one.",
        figures.nash_conv_curve,
    )
    if loaded.facts["space"]["kind"] == "policies":
        return [regret, learning]
    distance = Drawing(
        "distance", "Distance to equilibrium", f"Norm: {loaded.facts['norm']}.", figures.distance_curve
    )
    if loaded.facts["space"]["kind"] == "gains":
        return [regret, distance, learning]
    return [
        Drawing(
            "trajectory",
            "Where the joint policy went",
            _TRAJECTORY_CAPTIONS[figures.kind(loaded.facts)],
            figures.trajectory,
        ),
        regret,
        distance,
        learning,
    ]


def _draw(loaded: Loaded, figure: Drawing, form: str) -> bytes:
    from learners.reports.figures import style

    buffer = io.BytesIO()
    with style(figure.name):
        drawn = figure.draw(loaded.facts, loaded.rows)
        if form == "svg":
            drawn.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        else:
            drawn.savefig(buffer, format="png", dpi=160, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def _inline(loaded: Loaded, figure: Drawing, number: int) -> str:
    """The SVG element alone, sized by the page, inked in the page's text colour."""
    from learners.reports.figures import COLOURS, INK

    text = _draw(loaded, figure, "svg").decode()
    text = text[text.index("<svg") :]
    text = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", text)
    text = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", text)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    prefix = f"r{number}-{figure.name}-"
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', text)
    for k, colour in enumerate(COLOURS, start=1):
        text = text.replace(f": {colour}", f": var(--hue{k})")
    return text.replace(INK, "currentColor")


def command(loaded: Loaded) -> str:
    """The command that repeats the run; its configuration lies in the folder."""
    config = loaded.run.config
    given = [f"--set environment.{key}={value}" for key, value in config.parameters.items()]
    changed = {
        **config.settings,
        **{f"training.{key}": value for key, value in config.to_json()["training"].items()},
    }
    lines = [f"equilibrist train {config.game} --algorithm {config.algorithm} --scheme {config.scheme}"]
    lines += given
    lines += [f"--set {key}={_toml(value)}" for key, value in changed.items()]
    seeds = config.seeds
    lines.append(f"--seeds {len(seeds)} -o RUN" if len(seeds) > 1 else f"--seed {seeds[0]} -o RUN")
    return " \\\n  ".join(lines)


def _toml(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "'[" + ", ".join(map(str, value)) + "]'"
    return str(value)


def show(value: Any) -> str:
    """A number for people: three or four digits that matter."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}".replace("-", "−")


def show_profile(profile: Any, facts: Mapping[str, Any]) -> str:
    """One entry per agent: what it plays."""
    if profile is None or facts["space"]["kind"] == "policies":
        return "–"
    if facts["space"]["kind"] == "gains":
        return " · ".join(map(_gain, profile, facts["space"]["sizes"]))
    if facts["space"]["kind"] != "simplices":
        return ", ".join(show(_float(own[0])) for own in profile)
    parts = []
    for own, labels in zip(profile, facts["space"]["actions"], strict=True):
        played = [(label, _float(p), p) for label, p in zip(labels, own, strict=True)]
        strongest = max(played, key=lambda entry: entry[1])
        if strongest[1] > 0.9995:
            parts.append(strongest[0])
        else:
            parts.append(
                ", ".join(
                    f"{name} {p if isinstance(p, str) else show(round(p, 3))}"
                    for name, f, p in played
                    if f > 5e-4
                )
            )
    return " · ".join(parts)


def _gain(own: Any, size: int) -> str:
    """The gains that begin an agent's numbers: a matrix, or what a point holds."""
    flat = [entry for row in own for entry in row] if isinstance(own[0], list) else own[:size]
    return f"K = [{', '.join(show(_float(entry)) for entry in flat)}]"


def _float(value: Any) -> float:
    return float(Fraction(value)) if isinstance(value, str) else float(value)


def _label(verdict: str) -> str:
    return {"converged": "✓", "cycles": "↻", "diverged": "✕", "undecided": "?"}[verdict]
