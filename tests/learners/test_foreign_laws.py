"""Laws that are only drawn from: estimates, their error, and what they may claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from gametheory import certify, streams
from gametheory.certificates.certificate import Kind
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.policy import ConstantPolicy, TablePolicy
from learners.external.policies import Answers, callable_policy
from learners.judge.estimated import largest_change
from learners.judge.policies import evaluate_policies

KUHN = find("kuhn-poker")
SIZES = [spec.size for spec in KUHN.game.observation_specs]


class Sampler:
    """Draws from one law again and again."""

    def __init__(self, law, seed=0):
        self.cumulative, self.seed, self.count = np.cumsum(law), seed, 0

    def __call__(self, seen):
        u = streams.uniform(streams.seed_keys(self.seed, len(seen), start=self.count), 0, 1)[:, 0]
        self.count += len(seen)
        return streams.categorical(np.tile(self.cumulative, (len(seen), 1)), u)


def sampled(game, *all_laws):
    return [
        callable_policy(Sampler(own, i), game, i, batched=True, answers=Answers.DRAW)
        for i, own in enumerate(all_laws)
    ]


def test_an_estimate_never_claims_an_equilibrium():
    pennies = find("matching-pennies")
    found = evaluate_policies(pennies, sampled(pennies.game, [0.5, 0.5], [0.5, 0.5]), draws=4000)
    assert found.certificate.kind is Kind.LOWER_BOUND
    assert not found.certificate.holds
    assert (found.estimated, found.draws) == (("1", "2"), 4000)
    assert 0 < found.nash_conv <= found.error
    told = evaluate_policies(pennies, [lambda seen: [0.5, 0.5]] * 2)
    assert (told.certificate.kind, told.error, told.draws) == (Kind.EXACT, 0.0, 0)


@settings(deadline=None, max_examples=15)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 1000))
def test_the_estimate_is_as_near_as_it_says(p, q, seed):
    game = find("chicken")
    policies = [
        callable_policy(Sampler([w, 1 - w], seed + i), game.game, i, batched=True, answers=Answers.DRAW)
        for i, w in enumerate((p, q))
    ]
    found = evaluate_policies(game, policies, plays=2, draws=400)
    exact = certify(game.formal, [[p, 1 - p], [q, 1 - q]])
    assert abs(found.nash_conv - float(exact.nash_conv)) <= found.error


def test_the_error_shrinks_with_the_root_of_the_draws():
    game = find("matching-pennies")
    errors = [
        evaluate_policies(game, sampled(game.game, [0.5, 0.5], [0.5, 0.5]), plays=2, draws=draws).error
        for draws in (10_000, 40_000)
    ]
    assert errors[0] / errors[1] == pytest.approx(2.0)
    # by hand: M = 2 laws of A = 2 actions, ε = √(ln(2·2/0.05) / 2K), payoffs range over 2
    by_hand = np.sqrt(np.log(80) / 20_000)
    assert errors[0] == pytest.approx(2 * 2 * (by_hand + 2 * by_hand))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_shift_of_laws_moves_nash_conv_further_than_said(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 3), min_size=2, max_size=3)))
    cells = len(shape) * int(np.prod(shape))
    numbers = data.draw(st.lists(st.integers(-9, 9), min_size=cells, max_size=cells))
    game = NormalForm(np.array(numbers, dtype=float).reshape(len(shape), *shape))
    profiles = []
    for _ in range(2):
        drawn = [data.draw(st.lists(st.floats(0.01, 1), min_size=size, max_size=size)) for size in shape]
        profiles.append([np.array(own) / np.sum(own) for own in drawn])
    shift = np.array([np.abs(a - b).sum() / 2 for a, b in zip(*profiles, strict=True)])
    before, after = (float(certify(game, own).nash_conv) for own in profiles)
    assert abs(before - after) <= largest_change(shift, game.payoff_ranges) + 1e-9


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=2 * sum(SIZES), max_size=2 * sum(SIZES)).map(np.array))
def test_in_a_tree_every_move_counts(numbers):
    pairs = np.split(np.stack([numbers, 1 - numbers], axis=1), np.cumsum(SIZES * 2)[:-1])
    here, there = pairs[:2], pairs[2:]
    both = [certify(KUHN.formal, [TablePolicy(own) for own in side]) for side in (here, there)]
    furthest = [np.abs(a - b).sum(axis=1).max() / 2 for a, b in zip(here, there, strict=True)]
    shift = np.array([2 * furthest[0], 1 * furthest[1]])  # the first agent may move twice, the second once
    moved = abs(float(both[0].nash_conv) - float(both[1].nash_conv))
    assert moved <= largest_change(shift, [4, 4]) + 1e-9  # payoffs are −2 … 2


def test_a_tree_is_estimated_set_by_set():
    found = evaluate_policies(KUHN, sampled(KUHN.game, [0.5, 0.5], [0.5, 0.5]), plays=50, draws=2000)
    assert found.certificate.kind is Kind.LOWER_BOUND
    assert abs(found.nash_conv - 11 / 12) < found.error


def test_an_action_said_to_be_settled_is_a_law():
    game = find("prisoners-dilemma")
    defects = [callable_policy(lambda seen: 1, game.game, i, answers=Answers.ACTION) for i in range(2)]
    assert evaluate_policies(game, defects).certificate.kind is Kind.EXACT
    assert evaluate_policies(game, [lambda seen: 1] * 2).certificate.kind is Kind.LOWER_BOUND


def test_drawn_quantities_are_held_as_the_mixture_they_are():
    game, count = find("cournot"), iter(range(10**9))

    def wavers(seen):
        return 2.0 + 2.0 * (next(count) % 2)

    found = evaluate_policies(game, {"firm 1": wavers, "firm 2": ConstantPolicy(np.array([4.0]))}, plays=20)
    mixture, constant = found.profile
    assert found.estimated == ("firm 1",)
    assert constant == 4.0
    # u_2 = q_2 (9 − m − q_2) with the other's mean m: the best reply earns (q* − 4)² more
    mean = float(mixture.points @ mixture.weights)
    assert found.certificate.regrets[1] == pytest.approx(((9 - mean) / 2 - 4) ** 2, abs=1e-9)
    assert (found.certificate.kind, found.error, found.distance) == (Kind.LOWER_BOUND, None, None)
    facts = found.facts()
    assert facts["profile"][0]["mean"] == pytest.approx(mean)
    assert facts["estimate"]["nash_conv_error"] is None


def test_a_settled_quantity_is_exact():
    game = find("cournot")
    nash = [callable_policy(lambda seen: 3.0, game.game, i, answers=Answers.ACTION) for i in range(2)]
    found = evaluate_policies(game, nash)
    assert (found.certificate.kind, found.distance) == (Kind.EXACT, 0.0)
    assert evaluate_policies(game, [lambda seen: 3.0] * 2).certificate.kind is Kind.LOWER_BOUND
    assert evaluate_policies(game, [ConstantPolicy(np.array([3.0]))] * 2).certificate.kind is Kind.EXACT


def test_games_by_name_by_themselves_and_without_a_formal_side():
    one = evaluate_policies(KUHN.game, [lambda seen: [0.5, 0.5]] * 2, plays=10)
    assert one.nash_conv == pytest.approx(11 / 12)
    spread = evaluate_policies("simple_target", lambda game: [still] * len(game.agents), plays=2)
    assert spread.certificate is None
    assert "no formal game" in spread.why
    with pytest.raises(GameError, match="at least 2 of each"):
        evaluate_policies("chicken", [lambda seen: 0] * 2, plays=1)


def still(seen):
    return 0 if np.ndim(seen) == 1 else 1 // 0
