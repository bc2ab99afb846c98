"""Where the boxes and labels of a state graph stand, in inches; networkx does the laying out."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from gametheory.drawing.state_graph import Dot, StateGraph
from gametheory.numerics import Array

CHAR, LINE = 0.078, 0.165  # inches per character and per line at the size of labels
WRAP = 22
Point = tuple[float, float]


def text_of(dot: Dot) -> str:
    """What stands in a node's box."""
    lines = textwrap.wrap(dot.name, WRAP) or [""]
    return "\n".join([*lines, *([dot.note] if dot.note else [])])


def size_of(text: str, margin: float) -> Point:
    """Width and height of a text and what surrounds it."""
    lines = text.split("\n")
    return max(map(len, lines)) * CHAR + margin, len(lines) * LINE + margin


def layout(graph: StateGraph, sizes: dict[int, Point]) -> dict[int, Point]:
    """Places in inches."""
    net = nx.DiGraph()
    net.add_nodes_from(graph.dots)
    net.add_edges_from(pair for pair in graph.arrows if pair[0] != pair[1])
    labels = {pair: size_of("\n".join(lines), 0.15) for pair, lines in graph.arrows.items() if lines}
    if nx.is_directed_acyclic_graph(net) and len(net) > 1:
        return _columns(net, sizes, labels)
    first = next((key for key, dot in graph.dots.items() if dot.start), min(graph.dots))
    return _spring(net, sizes, labels, first)


def _columns(net: Any, sizes: dict[int, Point], labels: dict[tuple[int, int], Point]) -> dict[int, Point]:
    """Columns by the longest way from a start; within them the order that crosses few arrows."""
    columns = [list(layer) for layer in nx.topological_generations(net)]
    for _ in range(4):
        for earlier, layer in pairwise(columns):
            _sort_by_neighbours(layer, earlier, net.predecessors)
        for later, layer in pairwise(columns[::-1]):
            _sort_by_neighbours(layer, later, net.successors)
    between = [h for (a, b), (_, h) in labels.items() if a != b]
    # Labels stand a third of the way along, so that neighbours' are a third of a row apart.
    pitch = max(3.1 * max(between, default=0), 0.3 + max(h for _, h in sizes.values()))
    x, out = 0.0, {}
    for k, layer in enumerate(columns):
        wide = max(sizes[node][0] for node in layer)
        x += wide / 2
        for row, node in enumerate(layer):
            out[node] = (x, ((len(layer) - 1) / 2 - row) * pitch)
        leaving = [labels[pair][0] for pair in labels if pair[0] in layer and pair[0] != pair[1]]
        x += wide / 2 + 1.9 * max(leaving, default=0.2) + 0.4 + 0.15 * (len(layer) > 3 or k > 0)
    return out


def _sort_by_neighbours(layer: list[int], beside: list[int], linked: Callable[[int], Iterable[int]]) -> None:
    """Order a column by the mean place of its nodes' neighbours in the column beside it."""
    rank = {node: k / len(beside) for k, node in enumerate(beside)}

    def mean(node: int) -> float:
        places = [rank[other] for other in linked(node) if other in rank]
        return sum(places) / len(places) if places else 0.5

    layer.sort(key=mean)


def _spring(
    net: Any, sizes: dict[int, Point], labels: dict[tuple[int, int], Point], first: int
) -> dict[int, Point]:
    """Distances by the number of steps between states, stretched until every label has room."""
    places = nx.kamada_kawai_layout(net.to_undirected()) if len(net) > 2 else nx.circular_layout(net)
    places = _lengthwise(places, first)
    widest, tallest = max(w for w, _ in sizes.values()), max(h for _, h in sizes.values())
    stretch = 1.0
    for a, b in net.edges:
        label = labels.get((a, b), (0.3, 0.2))
        dx, dy = np.abs(places[a] - places[b]) + 1e-9
        across, up = (widest + label[0] + 1.1) / dx, (tallest + 2.2 * label[1] + 1.4) / dy
        stretch = max(stretch, min(across, up))
    return {node: (float(x) * stretch, float(y) * stretch) for node, (x, y) in places.items()}


def _lengthwise(places: dict[int, Array], first: int) -> dict[int, Array]:
    """The same places turned so that they spread from left to right, the first node on the left."""
    points = np.array(list(places.values()))
    points = points - points.mean(axis=0)
    spread, axes = np.linalg.eigh(points.T @ points)
    if spread[1] > 1.5 * spread[0]:  # else no direction stands out
        points = points @ axes[:, ::-1]
    if points[list(places).index(first), 0] > 0:
        points[:, 0] *= -1
    return dict(zip(places, points, strict=True))


def free_side(where: dict[int, Point], key: int, graph: StateGraph) -> Point:
    """Up, down, left or right of a node: where the fewest of its arrows come and go."""
    others = {b if a == key else a for a, b in graph.arrows if key in (a, b) and a != b}
    ways = np.array([np.subtract(where[other], where[key]) for other in others]).reshape(-1, 2)
    ways = ways / np.maximum(np.hypot(*ways.T), 1e-9)[:, None]
    sides = ((0.0, 1.0), (0.0, -1.0), (-1.0, 0.0), (1.0, 0.0))
    return min(sides, key=lambda side: int(np.sum(ways @ np.array(side) > 0.45)))


def spread_out(labels: Array, boxes: Array, rounds: int = 300) -> Array:
    """Push labels apart and off the boxes, both ``[K, (x, y, width, height)]``, little by little."""
    out, count = labels.copy(), len(labels)
    for _ in range(rounds):
        everything = np.concatenate([out, boxes])
        gap = out[:, None, :2] - everything[None, :, :2]  # [K, K + boxes, 2]
        room = (out[:, None, 2:] + everything[None, :, 2:]) / 2 - np.abs(gap)
        inside = (room > 0).all(axis=2)
        inside[np.arange(count), np.arange(count)] = False
        if not inside.any():
            break
        across = room[..., 0] < room[..., 1]
        push = np.stack([np.where(across, room[..., 0], 0), np.where(across, 0, room[..., 1])], axis=2)
        away = np.where(
            gap != 0,
            np.sign(gap),
            np.sign(np.arange(count)[:, None] - np.arange(len(everything)) + 0.5)[..., None],
        )
        out[:, :2] += (push * away * inside[..., None]).sum(axis=1) * 0.4
    return out
