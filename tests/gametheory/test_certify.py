from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.certify import Kind, certify, nash_conv
from gametheory.continuous import Cournot, Mixture
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.testing import float_payoffs, fractions, normal_forms, profiles


@st.composite
def games_and_profiles(draw, **options):
    game = draw(normal_forms(**options))
    return game, draw(profiles(game))


def expected(game, profile, agent):
    """Σ_a Π_j π_j(a_j) u_i(a) over all joint actions, none left out."""
    total = Fraction(0)
    for joint in product(*map(range, game.shape)):
        weight = Fraction(1)
        for strategy, action in zip(profile, joint, strict=True):
            weight *= Fraction(strategy[action])
        total += weight * Fraction(game.payoffs[(agent, *joint)])
    return total


def regrets_by_definition(game, profile):
    """Every pure deviation of every agent, valued as a profile of its own."""
    out = []
    for i, count in enumerate(game.shape):
        deviations = []
        for action in range(count):
            changed = list(profile)
            changed[i] = [int(k == action) for k in range(count)]
            deviations.append(expected(game, changed, i))
        out.append(max(deviations) - expected(game, profile, i))
    return out


@given(games_and_profiles())
def test_regrets_values_and_nash_conv_are_what_the_definition_says(drawn):
    game, profile = drawn
    certificate = certify(game, profile)
    regrets = regrets_by_definition(game, profile)
    assert list(certificate.regrets) == regrets
    assert list(certificate.values) == [expected(game, profile, i) for i in range(len(game.shape))]
    assert certificate.nash_conv == nash_conv(game, profile) == sum(regrets)
    assert certificate.exploitability == sum(regrets) / len(regrets)
    assert (certificate.kind is Kind.EXACT) == (not any(regrets))
    assert all(isinstance(regret, Fraction) for regret in certificate.regrets)


@given(games_and_profiles(payoffs=float_payoffs()))
def test_float_games_are_the_binary_rationals_they_are(drawn):
    game, profile = drawn
    certificate = certify(game, profile)
    assert list(certificate.regrets) == [float(r) for r in regrets_by_definition(game, profile)]


@given(games_and_profiles(), st.lists(fractions(1, 9), min_size=3, max_size=3), st.data())
def test_grades_do_not_change_with_scale_and_shift(drawn, scales, data):
    """u_i → k_i u_i + d_i(a^-i) with k_i > 0 multiplies regrets by k_i and moves no best reply."""
    game, profile = drawn
    changed = []
    for i, own in enumerate(game.payoffs):
        others = [1 if j == i else count for j, count in enumerate(game.shape)]
        count = int(np.prod(others))
        shift = np.empty(count, dtype=object)
        shift[:] = data.draw(st.lists(fractions(), min_size=count, max_size=count))
        changed.append(scales[i] * own + shift.reshape(others))
    before, after = certify(game, profile), certify(NormalForm(np.stack(changed)), profile)
    assert list(after.regrets) == [k * r for k, r in zip(scales, before.regrets, strict=False)]
    assert (after.kind is Kind.EXACT) == (before.kind is Kind.EXACT)


@given(games_and_profiles(), st.integers(-290, 290).filter(bool), fractions())
def test_numeric_grades_do_not_change_with_one_scale_and_shift_per_agent(drawn, power, shift):
    game, profile = drawn
    moved = NormalForm(game.payoffs * Fraction(10) ** power + shift)
    for epsilon in (0.0, 0.05, 0.3):
        assert certify(moved, profile, epsilon).kind is certify(game, profile, epsilon).kind


@given(games_and_profiles(agents=(2, 3)), st.randoms(use_true_random=False))
def test_renaming_agents_and_actions_only_renames_the_answer(drawn, random):
    game, profile = drawn
    order = list(range(len(game.shape)))
    random.shuffle(order)
    moved = game.payoffs[order].transpose([0, *(j + 1 for j in order)])
    flips = tuple(slice(None, None, random.choice([1, -1])) for _ in order)
    renamed = NormalForm(moved[(slice(None), *flips)])
    certificate = certify(renamed, [profile[j][flip] for j, flip in zip(order, flips, strict=True)])
    before = certify(game, profile)
    assert list(certificate.regrets) == [before.regrets[j] for j in order]
    assert list(certificate.values) == [before.values[j] for j in order]


