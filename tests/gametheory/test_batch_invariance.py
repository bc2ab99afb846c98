"""What may not matter to an answer: the batch around it, units, illegal actions."""

import numpy as np
import pytest
from batch_samples import integer_batches, random_batch, row
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.numerics import Array
from gametheory.solvers.batch import BatchSolution, solve_batch


def same(one: BatchSolution, other: BatchSolution) -> bool:
    pairs = [*zip(one.strategies, other.strategies, strict=True)]
    pairs += [(one.values, other.values), (one.regrets, other.regrets), (one.route, other.route)]
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 3, 3), (2, 4, 2), (3, 2, 2, 2)])
def test_a_row_is_the_same_in_every_batch(shape: tuple[int, ...]) -> None:
    payoffs = random_batch(60, *shape, seed=3)
    payoffs[::3] = np.floor(4 * payoffs[::3])
    whole = solve_batch(payoffs)
    assert same(whole, solve_batch(payoffs))
    for part in (slice(0, 1), slice(17, 18), slice(5, 40, 7)):
        assert same(whole.part(part), solve_batch(payoffs[part]))


def test_long_batches_are_cut_into_pieces_without_a_trace() -> None:
    payoffs = random_batch(40, 2, 12, 12)
    many = np.tile(payoffs, (50, 1, 1, 1))
    once = solve_batch(payoffs)
    assert same(solve_batch(many).part(slice(-40, None)), once)


@pytest.mark.parametrize("exponent", [-900, -40, 40, 900])
def test_powers_of_two_change_nothing(exponent: int) -> None:
    payoffs = random_batch(50, 2, 3, 3, seed=5) - 0.5
    plain, scaled = solve_batch(payoffs), solve_batch(np.ldexp(payoffs, exponent))
    assert scaled.solved.all()
    assert np.array_equal(plain.route, scaled.route)
    for one, other in zip(plain.strategies, scaled.strategies, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(np.ldexp(plain.values, exponent), scaled.values)


@pytest.mark.parametrize("shift", [1e3, -1e9])
def test_shifts_that_floats_can_represent(shift: float) -> None:
    payoffs = np.floor(1000 * random_batch(50, 2, 3, 3, seed=6))
    plain, moved = solve_batch(payoffs), solve_batch(payoffs + shift)
    assert moved.solved.all()
    for one, other in zip(plain.strategies, moved.strategies, strict=True):
        assert one == pytest.approx(other, abs=1e-12)


def test_payoffs_of_very_different_sizes() -> None:
    payoffs = random_batch(50, 2, 3, 3, seed=8)
    payoffs[:, 0] *= 1e-300
    payoffs[:, 1] *= 1e300
    assert solve_batch(payoffs).solved.all()


@settings(max_examples=50)
@given(integer_batches(), st.data())
def test_illegal_actions_are_as_if_absent(payoffs: Array, data: st.DataObject) -> None:
    size, _, *counts = payoffs.shape
    legal = []
    for count in counts:
        mask = np.array(data.draw(st.lists(st.booleans(), min_size=size * count, max_size=size * count)))
        mask = mask.reshape(size, count)
        mask[~mask.any(axis=1), 0] = True
        legal.append(mask)
    for concept in ("nash", "maximin"):
        solution = solve_batch(payoffs, concept, legal=legal)
        assert solution.solved.all()
        for b in range(size):
            left = [np.flatnonzero(own[b]) for own in legal]
            alone = solve_batch(payoffs[b][np.ix_(range(2), *left)][None], concept)
            for own, kept, mask in zip(row(solution, b), row(alone, 0), legal, strict=True):
                assert not own[~mask[b]].any()
                assert np.array_equal(own[mask[b]], kept)
            assert solution.values[b] == pytest.approx(alone.values[0], abs=1e-12)


def test_one_mask_for_all_games_and_payoffs_that_would_tempt() -> None:
    payoffs = np.array([[[[1.0, 1.0], [9.0, 9.0]], [[0.0, 1.0], [9.0, 9.0]]]] * 3)
    solution = solve_batch(payoffs, legal=[[True, False], None])
    assert solution.strategies[0].tolist() == [[1, 0]] * 3
    assert solution.strategies[1].tolist() == [[0, 1]] * 3
    assert solution.values.tolist() == [[1, 1]] * 3
