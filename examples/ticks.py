"""What goes wrong if agents can count steps: a conversion that looks right and is not.

Run: python examples/ticks.py
"""

from fractions import Fraction
from itertools import product

import numpy as np

from gametheory.catalogue.sequential.ticks import NAMER, name_the_coin
from gametheory.convert import aecg_to_posg
from gametheory.posg import POSG
from gametheory.tables.kernels import FactoredObservations


def with_ticks(posg: POSG) -> POSG:
    """The naive conversion: who is not on the move sees a ``tick`` in place of ⊥, and acts in vain."""
    K, counts, n = len(posg.states), posg.action_counts, len(posg.agents)
    transitions = np.zeros((K, *counts, K), dtype=object)
    rewards = np.zeros((n, K, *counts, K), dtype=object)
    for state in np.flatnonzero(~posg.terminal):
        for joint in np.ndindex(*counts):
            for successor, paid, probability in zip(*_columns(posg, state, joint), strict=True):
                transitions[(state, *joint, successor)] += probability
                rewards[(slice(None), state, *joint, successor)] = paid
    seen = [np.zeros((K, 2), dtype=int) for _ in range(n)]  # "your turn", "tick"
    for i, own in enumerate(seen):
        own[np.arange(K), posg.null[:, i].astype(int)] = 1
    return POSG(
        transitions,
        rewards,
        FactoredObservations(tuple(seen)),
        posg.initial,
        posg.discount,
        initial_observations=seen,
        legal=[[[True] * count, [True] + [False] * (count - 1)] for count in counts],  # at a tick: one action
        terminal=np.flatnonzero(posg.terminal),
        agents=posg.agents,
        actions=posg.actions,
        observation_labels=[["your turn", "tick"]] * n,
    )


def _columns(posg: POSG, state: int, joint: tuple[int, ...]) -> tuple:
    successors, rewards, probabilities = posg.transition(state, joint)
    return successors, rewards.T, probabilities


def best_value(posg: POSG) -> Fraction:
    """The namer's best return, by trying each of its deterministic policies on its own histories."""
    histories = sorted({history for _, history, _ in _plays(posg, {})})
    choices = product(range(posg.action_counts[NAMER]), repeat=len(histories))
    return max(
        sum(
            (p * paid for p, _, paid in _plays(posg, dict(zip(histories, actions, strict=True)))), Fraction(0)
        )
        for actions in choices
    )


def _plays(posg: POSG, policy: dict) -> list:
    """Probability, the namer's observations when it had a choice, and its return, of every play.

    The namer's own past actions were forced, so its observations are its history.
    """
    done, open_plays = [], [(p, s, (), Fraction(0)) for s, p in enumerate(posg.initial) if p]
    while open_plays:
        p, state, seen, paid = open_plays.pop()
        if posg.terminal[state]:
            done.append((p, seen, paid))
            continue
        action = 0
        if not posg.null[state, NAMER]:
            symbol = int(np.argmax(posg.initial_observations.of_agent[NAMER].law(state)))
            seen = (*seen, symbol)
            legal = posg.legal[NAMER]
            chooses = legal is None or legal[symbol].sum() > 1
            action = policy.get(seen, 0) if chooses else 0
        for successor, rewards, q in zip(*_columns(posg, state, (action, 0)), strict=True):
            open_plays.append((p * q, int(successor), seen, paid + rewards[NAMER]))
    return done


if __name__ == "__main__":
    faithful, _ = aecg_to_posg(name_the_coin())
    print("The namer wins at best with probability")
    print(f"  {best_value(faithful)} where ⊥ carries no information: the game as it is")
    print(f"  {best_value(with_ticks(faithful))} where it can count ticks: another game")
