"""How often the verdict rule is wrong, on processes of which it is known what they do.

    python benchmarks/false_verdicts.py                 200 runs of each process, 100 evaluation points
    python benchmarks/false_verdicts.py --runs 1000 --points 50

Each process makes paths of a profile and of NashConv as a run would leave them, from stated laws, without
any learner. "Wrong" is the verdict named beside it; what is rightly said is counted too. Intervals are
those of Clopper and Pearson at 95 %.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gametheory import streams
from gametheory.numerics import Array
from learners.judge.convergence import Verdict, judge
from learners.judge.evidence import clopper_pearson

Path = tuple[Array, Array]
"""``points[T, D]``, each column an agent's share between 0 and 1, and NashConv ``[T]``; 1 is allowed."""
FAR = 10.0
"""NashConv of what is nowhere near an equilibrium."""


def noise(seed: int, points: int, columns: int) -> Array:
    """Independent standard normal numbers ``[T, D]``."""
    keys = streams.derive(streams.seed_keys(seed, points), 0)
    return np.asarray(streams.normal(keys, 0, columns))


def within(path: Array, radius: float = 0.4) -> Array:
    """Scaled about the middle of the box, so that the farthest point is ``radius`` away."""
    return 0.5 + radius * path / max(float(np.abs(path).max()), 1e-12)


def wandering(seed: int, points: int, *, pull: float, columns: int) -> Path:
    """``x ← (1 − pull) x + noise``: about a place of rest, or a random walk where the pull is 0."""
    x, path = np.zeros(columns), []
    for shock in noise(seed, points, columns):
        x = (1 - pull) * x + shock
        path.append(x)
    return within(np.array(path)), np.full(points, FAR)


def swirling(seed: int, points: int, *, pull: float, angle: float) -> Path:
    """``x ← (1 − pull) R(angle) x + noise``: a stable focus, round which noise alone keeps play going."""
    c, s = (1 - pull) * np.cos(angle), (1 - pull) * np.sin(angle)
    x, turn, path = np.zeros(2), np.array([[c, -s], [s, c]]), []
    for shock in noise(seed, points, 2):
        x = turn @ x + shock
        path.append(x)
    return within(np.array(path)), np.full(points, FAR)


def reflected(seed: int, points: int, *, step: float, columns: int) -> Path:
    """A random walk between walls, which sticks to no corner."""
    path = 0.5 + step * np.cumsum(noise(seed, points, columns), axis=0)
    return np.abs((path + 1) % 2 - 1), np.full(points, FAR)


def rotating(seed: int, points: int, *, turns: float, left: float, shake: float) -> Path:
    """Round at a steady pace while the radius falls to ``left`` of itself, with noise of ``shake``."""
    time = np.linspace(0, 1, points)
    angle, radius = 2 * np.pi * turns * time, 0.35 * left**time
    circle = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return 0.5 + circle + shake * noise(seed, points, 2), np.full(points, FAR)


def drifting(seed: int, points: int, *, shake: float) -> Path:
    """Along a bend, never back, with noise of ``shake``."""
    time = np.linspace(0, 1, points)
    bend = np.stack([0.1 + 0.8 * time, 0.1 + 0.8 * time**2], axis=1)
    return bend + shake * noise(seed, points, 2), np.full(points, FAR)


def corners(seed: int, points: int, *, turns: float, growth: float) -> Path:
    """Along the edges of the square, resting at the corners, each rest ``growth`` times the last."""
    sides = int(4 * turns)
    stays = growth ** np.arange(sides) * np.exp(0.1 * noise(seed, sides, 1)[:, 0])
    ends = np.cumsum(stays) / stays.sum() * (points - 1)
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    place = np.searchsorted(ends, np.arange(points) - 1e-9).clip(max=sides - 1)
    return square[place % 4], np.full(points, FAR)


def hovering(seed: int, points: int, *, median: float, memory: float) -> Path:
    """NashConv ``median · exp(z)``, z normal with correlation ``memory`` from point to point."""
    shocks, z, logs = noise(seed, points, 1)[:, 0], 0.0, []
    for k, shock in enumerate(shocks):
        z = shock if k == 0 else memory * z + np.sqrt(1 - memory**2) * shock
        logs.append(0.5 * z)
    return wandering(seed, points, pull=0.5, columns=2)[0], median * np.exp(np.array(logs))


@dataclass(frozen=True)
class Known:
    """A process, the verdict that would be wrong of it, and one that would be right if there is any."""

    name: str
    make: Callable[[int, int], Path]
    wrong: Verdict
    right: Verdict | None = None


