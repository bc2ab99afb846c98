"""The verdict over seeds keeps the error rate it states, by exact counting of all paths."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.errors import GameError
from learners.judge.convergence import Judgement, Verdict
from learners.judge.evidence import ALTERNATIVES, CLAIMS, Evidence, capital, clopper_pearson

CONVERGED, CYCLES = Verdict.CONVERGED, Verdict.CYCLES


def said(*verdicts: Verdict, confidence: float = 0.95) -> Evidence:
    out = Evidence(confidence)
    for seed, verdict in enumerate(verdicts):
        out = out.add(seed, Judgement(verdict, "", 1000 if verdict is Verdict.UNDECIDED else None))
    return out


def ever(p: Fraction, seeds: int, level: float) -> Fraction:
    """The exact chance that the capital reaches ``level`` within so many seeds, each doing X with chance p."""
    paths, reached = {(0, 0): Fraction(1)}, Fraction(0)
    for _ in range(seeds):
        after: dict[tuple[int, int], Fraction] = {}
        for (s, f), chance in paths.items():
            for new, weight in (((s + 1, f), p), ((s, f + 1), 1 - p)):
                if capital(*new) >= level:
                    reached += chance * weight
                else:
                    after[new] = after.get(new, Fraction(0)) + chance * weight
        paths = after
    return reached


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("share", [Fraction(1, 2), Fraction(2, 5), Fraction(1, 10)])
def test_a_wrong_claim_is_as_rare_as_stated(confidence, share):
    """And by at least a factor of 2p rarer below ½, which is what bounds the three claims together."""
    alpha = 1 - confidence
    chance = ever(share, 50, 1 / alpha)
    assert 0 < chance <= alpha * min(1, 2 * share)


def test_a_learner_that_nearly_always_converges_is_soon_said_to():
    assert ever(Fraction(99, 100), 5, 20) == Fraction(99, 100) ** 5
    assert ever(Fraction(99, 100), 10, 20) > Fraction(99, 100)
    assert ever(Fraction(9, 10), 40, 20) > Fraction(97, 100)


def test_any_of_the_three_claims_is_wrong_at_most_twice_as_often():
    """Two verdicts, half of the seeds each: all 2^12 paths, one by one."""
    wrong = sum(
        any(said(*path[:k]).verdict is not Verdict.UNDECIDED for k in range(5, 13))
        for path in product((CONVERGED, CYCLES), repeat=12)
    )
    assert 0.05 < wrong / 2**12 <= 0.1


@given(st.fractions(0, Fraction(1, 2)), st.integers(0, 30), st.integers(0, 30))
def test_the_capital_does_not_grow_on_average_under_the_hypothesis(p, s, f):
    mean = p * Fraction(capital(s + 1, f)) + (1 - p) * Fraction(capital(s, f + 1))
    assert mean <= Fraction(capital(s, f)) * (1 + Fraction(1, 10**12))


def test_what_is_bet_is_one():
    assert sum(weight for _, weight in ALTERNATIVES) == pytest.approx(1)
    assert capital(0, 0) == pytest.approx(1)


def test_five_of_five_decide_and_four_of_five_do_not():
    assert said(*[CONVERGED] * 4).verdict is Verdict.UNDECIDED
    assert said(*[CONVERGED] * 5).verdict is CONVERGED
    assert said(*[CONVERGED] * 4, CYCLES).verdict is Verdict.UNDECIDED
    assert said(CYCLES, *[CONVERGED] * 9).verdict is CONVERGED


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_verdict_but_undecided_can_be_claimed(claim):
    assert said(*[claim] * 5).verdict is claim
    assert said(*[Verdict.UNDECIDED] * 30).verdict is Verdict.UNDECIDED


@given(st.lists(st.sampled_from(Verdict), max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_seeds_came_proves_nothing(verdicts, random):
    turned = random.sample(verdicts, len(verdicts))
    assert said(*turned).verdict is said(*verdicts).verdict


def test_five_that_converged_and_seven_that_did_not_prove_nothing():
    assert said(*[CONVERGED] * 5, *[Verdict.UNDECIDED] * 7).verdict is Verdict.UNDECIDED


def test_one_seed_is_one_seed():
    text = str(said(*[CONVERGED] * 4))
    assert "needs about 1 more seed (of 4 seeds" in text
    assert "(of 1 seed 1 undecided)" in str(said(Verdict.UNDECIDED))


def test_a_seed_counts_once():
    with pytest.raises(GameError, match="seed 3"):
        Evidence().add(3, Judgement(CONVERGED, "")).add(3, Judgement(CONVERGED, ""))


@given(st.lists(st.sampled_from(Verdict), max_size=12), st.integers(0, 12))
def test_hopeless_means_that_no_continuation_proves_it(verdicts, more):
    best = said(*verdicts, *[CONVERGED] * more).proves(CONVERGED)
    assert said(*verdicts).can_prove(CONVERGED, more) == best


def test_about_how_many_more_seeds():
    """4 of 4 need one more; one failure in four needs nine of ten or so; half and half, none helps."""
    assert said(*[CONVERGED] * 4).more_seeds == 1
    mixed = said(CYCLES, CONVERGED, CONVERGED, CONVERGED)
    assert mixed.more_seeds is not None
    assert mixed.more_seeds > 6
    assert said(CYCLES, CONVERGED).more_seeds is None
    assert "more seeds would hardly tell" in str(said(CYCLES, CONVERGED))
    assert "needs about 1,000 more steps" in str(said(*[Verdict.UNDECIDED] * 3))


def tail(count: int, p: float, ks: range) -> float:
    return sum(comb(count, k) * p**k * (1 - p) ** (count - k) for k in ks)


@pytest.mark.parametrize(("did", "count"), [(0, 5), (5, 5), (3, 10), (190, 200), (1, 200)])
def test_the_interval_ends_where_the_binomial_tails_are_the_half_of_alpha(did, count):
    low, high = clopper_pearson(did, count, 0.95)
    if did:
        assert tail(count, low, range(did, count + 1)) == pytest.approx(0.025)
    if did < count:
        assert tail(count, high, range(did + 1)) == pytest.approx(0.025)
    assert low <= did / count <= high


def test_a_line_says_the_claim_the_confidence_and_the_share():
    text = str(said(*[CONVERGED] * 5))
    assert text.startswith("converged with 0.95 confidence")
    assert "5 converged" in text
    assert "48% to 100%" in text


@pytest.mark.parametrize("confidence", [0.2, 1.0])
def test_a_confidence_that_nobody_can_have_is_refused(confidence):
    with pytest.raises(GameError, match="confidence"):
        Evidence(confidence)
