"""Symmetric games, and games of one team against another."""

from __future__ import annotations

import numpy as np

from gametheory.classify.finding import NORMAL_FORM, Finding, Table
from gametheory.numerics import Array


def symmetric(table: Table) -> Finding:
    """Whether agents are interchangeable, their actions matched in the order given.

    Swapping two agents' actions swaps their payoffs and leaves the others': checked for
    neighbours, whose swaps generate all permutations. Witness of the contrary: a joint action
    and its swap.
    """
    if len(set(table.shape)) > 1:
        counts = dict(zip(table.agents, table.shape, strict=True))
        return Finding(False, {"numbers of actions": counts}, NORMAL_FORM)
    cells = np.arange(table.rows.shape[1]).reshape(table.shape)
    for i in range(len(table.agents) - 1):
        swapped = np.swapaxes(table.integers, i + 1, i + 2)
        order = list(range(len(table.agents)))
        order[i], order[i + 1] = order[i + 1], order[i]
        different = np.argwhere(swapped[order] != table.integers)
        if len(different):
            cell = tuple(different[0][1:])
            pair = dict.fromkeys([int(cells[cell]), int(np.swapaxes(cells, i, i + 1)[cell])])
            return Finding(
                False,
                {
                    "swap": [table.agents[i], table.agents[i + 1]],
                    "places": [table.place(place) for place in pair],
                },
                NORMAL_FORM,
            )
    return Finding(True, {"actions matched": "in the order given"}, NORMAL_FORM)


def team_zero_sum(table: Table) -> Finding:
    """Whether two teams oppose each other: payoffs equal within a team, opposite across.

    ``R^i = R^j`` for i, j of one team and ``R^i = −R^j`` otherwise, both teams non-empty. Witness of
    the contrary: an agent and at most two joint actions at which it is in neither team of agent 1.
    """
    base = table.rows[0]
    same, opposed = [], []
    for agent, own in zip(table.agents, table.rows, strict=True):
        if not (own != base).any():
            same.append(agent)
        elif not (own != -base).any():
            opposed.append(agent)
        else:
            cells = sorted({_first(own != base), _first(own != -base)})
            return Finding(False, {"agent": agent, "places": [table.place(cell) for cell in cells]})
    if not opposed and not base.any() and len(same) > 1:  # all rewards zero: any split will do
        same, opposed = same[:1], same[1:]
    if not opposed:
        return Finding(False, {"only one team": same})
    return Finding(True, {"teams": [same, opposed]})


def _first(mask: Array) -> int:
    return int(np.flatnonzero(mask)[0])
