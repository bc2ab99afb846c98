"""What is offered to the tests of other people's learners: it passes sound ones and catches planted faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from environments import find
from gametheory.errors import GameError, UnknownName
from gametheory.game import Discrete
from gametheory.normal_form import NormalForm
from gametheory.policy import TablePolicy
from learners.faults.battery import check_learner
from learners.faults.course import ACTIONS
from learners.faults.findings import Fault, as_factory
from learners.faults.planted import PLANTED, planted
from learners.faults.planted_tampering import (
    Tampered,
    as_termination,
    only,
    overwritten,
    shared_draws,
    turned_round,
    unpaid,
)
from learners.judge.convergence import Verdict
from learners.suites import SUITES, SuiteGame, suite
from learners.testing import assert_agrees_with_theory, assert_converges
from learners.training import TrainingSettings

QUICK = TrainingSettings(steps=640, plays=16, update_every=16, evaluations=20, evaluation_plays=4)


class TabularQ:
    """Q-learning of each agent by itself, and by its own rewards unless ``team``."""

    def __init__(self, seen: Sequence[Any], actions: Sequence[Any], *, seed: int, team: bool = False) -> None:
        if not all(isinstance(spec, Discrete) for spec in (*seen, *actions)):
            raise GameError("tables need discrete spaces")
        self.team = team
        self.q = [np.zeros((s.size, a.size)) for s, a in zip(seen, actions, strict=True)]
        self.counts = [np.zeros_like(q) for q in self.q]

    def policies(self) -> tuple[TablePolicy, ...]:
        return self._near(0.0)

    def behaviour(self) -> tuple[TablePolicy, ...]:
        return self._near(0.3)

    def _near(self, noise: float) -> tuple[TablePolicy, ...]:
        best = [np.eye(q.shape[1])[q.argmax(axis=1)] for q in self.q]
        return tuple(TablePolicy((1 - noise) * own + noise / own.shape[1]) for own in best)

    def observe(self, step: Any) -> None:
        rewards = step.rewards.sum(axis=1, keepdims=True) if self.team else step.rewards
        for i, q in enumerate(self.q):
            ahead = step.discount * ~step.terminated * q[step.next_observations[i]].max(axis=1)
            target = rewards[:, 0 if self.team else i] + ahead
            for s, a, y in zip(step.observations[i], step.actions[i], target, strict=True):
                self.counts[i][s, a] += 1
                q[s, a] += (y - q[s, a]) / self.counts[i][s, a] ** 0.7

    def update(self) -> Mapping[str, float]:
        return {}

    def state_dict(self) -> dict[str, Any]:
        return {"q": [q.copy() for q in self.q], "counts": [c.copy() for c in self.counts]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.q, self.counts = list(state["q"]), list(state["counts"])


def faults(factory: Any, **how: Any) -> set[Fault]:
    found = check_learner(factory, **{"central": False, "steps": 250, "kinds": ["discrete"], **how})
    return {finding.fault for finding in found}


def tampered(**how: Any) -> Any:
    return lambda seen, actions, *, seed: Tampered(TabularQ(seen, actions, seed=seed), **how)


# --- the battery -------------------------------------------------------------------------------------------


def test_a_sound_learner_has_no_findings():
    assert faults(TabularQ) == set()
    assert faults(TabularQ, off_policy=False, steps=600) == set()


@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ({"tamper": as_termination}, Fault.TIME_LIMIT),
        ({"tamper": unpaid}, Fault.LAST_REWARD),
        ({"tamper": only(lambda step: ~step.truncated)}, Fault.LAST_REWARD),
        ({"tamper": only(lambda step: ~step.terminated)}, Fault.TERMINAL),
        ({"tamper": turned_round(ACTIONS["discrete"])}, Fault.ORDER),
        ({"played": shared_draws()}, Fault.DRAWS),
        ({"lost": "q"}, Fault.STATE),
        ({"tamper": lambda step: iter(())}, Fault.NO_LEARNING),
    ],
)
def test_a_planted_fault_is_called_by_its_name(how, fault):
    found = faults(tampered(**how))
    assert fault in found
    assert not {Fault.ORDER, Fault.NO_LEARNING} <= found


def test_a_final_observation_overwritten_at_a_reset_is_seen():
    def factory(seen: Any, actions: Any, *, seed: int) -> Any:
        return Tampered(TabularQ(seen, actions, seed=seed), overwritten())

    assert Fault.NEXT_START in faults(factory)


def test_who_maximises_the_sum_of_returns_is_told_so():
    def factory(seen: Any, actions: Any, *, seed: int) -> Any:
        return TabularQ(seen, actions, seed=seed, team=True)

    assert Fault.LEAK in faults(factory)


def test_critics_that_see_their_own_agent_alone_are_no_fault_unless_they_should_see_all():
    assert faults(TabularQ, central=True) == {Fault.OTHERS}


def test_a_learner_that_serves_none_of_the_kinds_is_refused():
    with pytest.raises(GameError, match="box"):
        check_learner(TabularQ, kinds=["box"])


def test_a_learner_is_a_name_an_algorithm_or_a_factory():
    from learners.matd4 import SOFT_MATD4

    seen, actions = (Discrete(1),) * 2, (Discrete(2),) * 2
    for given in ("soft-matd4", SOFT_MATD4, TabularQ):
        assert len(as_factory(given)(seen, actions, seed=0).policies()) == 2
    small = as_factory("soft-matd4", {"actor_hidden": [8]})(seen, actions, seed=0)
    assert small.settings.actor_hidden == (8,)  # type: ignore[attr-defined]


def test_every_planted_fault_has_a_name_and_a_plant():
    with pytest.raises(UnknownName):
        planted("no-such-fault")
    for fault in PLANTED.values():
        assert fault.line
        assert fault.kinds


UNSURE = ("replayed-target", "soft-stored")
"""Found under their own name by some batteries and not by others."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, fault in PLANTED.items() if fault.shows and n not in UNSURE])
def test_faults_planted_in_soft_matd4_are_found(name):
    fault = PLANTED[name]
    found = check_learner(planted(name), kinds=fault.kinds[:1])
    assert fault.shows in {finding.fault for finding in found}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["maddpg", "soft-maddpg", "matd3", "soft-matd3", "matd4", "soft-matd4"])
