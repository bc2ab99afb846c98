"""Zero-sum games of two agents: the second agent loses what the first wins."""

from __future__ import annotations

from itertools import product

from gametheory.catalogue.entry import Entry, zero_sum
from gametheory.normal_form import NormalForm

ENTRIES = (
    Entry(
        name="matching-pennies",
        title="Matching pennies",
        source="von Neumann & Morgenstern, Theory of Games and Economic Behavior, 1944",
        build=lambda: zero_sum(["1 -1", "-1 1"], ["heads tails"], title="Matching pennies"),
        known=("1/2 1/2 | 1/2 1/2",),
        notes="Value 0. Any bias is exploited by the other agent's pure reply.",
        tags=("cyclic",),
    ),
    Entry(
        name="rock-paper-scissors",
        title="Rock-paper-scissors",
        source="von Neumann & Morgenstern, Theory of Games and Economic Behavior, 1944",
        build=lambda: zero_sum(
            ["0 -1 1", "1 0 -1", "-1 1 0"], ["rock paper scissors"], title="Rock-paper-scissors"
        ),
        known=("1/3 1/3 1/3 | 1/3 1/3 1/3",),
        notes="Value 0; with odd skew-symmetric payoffs of this sign pattern the solution is unique.",
        tags=("cyclic", "symmetric"),
    ),
    Entry(
        name="biased-rock-paper-scissors",
        title="Rock-paper-scissors with wins of 3, 1 and 2",
        source="Kaplansky, A contribution to von Neumann's theory of games, Annals of Mathematics 46, 1945",
        build=lambda: zero_sum(
            ["0 -1 3", "1 0 -2", "-3 2 0"],
            ["rock paper scissors"],
            title="Biased rock-paper-scissors",
        ),
        known=("1/3 1/2 1/6 | 1/3 1/2 1/6",),
        notes="Each action's probability is proportional to what the other two are worth against each "
        "other: rock to 2 (scissors beat paper), paper to 3 (rock beats scissors), scissors to 1.",
        tags=("cyclic", "symmetric"),
    ),
    Entry(
        name="diagonal",
        title="Diagonal game with prizes 1, 2 and 3",
        source="Ferguson, A Course in Game Theory, 2020, part II",
        build=lambda: zero_sum(["1 0 0", "0 2 0", "0 0 3"], title="Diagonal game"),
        known=("6/11 3/11 2/11 | 6/11 3/11 2/11",),
        notes="Probabilities are inverse to the prizes; value 1/(1 + 1/2 + 1/3) = 6/11.",
    ),
    Entry(
        name="oneill",
        title="O'Neill's card game",
        source="O'Neill, Nonmetric test of the minimax theory of two-person zerosum games, PNAS 84, 1987",
        build=lambda: zero_sum(
            ["1 -1 -1 -1", "-1 -1 1 1", "-1 1 -1 1", "-1 1 1 -1"],
            ["joker ace two three"],
            title="O'Neill's card game",
        ),
        known=("2/5 1/5 1/5 1/5 | 2/5 1/5 1/5 1/5",),
        notes="The first agent wins on two jokers or two different number cards. With jokers at 2/5 and "
        "each card at 1/5 every action wins with probability 2/5; value -1/5.",
    ),
    Entry(
        name="morra",
        title="Two-finger Morra",
        source="Dresher, Games of Strategy: Theory and Applications, 1961; "
        "optimal strategies also in Ferguson, A Course in Game Theory, 2020, part II",
        build=lambda: morra(2),
        known=(
            "0 3/5 2/5 0 | 0 3/5 2/5 0",
            "0 3/5 2/5 0 | 0 4/7 3/7 0",
            "0 4/7 3/7 0 | 0 3/5 2/5 0",
            "0 4/7 3/7 0 | 0 4/7 3/7 0",
        ),
        notes="Value 0. Show one and call two with probability from 4/7 to 3/5, else show two and call "
        "one: both agents' optimal strategies form a segment.",
        tags=("degenerate", "symmetric"),
    ),
    Entry(
        name="colonel-blotto",
        title="Colonel Blotto with four regiments against three on two posts",
        source="Dresher, Games of Strategy: Theory and Applications, 1961; "
        "Karlin, Mathematical Methods and Theory in Games, 1959, volume I",
        build=lambda: colonel_blotto(4, 3),
        known=("4/9 0 1/9 0 4/9 | 7/90 16/45 8/15 1/30", "4/9 0 1/9 0 4/9 | 1/30 8/15 16/45 7/90"),
        notes="Value 14/9. Kije's optimal strategies form a segment that is its own mirror image; the "
        "books give its midpoint, 1/18 4/9 4/9 1/18.",
        tags=("degenerate",),
    ),
)


def morra(fingers: int) -> NormalForm:
    """Both show 1 … fingers and call the other's; a lone right call wins the sum shown."""
    moves = list(product(range(1, fingers + 1), repeat=2))
    rows = [
        [(shown + other) * ((call == other) - (answer == shown)) for other, answer in moves]
        for shown, call in moves
    ]
    labels = [f"show {shown}, call {call}" for shown, call in moves]
    return NormalForm.bimatrix(rows, actions=[labels, labels], title="Morra")


def colonel_blotto(first: int, second: int) -> NormalForm:
    """Regiments on two posts; who has more takes the post (1) and the others' regiments (1 each)."""

    def post(own: int, other: int) -> int:
        return (own > other) * (1 + other) - (own < other) * (1 + own)

    rows = [
        [post(left, right) + post(first - left, second - right) for right in range(second + 1)]
        for left in range(first + 1)
    ]
    labels = [[f"{left}+{total - left}" for left in range(total + 1)] for total in (first, second)]
    return NormalForm.bimatrix(rows, agents=["Blotto", "Kije"], actions=labels, title="Colonel Blotto")
