import enum
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.certify import certify
from gametheory.errors import GameError
from gametheory.files.encode import number_from_json, to_json
from gametheory.normal_form import NormalForm

numbers = st.one_of(st.fractions(), st.floats(-1e300, 1e300))


@given(numbers)
def test_numbers_survive_json_exactly(number):
    again = number_from_json(json.loads(json.dumps(to_json(number))))
    assert again == number
    assert type(again) is type(number)


@given(st.lists(numbers))
def test_arrays_become_lists_of_their_numbers(entries):
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    assert to_json(array) == [to_json(entry) for entry in entries]


def test_exact_numbers_are_strings_and_others_numbers():
    assert to_json((Fraction(1, 2), Fraction(3), 0.25, 7, True, None)) == ["1/2", "3", 0.25, 7, True, None]
    assert to_json([np.float64(0.5), np.int64(2), np.bool_(True)]) == [0.5, 2, True]
    assert to_json(np.array([[1.5, 2.0]])) == [[1.5, 2.0]]
    assert to_json([float("nan"), float("inf")]) == [None, None]


def test_containers_enums_dataclasses_and_paths():
    class Colour(enum.Enum):
        RED = "red"

    @dataclass(frozen=True)
    class Point:
        x: Fraction
        colour: Colour

    assert to_json({"at": Point(Fraction(1, 3), Colour.RED), Colour.RED: (), 3: Path("a") / "b"}) == {
        "at": {"x": "1/3", "colour": "red"},
        "red": [],
        "3": str(Path("a") / "b"),
    }


def test_a_certificate_becomes_a_document():
    document = to_json(certify(NormalForm([[1, 2]]), [["1/2", "1/2"]]))
    assert document["kind"] is None
    assert document["regrets"] == ["1/2"]
    assert json.loads(json.dumps(document)) == document


def test_very_long_rationals_are_written_in_full():
    # 10^5000 has 5001 digits, more than Python prints.
    assert to_json(Fraction(10**5000)) == "1" + "0" * 5000
    assert to_json(Fraction(1, 10**5000)) == "1/1" + "0" * 5000


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j, {(1, 2): 3}, {None: 1}, np.array([object()])])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError):
        to_json(value)


@pytest.mark.parametrize("value", [None, True, [], {}, "a", "1/0", "", float("inf"), "9" * 5000, 10**400])
def test_what_is_no_finite_number_is_refused_by_name(value):
    with pytest.raises(GameError, match=r"^weight ") as caught:
        number_from_json(value, "weight")
    assert len(str(caught.value)) < 200
