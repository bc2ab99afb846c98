"""The finer classes: every witness is evaluated again on the game alone."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.classify import classify, dominance
from gametheory.classify.dominance import dominance_solvable
from gametheory.classify.finding import Finding, Table
from gametheory.classify.ordinal import ordinal_potential
from gametheory.classify.potential import weighted_potential
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.solvers.pure import pure_joint_actions
from gametheory.testing import (
    bimatrix_games,
    identical_interest_games,
    normal_forms,
    potential_games,
    zero_sum_games,
)

PRISONERS = NormalForm.bimatrix([[-1, -3], [0, -2]], [[-1, 0], [-3, -2]])
PENNIES = NormalForm.bimatrix([[1, -1], [-1, 1]])
ROCK_PAPER_SCISSORS = NormalForm.bimatrix([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
ZERO_SUM = "zero-sum up to positive affine maps"
IDENTICAL = "identical-interest up to positive affine maps"

positive = st.fractions(Fraction(1, 4), 4, max_denominator=4)
shift = st.fractions(-4, 4, max_denominator=3)


def classes(game: NormalForm) -> dict[str, Finding]:
    return dict(classify(game).classes)


def index(game: NormalForm, labels: list[str]) -> tuple[int, ...]:
    return tuple(own.index(label) for own, label in zip(game.actions, labels, strict=True))


def at(game: NormalForm, places: list[dict[str, Any]]) -> Array:
    """``[n, K]`` rewards of the places, looked up in the game and compared with what they say."""
    columns = [game.payoffs[(slice(None), *index(game, place["joint action"]))] for place in places]
    assert [column.tolist() for column in columns] == [place["rewards"] for place in places]
    return np.array(columns).T


def moved(game: NormalForm, scales: list[Fraction], shifts: list[Fraction]) -> NormalForm:
    rows = zip(game.payoffs, scales, shifts, strict=True)
    return NormalForm([(own * scale + by).tolist() for own, scale, by in rows])


def deviations(game: NormalForm) -> Any:
    """Every (agent, joint action, joint action after that agent's deviation)."""
    for joint in itertools.product(*map(range, game.shape)):
        for i, count in enumerate(game.shape):
            for action in range(count):
                yield i, joint, (*joint[:i], action, *joint[i + 1 :])


@given(st.one_of(normal_forms(), zero_sum_games(), identical_interest_games()))
def test_constant_sum_and_affine_classes_with_their_witnesses(game: NormalForm) -> None:
    found = classes(game)
    rows = game.payoffs.reshape(len(game.agents), -1)
    constant = found["constant-sum"]
    if constant.holds:
        assert set(rows.sum(axis=0)) == {constant.witness["sum"]}
    else:
        sums = at(game, constant.witness["places"]).sum(axis=0)
        assert sums[0] != sums[1]
    zero = found[ZERO_SUM]
    if zero.holds:
        weights = np.array(zero.witness["weights"], dtype=object)
        assert min(weights) > 0
        assert set(weights @ rows) == {zero.witness["sum"]}
    else:
        assert not constant.holds
        assert len(zero.witness["places"]) <= len(rows) + 1
        assert_minimal(at(game, zero.witness["places"]), balanced)
    identical = found[IDENTICAL]
    if identical.holds:
        for own, slope, by in zip(
            rows, identical.witness["slopes"], identical.witness["shifts"], strict=True
        ):
            assert slope > 0
            assert (own == slope * rows[0] + by).all()
    else:
        assert len(identical.witness["places"]) <= 3
        pair = [game.agents.index(agent) for agent in identical.witness["pair"]]
        assert_minimal(at(game, identical.witness["places"])[pair], on_a_rising_line)
    assert found["general-sum"].holds == (not zero.holds and not identical.holds)


def assert_minimal(columns: Array, possible: Callable[[Array], bool]) -> None:
    """The columns rule it out, and without any one of them it is possible."""
    assert not possible(columns)
    for spared in range(columns.shape[1]):
        assert possible(np.delete(columns, spared, axis=1))


def on_a_rising_line(rows: Array) -> bool:
    """Whether ``rows[1] = α rows[0] + β`` for some ``α > 0``."""
    steps = [(s - q, t - r) for (q, r), (s, t) in itertools.combinations(rows.T.tolist(), 2)]
    rising = all((run > 0) == (rise > 0) and (run < 0) == (rise < 0) for run, rise in steps)
    return rising and all(a * d == b * c for (a, b), (c, d) in itertools.combinations(steps, 2))


def balanced(rows: Array) -> bool:
    """Whether positive weights make all column sums equal, by a linear program in floats."""
    from scipy.optimize import linprog

    differences = (rows - rows[:, :1]).astype(float).T
    count = len(rows)
    return bool(
        linprog(
            np.zeros(count), A_eq=differences, b_eq=np.zeros(len(differences)), bounds=[(1, None)] * count
        ).success
    )


@given(
    zero_sum_games(),
    st.lists(positive, min_size=2, max_size=2),
    st.lists(shift, min_size=2, max_size=2),
)
def test_affine_maps_of_zero_sum_games_are_recognised(
    game: NormalForm, scales: list[Fraction], shifts: list[Fraction]
) -> None:
    assert classes(moved(game, scales, shifts))[ZERO_SUM].holds


@given(
    identical_interest_games(agents=3),
    st.lists(positive, min_size=3, max_size=3),
    st.lists(shift, min_size=3, max_size=3),
)
def test_affine_maps_of_identical_interests_are_recognised(
    game: NormalForm, scales: list[Fraction], shifts: list[Fraction]
) -> None:
    found = classes(moved(game, scales, shifts))
    assert found[IDENTICAL].holds
    assert found["weighted potential"].holds
    assert found["ordinal potential"].holds


def test_three_agents_zero_sum_only_with_weights() -> None:
    """R^3 = −2 R^1 − R^2: weights (2, 1, 1)."""
    rows = np.array([[1, 0, 4, -2], [3, 1, -1, 0]], dtype=object)
    payoffs = np.vstack([rows, -2 * rows[:1] - rows[1:]]).reshape(3, 2, 2, 1)
    finding = classes(NormalForm(payoffs))[ZERO_SUM]
    assert finding.witness["weights"] == [2, 1, 1]
    assert not classes(NormalForm(payoffs))["constant-sum"].holds


def gains_around(game: NormalForm, cycle: list[list[str]], deviators: list[str]) -> list[Fraction]:
    """The deviators' gains on the way round; each corner differs from the next in the deviator's action."""
    corners = [index(game, corner) for corner in cycle]
    gains = []
    for k, name in enumerate(deviators):
        agent, here, there = game.agents.index(name), corners[k], corners[(k + 1) % len(corners)]
        assert [i for i in range(len(here)) if here[i] != there[i]] == [agent]
        gains.append(game.payoffs[(agent, *there)] - game.payoffs[(agent, *here)])
    return gains


@given(st.one_of(bimatrix_games(max_actions=3), normal_forms(agents=(1, 3)), potential_games()))
def test_potentials_with_their_witnesses(game: NormalForm) -> None:
    found = classes(game)
    exact, weighted, ordinal = (found[f"{kind} potential"] for kind in ("exact", "weighted", "ordinal"))
    assert not exact.holds or weighted.holds
    assert not weighted.holds or ordinal.holds
    if exact.holds:
        phi = np.array(exact.witness["potential"], dtype=object)
        for i, here, there in deviations(game):
            assert game.payoffs[(i, *there)] - game.payoffs[(i, *here)] == phi[there] - phi[here]
    else:
        gains = gains_around(game, exact.witness["cycle"], exact.witness["deviators"])
        assert len(gains) == 4
        assert sum(gains) == exact.witness["sum of gains"] != 0
    if weighted.holds:
        phi, weights = np.array(weighted.witness["potential"], dtype=object), weighted.witness["weights"]
        assert min(weights) > 0
        for i, here, there in deviations(game):
            rise = game.payoffs[(i, *there)] - game.payoffs[(i, *here)]
            assert rise == weights[i] * (phi[there] - phi[here])
    else:
        assert not reconcilable(game, weighted.witness["cycles"])
    if ordinal.holds:
        phi = np.array(ordinal.witness["potential"])
        for i, here, there in deviations(game):
            assert (game.payoffs[(i, *there)] > game.payoffs[(i, *here)]) == (phi[there] > phi[here])
        assert len(pure_joint_actions(game))  # Monderer & Shapley 1996: the maximiser of Φ
    else:
        gains = gains_around(game, ordinal.witness["cycle"], ordinal.witness["deviators"])
        assert min(gains) >= 0
        assert max(gains) > 0


def reconcilable(game: NormalForm, cycles: list[dict[str, Any]]) -> bool:
    """Whether weights ``v ≥ 1`` on the agents make the gains around every named cycle sum to zero."""
    from scipy.optimize import linprog

    rows = []
    for cycle in cycles:
        row = [0.0] * len(game.agents)
        gains = gains_around(game, cycle["cycle"], cycle["deviators"])
        for name, gain in zip(cycle["deviators"], gains, strict=True):
            row[game.agents.index(name)] += float(gain)
        rows.append(row)
    found = linprog(
        np.zeros(len(game.agents)), A_eq=rows, b_eq=np.zeros(len(rows)), bounds=[(1, None)] * len(rows[0])
    )
    return bool(found.success)


@given(potential_games(), st.data())
def test_potential_games_are_recognised_whatever_their_weights(game: NormalForm, data: st.DataObject) -> None:
    assert classes(game)["exact potential"].holds
    count = len(game.agents)
    scales = data.draw(st.lists(positive, min_size=count, max_size=count))
    weighted = weighted_potential(Table.of(moved(game, scales, [Fraction(0)] * count)))
    assert weighted.holds


def test_a_ring_of_agents_whose_weights_do_not_close() -> None:
    """Each pair alone has a weighted potential; the ratios 2, 2 and 2 around the ring do not multiply to 1."""
    a, b, c = np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")
    payoffs = np.stack([2 * a * b + a * c, a * b + 2 * b * c, b * c + 2 * a * c])
    game = NormalForm(payoffs)
    finding = weighted_potential(Table.of(game))
    assert not finding.holds
    assert len(finding.witness["cycles"]) == 3
    assert not reconcilable(game, finding.witness["cycles"])
    for spared in range(3):
        rest = [cycle for k, cycle in enumerate(finding.witness["cycles"]) if k != spared]
        assert reconcilable(game, rest)


def test_an_ordinal_potential_that_is_not_weighted() -> None:
    """Common best replies upwards, but gains of no fixed ratio."""
    game = NormalForm.bimatrix([[0, 0], [1, 3]], [[0, 1], [0, 1]])
    found = classes(game)
    assert found["ordinal potential"].holds
    assert not found["weighted potential"].holds


@given(bimatrix_games(max_actions=3), st.integers(2, 3))
def test_increasing_maps_of_payoffs_keep_ordinal_potentials(game: NormalForm, power: int) -> None:
    cubed = NormalForm(np.vectorize(lambda v: v**3 if power == 3 else 2 * v, otypes=[object])(game.payoffs))
    assert ordinal_potential(Table.of(game)).holds == ordinal_potential(Table.of(cubed)).holds


@given(normal_forms(agents=(1, 3)))
def test_symmetric_by_all_permutations(game: NormalForm) -> None:
    finding = classes(game)["symmetric"]
    count = len(game.agents)
    expected = len(set(game.shape)) == 1 and all(
        game.payoffs[(order[i], *(joint[order.index(k)] for k in range(count)))] == game.payoffs[(i, *joint)]
        for order in map(list, itertools.permutations(range(count)))
        for i in range(count)
        for joint in itertools.product(*map(range, game.shape))
    )
    assert finding.holds == expected
    if not finding.holds and "places" in finding.witness:
        at(game, finding.witness["places"])


def test_symmetric_games_of_two_and_three() -> None:
    assert classes(PRISONERS)["symmetric"].holds
    assert classes(ROCK_PAPER_SCISSORS)["symmetric"].holds
    assert not classes(PENNIES)["symmetric"].holds
    a, b, c = np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij")
    total = a + b + c
    game = NormalForm(np.stack([3 * total - 5 * own for own in (a, b, c)]))
    assert classes(game)["symmetric"].holds


def replay(game: NormalForm, witness: dict[str, Any]) -> list[list[int]]:
    """Carry out the eliminations, checking each against what is left at that moment."""
    left = [list(range(count)) for count in game.shape]
    for step in witness["eliminated"]:
        i = game.agents.index(step["agent"])
        victim = game.actions[i].index(step["action"])
        by = {game.actions[i].index(label): p for label, p in step["dominated by"].items()}
        assert sum(by.values()) == 1
        assert set(by) <= set(left[i])
        for others in itertools.product(*(own for k, own in enumerate(left) if k != i)):

            def pay(action: int, i: int = i, others: tuple[int, ...] = others) -> Any:
                return game.payoffs[(i, *others[:i], action, *others[i:])]

            assert sum(p * pay(action) for action, p in by.items()) > pay(victim)
        left[i].remove(victim)
    survivors = [[game.actions[i][a] for a in own] for i, own in enumerate(left)]
    assert survivors == witness["survivors"]
    return left


@given(st.one_of(bimatrix_games(max_actions=4), normal_forms(agents=(1, 3)), zero_sum_games()))
def test_dominance_with_its_order_and_its_beliefs(game: NormalForm) -> None:
    finding = classes(game)["dominance-solvable"]
    left = replay(game, dict(finding.witness))
    assert finding.holds == all(len(own) == 1 for own in left)
    if finding.holds:
        return
    supported = set()
    for entry in finding.witness["beliefs"]:
        i = game.agents.index(entry["agent"])
        action = game.actions[i].index(entry["action"])
        values = dict.fromkeys(left[i], Fraction(0))
        assert sum(case["p"] for case in entry["best response to"]) == 1
        for case in entry["best response to"]:
            rest = [k for k in range(len(game.agents)) if k != i]
            others = [game.actions[k].index(label) for k, label in zip(rest, case["others"], strict=True)]
            assert all(a in left[k] for k, a in zip(rest, others, strict=True))
            for own in left[i]:
                values[own] += case["p"] * game.payoffs[(i, *others[:i], own, *others[i:])]
        assert values[action] == max(values.values())
        supported.add((i, action))
    assert supported == {(i, a) for i, own in enumerate(left) if len(own) > 1 for a in own}


def test_dominance_by_a_mixture_alone() -> None:
    """The middle row pays 1 against both columns; half of each other row pays 3/2."""
    game = NormalForm.bimatrix([[3, 0], [1, 1], [0, 3]], [[1, 0], [0, 0], [0, 1]])
    witness = dominance_solvable(Table.of(game)).witness
    assert [step["action"] for step in witness["eliminated"]] == ["2"]
    weak = NormalForm.bimatrix([[2, 0], [1, 1], [0, 2]], [[1, 0], [0, 0], [0, 1]])
    assert not dominance_solvable(Table.of(weak)).witness["eliminated"]  # equal, so not strictly


def test_dominance_too_large_to_decide_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    game = NormalForm.bimatrix([[3, 0], [1, 1], [0, 3]], [[1, 0], [0, 0], [0, 1]])
    monkeypatch.setattr(dominance, "LARGEST", 5)
    finding = dominance_solvable(Table.of(game))
    assert finding.holds is None
    assert "too large" in finding.witness["undecided"]


@given(normal_forms(agents=(2, 3), max_actions=2))
def test_team_against_team_by_trying_all_teams(game: NormalForm) -> None:
    finding = classes(game)["team-against-team zero-sum"]
    count = len(game.agents)
    rows = game.payoffs.reshape(count, -1).tolist()

    def fits(team: set[int]) -> bool:
        flipped = [rows[i] if i in team else [-r for r in rows[i]] for i in range(count)]
        return all(row == flipped[0] for row in flipped)

    splits = [set(c) for k in range(1, count) for c in itertools.combinations(range(count), k)]
    assert finding.holds == any(map(fits, splits))


def test_two_against_one() -> None:
    table = np.array([[[1, 2], [3, 4]], [[0, 0], [5, 1]]])
    found = classes(NormalForm(np.stack([table, -table, table]), agents=["x", "y", "z"]))
    assert found["team-against-team zero-sum"].witness["teams"] == [["x", "z"], ["y"]]
    alone = classes(NormalForm(np.stack([table] * 3)))["team-against-team zero-sum"]
    assert not alone.holds


def test_textbook_games() -> None:
    prisoners, pennies = classes(PRISONERS), classes(PENNIES)
    assert prisoners["dominance-solvable"].witness["survivors"] == [["2"], ["2"]]
    assert prisoners["exact potential"].holds
    assert prisoners["general-sum"].holds
    assert pennies["constant-sum"].holds
    assert not pennies["ordinal potential"].holds
    assert not pennies["dominance-solvable"].holds
    settings = classify(PENNIES).settings
    assert settings["zero-sum"]["literal"].holds
    assert settings["competitive"]["uniform"].holds


def test_the_document_holds_plain_data_and_exact_numbers() -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(entry) for key, entry in value.items())
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or type(value) in (bool, int, str, Fraction)

    for game in (PRISONERS, PENNIES, NormalForm([[1, 2]]), NormalForm(np.zeros((3, 2, 2, 2)))):
        document = classify(game).document()
        assert plain(document)
        assert set(document["settings"]) == {"fully cooperative", "cooperative", "competitive", "zero-sum"}
        assert all(set(entry) == {"holds", "judged_on", "witness"} for entry in document["classes"].values())


def test_only_normal_forms() -> None:
    with pytest.raises(GameError, match="str"):
        classify("pennies")  # type: ignore[arg-type]
