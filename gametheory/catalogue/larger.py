"""Two agents and more than two actions: cycles, unravelling, many equilibria."""

from __future__ import annotations

from gametheory.catalogue.entry import Entry, table
from gametheory.normal_form import NormalForm

ENTRIES = (
    Entry(
        name="shapley",
        title="Shapley's game",
        source="Shapley, Some topics in two-person games, in Advances in Game Theory, 1964",
        build=lambda: table(
            ["1,0 0,1 0,0", "0,0 1,0 0,1", "0,1 0,0 1,0"], ["low middle high"], title="Shapley's game"
        ),
        known=("1/3 1/3 1/3 | 1/3 1/3 1/3",),
        notes="The first agent wants to match, the second to be one ahead; fictitious play cycles ever "
        "more slowly. On fewer than three actions one of them has a better reply outside.",
        tags=("cyclic",),
    ),
    Entry(
        name="travellers-dilemma",
        title="Traveller's dilemma with claims 2 to 6",
        source="Basu, The traveler's dilemma: paradoxes of rationality in game theory, "
        "American Economic Review 84, 1994",
        build=lambda: travellers_dilemma(lowest=2, highest=6, reward=2),
        known=("1 0 0 0 0 | 1 0 0 0 0",),
        notes="The highest claim anybody makes is beaten by the one below it, down to the lowest.",
        tags=("symmetric",),
    ),
    Entry(
        name="von-stengel",
        title="Von Stengel's 6x6 game with 75 equilibria",
        source="von Stengel, New maximal numbers of equilibria in bimatrix games, "
        "Discrete & Computational Geometry 21, 1999",
        build=lambda: von_stengel(),
        known=None,
        complete=False,
        count=75,
        notes="Nondegenerate, with more equilibria than the 2^6 - 1 = 63 of pure coordination.",
    ),
)


def travellers_dilemma(lowest: int, highest: int, reward: int) -> NormalForm:
    """Both are paid the lower claim; who made it alone gains the reward, the other loses it."""
    claims = range(lowest, highest + 1)
    own = [[min(row, other) + reward * ((row < other) - (row > other)) for other in claims] for row in claims]
    other = [list(row) for row in zip(*own, strict=True)]
    labels = [str(claim) for claim in claims]
    return NormalForm([own, other], actions=[labels, labels], title="Traveller's dilemma")


def von_stengel() -> NormalForm:
    """``B[i, j] = A[σ(j), σ(i)]`` with σ the exchange of actions 1 and 5, 2 and 6."""
    first = [
        [9504, -660, 19976, -20526, 1776, -8976],
        [-111771, 31680, -130944, 168124, -8514, 52764],
        [397584, -113850, 451176, -586476, 29216, -178761],
        [171204, -45936, 208626, -263076, 14124, -84436],
        [1303104, -453420, 1227336, -1718376, 72336, -461736],
        [737154, -227040, 774576, -1039236, 48081, -300036],
    ]
    exchange = [4, 5, 2, 3, 0, 1]
    second = [[first[exchange[j]][exchange[i]] for j in range(6)] for i in range(6)]
    return NormalForm([first, second], title="Von Stengel's 6x6 game with 75 equilibria")
