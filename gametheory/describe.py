"""What a game is made of, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gametheory.aecg import AECG
from gametheory.classify.finding import Finding
from gametheory.commands.terminal import show_number
from gametheory.continuous.game import ContinuousGame
from gametheory.continuous.lq.model import LinearQuadraticGame
from gametheory.game import Discrete, Game, Spec
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array
from gametheory.posg import POSG
from gametheory.tables.kernels import FactoredObservations

if TYPE_CHECKING:
    from gametheory.extensive.tree import Tree

MOST_LISTED = 8
SAMPLES = 200  # transitions on which settings of simulated games are judged
Facts = list[tuple[str, str]]


def facts(game: Any) -> Facts:
    """Pairs of a name and what to say of it, for any game that can be loaded."""
    if isinstance(game, NormalForm):
        return _normal_form(game)
    if isinstance(game, POSG):
        return _posg(game)
    if isinstance(game, AECG):
        return _aecg(game)
    if isinstance(game, ContinuousGame):
        return _continuous(game)
    if isinstance(game, LinearQuadraticGame):
        return _linear_quadratic(game)
    from gametheory.extensive.tree import Tree  # here, so that matrix games are described without it

    return _tree(game) if isinstance(game, Tree) else _simulated(game)


def _continuous(game: ContinuousGame) -> Facts:
    return [
        ("kind", f"continuous actions, played once ({type(game).__name__})"),
        ("agents", _listed(game.agents)),
        *[
            (f"actions of {agent}", f"from {show_number(low)} to {show_number(high)}")
            for agent, low, high in zip(game.agents, game.low, game.high, strict=True)
        ],
        ("numbers", _exactness(game.exact)),
    ]


def _linear_quadratic(game: LinearQuadraticGame) -> Facts:
    return [
        ("kind", "linear-quadratic game in discrete time"),
        *([("title", game.title)] if game.title else []),
        ("agents", _listed(game.agents)),
        ("state", f"{game.dimension} real number{'s' * (game.dimension > 1)}, seen by all"),
        *[
            (f"actions of {agent}", f"{size} real number{'s' * (size > 1)}")
            for agent, size in zip(game.agents, game.sizes, strict=True)
        ],
        ("noise", "yes" if np.any(game.noise) else "none"),
        ("zero-sum", "yes" if game.zero_sum else "no"),
        ("discount", show_number(game.discount)),
        ("numbers", _exactness(game.exact)),
    ]


def _tree(game: Tree) -> Facts:
    owners = np.bincount(game.owners, minlength=len(game.agents))
    deepest = len(game.levels) - 1
    return [
        ("kind", "game tree (extensive form)"),
        *([("title", game.title)] if game.title else []),
        ("agents", _listed(game.agents)),
        ("nodes", f"{len(game):,}: {len(game.leaves):,} leaves, {int(game.chance.sum()):,} of chance"),
        ("depth", f"{deepest:,} moves"),
        *[
            (f"information sets of {agent}", f"{int(count):,}")
            for agent, count in zip(game.agents, owners, strict=True)
        ],
        *_ranges(game.agents, game.totals, "payoffs"),
        ("numbers", _exactness(game.exact)),
    ]


def _simulated(game: Game[Any]) -> Facts:
    """Agents and spaces, and the settings that random plays do not refute."""
    from gametheory.classify.samples import classify_samples

    out = [("kind", f"simulated game ({type(game).__name__})"), ("agents", _listed(game.agents))]
    for what, specs in (("actions", game.action_specs), ("observations", game.observation_specs)):
        out += [(f"{what} of {agent}", _spec(spec)) for agent, spec in zip(game.agents, specs, strict=True)]
    found = classify_samples(game, SAMPLES)
    held = [
        name
        for name, readings in found.settings.items()
        if readings.get("literal", readings.get("uniform", Finding(None))).holds
    ]
    return [*out, (f"not refuted by {found.judged_on}", ", ".join(held) or "none of the four settings")]


def _spec(spec: Spec) -> str:
    if isinstance(spec, Discrete):
        return f"one of {_listed(spec.labels)}" if spec.labels else f"one of {spec.size:,}"
    low, high = float(spec.low.min()), float(spec.high.max())
    bounds = "" if np.isinf([low, high]).all() else f" from {low:g} to {high:g}"
    return f"{spec.size:,} real number{'s' * (spec.size > 1)}{bounds}"


def _normal_form(game: NormalForm) -> Facts:
    return [
        *_head("matrix game (normal form)", game, game.actions),
        ("joint actions", f"{int(np.prod(game.shape)):,}"),
        *_ranges(game.agents, game.payoffs.reshape(len(game.agents), -1), "payoffs"),
        ("numbers", _exactness(game.exact)),
    ]


def _posg(game: POSG) -> Facts:
    kernels, b = game.observations, game.branches
    if isinstance(kernels, FactoredObservations):
        form = "factored: O^i(ω | s', a^i)"
    else:
        form = "joint: O(ω | s', a)"
    first = game.initial_observations
    drawn = "factored" if isinstance(first, FactoredObservations) else "joint"
    opening = "none: everybody sees start" if first is None else drawn
    whole = int(np.sum(np.diff(b.offsets))) * len(game.states)
    return [
        *_head("partially observable stochastic game (POSG)", game, game.actions),
        *_state_facts(game, game.states, game.terminal),
        ("initial states", _listed([game.states[s] for s in np.flatnonzero(game.initial > 0)])),
        *[
            (f"observations of {a}", _listed(own))
            for a, own in zip(game.agents, game.observation_labels, strict=True)
        ],
        ("observation kernels", form),
        ("first observations", opening),
        ("null observations", f"{int(game.null.sum())} of {game.null.size} (state, agent) pairs see ⊥"),
        ("legal actions", _restricted(game)),
        ("transitions", f"{len(b.successors):,} branches; {_distinct(b):,} of {whole:,} (s, a, s') non-zero"),
        *_ranges(game.agents, b.rewards, "rewards"),
        ("discount", _discount(game.discount)),
        ("numbers", _exactness(game.exact)),
    ]


def _aecg(game: AECG) -> Facts:
    b, turns = game.branches, np.bincount(game.movers, minlength=len(game.agents) + 1)
    start = game.states[int(game.node_states[game.start])]
    return [
        *_head("agent-environment cycle game (AECG)", game, game.actions),
        *_state_facts(game, game.states, game.terminal),
        ("start", f"{start}, moved by {_mover(game, int(game.movers[game.start]))}"),
        ("nodes (state, mover)", f"{game.node_count:,}; {int(turns[-1]):,} of the environment"),
        *[(f"turns of {agent}", f"{int(turns[i]):,}") for i, agent in enumerate(game.agents)],
        ("empty turns (⊥)", f"{int(np.sum(game.silent & (game.movers < game.environment))):,}"),
        *[
            (f"observations of {a}", _listed(own))
            for a, own in zip(game.agents, game.observation_labels, strict=True)
        ],
        ("legal actions", _restricted(game)),
        ("transitions", f"{len(b.successors):,} branches in {b.row_count:,} rows (node, action)"),
        *_ranges(game.agents, b.rewards, "rewards"),
        ("discount", _discount(game.discount)),
        ("numbers", _exactness(game.exact)),
    ]


def _head(kind: str, game: NormalForm | POSG | AECG, actions: Sequence[Sequence[str]]) -> Facts:
    out = [("kind", kind)] + ([("title", game.title)] if game.title else [])
    out.append(("agents", _listed(game.agents)))
    return out + [
        (f"actions of {agent}", _listed(own)) for agent, own in zip(game.agents, actions, strict=True)
    ]


def _state_facts(game: POSG | AECG, states: Sequence[str], terminal: Array) -> Facts:
    over = [states[int(s)] for s in np.flatnonzero(terminal)[: MOST_LISTED + 1]]
    count = int(terminal.sum())
    return [("states", _listed(states)), ("terminal states", _listed(over, count) if count else "none")]


def _listed(names: Sequence[str], count: int | None = None) -> str:
    total = len(names) if count is None else count
    shown = [names[k] for k in range(min(len(names), MOST_LISTED))]
    return f"{total:,}: {', '.join(shown)}{', …' if total > len(shown) else ''}"


def _ranges(agents: Sequence[str], rewards: Array, what: str) -> Facts:
    if not rewards.shape[1]:
        return [(what, "none")]
    return [
        (f"{what} of {agent}", f"from {show_number(own.min())} to {show_number(own.max())}")
        for agent, own in zip(agents, rewards, strict=True)
    ]


def _restricted(game: POSG | AECG) -> str:
    names = [a for a, own in zip(game.agents, game.legal, strict=True) if own is not None and not own.all()]
    return f"restricted by observations of {', '.join(names)}" if names else "all, after every observation"


def _discount(discount: Array) -> str:
    values = sorted(set(discount.tolist()))
    if len(values) == 1:
        return show_number(values[0])
    return f"by state: {', '.join(map(show_number, values[:MOST_LISTED]))}{', …' if len(values) > MOST_LISTED else ''}"


def _distinct(b: Any) -> int:
    width = int(b.successors.max(initial=0)) + 1
    return len(np.unique(b.row_of_branch * width + b.successors))


def _mover(game: AECG, mover: int) -> str:
    return "the environment" if mover == game.environment else f"agent {game.agents[mover]}"


def _exactness(exact: bool) -> str:
    return "exact rationals" if exact else "floats"
