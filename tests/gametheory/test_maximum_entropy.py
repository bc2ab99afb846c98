from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import entr

from gametheory.certificates.correlated import certify_correlated
from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.solvers import maximum_entropy as module
from gametheory.solvers.clock import Clock
from gametheory.solvers.correlated_vertices import extreme_correlated
from gametheory.solvers.maximum_entropy import maximum_entropy
from gametheory.streams import seed_keys, uniform
from gametheory.testing import bimatrix_games, normal_forms

CHICKEN = NormalForm([[[6, 2], [7, 0]], [[6, 7], [2, 0]]])
COARSE = pytest.mark.parametrize("coarse", [False, True], ids=["correlated", "coarse"])


def test_chicken_in_closed_form() -> None:
    """Weights (1 − 5r, 2r, 2r, r): told to go straight, a driver obeys if q ≥ 2r, and the uniform one breaks that.

    The slope of the entropy vanishes where ``(1 − 5r)^5 = 16 r^5``.
    """
    r = 1 / (5 + 2**0.8)
    solution = maximum_entropy(CHICKEN)
    expected = [1 - 5 * r, 2 * r, 2 * r, r]
    assert solution.profiles[0][0].ravel() == pytest.approx(expected, abs=1e-10)
    assert solution.parameters["entropy"] == pytest.approx(entr(expected).sum(), abs=1e-12)


@COARSE
def test_all_is_uniform_where_nothing_matters(coarse: bool) -> None:
    solution = maximum_entropy(NormalForm(np.zeros((3, 2, 3, 2))), coarse=coarse)
    assert solution.profiles[0][0].ravel() == pytest.approx([1 / 12] * 12)
    assert solution.parameters["entropy"] == pytest.approx(log(12))


@COARSE
@settings(max_examples=60)
@given(game=st.one_of(bimatrix_games(max_actions=3), normal_forms(agents=3, max_actions=2)))
def test_played_is_what_some_extreme_equilibrium_plays_and_the_gap_closes(
    game: NormalForm, coarse: bool
) -> None:
    solution = maximum_entropy(game, coarse=coarse)
    [(joint,)] = solution.profiles
    assert certify_correlated(game, joint, coarse).holds
    assert -1e-12 <= solution.parameters["gap"] <= 1e-9
    extreme = np.stack([vertex[0] for vertex in extreme_correlated(game, coarse=coarse).profiles])
    assert (joint > 0).tolist() == (extreme != 0).any(axis=0).tolist()
    centre = extreme.astype(float).mean(axis=0)
    assert solution.parameters["entropy"] >= entr(centre).sum() - 1e-9
    assert solution.parameters["entropy"] == pytest.approx(entr(joint).sum(), abs=1e-12)


def test_a_general_optimiser_finds_the_same() -> None:
    payoffs = uniform(seed_keys(7, 1), 0, 18).reshape(2, 3, 3)
    game = NormalForm(payoffs)
    row, column = payoffs
    gains = [
        [(row[better] - row[told])[b] * (a == told) for a in range(3) for b in range(3)]
        for told in range(3)
        for better in range(3)
    ] + [
        [(column[:, better] - column[:, told])[a] * (b == told) for a in range(3) for b in range(3)]
        for told in range(3)
        for better in range(3)
    ]
    other = minimize(
        lambda mu: -entr(np.clip(mu, 0, None)).sum(),
        np.full(9, 1 / 9),
        method="SLSQP",
        bounds=[(1e-12, 1)] * 9,
        constraints=[
            {"type": "eq", "fun": lambda mu: mu.sum() - 1},
            {"type": "ineq", "fun": lambda mu: -np.array(gains) @ mu},
        ],
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert maximum_entropy(game).parameters["entropy"] == pytest.approx(-other.fun, abs=1e-6)


@pytest.mark.parametrize("power", [-40, 40])
def test_scale_does_not_matter(power: int) -> None:
    scaled = NormalForm(CHICKEN.payoffs.astype(float) * 2.0**power)
    one, other = (maximum_entropy(game).profiles[0][0] for game in (CHICKEN, scaled))
    assert one == pytest.approx(other, abs=1e-12)


@COARSE
def test_larger_games(coarse: bool) -> None:
    for shape in ((8, 8), (3, 3, 3)):
        payoffs = uniform(seed_keys(2, 1), 0, len(shape) * int(np.prod(shape)))
        game = NormalForm(payoffs.reshape(len(shape), *shape))
        solution = maximum_entropy(game, coarse=coarse)
        assert solution.outcome == "solved"
        assert solution.parameters["gap"] < 1e-9
        assert certify_correlated(game, solution.profiles[0][0], coarse).holds


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitReached):
        maximum_entropy(CHICKEN, clock=Clock(1e-9))
    monkeypatch.setattr(module, "ITERATIONS", 3)
    stopped = maximum_entropy(CHICKEN)
    assert stopped.outcome == "iteration limit"
    assert stopped.parameters["bound"] >= maximum_entropy(CHICKEN).parameters["entropy"]
    monkeypatch.setattr(module, "LARGEST", 3)
    with pytest.raises(GameError, match="too many"):
        maximum_entropy(CHICKEN)
