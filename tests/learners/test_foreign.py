"""Callables as policies: what they are shown, what they may answer, and that it counts like any policy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import environments
from environments import find
from gametheory import certify, streams
from gametheory.errors import GameError, UnknownName
from gametheory.planning.monte_carlo import monte_carlo
from gametheory.policy import TablePolicy
from learners.external.policies import Answers, Mask, as_policies, callable_policy
from learners.judge.policies import evaluate_policies
from learners.learner import MaskedPolicy
from learners.running.rollout import play

KUHN = find("kuhn-poker")
SIZES = [spec.size for spec in KUHN.game.observation_specs]
laws = st.lists(st.floats(0, 1), min_size=sum(SIZES), max_size=sum(SIZES)).map(np.array)


def tables(numbers):
    """Per agent a law over pass and bet for each of the things that it may see."""
    return [np.stack([own, 1 - own], axis=1) for own in np.split(numbers, SIZES[:1])]


def test_a_uniform_poker_player_has_the_published_nash_conv():
    # 11/12 is what OpenSpiel 2.0.2 computes for its UniformRandomPolicy
    found = evaluate_policies(KUHN, [lambda seen: [0.5, 0.5]] * 2, plays=50)
    assert found.nash_conv == pytest.approx(11 / 12)
    assert (found.certificate.kind, found.error, found.estimated) == (None, 0.0, ())


@settings(deadline=None, max_examples=20)
@given(laws)
def test_told_laws_count_like_the_tables_they_are_read_from(numbers):
    own = tables(numbers)
    functions = [lambda seen, table=table: table[seen] for table in own]
    found = evaluate_policies(KUHN, functions, plays=2)
    want = certify(KUHN.formal, [TablePolicy(table) for table in own])
    assert found.nash_conv == pytest.approx(float(want.nash_conv), abs=1e-9)
    policies = as_policies(KUHN.game, functions)
    assert float(certify(KUHN.formal, policies).nash_conv) == pytest.approx(found.nash_conv, abs=1e-9)


@settings(deadline=None, max_examples=10)
@given(laws, st.integers(0, 2**32))
def test_plays_are_those_of_the_table_row_by_row_or_at_once(numbers, seed):
    own = tables(numbers)
    rows = [callable_policy(lambda seen, t=table: t[seen], KUHN.game, i) for i, table in enumerate(own)]
    batches = [
        callable_policy(lambda seen, t=table: t[seen], KUHN.game, i, batched=True)
        for i, table in enumerate(own)
    ]
    want = play(KUHN.game, [TablePolicy(table) for table in own], seed=seed, plays=20, episode_limit=9)
    for policies in (rows, batches):
        got = play(KUHN.game, policies, seed=seed, plays=20, episode_limit=9)
        np.testing.assert_array_equal(got, want)


def test_who_sees_nothing_is_not_asked():
    shown = []

    def watch(seen):
        shown.append(seen)
        return 0

    policies = [callable_policy(watch, KUHN.game, i, answers=Answers.DRAW) for i in range(2)]
    play(KUHN.game, policies, seed=0, plays=30, episode_limit=9)
    assert shown
    assert all(0 <= seen < KUHN.game.observation_specs[0].size for seen in shown)


def test_a_callable_sees_what_pettingzoo_shows():
    pettingzoo = pytest.importorskip("environments.pettingzoo_env")
    game = environments.make("tic-tac-toe")
    env = pettingzoo.GameAECEnv(game)
    env.reset(seed=0)
    there, here = [], []

    def first(shown):
        here.append(shown)
        return int(np.argmax(shown["action_mask"]))

    while not all(env.terminations.values()):
        there.append(env.observe(env.agent_selection))
        env.step(int(np.argmax(there[-1]["action_mask"])))
    policies = [callable_policy(first, game, i, answers=Answers.DRAW) for i in range(2)]
    play(game, policies, seed=0, plays=1, episode_limit=99)
    played = here[: len(there)]  # then a new play begins
    for mine, theirs in zip(played, there, strict=True):
        assert mine["observation"] == theirs["observation"]
        np.testing.assert_array_equal(mine["action_mask"], theirs["action_mask"])
        assert mine["action_mask"].dtype == theirs["action_mask"].dtype


def test_masks_within_in_info_or_nowhere():
    game = environments.make("tic-tac-toe")

    def within(shown):
        return shown["action_mask"] / shown["action_mask"].sum()

    def info(seen, told):
        assert np.ndim(seen) == 0
        return told["action_mask"] / told["action_mask"].sum()

    here = [callable_policy(within, game, i) for i in range(2)]
    there = [callable_policy(info, game, i, mask=Mask.INFO) for i in range(2)]
    assert all(isinstance(policy, MaskedPolicy) for policy in here + there)
    paid = [play(game, own, seed=4, plays=40, episode_limit=9) for own in (here, there)]
    np.testing.assert_array_equal(*paid)
    # code that hands over no mask: a table knows what is legal
    assert abs(monte_carlo(game.posg, here, plays=40, seed=0).mean.sum()) < 1e-12
    blind = callable_policy(lambda seen: 0, game, "X", mask=Mask.NOTHING)
    with pytest.raises(GameError, match=r"agent X answered 0 .* legal are"):
        play(game, [blind, here[1]], seed=0, plays=4, episode_limit=9)
    pushy = callable_policy(lambda shown: np.full(9, 1 / 9), game, "X")
    with pytest.raises(GameError, match=r"agent X answered .* 9 probabilities .*; legal are"):
        play(game, [pushy, here[1]], seed=0, plays=4, episode_limit=9)


@pytest.mark.parametrize("batched", [False, True])
def test_a_memory_is_carried_and_certified(batched):
    """Passing first and betting half of the time on the second move: counted by a callable."""

    def second(seen, memory):
        count, half = memory
        bet = (count >= 1) * (1 - half)
        return np.stack([1 - bet, bet], axis=-1), (count + 1, half)

    labels = KUHN.game.observation_specs[0].labels
    rows = [[0.5, 0.5] if label == "bet" else [1, 0] for label in labels]  # who sees a bet moves again
    bets = TablePolicy(np.array([[0, 1]] * SIZES[1]))
    mine = [callable_policy(second, KUHN.game, 0, batched=batched, memory=(0, 0.5)), bets]
    same = [TablePolicy(np.array(rows)), bets]
    assert mine[0].start(3)[0].shape == (3,)
    found = evaluate_policies(KUHN, mine, plays=100)
    want = certify(KUHN.formal, same)
    assert found.certificate.regrets == pytest.approx([float(r) for r in want.regrets])
    folded = certify(KUHN.formal, mine)  # through `remember`, history by history
    assert [float(r) for r in folded.regrets] == pytest.approx([float(r) for r in want.regrets])
    paid = [play(KUHN.game, own, seed=1, plays=50, episode_limit=9) for own in (mine, same)]
    np.testing.assert_array_equal(*paid)


def test_a_memory_without_a_law_leaves_returns_and_says_why():
    game = KUHN.game
    drawn = [
        callable_policy(lambda seen, memory: (0, memory + 1), game, i, answers=Answers.DRAW, memory=0)
        for i in range(2)
    ]
    found = evaluate_policies(KUHN, drawn, plays=10)
    assert found.certificate is None
    assert "agent 1 has a memory and does not tell" in found.why
    assert found.returns.shape == (10, 2)


def test_tensors_and_single_precision_are_let_in():
    torch = pytest.importorskip("torch")
    logits = torch.tensor([0.1, 2.0], requires_grad=True)
    law = callable_policy(lambda seen: torch.softmax(logits, 0), KUHN.game, 0)
    want = np.exp([0.1, 2.0]) / np.exp([0.1, 2.0]).sum()
    np.testing.assert_allclose(law.probabilities(None, np.array([0, 1]))[1], want, rtol=1e-6)
    market = find("cournot", {"a": "1/10", "c": 0})  # 1/10 rounds up in single precision
    most = callable_policy(lambda seen: np.float32(0.1), market.game, 0, answers=Answers.ACTION)
    _, action = most.act(None, np.zeros(2, dtype=int), streams.seed_keys(0, 2))
    assert action.shape == (2, 1)
    assert (action <= 0.1).all()


def test_policies_by_name_in_order_or_from_the_game():
    game = environments.make("prisoners-dilemma")
    one, two = TablePolicy(np.array([[1, 0]] * 2)), TablePolicy(np.array([[0, 1]] * 2))
    assert as_policies(game, {"2": two, "1": one}) == (one, two)
    assert as_policies(game, [one, two]) == (one, two)
    assert as_policies(game, lambda played: dict.fromkeys(played.agents, one)) == (one, one)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([lambda seen: 2] * 2, "agent 1 answered 2 when it saw 1; it must be a whole number from 0 to 1"),
        ([lambda seen: [0.2, 0.3, 0.5]] * 2, r"agent 1 answered \[0.2, 0.3, 0.5\]"),
        ([lambda seen: [0.5, 0.6]] * 2, r"agent 1 answered \[0.5, 0.6\] .* 2 probabilities"),
        ([lambda seen: [1.5, -0.5]] * 2, "2 probabilities"),
        ([lambda seen: [float("nan"), 1]] * 2, "2 probabilities"),
        ([lambda seen: 0.5] * 2, "agent 1 answered 0.5"),
        ([lambda seen: None] * 2, "agent 1 answered None"),
        ([lambda seen: "defect"] * 2, "agent 1 answered 'defect'"),
        ([lambda seen: 1 // 0] * 2, "agent 1 gives ZeroDivisionError when it sees 0"),
        ([1, 2], "agent 1 is of type int"),
        ([int, int], "agent 1 is the class int"),
        ([lambda seen: 0], "1 policy for 2 agents"),
        ({"1": lambda seen: 0}, "agent 2 has no policy"),
        (7, "of type int; they must be a list"),
        ("ab", "of type str; they must be a list"),
    ],
)
def test_wrong_answers_name_the_agent_and_the_value(given, words):
    with pytest.raises(GameError, match=words) as caught:
        evaluate_policies("prisoners-dilemma", given, plays=5)
    assert "\n" not in str(caught.value)


def test_wrong_shapes_of_batches_boxes_and_memories():
    game, market = environments.make("prisoners-dilemma"), environments.make("cournot")
    with pytest.raises(UnknownName, match="'one'"):
        as_policies(game, {"one": lambda seen: 0, "2": lambda seen: 0})
    short = callable_policy(lambda seen: np.zeros(1, dtype=int), game, 0, batched=True)
    with pytest.raises(GameError, match="it must be 3 rows"):
        short.act(None, np.zeros(3, dtype=int), streams.seed_keys(0, 3))
    for answer in (9.5, -1, [1, 2], float("nan")):
        out = callable_policy(lambda seen, answer=answer: answer, market, 1)
        with pytest.raises(GameError, match=r"agent firm 2 answered .* 1 number in \[0.0\] … \[9.0\]"):
            out.act(None, np.zeros(1, dtype=int), streams.seed_keys(0, 1))
    with pytest.raises(GameError, match=r"it must be \(answer, next memory\)"):
        callable_policy(lambda seen, memory: 0, game, 0, memory=1)
    grows = callable_policy(
        lambda seen, memory: (0, np.append(memory, 1)), game, 0, answers=Answers.DRAW, memory=np.zeros(2)
    )
    with pytest.raises(GameError, match="changed the shape of its memory"):
        grows.act(grows.start(2), np.zeros(2, dtype=int), streams.seed_keys(0, 2))
    with pytest.raises(GameError, match="agents 0 … 1"):
        callable_policy(lambda seen: 0, game, 5)
