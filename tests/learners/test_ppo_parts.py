"""The parts of IPPO and MAPPO against arithmetic: advantages, surrogate, laws of actions, memory."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from learners.experience.on_policy import Spread, Steps, Store, estimate, sequences
from learners.surrogate import clipped_surrogate, kl_estimate, mean_over, standardised, value_loss

DOUBLE = torch.float64


def steps_of(
    rewards: Any, continues: Any, values: Any, acting: Any, ended: Any, final: Any, final_acting: Any
) -> Steps:
    """Columns of one agent each as plays of one agent: ``[T, B]`` in, ``[T, B, 1]`` out."""

    def lists(x: Any, dtype: torch.dtype = DOUBLE) -> torch.Tensor:
        return torch.tensor(x, dtype=dtype)

    none = torch.zeros(len(rewards), len(rewards[0]), 1, 0)
    return Steps(
        observations=none,
        actions=none,
        legal=none,
        acting=lists(acting, torch.bool)[..., None],
        starts=torch.zeros(len(rewards), len(rewards[0]), dtype=torch.bool),
        rewards=lists(rewards)[..., None],
        continues=lists(continues),
        ended=lists(ended, torch.bool),
        values=lists(values)[..., None],
        final_values=lists(final)[..., None],
        final_acting=lists(final_acting, torch.bool)[..., None],
        log_probs=none,
        actor_memory=none,
        critic_memory=none,
    )


def column(*rows: tuple[float, float, float, bool, bool, float, bool]) -> Steps:
    """One play: rows of (reward, continues, value, acting, ended, final value, acting at the end)."""
    return steps_of(*([[entry] for entry in part] for part in zip(*rows, strict=True)))


def found(steps: Steps, value: float, acting: bool, trace: float) -> tuple[list[float], list[bool]]:
    B = steps.rewards.shape[1]
    out = estimate(steps, torch.full((B, 1), value, dtype=DOUBLE), torch.full((B, 1), acting), trace)
    return out.advantages[:, 0, 0].tolist(), out.closed[:, 0, 0].tolist()


class TestAdvantages:
    def test_by_hand(self) -> None:
        # γ = 1/2, λ = 1/2; δ_1 = 2 + 10/2 − 3 = 4, δ_0 = 1 + 3/2 − 2 = 1/2; A_0 = 1/2 + 1/4 · 4
        steps = column((1, 0.5, 2, True, False, 0, True), (2, 0.5, 3, True, False, 0, True))
        assert found(steps, 10.0, True, 0.5) == ([1.5, 4.0], [True, True])

    @pytest.mark.parametrize(("continues", "final", "last"), [(0.0, 100.0, -1.0), (0.5, 100.0, 49.0)])
    def test_a_truncated_play_goes_on_in_its_final_value_and_a_terminated_one_does_not(
        self, continues: float, final: float, last: float
    ) -> None:
        # the play after it is another: its value 7 is not looked at
        steps = column((2, continues, 3, True, True, final, True), (0, 0.5, 7, True, False, 0, True))
        assert found(steps, 0.0, True, 0.9)[0][0] == last

    def test_what_is_paid_between_two_turns_belongs_to_the_first(self) -> None:
        # acts at 0 and 2; R = 1 + 2/2, C = 1/4; δ_0 = 2 + 8/4 − 1 = 3, δ_2 = 4 − 8 = −4 (terminated)
        steps = column(
            (1, 0.5, 1, True, False, 0, True),
            (2, 0.5, 999, False, False, 0, True),
            (4, 0.0, 8, True, True, 0, False),
        )
        assert found(steps, 5.0, True, 0.5) == ([3 + 0.5 * 0.25 * -4, 0.0, -4.0], [True, False, True])

    def test_a_decision_whose_answer_is_not_in_yet_stays_open(self) -> None:
        steps = column(
            (1, 1, 2, True, False, 0, True), (3, 1, 5, True, False, 0, True), (0, 1, 9, False, False, 0, True)
        )
        assert found(steps, 7.0, False, 1.0) == ([1 + 5 - 2, 0.0, 0.0], [True, False, False])

    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**32), st.integers(1, 9), st.sampled_from([0.0, 0.5, 1.0]))
    def test_against_sums_written_out(self, seed: int, T: int, trace: float) -> None:
        B, random = 3, torch.Generator().manual_seed(seed)

        def some(*shape: int) -> torch.Tensor:
            return torch.rand(shape, generator=random, dtype=DOUBLE)

        ended = some(T, B) < 0.3
        continues = torch.where(ended & (some(T, B) < 0.5), 0.0, some(T, B))
        steps = steps_of(
            *(part.tolist() for part in (some(T, B), continues, some(T, B), some(T, B) < 0.6, ended)),
            some(T, B).tolist(),
            (some(T, B) < 0.6).tolist(),
        )
        ahead, next_acting = some(B, 1), some(B, 1) < 0.6
        out = estimate(steps, ahead, next_acting, trace)
        for b in range(B):
            expected = written_out(steps, b, float(ahead[b]), bool(next_acting[b]), trace)
            for t in range(T):
                assert bool(out.closed[t, b, 0]) == (t in expected)
                assert float(out.advantages[t, b, 0]) == pytest.approx(expected.get(t, 0.0), abs=1e-12)


def written_out(steps: Steps, b: int, ahead: float, acts: bool, trace: float) -> dict[int, float]:
    """Every advantage as its own sum of δ over the decisions that follow in the same play: O(T²)."""
    T = len(steps.rewards)
    rewards, c = steps.rewards[:, b, 0].tolist(), steps.continues[:, b].tolist()
    values, ended = steps.values[:, b, 0].tolist(), steps.ended[:, b].tolist()
    acting = steps.acting[:, b, 0].tolist()

    def one_step(t: int) -> tuple[float, float, int | None] | None:
        """δ_t, C_t and the next decision, if it is known."""
        paid, weight = 0.0, 1.0
        for k in range(t, T):
            paid, weight = paid + weight * rewards[k], weight * c[k]
            if weight == 0:
                return paid - values[t], 0.0, None
            if ended[k]:
                final = float(steps.final_values[k, b, 0])
                return (
                    (paid + weight * final - values[t], weight, None) if steps.final_acting[k, b, 0] else None
                )
            if k + 1 < T and acting[k + 1]:
                return paid + weight * values[k + 1] - values[t], weight, k + 1
        return (paid + weight * ahead - values[t], weight, None) if acts else None

    out = {}
    for t in range(T):
        step = one_step(t) if acting[t] else None
        if step is None:
            continue
        total, weight = 0.0, 1.0
        while step is not None:
            delta, C, following = step
            total, weight = total + weight * delta, weight * trace * C
            step = None if following is None else one_step(following)
        out[t] = total
    return out


class TestStore:
    def step(self, acting: list[bool], ended: bool = False) -> Steps:
        one = column((0, 1, 0, True, ended, 0, True))
        return Steps(*(part[0] for part in one))._replace(acting=torch.tensor([acting]))

    def test_steps_wait_for_decisions_that_are_still_open_and_are_not_learned_from_twice(self) -> None:
        store = Store()
        for acting in ([True, False], [False, True], [True, False]):
            store.add(self.step(acting))
        store.used(torch.tensor([[[True, False]], [[False, False]], [[True, False]]]))  # agent 1 waits
        assert store.fresh == 0
        store.add(self.step([False, True]))
        steps, todo = store.stacked()
        assert todo[:, 0].tolist() == [[False, True], [False, False], [False, True]]
        assert steps.acting[:, 0].tolist() == [[False, True], [True, False], [False, True]]

    def test_a_decision_is_given_up_when_its_play_was_cut_off(self) -> None:
        store = Store()
        store.add(self.step([True, False]))
        store.add(self.step([False, True], ended=True))
        store.used(torch.tensor([[[False, False]], [[False, True]]]))
        store.add(self.step([True, True]))
        assert store.stacked()[1].tolist() == [[[True, True]]]


def test_pieces_keep_every_play_in_order_and_pad_with_nothing() -> None:
    part = torch.arange(1, 11).view(5, 2)  # play 0: 1 3 5 7 9, play 1: 2 4 6 8 10
    (pieces,) = sequences((part,), 2)
    assert pieces.T.tolist() == [[1, 3], [2, 4], [5, 7], [6, 8], [9, 0], [10, 0]]


@pytest.mark.parametrize(
    ("ratio", "advantage", "value", "slope"),
    [
        (1.1, 2.0, 2.2, 2.0),  # within the clip
        (1.5, 2.0, 2.4, 0.0),  # good and likelier by more than ε: nothing more to gain
        (0.5, 2.0, 1.0, 2.0),  # good but rarer: may be taken back
        (0.5, -2.0, -1.6, 0.0),  # bad and rarer
        (1.5, -2.0, -3.0, -2.0),  # bad but likelier
    ],
)
def test_the_clipped_surrogate(ratio: float, advantage: float, value: float, slope: float) -> None:
    log_ratio = torch.tensor(math.log(ratio), dtype=DOUBLE, requires_grad=True)
    out = clipped_surrogate(log_ratio, torch.tensor(advantage, dtype=DOUBLE), 0.2)
    assert float(out.detach()) == pytest.approx(value)
    (gradient,) = torch.autograd.grad(out, log_ratio)
    assert float(gradient) == pytest.approx(slope * ratio)  # d ρ / d log ρ = ρ


def test_value_losses_divergence_and_means_by_hand() -> None:
    v, y, old = (torch.tensor([x]) for x in (3.0, 2.0, 0.0))
    assert value_loss(v, y, old, None).tolist() == [1.0]
    assert value_loss(v, y, old, 0.5).tolist() == [2.25]  # 0 + 0.5 is 1.5 away from 2
    p, q = torch.tensor([0.2, 0.8]), torch.tensor([0.5, 0.5])
    exact = float((p * (p / q).log()).sum())
    assert float((p * kl_estimate((q / p).log())).sum()) == pytest.approx(exact)
    means = mean_over(
        torch.tensor([[1.0, 2.0, 9.0], [1.0, 1.0, 1.0]]), torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    )
    assert means.tolist() == [1.5, 0.0]


def test_advantages_are_standardised_per_agent_over_its_own_decisions() -> None:
    raw = torch.tensor([[1.0, 100.0], [3.0, 7.0], [5.0, 300.0]], dtype=DOUBLE)
    chosen = torch.tensor([[True, True], [True, False], [True, True]])
    out = standardised(raw, chosen, torch.tensor([1.0, 1.0], dtype=DOUBLE))
    assert_close(out[:, 0], torch.tensor([-1.0, 0.0, 1.0], dtype=DOUBLE) * math.sqrt(1.5))
    assert out[:, 1].tolist() == [-1.0, 0.0, 1.0]
    quiet = standardised(raw * 1e-9, chosen, torch.tensor([1.0, 1.0], dtype=DOUBLE))
    assert quiet.abs().max() < 1e-4  # noise beside returns of spread 1 stays noise


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), min_size=1, max_size=5))
def test_the_spread_of_returns_is_a_weighted_mean_and_deviation(batches: list[list[float]]) -> None:
    spread, memory = Spread(2, 0.5), 0.5
    for batch in batches:
        spread.observe(1, torch.tensor(batch, dtype=DOUBLE))
    everything = np.concatenate(batches)
    weights = np.concatenate(
        [np.full(len(b), memory ** (len(batches) - 1 - k)) for k, b in enumerate(batches)]
    )
    mean = np.average(everything, weights=weights)
    variance = np.average((everything - mean) ** 2, weights=weights)
    assert spread.mean[1] == pytest.approx(mean, abs=1e-6)
    if variance > 1e-6:
        assert spread.deviation[1] == pytest.approx(math.sqrt(variance), rel=1e-6)
    assert (spread.mean[0], spread.deviation[0]) == (0.0, 1.0)
