import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gametheory.certificates.correlated import certify_correlated, correlated_bound
from gametheory.certify import Kind
from gametheory.errors import GameError, LimitReached, UnknownName
from gametheory.joint import as_joint, expected_payoffs, independent, joint_names
from gametheory.load import load
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, is_exact
from gametheory.solvers.clock import Clock
from gametheory.solvers.correlated import correlated
from gametheory.solvers.correlated_vertices import extreme_correlated
from gametheory.solvers.pure import pure_joint_actions
from gametheory.solvers.vertex_enumeration import vertex_enumeration
from gametheory.streams import seed_keys, uniform
from gametheory.testing import bimatrix_games, distributions, normal_forms, profiles, zero_sum_games

COARSE = pytest.mark.parametrize("coarse", [False, True], ids=["correlated", "coarse"])
SMALL = st.one_of(bimatrix_games(max_actions=3), normal_forms(agents=3, max_actions=2))


def constraints(game: NormalForm, coarse: bool) -> Array:
    """Every incentive constraint as a row over joint actions, written down cell by cell."""
    joint_actions = list(itertools.product(*map(range, game.shape)))
    rows = []
    for i, count in enumerate(game.shape):
        for told, better in itertools.product([None] if coarse else range(count), range(count)):
            row = []
            for a in joint_actions:
                moved = (*a[:i], better, *a[i + 1 :])
                gain = game.payoffs[(i, *moved)] - game.payoffs[(i, *a)]
                row.append(gain if told in (None, a[i]) else 0)
            rows.append(row)
    return np.array(rows)


def test_chicken() -> None:
    """Aumann 1974: a coin and a device beat every mixture of the Nash equilibria.

    With weights (p, q, q, r) a driver told to swerve obeys if 2q ≥ p, so 12p + 18q with p + 2q = 1 is
    largest at p = 1/2: 21/2 in all, where the mixed equilibrium has 28/3 and the pure ones 9.
    """
    solution = correlated(load("chicken"))
    assert solution.values == ((Fraction(21, 4), Fraction(21, 4)),)
    [(joint,)] = solution.profiles
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert joint.tolist() == [[half, quarter], [quarter, 0]]


def test_a_coarse_equilibrium_that_is_not_correlated() -> None:
    """The kind of Moulin & Vial 1978: uniform on the diagonal pays 10/3, committing pays at most 8/3.

    Told the second action, the first agent knows that the other plays its second one, and obeys (5
    against 1 and 0); told the third, it prefers the first (4 against 2).
    """
    game = NormalForm([[[3, 1, 4], [1, 5, 0], [1, 0, 2]], [[3, 1, 1], [4, 2, 0], [1, 0, 5]]])
    third = Fraction(1, 3)
    joint = np.diag([third] * 3) + Fraction(0)
    assert certify_correlated(game, joint, coarse=True).kind is Kind.EXACT
    found = certify_correlated(game, joint)
    assert found.kind is None
    assert found.violation is not None
    assert (found.violation.agent, found.violation.recommended, found.violation.better) == ("1", "3", "1")
    assert found.violation.gain == Fraction(2, 3)


def test_two_by_two_games_with_three_equilibria_have_five_extreme_correlated_ones() -> None:
    """Calvó-Armengol, *The set of correlated equilibria of 2 by 2 games*, 2006."""
    for name in ("chicken", "battle-of-the-sexes", "stag-hunt"):
        game = load(name)
        assert len(extreme_correlated(game).profiles) == 5


def test_rock_paper_scissors_has_one_correlated_equilibrium() -> None:
    game = load("rock-paper-scissors")
    [(joint,)] = extreme_correlated(game).profiles
    assert set(joint.ravel().tolist()) == {Fraction(1, 9)}


@COARSE
@settings(max_examples=60)
@given(game=SMALL)
def test_the_best_of_all_extreme_ones(game: NormalForm, coarse: bool) -> None:
    extreme = extreme_correlated(game, coarse=coarse)
    assert all(certify_correlated(game, joint, coarse).kind is Kind.EXACT for (joint,) in extreme.profiles)
    assert len({tuple(joint.ravel()) for (joint,) in extreme.profiles}) == len(extreme.profiles)
    best = {"welfare": max(map(sum, extreme.values)), "fairest": None}
    best |= {i: max(values[i] for values in extreme.values) for i in range(len(game.agents))}
    for objective, value in best.items():
        solution = correlated(game, objective=objective, coarse=coarse)
        assert value in (None, solution.parameters["value"])
        assert certify_correlated(game, solution.profiles[0][0], coarse).kind is Kind.EXACT