def test_our_own_family_has_no_findings(name):
    assert check_learner(planted(None, name)) == ()


# --- assertions --------------------------------------------------------------------------------------------


def test_a_learner_that_converges_passes_with_as_few_seeds_as_can_prove_it():
    held = assert_converges(TabularQ, "prisoners-dilemma", training=QUICK)
    assert len(held.runs) == 5
    assert held.evidence.verdict is Verdict.CONVERGED


def test_a_learner_that_colludes_fails_after_the_first_seed_that_makes_a_proof_impossible(tmp_path):
    def colluding(seen: Any, actions: Any, *, seed: int) -> Any:
        return TabularQ(seen, actions, seed=seed, team=True)

    with pytest.raises(AssertionError) as caught:
        assert_converges(colluding, "prisoners-dilemma", training=QUICK, seeds=5, keep=tmp_path / "runs")
    text = str(caught.value)
    assert "colluding is not proved to converge in prisoners-dilemma" in text
    assert "seed 0:" in text
    assert "seed 1:" not in text
    assert "theory, of gradient learners: converges" in text
    assert (tmp_path / "runs" / "seed-0.jsonl").read_text().count("nash_conv_average") == 21


def test_what_converged_allows_can_be_said():
    held = assert_converges(TabularQ, "prisoners-dilemma", training=QUICK, nash_conv=0.25, confidence=0.8)
    assert held.evidence.epsilon == 0.25
    assert len(held.runs) < 5


def test_games_come_by_name_from_a_suite_as_environments_or_as_they_are():
    game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    entry = SuiteGame("deadlock", 1600, "dominance", training={"plays": 16})
    for given in (find("deadlock"), game, entry):
        assert assert_converges(TabularQ, given, training=QUICK, confidence=0.8).runs


def test_agreement_with_theory_is_convergence_where_it_is_expected():
    assert assert_agrees_with_theory(TabularQ, "prisoners-dilemma", training=QUICK, seeds=5).prediction

    def colluding(seen: Any, actions: Any, *, seed: int) -> Any:
        return TabularQ(seen, actions, seed=seed, team=True)

    with pytest.raises(AssertionError, match="what theory expects"):
        assert_agrees_with_theory(colluding, "prisoners-dilemma", training=QUICK, seeds=5)


def test_agreement_with_theory_is_no_convergence_where_nothing_attracts():
    class Still(TabularQ):
        """Never moves from even odds, the equilibrium of matching pennies."""

        def policies(self) -> tuple[TablePolicy, ...]:
            return self._near(1.0)

    assert_agrees_with_theory(TabularQ, "matching-pennies", training=QUICK, seeds=5)
    with pytest.raises(AssertionError, match="settles nowhere"):
        assert_agrees_with_theory(Still, "matching-pennies", training=QUICK, seeds=5)


def test_rest_at_no_equilibrium_agrees_with_no_theory():
    """Of both kinds of play by gradients: that goes round, and of which theory says nothing."""

    class Stuck(TabularQ):
        """Comes to rest at the first actions of all."""

        def policies(self) -> tuple[TablePolicy, ...]:
            rows = [np.eye(q.shape[1])[[0] * len(q)] for q in self.q]
            return tuple(map(TablePolicy, rows)) if self.counts[0].sum() > 50 else self._near(1.0)

    nothing_said = NormalForm([[[0, 1], [1, 0]], [[1, 1], [0, 1]]])  # best replies that are not played
    for game in ("matching-pennies", nothing_said):
        with pytest.raises(AssertionError, match="5 diverged"):
            assert_agrees_with_theory(Stuck, game, training=QUICK, seeds=5)


@pytest.mark.parametrize("asked", [assert_converges, assert_agrees_with_theory])
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"seeds": 4}, "4 seeds can prove nothing with 0.95 confidence; it takes at least 5"),
        ({"seeds": 0}, "0 seeds can prove nothing"),
        ({"seeds": 5, "confidence": 0.999}, "5 seeds can prove nothing"),
        ({"seeds": [1, 2, 3, 4, 5, 1]}, "named twice"),
        ({"seeds": 2.5}, "how many, or which"),
        ({"family": "magnett"}, "did you mean magnet"),
    ],
)
def test_what_can_prove_nothing_is_refused_before_anything_runs(asked, how, said):
    """An assertion that runs nothing is passed by every learner."""

    def never(seen: Any, actions: Any, *, seed: int) -> Any:
        raise AssertionError("it was run")

    with pytest.raises(GameError, match=said):
        asked(never, "matching-pennies", training=QUICK, **how)


# --- suites ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_can_be_played_and_names_each_game_once(name):
    labels = [game.label for game in suite(name)]
    assert len(set(labels)) == len(labels)
    for game in suite(name):
        assert game.environment().formal is not None
        assert game.settings().epsilon == game.epsilon


def test_suites_are_as_large_as_they_say():
    assert len(SUITES["small"]) >= 6
    assert len(SUITES["standard"]) >= 20
    assert {game.label for game in SUITES["full"]} > {game.label for game in SUITES["standard"]}
    with pytest.raises(UnknownName, match="standard"):
        suite("standart")
