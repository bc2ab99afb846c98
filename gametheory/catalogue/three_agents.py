"""Games of three agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from gametheory.catalogue.entry import Entry
from gametheory.normal_form import NormalForm

ENTRIES = (
    Entry(
        name="jordan",
        title="Three-agent matching pennies",
        source="Jordan, Three problems in learning mixed-strategy Nash equilibria, "
        "Games and Economic Behavior 5, 1993",
        build=lambda: jordan(),
        known=("1/2 1/2 | 1/2 1/2 | 1/2 1/2",),
        notes="1 wants to match 2, 2 to match 3, 3 to differ from 1. If one leans, the one who watches "
        "it is pure, so are the others in turn, and the round does not close.",
        tags=("cyclic",),
    ),
    Entry(
        name="three-agent-coordination",
        title="Three-agent coordination",
        source="Schelling, The Strategy of Conflict, 1960 (three agents)",
        build=lambda: from_rule(
            (2, 2, 2), lambda i, joint: len(set(joint)) == 1, title="Three-agent coordination"
        ),
        known=("1 0 | 1 0 | 1 0", "0 1 | 0 1 | 0 1", "1/2 1/2 | 1/2 1/2 | 1/2 1/2"),
        notes="All mix only if p_j p_k = (1 - p_j)(1 - p_k), so p_j + p_k = 1 for every pair. With one "
        "pure agent the others can mix only by giving up its action, and it would leave it.",
        tags=("coordination", "identical-interest"),
    ),
    Entry(
        name="minority",
        title="Minority game of three agents",
        source="Challet & Zhang, Emergence of cooperation and organization in an evolutionary game, "
        "Physica A 246, 1997",
        build=lambda: from_rule(
            (2, 2, 2), lambda i, joint: joint.count(joint[i]) == 1, title="Minority game"
        ),
        known=(
            "1 0 | 1 0 | 0 1",
            "1 0 | 0 1 | 1 0",
            "0 1 | 1 0 | 1 0",
            "1 0 | 0 1 | 0 1",
            "0 1 | 1 0 | 0 1",
            "0 1 | 0 1 | 1 0",
            "1/2 1/2 | 1/2 1/2 | 1/2 1/2",
        ),
        notes="If two agents differ, the third loses whatever it does: the six pure equilibria are the "
        "corners of six segments. All mix only at 1/2.",
        tags=("anti-coordination", "degenerate", "symmetric"),
    ),
    Entry(
        name="mckelvey-mclennan",
        title="McKelvey and McLennan's 2x2x2 game with nine equilibria",
        source="McKelvey & McLennan, Computation of equilibria in finite games, "
        "Handbook of Computational Economics 1, 1996",
        build=lambda: mckelvey_mclennan(),
        known=(
            "1 0 | 1 0 | 1 0",
            "0 1 | 0 1 | 1 0",
            "0 1 | 1 0 | 0 1",
            "1 0 | 0 1 | 0 1",
            "1/2 1/2 | 1/2 1/2 | 1 0",
            "0 1 | 1/4 3/4 | 1/3 2/3",
            "1/3 2/3 | 1 0 | 1/4 3/4",
            "2/5 3/5 | 1/2 1/2 | 1/3 2/3",
            "1/2 1/2 | 2/5 3/5 | 1/4 3/4",
        ),
        notes="Indifference, for the first actions' probabilities p, q, r: (2q - 1)(4r - 1) = 0, "
        "(2p - 1)(3r - 1) = 0, 13pq - 4p - 4q + 1 = 0.",
    ),
    Entry(
        name="public-goods",
        title="Public goods: three agents contribute 0, 1 or 2",
        source="Isaac & Walker, Group size effects in public goods provision, "
        "Quarterly Journal of Economics 103, 1988",
        build=lambda: public_goods(agents=3, endowment=2, marginal_return=Fraction(1, 2)),
        known=("1 0 0 | 1 0 0 | 1 0 0",),
        notes="A unit given returns 1/2 to the giver and 3/2 to all: giving nothing is strictly dominant.",
        tags=("dominance", "symmetric"),
    ),
    Entry(
        name="volunteers-dilemma",
        title="Volunteer's dilemma of three agents: benefit 4, cost 1",
        source="Diekmann, Volunteer's dilemma, Journal of Conflict Resolution 29, 1985",
        build=lambda: volunteers_dilemma(agents=3, benefit=4, cost=1),
        known=(
            "1 0 | 0 1 | 0 1",
            "0 1 | 1 0 | 0 1",
            "0 1 | 0 1 | 1 0",
            "3/4 1/4 | 3/4 1/4 | 0 1",
            "3/4 1/4 | 0 1 | 3/4 1/4",
            "0 1 | 3/4 1/4 | 3/4 1/4",
            "1/2 1/2 | 1/2 1/2 | 1/2 1/2",
        ),
        notes="Mixing needs cost/benefit = 1/4 as the probability that no other volunteers: (1 - p)^2 "
        "for three who mix, 1 - p for two.",
        tags=("anti-coordination", "symmetric"),
    ),
)


def from_rule(
    sizes: Sequence[int],
    payoff: Callable[[int, tuple[int, ...]], int | Fraction],
    actions: Sequence[Sequence[str]] | None = None,
    title: str = "",
) -> NormalForm:
    """The game in which agent i receives ``payoff(i, joint)``."""
    payoffs = np.empty((len(sizes), *sizes), dtype=object)
    for i, joint in product(range(len(sizes)), product(*map(range, sizes))):
        payoffs[(i, *joint)] = Fraction(payoff(i, joint))
    return NormalForm(payoffs, actions=actions, title=title)


def jordan() -> NormalForm:
    """1 if agent i matches agent i+1 (the last: differs from the first), else −1."""

    def payoff(i: int, joint: tuple[int, ...]) -> int:
        matches = joint[i] == joint[(i + 1) % 3]
        return 1 if matches == (i < 2) else -1

    return from_rule((2, 2, 2), payoff, [["heads", "tails"]] * 3, "Three-agent matching pennies")


def mckelvey_mclennan() -> NormalForm:
    """Payoffs only where an even number of agents takes the second action."""
    cells: dict[tuple[int, ...], tuple[int, ...]] = {
        (0, 0, 0): (9, 8, 12),
        (1, 1, 0): (9, 8, 2),
        (1, 0, 1): (3, 4, 6),
        (0, 1, 1): (3, 4, 6),
    }
    return from_rule(
        (2, 2, 2), lambda i, joint: cells.get(joint, (0, 0, 0))[i], title="McKelvey and McLennan's game"
    )


def public_goods(agents: int, endowment: int, marginal_return: Fraction) -> NormalForm:
    """``u_i = endowment − c_i + marginal_return · Σ_j c_j`` for whole contributions ``c_j``."""
    levels = [str(level) for level in range(endowment + 1)]
    return from_rule(
        [endowment + 1] * agents,
        lambda i, joint: endowment - joint[i] + marginal_return * sum(joint),
        [levels] * agents,
        "Public goods",
    )


def volunteers_dilemma(agents: int, benefit: int, cost: int) -> NormalForm:
    """All receive the benefit if anybody volunteers, and volunteers pay the cost."""
    return from_rule(
        [2] * agents,
        lambda i, joint: benefit * (0 in joint) - cost * (joint[i] == 0),
        [["volunteer", "wait"]] * agents,
        "Volunteer's dilemma",
    )
