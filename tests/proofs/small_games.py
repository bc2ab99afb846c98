"""Small exact games of given forms.

Each number is a hash of the place where it stands. An agent that makes no choice counts as doing 0
in that place, so what happens cannot depend on it.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
from drawn import Drawn
from forms import AecgForm, PosgForm

from gametheory.aecg import AECG
from gametheory.posg import POSG
from gametheory.tables.kernels import JointObservations

DISCOUNTS = (Fraction(1), Fraction(9, 10), Fraction(1, 2), Fraction(0))


def make_posg(form: PosgForm) -> POSG:
    """The POSG of a form."""
    n, S, drawn = len(form.actions), form.states, Drawn(form.name)
    null = _null(form)

    def deaf(s, *rest):
        return s, *(0 if null[s, i] else a for i, a in enumerate(rest[:n])), *rest[n:]

    P = drawn.laws((S, *form.actions), S, "P", deaf=deaf)
    after_null = np.array([(P[null[:, i]] > 0).reshape(-1, S).any(axis=0) for i in range(n)])  # [n, S']

    def unheard(s, *joint):
        return s, *(0 if after_null[i, s] else a for i, a in enumerate(joint))

    if form.kernel == "joint":
        observations = JointObservations(_joint_kernel(drawn, form, null, (S, *form.actions), "O", unheard))
    else:
        observations = [
            drawn.laws((S,), size, "O", i)
            if form.kernel == "blind"
            else drawn.laws(
                (S, count), size, "O", i, deaf=lambda s, a, i=i: (s, 0 if after_null[i, s] else a)
            )
            for i, (count, size) in enumerate(zip(form.actions, form.sizes, strict=True))
        ]
    first = {
        "start": lambda: None,
        "factored": lambda: [drawn.laws((S,), size, "O0", i) for i, size in enumerate(form.sizes)],
        "joint": lambda: _joint_kernel(drawn, form, null, (S,), "O0"),
    }[form.first]()
    return POSG(
        P,
        drawn.rewards((S, *form.actions, S), form.outcomes, n, deaf),
        observations,
        drawn.law(S, "ρ0"),
        _discounts(drawn, S),
        initial_observations=first,
        null=null,
        legal=_legal(drawn, form, 1),
        terminal=form.terminal,
        title=form.name,
    )


@dataclass(frozen=True)
class CycleTuple:
    """The tuple of an AECG as tables; movers 0 … n−1, the environment n."""

    form: AecgForm
    moves: list  # per agent [S, A_i]
    chance: np.ndarray  # [S, S']
    next_mover: list  # per agent [S, A_i, n + 1], then [S, n + 1]
    rewards: list  # per agent values [n, S, A_i, S', K], then [n, S, S', K]
    observations: list  # per agent [S, |Ω^i|]
    discount: list  # [S]
    null: np.ndarray  # [S, n] bool
    legal: list | None = None

    def game(self) -> AECG:
        """The game in the code's own form."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # agents that never move are welcome here
            return AECG.tabular(
                self.moves,
                self.chance,
                self.next_mover,
                self.rewards,
                self.observations,
                self.form.start,
                self.discount,
                null=self.null,
                legal=self.legal,
                terminal=self.form.terminal,
                title=self.form.name,
            )


def make_aecg(form: AecgForm) -> CycleTuple:
    """The tables of a form's AECG."""
    n, S, drawn = len(form.actions), form.states, Drawn(form.name)
    null = _null(form)
    moves, following, rewards = [], [], []
    for i, count in enumerate(form.actions):

        def deaf(s, a, *rest, i=i):
            return s, 0 if null[s, i] else a, *rest

        moves.append([[drawn.whole(0, S - 1, "T", i, *deaf(s, a)) for a in range(count)] for s in range(S)])
        following.append(drawn.laws((S, count), n + 1, "V", i, deaf=deaf))
        rewards.append(drawn.rewards((S, count, S), form.outcomes, n, deaf, i))
    return CycleTuple(
        form,
        moves,
        drawn.laws((S,), S, "P"),
        [*following, drawn.laws((S,), n + 1, "V", n)],
        [*rewards, drawn.rewards((S, S), form.outcomes, n)],
        [drawn.laws((S,), size, "O", i) for i, size in enumerate(form.sizes)],
        _discounts(drawn, S),
        null,
        _legal(drawn, form, 0),
    )


def _null(form):
    null = np.zeros((form.states, len(form.actions)), dtype=bool)
    for place in form.null:
        null[place] = True
    return null


def _discounts(drawn, states):
    return [DISCOUNTS[drawn.whole(0, 3, "γ", s)] for s in range(states)]


def _legal(drawn, form, extra):
    """Per agent ``[|Ω^i| + extra, A_i]``; none for the last agent."""
    if not form.legal:
        return None
    shapes = [(size + extra, count) for size, count in zip(form.sizes, form.actions, strict=True)]
    return [*(drawn.mask(shape, i) for i, shape in enumerate(shapes[:-1])), None]


def _joint_kernel(drawn, form, null, shape, label, deaf=lambda *index: index):
    """``[*shape, |Ω^1|, …, |Ω^n|]``; an agent that sees ⊥ has all weight on index 0."""
    kernel = np.full((*shape, *form.sizes), Fraction(0), dtype=object)
    laws = drawn.laws(shape, prod(form.sizes), label, deaf=deaf)
    for index in np.ndindex(*shape):
        for k, seen in enumerate(np.ndindex(*form.sizes)):
            shown = tuple(0 if null[index[0], i] else o for i, o in enumerate(seen))
            kernel[(*index, *shown)] += laws[(*index, k)]
    return kernel
