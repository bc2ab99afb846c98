"""Do two games induce the same laws of play, whatever the agents do?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gametheory.aecg import AECG
from gametheory.convert import Correspondence
from gametheory.errors import GameError, LimitReached
from gametheory.laws.bisimulation import Mismatch, first_mismatch
from gametheory.laws.enumerated import FoundDifference, Search, search
from gametheory.laws.machines import Acts, AecgMachine, Letter, Outcome, PosgMachine, Rounds
from gametheory.numerics import Number
from gametheory.posg import POSG
from gametheory.tables.reach import Reach

Tabular = POSG | AECG


@dataclass(frozen=True)
class Difference:
    """A trajectory to which the two games give different probabilities."""

    trajectory: tuple[str, ...]
    """What happens, one line per event; the last one is where the games part."""
    probabilities: tuple[Number, Number]
    """Of the whole trajectory in either game, given the actions in it."""

    def __str__(self) -> str:
        p, q = self.probabilities
        return "\n".join([*self.trajectory, f"probability {p} in the first game, {q} in the second"])


@dataclass(frozen=True)
class Equivalence:
    """The answer of ``check_equivalence``."""

    equivalent: bool
    proved_for: int | Literal["every horizon"]
    """Through how many steps the laws agree. A step is one of the POSG; of the AECG, if there is no POSG."""
    first_difference: Difference | None = None
    step_wise: str = ""
    """Where the step-wise check of the correspondence fails first, if it does."""

    def __str__(self) -> str:
        if self.equivalent:
            span = "every horizon" if self.proved_for == "every horizon" else f"{self.proved_for} steps"
            return f"equal laws for {span}"
        return "\n".join(["the laws differ:", str(self.first_difference), self.step_wise]).rstrip()


def check_equivalence(
    a: Tabular, b: Tabular, correspondence: Correspondence | None = None, horizon: int | None = None
) -> Equivalence:
    """Whether two games give every trajectory the same probability under all policies.

    A trajectory consists of joint actions, observations that somebody acts on, rewards and γ per
    step, and of the POSG's states where a correspondence names them. Agents, actions and symbols
    correspond by their numbers, and so do histories.

    With a correspondence a step-wise check decides first, in time linear in the non-zeros (see
    ``gametheory.laws.bisimulation`` for why it proves every horizon). Where it fails, or without a
    correspondence, laws are enumerated (``gametheory.laws.enumerated``), which proves every horizon too if it
    comes to an end without a ``horizon``. Rationals are compared by ``==``; floats within
    ``matching.TOLERANCE`` per step, which is then what equality means. A POSG and an AECG without a
    correspondence are compared move by move, and as a first draw followed by rounds of n + 1 moves;
    either will do.

    Args:
        a: one game.
        b: the other.
        correspondence: as returned by the conversion of one into the other.
        horizon: how many steps to enumerate; None: as many as there are.

    Raises:
        GameError: different numbers of agents or actions, or a correspondence of other games.
        LimitReached: the enumeration grew too large without finding a difference.
    """
    if a.action_counts != b.action_counts:
        raise GameError(
            f"the games have {list(a.action_counts)} and {list(b.action_counts)} actions per agent; "
            "laws are compared for the same agents and actions"
        )
    if correspondence is None:
        return _enumerated(a, b, horizon)
    if {id(a), id(b)} != {id(correspondence.posg), id(correspondence.aecg)}:
        raise GameError("the correspondence is one of other games; pass the one that the conversion returned")
    mismatch = first_mismatch(correspondence)
    if mismatch is None:
        return Equivalence(True, "every horizon")
    return _explained(a, b, correspondence, mismatch, horizon)


def _enumerated(a: Tabular, b: Tabular, horizon: int | None) -> Equivalence:
    """Compare without a correspondence, in the reading under which the games agree longest."""
    n = len(a.action_counts)
    mixed = isinstance(a, POSG) != isinstance(b, POSG)
    exact = a.exact and b.exact
    best: Equivalence | None = None
    for length, lead in ((1, 0), (n + 1, 1)) if mixed else ((1, 0),):
        sides = [
            Rounds(PosgMachine(game, named=False), 1, 0, exact)
            if isinstance(game, POSG)
            else Rounds(AecgMachine(game, None), length, lead, exact)
            for game in (a, b)
        ]
        found = _answer(search(sides[0], sides[1], horizon), a, b)
        if found.equivalent:
            return found
        if best is None or int(found.proved_for) > int(best.proved_for):
            best = found
    assert best is not None
    return best


def _explained(
    a: Tabular, b: Tabular, correspondence: Correspondence, mismatch: Mismatch, horizon: int | None
) -> Equivalence:
    """Look for a trajectory that shows a failed step-wise check, first on the way to where it failed."""
    length = correspondence.steps_per_round
    exact = a.exact and b.exact
    sides = [
        Rounds(PosgMachine(game, named=True), 1, 0, exact)
        if isinstance(game, POSG)
        else Rounds(AecgMachine(game, correspondence.posg_states), length, int(length > 1), exact)
        for game in (a, b)
    ]
    where = f"step by step: {_node(correspondence.aecg, mismatch.node)}: {mismatch.what}"
    plan = _Plan.to(mismatch.node, correspondence)
    depth = len(plan.rounds) + 1
    found = search(sides[0], sides[1], depth if horizon is None else min(depth, horizon), plan.follows)
    try:
        if found.difference is None:
            found = search(sides[0], sides[1], horizon)
    except LimitReached as limit:
        raise LimitReached(f"{where}; {limit}") from None
    return _answer(found, a, b, where)


@dataclass
class _Plan:
    """The way to a node of an AECG, as restrictions on the letters of a trajectory."""

    opening: int | None = None
    rounds: list[tuple[dict[int, int], int | None]] = field(default_factory=list)
    """Per round the agents' actions, and the state reached (None: any)."""

    @classmethod
    def to(cls, node: int, correspondence: Correspondence) -> _Plan:
        game, place = correspondence.aecg, correspondence.posg_states
        way = Reach(game).path(node)
        nodes = [*(at for at, _ in way), node]
        plan, actions = cls(), dict[int, int]()
        by_move = correspondence.steps_per_round == 1
        for k, (at, action) in enumerate(way):
            if not game.silent[at]:
                actions[int(game.movers[at])] = action
            if not by_move and at == game.start:
                plan.opening = int(place[nodes[k + 1]])
            elif by_move or game.movers[at] == game.environment:
                plan.rounds.append((actions, int(place[nodes[k + 1]])))
                actions = {}
        plan.rounds.append((actions, None))
        return plan

    def follows(self, number: int, letter: Letter) -> bool:
        """Whether the letter of this round (0: the opening) lies on the way."""
        if number == 0:
            return isinstance(letter, Acts) or self.opening in (None, letter.state)
        if number > len(self.rounds):
            return True
        actions, state = self.rounds[number - 1]
        if isinstance(letter, Acts):
            return all(actions.get(choice.agent, choice.action) == choice.action for choice in letter.choices)
        return state in (None, letter.state)


