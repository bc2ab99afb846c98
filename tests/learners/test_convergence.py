import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory import streams
from learners.judge import convergence
from learners.judge.convergence import Judgement, Verdict, common, gaps, judge
from learners.judge.recurrence import about_its_mean

POINTS = 100
TIME = np.arange(POINTS)


def verdict(path, nash_conv=1.0, threshold=0.01, **options):
    """``path[T, D]``: D agents with one number between 0 and 1 each."""
    path = np.asarray(path, dtype=float)
    values = np.broadcast_to(np.asarray(nash_conv, dtype=float), (len(path),))
    steps = 100 * np.arange(len(path))
    columns = tuple(column[:, None] for column in path.T)
    return judge(steps, values, columns, threshold=threshold, **options)


def circle(period, radius=0.3):
    angle = 2 * np.pi * TIME / period
    return 0.5 + np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def edges(sojourn, crossing=2):
    """Round the unit square, resting ``sojourn`` points at each corner."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    legs = []
    for k in range(100):
        start, end = corners[k % 4], corners[(k + 1) % 4]
        legs += [start] * sojourn + [start + (end - start) * s / crossing for s in range(1, crossing)]
    return np.array(legs[:POINTS])


def noise(seed, count=POINTS, columns=2):
    keys = streams.derive(streams.seed_keys(seed, 1), 0)
    return np.array([streams.normal(keys, t, columns)[0] for t in range(count)])


def mean_reverting(seed, pull):
    """``x_{t+1} = (1 − pull) x_t + noise``: what a learner with gradient noise does round a point."""
    out, x = [], np.zeros(2)
    for shock in noise(seed):
        x = (1 - pull) * x + shock
        out.append(x)
    return np.array(out) / np.abs(out).max() * 0.4 + 0.5


def test_converged_needs_the_whole_tail_and_no_more():
    still = np.full((POINTS, 2), 0.5)
    late = np.where(TIME < 80, 1.0, 0.01)
    assert verdict(still, late).verdict is Verdict.CONVERGED
    late[81] = 0.0101
    assert verdict(still, late).verdict is not Verdict.CONVERGED
    assert verdict(circle(12), np.full(POINTS, 0.01)).verdict is Verdict.CONVERGED  # along equilibria


@pytest.mark.parametrize("period", [7, 12, 20])
def test_a_cycle_is_a_cycle(period):
    found = verdict(circle(period))
    assert found.verdict is Verdict.CYCLES
    assert "went round" in found.reason


@pytest.mark.parametrize("sojourn", [1, 3, 5, 7])
def test_a_cycle_along_the_edges_that_rests_at_the_corners_is_a_cycle(sojourn):
    assert verdict(edges(sojourn)).verdict is Verdict.CYCLES


def test_going_round_once_is_not_enough():
    found = verdict(edges(11))  # once round takes 48 points, the last three quarters have 75
    assert found.verdict is Verdict.UNDECIDED
    assert "times of 2" in found.reason


def test_flipping_along_a_line_is_a_cycle():
    flips = np.stack([TIME % 2, TIME % 2], axis=1)
    assert verdict(flips).verdict is Verdict.CYCLES


def test_resting_long_at_a_corner_of_ever_slower_cycles_is_not_called_rest():
    """Sojourns that double: at the end the profile has been still for longer than the tail."""
    path = []
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    for corner, sojourn in enumerate((2, 4, 8, 16, 32, 38)):
        path += [corners[corner % 4]] * sojourn
    assert verdict(path).verdict is Verdict.UNDECIDED


def test_rest_at_no_equilibrium_is_diverged_and_says_how_far():
    approach = 1 - np.exp(-TIME / 3.0)
    found = verdict(np.stack([approach, approach], axis=1), nash_conv=0.7)
    assert found.verdict is Verdict.DIVERGED
    assert "0.7" in found.reason


def test_what_still_approaches_is_not_called_rest():
    """A probability like 1 − c/t hardly moves, and yet NashConv falls like 1/t."""
    slow = 1 / (TIME + 5.0)
    found = verdict(np.stack([slow, slow], axis=1), nash_conv=10 * slow, threshold=0.02)
    assert found.verdict is Verdict.UNDECIDED
    assert found.more_steps is not None
    assert found.more_steps > 0


@given(speed=st.floats(0.0001, 1.0), seed=st.integers(0, 1000), wobble=st.floats(0, 0.01))
@settings(max_examples=60, deadline=None)
def test_slow_drift_is_undecided(speed, seed, wobble):
    drift = np.stack([speed * TIME / POINTS, 0.5 + 0 * TIME], axis=1)
    assert verdict(drift + wobble * noise(seed) * speed).verdict is Verdict.UNDECIDED


def test_a_profile_that_never_moved_has_not_diverged():
    assert verdict(np.full((POINTS, 2), 0.3)).verdict is Verdict.UNDECIDED


def test_a_rest_that_lasts_less_than_half_the_run_is_not_called_final():
    """Three corners passed quickly, then 40 points at the fourth: a wider cycle looks like that too."""
    path = np.concatenate([edges(2)[:60], np.repeat(edges(2)[59:60], 40, axis=0)])
    assert verdict(path).verdict is not Verdict.DIVERGED
    longer = np.concatenate([edges(2)[:30], np.repeat(edges(2)[29:30], 70, axis=0)])
    assert verdict(longer).verdict is Verdict.DIVERGED


def test_a_spiral_inwards_is_not_a_cycle():
    shrinking = 0.5 + (circle(8, 0.5) - 0.5) * np.exp(-TIME / 60)[:, None]
    assert verdict(shrinking).verdict is Verdict.UNDECIDED
    assert "inwards" in verdict(shrinking).reason


def test_noise_around_a_point_is_seldom_called_a_cycle():
    """The order test has a false alarm rate of well under 5 % for each kind of noise."""
    for pull in (1.0, 0.5, 0.2, 0.05):
        calls = [verdict(mean_reverting(seed, pull)).verdict for seed in range(200)]
        assert calls.count(Verdict.CYCLES) <= 6, pull


def test_noise_on_a_cycle_does_not_hide_it():
    calls = [verdict(circle(12) + 0.01 * noise(seed)).verdict for seed in range(30)]
    assert calls.count(Verdict.CYCLES) >= 27


def test_numbers_that_stop_being_finite_are_diverged_whatever_else():
    found = verdict(np.full((POINTS, 2), 0.5), 0.0, broke="critic_loss became nan after 7 steps")
    assert found == Judgement(Verdict.DIVERGED, "critic_loss became nan after 7 steps")


def test_too_few_points_are_undecided():
    found = verdict(np.full((19, 2), 0.5), 0.0)
    assert found.verdict is Verdict.UNDECIDED
    assert "at least 20" in found.reason


@given(
    angle=st.floats(0, 6.28),
    mirrored=st.booleans(),
    period=st.integers(6, 20),
)
def test_verdicts_turns_and_order_do_not_depend_on_the_direction(angle, mirrored, period):
    path = circle(period) - 0.5
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = path @ turn * ([-1, 1] if mirrored else [1, 1])
    found = about_its_mean(turned)
    assert found.order == pytest.approx(np.sqrt(POINTS - 1), rel=0.15)
    assert found.turns == pytest.approx((POINTS - 1) / period, rel=0.1)
    assert verdict(turned + 0.5).verdict is verdict(path + 0.5).verdict


def test_seeds_share_a_verdict_or_there_is_none():
    good, bad = Judgement(Verdict.CONVERGED, "x"), Judgement(Verdict.CYCLES, "y")
    assert common({0: good, 1: good}).verdict is Verdict.CONVERGED
    mixed = common({0: good, 5: bad})
    assert mixed.verdict is Verdict.UNDECIDED
    assert "seed 5 cycles" in mixed.reason


def test_the_rule_names_its_own_constants():
    for number in ("20%", "0.01", "50%", "3 times", "25%", "0.1", "2 times", "3 standard", "0.8", "85%"):
        assert number in convergence.RULE


@given(st.integers(2, 6))
def test_gaps_are_the_largest_over_the_agents(count):
    own = noise(count, count, 3)
    expected = [[max(np.abs(a[:2] - b[:2]).sum(), abs(a[2] - b[2])) for b in own] for a in own]
    assert gaps((own[:, :2], own[:, 2:])) == pytest.approx(np.array(expected))
