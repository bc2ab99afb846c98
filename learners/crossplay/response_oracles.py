"""PSRO whose replies are learned: each round a learner is trained against the mixtures of the others.

Lanctot et al., *A unified game-theoretic approach to multiagent reinforcement learning* (NeurIPS 2017).
A learner's reply is a lower bound on the best one, so gains are lower bounds of NashConv; where the game
is formal and small, exact NashConv stands beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from environments import Environment, find
from environments.one_agent import OneAgentGame
from gametheory import empirical
from gametheory.empirical.psro import MetaSolver
from gametheory.errors import GameError
from gametheory.game import Discrete
from gametheory.numerics import Array
from gametheory.policy import Policy, UniformPolicy
from learners.crossplay.blend import mixed
from learners.crossplay.mixture import PolicyMixture, UniformLegal
from learners.judge.played import learner_for, prepared
from learners.judge.reference import nash_conv
from learners.running.monitor import EVALUATION, FINAL, Monitor, stream
from learners.training import TrainingSettings
from learners.words import counted

STEPS = 16_000
"""Environment steps that a reply is trained for."""
PLAYS = 1_000
"""Plays of a joint policy where its payoffs are estimated."""


@dataclass(frozen=True)
class Round:
    """One round, before its replies were added."""

    sizes: tuple[int, ...]
    """How many policies each agent had."""
    gain: float
    """What the replies gained, summed over agents: a lower bound of NashConv, an estimate of one where payoffs are."""
    nash_conv: float | None
    """Of the meta-equilibrium in the whole game, exactly; None where that is not known."""


@dataclass(frozen=True, eq=False)
class TrainedPsro:
    """Populations of trained policies, their meta-game and its solution."""

    found: empirical.Psro
    rounds: tuple[Round, ...]
    policies: tuple[PolicyMixture, ...]
    """Per agent the mixture at the end."""
    nash_conv: float | None
    """Of these mixtures; None where it is not known."""


def psro(
    game: Environment | str,
    *,
    algorithm: str = "ippo",
    rounds: int = 8,
    training: TrainingSettings | None = None,
    settings: Mapping[str, Any] | None = None,
    start: Sequence[Policy] | None = None,
    plays: int = PLAYS,
    tolerance: float = 1e-3,
    meta_solver: MetaSolver | None = None,
    seed: int = 0,
    progress: Callable[[int, float], None] = lambda number, gain: None,
) -> TrainedPsro:
    """Grow populations by trained replies to the equilibrium of their meta-game.

    Args:
        game: an environment or its name.
        algorithm: what learns the replies; the other agents are part of its world.
        rounds: at most so many.
        training: of one reply; ``STEPS`` steps if not given.
        settings: of the algorithm.
        start: one policy per agent to begin with; uniformly random if not given.
        plays: of each joint policy, where payoffs cannot be computed.
        tolerance: replies that gain no more, as a share of the payoff range, are not added; where payoffs
            are estimated the range is 1.
        meta_solver: what replies are given to; None: an equilibrium.
        seed: decides everything random.
        progress: called with the round and its gain.

    Raises:
        GameError: no round, an agent without a policy, or an algorithm that cannot serve an agent.
    """
    training = training or TrainingSettings(steps=STEPS, evaluations=1)
    environment = prepared(find(game) if isinstance(game, str) else game, training)
    judge = _Judge(Monitor.of(environment, training, seed), plays)
    oracle = _Oracle(environment, judge, algorithm, training, settings, seed)
    first = uniform_start(environment) if start is None else tuple(start)
    if len(first) != len(environment.game.agents):
        raise GameError(
            f"start has {counted(len(first), 'policy', 'policies')}; the game has "
            f"{counted(len(environment.game.agents), 'agent')}"
        )
    reference = judge.monitor.reference
    unit = 1.0 if reference is None else reference.payoff_range
    found = empirical.psro(
        [[policy] for policy in first],
        judge.payoffs,
        oracle,
        rounds=rounds,
        meta_solver=meta_solver,
        tolerance=tolerance * unit,
        progress=progress,
    )
    history = [
        Round(sizes, gain, regret) for (sizes, regret), gain in zip(oracle.history, found.gains, strict=True)
    ]
    last = map(PolicyMixture.of, found.populations, found.weights)
    return TrainedPsro(found, tuple(history), tuple(last), judge.nash_conv(found.populations, found.weights))


def uniform_start(environment: Environment) -> tuple[Policy, ...]:
    """Uniformly random policies, over legal actions only."""
    specs = environment.game.action_specs
    return tuple(
        UniformLegal(spec.size) if isinstance(spec, Discrete) else UniformPolicy(spec) for spec in specs
    )


@dataclass(eq=False)
class _Judge:
    """What joint policies are worth; each policy's part in the formal game is asked for once."""

    monitor: Monitor
    plays: int
    parts: dict[tuple[int, int], tuple[Policy, Array]] = field(default_factory=dict)

    def payoffs(self, joint: tuple[Policy, ...]) -> Sequence[float]:
        reference = self.monitor.reference
        if reference is None:
            seed = stream(self.monitor.seed, FINAL)  # the same for all: common random numbers
            return list(self.monitor.returns(joint, seed, self.plays).mean(axis=0))
        return list(reference.values(tuple(self.part(joint, i) for i in range(len(joint)))))

    def part(self, joint: Sequence[Policy], agent: int) -> Array:
        """Of one agent's policy; the policy is kept, so that its number stays its own."""
        key = agent, id(joint[agent])
        if key not in self.parts:
            assert self.monitor.reference is not None
            point = self.monitor.point(joint, self.monitor.reference)
            for i, own in enumerate(point):
                self.parts.setdefault((i, id(joint[i])), (joint[i], own))
        return self.parts[key][1]

    def nash_conv(self, populations: Sequence[Sequence[Policy]], weights: Sequence[Array]) -> float | None:
        """Of the mixtures in the whole game."""
        reference = self.monitor.reference
        if reference is None:
            return None
        first = [own[0] for own in populations]
        parts = [
            [self.part([*first[:i], policy, *first[i + 1 :]], i) for policy in own]
            for i, own in enumerate(populations)
        ]
        profile = mixed(reference, parts, weights)
        return None if profile is None else nash_conv(reference, profile)


@dataclass(eq=False)
class _Oracle:
    """Trains a fresh learner for every reply, each on a random stream of its own."""

    environment: Environment
    judge: _Judge
    algorithm: str
    training: TrainingSettings
    settings: Mapping[str, Any] | None
    seed: int
    history: list[tuple[tuple[int, ...], float | None]] = field(default_factory=list)
    asked: int = 0

    def __call__(self, agent: int, populations: Sequence[Sequence[Any]], weights: Sequence[Array]) -> Policy:
        from learners.trainer import train_learner

        if agent == 0:
            sizes = tuple(map(len, populations))
            self.history.append((sizes, self.judge.nash_conv(populations, weights)))
        others = [
            None if i == agent else PolicyMixture.of(own, share)
            for i, (own, share) in enumerate(zip(populations, weights, strict=True))
        ]
        alone = OneAgentGame(self.environment.game, agent, others)
        world = Environment(f"{self.environment.name}, agent {agent}", alone, None)
        own_seed = stream(self.seed, EVALUATION, self.asked) % 2**31
        self.asked += 1
        learner = learner_for(world, self.training, self.algorithm, self.settings, own_seed)
        train_learner(world, learner, training=self.training, seed=own_seed)
        return learner.policies()[0]
