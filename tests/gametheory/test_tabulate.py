"""Tables of games given as rules or as somebody's program have the law of what they were made from."""

from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gametheory.errors import GameError
from gametheory.game import NULL
from gametheory.normal_form import NormalForm
from gametheory.simulate import TabularGame
from gametheory.tables.assemble import to_aecg
from gametheory.tables.listed import Outcome, explore
from gametheory.tabulate import tabulate

HORIZON = 4


class Rules:
    """A listed game from plain tables; state s shows agent i the letter ``shown[s][i]``."""

    def __init__(self, shown, table, start, choices=None, actions=2, discount=Fraction(1, 2)):
        self.shown, self.table, self.start, self.choices = shown, table, start, choices or {}
        self.agents = tuple(f"agent {i}" for i in range(len(shown[0])))
        self.actions = (tuple("ab"[:actions]),) * len(self.agents)
        self.discount = discount

    def initial(self):
        return [(weight, state, self.shown[state]) for state, weight in self.start]

    def outcomes(self, state, joint):
        return [Outcome(w, s, rewards, self.shown[s]) for w, s, rewards in self.table[state, joint]]

    def acting(self, state):
        return [letter is not None for letter in self.shown[state]]

    def legal(self, state, agent):
        return self.choices.get(self.shown[state][agent])

    def terminal(self, state):
        return state == 0


@st.composite
def listed_games(draw, agents=2, turns=False):
    """Up to four states, 0 terminal; in turns at most one agent acts in a state."""
    count = draw(st.integers(2, 4))
    shown = [(None,) * agents]
    for _ in range(1, count):
        acting = [draw(st.booleans()) for _ in range(agents)]
        if turns:
            mover = draw(st.integers(0, agents))
            acting = [i == mover for i in range(agents)]
        shown.append(tuple(draw(st.sampled_from("xy")) if acts else None for acts in acting))
    choices = {"y": draw(st.sampled_from([None, [1], [0, 1]]))}
    table = {}
    for state in range(1, count):
        own = [(choices.get(letter) or [0, 1]) if letter else [NULL] for letter in shown[state]]
        for joint in np.array(np.meshgrid(*own, indexing="ij")).reshape(agents, -1).T.tolist():
            table[state, tuple(joint)] = draw(laws(count, agents))
    start = [(s, w) for w, s, _ in draw(laws(count, agents)) if s] or [(1, 1)]
    total = sum(w for _, w in start)
    return Rules(shown, table, [(s, Fraction(w, total)) for s, w in start], choices)


@st.composite
def laws(draw, count, agents):
    outcomes = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=3))
    weights = [draw(st.integers(1, 3)) for _ in outcomes]
    rewards = [tuple(draw(st.integers(-2, 2)) for _ in range(agents)) for _ in outcomes]
    return [(Fraction(w, sum(weights)), s, r) for w, s, r in zip(weights, outcomes, rewards, strict=True)]


def script(time, agent, choices):
    """What an agent does at its k-th turn, whatever it sees."""
    return choices[(time + agent) % len(choices)]


def law_of_rules(game, horizon):
    """The law of (who saw what in turn, discounted rewards), straight from the rules."""
    out = defaultdict(Fraction)

    def go(chance, state, events, returns, gamma, times, left):
        if game.terminal(state) or not left:
            out[events, returns] += chance
            return
        seen = game.shown[state]
        choices = [list(game.legal(state, i) or (0, 1)) for i in range(len(seen))]
        joint = tuple(
            script(t, i, own) if letter else NULL
            for i, (letter, own, t) in enumerate(zip(seen, choices, times, strict=True))
        )
        after = tuple(t + (letter is not None) for t, letter in zip(times, seen, strict=True))
        for weight, reached, rewards in game.table[state, joint]:
            paid = tuple(g + gamma * r for g, r in zip(returns, rewards, strict=True))
            go(chance * weight, reached, (*events, seen), paid, gamma * game.discount, after, left - 1)

    zero = (0,) * len(game.agents)
    for state, weight in game.start:
        go(weight, state, (), zero, Fraction(1), zero, horizon)
    return dict(out)


