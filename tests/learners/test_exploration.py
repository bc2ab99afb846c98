"""Policies: what they play, where their randomness comes from, and that nothing is mirrored or permuted."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gametheory.game import Box, Discrete
from gametheory.policy import Policy, StochasticPolicy
from gametheory.streams import derive, seed_keys
from learners.experience.spaces import Spaces, encode_observation, from_box, to_box
from learners.nets.exploration import evaluation_policies, exploring
from learners.nets.networks import ACTIVATIONS, Trained, make_weights
from learners.scheme import wire

SEEN = (Discrete(3), Box([-np.inf, 0.0], [np.inf, 4.0]))
ACTIONS = (Discrete(4), Box([0.0, -2.0], [10.0, 6.0]))


def actors(seed: int = 0) -> Trained:
    weights = make_weights(2, (3, 8, 4), torch.Generator().manual_seed(seed))
    return Trained(weights, ACTIVATIONS["relu"], 1e-3, None)


def policies_of(networks: Trained) -> Any:
    spaces = Spaces(SEEN, ACTIONS)
    return evaluation_policies(networks, spaces, wire("concurrent", spaces))


def observations(batch: int) -> tuple[Any, Any]:
    return np.arange(batch) % 3, np.stack([np.linspace(-2, 2, batch), np.linspace(0, 4, batch)], axis=1)


@given(arrays(np.float64, (5, 2), elements=st.floats(-1, 1)))
def test_the_box_map_is_affine_onto_the_box_and_increasing(x: Any) -> None:
    box = ACTIONS[1]
    assert isinstance(box, Box)
    actions = to_box(box, x)
    np.testing.assert_allclose(actions[:, 0], 5.0 + 5.0 * x[:, 0], atol=1e-12)
    np.testing.assert_allclose(actions[:, 1], 2.0 + 4.0 * x[:, 1], atol=1e-12)
    np.testing.assert_allclose(from_box(box, actions), x, atol=1e-12)


def test_box_ends_are_hit_exactly_and_a_flat_dimension_is_harmless() -> None:
    box = Box([0.1, 3.0], [0.7, 3.0])
    assert to_box(box, np.array([[1.0, 1.0], [-1.0, -1.0]])).tolist() == [[0.7, 3.0], [0.1, 3.0]]
    assert from_box(box, np.array([[0.7, 3.0]])).tolist() == [[1.0, 0.0]]


def test_observations_are_one_hot_or_scaled_where_bounded() -> None:
    assert encode_observation(Discrete(3), np.array([2, -1])).tolist() == [[0, 0, 1], [0, 0, 0]]
    assert encode_observation(SEEN[1], np.array([[7.0, 1.0]])).tolist() == [[7.0, -0.5]]
    free = Box([-np.inf, -np.inf], [np.inf, np.inf])
    for box in (free, SEEN[1]):
        assert encode_observation(box, np.array([[np.nan, np.nan]])).tolist() == [[0.0, 0.0]]
    # what is infinite stays so, and is refused where it is stored
    assert encode_observation(free, np.array([[np.inf, -np.inf]])).tolist() == [[np.inf, -np.inf]]


def test_policies_say_what_they_are() -> None:
    discrete, continuous = policies_of(actors())
    assert isinstance(discrete, StochasticPolicy)
    assert isinstance(continuous, Policy)
    assert not isinstance(continuous, StochasticPolicy)


def test_each_row_depends_on_its_own_key_alone_and_on_no_hidden_generator() -> None:
    policies = exploring(policies_of(actors()), 0.3, lambda: False)
    keys, seen = seed_keys(7, 6), observations(6)
    for policy, seen_by_it in zip(policies, seen, strict=True):
        torch.manual_seed(1)
        _, together = policy.act(policy.start(6), seen_by_it, keys)
        torch.manual_seed(2)
        alone = [policy.act(None, seen_by_it[b : b + 1], keys[b : b + 1])[1][0] for b in range(6)]
        np.testing.assert_allclose(together, np.stack(alone), atol=1e-6)
        assert not np.allclose(together, policy.act(None, seen_by_it, derive(keys, 1))[1])


def test_probabilities_are_the_softmax_and_the_frequencies_of_acting() -> None:
    networks = actors()
    policy = policies_of(networks)[0]
    assert isinstance(policy, StochasticPolicy)
    seen = np.full(20_000, 1)
    probabilities = policy.probabilities(None, seen)[0]
    logits = networks.one(0, torch.tensor([[0.0, 1.0, 0.0]])).detach()[0].double()
    np.testing.assert_allclose(probabilities, torch.softmax(logits, 0), atol=1e-6)
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-12)
    _, actions = policy.act(None, seen, seed_keys(0, 20_000))
    np.testing.assert_allclose(np.bincount(actions, minlength=4) / 20_000, probabilities, atol=0.018)


def test_illegal_actions_have_no_probability_and_are_not_played() -> None:
    policy = policies_of(actors())[0]
    legal = np.tile([True, False, True, False], (500, 1))
    seen = np.zeros(500, dtype=np.int64)
    weights = policy.probabilities(None, seen, legal)  # type: ignore[union-attr]
    assert not weights[:, [1, 3]].any()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert set(policy.act(None, seen, seed_keys(0, 500), legal)[1]) == {0, 2}


@pytest.mark.parametrize("action", range(4))
def test_output_k_is_action_k(action: int) -> None:
    networks = actors()
    with torch.no_grad():
        networks.weights[-1][0, 0, action] = 50.0
    policy = policies_of(networks)[0]
    assert policy.act(None, np.zeros(3, dtype=np.int64), seed_keys(0, 3))[1].tolist() == [action] * 3


def test_a_larger_output_is_a_larger_action_of_the_same_dimension() -> None:
    networks = actors()
    policy = policies_of(networks)[1]  # held from before: always current
    _, before = policy.act(None, observations(4)[1], seed_keys(0, 4))
    with torch.no_grad():
        networks.weights[-1][1, 0, 1] += 0.5
    _, after = policy.act(None, observations(4)[1], seed_keys(0, 4))
    assert np.all(after[:, 1] > before[:, 1])
    np.testing.assert_array_equal(after[:, 0], before[:, 0])


def test_noise_has_the_asked_spread_around_the_mean_and_stays_in_the_box() -> None:
    mean = policies_of(actors())
    noisy = exploring(mean, 0.05, lambda: False)[1]
    seen = np.tile([[0.0, 2.0]], (20_000, 1))
    centre = mean[1].act(None, seen, seed_keys(0, 20_000))[1]
    played = noisy.act(None, seen, seed_keys(0, 20_000))[1]
    np.testing.assert_allclose((played - centre).mean(axis=0), 0.0, atol=0.01)
    np.testing.assert_allclose((played - centre).std(axis=0), [0.05 * 5.0, 0.05 * 4.0], rtol=0.03)
    wild = exploring(mean, 5.0, lambda: False)[1].act(None, seen, seed_keys(0, 20_000))[1]
    assert wild.min(axis=0).tolist() == [0.0, -2.0]
    assert wild.max(axis=0).tolist() == [10.0, 6.0]


def test_first_actions_are_uniform() -> None:
    policy = exploring(policies_of(actors()), 0.1, lambda: True)[1]
    played = policy.act(None, np.tile([[0.0, 2.0]], (20_000, 1)), seed_keys(0, 20_000))[1]
    np.testing.assert_allclose(played.mean(axis=0), [5.0, 2.0], atol=0.1)
    np.testing.assert_allclose(played.std(axis=0), np.array([10.0, 8.0]) / np.sqrt(12.0), rtol=0.02)
