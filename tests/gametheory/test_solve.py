import importlib
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from gametheory.certify import Kind
from gametheory.continuous import Cournot
from gametheory.errors import GameError, UnknownName
from gametheory.normal_form import NormalForm
from gametheory.solution import Outcome
from gametheory.solve import solve
from gametheory.solving.methods import MATRIX
from gametheory.streams import normal, seed_keys, uniform
from gametheory.testing import bimatrix_games, float_payoffs, normal_forms

STAG_HUNT = NormalForm.bimatrix([[2, 0], [1, 1]], [[2, 1], [0, 1]])
THREE = NormalForm(np.zeros((3, 2, 2, 2), dtype=int))


def random_game(rows: int, columns: int) -> NormalForm:
    return NormalForm(uniform(seed_keys(9, rows), 0, 2 * columns).reshape(rows, 2, columns).swapaxes(0, 1))


@given(normal_forms(agents=(1, 3)))
def test_everything_returned_is_certified(game: NormalForm) -> None:
    solution = solve(game)
    assert len(solution.certificates) == len(solution.profiles) == len(solution.values)
    assert all(certificate.kind is Kind.EXACT for certificate in solution.certificates)
    assert [certificate.values for certificate in solution.certificates] == list(solution.values)
    assert solution.complete == (len(game.agents) <= 2)
    assert solution.why


@given(bimatrix_games(payoffs=float_payoffs()))
def test_float_games_too(game: NormalForm) -> None:
    rounded, exact = solve(game), solve(game, exact=True)
    assert len(rounded.profiles) == len(exact.profiles) == len(rounded.certificates) > 0
    assert all(certificate.kind is Kind.EXACT for certificate in exact.certificates)


@given(bimatrix_games())
def test_all_methods_agree(game: NormalForm) -> None:
    everything = {tuple(map(tuple, profile)) for profile in solve(game).profiles}
    for method in ("lemke-howson", "pure"):
        found = {tuple(map(tuple, profile)) for profile in solve(game, method=method).profiles}
        assert found <= everything


def test_stag_hunt_has_three_equilibria() -> None:
    """Both hunt, both gather, and each hunts with probability 1/2."""
    solution = solve(STAG_HUNT)
    assert {tuple(own[0] for own in profile) for profile in solution.profiles} == {
        (1, 1),
        (0, 0),
        (Fraction(1, 2), Fraction(1, 2)),
    }
    assert solution.outcome is Outcome.SOLVED
    assert solution.method == "vertex-enumeration"


@pytest.mark.parametrize(
    ("game", "everything", "method", "complete", "outcome"),
    [
        (random_game(12, 12), False, "vertex-enumeration", True, Outcome.SOLVED),
        (random_game(20, 20), False, "lemke-howson", False, Outcome.SOLVED),
        (random_game(2, 30), True, "vertex-enumeration", True, Outcome.SOLVED),
        (
            NormalForm.bimatrix(uniform(seed_keys(9, 30), 0, 30)),
            False,
            "linear-program",
            False,
            Outcome.SOLVED,
        ),
        (THREE, False, "pure", False, Outcome.SOLVED),  # one was asked for
        (Cournot(), False, "closed-form", True, Outcome.SOLVED),
        (Cournot(), True, "closed-form", True, Outcome.SOLVED),
    ],
)
def test_the_game_decides_the_method(
    game: Any, everything: bool, method: str, complete: bool, outcome: Outcome
) -> None:
    solution = solve(game, all_equilibria=everything)
    assert (solution.method, solution.complete, solution.outcome) == (method, complete, outcome)
    assert solution.certificates
    assert all(certificate.holds for certificate in solution.certificates)


def test_three_agents_without_a_pure_equilibrium_are_told_so() -> None:
    pennies = np.array([[1, -1], [-1, 1]])
    payoffs = np.zeros((3, 2, 2, 2), dtype=int)
    payoffs[0], payoffs[1] = pennies[:, :, None], -pennies[:, :, None]
    pure = solve(NormalForm(payoffs), method="pure")
    assert pure.outcome is Outcome.NOT_FOUND
    assert "mixed" in pure.why
    assert not pure.complete
    solution = solve(NormalForm(payoffs))
    assert solution.outcome is Outcome.SOLVED
    assert "no pure equilibrium" in solution.why
    assert solution.certificates[0].holds