def test_numeric_needs_every_regret_within_epsilon_of_its_own_range():
    # Agent 2's range is 1, agent 1's is 1000; agent 2 misses 0.002.
    game = NormalForm([[[1000, 0]], [[1, Fraction(998, 1000)]]])
    assert certify(game, [[1], [0, 1]], epsilon=0.001).kind is None
    # It misses all of its range of 0.002, though that is little beside agent 1's.
    assert certify(game, [[1], [0, 1]], epsilon=1.0).kind is Kind.NUMERIC
    assert certify(game, [[1], [1, 0]]).kind is Kind.EXACT


def test_float_probabilities_are_normalised_and_their_answers_are_floats():
    rps = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]
    third = [1 / 3, 1 / 3, 1 / 3]
    certificate = certify(NormalForm.bimatrix(rps), [third, third])
    assert certificate.kind is Kind.EXACT
    tenths = [0.1 + 0.2, 0.3, 0.4]
    certificate = certify(NormalForm.bimatrix(rps), [tenths, tenths])
    assert certificate.kind is None
    assert all(isinstance(regret, float) for regret in certificate.regrets)


@pytest.mark.parametrize("epsilon", [-1e-9, float("nan"), float("inf")])
def test_epsilon_must_be_a_number_from_zero(epsilon):
    with pytest.raises(GameError, match="epsilon"):
        certify(NormalForm([[1]]), [[1]], epsilon)


quantities = st.fractions(0, 9, max_denominator=8)


@given(st.lists(quantities, min_size=2, max_size=3))
def test_cournot_regret_is_the_squared_distance_to_the_reply(joint):
    """By hand: u(r) - u(q) = (r - q)² where the reply r = max(0, (9 - Q_-i)/2) is inside."""
    game = Cournot(firms=len(joint))
    certificate = certify(game, joint)
    for i, own in enumerate(joint):
        others = sum(joint) - own
        reply = max(Fraction(0), (9 - others) / 2)

        def gain(quantity, others=others):
            return quantity * (10 - quantity - others - 1)

        assert certificate.regrets[i] == gain(reply) - gain(own)
        assert certificate.values[i] == gain(own)


def test_mixtures_of_quantities():
    # The other firm makes 2 or 4, as good as 3: the reply to it is (9 - 3)/2 = 3.
    spread = Mixture.uniform([Fraction(2), Fraction(4)])
    certificate = certify(Cournot(), [Fraction(3), spread])
    assert certificate.regrets[0] == 0
    assert certificate.regrets[1] == 1  # ((2 - 3)² + (4 - 3)²) / 2


def test_a_payoff_that_is_no_quadratic_and_an_interval_of_one_point():
    class Cubic(Cournot):
        def payoff(self, agent, joint):
            return Fraction(joint[agent]) ** 3

    with pytest.raises(GameError, match="firm 1 is not a quadratic"):
        certify(Cubic(), [Fraction(1), Fraction(1)])

    class Fixed(Cournot):
        @property
        def low(self):
            return self.high

    assert certify(Fixed(), list(Fixed().high)).kind is Kind.EXACT


def test_a_float_at_a_bound_that_rounds_outwards_is_inside() -> None:
    market = Cournot(a=Fraction(116503, 22111), b=1, c=1)
    assert float(market.high[0]) > market.high[0]
    certificate = certify(market, [[float(market.high[0])], [0.0]])
    assert min(certificate.regrets) >= 0
    with pytest.raises(GameError, match="outside agent firm 1's interval"):
        certify(market, [[float(market.high[0]) * (1 + 1e-15)], [0.0]])
