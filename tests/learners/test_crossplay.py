"""Cross-play of policies that are known: payoffs, rankings, sampling error, mixtures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from environments import find
from environments.registry import playable
from gametheory import evaluate, streams
from gametheory.errors import GameError, UnknownName
from gametheory.load import load
from gametheory.policy import TablePolicy
from gametheory.testing import normal_forms
from learners.crossplay.contest import concluded
from learners.crossplay.entrants import Entrant, Field
from learners.crossplay.facts import cross_play_facts, own_and_other, payoffs_csv
from learners.crossplay.mixture import PolicyMixture, UniformLegal
from learners.crossplay.ranking import matches, rank
from learners.crossplay.resampling import grouped, of_plays, of_seeds
from learners.crossplay.sides import Side, asked_sides, default_sides
from learners.crossplay.table import Table, evaluate_all
from learners.judge.played import prepared
from learners.running.monitor import Monitor
from learners.running.rollout import play
from learners.training import TrainingSettings

RPS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
PLAIN = TrainingSettings(recall=0)


def field_of(environment, profiles, training=PLAIN, exact=True):
    """Entrants that play the given policies in an environment."""
    monitor = Monitor.of(prepared(environment, training), training, 0)
    if not exact:
        monitor = Monitor(monitor.environment, None, training, 0)
    entrants = [Entrant(f"e{k}", "", "none", 0, 0, tuple(own)) for k, own in enumerate(profiles)]
    return Field(monitor, tuple(entrants))


def tables(shape, seed):
    """A policy with random probabilities, ``[observations, actions]``."""
    weights = 0.05 + streams.uniform(streams.seed_keys(seed, shape[0]), 0, shape[1])
    return TablePolicy(weights / weights.sum(axis=1, keepdims=True))


def legal_table(posg, agent, seed):
    """A random policy over an agent's observations that plays nothing illegal."""
    seen, actions, legal = posg.observation_counts[agent], posg.action_counts[agent], posg.legal[agent]
    weights = tables((seen + 1, actions), seed).table
    weights = weights if legal is None else weights * legal[: seen + 1]
    return TablePolicy(weights / weights.sum(axis=1, keepdims=True))


def pure(actions, action):
    return TablePolicy(np.eye(actions, dtype=int)[[action, action]])


def crossed(field, sides=None, plays=100):
    chosen = default_sides(field.environment.game) if sides is None else sides
    return evaluate_all(field, chosen, plays=plays, seed=1)