def _answer(found: Search, a: Tabular, b: Tabular, step_wise: str = "") -> Equivalence:
    if found.difference is not None:
        return Equivalence(False, found.rounds, _spelled(found.difference, a, b), step_wise)
    return Equivalence(True, "every horizon" if found.closed else found.rounds, None, step_wise)


# --- words ------------------------------------------------------------------------------------------


def _spelled(found: FoundDifference, a: Tabular, b: Tabular) -> Difference:
    names = a if isinstance(a, POSG) else b
    return Difference(tuple(_words(letter, names) for letter in found.letters), found.probabilities)


def _words(letter: Letter, game: Tabular) -> str:
    paid = "" if not any(letter.rewards) else f"rewards ({', '.join(map(str, letter.rewards))})"
    faded = "" if letter.discount == 1 else f"γ {letter.discount}"
    over = "play ends" if letter.over else ""
    if isinstance(letter, Outcome):
        state = "" if letter.state is None or letter.state < 0 else f"state {game.states[letter.state]}"
        parts = [paid or "rewards 0", faded, state, over]
    else:
        chosen = [
            f"agent {game.agents[who]} sees {_symbol(game, who, seen)} and does {game.actions[who][action]}"
            for who, seen, action in letter.choices
        ]
        parts = [*(chosen or ["nobody chooses"]), paid and f"early {paid}", faded and f"early {faded}", over]
    return ", ".join(part for part in parts if part)


def _symbol(game: Tabular, agent: int, symbol: int) -> str:
    labels = game.observation_labels[agent]
    return labels[symbol] if symbol < len(labels) else "start"


def _node(game: AECG, node: int) -> str:
    mover = int(game.movers[node])
    who = "the environment" if mover == game.environment else f"agent {game.agents[mover]}"
    return f"state {game.states[int(game.node_states[node])]} moved by {who}"
