"""Matrix games played several times, and Goofspiel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import Array, Number, as_numbers
from gametheory.posg import POSG
from gametheory.tables.assemble import to_posg
from gametheory.tables.listed import Observations, Outcome, explore


def repeated(game: NormalForm, times: int | None, discount: Number = 1) -> POSG:
    """A matrix game played ``times`` times, or for ever; after each round everybody sees what all have done.

    The states are the round and the last joint action, so an agent's history holds all rounds. For ever
    the last joint action is the state, and tables over observations are the strategies of memory one.

    Args:
        game: the stage game.
        times: number of rounds; None: for ever.
        discount: γ from one round to the next, below 1 for ever.

    Raises:
        GameError: not at least one round, or no discount for ever.
    """
    if times is not None and (type(times) is not int or times < 1):
        raise GameError(f"times is {times!r}; a game is played at least once, or for ever: none")
    if times is None and not as_numbers([discount], "discount")[0] < 1:
        raise GameError(f"discount is {discount}; a game that is played for ever needs one below 1")
    joints = list(product(*map(range, game.shape)))
    count, rounds = len(joints), times or 1
    S = rounds * count + 1  # the first round, then a state per round and last joint action
    P = np.zeros((S, *game.shape, S), dtype=np.int64)
    played = np.arange(count).reshape(game.shape)
    for state in range(S if times is None else S - count):
        later = 1 if times is None else 1 + -(-state // count) * count
        for joint in joints:
            P[(state, *joint, later + played[joint])] = 1
    rewards = np.repeat(game.payoffs[:, None], S, axis=1)
    labels = [", ".join(names[a] for names, a in zip(game.actions, joint, strict=True)) for joint in joints]
    seen = np.zeros((S, count), dtype=np.int64)
    seen[1:] = np.tile(np.eye(count, dtype=np.int64), (rounds, 1))
    seen[0, 0] = 1  # no play comes back to the first round
    after = ["after"] if times is None else [f"after round {t + 1}:" for t in range(rounds)]
    return POSG(
        P,
        rewards,
        [seen] * len(game.agents),
        initial=_unit(S),
        discount=discount,
        terminal=() if times is None else range(S - count, S),
        agents=game.agents,
        states=["first round", *(f"{word} {label}" for word in after for label in labels)],
        actions=game.actions,
        observation_labels=[labels] * len(game.agents),
        title=f"{game.title}, {'for ever' if times is None else f'{times} rounds'}",
    )


def repeated_by_name(game: str = "prisoners-dilemma", times: int | None = 5, discount: Number = 1) -> POSG:
    """Any matrix game of the catalogue, several rounds of it.

    See ``repeated``.
    """
    from gametheory.catalogue import entry

    stage = entry(game).build()
    if not isinstance(stage, NormalForm):
        raise GameError(f"{game} is no matrix game; only these can be repeated here")
    return repeated(stage, times, discount)


def battle_of_the_sexes(times: int) -> POSG:
    """Battle of the sexes, ``times`` rounds."""
    return repeated_by_name("battle-of-the-sexes", times)


def _unit(size: int) -> Array:
    out = np.zeros(size, dtype=np.int64)
    out[0] = 1
    return out


class Auction(NamedTuple):
    """The prize to be won now (0 once play is over), prizes still to come, and both hands."""

    prize: int
    waiting: frozenset[int]
    hands: tuple[frozenset[int], frozenset[int]]

    def __str__(self) -> str:
        hands = " against ".join("".join(map(str, sorted(hand))) or "nothing" for hand in self.hands)
        return f"prize {self.prize}, {hands}" if self.prize else "over"


@dataclass(frozen=True)
class Goofspiel:
    """Goofspiel (Ross, Journal of Applied Probability 8, 1971) with cards 1 … k.

    Prizes 1 … k come up in random order. Both bid a card from hand at once; the higher card wins the
    prize, equal cards win nothing, and both bids are seen and gone. Rewards are the prizes' values,
    the winner's from the other.
    """

    cards: int = 3
    discount: Number = 1
    agents: tuple[str, ...] = ("1", "2")

    @property
    def actions(self) -> tuple[tuple[str, ...], ...]:
        return (tuple(str(card) for card in range(1, self.cards + 1)),) * 2

    def initial(self) -> Iterable[tuple[Number, Auction, Observations]]:
        hand = frozenset(range(1, self.cards + 1))
        return [(p, state, self._seen(state)) for p, state in self._drawn(hand, (hand, hand))]

    def outcomes(self, state: Auction, joint: tuple[int, ...]) -> Iterable[Outcome]:
        one, two = (action + 1 for action in joint)
        won = state.prize * ((one > two) - (one < two))
        hands = state.hands[0] - {one}, state.hands[1] - {two}
        for p, reached in self._drawn(state.waiting, hands):
            yield Outcome(p, reached, (won, -won), self._seen(reached))

    def _drawn(
        self, prizes: frozenset[int], hands: tuple[frozenset[int], frozenset[int]]
    ) -> list[tuple[Number, Auction]]:
        if not prizes:
            return [(1, Auction(0, prizes, hands))]
        return [(Fraction(1, len(prizes)), Auction(c, prizes - {c}, hands)) for c in sorted(prizes)]

    def _seen(self, state: Auction) -> Observations:
        return (str(state), str(state)) if state.prize else (None, None)

    def acting(self, state: Auction) -> Sequence[bool]:
        return True, True

    def legal(self, state: Any, agent: int) -> list[int]:
        return [card - 1 for card in sorted(state.hands[agent])]

    def terminal(self, state: Auction) -> bool:
        return not state.prize


def goofspiel(cards: int = 3) -> POSG:
    """Goofspiel with a few cards, as a POSG whose agents see the state."""
    return to_posg(explore(Goofspiel(cards)), f"Goofspiel with {cards} cards")
