"""OpenSpiel's games as tables: sizes and values known from outside."""

from fractions import Fraction

import numpy as np
import pytest

from gametheory.errors import GameError
from gametheory.foreign.openspiel import tabulate_openspiel
from gametheory.tabulate import tabulate

pyspiel = pytest.importorskip("pyspiel", reason="the extra `openspiel` is not installed")


def value(game, policies, node=None):
    """Expected rewards of an AECG's tree under ``policies[label of the observation][action]``."""
    node = game.start if node is None else node
    state, mover = game.node_states[node], game.movers[node]
    total = np.zeros(len(game.agents))
    if game.terminal[state]:
        return total
    chances = {0: 1.0}
    if mover < len(game.agents):
        seen = int(np.argmax(game.observations[mover].law(state)))
        chances = policies[game.observation_labels[mover][seen]]
    for action, chance in chances.items():
        b, row = game.branches, game.branches.row(node, [action] * len(game.agents))
        for k in range(b.indptr[row], b.indptr[row + 1]):
            total = total + chance * b.probabilities[k] * (
                b.rewards[:, k] + value(game, policies, b.successors[k])
            )
    return total


def test_kuhn_poker_is_kuhns_tree():
    # Kuhn, A simplified two-person poker, 1950: three cards, six deals, 12 information sets; the first
    # agent's value is −1/18. In his equilibria it bets a jack with α ∈ [0, 1/3] and a king with 3α.
    game = tabulate(pyspiel.load_game("kuhn_poker"))
    assert (
        len(game.states) == 1 + 3 + 6 + 24 - 6 + 30
    )  # chance twice, 24 decisions with their 6 deals, 30 ends
    assert int(game.terminal.sum()) == 30
    assert game.observation_counts == (6, 6)
    assert game.actions == (("Pass", "Bet"),) * 2
    for alpha in (0, Fraction(1, 5), Fraction(1, 3)):
        bets = {
            "0": alpha, "1": 0, "2": 3 * alpha, "0pb": 0, "1pb": alpha + Fraction(1, 3), "2pb": 1,
            "0p": Fraction(1, 3), "1p": 0, "2p": 1, "0b": 0, "1b": Fraction(1, 3), "2b": 1,
        }  # fmt: skip
        policies = {label: {0: 1 - float(p), 1: float(p)} for label, p in bets.items()}
        assert value(game, policies) == pytest.approx([-1 / 18, 1 / 18])


def test_leduc_poker_has_its_known_size():
    # 9,457 histories and 936 information sets: OpenSpiel's own counts of leduc_poker.
    game = tabulate(pyspiel.load_game("leduc_poker"))
    assert len(game.states) == 9457
    assert sum(game.observation_counts) == 936


def test_a_matrix_game_is_a_posg():
    game = tabulate(pyspiel.load_game("matrix_pd"))
    assert game.actions == (("Cooperate", "Defect"),) * 2
    assert game.stage_game(0).payoffs.tolist() == [[[5, 0], [10, 1]], [[5, 10], [0, 1]]]
    assert game.terminal.tolist() == [False] + [True] * 4


@pytest.mark.parametrize("name", ["goofspiel(num_cards=3)", "liars_dice(dice_sides=2)", "tiny_hanabi"])
def test_every_path_of_openspiel_is_a_path_of_the_tables(name):
    spiel = pyspiel.load_game(name)
    game = tabulate(spiel)
    simultaneous = hasattr(game, "null")
    labels = game.observation_labels

    def follow(state, node):
        over = bool(game.terminal[node] if simultaneous else game.terminal[game.node_states[node]])
        assert over == state.is_terminal()
        if over:
            return
        for actions in moves(state):
            child = state.clone()
            child.apply_actions(actions) if state.is_simultaneous_node() else child.apply_action(actions[0])
            row = game.branches.row(node, joint(state, actions))
            part = slice(game.branches.indptr[row], game.branches.indptr[row + 1])
            found = [
                (to, rewards)
                for to, rewards in zip(
                    game.branches.successors[part], game.branches.rewards[:, part].T, strict=True
                )
                if game.states[to] == " ".join(map(str, child.history()))
            ]
            ((to, rewards),) = found
            assert rewards.tolist() == [a - b for a, b in zip(child.returns(), state.returns(), strict=True)]
            for i in range(len(labels)):
                if not child.is_terminal() and acts(child, i):
                    assert seen(to, i) == child.information_state_string(i)
            follow(child, to)

    def acts(state, i):
        return state.is_simultaneous_node() or (not state.is_chance_node() and state.current_player() == i)

    def seen(node, i):
        if simultaneous:
            return labels[i][int(np.argmax(game.observations.kernels[i][node, 0]))]
        return labels[i][game.observations[i].rows[node]]

    def moves(state):
        if state.is_simultaneous_node():
            return [[a, b] for a in state.legal_actions(0) for b in state.legal_actions(1)]
        return [[a] for a in state.legal_actions()]

    def joint(state, actions):
        if state.is_simultaneous_node():
            return actions
        return [0] * len(labels) if state.is_chance_node() else actions * len(labels)

    root = int(np.argmax(game.initial)) if simultaneous else game.start
    follow(spiel.new_initial_state(), root)


def test_a_key_merges_histories():
    spiel = pyspiel.load_game("tic_tac_toe")
    game = tabulate_openspiel(spiel, key=str, observe=lambda state, agent: str(state))
    assert len(game.states) == 5478  # positions that can arise; the tree has 549,946 histories
    with pytest.raises(GameError, match="more than 2,000 states"):
        tabulate(spiel, state_limit=2000)
