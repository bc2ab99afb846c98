"""The payoff table of a matrix game as a picture."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array

COLOURS = ("#0b62a8", "#b3430f", "#1b7a43", "#7a3fa0", "#8a6d00", "#00707a")
"""Text colours of the agents, told apart by the colour-blind too and dark enough to read."""

SHADES = ("#cfe5f7", "#fbdcc8", "#cdebd8", "#e6d8f2", "#f3e7b5", "#c9ecef")
MOST_ACTIONS, MOST_TABLES = 14, 16
CHAR, LINE = 0.088, 0.36  # inches per character and per line of text


def draw_table(game: NormalForm) -> Figure:
    """One table of the first two agents per joint action of the others.

    A payoff is shaded where it is a best response; the cell of a pure equilibrium is framed.

    Raises:
        GameError: too many actions to read.
    """
    shape = (*game.shape, 1)[: max(2, len(game.shape))]
    tables = math.prod(shape[2:])
    if max(shape[:2]) > MOST_ACTIONS or tables > MOST_TABLES:
        raise GameError(
            f"a table of {' × '.join(map(str, game.shape))} actions cannot be read; pictures go up to "
            f"{MOST_ACTIONS} × {MOST_ACTIONS} and {MOST_TABLES} tables: describe it without -o, or draw a smaller game"
        )
    payoffs = game.payoffs.reshape(len(game.agents), *shape)
    best = _best_responses(payoffs)
    texts = np.vectorize(_short, otypes=[object])(payoffs)
    widest = max(map(len, texts.ravel()))
    cell = max(0.95, CHAR * (widest + 1.5) * len(game.agents), CHAR * 1.1 * _widest(game.actions[1:2]))
    left = max(CHAR * _widest(game.actions[:1]), CHAR * len(_agent(game, 0))) + 0.4
    width, height = left + cell * shape[1] + 0.3, LINE * (shape[0] + 1.7) + (0.55 if tables > 1 else 0.25)
    columns = min(tables, max(1, int(14 // width)))
    rows = math.ceil(tables / columns)
    figure = Figure(figsize=(max(width * columns, 4.6), height * rows + 0.75))
    for k, rest in enumerate(np.ndindex(*shape[2:])):
        box = (k % columns) * width, (rows - 1 - k // columns) * height + 0.45
        axes = figure.add_axes(
            (
                box[0] / figure.get_figwidth(),
                box[1] / figure.get_figheight(),
                width / figure.get_figwidth(),
                height / figure.get_figheight(),
            )
        )
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        _one_table(axes, game, texts[(..., *rest)], best[(..., *rest)], rest, left, cell)
    title = game.title or " against ".join(game.agents)
    figure.text(0.12 / figure.get_figwidth(), 1 - 0.2 / figure.get_figheight(), title, size=12, weight="bold", va="center", parse_math=False)  # fmt: skip
    note = "shaded: a best response · framed: a pure equilibrium"
    figure.text(0.12 / figure.get_figwidth(), 0.2 / figure.get_figheight(), note, size=8, color="#555555", va="center")  # fmt: skip
    return figure


def _one_table(
    axes: Any, game: NormalForm, texts: Array, best: Array, rest: tuple[int, ...], left: float, cell: float
) -> None:
    """Agent 1 chooses the row, agent 2 the column; ``texts[n, A_1, A_2]``."""
    n, _, columns = texts.shape
    lead = 0.3 if len(game.shape) > 2 else 0.0
    top = 0.12 + lead + 2 * LINE * 0.85
    others = ", ".join(f"{_agent(game, i)}: {game.actions[i][a]}" for i, a in enumerate(rest, start=2))
    write = {"va": "center", "parse_math": False}
    axes.text(0.12, 0.2, others, size=9, weight="bold", **write)
    axes.text(0.12, top - LINE * 0.42, _agent(game, 0), size=9, color=COLOURS[0], **write)
    if n > 1:
        middle = left + cell * columns / 2
        axes.text(middle, top - 1.3 * LINE, _agent(game, 1), size=9, color=COLOURS[1], ha="center", **write)
        for b, label in enumerate(game.actions[1]):
            axes.text(left + cell * (b + 0.5), top - LINE * 0.42, label, size=10, ha="center", **write)
    for a, label in enumerate(game.actions[0]):
        axes.text(left - 0.12, top + LINE * (a + 0.5), label, size=10, ha="right", **write)
        for b in range(columns):
            x, y = left + cell * b, top + LINE * a
            axes.add_patch(Rectangle((x, y), cell, LINE, fill=False, edgecolor="#c4c4c4", linewidth=0.8))
            for i in range(n):
                part = cell / n
                if best[i, a, b]:
                    axes.add_patch(Rectangle((x + part * i + 0.03, y + 0.05), part - 0.06, LINE - 0.1, color=SHADES[i % 6], linewidth=0))  # fmt: skip
                axes.text(x + part * (i + 0.5), y + LINE / 2, texts[i, a, b], size=10, ha="center", color=COLOURS[i % 6], **write)  # fmt: skip
    for a, b in np.argwhere(best.all(axis=0)):
        frame = (left + cell * b, top + LINE * a)
        axes.add_patch(Rectangle(frame, cell, LINE, fill=False, edgecolor="#111111", linewidth=2, zorder=3))


def _agent(game: NormalForm, agent: int) -> str:
    """The agent's name, with the word before a bare number."""
    name = game.agents[agent]
    return f"agent {name}" if name.isdigit() else name


def _best_responses(payoffs: Array) -> Array:
    """``[n, A_1, …]`` bool; floats within a billionth of the agent's range of the best count as best."""
    out = np.zeros(payoffs.shape, dtype=bool)
    for i, own in enumerate(payoffs):
        slack = 0 if own.dtype == object else 1e-9 * (own.max() - own.min())
        out[i] = own >= own.max(axis=i, keepdims=True) - slack
    return out


def _widest(labels: Any) -> int:
    return max((len(label) for own in labels for label in own), default=1)


def _short(value: Any) -> str:
    """A payoff in a cell: rationals whole unless long."""
    text = str(value) if isinstance(value, Fraction | int) else f"{value:.5g}"
    return text.replace("-", "−") if len(text) <= 9 else f"{float(value):.4g}".replace("-", "−")
