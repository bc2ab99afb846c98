import pytest

from environments import find
from gametheory.errors import GameError
from learners.external.policies import as_policies
from learners.judge.convergence import Judgement, Verdict, common
from learners.words import counted


def test_one_is_singular():
    assert [counted(n, "seed") for n in (0, 1, 2, 1000)] == ["0 seeds", "1 seed", "2 seeds", "1,000 seeds"]
    assert [counted(n, "policy", "policies") for n in (1, 2)] == ["1 policy", "2 policies"]


def test_messages_about_one():
    with pytest.raises(GameError, match=r"^1 policy for 2 agents; give one to each$"):
        as_policies(find("matching-pennies").game, [lambda seen: 0])
    assert common({4: Judgement(Verdict.CYCLES, "it returns")}).reason == "seed 4: it returns"
