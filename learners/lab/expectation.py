"""What theory expected of each cell before it was seen, and whether it happened. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np

from environments import Environment
from gametheory.aecg import AECG
from gametheory.continuous import ContinuousGame
from gametheory.errors import GameError
from gametheory.gradient_play import Claim, Linearisation, Outlook, linearisations, predict
from gametheory.gradient_play.theory import Family
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, as_numbers, to_floats
from gametheory.posg import POSG
from gametheory.refine import compare_equilibria
from gametheory.simulate import TabularGame
from learners.judge.convergence import Verdict
from learners.reports.facts import Facts
from learners.words import counted

Profile = tuple[Array, ...]


class Agreement(StrEnum):
    """Of what was seen with what was expected."""

    DISAGREES = "disagrees"
    OPEN = "open"
    """The seeds prove nothing that bears on the claim, yet."""
    AGREES = "agrees"
    SILENT = "no claim"


@dataclass(frozen=True)
class Known:
    """What is known of a game without learning."""

    formal: Any
    profiles: tuple[Profile, ...]
    complete: bool
    near: tuple[Linearisation, ...]
    """Gradient play at each equilibrium; empty where the game has several moves."""
    payoff_dominant: int | None
    risk_dominant: int | None
    horizon: int | None

    @property
    def ranks(self) -> dict[str, int | None]:
        """Which equilibrium is payoff-dominant, which risk-dominant; None where none is."""
        return {"payoff-dominant": self.payoff_dominant, "risk-dominant": self.risk_dominant}

    def role(self, equilibrium: int) -> str:
        """Its rank among the equilibria, in words; empty for none."""
        return " and ".join(word for word, place in self.ranks.items() if place == equilibrium)

    def claim(self, family: Family) -> Claim | None:
        """What theory says of a family of learners; None for kinds of games that it is not asked about."""
        if isinstance(self.formal, NormalForm | ContinuousGame):
            return predict(self.formal, self.profiles, self.complete, family).claim
        if isinstance(self.formal, POSG) and opposed(self.formal, self.horizon):
            return _OPPOSED[family]
        return None


_OPPOSED = {
    "gradient": Claim(
        Outlook.UNKNOWN, (), "gradient play on a tree with opposed interests may go round", "none"
    ),
    "magnet": Claim(
        Outlook.UNKNOWN,
        (),
        "the pull to an anchor that fades converged on trees in experiments; the theorem is about one state",
        "Sokota et al., ICLR 2023",
    ),
    "average": Claim(
        Outlook.CONVERGES,
        (),
        "two agents with opposed interests: fictitious play on the tree converges on average",
        "Heinrich, Lanctot & Silver, ICML 2015",
    ),
}


def known(environment: Environment, facts: Facts, horizon: int | None) -> Known:
    """From a cell's report: its equilibria, their stability, and which of them dominate."""
    formal: Any = environment.formal
    if isinstance(formal, AECG) and isinstance(environment.game, TabularGame):
        formal = environment.game.posg  # the very one that is played: its tree is built once
    profiles = tuple(
        tuple(as_numbers(own, "strategy") for own in found["profile"]) for found in facts["equilibria"]
    )
    near = linearisations(formal, profiles) if isinstance(formal, NormalForm | ContinuousGame) else ()
    payoff = risk = None
    if isinstance(formal, NormalForm) and len(profiles) > 1:
        compared = compare_equilibria(formal, profiles)
        payoff, risk = compared.payoff_dominant, compared.risk_dominant
    return Known(formal, profiles, bool(facts["equilibria_complete"]), near, payoff, risk, horizon)


@lru_cache(maxsize=8)
def opposed(formal: POSG, horizon: int | None) -> bool:
    """Whether two agents' returns add up to the same number in every play of a tree small enough to list."""
    from learners.judge.played import small_tree

    if len(formal.agents) != 2:
        return False
    try:
        tree = small_tree(formal, horizon)
    except GameError:
        return False
    return tree is not None and bool(np.ptp(to_floats(tree.totals).sum(axis=0)) < 1e-9)


def agreement(claim: Claim | None, verdict: Verdict, settled: Sequence[int | None]) -> tuple[Agreement, str]:
    """Hold a claim against what the seeds prove.

    Args:
        claim: what was expected.
        verdict: of all seeds together.
        settled: for every seed judged converged the equilibrium it ended at, None for none that is listed.
    """
    if claim is None or claim.outlook is Outlook.UNKNOWN:
        return Agreement.SILENT, "nothing was expected"
    elsewhere = [k for k in settled if k is not None and claim.equilibria and k not in claim.equilibria]
    if elsewhere:
        places = ", ".join(f"#{k}" for k in sorted(set(elsewhere)))
        return (
            Agreement.DISAGREES,
            f"{counted(len(elsewhere), 'seed')} settled at {places}, which should not attract play",
        )
    nowhere = claim.outlook is Outlook.NOWHERE
    if verdict is Verdict.UNDECIDED:
        none = "no seed settled, as expected, but what they do instead is not proved"
        return Agreement.OPEN, none if nowhere and not settled else "the seeds decide nothing yet"
    if verdict is (Verdict.CYCLES if nowhere else Verdict.CONVERGED):
        return Agreement.AGREES, f"{claim.outlook} was expected, and play {_did(verdict)}"
    if claim.outlook is Outlook.LOCALLY:
        return Agreement.OPEN, f"play {_did(verdict)}; only starts near an equilibrium were spoken of"
    return Agreement.DISAGREES, f"{claim.outlook} was expected, but play {_did(verdict)}"


def _did(verdict: Verdict) -> str:
    return {
        Verdict.CONVERGED: "settled at equilibrium",
        Verdict.CYCLES: "goes round",
        Verdict.DIVERGED: "came to rest elsewhere or broke off",
        Verdict.UNDECIDED: "is undecided",
    }[verdict]