CYCLES, CONVERGED, DIVERGED = Verdict.CYCLES, Verdict.CONVERGED, Verdict.DIVERGED
PROCESSES = (
    *(
        Known(
            f"noise about a point, pull {pull}, {columns} numbers",
            partial(wandering, pull=pull, columns=columns),
            CYCLES,
        )
        for columns in (2, 6)
        for pull in (1.0, 0.5, 0.2, 0.05, 0.02)
    ),
    *(
        Known(f"random walk, {columns} numbers", partial(wandering, pull=0.0, columns=columns), CYCLES)
        for columns in (2, 6)
    ),
    *(
        Known(f"random walk between walls, step {step}", partial(reflected, step=step, columns=2), CYCLES)
        for step in (0.03, 0.1, 0.3)
    ),
    *(
        Known(
            f"spiral inwards, {turns} turns to {left:.0%} of the radius",
            partial(rotating, turns=turns, left=left, shake=0.01),
            CYCLES,
        )
        for turns in (3, 8)
        for left in (0.1, 0.3, 0.5, 0.6)
    ),
    Known("drift along a bend", partial(drifting, shake=0.03), CYCLES),
    *(
        Known(
            f"cycle, {turns} turns, noise {shake}",
            partial(rotating, turns=turns, left=1.0, shake=shake),
            DIVERGED,
            CYCLES,
        )
        for turns in (3, 5, 12)
        for shake in (0.02, 0.1)
    ),
    *(
        Known(
            f"corners, {turns} turns, each rest {growth} times the last",
            partial(corners, turns=turns, growth=growth),
            DIVERGED,
            CYCLES,
        )
        for turns, growth in ((6, 1.0), (4, 1.0), (4, 1.1), (4, 1.3), (2, 1.3), (2, 2.0))
    ),
    *(
        Known(
            f"NashConv about {median} of what is allowed, memory {memory}",
            partial(hovering, median=median, memory=memory),
            CONVERGED,
        )
        for memory in (0.0, 0.9)
        for median in (1.0, 1.5)
    ),
    Known(
        "NashConv about 0.2 of what is allowed",
        partial(hovering, median=0.2, memory=0.5),
        DIVERGED,
        CONVERGED,
    ),
)


BEYOND = (
    *(
        Known(
            f"spiral inwards, 8 turns to {left:.0%} of the radius",
            partial(rotating, turns=8, left=left, shake=0.01),
            CYCLES,
        )
        for left in (0.7, 0.8)
    ),
    *(
        Known(
            f"noise about a stable focus, pull {pull}, {round(2 * np.pi / angle)} points a turn",
            partial(swirling, pull=pull, angle=angle),
            CYCLES,
        )
        for pull in (0.3, 0.1, 0.03)
        for angle in (0.3, 0.6)
    ),
    *(
        Known(
            f"NashConv about {median} of what is allowed, memory 0.99",
            partial(hovering, median=median, memory=0.99),
            CONVERGED,
        )
        for median in (1.0, 1.5)
    ),
)
"""What no rule can tell from a run of this length: change slower than the run, and cycles that noise alone sustains."""


def verdicts(process: Known, runs: int, points: int, first: int = 0) -> Counter[Verdict]:
    """What the rule says of so many runs."""
    found: Counter[Verdict] = Counter()
    for seed in range(first, first + runs):
        path, nash_conv = process.make(seed, points)
        columns = tuple(column[:, None] for column in path.T)
        found[judge(np.arange(points) * 100, nash_conv, columns, threshold=1.0).verdict] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200, help="of each process")
    parser.add_argument("--points", type=int, default=100, help="evaluation points of a run")
    given = parser.parse_args()
    rows = _measured(PROCESSES, given.runs, given.points)
    for verdict in (CYCLES, CONVERGED, DIVERGED):
        own = [row["count"] for row in rows if row["wrong"] is verdict]
        share = clopper_pearson(sum(own), len(own) * given.runs)
        print(
            f"together, wrongly {verdict}: {sum(own)} of {len(own) * given.runs}, {share.low:.2%} to {share.high:.2%}"
        )
    print("\nBeyond the rule:")
    rows += _measured(BEYOND, given.runs, given.points)
    print(json.dumps(rows, default=str))


def _measured(processes: Sequence[Known], runs: int, points: int) -> list[dict[str, Any]]:
    rows = []
    for process in processes:
        found = verdicts(process, runs, points)
        wrong = found[process.wrong]
        row = {"process": process.name, "wrong": process.wrong, "count": wrong}
        row["interval"] = clopper_pearson(wrong, runs)
        said = f"{process.name:54} wrongly {process.wrong:9} {wrong:4} of {runs}, {row['interval']}"
        if process.right is not None:
            right = found[process.right]
            row |= {"right": process.right, "rightly": right, "power": clopper_pearson(right, runs)}
            said += f"; rightly {process.right} {right}"
        rows.append(row)
        print(said, flush=True)
    return rows


if __name__ == "__main__":
    main()
