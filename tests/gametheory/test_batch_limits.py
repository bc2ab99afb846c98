"""Batches that meet trouble: paths that fail, no time, bad input, wrong answers."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from batch_samples import random_batch, row

from gametheory.certify import Kind, certify
from gametheory.errors import GameError, UnknownName
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solvers.batch import solve_batch, zero_sum_batch
from gametheory.solvers.clock import Clock
from gametheory.testing import assert_equilibrium


def broken(paths: int) -> Any:
    """Lemke–Howson that gives the first agent's first action on the first ``paths`` labels."""
    from gametheory.solvers.batch import pivoting

    sound = pivoting.lemke_howson

    def spoilt(payoffs: Array, counts: Array, rows: Array, drop: int, x: Array, y: Array) -> None:
        if drop >= paths:
            sound(payoffs, counts, rows, drop, x, y)
        else:
            x[rows], y[rows] = 0.0, 0.0
            x[rows, 0], y[rows, 0] = 1.0, 1.0

    return spoilt


@pytest.mark.parametrize(("paths", "method"), [(2, "lemke-howson"), (99, "exact lemke-howson")])
def test_where_a_path_fails_other_labels_and_then_exact_arithmetic_follow(
    paths: int, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    payoffs = random_batch(40, 2, 3, 3, seed=1)
    monkeypatch.setattr("gametheory.solvers.batch.pivoting.lemke_howson", broken(paths))
    solution = solve_batch(payoffs)
    assert solution.solved.all()
    assert set(solution.methods) == {"pure", method}
    for b, tables in enumerate(payoffs):
        assert_equilibrium(NormalForm(tables), row(solution, b))


def test_when_the_time_is_up_the_rest_is_uniform_and_says_so() -> None:
    clock = Clock(1e-9)
    payoffs = random_batch(5, 2, 3, 3)
    solution = solve_batch(payoffs, clock=clock)
    assert not solution.solved.any()
    assert set(solution.methods) == {"none"}
    assert solution.unsolved.tolist() == list(range(5))
    certificate = certify(NormalForm(payoffs[0]), row(solution, 0))
    assert solution.strategies[0].tolist() == [[1 / 3] * 3] * 5
    assert solution.regrets[0] == pytest.approx([float(r) for r in certificate.regrets], abs=1e-12)


def test_an_empty_batch() -> None:
    for solution in (
        solve_batch(np.zeros((0, 2, 3, 4))),
        solve_batch(np.zeros((0, 2, 3, 4)), "maximin"),
        solve_batch(np.zeros((0, 3, 3, 4, 1))),
    ):
        assert len(solution) == 0
        assert [own.shape for own in solution.strategies][:2] == [(0, 3), (0, 4)]


def test_fractions_and_integers_are_welcome_and_inputs_stay_as_they_are() -> None:
    exact = np.array([[[Fraction(1, 3), Fraction(0)], [Fraction(0), Fraction(1)]]] * 2)[None]
    assert solve_batch(exact).solved.all()
    payoffs = random_batch(3, 2, 3, 3)
    payoffs.setflags(write=False)
    before = payoffs.copy()
    assert solve_batch(payoffs).solved.all()
    assert np.array_equal(payoffs, before)
    unsigned = np.array([[[0, 2], [1, 0]]], dtype=np.uint8)
    assert zero_sum_batch(unsigned).values[0] == pytest.approx([2 / 3, -2 / 3])


@pytest.mark.parametrize(
    ("payoffs", "legal", "message"),
    [
        (np.full((2, 2, 3, 3), np.nan), None, r"payoffs\[0, 0, 0, 0\] is nan, not a finite"),
        ([[[[0, 1]], [[0, -np.inf]]]], None, r"payoffs\[0, 1, 0, 1\] is -inf"),
        ([[[[0, 1]], [[0, 1e301]]]], None, "out of range"),
        (np.zeros((2, 3, 3)), None, "must be"),
        (np.zeros((2, 2, 3, 0)), None, "must be"),
        (np.zeros((2, 3, 3, 3)), None, "one axis per agent"),
        ([[[["a"]]]], None, "numbers"),
        ([[[[1]], [[1, 2]]]], None, "numbers"),
        (np.zeros((2, 2, 2, 2)), [None], "1 masks"),
        (np.zeros((2, 2, 2, 2)), [None, [0, 1]], "must be bool"),
        (np.zeros((2, 2, 2, 2)), [None, [True] * 3], r"legal\[1\] is bool of shape \[3\]"),
        (np.zeros((2, 2, 2, 2)), [[[True, True], [False, False]], None], r"legal\[0\]\[1\] leaves no action"),
    ],
)
def test_bad_input_is_named(payoffs: Any, legal: Any, message: str) -> None:
    with pytest.raises(GameError, match=message):
        solve_batch(payoffs, legal=legal)


def test_other_errors() -> None:
    with pytest.raises(UnknownName, match="nash"):
        solve_batch(np.zeros((1, 2, 2, 2)), "nach")
    with pytest.raises(GameError, match="two agents"):
        solve_batch(np.zeros((1, 3, 2, 2, 2)), "maximin")
    with pytest.raises(GameError, match=r"tables\[0, 1, 0\] is nan"):
        zero_sum_batch([[[0, 1], [np.nan, 2]]])
    with pytest.raises(GameError, match="tables has shape"):
        zero_sum_batch(np.zeros((2, 2)))


def test_what_is_graded_is_the_profile_itself() -> None:
    """Wrong profiles, and what is no profile at all, are found out."""
    from gametheory.solvers.batch.door import read_batch
    from gametheory.solvers.batch.nash import blank
    from gametheory.solvers.batch.regrets import grade

    pennies = [[1.0, -1.0], [-1.0, 1.0]]
    for agents in (2, 3):
        payoffs = np.zeros((4, agents, *[2] * agents))
        payoffs[:, 0] = np.reshape(pennies, (2, 2, *[1] * (agents - 2)))
        payoffs[:, 1] = -payoffs[:, 0]
        batch = read_batch(payoffs, [[[True, True]] * 3 + [[True, False]], *[None] * (agents - 1)])
        first = np.array([[0.5, 0.5], [0.75, 0.25], [0.5, 0.25], [0.5, 0.5]])
        answers = blank(batch, (first, *(np.full((4, 2), 0.5) for _ in range(agents - 1))))
        grade(batch, answers)
        assert answers.solved.tolist() == [True, False, False, False]
        assert answers.regrets[1, 1] == pytest.approx(0.5)
        assert np.isinf(answers.regrets[2:, 0]).all()


def test_kinds_of_certificates() -> None:
    """Pure answers carry over exactly to the exact game."""
    payoffs = np.floor(5 * random_batch(30, 2, 3, 3, seed=4)).astype(int)
    solution = solve_batch(payoffs)
    for b in np.flatnonzero(solution.methods == "pure"):
        profile = [own.astype(int) for own in row(solution, int(b))]
        assert certify(NormalForm(payoffs[b]), profile).kind is Kind.EXACT
