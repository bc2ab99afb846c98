"""Assertions about learning algorithms, for the tests of whoever writes one.

    from learners.testing import assert_converges, check_learner

    def test_it_finds_the_equilibrium():
        assert_converges(MyLearner, "cournot", nash_conv=0.01, confidence=0.95)

    def test_it_has_no_known_fault():
        assert not check_learner(MyLearner)

``pytest --lab small --lab-learner my_package.my_module:MyLearner`` runs a suite of games without a line
of code.
"""

from __future__ import annotations

from typing import Any

from gametheory.gradient_play import Outlook
from gametheory.gradient_play.theory import Family
from learners.faults.battery import check_learner
from learners.faults.findings import Fault, Finding
from learners.judge.convergence import Verdict
from learners.judge.evidence import Evidence
from learners.judge.held import Held, hold
from learners.suites import SUITES, suite

__all__ = [
    "SUITES",
    "Evidence",
    "Fault",
    "Finding",
    "Held",
    "assert_agrees_with_theory",
    "assert_converges",
    "check_learner",
    "hold",
    "suite",
]


def assert_converges(learner: Any, game: Any, **how: Any) -> Held:
    """Fail unless it is proved that most seeds converge to an equilibrium.

    Seeds are run one by one, by the rule of ``learners.judge.convergence`` each, and the verdict over them
    is that of ``learners.judge.evidence``: at 95 % confidence 5 of 5 decide. It stops as soon as the
    answer is known. If at most half of all seeds converge, this passes with probability at most 1 − confidence.

    Args:
        learner: a name, an ``Algorithm``, or a factory ``(observation_specs, action_specs, *, seed)``.
        game: a name, a game of a suite, an ``Environment`` or a formal game.
        **how: ``nash_conv`` (as a share of the payoff range), ``confidence``, ``seeds``, ``steps``,
            ``training``, ``settings``, ``keep``: see ``learners.judge.held.hold``.

    Returns:
        The verdict and every run.

    Raises:
        AssertionError: it is not proved; tells what every seed did and what theory says of the game.
        GameError: there is nothing to hold the learner against, or it cannot serve the game.
    """
    held = hold(learner, game, **how)
    if held.evidence.verdict is not Verdict.CONVERGED:
        raise AssertionError(f"{held.learner} is not proved to converge in {held.game}\n{held}")
    return held


def assert_agrees_with_theory(learner: Any, game: Any, *, family: Family = "gradient", **how: Any) -> Held:
    """Fail where a learner does not do what theory expects of its family.

    Where convergence is expected it must be proved. Where no equilibrium attracts play, a proof of
    convergence is a disagreement. A proof that play comes to rest at no equilibrium, or breaks off, is one
    everywhere: no theory expects it.

    Args:
        learner: as for ``assert_converges``.
        game: likewise.
        family: "gradient" learners follow their own gradient, "magnet" learners are also pulled to
            an anchor, "average" learners average their play.
        **how: see ``learners.judge.held.hold``.

    Raises:
        AssertionError: they disagree.
        GameError: there is nothing to hold the learner against, or it cannot serve the game.
    """
    claims = (Verdict.CONVERGED, Verdict.DIVERGED)
    first = hold(learner, game, claims=claims, family=family, **how)
    outlook = Outlook.UNKNOWN if first.prediction is None else first.prediction.claim.outlook
    verdict = first.evidence.verdict
    if outlook is Outlook.CONVERGES:
        agrees = verdict is Verdict.CONVERGED
    else:
        against = claims if outlook is Outlook.NOWHERE else (Verdict.DIVERGED,)
        agrees = verdict not in against
    if not agrees:
        raise AssertionError(f"{first.learner} does not do in {first.game} what theory expects\n{first}")
    return first
