"""The state graph of a small POSG or AECG as a picture, laid out by networkx."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from gametheory.aecg import AECG
from gametheory.drawing.layout import Point, free_side, layout, size_of, spread_out, text_of
from gametheory.drawing.state_graph import ENVIRONMENT, Dot, state_graph
from gametheory.drawing.table import COLOURS, SHADES
from gametheory.posg import POSG

BEND = 0.22
"""How far an arrow bows where another runs back, as a share of its length."""


def draw_graph(game: POSG | AECG) -> Figure:
    """States as boxes, steps as arrows, in columns where play runs one way.

    Raises:
        GameError: too many nodes for a picture.
    """
    graph = state_graph(game)
    texts = {key: text_of(dot) for key, dot in graph.dots.items()}
    sizes = {key: size_of(text, 0.3) for key, text in texts.items()}
    where = layout(graph, sizes)
    boxes = np.array([[*where[key], *sizes[key]] for key in graph.dots])
    sides = {key: free_side(where, key, graph) for key in graph.dots}
    labels = [
        _label(where, sizes, pair, "\n".join(lines), pair[::-1] in graph.arrows, sides[pair[0]])
        for pair, lines in graph.arrows.items()
        if lines
    ]
    places = spread_out(np.array([label[1:] for label in labels]).reshape(-1, 4), boxes)
    everything = np.concatenate([boxes, places])
    low = (everything[:, :2] - everything[:, 2:] / 2).min(axis=0) - 0.75
    high = (everything[:, :2] + everything[:, 2:] / 2).max(axis=0) + np.array([0.3, 0.85])
    high[0] = max(high[0], low[0] + 0.3 + 0.065 * len(graph.legend))
    figure = Figure(figsize=tuple(high - low))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    axes.axis("off")
    for pair in graph.arrows:
        _arrow(axes, where, sizes, pair, pair[::-1] in graph.arrows, sides[pair[0]])
    for (text, *_), (x, y, _, _) in zip(labels, places, strict=True):
        axes.text(x, y, text, ha="center", va="center", size=8.5, zorder=6, linespacing=1.2, color="#222222", bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8}, parse_math=False)  # fmt: skip
    for key, dot in graph.dots.items():
        _box(axes, dot, texts[key], where[key], sizes[key])
    title = game.title or ("POSG" if isinstance(game, POSG) else "AECG")
    axes.text(low[0] + 0.15, high[1] - 0.25, title, size=12, weight="bold", va="center", parse_math=False)
    axes.text(
        low[0] + 0.15, low[1] + 0.2, graph.legend, size=8, color="#555555", va="center", parse_math=False
    )
    return figure


def _box(axes: Any, dot: Dot, text: str, at: Point, size: Point) -> None:
    if dot.mover is None or dot.mover == ENVIRONMENT:
        fill, edge = "#ececec" if dot.mover == ENVIRONMENT else "#ffffff", "#444444"
    else:
        fill, edge = SHADES[dot.mover % 6], COLOURS[dot.mover % 6]
    style = "square,pad=0" if dot.mover == ENVIRONMENT else "round,pad=0,rounding_size=0.12"
    corner = (at[0] - size[0] / 2 + 0.05, at[1] - size[1] / 2 + 0.05)
    width, height = size[0] - 0.1, size[1] - 0.1
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, facecolor=fill, edgecolor=edge, linewidth=1.3, zorder=3))  # fmt: skip
    if dot.terminal:
        inner = (corner[0] + 0.045, corner[1] + 0.045)
        axes.add_patch(FancyBboxPatch(inner, width - 0.09, height - 0.09, boxstyle="round,pad=0,rounding_size=0.09", fill=False, edgecolor=edge, linewidth=0.8, zorder=4))  # fmt: skip
    axes.text(*at, text, size=9, ha="center", va="center", zorder=5, linespacing=1.15, parse_math=False)
    if dot.start:
        tip = (at[0] - size[0] / 2 + 0.07, at[1] + size[1] / 2 - 0.07)
        axes.annotate("", tip, (tip[0] - 0.3, tip[1] + 0.22), arrowprops={"arrowstyle": "-|>", "color": "#111111", "lw": 1.6}, zorder=2)  # fmt: skip
        if dot.start != "1":
            axes.text(tip[0] - 0.32, tip[1] + 0.24, dot.start, size=9, ha="right", va="center")


def _arrow(
    axes: Any,
    where: dict[int, Point],
    sizes: dict[int, Point],
    pair: tuple[int, int],
    both: bool,
    side: Point,
) -> None:
    """An arrow between two boxes, bent where another runs back; from a box to itself, a loop."""
    ink: dict[str, Any] = {
        "arrowstyle": "-|>",
        "mutation_scale": 11,
        "color": "#555555",
        "lw": 1.0,
        "zorder": 1,
    }
    (ax, ay), (bx, by) = where[pair[0]], where[pair[1]]
    if pair[0] == pair[1]:
        half = _loop(sizes[pair[0]])
        x, y = ax + side[0] * (sizes[pair[0]][0] / 2 - 0.05), ay + side[1] * (sizes[pair[0]][1] / 2 - 0.05)
        ends = (x - half * side[1], y + half * side[0]), (x + half * side[1], y - half * side[0])
        style = "arc3,rad=-1.3"
    else:
        ends = _edge_of((ax, ay), (bx, by), sizes[pair[0]]), _edge_of((bx, by), (ax, ay), sizes[pair[1]])
        style = f"arc3,rad={BEND if both else 0}"
    axes.add_patch(FancyArrowPatch(*ends, connectionstyle=style, shrinkA=0, shrinkB=0, **ink))


def _loop(size: Point) -> float:
    return min(0.28, size[0] / 4, size[1] / 2.5)


def _label(
    where: dict[int, Point],
    sizes: dict[int, Point],
    pair: tuple[int, int],
    text: str,
    both: bool,
    side: Point,
) -> tuple[str, float, float, float, float]:
    """Text, place and size: on a straight arrow, outside of a bent one, beyond a loop."""
    (ax, ay), (bx, by) = where[pair[0]], where[pair[1]]
    width, height = size_of(text, 0.12)
    if pair[0] == pair[1]:
        beyond = _loop(sizes[pair[0]]) * 1.3 + 0.05
        x = ax + side[0] * (sizes[pair[0]][0] / 2 + beyond + width / 2)
        return text, x, ay + side[1] * (sizes[pair[0]][1] / 2 + beyond + height / 2), width, height
    (sx, sy), (ex, ey) = (
        _edge_of((ax, ay), (bx, by), sizes[pair[0]]),
        _edge_of((bx, by), (ax, ay), sizes[pair[1]]),
    )
    dx, dy = ex - sx, ey - sy
    bend = BEND if both else 0.0
    t, away = 0.35, 0.0
    if both and text.count("\n") > 3:  # too tall to sit on its arrow beside the arrow that runs back
        t, away = 0.5, 0.45 * (abs(dy) * width + abs(dx) * height) / (dx * dx + dy * dy or 1.0)
    out = 2 * t * (1 - t) * bend + away  # along (dy, -dx), where arc3 bends to
    return text, sx + t * dx + out * dy, sy + t * dy - out * dx, width, height


def _edge_of(centre: Point, towards: Point, size: Point) -> Point:
    """Where the way from a box's centre leaves the box."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    reach = min(
        (size[0] / 2 - 0.02) / abs(dx) if dx else np.inf,
        (size[1] / 2 - 0.02) / abs(dy) if dy else np.inf,
        1.0,
    )
    return centre[0] + dx * reach, centre[1] + dy * reach
