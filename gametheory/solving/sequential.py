"""From a POSG, an AECG or a game tree to certified answers: picks a method, runs it, certifies.

The counterpart of ``gametheory.solve`` for games of several moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.certificates.sequential import certify_sequential
from gametheory.certify import EPSILON, Certificate
from gametheory.errors import GameError, LimitReached
from gametheory.extensive.behaviour import to_policies
from gametheory.extensive.certify_efce import certify_efce
from gametheory.extensive.growth import count_nodes
from gametheory.extensive.tree import Tree
from gametheory.extensive.unroll import LARGEST_TREE, unroll
from gametheory.extensive.values import certify_tree
from gametheory.extensive.whole import is_constant_sum
from gametheory.numerics import to_floats
from gametheory.posg import POSG
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock
from gametheory.solving.methods import POLICIES, TREE, Method, chosen
from gametheory.stochastic.solvers import has_observed_states, is_discounted, is_discounted_zero_sum
from gametheory.tables.rules import rules

PATIENT = 0.95
"""Discount from which on policy iteration takes far fewer steps than value iteration."""

LARGEST_PROGRAM = 100_000
"""Sequences beyond which a zero-sum tree is left to CFR+ unless a linear program is asked for."""

SequentialGame = POSG | AECG | Tree


def solve_sequential(
    game: SequentialGame,
    concept: str,
    clock: Clock,
    *,
    all_equilibria: bool = False,
    exact: bool = False,
    method: str | None = None,
    horizon: int | None = None,
    limit: int = LARGEST_TREE,
    options: Mapping[str, Any],
) -> Solution:
    """The part of ``gametheory.solve`` that a POSG, an AECG or a tree goes through.

    Profiles are one policy per agent over its own histories; for a ``Tree``, behaviour strategies
    ``[Q_i]``.
    """
    if not isinstance(game, Tree):
        name, reason = (method, "as asked") if method else _direct(game, concept, horizon)
        if name in POLICIES.get(concept, {}) or concept not in TREE:
            run = chosen(POLICIES, "POSGs and AECGs", concept, name or "")
            given = {**options, "horizon": horizon} if "horizon" in run.options() else options
            found = _run(run, name or "", game, concept, exact, clock, given)
            return _graded(game, replace(found, why=f"{reason}: {found.why}"), horizon)
    tree = game if isinstance(game, Tree) else unroll(game, horizon, limit=limit, progress=clock.progress)
    name, reason = (method, "as asked") if method else _choose(tree, concept)
    run = chosen(TREE, "game trees", concept, name)
    if all_equilibria and "all_equilibria" in run.options():
        options = {**options, "all_equilibria": True}
    found = _run(run, name, tree, concept, exact, clock, options)
    epsilon = float(found.parameters.get("target", EPSILON))
    if all_equilibria and not found.complete and found.outcome is Outcome.SOLVED:
        found = replace(found, outcome=Outcome.PARTIAL)
    grades = [_grade(tree, concept, profile, epsilon) for profile in found.profiles]
    certified = _certified(replace(found, why=f"{reason}: {found.why}"), grades)
    if isinstance(game, Tree):
        return certified
    if concept == "efce":
        return replace(certified, parameters={**certified.parameters, "tree": tree})
    return replace(
        certified,
        profiles=tuple(to_policies(tree, game, profile) for profile in certified.profiles),
        parameters={**certified.parameters, "horizon": horizon},
    )


def _graded(game: POSG | AECG, found: Solution, horizon: int | None) -> Solution:
    """Policies with certificates, whose values replace the solver's: they are exact where the game is."""
    epsilon = float(found.parameters.get("target", EPSILON))
    found = replace(found, parameters={"horizon": horizon, **found.parameters})
    try:
        grades = [certify_sequential(game, profile, horizon, epsilon) for profile in found.profiles]
    except (GameError, LimitReached) as reason:
        return _ungraded(found, f"no certificate could be recomputed ({reason})", epsilon)
    return _certified(replace(found, values=tuple(grade.values for grade in grades)), grades)


