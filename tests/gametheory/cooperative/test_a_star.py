"""Optimal joint policies: published optima, and every joint policy tried on small random games."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tick_clock import TickClock

from gametheory.cooperative.a_star import multi_agent_a_star
from gametheory.cooperative.bounds import Bounds
from gametheory.cooperative.model import model
from gametheory.cooperative.stages import first_stage, next_stage
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.extensive.unroll import unroll
from gametheory.extensive.values import tree_values
from gametheory.files import read
from gametheory.load import load
from gametheory.posg import POSG
from gametheory.solve import solve
from gametheory.solvers.clock import Clock
from gametheory.testing import distributions

SHARED = Path(__file__).parents[4] / "shared" / "games"


@st.composite
def teams(draw, states=2, actions=2, seen=2, agents=2):
    """Random cooperative POSGs in which everybody acts in every step."""
    shape = (states, *[actions] * agents)
    rows = [draw(distributions(states, 3)) for _ in range(int(np.prod(shape)))]
    P = np.array(rows, dtype=object).reshape(*shape, states)
    table = np.array(draw(st.lists(st.integers(-3, 3), min_size=P[..., 0].size, max_size=P[..., 0].size)))
    kernels = [
        np.array([draw(distributions(seen, 3)) for _ in range(states * actions)], dtype=object).reshape(
            states, actions, seen
        )
        for _ in range(agents)
    ]
    return POSG(
        P,
        [table.reshape(shape)] * agents,
        kernels,
        initial=draw(distributions(states, 3)),
        discount=draw(st.sampled_from(["1", "9/10"])),
    )


@settings(max_examples=5, deadline=None)
@given(teams())
def test_no_pure_joint_policy_is_better(game):
    """By trying all of them: a team has an optimal pure policy."""
    tree = unroll(game, 2)
    assume(np.prod(tree.widths.astype(float)) <= 2**10)
    best = None
    for choice in product(*map(range, tree.widths)):
        every = np.array(
            [Fraction(a == c) for w, c in zip(tree.widths, choice, strict=True) for a in range(w)],
            dtype=object,
        )
        value = tree_values(tree, [every[span] for span in tree.spans])[0]
        best = value if best is None else max(best, value)
    found = multi_agent_a_star(game, horizon=2)
    assert found.outcome == "solved"
    assert evaluate(game, found.profiles[0], 2)[0] == best
    assert found.values[0][0] == pytest.approx(float(best), abs=1e-8)
    assert found.parameters["upper_bound"] >= float(best) - 1e-8


@settings(max_examples=25, deadline=None)
@given(teams(), st.integers(1, 3))
def test_bounds_never_fall_below_what_a_policy_earns(game, horizon):
    team = model(game)
    bound = Bounds(team, Clock()).values(team.start, horizon).max(axis=1).sum()
    found = multi_agent_a_star(game, horizon=horizon)
    assert float(evaluate(game, found.profiles[0], horizon)[0]) <= bound + 1e-8


@settings(max_examples=25, deadline=None)
@given(st.data(), teams())
def test_merging_histories_keeps_all_probability(data, game):
    stage = first_stage(model(game))
    for _ in range(3):
        total = stage.weights.sum()
        rules = [tuple(data.draw(st.integers(0, 1)) for _ in range(count)) for count in stage.counts]
        stage = next_stage(model(game), stage, rules)
        assert stage.weights.sum() == pytest.approx(total * float(game.discount[0]))


DEC_TIGER = {2: -4.0, 3: 5.190812, 4: 4.802755, 5: 7.026451, 6: 10.381625}
"""Oliehoek, Spaan, Amato & Whiteson, JAIR 46, 2013, tables of optimal values."""


@pytest.mark.parametrize("horizon", [2, 3, 4, 5])
def test_dec_tiger(horizon):
    solution = solve(load("dec-tiger"), "optimal", horizon=horizon)
    assert solution.outcome == "solved"
    assert float(solution.values[0][0]) == pytest.approx(DEC_TIGER[horizon], abs=1e-6)
    assert solution.certificates[0].kind == "exact"  # nobody gains by deviating alone, in rationals


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collection of foreign game files is not here")
@pytest.mark.parametrize(
    ("horizon", "value"), [(2, 2.0), (3, 2.99), (4, 3.89), (5, 4.79), (6, 5.69), (20, 18.313228)]
)
def test_broadcast_channel(horizon, value):
    """The same tables."""
    found = multi_agent_a_star(read(SHARED / "broadcastChannel.dpomdp"), horizon=horizon)
    assert found.values[0][0] == pytest.approx(value, abs=1e-6)


def test_one_agent_is_a_pomdp():
    """The tiger problem undiscounted: listening pays only once it makes opening a door worth it."""
    game = load("tiger")
    values = [float(solve(game, "optimal", horizon=h).values[0][0]) for h in (1, 2)]
    assert values == [-1, pytest.approx(-1.95)]


def test_a_time_limit_leaves_a_policy_and_a_bound():
    found = multi_agent_a_star(load("dec-tiger"), horizon=8, clock=TickClock(50))
    assert found.outcome == "time limit"
    value = float(evaluate(load("dec-tiger"), found.profiles[0], 8)[0])
    assert value == pytest.approx(found.values[0][0], abs=1e-6)
    # The optimum, 12.21726 (Koops, Jansen, Junges & Simão, IJCAI 2023), lies between.
    assert value <= 12.21726 + 1e-5
    assert found.parameters["upper_bound"] >= 12.21726 - 1e-5


def test_what_it_cannot_solve_is_said():
    with pytest.raises(GameError, match="needs a horizon"):
        multi_agent_a_star(load("dec-tiger"))
    with pytest.raises(GameError, match=r"not fully cooperative: in state .* pays \['1', '-1'\]"):
        multi_agent_a_star(load("matching-pennies").to_posg(), horizon=1)
    with pytest.raises(GameError, match="not always legal"):
        multi_agent_a_star(load("goofspiel-3"), horizon=2)
