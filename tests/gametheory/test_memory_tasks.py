"""What remembering is worth in the T-maze and in recall: solvers and enumeration against arithmetic."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.catalogue.sequential.memory import Recall, TMaze, recall, t_maze
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.load import load
from gametheory.planning.memoryless import acted_on, best_memoryless
from gametheory.policy import TablePolicy
from gametheory.simulate import TabularGame
from gametheory.solve import solve
from gametheory.streams import seed_keys
from gametheory.tabulate import tabulate

GAMMA = Fraction(49, 50)  # Bakker 2001: 0.98
MEAN_ARM = (4 - Fraction(1, 10)) / 2  # blind at the junction: 4 or −0.1 with probability 1/2 each


def optimum(game, horizon):
    found = solve(game, concept="optimal", horizon=horizon)
    assert found.outcome == "solved"
    return found.values[0][0]


@pytest.mark.parametrize("corridor", [1, 2, 4, 10])
def test_in_the_maze_memory_is_worth_2_05_at_the_junction(corridor):
    game = t_maze(corridor)
    with_memory, without = optimum(game, corridor + 1), best_memoryless(game, corridor + 1).value
    assert (with_memory, without) == (4 * GAMMA**corridor, MEAN_ARM * GAMMA**corridor)


def arrival(corridor, slip):
    """``E[γ^(T−1)]`` where T counts the steps until one more than ``corridor`` have not slipped."""
    step = (1 - slip) * GAMMA / (1 - slip * GAMMA)
    return step ** (corridor + 1) / GAMMA


@pytest.mark.parametrize("slip", [Fraction(0), Fraction(1, 10), Fraction(1, 2)])
def test_with_slips_and_for_ever_the_same_sums_are_discounted_by_the_time_of_arrival(slip):
    game = t_maze(2, slip)
    assert best_memoryless(game).value == MEAN_ARM * arrival(2, slip)
    found = solve(game, concept="optimal")
    bound = 4 * arrival(2, slip)
    assert bound - Fraction(1, 1000) <= found.values[0][0] <= bound  # the solver's gap is 1e-3


@pytest.mark.parametrize(("symbols", "delay"), [(2, 0), (2, 2), (3, 1), (4, 0)])
def test_recall_pays_1_with_memory_and_one_in_m_without(symbols, delay):
    game = recall(symbols, delay)
    assert optimum(game, delay + 2) == 1
    assert best_memoryless(game).value == Fraction(1, symbols)


def test_a_noisy_cue_costs_its_noise():
    assert optimum(recall(2, 1, "1/10"), 3) == Fraction(9, 10)
    assert optimum(recall(3, 0, "1/4"), 2) == Fraction(3, 4)
    assert best_memoryless(recall(3, 0, "1/4")).value == Fraction(1, 3)


def test_a_relay_passes_the_symbol_on_and_noise_adds_up():
    assert optimum(recall(agents=2, delay=0), 4) == 1
    # right after two hops: right twice or wrong twice
    assert optimum(recall(agents=2, delay=0, noise="1/10"), 4) == Fraction(9, 10) ** 2 + Fraction(1, 10) ** 2
    assert best_memoryless(recall(agents=2, delay=0)).value == Fraction(1, 2)


TABLES = st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any)


@given(st.lists(TABLES, min_size=6, max_size=6))
@settings(max_examples=30)
def test_no_random_memoryless_policy_beats_the_best_sure_one_in_the_maze(rows):
    policy = TablePolicy([[Fraction(weight, sum(row)) for weight in row] for row in rows])
    assert evaluate(t_maze(2), [policy], 6)[0] <= MEAN_ARM * GAMMA**2


def test_signs_are_seen_at_the_start_alone_and_walls_cost():
    rules = TMaze(corridor=2)
    (_, start, seen), _ = rules.initial()
    assert seen == ("sign north",)
    north, east, south, west = range(4)
    stand = [own for own in rules.outcomes(start, (west,)) if own.probability]
    assert [(own.state, own.rewards) for own in stand] == [(start, (Fraction(-1, 10),))]
    at, sights = start, []
    for _ in range(2):
        at, _, seen = next(iter(rules.outcomes(at, (east,))))[1:]
        sights.append(seen)
    assert sights == [("corridor",), ("junction",)]
    ends = [next(iter(rules.outcomes(at, (action,)))) for action in (north, south)]
    assert [(own.rewards, rules.terminal(own.state)) for own in ends] == [
        ((4,), True),
        ((Fraction(-1, 10),), True),
    ]


def test_tables_and_plays_come_from_the_one_definition():
    for rules, game in (
        (TMaze(), t_maze()),
        (Recall(), recall()),
        (Recall(3, 1, 0, 2), recall(3, 1, agents=2)),
    ):
        table = tabulate(rules)
        assert table.states == game.states
        assert table.exact
    played = TabularGame(t_maze(1)).reset(seed_keys(0, 400))
    share = (played.observations[0] == 0).mean()
    assert 0.4 < share < 0.6  # five standard deviations around 1/2


def test_the_catalogue_knows_what_they_are_worth():
    for name, horizon in (("t-maze", 6), ("recall", 4)):
        game = load(name)
        assert optimum(game, horizon) == {"t-maze": 4 * GAMMA**5, "recall": 1}[name]


def test_memoryless_policies_are_those_of_the_observations_that_are_acted_on():
    maze = t_maze(3)
    assert [maze.observation_labels[0][k] for k in acted_on(maze, 0)] == [
        "sign north", "sign south", "corridor", "junction",
    ]  # fmt: skip
    assert best_memoryless(maze, 2).tried == 4**4
    tiger = load("tiger")  # no first observation: `start` is acted on too
    assert acted_on(tiger, 0) == [0, 1, 2]
    tables = [[list(row) for row in rows] for rows in product([(1, 0, 0), (0, 1, 0), (0, 0, 1)], repeat=3)]
    assert best_memoryless(tiger, 3).value == max(evaluate(tiger, [TablePolicy(own)], 3)[0] for own in tables)
    assert acted_on(load("dec-tiger"), 1) == [0, 1, 2]  # a joint kernel


@pytest.mark.parametrize(
    ("build", "options", "message"),
    [
        (t_maze, {"corridor": 0}, "corridor is 0"),
        (t_maze, {"corridor": 2.0}, "corridor is 2.0"),
        (t_maze, {"slip": 1}, "slip is 1"),
        (t_maze, {"slip": float("nan")}, "slip"),
        (t_maze, {"discount": 2}, "discount"),
        (recall, {"symbols": 1}, "symbols is 1"),
        (recall, {"delay": -1}, "delay is -1"),
        (recall, {"noise": "-1/10"}, "noise is -1/10"),
        (recall, {"agents": 0}, "agents is 0"),
        (recall, {"agents": True}, "agents is True"),
    ],
)
def test_parameters_out_of_range_are_named(build, options, message):
    with pytest.raises(GameError, match=message):
        build(**options)


def test_games_without_a_common_reward_or_too_large_are_refused():
    with pytest.raises(GameError, match="rewards differ"):
        best_memoryless(load("battle-of-the-sexes-2"), 2)
    with pytest.raises(GameError, match="256 memoryless policies"):
        best_memoryless(t_maze(), 6, most=255)