@COARSE
@settings(max_examples=60)
@given(game=normal_forms(agents=(1, 3), max_actions=3))
def test_scipy_agrees_and_the_multipliers_prove_it(game: NormalForm, coarse: bool) -> None:
    rows = constraints(game, coarse)
    for objective in ("welfare", "fairest"):
        solution = correlated(game, objective=objective, coarse=coarse)
        value = solution.parameters["value"]
        table, multipliers = solution.parameters["objective"], solution.parameters["multipliers"]
        assert correlated_bound(game, table, multipliers, coarse) == value == solution.parameters["bound"]
        own = sum(solution.values[0]) if objective == "welfare" else min(solution.values[0])
        assert own == value
    other: Any = linprog(
        -game.payoffs.sum(axis=0).ravel().astype(float),
        A_ub=rows.astype(float),
        b_ub=np.zeros(len(rows)),
        A_eq=np.ones((1, rows.shape[1])),
        b_eq=[1],
    )
    welfare = correlated(game, coarse=coarse).parameters["value"]
    assert -other.fun == pytest.approx(float(welfare), abs=1e-6)


@settings(max_examples=60)
@given(game=bimatrix_games(max_actions=3))
def test_nash_is_correlated_is_coarse_and_no_better(game: NormalForm) -> None:
    best = {coarse: correlated(game, coarse=coarse).parameters["value"] for coarse in (False, True)}
    assert best[False] <= best[True]
    nash = vertex_enumeration(game)
    for profile, values in zip(nash.profiles, nash.values, strict=True):
        joint = independent(profile)
        for coarse in (False, True):
            found = certify_correlated(game, joint, coarse)
            assert found.kind is Kind.EXACT
            assert found.values == values
            assert found.violation is None
        assert sum(values) <= best[False]


@given(normal_forms(agents=3, max_actions=3))
def test_pure_equilibria_of_three_are_correlated(game: NormalForm) -> None:
    best = correlated(game).parameters["value"]
    for joint in pure_joint_actions(game):
        table = np.full(game.shape, Fraction(0), dtype=object)
        table[tuple(joint)] = Fraction(1)
        assert certify_correlated(game, table).kind is Kind.EXACT
        assert sum(expected_payoffs(game, table)) <= best


@settings(max_examples=40)
@given(game=zero_sum_games(max_actions=3))
def test_correlation_does_not_change_the_value_of_a_zero_sum_game(game: NormalForm) -> None:
    value = vertex_enumeration(game).values[0][0]
    for coarse in (False, True):
        assert correlated(game, objective=0, coarse=coarse).values[0][0] == value
        assert correlated(game, objective=1, coarse=coarse).values[0][1] == -value


@COARSE
@settings(max_examples=30)
@given(
    game=SMALL,
    scales=st.lists(st.fractions(Fraction(1, 50), 50), min_size=3, max_size=3),
    shifts=st.lists(st.fractions(-(10**9), 10**9), min_size=3, max_size=3),
)
def test_scaled_and_shifted_payoffs(
    game: NormalForm, coarse: bool, scales: list[Fraction], shifts: list[Fraction]
) -> None:
    moved = NormalForm(
        np.stack([s * own + d for own, s, d in zip(game.payoffs, scales, shifts, strict=False)])
    )
    before, after = (extreme_correlated(g, coarse=coarse) for g in (game, moved))
    assert [p[0].tolist() for p in before.profiles] == [p[0].tolist() for p in after.profiles]
    one, other = (correlated(g, objective=0, coarse=coarse).values[0][0] for g in (game, moved))
    assert other == one * scales[0] + shifts[0]


@pytest.mark.parametrize("power", [-40, 0, 40])
@COARSE
def test_floats_at_any_scale(power: int, coarse: bool) -> None:
    payoffs = np.array([[[6.0, 2], [7, 0]], [[6, 7], [2, 0]]]) * 2.0**power
    solution = correlated(NormalForm(payoffs), coarse=coarse)
    [(joint,)] = solution.profiles
    assert joint.tolist() == [[0.5, 0.25], [0.25, 0.0]]
    assert solution.values[0] == (5.25 * 2.0**power,) * 2
    exact = correlated(NormalForm(payoffs), exact=True, coarse=coarse)
    assert is_exact(exact.profiles[0][0])


def test_payoffs_that_floats_cannot_tell_apart() -> None:
    """Chicken with 6 raised by 10^-30: told to swerve, 2q ≥ (1 − ε) p, so p grows a little over 1/2."""
    tiny = Fraction(1, 10**30)
    game = NormalForm([[[6 + tiny, 2], [7, 0]], [[6 + tiny, 7], [2, 0]]])
    solution = correlated(game)
    p = 1 / (2 - tiny)  # p + 2q = 1 and 2q = (1 − ε) p
    assert solution.profiles[0][0][0, 0] == p
    assert certify_correlated(game, solution.profiles[0][0]).kind is Kind.EXACT


