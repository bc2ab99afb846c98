"""n-step transitions and own turns: against sums over the recorded play."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.policy import uniform_profile
from learners.experience.steps import NStep
from learners.experience.turns import OwnTurns
from learners.learner import Transition
from learners.running.rollout import advance, begin


def played(game: Any, seed: int, plays: int, steps: int, limit: int) -> list[Transition]:
    policies = uniform_profile(game.action_specs)
    rollout, out = begin(game, policies, seed=seed, plays=plays), []
    for _ in range(steps):
        rollout, transition, *_ = advance(game, policies, rollout, limit)
        out.append(transition)
    return out


def sums(record, row, agent, first, last):
    """Discounted reward and discount from step ``first`` to ``last`` inclusive."""
    total, weight = 0.0, 1.0
    for step in record[first : last + 1]:
        total += weight * step.rewards[row, agent]
        weight *= step.discount[row]
    return total, weight


def ends(step, row):
    return bool(step.terminated[row] or step.truncated[row])


def key(seen, action, reward, after, discount, terminated, truncated):
    return (int(seen), int(action), round(float(reward), 9), int(after), round(float(discount), 9),
            bool(terminated), bool(truncated))  # fmt: skip


def decisions(parts, agent):
    return sorted(
        key(p.observations[agent][b], p.actions[agent][b], p.rewards[b, agent], p.next_observations[agent][b],
            p.discount[b], p.terminated[b], p.truncated[b])
        for p in parts
        for b in np.flatnonzero(p.acting[:, agent])
    )  # fmt: skip


@given(n=st.integers(2, 5), seed=st.integers(0, 2**32), length=st.integers(2, 9), limit=st.integers(2, 6))
@settings(max_examples=25, deadline=None)
def test_n_steps_are_the_sums_over_the_play(doubles, n, seed, length, limit):
    record = played(doubles.Walk(length), seed, 3, 25, limit)
    expected = []
    for row in range(3):
        for t in range(len(record)):
            last = t
            while last - t + 1 < n and last < len(record) - 1 and not ends(record[last], row):
                last += 1
            if last - t + 1 < n and not ends(record[last], row):
                continue  # the record ends before the sum does
            total, weight = sums(record, row, 0, t, last)
            end = record[last]
            expected.append(
                key(record[t].observations[0][row], record[t].actions[0][row], total,
                    end.next_observations[0][row], weight, end.terminated[row], end.truncated[row])
            )  # fmt: skip
    maker, found = NStep(n), []
    for step in record:
        for part in maker.take(step):
            for b in range(len(part.rewards)):
                found.append(
                    key(part.observations[0][b], part.actions[0][b], part.rewards[b, 0],
                        part.next_observations[0][b], part.discount[b], part.terminated[b], part.truncated[b])
                )  # fmt: skip
    assert sorted(found) == sorted(expected)


def test_two_steps_by_hand_at_a_truncation():
    """γ = 1/2; rewards 1, 2, 4; the play is cut off after the third: 1 + 2/2, 2 + 4/2 and 4 alone."""

    def step(reward, seen, truncated=False):
        return Transition(
            (np.array([seen]),), (np.array([0]),), np.array([[reward]]), (np.array([seen + 1]),), np.array([0.5]),
            np.array([False]), np.array([truncated]), np.ones((1, 1), dtype=bool), (None,), (None,),
        )  # fmt: skip

    maker = NStep(2)
    parts = [part for s in (step(1.0, 0), step(2.0, 1), step(4.0, 2, True)) for part in maker.take(s)]
    got = [
        (p.rewards[0, 0], p.discount[0], int(p.next_observations[0][0]), bool(p.truncated[0])) for p in parts
    ]
    assert got == [(2.0, 0.25, 2, False), (4.0, 0.25, 3, True), (4.0, 0.5, 3, True)]


@pytest.mark.parametrize("stops", [1, 4, 9])
def test_both_go_on_exactly_where_they_were(doubles, stops):
    walk, poker = doubles.Walk(6), find("kuhn-poker").game
    for game, make in ((walk, lambda: NStep(3)), (poker, lambda: OwnTurns(poker.observation_specs))):
        record = played(game, 5, 4, 20, 4)
        whole, first = make(), make()
        straight = [part for s in record for part in whole.take(s)]
        parts = [part for s in record[:stops] for part in first.take(s)]
        second = make()
        second.load_state_dict(first.state_dict())
        parts += [part for s in record[stops:] for part in second.take(s)]
        assert len(straight) == len(parts)
        for a, b in zip(straight, parts, strict=True):
            assert np.array_equal(a.rewards, b.rewards)
            assert np.array_equal(a.next_observations[0], b.next_observations[0])
    with pytest.raises(GameError, match="n_step"):
        NStep(4).load_state_dict(NStep(3).state_dict())


@pytest.mark.parametrize("name", ["kuhn-poker", "kuhn-poker-3", "ticks", "battle-of-the-sexes-2"])
@given(seed=st.integers(0, 2**32), limit=st.integers(1, 9))
@settings(max_examples=10, deadline=None)
def test_own_turns_bridge_what_the_others_do(name, seed, limit):
    game = find(name).game
    plays = 4
    record = played(game, seed, plays, 25, limit)
    maker = OwnTurns(game.observation_specs)
    parts = [part for step in record for part in maker.take(step)]
    for agent in range(len(game.agents)):
        expected = []
        for row in range(plays):
            for t, step in enumerate(record):
                if not step.acting[row, agent]:
                    continue
                last = t
                while (
                    not ends(record[last], row)
                    and last + 1 < len(record)
                    and not record[last + 1].acting[row, agent]
                ):
                    last += 1
                end = record[last]
                if not end.terminated[row] and end.next_observations[agent][row] == NULL:
                    continue  # cut off, or the record ends: nobody knows what it would have led to
                total, weight = sums(record, row, agent, t, last)
                after = end.next_observations[agent][row]
                expected.append(
                    key(step.observations[agent][row], step.actions[agent][row], total, after, weight,
                        end.terminated[row], end.truncated[row])
                )  # fmt: skip
        assert decisions(parts, agent) == sorted(expected)
    for part in parts:  # who takes no part has nothing there
        for agent in range(len(game.agents)):
            out = ~part.acting[:, agent]
            assert np.all(part.observations[agent][out] == NULL)
            assert np.all(part.next_observations[agent][out] == NULL)
            assert not part.rewards[out, agent].any()


def test_where_all_act_at_once_own_turns_are_the_steps(doubles):
    game = doubles.Walk(6)
    maker = OwnTurns(game.observation_specs)
    for step in played(game, 2, 3, 12, 4):
        (part,) = maker.take(step)
        assert part is step


def test_turns_are_told_by_who_acts_not_by_what_is_seen(doubles):
    """Some games show agents their boxes all the time; a bootstrap belongs where the agent moves next."""
    game = doubles.Walk(6)
    (step,) = played(game, 2, 3, 1, 100)
    first = np.array([[True, False]] * 3)
    maker = OwnTurns(game.observation_specs)
    assert maker.take(step._replace(acting=first, next_acting=~first)) == ()
    (part,) = maker.take(step._replace(acting=~first, next_acting=first))
    assert np.array_equal(part.acting, first)
    assert np.array_equal(part.rewards[:, 0], 1.5 * step.rewards[:, 0])


def test_a_bet_in_kuhn_poker_is_paid_for_by_what_the_other_does():
    """The first agent bets with a king; the next own turn never comes, and the bet earns 1 or 2."""
    game = find("kuhn-poker").game
    maker = OwnTurns(game.observation_specs)
    labels = game.observation_specs[0].labels
    paid = set()
    for step in played(game, 0, 64, 40, 100):
        for part in maker.take(step):
            mine = part.acting[:, 0] & (part.observations[0] == labels.index("K")) & (part.actions[0] == 1)
            paid |= set(part.rewards[mine, 0].tolist())
            assert part.terminated[mine].all()
    assert paid == {1.0, 2.0}


def test_other_plays_than_before_are_refused():
    game = find("kuhn-poker").game
    maker = OwnTurns(game.observation_specs)
    for step in played(game, 0, 4, 2, 9):  # the deal, and the first agent's turn
        maker.take(step)
    with pytest.raises(GameError, match="a step of 3 plays follows one of 4"):
        maker.take(played(game, 0, 3, 1, 9)[0])


def test_two_steps_of_kuhn_poker_are_an_agents_turn_to_its_next():
    """Its turn comes in every other step, or never again: so two steps at once, and one own turn, are the same."""
    game = find("kuhn-poker").game
    record = played(game, 0, 16, 40, 100)
    sums, turns, bridged = NStep(2), OwnTurns(game.observation_specs), OwnTurns(game.observation_specs)
    double = [part for step in record for two in sums.take(step) for part in turns.take(two)]
    single = [part for step in record for part in bridged.take(step)]
    for agent in (0, 1):
        assert decisions(double, agent) == decisions(single, agent)


def test_several_steps_in_one_are_refused_where_an_agent_waits_for_its_turn():
    game = find("kuhn-poker-3").game
    sums, turns = NStep(2), OwnTurns(game.observation_specs)
    record = [part for step in played(game, 0, 4, 12, 100) for part in sums.take(step)]
    with pytest.raises(GameError, match=r"n_step is 2, and agent \d has no turn after so many steps"):
        [turns.take(step) for step in record]
