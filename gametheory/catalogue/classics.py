"""Two agents with two actions each: the games every textbook starts with."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from gametheory.catalogue.entry import Entry, table
from gametheory.normal_form import NormalForm

ENTRIES = (
    Entry(
        name="prisoners-dilemma",
        title="Prisoner's dilemma",
        source="Tucker 1950, in Luce & Raiffa, Games and Decisions, 1957, section 5.4",
        build=lambda: table(["-1,-1 -3,0", "0,-3 -2,-2"], ["cooperate defect"], title="Prisoner's dilemma"),
        known=("0 1 | 0 1",),
        notes="Defecting is strictly dominant (0 > -1 and -2 > -3), so nothing else survives.",
        tags=("dominance", "symmetric"),
    ),
    Entry(
        name="stag-hunt",
        title="Stag hunt",
        source="Rousseau 1755; Skyrms, The Stag Hunt and the Evolution of Social Structure, 2004",
        build=lambda: table(["2,2 0,1", "1,0 1,1"], ["stag hare"], title="Stag hunt"),
        known=("1 0 | 1 0", "0 1 | 0 1", "1/2 1/2 | 1/2 1/2"),
        notes="Stag pays 2q against a stag hunter of probability q, hare always 1: equal at q = 1/2.",
        tags=("coordination", "symmetric"),
    ),
    Entry(
        name="aumann-stag-hunt",
        title="Aumann's stag hunt, where what pays most is not what is safe",
        source="Aumann, Nash equilibria are not self-enforcing, in Economic Decision Making: Games, "
        "Econometrics and Optimisation, 1990",
        build=lambda: table(["9,9 0,8", "8,0 7,7"], ["stag hare"], title="Aumann's stag hunt"),
        known=("1 0 | 1 0", "0 1 | 0 1", "7/8 1/8 | 7/8 1/8"),
        notes="Stag pays 9q, hare 7 + q: equal at q = 7/8. Both at stag is payoff-dominant, both at hare "
        "risk-dominant: leaving costs 1 there, 7 here (Harsanyi & Selten 1988).",
        tags=("coordination", "symmetric"),
    ),
    Entry(
        name="battle-of-the-sexes",
        title="Battle of the sexes",
        source="Luce & Raiffa, Games and Decisions, 1957, section 5.3",
        build=lambda: table(["2,1 0,0", "0,0 1,2"], ["ballet boxing"], title="Battle of the sexes"),
        known=("1 0 | 1 0", "0 1 | 0 1", "2/3 1/3 | 1/3 2/3"),
        notes="Mixed: 2q = 1 - q gives q = 1/3 for the second agent; p = 2(1 - p) gives p = 2/3.",
        tags=("coordination",),
    ),
    Entry(
        name="chicken",
        title="Chicken",
        source="Aumann, Subjectivity and correlation in randomized strategies, "
        "Journal of Mathematical Economics 1, 1974",
        build=lambda: table(["6,6 2,7", "7,2 0,0"], ["swerve straight"], title="Chicken"),
        known=("1 0 | 0 1", "0 1 | 1 0", "2/3 1/3 | 2/3 1/3"),
        notes="Mixed: 6q + 2(1 - q) = 7q gives q = 2/3.",
        tags=("anti-coordination", "symmetric"),
    ),
    Entry(
        name="hawk-dove",
        title="Hawk and dove, prize 2 and cost of a fight 6",
        source="Maynard Smith & Price, The logic of animal conflict, Nature 246, 1973",
        build=lambda: hawk_dove(2, 6),
        known=("1 0 | 0 1", "0 1 | 1 0", "1/3 2/3 | 1/3 2/3"),
        notes="The mixed one plays hawk with probability prize/cost = 1/3.",
        tags=("anti-coordination", "symmetric"),
    ),
    Entry(
        name="deadlock",
        title="Deadlock",
        source="Snyder & Diesing, Conflict Among Nations, 1977",
        build=lambda: table(["1,1 0,3", "3,0 2,2"], ["cooperate defect"], title="Deadlock"),
        known=("0 1 | 0 1",),
        notes="Defecting is strictly dominant, and unlike in the prisoner's dilemma both gain by it.",
        tags=("dominance", "symmetric"),
    ),
    Entry(
        name="inspection",
        title="Inspection game: wage 6, effort 2, cost of inspecting 1, output 10",
        source="Fudenberg & Tirole, Game Theory, 1991, example 1.7 (structure; numbers ours)",
        build=lambda: inspection(wage=6, effort=2, inspecting=1, output=10),
        known=("1/6 5/6 | 1/3 2/3",),
        notes="Shirking has probability inspecting/wage = 1/6, inspecting effort/wage = 1/3; no pure one: "
        "each pure pair sends one of the two round.",
        tags=("cyclic",),
    ),
    Entry(
        name="entry-deterrence",
        title="Entry deterrence",
        source="Selten, The chain store paradox, Theory and Decision 9, 1978 (structure; numbers ours)",
        build=lambda: table(
            ["0,2 0,2", "-1,-1 1,1"],
            ["out enter", "fight accommodate"],
            agents=["entrant", "incumbent"],
            title="Entry deterrence",
        ),
        known=("0 1 | 0 1", "1 0 | 1 0", "1 0 | 1/2 1/2"),
        notes="Staying out is best if a fight has probability at least 1/2, and then the incumbent is "
        "indifferent: a continuum, listed by its two ends.",
        tags=("degenerate",),
    ),
    Entry(
        name="asymmetric-matching-pennies",
        title="Asymmetric matching pennies",
        source="Goeree & Holt, Ten little treasures of game theory and ten intuitive contradictions, "
        "American Economic Review 91, 2001",
        build=lambda: table(
            ["320,40 40,80", "40,80 80,40"],
            ["top bottom", "left right"],
            title="Asymmetric matching pennies",
        ),
        known=("1/2 1/2 | 1/8 7/8",),
        notes="320q + 40(1 - q) = 40q + 80(1 - q) gives q = 1/8; the second agent's payoffs are "
        "symmetric, so p = 1/2.",
        tags=("cyclic",),
    ),
)


def hawk_dove(prize: int, cost: int) -> NormalForm:
    """Two hawks share the prize less the cost of the fight, two doves the prize."""
    own: list[list[Any]] = [[Fraction(prize - cost, 2), Fraction(prize)], [Fraction(0), Fraction(prize, 2)]]
    other = [[own[column][row] for column in (0, 1)] for row in (0, 1)]
    return NormalForm(
        [own, other], actions=[["hawk", "dove"]] * 2, title=f"Hawk and dove, prize {prize}, cost {cost}"
    )


def inspection(wage: int, effort: int, inspecting: int, output: int) -> NormalForm:
    """The worker is paid unless caught shirking; mixed if ``wage > effort > inspecting > 0``."""
    worker = [[0, wage], [wage - effort, wage - effort]]
    employer = [[-inspecting, -wage], [output - wage - inspecting, output - wage]]
    return NormalForm(
        [worker, employer],
        agents=["worker", "employer"],
        actions=[["shirk", "work"], ["inspect", "trust"]],
        title="Inspection game",
    )
