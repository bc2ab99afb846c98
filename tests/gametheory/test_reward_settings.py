"""The four settings in all readings: every witness is evaluated again, from the definitions."""

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.classify import reward_settings
from gametheory.classify.finding import Finding
from gametheory.numerics import Array

Settings = dict[str, dict[str, Finding]]


@st.composite
def reward_tables(draw: st.DrawFn, agents: int | None = None) -> Array:
    """``[n, K]`` with many zeros, ties, common signs and proportional columns."""
    n = agents or draw(st.integers(1, 3))
    sign = draw(st.sampled_from([(-2, 2), (0, 2), (-2, 0), (1, 3), (-3, -1)]))
    column = st.lists(st.integers(*sign).map(Fraction), min_size=n, max_size=n)
    columns = draw(st.lists(column, min_size=1, max_size=5))
    if draw(st.booleans()):  # proportional rewards: an own sign at every place, a factor per agent
        factors = draw(st.lists(st.fractions(Fraction(1, 3), 3, max_denominator=3), min_size=n, max_size=n))
        columns = [[column[0] * factor for factor in factors] for column in columns]
    return np.array(columns, dtype=object).T


def judge(rows: Any, **labels: Any) -> Settings:
    return reward_settings(np.array(rows, dtype=object), **labels)


def holds(found: Settings) -> dict[tuple[str, str], bool | None]:
    return {(name, reading): f.holds for name, readings in found.items() for reading, f in readings.items()}


def signs_of_k(own: Fraction, other: Fraction) -> set[int]:
    """Which signs of k allow ``own ≥ k · other``: tried on k far from and near to zero."""
    far = [Fraction(10**6), Fraction(1, 10**6)]
    return {sign for sign in (1, -1) if any(own >= sign * k * other for k in far)}


def uniform_k_exists(own: list[Fraction], other: list[Fraction], sign: int) -> bool:
    """Tried on every ratio, between all ratios, and beyond them: the feasible set is an interval."""
    ratios = sorted({a / b for a, b in zip(own, other, strict=True) if b} | {Fraction(0)})
    between = [(a + b) / 2 for a, b in itertools.pairwise(ratios)]
    candidates = [*ratios, *between, ratios[0] - 1, ratios[-1] + 1]
    return any(k * sign > 0 and all(a >= k * b for a, b in zip(own, other, strict=True)) for k in candidates)


@given(reward_tables())
def test_every_reading_by_its_definition(rewards: Array) -> None:
    rows = rewards.tolist()
    different = list(itertools.permutations(rows, 2))
    with_same = different + [(row, row) for row in rows]

    def pointwise(own: list[Fraction], other: list[Fraction], sign: int) -> bool:
        return all(sign in signs_of_k(a, b) for a, b in zip(own, other, strict=True))

    assert holds(judge(rows)) == {
        ("fully cooperative", "literal"): all(row == rows[0] for row in rows),
        ("cooperative", "uniform"): all(uniform_k_exists(*pair, 1) for pair in different),
        ("cooperative", "pointwise"): all(pointwise(*pair, 1) for pair in different),
        ("competitive", "uniform"): any(uniform_k_exists(*pair, -1) for pair in different),
        ("competitive", "pointwise"): any(pointwise(*pair, -1) for pair in different),
        ("competitive", "uniform_same_agent"): any(uniform_k_exists(*pair, -1) for pair in with_same),
        ("competitive", "pointwise_same_agent"): any(pointwise(*pair, -1) for pair in with_same),
        ("zero-sum", "literal"): all(sum(column) == 0 for column in zip(*rows, strict=True)),
    }


def inside_and_outside(interval: dict[str, Any], sign: int) -> tuple[list[Fraction], list[Fraction]]:
    """Some k in the interval, ends included where closed, and some of the sign outside of it."""
    low, high = interval["low"], interval["high"]
    inner_low = low if low is not None else (high if high is not None else Fraction(0)) - 10
    inner_high = high if high is not None else (low if low is not None else Fraction(0)) + 10
    inside, outside = [(inner_low + inner_high) / 2], []
    for end, closed, step in ((low, interval["low_closed"], -1), (high, interval["high_closed"], 1)):
        if end is None:
            inside.append((inner_low, inner_high)[step > 0])
        elif closed:
            inside.append(end)
            outside.append(end + step * Fraction(1, 10**9))
        else:
            assert end == 0  # only the sign of k leaves an end open
    return [k for k in inside if k], [k for k in outside if k * sign > 0]


@given(reward_tables())
def test_intervals_are_exactly_the_feasible_k(rewards: Array) -> None:
    rows = dict(zip(["a", "b", "c"], rewards.tolist(), strict=False))
    found = judge(rewards, agents=list(rows))
    for name, reading, sign in (
        ("cooperative", "uniform", 1),
        ("competitive", "uniform", -1),
        ("competitive", "uniform_same_agent", -1),
    ):
        finding = found[name][reading]
        for entry in finding.witness.get("intervals", []):
            own, other = (rows[agent] for agent in entry["pair"])
            inside, outside = inside_and_outside(entry["k"], sign)
            assert inside
            for k in inside:
                assert k * sign > 0
                assert all(a >= k * b for a, b in zip(own, other, strict=True))
            for k in outside:
                assert not all(a >= k * b for a, b in zip(own, other, strict=True))


