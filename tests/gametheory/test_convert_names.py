"""Conversion commutes with other names of states, agents and actions, in another order."""

from collections import Counter

import numpy as np
from forward_play import named, play_aecg
from hypothesis import given, settings
from hypothesis import strategies as st

from gametheory.convert import posg_to_aecg
from gametheory.posg import POSG
from gametheory.tables.dense import Rewards
from gametheory.tables.kernels import FactoredObservations, JointObservations
from gametheory.testing_games import policies, posgs


def renamed(posg, states, agents, actions):
    """The game with state k called ``states[k]``, agent i ``agents[i]``, its action a ``actions[i][a]``."""
    old = [int(s) for s in np.argsort(states)]
    who = [int(i) for i in np.argsort(agents)]
    own = [np.argsort(actions[i]) for i in who]
    n = len(who)

    def turned(array, first, states_at):
        """Agents' axes ``first … first+n−1`` into the new order, and the listed state axes."""
        axes = list(range(array.ndim))
        axes[first : first + n] = [first + i for i in who]
        array = array.transpose(axes)
        for axis in states_at:
            array = np.take(array, old, axis=axis)
        for k in range(n):
            array = np.take(array, own[k], axis=first + k)
        return array

    tables = posg.tables
    weights = tables.rewards.probabilities
    rewards = Rewards(
        turned(tables.rewards.values[who], 2, (1, 2 + n)),
        None if weights is None else turned(weights, 1, (0, 1 + n)),
    )
    kernels, first = posg.observations, posg.initial_observations
    if isinstance(kernels, FactoredObservations):
        seen = [kernels.kernels[i][old][:, own[k]] for k, i in enumerate(who)]
    else:
        joint = turned(kernels.kernel, 1, (0,))
        seen = JointObservations(joint.transpose([*range(1 + n), *(1 + n + i for i in who)]))
    if isinstance(first, FactoredObservations):
        first = [first.kernels[i][old] for i in who]
    elif first is not None:
        first = first.kernel[old].transpose([0, *(1 + i for i in who)])
    return POSG(
        turned(tables.transitions, 1, (0, 1 + n)),
        rewards,
        seen,
        posg.initial[old],
        posg.discount[old],
        initial_observations=first,
        null=posg.null[old][:, who],
        legal=[None if posg.legal[i] is None else posg.legal[i][:, own[k]] for k, i in enumerate(who)],
        terminal=np.flatnonzero(posg.terminal[old]),
    )


@settings(max_examples=60)
@given(st.data())
def test_conversion_commutes_with_other_names(data):
    posg = data.draw(posgs(agents=2))
    states = data.draw(st.permutations(range(len(posg.states))))
    agents = data.draw(st.permutations(range(2)))
    actions = [data.draw(st.permutations(range(count))) for count in posg.action_counts]
    twin = renamed(posg, states, agents, actions)
    aecg, c = posg_to_aecg(posg)
    other, d = posg_to_aecg(twin)
    profile = data.draw(policies(posg))
    who = np.argsort(agents)
    swapped = [type(profile[i])(profile[i].table[:, np.argsort(actions[i])]) for i in who]
    last = 1 + 2 * 3
    for moves in range(1, last + 1, 3):
        weights, returns = list(play_aecg(aecg, profile, last))[moves]
        twins, paid = list(play_aecg(other, swapped, last))[moves]
        own = {(states[s], scale): p for (s, scale), p in named(weights, c.posg_states).items()}
        assert own == named(twins, d.posg_states)
        assert [returns[i] for i in who] == paid
    if list(agents) == [0, 1]:  # the order of play is the agents' order, and shapes the nodes
        counts = Counter(states[s] if s >= 0 else s for s in c.posg_states.tolist())
        assert counts == Counter(d.posg_states.tolist())
