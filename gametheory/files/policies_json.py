"""Policies over histories as JSON: what `solve` prints of games of several moves, and `certify` reads.

Per agent a list of ``{"history": [["o", w], ["a", x], …, ["o", w]], "p": {action: p, …}}``: after
having seen and done that, it plays each action with the probability given, the others with 0.
Observations and actions go by label, by index where a label is not unique (then ``"p"`` is a list of
pairs); ``start`` is what an agent sees that sees nothing before its first action.
"""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.errors import GameError
from gametheory.files.disk import read_standard_input, read_text, write_text
from gametheory.files.json_text import Names, Place, decode, layout, spell
from gametheory.laws.trajectories import history_table
from gametheory.numerics import Array, settle
from gametheory.policies.controllers import History
from gametheory.policies.partial_policy import PartialPolicy
from gametheory.policy import Policy, uniform_table
from gametheory.posg import POSG

if TYPE_CHECKING:
    from gametheory.extensive.tree import Profile, Tree

SHAPE = 'policies are [[{"history": …, "p": …}, …] per agent], {"policies": …} or the answer of solve --json'


# --- writing ----------------------------------------------------------------------------------------


def policies_to_json(
    game: POSG | AECG, profile: Sequence[Policy], horizon: int
) -> list[list[dict[str, Any]]]:
    """Per agent every history that it can come to by its own policy, whatever the others do.

    That is what evaluation and best responses of the others ask for.

    Args:
        game: a POSG or an AECG.
        profile: one policy per agent, each a ``FinitePolicy`` or any ``StochasticPolicy``.
        horizon: in the game's own steps.

    Raises:
        GameError: a policy that does not fit the game, or does not tell its probabilities.
        LimitReached: too many histories.
    """
    free = [
        uniform_table(count, legal, len(own))
        for count, legal, own in zip(game.action_counts, game.legal, _observations(game), strict=True)
    ]
    out = []
    for i, (policy, seen, labels) in enumerate(zip(profile, _observations(game), game.actions, strict=True)):
        table = history_table(game, [*free[:i], policy, *free[i + 1 :]], i, horizon)
        names = {"o": Names(seen, "observation"), "a": Names(labels, "action")}
        out.append([_behaviour(history, law, names) for history, law in table.items()])
    return out


def write_policies(
    game: POSG | AECG, profile: Sequence[Policy], horizon: int, path: str | os.PathLike[str]
) -> None:
    """Write policies to a file as a whole; see ``policies_to_json``."""
    write_text(path, layout({"policies": policies_to_json(game, profile, horizon)}))


def _behaviour(history: History, law: Array, names: Mapping[str, Names]) -> dict[str, Any]:
    actions = names["a"]
    played = [(actions.refer(int(a)), spell(law[a])) for a in np.flatnonzero(law != 0)]
    by_label = all(isinstance(action, str) for action, _ in played)
    return {
        "history": [[kind, names[kind].refer(number)] for kind, number in history],
        "p": dict(played) if by_label else [list(pair) for pair in played],
    }


def _observations(game: POSG | AECG) -> list[tuple[str, ...]]:
    """Labels of what agents act on; a POSG without first observations shows ``start``."""
    started = isinstance(game, POSG) and game.initial_observations is None
    return [(*own, "start") if started else own for own in game.observation_labels]


# --- reading ----------------------------------------------------------------------------------------


def read_policies(
    path: str | os.PathLike[str], game: POSG | AECG, choose: int = 0
) -> tuple[PartialPolicy, ...]:
    """One policy per agent from a JSON file, or from standard input if the path is "-".

    Args:
        path: a file, or "-".
        game: the game the policies are for; its labels name observations and actions.
        choose: which equilibrium to take where the document lists several, from 0.

    Raises:
        GameError: unreadable, not JSON (with line and column), or not policies for this game.
    """
    text, source = _text(path)
    return parse_policies(text, game, choose, source)


def parse_policies(
    text: str, game: POSG | AECG, choose: int = 0, source: str = "text"
) -> tuple[PartialPolicy, ...]:
    """The same from JSON text."""
    try:
        lists = _per_agent(text, choose, game.agents)
        return tuple(
            _policy(own, seen, labels)
            for own, seen, labels in zip(lists, _observations(game), game.actions, strict=True)
        )
    except GameError as error:
        raise GameError(f"{source!r}: {error}") from None


def read_behaviour(path: str | os.PathLike[str], tree: Tree, choose: int = 0) -> Profile:
    """Behaviour strategies of a tree, ``[Q_i]`` per agent; arguments and errors as ``read_policies``."""
    text, source = _text(path)
    return parse_behaviour(text, tree, choose, source)


