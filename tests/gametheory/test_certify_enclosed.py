"""Irrational equilibria: proved to lie next to a float profile, and nowhere else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.certificates.certificate import Kind
from gametheory.certificates.enclosed import distance_to_equilibrium
from gametheory.certify import certify
from gametheory.normal_form import NormalForm
from gametheory.solvers.n_agents.supports import support_enumeration
from gametheory.testing import normal_forms


def square_root_game() -> NormalForm:
    """Action 0 gains ``d[j, k]`` over action 1 where the others play j and k.

    If they play 0 with probability p, that is ``p² + 2p(1 − p) − (1 − p)² = −2p² + 4p − 1``.
    """
    difference = np.array([[1, 1], [1, -1]])
    payoffs = np.zeros((3, 2, 2, 2), dtype=int)
    payoffs[0, 0], payoffs[1, :, 0], payoffs[2, :, :, 0] = difference, difference, difference
    return NormalForm(payoffs)


P = 1 - math.sqrt(0.5)
"""The root of ``2p² − 4p + 1`` between 0 and 1."""


def test_an_irrational_equilibrium_is_enclosed():
    game = square_root_game()
    profile = [np.array([P, 1 - P])] * 3
    certificate = certify(game, profile)
    assert certificate.kind is Kind.ENCLOSED
    assert certificate.distance is not None
    assert certificate.distance < 1e-15
    assert certificate.grade.startswith("enclosed (")


def test_the_distance_bounds_the_true_one():
    game = square_root_game()
    for error in (1e-7, 1e-9, 1e-12):
        near = [np.array([P + error, 1 - P - error])] * 3
        distance = distance_to_equilibrium(game, near)
        assert distance == pytest.approx(error, rel=1e-3)
        assert distance >= error - 1e-15


def test_far_profiles_are_not_enclosed():
    assert distance_to_equilibrium(square_root_game(), [np.array([0.3, 0.7])] * 3) is None


def test_a_continuum_is_not_enclosed():
    nothing = NormalForm(np.zeros((3, 2, 2, 2)))
    assert distance_to_equilibrium(nothing, [np.array([0.5, 0.5])] * 3) is None


def test_a_root_that_is_no_equilibrium_is_refused():
    """A third action that pays more than the mixture: the indifference holds, the equilibrium does not."""
    small = square_root_game()
    payoffs = np.full((3, 3, 2, 2), -5)
    payoffs[:, :2] = small.payoffs
    payoffs[0, 2] = 5
    profile = [np.array([P, 1 - P, 0]), np.array([P, 1 - P]), np.array([P, 1 - P])]
    assert distance_to_equilibrium(NormalForm(payoffs), profile) is None
    payoffs[0, 2] = -5
    assert distance_to_equilibrium(NormalForm(payoffs), profile) is not None


@given(normal_forms(agents=3, max_actions=2), st.integers(0, 3))
def test_what_is_enclosed_is_solved_exactly_nearby(game, digits):
    """A rational neighbour within the bound exists wherever the solver found one."""
    for profile in support_enumeration(game, exact=True).profiles:
        rounded = [np.round(np.array(own, dtype=float), 12 + digits) for own in profile]
        distance = distance_to_equilibrium(game, rounded)
        if distance is not None:
            true = max(
                float(np.abs(a - b.astype(float)).max()) for a, b in zip(rounded, profile, strict=True)
            )
            assert true <= distance + 1e-15
