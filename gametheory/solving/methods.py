"""Methods by name: which solvers there are for which kind of game and which concept.

A method is named by its place and imported when it is first called, so that a small question does
not pay for large solvers.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gametheory.errors import UnknownName
from gametheory.solution import Solution
from gametheory.solvers.clock import Clock


@dataclass(frozen=True)
class Method:
    """A solver ``(game, exact, clock, **options) -> Solution``, loaded late."""

    module: str
    function: str
    fixed: Mapping[str, Any] | None = None
    """Options that the name stands for."""

    def __call__(self, game: Any, exact: bool, clock: Clock, options: Mapping[str, Any]) -> Solution:
        """Run the solver.

        Raises:
            GameError: an option that it does not have.
        """
        solver = getattr(import_module(self.module), self.function)
        known = self.options()
        for name in options:
            if name not in known:
                raise UnknownName("option", name, known or ["none at all"])
        found = solver(game, exact, clock, **{**(self.fixed or {}), **options})
        assert isinstance(found, Solution)
        return found

    def options(self) -> tuple[str, ...]:
        """The names of the solver's own options."""
        solver = getattr(import_module(self.module), self.function)
        own = [p.name for p in inspect.signature(solver).parameters.values() if p.kind is p.KEYWORD_ONLY]
        return tuple(name for name in own if name not in (self.fixed or {}))


Methods = dict[str, dict[str, Method]]
"""Concept to name to method."""

SOLVERS, TREES = "gametheory.solvers", "gametheory.extensive"

DYNAMICS = (
    "fictitious-play",
    "regret-matching",
    "regret-matching-plus",
    "multiplicative-weights",
    "optimistic-multiplicative-weights",
    "replicator",
    "logit",
    "best-response",
    "continuous-best-response",
    "magnetic-mirror-descent",
)
"""Learning dynamics; `equilibrist dynamics` shows how they run."""

MATRIX: Methods = {
    "nash": {
        "vertex-enumeration": Method(f"{SOLVERS}.vertex_enumeration", "vertex_enumeration"),
        "linear-program": Method(f"{SOLVERS}.zero_sum", "zero_sum"),
        "lemke-howson": Method(f"{SOLVERS}.lemke_howson", "lemke_howson"),
        "pure": Method(f"{SOLVERS}.pure", "pure_equilibria"),
        "multi-start": Method(f"{SOLVERS}.n_agents.multistart", "n_agent_equilibrium"),
        "global-newton": Method(f"{SOLVERS}.n_agents.newton", "global_newton"),
        "logit-path": Method(f"{SOLVERS}.n_agents.logit", "logit"),
        "support-enumeration": Method(f"{SOLVERS}.n_agents.supports", "support_enumeration"),
        **{name: Method("gametheory.dynamics", name.replace("-", "_")) for name in DYNAMICS},
    },
    "maximin": {
        "linear-program": Method(f"{SOLVERS}.zero_sum", "maximin"),
        "optimal-faces": Method(f"{SOLVERS}.optimal_faces", "optimal_faces"),
    },
    **{
        concept: {
            "linear-program": Method(f"{SOLVERS}.correlated", "correlated", {"coarse": coarse}),
            "maximum-entropy": Method(f"{SOLVERS}.maximum_entropy", "maximum_entropy", {"coarse": coarse}),
            "vertex-enumeration": Method(
                f"{SOLVERS}.correlated_vertices", "extreme_correlated", {"coarse": coarse}
            ),
        }
        for concept, coarse in (("correlated", False), ("coarse-correlated", True))
    },
}
"""For games in normal form."""

CONTINUOUS: Methods = {"nash": {"closed-form": Method(f"{SOLVERS}.closed_form", "closed_form")}}
"""For games with continuous actions."""

LQ = "gametheory.continuous.lq"

LINEAR_QUADRATIC: Methods = {
    "nash": {
        "coupled-riccati": Method(f"{LQ}.finite", "coupled_riccati"),
        "multi-start": Method(f"{LQ}.stationary", "multi_start"),
        "scalar-resultant": Method(f"{LQ}.scalar", "scalar_resultant"),
    }
}
"""For linear-quadratic games; profiles are feedback gains."""

TREE: Methods = {
    "nash": {
        "sequence-form": Method(f"{TREES}.sequence_form", "sequence_form"),
        "backward-induction": Method(f"{TREES}.whole", "subgame_perfect"),
        "sequence-form-lemke": Method(f"{TREES}.lemke", "sequence_form_lemke"),
        "agent-qre": Method(f"{TREES}.agent_qre", "agent_qre"),
        **{
            name: Method(f"{TREES}.cfr", "cfr", {"variant": name})
            for name in ("cfr+", "cfr", "discounted-cfr")
        },
    },
    "efce": {"linear-program": Method(f"{TREES}.efce", "efce")},
}
"""For game trees, and POSGs and AECGs unrolled into them."""


TEAMS, STOCHASTIC = "gametheory.cooperative", "gametheory.stochastic"

POLICIES: Methods = {
    concept: {
        "multi-agent-a-star": Method(f"{TEAMS}.a_star", "multi_agent_a_star"),
        "jesp": Method(f"{TEAMS}.jesp", "jesp", {"concept": concept}),
        "pomdp": Method(f"{TEAMS}.pomdp", "pomdp", {"concept": concept}),
    }
    for concept in ("optimal", "nash")
}
POLICIES["nash"] |= {
    "shapley": Method(f"{STOCHASTIC}.solvers", "shapley_iteration"),
    "hoffman-karp": Method(f"{STOCHASTIC}.solvers", "policy_iteration"),
    "logit-homotopy": Method(f"{STOCHASTIC}.logit_homotopy", "logit_homotopy"),
    "minimax-q": Method(f"{STOCHASTIC}.minimax_q", "minimax_q"),
    "nash-q": Method(f"{STOCHASTIC}.nash_q", "nash_q"),
    "markov-perfect": Method(f"{STOCHASTIC}.solvers", "markov_perfect"),
    "mccfr": Method(f"{TREES}.mccfr", "mccfr"),
}
"""For POSGs and AECGs as they are; profiles are policies."""


def chosen(methods: Methods, kind: str, concept: str, name: str) -> Method:
    """The method of that name.

    Raises:
        UnknownName: no such concept for this kind of game, or no such method for it.
    """
    if concept not in methods:
        raise UnknownName(f"concept for {kind}", concept, methods)
    if name not in methods[concept]:
        raise UnknownName(f"method for {concept} of {kind}", name, methods[concept])
    return methods[concept][name]