def _ungraded(found: Solution, reason: str, epsilon: float) -> Solution:
    """Answers whose regrets are the solver's own bounds where it has some; they certify nothing."""
    top = found.parameters.get("upper_bound")
    certificates = []
    for values in found.values:
        gaps = tuple(float("nan") if top is None else float(top) - float(value) for value in values)
        unknown = (float("nan"),) * len(values)
        certificates.append(Certificate(None, gaps, values, sum(gaps), epsilon, unknown))
    return replace(found, certificates=tuple(certificates), why=f"{found.why}; {reason}")


def _run(
    run: Method, name: str, game: Any, concept: str, exact: bool, clock: Clock, options: Mapping[str, Any]
) -> Solution:
    try:
        return run(game, exact, clock, options)
    except LimitReached as reached:
        return Solution(concept, (), (), Outcome.TIME_LIMIT, complete=False, method=name, why=str(reached))


def _direct(game: POSG | AECG, concept: str, horizon: int | None) -> tuple[str | None, str]:
    """A method that needs no tree, if one fits."""
    if concept == "optimal" and len(game.agents) == 1 and horizon is None:
        return "pomdp", "one agent"
    if concept == "optimal":
        return "multi-agent-a-star", "one reward for all"
    if concept != "nash" or not isinstance(game, POSG):
        return None, ""
    if horizon is not None and _one_reward(game):
        return "multi-agent-a-star", "one reward for all: the best joint policy is an equilibrium"
    if horizon is None and not is_long(game):
        return None, ""
    if horizon is None and is_discounted_zero_sum(game):
        patient = float(to_floats(game.discount).max()) > PATIENT
        return "hoffman-karp" if patient else "shapley", "zero-sum, states observed, discounted"
    if horizon is None and is_discounted(game) and has_observed_states(game):
        return "logit-homotopy", "states observed, discounted"
    if horizon is not None and is_large(game, horizon) and has_observed_states(game):
        return "markov-perfect", "states observed, and a tree too large"
    return None, ""


def is_long(game: POSG) -> bool:
    """Whether play may go on for ever, or the tree is too large to build."""
    size = count_nodes(rules(game), None)
    return size is None or size > LARGEST_TREE


def is_large(game: POSG, horizon: int) -> bool:
    """Whether the tree to the horizon is too large to build."""
    return (count_nodes(rules(game), horizon) or 0) > LARGEST_TREE


def _one_reward(game: POSG) -> bool:
    paid = game.branches.expected_rewards
    return bool(np.all(paid == paid[:1]))


def _grade(tree: Tree, concept: str, profile: Any, epsilon: float) -> Certificate:
    if concept == "efce":
        return certify_efce(tree, profile[0], epsilon)
    return certify_tree(tree, profile, epsilon)


def _choose(tree: Tree, concept: str) -> tuple[str, str]:
    size = f"{len(tree):,} nodes"
    if concept == "efce":
        return "linear-program", "extensive-form correlated equilibria are a polytope"
    if is_constant_sum(tree):
        if int(tree.offsets[-1]) <= LARGEST_PROGRAM:
            return "sequence-form", f"two agents, zero-sum, {size}"
        return "cfr+", f"two agents, zero-sum, {size}, too many for a linear program unasked"
    return "backward-induction", f"{len(tree.agents)} agents, {size}, solved from the subgames up"


def _certified(found: Solution, certificates: list[Certificate]) -> Solution:
    """The same solution with certificates, without the profiles that have none."""
    kept = [k for k, certificate in enumerate(certificates) if certificate.holds]
    lost = len(certificates) - len(kept)
    # A limit that was reached is no failure: what came out is shown with the regrets it has.
    if not lost or found.outcome in (Outcome.TIME_LIMIT, Outcome.ITERATION_LIMIT):
        return replace(found, certificates=tuple(certificates))
    return replace(
        found,
        profiles=tuple(found.profiles[k] for k in kept),
        values=tuple(found.values[k] for k in kept),
        certificates=tuple(certificates[k] for k in kept),
        outcome=Outcome.PARTIAL if kept else Outcome.NOT_FOUND,
        complete=False,
        why=f"{found.why}; {lost} of {len(certificates)} answers failed certification and are left out",
    )