def parse_behaviour(text: str, tree: Tree, choose: int = 0, source: str = "text") -> Profile:
    """The same from JSON text; every information set must be there."""
    from gametheory.extensive.show_tree import histories

    try:
        known = {
            (own.agent, words): h
            for h, (own, words) in enumerate(zip(tree.information, histories(tree), strict=True))
        }
        laws: dict[int, Array] = {}
        for agent, own in enumerate(_per_agent(text, choose, tree.agents)):
            for entry in own.entries("behaviours"):
                events, chances = _events(entry)
                words = tuple((kind, event.text()) for kind, event in events)
                if (agent, words) not in known:
                    raise entry.fail(f"agent {tree.agents[agent]} has no information set {_shown(words)}")
                h = known[agent, words]
                if h in laws:
                    raise entry.fail("a second law after the same history; keep one")
                laws[h] = _law(chances, Names(tree.information[h].actions, "action"))
        for (agent, words), h in known.items():
            if h not in laws:
                raise GameError(
                    f"agent {tree.agents[agent]} has no law after {_shown(words)}; add that history"
                )
    except GameError as error:
        raise GameError(f"{source!r}: {error}") from None
    every = [
        [laws[h] for h in range(len(laws)) if tree.owners[h] == agent] for agent in range(len(tree.agents))
    ]
    empty = np.zeros(0, dtype=object)
    return tuple(settle(np.concatenate([empty, *own])) for own in every)


def _policy(place: Place, observations: Sequence[str], actions: Sequence[str]) -> PartialPolicy:
    names = {"o": Names(observations, "observation"), "a": Names(actions, "action")}
    table: dict[History, Array] = {}
    for entry in place.entries("behaviours"):
        events, chances = _events(entry)
        history = tuple((kind, names[kind].find(event)) for kind, event in events)
        if history in table:
            raise entry.fail("a second law after the same history; keep one")
        table[history] = _law(chances, names["a"])
    return PartialPolicy(table, observations, actions)


def _events(place: Place) -> tuple[list[tuple[str, Place]], Place]:
    """The events of a history, which begins and ends with an observation, and the law after it."""
    fields = place.fields(("history", "p"))
    events = [
        tuple(event.entries("values, a kind and a name", 2)) for event in fields["history"].entries("events")
    ]
    out = [(kind.text(), name) for kind, name in events]
    if [kind for kind, _ in out] != ["o" if k % 2 == 0 else "a" for k in range(len(out))] or len(
        out
    ) % 2 == 0:
        raise fields["history"].fail('a history is [["o", seen], ["a", done], …, ["o", seen]]')
    return out, fields["p"]


def _law(place: Place, actions: Names) -> Array:
    """``[A_i]`` from an object by label, or from pairs [action, probability]."""
    pairs: list[Sequence[Place]] = []
    if isinstance(place.value, dict):
        pairs += [
            (Place(name, place, name), Place(value, place, name)) for name, value in place.value.items()
        ]
    else:
        pairs += [entry.entries("values, an action and a number", 2) for entry in place.entries("pairs")]
    out = np.full(len(actions), Fraction(0), dtype=object)
    given = set()
    for name, value in pairs:
        action = actions.find(name)
        if action in given:
            raise name.fail("stands twice in one law; keep one")
        given.add(action)
        out[action] = value.number()
    return settle(out)


def _per_agent(text: str, choose: int, agents: Sequence[str]) -> list[Place]:
    """The agents' lists of behaviours in any of the three kinds of document."""
    try:
        place = Place(decode(text))
    except GameError as error:
        raise GameError(f"{error}; {SHAPE}") from None
    if isinstance(place.value, dict) and "equilibria" in place.value:
        answers = Place(place.value["equilibria"], place, "equilibria").entries("equilibria")
        if not answers:
            raise GameError("the document lists no equilibria; nothing to certify")
        if not 0 <= choose < len(answers):
            raise GameError(f"there is no equilibrium {choose}; choose 0 to {len(answers) - 1}")
        place = answers[choose]
    if isinstance(place.value, dict) and "policies" in place.value:
        place = Place(place.value["policies"], place, "policies")
    if not isinstance(place.value, list):
        raise GameError(f"{reprlib.repr(place.value)} holds no policies; {SHAPE}")
    return place.entries("lists of behaviours, one per agent", len(agents))


def _shown(words: Sequence[tuple[str, str]]) -> str:
    return " · ".join(word for _, word in words)


def _text(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The text, and what to call where it came from."""
    if os.fspath(path) == "-":
        return read_standard_input(), "standard input"
    return read_text(path), os.fspath(path)
