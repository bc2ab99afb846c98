"""Figures of a cross-play: who gets what against whom, and the rankings. To be read on a phone's width."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gametheory.numerics import Array
from gametheory.plots.style import COLOURS, INK, look
from learners.crossplay.ranking import Ranking

WIDTH = 3.9
"""Inches."""
NUMBERED, NAMED = 8, 24
"""Entrants up to which cells show their numbers, and up to which each has its name."""


def against(payoffs: Array, names: Sequence[str], rows: str, columns: str, unit: float) -> Figure:
    """``payoffs [K, K]`` of one side by who fills both; ``unit`` is how far apart payoffs can be."""
    count = len(names)
    with look():
        figure = Figure(figsize=(WIDTH, 1.3 + min(3.6, 0.42 * count + 0.6)), layout="constrained")
        axes = figure.add_subplot()
        _tiles(figure, axes, payoffs, unit)
        _ticks(axes, names, names)
        axes.set(ylabel=f"{rows} played by")
        axes.set_xlabel(f"{columns} played by")
        axes.xaxis.set_label_position("top")
    return figure


def on_sides(table: Array, names: Sequence[str], sides: Sequence[str], unit: float) -> Figure:
    """``table [K, m]``: each entrant's mean payoff on each side, whoever plays the others."""
    with look():
        figure = Figure(figsize=(WIDTH, 1.2 + 0.3 * min(len(names), NAMED)), layout="constrained")
        axes = figure.add_subplot()
        _tiles(figure, axes, table, unit)
        _ticks(axes, names, sides)
        axes.set_xlabel("side")
        axes.xaxis.set_label_position("top")
    return figure


def _tiles(figure: Figure, axes: Axes, table: Array, unit: float) -> None:
    """Colours span at least a fiftieth of the payoff range, so that trifles look like trifles."""
    low, high = float(table.min()), float(table.max())
    spare = max(0.0, (unit / 50 - (high - low)) / 2)
    low, high = low - spare, high + spare
    scale = Normalize(low, high)
    image = axes.imshow(table, cmap="cividis", norm=scale, aspect="auto")
    figure.colorbar(image, ax=axes, location="bottom", shrink=0.8, aspect=30, label="payoff")
    if max(table.shape) <= NUMBERED:
        for (y, x), value in np.ndenumerate(table):
            tone = "white" if scale(value) < 0.55 else INK
            axes.text(
                x, y, _number(float(value), high - low), ha="center", va="center", fontsize=7.5, color=tone
            )


def _number(value: float, width: float) -> str:
    """With as many decimals as tell cells apart."""
    decimals = max(0, 1 - math.floor(math.log10(width)))
    text = f"{value:.{decimals}f}".replace("-", "−")
    return text.removeprefix("−") if not text.strip("−0.") else text


def _ticks(axes: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    for names, axis in ((columns, axes.xaxis), (rows, axes.yaxis)):
        if len(names) <= NAMED:
            axis.set_ticks(range(len(names)), names)
        else:
            axis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    if len(columns) > 4 or max(map(len, columns)) > 6:
        for label in axes.get_xticklabels():
            label.set(rotation=40, ha="left", rotation_mode="anchor")
    axes.spines[:].set_visible(False)


def rankings(ranking: Ranking, names: Sequence[str]) -> Figure:
    """Each kind of ranking there is, entrants down in their given order."""
    kinds = [
        (title, values)
        for title, values in (
            ("mean payoff", ranking.mean),
            ("Elo", ranking.elo),
            ("α-rank", ranking.alpha_rank),
            ("Nash averaging", ranking.nash_weights),
        )
        if values is not None
    ]
    down = np.arange(len(names))
    with look():
        height = 0.95 + 0.21 * len(names)
        figure = Figure(figsize=(WIDTH, height * -(-len(kinds) // 2)), layout="constrained")
        panels = figure.subplots(-(-len(kinds) // 2), min(2, len(kinds)), squeeze=False, sharey=True).ravel()
        for k, panel in enumerate(panels):
            if k >= len(kinds):
                panel.set_visible(False)
                continue
            title, values = kinds[k]
            panel.barh(down, values, color=COLOURS[k], height=0.72)
            panel.set_title(title, fontsize=9, loc="left")
            panel.axvline(0, color=INK, linewidth=0.6)
            panel.xaxis.set_major_locator(MaxNLocator(3))
            if title == "Elo":
                widest = 1.1 * max(10.0, float(np.abs(values).max()))
                panel.set_xlim(-widest, widest)
            if len(names) <= NAMED:
                panel.set_yticks(down, names)
            panel.tick_params(axis="y", length=0)
            if title in ("α-rank", "Nash averaging"):
                panel.set_xlim(0, max(1.05 * float(np.max(values)), 0.01))
        panels[0].invert_yaxis()
    return figure
