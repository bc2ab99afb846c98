"""What theory says of learning in a game, before anything is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from gametheory.classify.classify import Classification, classify
from gametheory.gradient_play import continuous, matrix
from gametheory.gradient_play.lyapunov import Lyapunov, lyapunov
from gametheory.gradient_play.stability import Linearisation, Stability
from gametheory.normal_form import NormalForm

Family = Literal["gradient", "magnet", "average"]
"""Learners that follow their own gradient; that are also pulled to an anchor; that average their play."""


class Outlook(StrEnum):
    """What is to be expected of a learner in a game."""

    CONVERGES = "converges"
    """To an equilibrium, from almost every start."""
    LOCALLY = "converges nearby"
    """From starts near the equilibria named; of others nothing is known."""
    NOWHERE = "settles nowhere"
    """No equilibrium attracts play: it goes round or away."""
    UNKNOWN = "unknown"
    """No theorem that we know of speaks."""


@dataclass(frozen=True)
class Claim:
    """One statement with its ground."""

    outlook: Outlook
    equilibria: tuple[int, ...]
    """Those that play may settle at, by their place in the list; empty for none, or for any."""
    why: str
    source: str

    def __str__(self) -> str:
        return f"{self.outlook}: {self.why} ({self.source})"


@dataclass(frozen=True)
class Prediction:
    """What is expected of one family of learners, and what that rests on."""

    family: Family
    claim: Claim
    linearisations: tuple[Linearisation, ...]
    """Of gradient play at each equilibrium of the list."""
    lyapunov: Lyapunov | None = None
    """Of gradient play with continuous actions, where one is proved."""


def predict(
    game: Any, equilibria: Sequence[Sequence[Any]], complete: bool, family: Family = "gradient"
) -> Prediction:
    """What theory says of a family of learners in a game.

    Theorems are about exact dynamics in continuous time or with vanishing steps; learners sample, have
    finite steps and approximate. So this is an expectation to be held against what happens, no proof.

    Args:
        game: a normal form, or a game with continuous actions.
        equilibria: those known.
        complete: whether there are no others.
        family: of learners.

    Raises:
        GameError: a profile that is no equilibrium of the game.
    """
    near = linearisations(game, equilibria)
    attracting = tuple(k for k, at in enumerate(near) if at.stability is Stability.STABLE)
    falls = None if isinstance(game, NormalForm) else lyapunov(game)
    if isinstance(game, NormalForm):
        known = _of_classes(game, family, attracting)
    else:
        known = _of_function(falls, equilibria) if falls is not None and family == "gradient" else None
    claim = known or _of_points(near, attracting, complete, family)
    return Prediction(family, claim, near, falls)


def linearisations(game: Any, equilibria: Sequence[Sequence[Any]]) -> tuple[Linearisation, ...]:
    """Gradient play to first order at each equilibrium.

    Raises:
        GameError: a profile that is no equilibrium.
    """
    if isinstance(game, NormalForm):
        return tuple(matrix.linearise(game, profile) for profile in equilibria)
    return tuple(continuous.linearise(game, profile) for profile in equilibria)


def _of_classes(game: NormalForm, family: Family, attracting: tuple[int, ...]) -> Claim | None:
    """What the class of the game says by itself."""
    classes = classify(game)
    two, zero_sum = len(game.agents) == 2, _holds(classes, "zero-sum up to positive affine maps")
    potential = _holds(classes, "exact potential") or _holds(classes, "weighted potential")
    if _holds(classes, "dominance-solvable"):
        return Claim(
            Outlook.CONVERGES,
            attracting,
            "iterated strict dominance leaves one joint action, and payoff-monotone play drops what is dominated",
            "Hofbauer & Weibull, J. Econ. Theory 71, 1996",
        )
    if family == "magnet" and two and zero_sum:
        return Claim(
            Outlook.CONVERGES,
            (),
            "two agents with opposed interests: the pull to an anchor makes the game strongly monotone",
            "Sokota et al., ICLR 2023",
        )
    if family == "average" and (potential or (two and zero_sum)):
        why = "a potential game" if potential else "two agents with opposed interests"
        source = (
            "Monderer & Shapley, J. Econ. Theory 68, 1996" if potential else "Robinson, Ann. Math. 54, 1951"
        )
        return Claim(Outlook.CONVERGES, (), f"{why}: fictitious play converges in beliefs", source)
    if potential and family != "average":
        return Claim(
            Outlook.CONVERGES,
            attracting,
            "a potential game: every agent's gradient climbs one function, and saddles of it are left",
            "Leonardos et al., ICLR 2022; Lee et al., COLT 2016",
        )
    return None


def _of_function(falls: Lyapunov, equilibria: Sequence[Sequence[Any]]) -> Claim:
    """What a function says that falls from every start."""
    return Claim(
        Outlook.CONVERGES,
        tuple(range(len(equilibria))),  # there is but one
        f"diagonally strictly concave: {falls} falls along everybody's gradient, from every start",
        "Rosen, Econometrica 33, 1965, theorem 9",
    )


def _holds(classes: Classification, name: str) -> bool:
    return classes.classes[name].holds is True


def _of_points(
    near: Sequence[Linearisation], attracting: tuple[int, ...], complete: bool, family: Family
) -> Claim:
    """What the equilibria's own stability says."""
    if family == "average":
        return Claim(
            Outlook.UNKNOWN, (), "averages of play converge in some classes of games, this is none", "none"
        )
    source = "Hofbauer & Sigmund, Evolutionary Games and Population Dynamics, 1998"
    if attracting:
        what = "strict" if all(near[k].strict for k in attracting) else "stable"
        why = f"{len(attracting)} of {len(near)} known equilibria attract play nearby ({what})"
        return Claim(Outlook.LOCALLY, attracting, why, source)
    if complete and near and all(at.stability.attracts is False for at in near) and family == "gradient":
        kinds = ", ".join(sorted({str(at.stability) for at in near}))
        why = f"every equilibrium lets go of play that follows its gradient ({kinds})"
        return Claim(
            Outlook.NOWHERE,
            (),
            why,
            "Mertikopoulos, Papadimitriou & Piliouras, SODA 2018; Hart & Mas-Colell, AER 93, 2003",
        )
    return Claim(
        Outlook.UNKNOWN, (), "first derivatives do not tell, or not every equilibrium is known", "none"
    )
