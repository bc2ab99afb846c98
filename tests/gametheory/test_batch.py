"""Batches against exact solvers of single games, which share no code with them."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batch_samples import integer_batches, random_batch, row
from hypothesis import given

from gametheory.certify import certify
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solvers.batch import solve_batch, zero_sum_batch
from gametheory.solvers.clock import Clock
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.testing import assert_equilibrium

GAMES = Path(__file__).parents[3] / "shared" / "games"


# --- right answers ----------------------------------------------------------------------------------


@given(integer_batches())
def test_every_answer_is_an_equilibrium_and_its_grades_are_the_certificates(payoffs: Array) -> None:
    solution = solve_batch(payoffs)
    assert solution.solved.all()
    for b, game in enumerate(map(NormalForm, payoffs)):
        certificate = certify(game, row(solution, b))
        assert certificate.holds
        assert solution.values[b] == pytest.approx([float(v) for v in certificate.values], abs=1e-12)
        assert solution.regrets[b] == pytest.approx([float(r) for r in certificate.regrets], abs=1e-12)


@given(integer_batches(agents=2, high=5))
def test_zero_sum_values_are_those_of_exact_enumeration(payoffs: Array) -> None:
    tables = payoffs[:, 0]
    solution = zero_sum_batch(tables)
    assert solution.solved.all()
    assert "lemke-howson" not in solution.methods
    for b, table in enumerate(tables):
        (value,) = {values[0] for values in vertex_enumeration(NormalForm.bimatrix(table)).values}
        assert solution.values[b] == pytest.approx([float(value), -float(value)], abs=1e-12)


@given(integer_batches())
def test_maximin_is_each_agents_value_against_an_enemy(payoffs: Array) -> None:
    solution = solve_batch(payoffs, "maximin")
    assert solution.solved.all()
    for b in range(len(payoffs)):
        for i, table in enumerate((payoffs[b, 0], payoffs[b, 1].T)):
            exact = vertex_enumeration(NormalForm.bimatrix(table)).values[0][0]
            guaranteed = (solution.strategies[i][b] @ table).min()
            assert guaranteed == pytest.approx(float(exact), abs=1e-9)
            assert solution.values[b, i] == pytest.approx(float(exact), abs=1e-9)


@pytest.mark.parametrize("size", [3, 7, 20, 50])
@pytest.mark.parametrize("integers", [None, 2, 6])
def test_larger_games(size: int, integers: int | None) -> None:
    payoffs = random_batch(3, 2, size, size, seed=size)
    payoffs = payoffs if integers is None else np.floor(payoffs * integers)
    for batch in (payoffs, np.stack([payoffs[:, 0], -payoffs[:, 0]], axis=1)):
        solution = solve_batch(batch)
        assert solution.solved.all()
        assert_equilibrium(NormalForm(batch[0]), row(solution, 0))


def test_games_of_the_collection_of_hard_cases() -> None:
    if not GAMES.exists():
        pytest.skip("the shared games are not here")
    for case in json.loads((GAMES / "hard_cases.json").read_text())["cases"]:
        if "B" not in case:
            continue
        tables = [[[float(Fraction(entry)) for entry in own] for own in case[side]] for side in "AB"]
        solution = solve_batch([tables])
        assert solution.solved.all(), case["name"]
        assert_equilibrium(NormalForm(tables), row(solution, 0))


# --- golden values ----------------------------------------------------------------------------------


def test_rock_paper_scissors_plain_and_biased() -> None:
    """With prizes a for rock over scissors, b for paper over rock, c for scissors over paper the only
    optimal strategy is (c, a, b) / (a + b + c): every reply earns 0."""
    prizes = [(1, 1, 1), (2, 1, 1), (1, 2, 5), (7, 3, 1)]
    tables = [[[0, -b, a], [b, 0, -c], [-a, c, 0]] for a, b, c in prizes]
    solution = zero_sum_batch(tables)
    expected = [np.array([c, a, b]) / (a + b + c) for a, b, c in prizes]
    for own in solution.strategies:
        assert own == pytest.approx(np.array(expected), abs=1e-12)
    assert solution.values == pytest.approx(np.zeros((4, 2)), abs=1e-12)
    assert set(solution.methods) == {"linear-program"}


def test_matching_pennies_with_unequal_stakes() -> None:
    """Agent 1 wins s on two heads, 1 on two tails and loses 1 otherwise. Indifference,
    ``p·s − (1 − p) = −p + (1 − p)``, gives both agents heads with p = 2 / (s + 3); the value is 1 − 2p."""
    stakes = np.array([1.0, 2.0, 5.0])
    tables = np.array([[[s, -1], [-1, 1]] for s in stakes])
    solution = zero_sum_batch(tables)
    heads = 2 / (stakes + 3)
    for own in solution.strategies:
        assert own[:, 0] == pytest.approx(heads, abs=1e-15)
    assert solution.values[:, 0] == pytest.approx((stakes - 1) / (stakes + 3), abs=1e-15)
    assert set(solution.methods) == {"closed-form"}


def test_the_first_pure_equilibrium_is_taken() -> None:
    """Battle of the sexes has two pure equilibria and a mixed one; a game of ties is settled too."""
    sexes = [[[2, 0], [0, 1]], [[1, 0], [0, 2]]]
    solution = solve_batch([sexes, np.zeros((2, 2, 2))])
    assert solution.strategies[0].tolist() == solution.strategies[1].tolist() == [[1, 0], [1, 0]]
    assert solution.methods.tolist() == ["pure", "pure"]


def test_a_bimatrix_game_without_pure_equilibrium() -> None:
    """Shapley's 3×3 game has one equilibrium, the uniform one (Shapley, *Some topics in two-person
    games*, 1964)."""
    game = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]]
    solution = solve_batch([game])
    for own in solution.strategies:
        assert own[0] == pytest.approx([1 / 3] * 3, abs=1e-12)
    assert solution.methods.tolist() == ["lemke-howson"]


# --- more agents ------------------------------------------------------------------------------------


@given(integer_batches(agents=3, most=3, high=2))
def test_three_agents_pure_equilibria_and_a_given_solver_for_the_rest(payoffs: Array) -> None:
    asked: list[NormalForm] = []

    def solver(game: NormalForm, exact: bool, clock: Clock) -> Any:
        from gametheory.solvers.pure import pure_equilibria

        asked.append(game)
        return pure_equilibria(game)

    solution = solve_batch(payoffs, solver=solver)
    assert len(asked) == np.isin(solution.methods, ["none", "uniform"]).sum()
    for b, game in enumerate(map(NormalForm, payoffs)):
        certificate = certify(game, row(solution, b))
        assert solution.solved[b] == certificate.holds
        assert solution.regrets[b] == pytest.approx([float(r) for r in certificate.regrets], abs=1e-12)
        assert solution.values[b] == pytest.approx([float(v) for v in certificate.values], abs=1e-12)


def test_three_agents_with_a_solver_that_knows() -> None:
    """Agents 1 and 2 want to do as the next one does, agent 3 the opposite of agent 1: nothing pure is
    stable, and where the others are uniform every action earns 1/2."""
    payoffs = np.zeros((3, 2, 2, 2))
    for joint in np.ndindex(2, 2, 2):
        for i in range(3):
            payoffs[(i, *joint)] = (joint[i] == joint[(i + 1) % 3]) if i < 2 else (joint[2] != joint[0])
    half = np.array([0.5, 0.5])

    def solver(game: NormalForm, exact: bool, clock: Clock) -> Any:
        return BatchlessAnswer(((half, half, half),))

    given_one = solve_batch(payoffs[None], solver=solver)
    assert given_one.methods.tolist() == ["given solver"]
    assert given_one.solved.all()
    alone = solve_batch(payoffs[None])
    assert alone.methods.tolist() == ["uniform"]
    assert alone.solved.all()


class BatchlessAnswer:
    def __init__(self, profiles: Any) -> None:
        self.profiles = profiles


def test_one_agent_takes_its_best_action() -> None:
    solution = solve_batch([[[1, 3, 2]], [[5, 0, 5]]])
    assert solution.strategies[0].tolist() == [[0, 1, 0], [1, 0, 0]]
    assert solution.values.tolist() == [[3], [5]]
