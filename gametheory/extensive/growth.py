"""How large a game's tree will be, counted over positions before a node of it is built."""

from __future__ import annotations

import itertools
from math import prod

from gametheory.game import NULL
from gametheory.tables.rules import Position, Rules

HORIZON_NEEDED = (
    "play may go on for ever, so the tree has no end; give a horizon (--horizon), in the game's own steps"
)


def count_nodes(law: Rules, horizon: int | None, *, draw_last: bool = True) -> int | None:
    """Number of nodes ``unroll`` makes, or None if play may go on for ever and no horizon stops it.

    ``N(x, t) = decision nodes of x + Σ_a (draw node + Σ_arrivals N(x', t + 1))``, over positions x
    with a memory of (x, t): the work is that of the positions, not of the tree.
    """
    counting = _Counting(law, horizon, draw_last)
    openings = law.openings()
    below = counting.total([position for _, position in openings])
    return None if below is None else below + (len(openings) > 1)  # chance's own node


class _Counting:
    """Depth-first over positions with an explicit stack, as games may be deep."""

    def __init__(self, law: Rules, horizon: int | None, draw_last: bool) -> None:
        self.law, self.horizon, self.draw_last = law, horizon, draw_last
        self.known: dict[tuple[Position, int], int] = {}
        self.open: set[tuple[Position, int]] = set()
        self.rows: dict[Position, list[tuple[int, list[Position]]]] = {}

    def total(self, starts: list[Position]) -> int | None:
        for start in starts:
            if not self.visit((start, 0)):
                return None
        return sum(self.known[start, 0] for start in starts)

    def visit(self, root: tuple[Position, int]) -> bool:
        """Count below a position; False where a position comes back to itself without a horizon."""
        stack = [root]
        while stack:
            key = stack[-1]
            if key in self.known:
                stack.pop()
                continue
            children = self.children(key)
            waiting = [child for child in children if child not in self.known]
            if key in self.open or not waiting:
                self.open.discard(key)
                self.known[key] = self.size(key)
                stack.pop()
                continue
            self.open.add(key)
            if any(child in self.open for child in waiting):
                return False
            stack += waiting
        return True

    def over(self, key: tuple[Position, int]) -> bool:
        return self.law.over[key[0].state] or key[1] == self.horizon

    def undrawn(self, key: tuple[Position, int]) -> bool:
        """Whether what comes next is the last step, and nothing is drawn there."""
        return not self.draw_last and key[1] + 1 == self.horizon

    def children(self, key: tuple[Position, int]) -> list[tuple[Position, int]]:
        if self.over(key) or self.undrawn(key):
            return []
        time = 0 if self.horizon is None else key[1] + 1
        places = {position for _, below in self.draws(key[0]) for position in below}
        return [(position, time) for position in places]

    def size(self, key: tuple[Position, int]) -> int:
        position, time = key
        if self.over(key):
            return 1
        later = 0 if self.horizon is None else time + 1
        widths = [len(self.law.legal(i, w)) for i, w in enumerate(position.observations) if w != NULL]
        decisions = sum(prod(widths[:k]) for k in range(len(widths)))
        if self.undrawn(key):
            return decisions + prod(widths)
        return decisions + sum(
            extra + sum(self.known[place, later] for place in below) for extra, below in self.draws(position)
        )

    def draws(self, position: Position) -> list[tuple[int, list[Position]]]:
        """Per legal joint action: 1 if chance gets a node, and where its moves lead."""
        if position not in self.rows:
            own: list[list[int]] = [
                [NULL] if w == NULL else list(self.law.legal(i, w))
                for i, w in enumerate(position.observations)
            ]
            out = []
            for joint in itertools.product(*own):
                arrivals = self.law.arrivals(position, joint)
                out.append((int(len(arrivals) > 1), [arrival.position for arrival in arrivals]))
            self.rows[position] = out
        return self.rows[position]