def test_out_of_time_still_gives_the_pure_equilibria(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("gametheory.solve"), "GRACE", 600)
    table = np.diag([3] * 18) + uniform(seed_keys(4, 18), 0, 18)
    solution = solve(NormalForm.bimatrix(table, table), all_equilibria=True, time_limit=0.05)
    assert solution.outcome is Outcome.TIME_LIMIT
    assert not solution.complete
    assert len(solution.profiles) == len(solution.certificates) >= 18
    pure = [profile for profile in solution.profiles if all(own.max() == 1 for own in profile)]
    assert len(pure) == 18
    assert "time limit" in solution.why
    late = solve(NormalForm.bimatrix(table, table), "maximin", time_limit=1e-9)
    assert late.outcome is Outcome.TIME_LIMIT
    assert not late.profiles


@pytest.mark.parametrize(("share", "method"), [(1.0, "linear-program"), (0.5, "lemke-howson")])
def test_a_list_nobody_asked_for_does_not_cost_the_answer(
    share: float, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.import_module("gametheory.solve"), "UNASKED", 0.2)
    x, y = normal(seed_keys(0, 15), 0, 2).T
    payoffs = np.outer(x, y) - np.outer(y, x)  # of rank 2: degenerate beyond what its size says
    game = NormalForm.bimatrix(payoffs, -share * payoffs + (1 - share) * np.outer(y, x))
    solution = solve(game)
    assert solution.method == method
    assert (solution.outcome, solution.complete, len(solution.profiles)) == (Outcome.SOLVED, False, 1)
    assert solution.certificates[0].holds
    assert solve(game, all_equilibria=True, time_limit=0.2).outcome is Outcome.TIME_LIMIT


def test_maximin_certificates_bound_what_could_be_gained() -> None:
    for exact in (False, True):
        game = random_game(7, 9)
        solution = solve(game, "maximin", exact=exact)
        (certificate,) = solution.certificates
        assert certificate.kind is (Kind.EXACT if exact else Kind.NUMERIC) or max(certificate.regrets) == 0
        assert certificate.values == pytest.approx(tuple(map(float, solution.values[0])))
        for table, own, value in zip(
            (game.payoffs[0], game.payoffs[1].T), solution.profiles[0], certificate.values, strict=True
        ):
            assert float(min(own @ table)) == pytest.approx(float(value))


def test_a_profile_that_fails_certification_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    dispatcher = importlib.import_module("gametheory.solve")  # the package's own `solve` is the function
    genuine = MATRIX["nash"]["vertex-enumeration"]

    def careless(*arguments: Any) -> Any:
        found = genuine(*arguments)
        first, second = found.profiles[0], found.profiles[-1]
        return replace(found, profiles=((first[0], second[1]), *found.profiles[1:]))

    monkeypatch.setattr(dispatcher, "MATRIX", {"nash": {"vertex-enumeration": careless}})
    solution = solve(STAG_HUNT)
    assert len(solution.profiles) == len(solution.certificates) == 2
    assert solution.outcome is Outcome.PARTIAL
    assert not solution.complete
    assert "1 of 3" in solution.why


def test_bad_questions_name_what_would_do() -> None:
    with pytest.raises(UnknownName, match="lemke-howson"):
        solve(STAG_HUNT, method="lemkehowson")
    with pytest.raises(UnknownName, match="maximin"):
        solve(STAG_HUNT, concept="minimax")
    with pytest.raises(GameError, match='"nash"'):
        solve(THREE, concept="maximin")
    with pytest.raises(GameError, match='"nash"'):
        solve(Cournot(), concept="maximin")
    with pytest.raises(GameError, match="two agents"):
        solve(THREE, method="vertex-enumeration")
    with pytest.raises(GameError, match="time limit"):
        solve(STAG_HUNT, time_limit=0)
    with pytest.raises(GameError, match="str"):
        solve("stag-hunt")  # type: ignore[arg-type]


def test_a_small_game_loads_nothing_heavy() -> None:
    code = (
        "import sys; from gametheory.normal_form import NormalForm; from gametheory.solve import solve; "
        "solve(NormalForm.bimatrix([[1, 0], [0, 1]])); "
        "print([m for m in ('torch', 'numba', 'matplotlib', 'nashpy', 'scipy', 'flint') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