@pytest.mark.parametrize("shape", [(12, 12), (4, 4, 4)])
def test_larger_games_of_random_floats(shape: tuple[int, ...]) -> None:
    count = len(shape) * int(np.prod(shape))
    game = NormalForm(uniform(seed_keys(3, 1), 0, count).reshape(len(shape), *shape))
    for coarse, objective in itertools.product((False, True), ("welfare", "fairest", 1)):
        solution = correlated(game, objective=objective, coarse=coarse)
        assert certify_correlated(game, solution.profiles[0][0], coarse).holds
        value, bound = solution.parameters["value"], solution.parameters["bound"]
        assert value == pytest.approx(bound, abs=1e-9)
        table, multipliers = solution.parameters["objective"], solution.parameters["multipliers"]
        assert correlated_bound(game, table, multipliers, coarse) == pytest.approx(bound, abs=1e-9)


@COARSE
@given(data=st.data(), game=SMALL)
def test_regrets_are_the_best_of_all_deviation_maps(
    data: st.DataObject, game: NormalForm, coarse: bool
) -> None:
    joint = data.draw(distributions(int(np.prod(game.shape)))).reshape(game.shape)
    found = certify_correlated(game, joint, coarse)
    worst = []
    for i, count in enumerate(game.shape):
        maps = (
            [(b,) * count for b in range(count)] if coarse else itertools.product(range(count), repeat=count)
        )
        gains = [
            sum(
                joint[a] * (game.payoffs[(i, *a[:i], change[a[i]], *a[i + 1 :])] - game.payoffs[(i, *a)])
                for a in itertools.product(*map(range, game.shape))
            )
            for change in maps
        ]
        worst.append(max(0, *gains))
    assert list(found.regrets) == worst
    assert found.values == expected_payoffs(game, joint)
    assert (found.violation is None) == (found.kind is Kind.EXACT) == (not any(worst))
    if found.violation is not None and coarse:
        i = game.agents.index(found.violation.agent)
        assert found.violation.gain == worst[i]


@COARSE
@settings(max_examples=40)
@given(data=st.data(), game=SMALL)
def test_any_multipliers_bound_the_objective(data: st.DataObject, game: NormalForm, coarse: bool) -> None:
    weights = st.integers(0, 3).map(Fraction)
    multipliers = []
    for count in game.shape:
        size = count if coarse else count * count
        own = np.empty(size, dtype=object)
        own[:] = data.draw(st.lists(weights, min_size=size, max_size=size))
        multipliers.append(own if coarse else own.reshape(count, count))
    solution = correlated(game, coarse=coarse)
    table = solution.parameters["objective"]
    assert correlated_bound(game, table, multipliers, coarse) >= solution.parameters["value"]


@given(data=st.data(), game=normal_forms(agents=(1, 3)))
def test_joint_distributions_by_name(data: st.DataObject, game: NormalForm) -> None:
    joint = independent(data.draw(profiles(game)))
    names = dict(zip(joint_names(game), joint.ravel().tolist(), strict=True))
    assert as_joint(game, {name: p for name, p in names.items() if p}).tolist() == joint.tolist()


def test_floats_near_an_equilibrium_and_far_from_one() -> None:
    game = load("chicken")
    near = [[0.5 + 1e-12, 0.25], [0.25 - 1e-12, 0]]
    assert certify_correlated(game, near).kind is Kind.NUMERIC
    far = certify_correlated(game, {"[swerve, swerve]": 1.0})
    assert far.kind is None
    assert str(far.violation) == "agent 1 gains 1.0 by playing straight when told swerve"


def test_bad_input() -> None:
    game = NormalForm([[[6, 2], [7, 0]], [[6, 7], [2, 0]]])
    with pytest.raises(GameError, match="sums to"):
        certify_correlated(game, [[1, 1], [0, 0]])
    with pytest.raises(GameError, match="shape"):
        certify_correlated(game, [1])
    with pytest.raises(UnknownName, match="joint action"):
        certify_correlated(game, {"[1, 3]": 1})
    with pytest.raises(GameError, match="epsilon"):
        certify_correlated(game, [[1, 0], [0, 0]], epsilon=-1)
    with pytest.raises(UnknownName, match="fairest"):
        correlated(game, objective="fairness")
    with pytest.raises(GameError, match="objective"):
        correlated(game, objective=[1, 2])
    with pytest.raises(GameError, match="agents are 0 to 1"):
        correlated(game, objective=2)
    with pytest.raises(GameError, match="multipliers"):
        correlated_bound(game, [[0, 0], [0, 0]], [np.array([[0, -1], [0, 0]]), np.zeros((2, 2))])


def test_the_time_limit() -> None:
    game = NormalForm(uniform(seed_keys(1, 1), 0, 18).reshape(2, 3, 3))
    for solver in (correlated, extreme_correlated):
        with pytest.raises(LimitReached):
            solver(game, clock=Clock(1e-9))
