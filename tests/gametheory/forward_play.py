"""Plays forward by the definitions, from the dense tables: the oracle for conversions, which it shares no code with."""

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np

from gametheory.tables.kernels import FactoredObservations


def law_of_seeing(posg, state, joint):
    """Observation vectors and their probabilities, straight from the kernels."""
    kernels, first = posg.observations, posg.initial_observations
    for seen in product(*(range(size + 1) for size in posg.observation_counts)):
        if joint is None and first is None:
            weight = int(seen == posg.observation_counts)
        elif any(w == size for w, size in zip(seen, posg.observation_counts, strict=True)):
            weight = 0
        elif joint is None:
            weight = (
                np.prod([own[state, w] for own, w in zip(first.kernels, seen, strict=True)])
                if isinstance(first, FactoredObservations)
                else first.kernel[(state, *seen)]
            )
        elif isinstance(kernels, FactoredObservations):
            weight = np.prod(
                [own[state, a, w] for own, a, w in zip(kernels.kernels, joint, seen, strict=True)]
            )
        else:
            weight = kernels.kernel[(state, *joint, *seen)]
        if weight:
            yield seen, weight


def play_posg(posg, profile, steps):
    """Law of the state and the agents' expected discounted return after each number of steps."""
    P, R = posg.tables.transitions, posg.tables.rewards
    expected = R.values[..., 0] if R.probabilities is None else (R.values * R.probabilities).sum(axis=-1)
    weights = {(s, None, Fraction(1)): p for s, p in enumerate(posg.initial) if p}  # (state, joint, Γ)
    total = [Fraction(0)] * len(posg.agents)
    yield states_of(weights), list(total)
    for _ in range(steps):
        after = Counter()
        for (s, last, scale), p in weights.items():
            if posg.terminal[s]:
                continue
            for joint in np.ndindex(*posg.action_counts):
                if any(posg.null[s, i] and a for i, a in enumerate(joint)):
                    continue
                q = p * sum(
                    (
                        weight * choosing(posg, profile, s, seen, joint)
                        for seen, weight in law_of_seeing(posg, s, last)
                    ),
                    Fraction(0),
                )
                for t in np.flatnonzero(P[(s, *joint)]) if q else ():
                    mass = q * P[(s, *joint, t)]
                    for i in range(len(total)):
                        total[i] += scale * mass * expected[(i, s, *joint, t)]
                    after[int(t), joint, scale * posg.discount[s]] += mass
        weights = after
        yield states_of(weights), list(total)


def choosing(posg, profile, state, seen, joint):
    """How likely the profile chooses the joint action after these observations."""
    out = Fraction(1)
    for i, (w, a) in enumerate(zip(seen, joint, strict=True)):
        if not posg.null[state, i]:
            out *= profile[i].table[w, a]
    return out


def states_of(weights):
    """The law of (state, Γ)."""
    out = Counter()
    for (s, *_, scale), p in weights.items():
        out[s, scale] += p
    return +out


def play_aecg(aecg, profile, steps):
    """Law of (node, Γ) and expected discounted returns after each number of moves."""
    b = aecg.branches
    weights = Counter({(aecg.start, Fraction(1)): Fraction(1)})
    total = [Fraction(0)] * len(aecg.agents)
    yield weights, list(total)
    for _ in range(steps):
        after = Counter()
        for (node, scale), p in weights.items():
            s, mover = aecg.node_states[node], aecg.movers[node]
            if aecg.terminal[s]:
                continue
            chosen = [Fraction(1)]
            if not aecg.silent[node]:
                law = aecg.observations[mover].law(s)
                chosen = [
                    sum((law[w] * profile[mover].table[w, a] for w in range(len(law))), Fraction(0))
                    for a in range(aecg.action_counts[mover])
                ]
            for a, q in enumerate(chosen):
                row = b.offsets[node] + a
                for k in range(b.indptr[row], b.indptr[row + 1]) if q else ():
                    mass = p * q * b.probabilities[k]
                    for i in range(len(total)):
                        total[i] += scale * mass * b.rewards[i, k]
                    after[int(b.successors[k]), scale * aecg.discount[s]] += mass
        weights = after
        yield +weights, list(total)


def named(weights, place):
    """The law of (POSG state, Γ)."""
    out = Counter()
    for (node, scale), p in weights.items():
        out[int(place[node]), scale] += p
    return +out
