"""Two agents who gain by agreeing, and what makes agreeing hard."""

from __future__ import annotations

from gametheory.catalogue.entry import Entry
from gametheory.normal_form import NormalForm

_CLAUS_BOUTILIER = (
    "Claus & Boutilier, The dynamics of reinforcement learning in cooperative multiagent systems, AAAI 1998"
)

ENTRIES = (
    Entry(
        name="pure-coordination",
        title="Pure coordination on one of three meeting points",
        source="Schelling, The Strategy of Conflict, 1960",
        build=lambda: pure_coordination(3),
        known=(
            "1 0 0 | 1 0 0",
            "0 1 0 | 0 1 0",
            "0 0 1 | 0 0 1",
            "1/2 1/2 0 | 1/2 1/2 0",
            "1/2 0 1/2 | 1/2 0 1/2",
            "0 1/2 1/2 | 0 1/2 1/2",
            "1/3 1/3 1/3 | 1/3 1/3 1/3",
        ),
        notes="Best replies are the other's likeliest points, so both are uniform on one common set: "
        "2^3 - 1 = 7 of them.",
        tags=("coordination", "identical-interest"),
    ),
    Entry(
        name="climbing",
        title="Climbing game",
        source=_CLAUS_BOUTILIER,
        build=lambda: _identical([[11, -30, 0], [-30, 7, 6], [0, 0, 5]], "Climbing game"),
        known=("1 0 0 | 1 0 0", "0 1 0 | 0 1 0", "5/16 0 11/16 | 5/16 0 11/16"),
        notes="(1, 1) pays 11 but a slip costs 30; (2, 2) pays 7. Mixed: 11q = 5(1 - q) gives q = 5/16; "
        "(3, 3) is none, and neither is any mixture with action 2.",
        tags=("coordination", "identical-interest"),
    ),
    Entry(
        name="penalty",
        title="Penalty game with penalty -30",
        source=_CLAUS_BOUTILIER,
        build=lambda: penalty(-30),
        known=(
            "1 0 0 | 1 0 0",
            "0 1 0 | 0 1 0",
            "0 0 1 | 0 0 1",
            "1/6 5/6 0 | 1/6 5/6 0",
            "0 5/6 1/6 | 0 5/6 1/6",
        ),
        notes="Two optima that punish being mixed up, and a safe second action. Mixed: 10q = 2(1 - q) "
        "gives q = 1/6; mixing the optima pays -10, less than the safe 0.",
        tags=("coordination", "identical-interest"),
    ),
    Entry(
        name="minimum-effort",
        title="Minimum-effort game with three levels",
        source="Van Huyck, Battalio & Beil, Tacit coordination games, strategic uncertainty, and "
        "coordination failure, American Economic Review 80, 1990 (two agents, three levels)",
        build=lambda: minimum_effort(3),
        known=(
            "1 0 0 | 1 0 0",
            "0 1 0 | 0 1 0",
            "0 0 1 | 0 0 1",
            "1/2 1/2 0 | 1/2 1/2 0",
            "1/2 0 1/2 | 1/2 0 1/2",
            "0 1/2 1/2 | 0 1/2 1/2",
        ),
        notes="u = 2 min(own, other) - own: one more step pays iff the other goes there with probability "
        "over 1/2. Mixing 1 and 3 leaves 2 as good a reply.",
        tags=("coordination", "symmetric", "potential"),
    ),
)


def pure_coordination(points: int) -> NormalForm:
    """Both receive 1 if they choose the same point, else 0."""
    same = [[int(row == column) for column in range(points)] for row in range(points)]
    return _identical(same, "Pure coordination")


def penalty(penalty: int) -> NormalForm:
    """Both receive ``[[10, 0, k], [0, 2, 0], [k, 0, 10]]`` with ``k ≤ 0`` the penalty."""
    return _identical([[10, 0, penalty], [0, 2, 0], [penalty, 0, 10]], f"Penalty game, penalty {penalty}")


def minimum_effort(levels: int) -> NormalForm:
    """``u_i = 2 min_j e_j − e_i`` for efforts 1 … levels."""
    efforts = range(1, levels + 1)
    own = [[2 * min(row, column) - row for column in efforts] for row in efforts]
    other = [list(row) for row in zip(*own, strict=True)]
    return NormalForm([own, other], title="Minimum-effort game")


def _identical(payoffs: list[list[int]], title: str) -> NormalForm:
    return NormalForm([payoffs, payoffs], title=title)