def law_of_posg(posg, horizon):
    """The same law, from the tables."""
    out, n = defaultdict(Fraction), len(posg.agents)
    kernels = [kernel[:, 0] for kernel in posg.observations.kernels]

    def go(chance, state, events, returns, gamma, times, left):
        if posg.terminal[state] or not left:
            out[events, returns] += chance
            return
        numbers = [None if posg.null[state, i] else int(np.argmax(kernels[i][state])) for i in range(n)]
        seen = tuple(None if k is None else posg.observation_labels[i][k] for i, k in enumerate(numbers))
        legal = [
            [0, 1] if own is None or k is None else np.flatnonzero(own[k])
            for own, k in zip(posg.legal, numbers, strict=True)
        ]
        joint = [0 if k is None else script(times[i], i, legal[i]) for i, k in enumerate(numbers)]
        after = tuple(t + (k is not None) for t, k in zip(times, numbers, strict=True))
        for reached, rewards, weight in zip(
            *(np.atleast_1d(x) for x in swapped(posg, state, joint)), strict=True
        ):
            paid = tuple(g + gamma * r for g, r in zip(returns, rewards, strict=True))
            go(chance * weight, reached, (*events, seen), paid, gamma * posg.discount[state], after, left - 1)

    def swapped(posg, state, joint):
        successors, rewards, weights = posg.transition(state, joint)
        return successors, rewards.T, weights

    zero = (0,) * n
    for state, weight in enumerate(posg.initial):
        if weight:
            go(weight, state, (), zero, Fraction(1), zero, horizon)
    return dict(out)


def law_of_turns(aecg, turns):
    """The law of (agent and what it saw, turn by turn; discounted rewards) of an AECG."""
    out, n = defaultdict(Fraction), len(aecg.agents)

    def go(chance, node, events, returns, gamma, times):
        state, mover = aecg.node_states[node], aecg.movers[node]
        if aecg.terminal[state] or (mover < n and len(events) == turns):
            out[events, returns] += chance
            return
        action, after = 0, times
        if mover < n:
            symbol = int(np.argmax(aecg.observations[mover].law(state)))
            own = aecg.legal[mover]
            action = script(times[mover], mover, [0, 1] if own is None else np.flatnonzero(own[symbol]))
            after = tuple(t + (i == mover) for i, t in enumerate(times))
            events = (*events, (int(mover), aecg.observation_labels[mover][symbol]))
        row = aecg.branches.row(node, [action if i == mover else 0 for i in range(n)])
        for k in range(aecg.branches.indptr[row], aecg.branches.indptr[row + 1]):
            rewards = aecg.branches.rewards[:, k]
            paid = tuple(g + gamma * r for g, r in zip(returns, rewards, strict=True))
            weight = chance * aecg.branches.probabilities[k]
            go(weight, aecg.branches.successors[k], events, paid, gamma * aecg.discount[state], after)

    go(Fraction(1), aecg.start, (), (0,) * n, Fraction(1), (0,) * n)
    return dict(out)


@given(listed_games())
def test_the_posg_of_a_listed_game_has_its_law(game):
    posg = tabulate(game)
    assert posg.exact
    assert law_of_posg(posg, HORIZON) == law_of_rules(game, HORIZON)


def ends(game):
    """Whether the environment cannot move for ever, so that so many turns come to an end."""
    waits = {s for s, seen in enumerate(game.shown) if s and not any(seen)}
    return all(s not in waits for (state, _), law in game.table.items() if state in waits for _, s, _ in law)