@given(normal_forms(agents=(2, 3), max_actions=3), st.integers(1, 3), st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_exact_payoffs_are_those_of_the_joint_policies(game, count, seed):
    """Against ``gametheory.evaluate`` of the game as a POSG, which shares no code with contractions."""
    environment = playable("random", game, {})
    profiles = [
        [tables((2, size), seed + 10 * k + i) for i, size in enumerate(game.shape)] for k in range(count)
    ]
    table = crossed(field_of(environment, profiles))
    assert table.exact
    for joint in np.ndindex(*table.payoffs.shape[1:]):
        seated = [profiles[k][i] for i, k in enumerate(joint)]
        values = [float(value) for value in evaluate(game.to_posg(), seated)]
        assert table.payoffs[(slice(None), *joint)] == pytest.approx(values, abs=1e-9)


@pytest.mark.parametrize(("name", "horizon"), [("kuhn-poker", None), ("dec-tiger", 2), ("soccer", 3)])
def test_exact_payoffs_on_trees_and_over_states(name, horizon):
    training = TrainingSettings(recall=0, horizon=horizon)
    environment = find(name)
    posg = environment.game.posg
    profiles = [[legal_table(posg, i, 7 * k + i) for i in range(2)] for k in range(2)]
    table = crossed(field_of(environment, profiles, training))
    assert table.exact
    for joint in np.ndindex(2, 2):
        values = evaluate(posg, [profiles[k][i] for i, k in enumerate(joint)], horizon)
        assert table.payoffs[(slice(None), *joint)] == pytest.approx([float(v) for v in values], abs=1e-9)


@given(st.permutations(range(4)), st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_permuted_entrants_permute_everything(order, seed):
    environment = find("shapley")
    profiles = [[tables((2, 3), seed + 5 * k + i) for i in range(2)] for k in range(4)]
    one = crossed(field_of(environment, profiles))
    other = crossed(field_of(environment, [profiles[k] for k in order]))
    assert other.payoffs == pytest.approx(one.payoffs[np.ix_(range(2), order, order)])
    first, second = rank(one.payoffs, one.ranges), rank(other.payoffs, other.ranges)
    assert second.mean == pytest.approx(first.mean[list(order)])
    assert second.elo == pytest.approx(first.elo[list(order)], abs=1e-6)
    assert second.alpha_rank == pytest.approx(first.alpha_rank[list(order)], abs=1e-9)


def test_three_pure_policies_of_rock_paper_scissors_are_equals():
    """Elo says they are equal and misses every score by a half; the others say that they go round."""
    profiles = [[pure(3, a), pure(3, a)] for a in range(3)]
    field = field_of(find("rock-paper-scissors"), profiles)
    table = crossed(field)
    assert np.abs(table.payoffs[0]) == pytest.approx(np.abs(RPS))
    found = concluded("rock-paper-scissors", field, table, 100, 0)
    assert found.ranking.alpha_rank == pytest.approx([1 / 3] * 3)
    assert found.ranking.elo == pytest.approx([0, 0, 0], abs=1e-6)
    assert found.ranking.elo_error == pytest.approx(0.5)
    assert found.ranking.nash_weights == pytest.approx([1 / 3] * 3, abs=1e-6)
    assert found.ranking.skills == pytest.approx([0, 0, 0], abs=1e-6)
    assert [own.tolist() for own in found.solution.profiles[0]] == [pytest.approx([1 / 3] * 3)] * 2
    assert found.solution.certificates[0].holds
    assert found.nash_conv == pytest.approx(0, abs=1e-9)  # nobody outside can gain either


def test_a_near_copy_shares_the_weight_of_its_original():
    almost = TablePolicy(np.array([[1 - 2e-5, 1e-5, 1e-5]] * 2))
    profiles = [[pure(3, a), pure(3, a)] for a in range(3)] + [[almost, almost]]
    table = crossed(field_of(find("rock-paper-scissors"), profiles))
    weights = rank(table.payoffs, table.ranges).nash_weights
    assert weights == pytest.approx([1 / 6, 1 / 3, 1 / 3, 1 / 6], abs=1e-6)


def test_where_agents_must_agree_self_play_earns_more():
    profiles = [[pure(2, a), pure(2, a)] for a in range(2)]
    table = crossed(field_of(find("stag-hunt"), profiles))
    told = own_and_other(table.payoffs)
    game = load("stag-hunt").payoffs.astype(float)
    assert told["own"] == pytest.approx([(game[i, 0, 0] + game[i, 1, 1]) / 2 for i in range(2)])
    assert told["other"] == pytest.approx([(game[i, 0, 1] + game[i, 1, 0]) / 2 for i in range(2)])
    ranking = rank(table.payoffs, table.ranges)
    assert ranking.nash_weights is None
    assert "add up" in ranking.why["nash_averaging"]


def test_who_dominates_is_first_in_every_ranking():
    defect = [[pure(2, a), pure(2, a)] for a in range(2)]
    table = crossed(field_of(find("prisoners-dilemma"), defect))
    labels = load("prisoners-dilemma").actions[0]
    ranking = rank(table.payoffs, table.ranges)
    better = int(np.argmax(load("prisoners-dilemma").payoffs[0].astype(float)[:, 0]))
    assert labels[better].startswith("defect")
    assert ranking.order[0] == better == int(np.argmax(ranking.elo))
    assert ranking.alpha_rank[better] > 0.999


def test_ratings_beyond_what_plays_can_tell_are_left_out_and_said():
    """Of twenty who each win every match against all below them."""
    ladder = np.sign(np.subtract.outer(np.arange(20.0), np.arange(20.0)))
    ranking = rank(np.stack([ladder, -ladder]), np.array([2.0, 2.0]))
    assert ranking.elo is None
    assert "never lose" in ranking.why["elo"]
    assert ranking.order[0] == 19


def test_means_over_plays_lie_within_their_errors():
    profiles = [[tables((2, 2), 3 * k + i) for i in range(2)] for k in range(3)]
    exact = crossed(field_of(find("stag-hunt"), profiles))
    drawn = crossed(field_of(find("stag-hunt"), profiles, exact=False), plays=400)
    assert not drawn.exact
    assert exact.errors is None
    assert np.all(np.abs(drawn.payoffs - exact.payoffs) <= 5 * drawn.errors + 1e-12)
    assert np.all(drawn.errors[drawn.samples.std(axis=0) > 0] > 0)


def test_common_random_numbers_make_copies_equal():
    own = [tables((2, 2), i) for i in range(2)]
    drawn = crossed(field_of(find("matching-pennies"), [own, own], exact=False), plays=50)
    assert np.ptp(drawn.payoffs, axis=(1, 2)) == pytest.approx([0, 0])


def test_more_than_two_sides_are_ranked_by_alpha_rank():
    environment = find("three-agent-coordination")
    sizes = environment.formal.shape
    profiles = [[pure(size, k) for size in sizes] for k in range(2)]
    found = concluded("g", field := field_of(environment, profiles), crossed(field), 10, 0)
    assert found.table.payoffs.shape == (3, 2, 2, 2)
    assert found.ranking.elo is None
    assert found.ranking.alpha_rank.sum() == pytest.approx(1)
    assert found.solution.certificates[0].holds
    rows = payoffs_csv(found).splitlines()
    assert len(rows) == 1 + 8
    assert len(cross_play_facts(found)["ranking"]["entrants"]) == 2


def test_too_many_joint_choices_say_how_to_cut_down():
    profiles = [[pure(2, 0)] * 3] * 17  # 17³ = 4,913
    with pytest.raises(GameError, match=r"4,913 joint choices.*--checkpoints last"):
        crossed(field_of(find("three-agent-coordination"), profiles))


@pytest.mark.parametrize(
    ("game", "sides"),
    [
        ("simple_tag", {"adversary": (0, 1, 2), "good": (3,)}),
        ("simple_confuse", {"adversary": (0,), "good": (1, 2)}),
        ("simple_crypto", {"adversary": (0,), "good": (1, 2)}),
        ("simple_spread", {"agent_0": (0,), "agent_1": (1,), "agent_2": (2,)}),
        ("matching-pennies", {"1": (0,), "2": (1,)}),
    ],
)
def test_sides_are_teams_where_the_game_knows_them(game, sides):
    assert {own.name: own.agents for own in default_sides(find(game).game)} == sides


def test_sides_as_they_are_written():
    game = find("simple_tag").game
    whole = asked_sides("adversary/good", game)
    assert whole == asked_sides(None, game)
    assert [own.agents for own in asked_sides("0,agent_0/1,2", game)] == [(0, 3), (1, 2)]
    for text, kind, words in [
        ("adversry/good", UnknownName, "adversary"),
        ("adversary", GameError, "no side"),
        ("adversary/0,good", GameError, "two sides"),
        ("0,1,2,3", GameError, "one side only"),
        ("adversary//good", GameError, "without agents"),
        ("adversary/9", UnknownName, "agent_0"),
    ]:
        with pytest.raises(kind, match=words):
            asked_sides(text, game)


def test_luck_shows_where_there_is_some():
    keys = streams.seed_keys(5, 200)
    noise = streams.normal(keys, 0, 9).reshape(200, 3, 3)
    noisy = np.stack([noise, -noise], axis=1)
    ranges = np.array([8.0, 8.0])
    assert all(own.top < 1 for own in of_plays(noisy, ranges, 0, replicas=40).values())
    ladder = np.array([[0, -1, -2], [1, 0, -1], [2, 1, 0]], dtype=float)
    clear = np.stack([np.broadcast_to(ladder, (200, 3, 3)), np.broadcast_to(-ladder, (200, 3, 3))], axis=1)
    steady = of_plays(clear + 0.01 * noisy, ranges, 0, replicas=40)
    assert set(steady) == {"mean", "elo", "alpha_rank", "nash_weights"}
    assert all(own.top == 1 for own in steady.values())


def test_groups_are_means_over_their_members():
    payoffs = streams.uniform(streams.seed_keys(1, 1), 0, 32).reshape(2, 4, 4)
    even = np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    assert grouped(payoffs, even)[0, 0, 1] == pytest.approx(payoffs[0, :2, 2:].mean())
    alike = np.repeat(np.repeat(np.stack([RPS, -RPS]), 2, axis=1), 2, axis=2)
    found = of_seeds(alike, np.array([0, 0, 1, 1, 2, 2]), np.array([2.0, 2.0]), 0, replicas=20)
    assert all(own.order == 1 for own in found.values())  # seeds that are copies bring no luck


def test_a_match_counts_both_seatings():
    samples = np.zeros((1, 2, 2, 2))
    samples[0, :, 0, 1] = 3, 1  # entrant 0 in the first seat gets 3, entrant 1 gets 1
    samples[0, :, 1, 0] = 5, 2  # seats changed: entrant 1 gets 5, entrant 0 gets 2
    won = matches(samples, np.array([5.0, 5.0]))[0]
    assert won.tolist() == [[0.5, 0.0], [1.0, 0.5]]  # 3 + 2 against 1 + 5


def test_a_mixture_draws_once_a_play_and_by_its_weights():
    mixture = PolicyMixture(tuple(pure(2, a) for a in range(2)), np.array([0.3, 0.7]))
    keys = streams.seed_keys(0, 4000)
    carry, zeros = mixture.start(4000), np.zeros(4000, dtype=int)
    seen = []
    for step in range(3):
        carry, action = mixture.act(carry, zeros, streams.derive(keys, step))
        seen.append(action)
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])
    assert abs(seen[0].mean() - 0.7) < 5 * np.sqrt(0.21 / 4000)
    with pytest.raises(GameError, match="weights"):
        PolicyMixture((pure(2, 0),), np.array([0.3, 0.7]))


def test_uniform_over_what_is_legal():
    policy = UniformLegal(3)
    legal = np.array([[True, False, True], [False, True, False]])
    assert policy.probabilities(None, np.zeros(2), legal).tolist() == [[0.5, 0, 0.5], [0, 1, 0]]
    game = prepared(find("kuhn-poker"), TrainingSettings()).game
    assert play(
        game, [policy_of(spec) for spec in game.action_specs], seed=0, plays=20, episode_limit=9
    ).shape == (20, 2)


def policy_of(spec):
    return UniformLegal(spec.size)


def test_tables_keep_the_order_of_agents_within_sides():
    """A side of agents 0 and 2 is paid both, whoever sits between."""
    environment = find("three-agent-coordination")
    sizes = environment.formal.shape
    profiles = [[tables((2, size), 9 * k + i) for i, size in enumerate(sizes)] for k in range(2)]
    sides = (Side("outer", (0, 2)), Side("inner", (1,)))
    table: Table = crossed(field_of(environment, profiles), sides)
    joint = [profiles[1][0], profiles[0][1], profiles[1][2]]
    values = [float(v) for v in evaluate(environment.formal.to_posg(), joint)]
    assert table.payoffs[:, 1, 0] == pytest.approx([values[0] + values[2], values[1]])