def check_refutation(entry: dict[str, Any], agents: list[str], sign: int, most: int) -> None:
    """The named places alone forbid every k of the sign, and none of them can be spared."""
    i, j = (agents.index(agent) for agent in entry["pair"])
    places = [place["rewards"] for place in entry["places"]]
    assert 1 <= len(places) <= most
    assert not uniform_k_exists([r[i] for r in places], [r[j] for r in places], sign)
    for spared in range(len(places)):
        rest = places[:spared] + places[spared + 1 :]
        assert not rest or uniform_k_exists([r[i] for r in rest], [r[j] for r in rest], sign)


@given(reward_tables())
def test_refutations_are_minimal_and_name_real_places(rewards: Array) -> None:
    agents = ["a", "b", "c"][: len(rewards)]
    found = judge(rewards, agents=agents)
    for name, sign in (("cooperative", 1), ("competitive", -1)):
        for reading, finding in found[name].items():
            if finding.holds:
                continue
            entries = [finding.witness] if sign > 0 else finding.witness["refuted"]
            most = 1 if reading.startswith("pointwise") else 2
            for entry in entries:
                check_refutation(dict(entry), agents, sign, most)
                for place in entry["places"]:
                    assert rewards[:, place["at"]].tolist() == place["rewards"]
            if sign < 0:  # "for some i, j" is refuted pair by pair
                same = len(agents) if reading.endswith("same_agent") else 0
                assert len(entries) == len(agents) * (len(agents) - 1) + same


@given(reward_tables())
def test_pointwise_witnesses(rewards: Array) -> None:
    agents = ["a", "b", "c"][: len(rewards)]
    found = judge(rewards, agents=agents)
    if found["cooperative"]["pointwise"].holds:
        for entry in found["cooperative"]["pointwise"].witness["common signs"]:
            column = rewards[:, entry["at"]]
            assert all((own > 0) - (own < 0) == entry["sign"] for own in column) or len(agents) == 1
    for reading in ("pointwise", "pointwise_same_agent"):
        witness = found["competitive"][reading].witness
        if found["competitive"][reading].holds:
            i, j = (agents.index(agent) for agent in witness["pair"])
            for entry in witness["k"]:
                assert entry["k"] < 0
                assert rewards[i, entry["at"]] >= entry["k"] * rewards[j, entry["at"]]


@given(reward_tables(), st.fractions(Fraction(1, 1000), 1000))
def test_a_common_positive_factor_changes_no_label(rewards: Array, factor: Fraction) -> None:
    assert holds(judge(rewards)) == holds(judge(rewards * factor))


@given(reward_tables())
def test_how_the_settings_imply_each_other(rewards: Array) -> None:
    found = holds(judge(rewards))
    if found["fully cooperative", "literal"]:
        assert found["cooperative", "uniform"]
        if found["zero-sum", "literal"]:
            assert not rewards.any()
    for name in ("cooperative", "competitive"):
        assert not found[name, "uniform"] or found[name, "pointwise"]
    for reading in ("uniform", "pointwise"):
        assert not found["competitive", reading] or found["competitive", f"{reading}_same_agent"]


def test_literal_competitive_holds_for_any_two_non_negative_rewards() -> None:
    found = judge([[2, 1, 5], [2, 1, 5]])  # fully cooperative, and yet
    assert found["competitive"]["uniform"].holds
    (first, _) = found["competitive"]["uniform"].witness["intervals"]
    assert first["k"] == {"low": None, "low_closed": False, "high": 0, "high_closed": False}


def test_literal_competitive_with_the_same_agent_needs_one_never_negative_reward() -> None:
    found = judge([[0, 1, 3], [-1, -2, 4]])
    assert not found["competitive"]["uniform"].holds
    assert found["competitive"]["uniform_same_agent"].holds


def test_cooperative_uniform_with_both_signs_forces_proportional_rewards() -> None:
    proportional = judge([[2, -4, 6], [1, -2, 3]])["cooperative"]["uniform"]
    assert proportional.holds
    ks = {tuple(entry["pair"]): entry["k"] for entry in proportional.witness["intervals"]}
    assert (ks["1", "2"]["low"], ks["1", "2"]["high"]) == (2, 2)
    assert (ks["2", "1"]["low"], ks["2", "1"]["high"]) == (Fraction(1, 2), Fraction(1, 2))
    off = judge([[2, -4, 6], [1, -2, 4]])["cooperative"]
    assert not off["uniform"].holds
    assert off["pointwise"].holds  # all rewards share a sign everywhere, and that is all it says


def test_neither_setting_survives_adding_a_constant() -> None:
    rewards = np.array([[1, 2], [1, 3]], dtype=object)
    moved = rewards + np.array([[-2], [0]], dtype=object)
    assert judge(rewards)["cooperative"]["pointwise"].holds
    assert not judge(moved)["cooperative"]["pointwise"].holds
    assert judge(rewards)["competitive"]["uniform"].holds
    assert not judge(rewards - 4)["competitive"]["uniform"].holds


@pytest.mark.parametrize("rows", [[[0.1, 0.2], [-0.1, -0.2]]])
def test_floats_count_as_the_binary_rationals_they_are(rows: list[list[float]]) -> None:
    assert reward_settings(np.array(rows))["zero-sum"]["literal"].holds
    rows[1][0] = float(np.nextafter(-0.1, 0))
    refuted = reward_settings(np.array(rows))["zero-sum"]["literal"]
    assert not refuted.holds
    assert refuted.witness["sum"] == Fraction(0.1) + Fraction(rows[1][0])