@given(listed_games(turns=True).filter(ends))
def test_the_aecg_of_a_listed_game_in_turns_has_its_law(game):
    found = explore(game)
    aecg, turns = to_aecg(found), 3
    expected = defaultdict(Fraction)

    def go(chance, state, events, returns, gamma, times):
        acting = [i for i, letter in enumerate(game.shown[state]) if letter]
        if game.terminal(state) or (acting and len(events) == turns):
            expected[events, returns] += chance
            return
        joint, after = [NULL] * 2, times
        for i in acting:
            joint[i] = script(times[i], i, list(game.legal(state, i) or (0, 1)))
            after = tuple(t + (j == i) for j, t in enumerate(times))
            events = (*events, (i, game.shown[state][i]))
        for weight, reached, rewards in game.table[state, tuple(joint)]:
            paid = tuple(g + gamma * r for g, r in zip(returns, rewards, strict=True))
            go(chance * weight, reached, events, paid, gamma * game.discount, after)

    for state, weight in game.start:
        go(weight, state, (), (0, 0), Fraction(1), (0, 0))
    assert law_of_turns(aecg, turns) == dict(expected)


def one_state(**changes):
    parts = {
        "shown": [(None,), ("x",)],
        "table": {(1, (a,)): [(1, 0, (a,))] for a in range(2)},
        "start": [(1, 1)],
    }
    return Rules(**parts | changes)


def test_a_game_that_breaks_the_rules_is_named():
    silent = one_state(table={(1, (NULL,)): [(1, 0, (1,))]})
    silent.acting = lambda state: [False]
    with pytest.raises(GameError, match="agent 0 sees something and makes no choice in state 1"):
        tabulate(silent)
    blind = one_state(shown=[(None,), (None,)])
    blind.acting = lambda state: [True]
    with pytest.raises(GameError, match="agent 0 acts on ⊥ in state 1"):
        tabulate(blind)
    with pytest.raises(GameError, match=r"legal actions \[2\] in state 1; it needs at least one of 0 … 1"):
        tabulate(one_state(choices={"x": [2]}))
    short = one_state(table={(1, (a,)): [(Fraction(1, 2), 0, (0,))] for a in range(2)})
    with pytest.raises(GameError, match=r"state 1.* must be a distribution; it sums to 1/2"):
        tabulate(short)
    with pytest.raises(GameError, match="pays 2 rewards; the game has 1 agents"):
        tabulate(one_state(table={(1, (a,)): [(1, 0, (0, 0))] for a in range(2)}))


def test_what_is_legal_must_follow_from_what_is_seen():
    table = {(s, (a,)): [(1, 2 if s == 1 else 0, (0,))] for s in (1, 2) for a in (0, 1)}
    game = one_state(shown=[(None,), ("x",), ("x",)], table=table)
    game.legal = lambda state, agent: [state - 1]
    with pytest.raises(GameError, match="what is legal must follow from what is seen"):
        tabulate(game)


class Counter(Rules):
    """Every step doubles or keeps a number: far too many states."""

    def __init__(self):
        super().__init__([(None,), ("x",)], {}, [])

    def initial(self):
        return [(1, 1, ("x",))]

    def outcomes(self, state, joint):
        return [Outcome(1, 2 * state + joint[0], (0,), ("x",))]

    def acting(self, state):
        return [True]

    def legal(self, state, agent):
        return None


def test_too_many_states_are_refused_with_an_estimate():
    with pytest.raises(
        GameError, match=r"more than 1,000 states.*multiplied the new states by 2.0.*about 1,536"
    ):
        tabulate(Counter(), state_limit=1000)


def test_what_cannot_be_tabulated_is_said():
    with pytest.raises(GameError, match="a NormalForm does not list its outcomes"):
        tabulate(NormalForm.bimatrix([[1]]))
    posg = NormalForm.bimatrix([[1, 0], [0, 1]]).to_posg()
    assert tabulate(TabularGame(posg)) is posg
    both = {(1, joint): [(1, 0, (0, 0))] for joint in np.ndindex(2, 2)}
    with pytest.raises(GameError, match="2 agents act at once"):
        to_aecg(explore(Rules([(None, None), ("x", "x")], both, [(1, 1)])))
