"""Games as Coq definitions, in the form that ``proofs/Listed.v`` reads."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from gametheory.posg import POSG
from gametheory.tables.kernels import FactoredObservations, JointObservations

HEADER = """\
From Coq Require Import QArith List.
From Equilibrist Require Import Listed.
From Equilibrist Require Aecg Forms.
Import ListNotations.
Open Scope nat_scope.
Set Printing Width 100000.
Set Printing Depth 100000.
"""


def posg_text(name: str, game: POSG) -> str:
    """The definition of a POSG given by tables, and what to print of its AECG and of that one's POSG."""
    n, S, counts = len(game.agents), len(game.states), game.action_counts
    P, R = game.tables.transitions, game.tables.rewards
    joints = [(s, *joint) for s in range(S) for joint in np.ndindex(*counts)]
    paid = [
        ((s, t, *joint), _payments(R, (s, *joint, t)))
        for s, *joint in joints
        for t in range(S)
        if P[s, *joint, t]
    ]
    definition = f"""
Definition {name} := listed_posg {n}
  {_rows([((), _numbered(game.initial))])}
  ({_first(game)})
  {_rows([(key, _numbered(P[key])) for key in joints])}
  {_rows(paid)}
  ({_observations(game, joints)})
  {_list(map(_rational, game.discount))}
  {_list(map(_truth, game.terminal))}.
"""
    sizes = [size + 1 for size in game.observation_counts]  # and the start symbol
    return definition + _questions(f"(Forms.to_aecg {name})", "turn_eqb", counts, sizes, game.legal)


def aecg_text(name: str, tables) -> str:
    """The definition of an AECG, and what to print of it and of its POSG."""
    form = tables.form
    n, S, null = len(form.actions), form.states, tables.null
    deeds = [(i, s, a) for i, count in enumerate(form.actions) for s in range(S) for a in range(count)]
    moved = [(_key((i, s, a)), str(tables.moves[i][s][a])) for i, s, a in deeds]
    paid = [
        ((i, s, a, t), _payments(tables.rewards[i], (s, a, t))) for i, s, a in deeds for t in range(S)
    ] + [((n, s, 0, t), _payments(tables.rewards[n], (s, t))) for s in range(S) for t in range(S)]
    following = [((i, s, a), _movers(tables.next_mover[i][s, a])) for i, s, a in deeds] + [
        ((n, s, 0), _movers(tables.next_mover[n][s])) for s in range(S)
    ]
    seen = [((i, s), _symbols(tables.observations[i][s], null[s, i])) for i in range(n) for s in range(S)]
    over = [s in form.terminal for s in range(S)]
    definition = f"""
Definition {name} := listed_aecg {n} {form.start[0]} ({_mover(form.start[1], n)})
  {_list(f"({key}, {target})" for key, target in moved)}
  {_rows([((s,), _numbered(tables.chance[s])) for s in range(S)])}
  {_rows(seen)}
  {_rows(paid)}
  {_rows(following)}
  {_list(map(_rational, tables.discount))}
  {_list(map(_truth, over))}.
"""
    return definition + _questions(name, "Nat.eqb", form.actions, form.sizes, tables.legal or [None] * n)


def _questions(aecg, equality, counts, sizes, legal):
    """Print the AECG's rows, its POSG's opening and its POSG's rows."""
    illegal = [
        (i, o, a)
        for i, own in enumerate(legal)
        if own is not None
        for o, a in product(range(min(sizes[i], len(own))), range(counts[i]))
        if not own[o, a]
    ]
    known = f"{aecg} {equality} {_list(map(str, counts))} {_list(map(_key, illegal))}"
    return (
        f"Eval vm_compute in aecg_rows {known}.\n"
        f"Eval vm_compute in posg_opening {aecg} {equality}.\n"
        f"Eval vm_compute in posg_rows {known}.\n"
    )


# --- observations ---------------------------------------------------------------------------------


def _first(game):
    n, S, first = len(game.agents), len(game.states), game.initial_observations
    if isinstance(first, JointObservations):
        return f"first_joint {n} {_rows([((s,), _vectors(first.kernel[s], game.null[s])) for s in range(S)])}"
    rows = []
    for i, s in product(range(n), range(S)):
        law = [0] * game.observation_counts[i] + [1] if first is None else first.kernels[i][s]
        rows.append(((i, s), _symbols(law, game.null[s, i])))
    return f"first_factored {n} {_rows(rows)}"


def _observations(game, joints):
    n, S, kernels = len(game.agents), len(game.states), game.observations
    if not isinstance(kernels, FactoredObservations):
        rows = [(key, _vectors(kernels.kernel[key], game.null[key[0]])) for key in joints]
        return f"joint {n} {_rows(rows)}"
    rows = [
        ((i, s, a), _symbols(own[s, a], game.null[s, i]))
        for i, own in enumerate(kernels.kernels)
        for s, a in product(range(S), range(own.shape[1]))
    ]
    users = [i for i, own in enumerate(kernels.kernels) if np.any(own != own[:, :1])]
    return f"factored {n} {_rows(rows)} {_list(map(str, users))}"


# --- laws as lists of pairs (value, weight), both in Coq's writing ----------------------------------


def _numbered(law):
    return [(str(k), w) for k, w in enumerate(law) if w]


def _symbols(law, silent):
    return [("None", Fraction(1))] if silent else [(f"Some {o}", w) for o, w in enumerate(law) if w]


def _vectors(kernel, silent):
    """Joint observations from ``[|Ω^1|, …, |Ω^n|]``."""
    return [
        (_list("None" if off else f"Some {o}" for o, off in zip(seen, silent, strict=True)), kernel[seen])
        for seen in np.ndindex(*kernel.shape)
        if kernel[seen]
    ]


def _payments(rewards, place):
    values, weights = rewards.values[(slice(None), *place)], rewards.probabilities[place]
    return [(_list(map(_rational, values[:, k])), w) for k, w in enumerate(weights) if w]


def _movers(law):
    return [(_mover(j, len(law) - 1), w) for j, w in enumerate(law) if w]


# --- notation ----------------------------------------------------------------------------------------


def _mover(j, n):
    return f"Aecg.Agent {j}" if j < n else "Aecg.Environment"


def _truth(value):
    return "true" if value else "false"


def _rational(value):
    value = Fraction(value)
    return f"Qmake ({value.numerator}) {value.denominator}"


def _list(items):
    return f"[{'; '.join(items)}]"


def _key(numbers):
    return _list(map(str, numbers))


def _rows(rows):
    laws = ((key, _list(f"({value}, {_rational(w)})" for value, w in law)) for key, law in rows)
    return _list(f"({_key(key)}, {law})" for key, law in laws)
