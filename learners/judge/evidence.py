"""The verdict over seeds: what share of all seeds does this, said only as far as the seeds seen prove it.

Every seed is one run, judged by ``learners.judge.convergence.RULE``. For each verdict X that is not
"undecided" the hypothesis "at most half of all seeds do X" is tested by betting against it
(Shafer & Vovk, Game-Theoretic Foundations for Probability and Finance, 2019). With s seeds that did X and
f that did not, the capital is

    E = Σ_k w_k (2 p_k)^s (2 (1 − p_k))^f,        p_k, w_k = ``ALTERNATIVES``

It never grows on average while the hypothesis holds, so by Ville's inequality the chance that it *ever*
reaches 1/α is at most α. One may look after every seed, stop whenever one likes and go on later.

Each claim is wrong with probability at most α = 1 − confidence. Whatever the shares are, the chance of
any wrong claim about a game and a learner is at most 2α: E ≥ 1 needs s > f, and such paths are at
least 2p times rarer under a share p ≤ ½ than under ½, so the chances sum to at most Σ_X 2 p_X α ≤ 2α.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gametheory.errors import GameError
from learners.judge.convergence import Judgement, Verdict
from learners.words import counted

ALTERNATIVES = ((0.99, 0.55), (0.9, 0.35), (0.75, 0.1))
"""Shares p_k bet on, and how much on each w_k: at 95 %, 5 of 5 seeds decide, or 9 of 10."""
CLAIMS = (Verdict.CONVERGED, Verdict.CYCLES, Verdict.DIVERGED)
"""What can be claimed of the seeds; "undecided" is no claim."""
FAR = 1000
"""More seeds than this are not spoken of."""


class Interval(NamedTuple):
    """Where a share lies."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:.0%} to {self.high:.0%}"


def capital(did: int, did_not: int) -> float:
    """E, the evidence against "at most half of all seeds do it"; 1 is none."""
    logs = [
        math.log(weight) + did * math.log(2 * p) + did_not * math.log(2 * (1 - p))
        for p, weight in ALTERNATIVES
    ]
    top = max(logs)  # hundreds of seeds overflow a product
    return math.exp(min(700.0, top + math.log(sum(math.exp(log - top) for log in logs))))


def clopper_pearson(did: int, count: int, confidence: float = 0.95) -> Interval:
    """The interval that holds a share with at least this confidence, for a number of trials fixed beforehand.

    Clopper & Pearson, Biometrika 26, 1934. Half of 1 − confidence lies beyond either end.
    """
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low = float(betaincinv(did, count - did + 1, tail)) if did else 0.0
    high = float(betaincinv(did + 1, count - did, 1 - tail)) if did < count else 1.0
    return Interval(low, high)


@dataclass(frozen=True)
class Evidence:
    """What the seeds seen so far prove. Seeds are added one by one; nothing else changes it."""

    confidence: float = 0.95
    """1 − α of every claim."""
    epsilon: float | None = None
    """What "converged" allowed, as a share of the payoff range; only said, not used."""
    judgements: Mapping[int, Judgement] = field(default_factory=dict)
    """By seed, in the order in which they came."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.confidence < 1:
            raise GameError(f"confidence is {self.confidence}; it must be at least 0.5 and below 1")

    def add(self, seed: int, judgement: Judgement) -> Evidence:
        """With one more seed.

        Raises:
            GameError: the seed was counted already; counting one run twice proves nothing.
        """
        if seed in self.judgements:
            raise GameError(f"seed {seed} was counted already")
        return replace(self, judgements={**self.judgements, seed: judgement})

    def did(self, verdict: Verdict) -> int:
        """How many seeds did this."""
        return sum(judgement.verdict is verdict for judgement in self.judgements.values())

    @property
    def verdict(self) -> Verdict:
        """What more than half of all seeds do, if that is proved, else "undecided"."""
        return next((claim for claim in CLAIMS if self.proves(claim)), Verdict.UNDECIDED)

    def proves(self, claim: Verdict) -> bool:
        """Whether the seeds seen prove it, in whatever order they came.

        More seeds may take a proof back: five that converged and seven that did not prove nothing.
        """
        did = self.did(claim)
        return claim in CLAIMS and self._enough(did, len(self.judgements) - did)

    def share(self, verdict: Verdict) -> Interval:
        """Of all seeds; the count of seeds is taken as fixed beforehand, unlike in the claims."""
        return clopper_pearson(self.did(verdict), len(self.judgements), self.confidence)

    def can_prove(self, claim: Verdict, more: int) -> bool:
        """Whether it is proved, or would be if the next ``more`` seeds all did it."""
        return self.least_more(claim) <= more

    def check_enough(self, seeds: int) -> None:
        """Check that so many seeds can prove a claim at all.

        Raises:
            GameError: even if all of them agree they cannot.
        """
        least = self.least_more(Verdict.CONVERGED)
        if seeds < least:
            raise GameError(
                f"{counted(seeds, 'seed')} can prove nothing with {self.confidence:g} confidence; it takes at least {least}"
            )

    def least_more(self, claim: Verdict) -> int:
        """How many more seeds prove it if all of them do it."""
        did, did_not = self.did(claim), len(self.judgements) - self.did(claim)
        return next((m for m in range(FAR) if self._enough(did + m, did_not)), FAR)

    @property
    def more_seeds(self) -> int | None:
        """About how many more seeds prove the commonest claim if they go on as before.

        None where that is proved, or where the seeds seen do not speak for any claim.
        """
        leading = max(CLAIMS, key=self.did)
        did, count = self.did(leading), len(self.judgements)
        if self.verdict is not Verdict.UNDECIDED or 2 * did <= count:
            return None
        goes_on = (m for m in range(1, FAR) if self._enough(*_split(did, count, m)))
        return next(goes_on, None)

    @property
    def more_steps(self) -> int | None:
        """About how many more steps the undecided seeds ask for: the median; None where none does."""
        asked = sorted(j.more_steps for j in self.judgements.values() if j.more_steps)
        return asked[len(asked) // 2] if asked else None

    def _enough(self, did: int, did_not: int) -> bool:
        return capital(did, did_not) >= 1 / (1 - self.confidence)

    def __str__(self) -> str:
        count, verdict = len(self.judgements), self.verdict
        if not count:
            return "undecided: no seed was run"
        tally = ", ".join(f"{self.did(v)} {v}" for v in Verdict if self.did(v))
        if verdict is Verdict.UNDECIDED:
            return f"undecided, {self._wanting()} (of {counted(count, 'seed')} {tally})"
        within = "" if self.epsilon is None else f" within {self.epsilon:g} of the payoff range"
        name = f"converged{within}" if verdict is Verdict.CONVERGED else str(verdict)
        return (
            f"{name} with {self.confidence:g} confidence that most seeds do "
            f"(of {counted(count, 'seed')} {tally}; share {self.share(verdict)})"
        )

    def _wanting(self) -> str:
        if self.more_seeds is not None:
            return f"needs about {counted(self.more_seeds, 'more seed')}"
        if 2 * self.did(Verdict.UNDECIDED) >= len(self.judgements) and self.more_steps is not None:
            return f"needs about {self.more_steps:,} more steps"
        return "and more seeds would hardly tell: no verdict is that of most"


def _split(did: int, count: int, more: int) -> tuple[int, int]:
    """Who does and who does not after ``more`` seeds with the share seen so far."""
    new = round(more * did / count)
    return did + new, count + more - did - new
