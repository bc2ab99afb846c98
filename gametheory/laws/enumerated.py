"""The laws of two games, enumerated trajectory by trajectory until they differ or must be equal.

A *trajectory* lists, round by round, who saw what and did what, the rewards, γ and whether play
ended; its probability is conditional on the actions. Both games are walked with unnormalised
beliefs x_A, x_B over their hidden states. In exact games a trajectory is followed further only if
``x_A ⊕ x_B`` is linearly independent of those followed before: what comes after is linear in that
vector, so dependent ones can show no difference that those would not show as early (the decision
procedure for weighted automata: Schützenberger 1961, Tzeng, *SIAM J. Comput.* 21, 1992). There are at most
as many as hidden states; when none is left the laws are equal for every horizon. In float games a
trajectory is dropped only if a followed one left the same beliefs, up to scale and rounding at the tenth
decimal: equality then holds within the tolerance per step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gametheory.errors import LimitReached
from gametheory.laws.machines import Acts, Belief, Letter, Rounds
from gametheory.laws.matching import TOLERANCE
from gametheory.numerics import Number

LETTERS = 1_000_000
"""How many letters a search may read."""


@dataclass(frozen=True)
class FoundDifference:
    """A trajectory whose probabilities differ; the letters, and both probabilities given the actions."""

    letters: tuple[Letter, ...]
    probabilities: tuple[Number, Number]


@dataclass(frozen=True)
class Search:
    """What a search found."""

    difference: FoundDifference | None
    rounds: int
    """Rounds through which the laws agree; all there are, if ``closed``."""
    closed: bool


Guide = Callable[[int, Letter], bool]
"""Whether to follow a letter in a round; the opening is round 0."""


@dataclass(frozen=True)
class _Node:
    letters: tuple[Letter, ...]
    beliefs: tuple[Belief, Belief]
    round: int


def search(a: Rounds, b: Rounds, horizon: int | None, guide: Guide | None = None) -> Search:
    """Breadth first to the first trajectory whose probabilities differ.

    Args:
        a: one game.
        b: the other.
        horizon: how many rounds to look at; None: all.
        guide: restricts the trajectories that are followed; then nothing is proved.

    Raises:
        LimitReached: more than ``LETTERS`` letters were read; the message says how many rounds agree.
    """
    known = _Followed(a.exact and b.exact, spanned=guide is None)
    queue: deque[_Node] = deque()
    root = _Node((), ({None: 1}, {None: 1}), 0)
    if found := _expand(root, (a.opening(), b.opening()), known, queue, guide):
        return Search(found, 0, False)
    read, cut = 0, False
    while queue:
        node = queue.popleft()
        acts = isinstance(node.letters[-1], Acts)
        if not acts and node.round - 1 == horizon:
            cut = True
            continue
        step = (a.move, b.move) if acts else (a.act, b.act)
        letters = (step[0](node.beliefs[0]), step[1](node.beliefs[1]))
        read += len(letters[0]) + len(letters[1])
        if found := _expand(node, letters, known, queue, guide):
            return Search(found, node.round - 1, False)
        if read > LETTERS:
            raise LimitReached(f"no difference in the first {node.round - 1} rounds, and too many to go on")
    return Search(None, horizon or 0, not cut and guide is None)


def _expand(
    node: _Node,
    letters: tuple[dict[Letter, Belief], dict[Letter, Belief]],
    known: _Followed,
    queue: deque[_Node],
    guide: Guide | None,
) -> FoundDifference | None:
    """Compare the masses of every next letter; queue those worth following."""
    scale = max(float(sum(belief.values())) for belief in node.beliefs)
    for letter in {**letters[0], **letters[1]}:
        beliefs = (letters[0].get(letter, {}), letters[1].get(letter, {}))
        p, q = (sum(belief.values()) for belief in beliefs)
        if p != q if known.exact else abs(p - q) > TOLERANCE * scale:
            return FoundDifference((*node.letters, letter), (p, q))
        if letter.over or (guide is not None and not guide(node.round, letter)):
            continue
        acts = isinstance(letter, Acts)
        after = node.round + (not acts)
        if known.is_new((acts, None if guide is None else after), beliefs):
            queue.append(_Node((*node.letters, letter), beliefs, after))
    return None


class _Followed:
    """The beliefs followed so far: a basis of their span, or a list of them where numbers are floats."""

    def __init__(self, exact: bool, spanned: bool) -> None:
        self.exact, self.spanned = exact, exact and spanned
        self.numbers: dict[Hashable, int] = {}
        self.basis: dict[int, dict[int, Fraction]] = {}
        self.listed: set[Hashable] = set()

    def is_new(self, when: Hashable, beliefs: tuple[Belief, Belief]) -> bool:
        """Whether the pair of beliefs adds to those before; if so it is remembered."""
        vector: dict[int, Any] = {}
        for side, belief in enumerate(beliefs):
            for place, weight in belief.items():
                vector[self.numbers.setdefault((when, side, place), len(self.numbers))] = weight
        return self._independent(vector) if self.spanned else self._unlisted(vector)

    def _unlisted(self, vector: dict[int, Any]) -> bool:
        total = sum(vector.values())
        key = frozenset((k, round(float(v / total), 10)) for k, v in vector.items())
        fresh = key not in self.listed
        self.listed.add(key)
        return fresh

    def _independent(self, vector: dict[int, Any]) -> bool:
        while vector:
            pivot = min(vector)
            if pivot not in self.basis:
                lead = Fraction(vector[pivot])
                self.basis[pivot] = {k: v / lead for k, v in vector.items()}
                return True
            factor = vector[pivot]
            for k, v in self.basis[pivot].items():
                rest = vector.get(k, 0) - factor * v
                if rest:
                    vector[k] = rest
                else:
                    vector.pop(k, None)
        return False
