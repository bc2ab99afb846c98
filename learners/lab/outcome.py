"""What became of a lab: per cell the verdict over its seeds, and where they settled. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from environments import find
from gametheory.gradient_play import Claim
from gametheory.gradient_play.theory import Family
from learners.judge.convergence import Judgement, Verdict
from learners.judge.evidence import Evidence
from learners.lab.expectation import Agreement, Known, agreement, known
from learners.lab.grid import Lab
from learners.lab.recipes import family
from learners.reports.facts import Facts
from learners.running import metrics
from learners.running.metrics import Row
from learners.running.reported import reported
from learners.running.runs import RunConfig, RunFolder

SETTLED = 0.1
"""A seed that ends within this distance of a computed equilibrium (0 to 1) counts as settled there."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class SeedOutcome:
    """One trial: a seed that was trained to its end or interrupted."""

    seed: int
    facts: Facts
    rows: tuple[Row, ...]

    @property
    def judgement(self) -> Judgement:
        return Judgement(Verdict(self.facts["verdict"]), self.facts["reason"], self.facts["more_steps"])

    @property
    def settled(self) -> tuple[int, ...] | None:
        """The equilibrium that it ended at, or those that span the component; None if at none."""
        distance = self.facts["distance_to_nearest_equilibrium"]
        near = distance is not None and distance <= SETTLED
        return tuple(self.facts["nearest"]) if near else None


@dataclass(frozen=True)
class Cell:
    """One algorithm on one game."""

    trial: str
    game: str
    algorithm: str
    place: int
    """The algorithm's among those of the lab: it has one colour throughout."""
    config: RunConfig
    seeds: tuple[SeedOutcome, ...]
    failed: Mapping[int, str]
    known: Known | None
    """None until a seed has been measured."""
    claim: Claim | None

    @property
    def family(self) -> Family:
        return family(self.algorithm)

    @property
    def ended(self) -> tuple[SeedOutcome, ...]:
        """The seeds that were trained to their end."""
        return tuple(own for own in self.seeds if not own.facts["interrupted"])

    @cached_property
    def evidence(self) -> Evidence:
        """Of the seeds that were trained to their end; one that failed proves nothing."""
        out = Evidence(CONFIDENCE, self.config.training.epsilon)
        for own in self.ended:
            out = out.add(own.seed, own.judgement)
        return out

    @property
    def agreement(self) -> tuple[Agreement, str]:
        settled = [own for own in self.ended if own.facts["verdict"] == Verdict.CONVERGED]
        places = [own.settled[0] if own.settled and len(own.settled) == 1 else None for own in settled]
        return agreement(self.claim, self.evidence.verdict, places)

    @property
    def selection(self) -> dict[tuple[int, ...] | None, int]:
        """How many seeds ended at which equilibrium; None: at none of them."""
        out: dict[tuple[int, ...] | None, int] = {}
        for own in self.ended:
            out[own.settled] = out.get(own.settled, 0) + 1
        return out

    @property
    def selected(self) -> dict[str, int | None]:
        """How many seeds ended at the equilibrium of each rank; None where none has that rank."""
        ranks = {} if self.known is None else self.known.ranks
        return {
            word: None if place is None else self.selection.get((place,), 0) for word, place in ranks.items()
        }

    def measured(self, key: str) -> list[float]:
        """A number of ``report.json``'s ``nash_conv`` or of its top, over the seeds that have it."""
        values = [own.facts["nash_conv"].get(key, own.facts.get(key)) for own in self.seeds]
        return [float(value) for value in values if value is not None]


@dataclass(frozen=True)
class Game:
    """A row of the grid."""

    label: str
    title: str
    kind: str
    cells: tuple[Cell, ...]

    @property
    def known(self) -> Known | None:
        return next((cell.known for cell in self.cells if cell.known is not None), None)

    @property
    def facts(self) -> Facts | None:
        """Of any trial: what all of them share about the game."""
        return next((own.facts for cell in self.cells for own in cell.seeds), None)


@dataclass(frozen=True)
class Results:
    """A lab as it stands."""

    lab: Lab
    games: tuple[Game, ...]
    interrupted: bool

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for game in self.games for cell in game.cells)

    @property
    def algorithms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.algorithm for cell in self.cells))

    @property
    def by_agreement(self) -> tuple[Cell, ...]:
        """Disagreements first."""
        order = list(Agreement)
        return tuple(sorted(self.cells, key=lambda cell: order.index(cell.agreement[0])))


def collect(lab: Lab, failed: Mapping[tuple[str, int], str], interrupted: bool = False) -> Results:
    """Read what the trials have come to.

    Args:
        lab: the folder.
        failed: by trial and seed, why; from the sweep.
        interrupted: whether training was stopped early.
    """
    runs = lab.sweep.runs()
    found: dict[str, list[Cell]] = {}
    about: dict[str, Known] = {}
    algorithms = list(dict.fromkeys(algorithm for _, algorithm in lab.plan.cells))
    for (label, algorithm), (trial, run) in zip(lab.plan.cells, runs.items(), strict=True):
        lost = {seed: why for (name, seed), why in failed.items() if name == trial}
        seeds = tuple(own for folder in run.seed_folders() if (own := _seed(folder, lost)) is not None)
        if seeds and label not in about:
            environment = find(run.config.game, run.config.parameters)
            about[label] = known(environment, seeds[0].facts, run.config.training.horizon)
        has = about.get(label)
        claim = None if has is None else has.claim(family(algorithm))
        place = algorithms.index(algorithm)
        cell = Cell(trial, label, algorithm, place, run.config, seeds, lost, has, claim)
        found.setdefault(label, []).append(cell)
    return Results(lab, tuple(_game(label, cells) for label, cells in found.items()), interrupted)


def _seed(folder: RunFolder, failed: Mapping[int, str]) -> SeedOutcome | None:
    facts, seed = reported(folder.path), folder.config.seeds[0]
    if seed in failed or facts is None:
        return None
    return SeedOutcome(seed, facts, tuple(metrics.read(folder.metrics)))


def _game(label: str, cells: Sequence[Cell]) -> Game:
    facts: Any = next((own.facts for cell in cells for own in cell.seeds), None)
    return Game(label, label if facts is None else facts["title"], _kind(facts), tuple(cells))


def _kind(facts: Facts | None) -> str:
    """How the game is drawn: square (2 × 2), simplex (somebody has three actions), plane, or not."""
    space = (facts or {"space": {"kind": "none"}})["space"]
    if space["kind"] == "simplices":
        sizes = [len(own) for own in space["actions"]]
        return "square" if sizes == [2, 2] else "simplex" if sizes[0] == 3 else "none"
    return "plane" if space["kind"] == "interval" and len(space["low"]) == 2 else "none"
