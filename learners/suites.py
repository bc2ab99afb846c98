"""Suites: games with known answers, and how long a learner is given on each. No torch.

ε is fixed here, beforehand: 1 % of the smallest payoff range of any agent, 5 % on trees, where
networks approximate. Steps are what this project's own learners need with their defaults, and some more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gametheory.errors import UnknownName

if TYPE_CHECKING:
    from environments import Environment
    from learners.training import TrainingSettings

TREES = 0.05
"""ε where networks play games of several moves."""


@dataclass(frozen=True)
class SuiteGame:
    """One game of a suite and its budget."""

    name: str
    """As ``environments.find`` takes it."""
    steps: int
    """Environment steps of one run."""
    kind: str
    """What it is an example of, in a word or two."""
    epsilon: float = 0.01
    """Largest NashConv of a converged profile, as a share of the smallest payoff range."""
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Of the environment."""
    training: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Settings of the training beside ``steps`` and ``epsilon``."""

    @property
    def label(self) -> str:
        """The name with its parameters, unique in a suite."""
        return "-".join([self.name, *(f"{key}={value}" for key, value in self.parameters.items())])

    def environment(self) -> Environment:
        """The game to play."""
        from environments import find

        return find(self.name, self.parameters)

    def settings(self) -> TrainingSettings:
        """The training that the budget stands for."""
        from learners.training import TrainingSettings

        given = {"steps": self.steps, "epsilon": self.epsilon, **self.training}
        return TrainingSettings.from_mapping(given)


_SHORT = {"episode_limit": 20}
"""Untrained gains may let the state grow without bound."""


def _regulators(dimension: int, name: str = "linear-quadratic") -> SuiteGame:
    """A linear-quadratic game with a state of so many dimensions."""
    return SuiteGame(name, 96_000, "linear-quadratic", TREES, {"dimension": dimension}, _SHORT)


def _firms(count: int, steps: int) -> SuiteGame:
    return SuiteGame("cournot", steps, "quantities", parameters={"firms": count})


SMALL = (
    SuiteGame("prisoners-dilemma", 16_000, "dominance"),
    SuiteGame("stag-hunt", 16_000, "coordination"),
    SuiteGame("chicken", 16_000, "anti-coordination"),
    SuiteGame("matching-pennies", 16_000, "zero-sum"),
    SuiteGame("biased-rock-paper-scissors", 16_000, "zero-sum"),
    SuiteGame("shapley", 16_000, "no stable equilibrium"),
    SuiteGame("cournot", 16_000, "quantities"),
)
"""Minutes for a few learners and seeds: some games where learners settle, some where gradient play should not."""

STANDARD = (
    SuiteGame("prisoners-dilemma", 32_000, "dominance"),
    SuiteGame("travellers-dilemma", 64_000, "dominance"),
    SuiteGame("public-goods", 32_000, "dominance"),
    SuiteGame("stag-hunt", 32_000, "coordination"),
    SuiteGame("aumann-stag-hunt", 32_000, "coordination"),
    SuiteGame("battle-of-the-sexes", 32_000, "coordination"),
    SuiteGame("climbing", 64_000, "coordination"),
    SuiteGame("penalty", 64_000, "coordination"),
    SuiteGame("chicken", 32_000, "anti-coordination"),
    SuiteGame("matching-pennies", 64_000, "zero-sum"),
    SuiteGame("rock-paper-scissors", 64_000, "zero-sum"),
    SuiteGame("biased-rock-paper-scissors", 64_000, "zero-sum"),
    SuiteGame("shapley", 64_000, "no stable equilibrium"),
    _firms(2, 64_000),
    _firms(3, 64_000),
    _firms(5, 64_000),
    SuiteGame("bertrand", 64_000, "prices"),
    SuiteGame("hotelling", 64_000, "prices"),
    SuiteGame("public-goods-quadratic", 64_000, "dominance"),
    SuiteGame("quadratic-potential", 64_000, "potential"),
    SuiteGame("quadratic-zero-sum", 64_000, "zero-sum"),
    SuiteGame("linear-quadratic-scalar", 96_000, "linear-quadratic", TREES, training=_SHORT),
    *(_regulators(dimension) for dimension in (1, 2, 3, 4)),
    *(_regulators(dimension, "linear-quadratic-zero-sum") for dimension in (1, 2, 3, 4)),
    SuiteGame("repeated-prisoners-dilemma", 96_000, "repeated", TREES, {"times": 4}),
    SuiteGame("endless-prisoners-dilemma", 96_000, "repeated", TREES, training={"episode_limit": 50}),
    SuiteGame("kuhn-poker", 96_000, "poker", TREES),
    SuiteGame("t-maze", 96_000, "memory", TREES, training={"horizon": 7}),
)
"""Hours on two cores."""

FULL = (
    *STANDARD,
    SuiteGame("hawk-dove", 64_000, "anti-coordination"),
    SuiteGame("jordan", 96_000, "no stable equilibrium"),
    SuiteGame("three-agent-coordination", 64_000, "coordination"),
    SuiteGame("minimum-effort", 64_000, "coordination"),
    SuiteGame("quadratic", 64_000, "quantities"),
    SuiteGame("battle-of-the-sexes-3", 96_000, "repeated", TREES),
    SuiteGame("linear-quadratic-avoided", 192_000, "linear-quadratic", TREES, training=_SHORT),
    SuiteGame("dec-tiger", 96_000, "memory", TREES, training={"horizon": 3}),
    SuiteGame("soccer", 192_000, "zero-sum", TREES),
    SuiteGame("leduc-poker", 384_000, "poker", TREES),
)
"""A day or more."""

SUITES: Mapping[str, tuple[SuiteGame, ...]] = {"small": SMALL, "standard": STANDARD, "full": FULL}


def suite(name: str) -> tuple[SuiteGame, ...]:
    """The games of a suite.

    Raises:
        UnknownName: there is no such suite; names the nearest.
    """
    if name not in SUITES:
        raise UnknownName("suite", name, SUITES)
    return SUITES[name]
