"""The strategies for tabular games reach what they promise, and shrink."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from gametheory.tables.kernels import JointObservations
from gametheory.testing_games import aecgs, assert_equivalent, policies, posgs

quick = settings(
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    deadline=None,
    max_examples=2000,
    database=None,
)


def smallest(strategy, wanted=lambda game: True):
    return find(strategy, wanted, settings=quick)


REACHED = {
    "⊥ where play goes on": lambda g: np.any(g.null & ~g.terminal[:, None]),
    "a joint kernel": lambda g: isinstance(g.observations, JointObservations),
    "a joint first kernel beside factored ones": lambda g: (
        isinstance(g.initial_observations, JointObservations)
        and not isinstance(g.observations, JointObservations)
    ),
    "signals that depend on one's own action": lambda g: (
        not isinstance(g.observations, JointObservations)
        and any(np.any(own != own[:, :1]) for own in g.observations.kernels)
    ),
    "random rewards": lambda g: np.any(np.diff(g.branches.indptr) > len(g.states)),
    "an end": lambda g: np.any(g.terminal) and not np.all(g.terminal),
    "a legal set that matters": lambda g: any(own is not None and not np.all(own) for own in g.legal),
    "γ by state": lambda g: len(set(g.discount)) > 1,
}


@pytest.mark.parametrize("name", REACHED)
def test_posgs_reach_every_feature(name):
    game = find(posgs(), REACHED[name], settings=settings(quick, phases=[Phase.generate]))
    assert len(game.agents) <= 2


def test_they_shrink_to_the_smallest_game():
    game = smallest(posgs())
    assert game.branches.row_count == 1
    assert not np.any(game.branches.rewards)
    cycle = smallest(aecgs())
    assert cycle.node_count == 1
    busy = smallest(aecgs(agents=1), lambda g: set(g.movers.tolist()) == {0, 1})
    assert busy.node_count == 2


@given(st.data(), st.one_of(posgs(), aecgs()))
@settings(deadline=None)
def test_policies_fit_their_game_and_are_legal(data, game):
    for i, policy in enumerate(data.draw(policies(game))):
        assert policy.table.shape == (game.observation_counts[i] + 1, game.action_counts[i])
        if game.legal[i] is not None:
            own = policy.table[: len(game.legal[i])]
            assert not np.any((own > 0) & ~game.legal[i])


def test_assert_equivalent_accepts_a_game_itself():
    game = smallest(posgs())
    assert_equivalent(game, game)
