"""Policies from anywhere, played in an environment and held against its formal game. No torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from environments import Environment, find
from environments.one_shot import OneShot
from environments.registry import Formal
from gametheory.certificates.certificate import Certificate, Kind
from gametheory.continuous import ContinuousGame, Mixture
from gametheory.continuous.lq import LinearQuadraticGame
from gametheory.errors import GameError
from gametheory.game import Game
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, to_floats
from gametheory.policies.history import RemembersActions
from gametheory.policy import Policy
from gametheory.posg import POSG
from gametheory.simulate import TabularGame
from learners.external.policies import Given, as_policies
from learners.judge.estimated import CONFIDENCE, error_of, mixtures, with_laws
from learners.judge.played import prepared
from learners.judge.reference import Reference
from learners.reports.facts import certificate_facts, interval
from learners.running.monitor import EVALUATION, FINAL, FINAL_PLAYS, Monitor, stream
from learners.training import TrainingSettings

DRAWS = 1_000
"""Answers asked for at each observation where a law has to be estimated."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What policies earn, and how far they are from an equilibrium."""

    game: str
    agents: tuple[str, ...]
    returns: Array  # [plays, n], discounted
    profile: tuple[Any, ...] | None
    """Of a game played once, as ``gametheory.certify`` takes it: per agent ``[A_i]``, an action ``[1]`` or a
    ``Mixture``. None for games of several moves: the policies themselves are the profile."""
    certificate: Certificate | None
    """Regrets and NashConv; of kind ``lower bound`` where a law was estimated. None: not known."""
    distance: float | None
    """To the nearest computed equilibrium; None where none was computed."""
    estimated: tuple[str, ...]
    """The agents whose laws are frequencies of ``draws`` answers."""
    draws: int
    error: float | None
    """With 95 % confidence NashConv is off by no more than this; 0 where nothing was estimated, None
    where no bound is known."""
    why: str
    """Why there is no certificate, where there is none."""

    @property
    def nash_conv(self) -> float | None:
        """``Σ_i regret_i``."""
        return None if self.certificate is None else float(self.certificate.nash_conv)

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        estimate = {
            "agents": list(self.estimated),
            "draws": self.draws,
            "confidence": CONFIDENCE,
            "nash_conv_error": self.error,
        }
        return {
            "game": self.game,
            "agents": list(self.agents),
            "plays": len(self.returns),
            "return": interval(self.returns),
            "profile": None if self.profile is None else [_plain(own) for own in self.profile],
            "nash_conv": self.nash_conv,
            "distance_to_nearest_equilibrium": self.distance,
            "certificate": certificate_facts(self.certificate),
            "estimate": estimate if self.estimated else None,
            "why": self.why,
        }


def evaluate_policies(
    environment: Environment | Game[Any] | str,
    policies: Given | Callable[[Game[Any]], Given],
    *,
    plays: int = FINAL_PLAYS,
    seed: int = 0,
    horizon: int | None = None,
    recall: int = 0,
    draws: int = DRAWS,
    epsilon: float = 0.01,
) -> Evaluation:
    """Play policies against each other, and certify them where there is a formal game.

    Args:
        environment: an environment, a game, or the name of one (``environments.find``).
        policies: per agent a policy or a callable; see ``learners.external.policies.as_policies``.
        plays: how many plays the returns are estimated from, at least 2.
        seed: of everything random that is not the callables' own.
        horizon: the game is over after so many steps; None: when it ends.
        recall: how many own past moves an agent sees beside its observation.
        draws: how often a policy that tells no law is asked at each observation.
        epsilon: the regret allowed for a ``numeric`` certificate, relative to the payoff range.

    Raises:
        UnknownName: no such game or agent.
        GameError: a policy is missing, or answers what it must not; names agent and answer.
    """
    if plays < 2 or draws < 2:
        raise GameError(f"plays is {plays} and draws {draws}; an interval needs at least 2 of each")
    if isinstance(environment, str):
        environment = find(environment)
    if not isinstance(environment, Environment):
        environment = Environment("game", environment, formal_of(environment))
    training = TrainingSettings(horizon=horizon, recall=recall, epsilon=epsilon)
    environment = prepared(environment, training)
    game = environment.game
    profile = as_policies(game, policies)
    monitor = Monitor.of(environment, training, seed).holding(profile)
    returns = monitor.returns(profile, stream(seed, FINAL), plays)
    empty = Evaluation(
        environment.name, tuple(game.agents), returns, None, None, None, (), 0, 0.0, monitor.unheld
    )
    if monitor.reference is None:
        return empty
    why = _unknown(monitor.reference, game, profile)
    if why:
        return replace(empty, why=f"no NashConv: {why}")
    return _held(empty, monitor, monitor.reference, profile, draws)


def formal_of(game: Game[Any]) -> Formal | None:
    """The formal game that a simulated one plays, where it holds it."""
    if isinstance(game, TabularGame):
        return game.posg
    return game.formal if isinstance(game, OneShot) else None


def _held(
    found: Evaluation, monitor: Monitor, reference: Reference, policies: Sequence[Policy], draws: int
) -> Evaluation:
    game, seed = monitor.environment.game, stream(monitor.seed, EVALUATION, 1)
    point: tuple[Any, ...]
    if isinstance(reference.formal, ContinuousGame):
        point, estimated, draws = mixtures(game, policies, draws, seed)
    else:
        told, estimated = with_laws(game, policies, draws, seed)
        point = monitor.point(told, reference)
    certificate = reference.certify(point, monitor.training.epsilon)
    error: float | None = 0.0
    if estimated:
        error = error_of(reference, estimated, draws, certificate.payoff_ranges)
        certificate = replace(certificate, kind=Kind.LOWER_BOUND, distance=None)
    mixed = any(isinstance(own, Mixture) for own in point)
    distance = None if mixed else reference.distance(point)
    return replace(
        found,
        profile=None if isinstance(reference.formal, POSG | LinearQuadraticGame) else point,
        certificate=certificate,
        distance=None if distance is None else distance.value,
        estimated=tuple(found.agents[i] for i in estimated),
        draws=draws if estimated else 0,
        error=error,
        why="",
    )


def _unknown(reference: Reference, game: Game[Any], policies: Sequence[Policy]) -> str:
    """Why a reference cannot say what the policies do; empty where it can."""
    if isinstance(reference.formal, NormalForm | ContinuousGame):
        return ""
    from learners.judge.sequential import TableReference

    for agent, policy in zip(game.agents, policies, strict=True):
        if policy.start(1) is None:
            continue
        if isinstance(reference, TableReference):
            return (
                f"the policy of agent {agent} has a memory, and only tables over observations are judged here"
            )
        if not isinstance(policy, RemembersActions):
            return f"the policy of agent {agent} has a memory and does not tell its probabilities"
    return ""


def _plain(own: Any) -> Any:
    """A strategy as JSON; of a mixture of actions its mean and spread."""
    if not isinstance(own, Mixture):
        return to_floats(own).tolist()
    points, weights = to_floats(own.points), to_floats(own.weights)
    mean = float(points @ weights)
    return {
        "actions": len(points),
        "mean": mean,
        "deviation": float(((points - mean) ** 2 @ weights) ** 0.5),
    }
