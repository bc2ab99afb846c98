import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gametheory import streams

seeds = st.integers(0, 2**64 - 1)
DRAWS = [streams.uniform, streams.normal, streams.gumbel]

# Every p-value below is of one fixed sample: it cannot change from run to run. A sound
# generator falls below 1e-4 in one sample of ten thousand.
LEAST = 1e-4


@pytest.mark.parametrize("draw", DRAWS)
@given(seed=seeds, rows=st.integers(1, 20), columns=st.integers(1, 5), t=st.integers(0, 2**40))
def test_a_row_is_the_same_whatever_the_batch(draw, seed, rows, columns, t):
    keys = streams.seed_keys(seed, rows)
    whole = draw(keys, t, columns)
    assert whole.shape == (rows, columns)
    assert np.all(np.isfinite(whole))
    for b in range(rows):
        assert np.array_equal(draw(keys[b : b + 1], t, columns)[0], whole[b])
    assert np.array_equal(draw(keys[::-1], t, columns)[::-1], whole)
    ticks = np.arange(rows) + t
    for b in range(rows):
        assert np.array_equal(draw(keys, ticks, columns)[b], draw(keys, int(ticks[b]), columns)[b])


@given(seeds, st.integers(1, 20), st.integers(0, 20))
def test_families_of_keys_continue(seed, count, start):
    assert np.array_equal(
        streams.seed_keys(seed, start + count)[start:], streams.seed_keys(seed, count, start)
    )


@given(seeds, st.integers(1, 9), st.integers(1, 5))
def test_more_columns_leave_the_first_ones(seed, rows, columns):
    keys = streams.seed_keys(seed, rows)
    assert np.array_equal(
        streams.uniform(keys, 3, columns + 2)[:, :columns], streams.uniform(keys, 3, columns)
    )


def test_drawing_changes_no_key():
    keys = streams.seed_keys(1, 4)
    before = keys.copy()
    for draw in DRAWS:
        draw(keys, 0, 2)
    streams.derive(keys, 5)
    assert np.array_equal(keys, before)


def test_seeds_rows_and_labels_never_collide_trivially():
    """2^17 hashes of small numbers: two random ones agree with probability 5e-10."""
    seen = [streams.seed_keys(seed, 256) for seed in range(256)]
    seen += [streams.derive(streams.seed_keys(seed, 16), label) for seed in range(64) for label in range(64)]
    seen.append(np.arange(256, dtype=np.uint64))
    everything = np.concatenate(seen)
    assert len(np.unique(everything)) == len(everything) > 2**17


def test_labels_do_not_commute():
    keys = streams.seed_keys(0, 8)
    one_two = streams.derive(streams.derive(keys, 1), 2)
    two_one = streams.derive(streams.derive(keys, 2), 1)
    assert not np.any(one_two == two_one)
    assert not np.any(one_two == streams.derive(keys, 3))


def samples(seed, rows=512, draws=16, columns=8):
    """``[rows, draws, columns]`` uniform numbers."""
    keys = streams.seed_keys(seed, rows)
    return np.stack([streams.uniform(keys, t, columns) for t in range(draws)], axis=1)


@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_uniform_numbers_fill_their_interval_evenly(seed):
    u = samples(seed)
    assert u.min() >= 0
    assert u.max() < 1
    for bins in (10, 256):
        counts, _ = np.histogram(u, bins=bins, range=(0, 1))
        assert stats.chisquare(counts).pvalue > LEAST
    low_bits = np.bincount((u * 2.0**53).astype(np.uint64).ravel() & np.uint64(15), minlength=16)
    assert stats.chisquare(low_bits).pvalue > LEAST


@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("axis", [0, 1, 2], ids=["rows", "draws", "columns"])
def test_neighbours_are_independent(seed, axis):
    """Chi-square of an 8 × 8 table of each number against its neighbour along the axis."""
    u = np.moveaxis(samples(seed), axis, 0)
    cells = (u * 8).astype(int)
    table = np.zeros((8, 8))
    np.add.at(table, (cells[:-1:2].ravel(), cells[1::2].ravel()), 1)
    assert stats.chi2_contingency(table).pvalue > LEAST


def test_neighbouring_seeds_and_derived_keys_are_independent():
    first = samples(3)
    child = streams.uniform(streams.derive(streams.seed_keys(3, 512), 0), 0, 8)
    for other, own in [(samples(4), first), (child, first[:, 0])]:
        table = np.zeros((8, 8))
        np.add.at(table, ((own * 8).astype(int).ravel(), (other * 8).astype(int).ravel()), 1)
        assert stats.chi2_contingency(table).pvalue > LEAST


@pytest.mark.parametrize(("draw", "law"), [(streams.normal, stats.norm), (streams.gumbel, stats.gumbel_r)])
def test_normal_and_gumbel_numbers_follow_their_laws(draw, law):
    values = draw(streams.seed_keys(5, 4096), 0, 4).ravel()
    assert stats.kstest(values, law.cdf).pvalue > LEAST


def test_categorical_frequencies_follow_the_weights():
    weights = np.array([0.0, 3.0, 0.0, 1.0, 4.0, 0.0])
    u = streams.uniform(streams.seed_keys(6, 8000), 0, 1)[:, 0]
    drawn = streams.categorical(np.tile(weights.cumsum(), (8000, 1)), u)
    counts = np.bincount(drawn, minlength=6)
    assert not np.any(counts[weights == 0])
    assert stats.chisquare(counts[weights > 0], 8000 * weights[weights > 0] / 8).pvalue > LEAST


@given(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 1e6)), min_size=1, max_size=6).filter(any),
    st.one_of(st.floats(0, 1, exclude_max=True), st.just(0.0), st.just(1 - 2.0**-53)),
)
def test_categorical_never_draws_weight_zero_nor_past_the_end(weights, u):
    index = int(streams.categorical(np.cumsum([weights], axis=1), np.array([u]))[0])
    assert weights[index] > 0
