import numpy as np
import pytest
from hypothesis import given

from gametheory.certify import Kind, certify
from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.solvers.clock import Clock
from gametheory.solvers.lemke_howson import lemke_howson
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.streams import seed_keys, uniform
from gametheory.testing import bimatrix_games


@given(bimatrix_games())
def test_every_label_leads_to_an_extreme_equilibrium(game: NormalForm) -> None:
    extreme = {tuple(map(tuple, profile)) for profile in vertex_enumeration(game).profiles}
    for label in range(sum(game.shape)):
        solution = lemke_howson(game, drop=label)
        certificate = certify(game, solution.profiles[0])
        assert certificate.kind is Kind.EXACT
        assert certificate.values == solution.values[0]
        assert tuple(map(tuple, solution.profiles[0])) in extreme


def test_ties_that_cycle_without_the_lexicographic_rule() -> None:
    """Found by search: taking the first of the tied rows never ends here."""
    game = NormalForm.bimatrix(
        [[1, 1, 0, 2, 1], [0, 2, 2, 2, 2], [2, 2, 2, 1, 1]],
        [[2, 2, 0, 1, 0], [0, 2, 1, 0, 0], [1, 0, 1, 1, 2]],
    )
    for label in range(8):
        solution = lemke_howson(game, drop=label, clock=Clock(10))
        assert certify(game, solution.profiles[0]).kind is Kind.EXACT


def test_large_float_games() -> None:
    tables = uniform(seed_keys(1, 25), 0, 50).reshape(2, 25, 25)
    game = NormalForm(tables)
    assert certify(game, lemke_howson(game).profiles[0]).holds
    exact = lemke_howson(game, exact=True)
    assert exact.profiles[0][0].dtype == object
    assert certify(game, exact.profiles[0]).kind is Kind.EXACT


def test_bad_questions() -> None:
    with pytest.raises(GameError, match="two agents"):
        lemke_howson(NormalForm([[1, 2]]))
    with pytest.raises(GameError, match="from 0 to 3"):
        lemke_howson(NormalForm.bimatrix(np.eye(2, dtype=int)), drop=4)


def test_the_time_limit_is_kept() -> None:
    tables = uniform(seed_keys(0, 60), 0, 120).reshape(2, 60, 60)
    with pytest.raises(LimitReached):
        lemke_howson(NormalForm(tables), clock=Clock(1e-6))
