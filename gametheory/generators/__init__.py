"""Families of games after GAMUT, each game named by family, parameters, seed and index.

Nudelman, Wortman, Shoham & Leyton-Brown, *Run the GAMUT: a comprehensive approach to evaluating
game-theoretic algorithms*, AAMAS 2004.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gametheory.commands.keywords import check_name, keywords
from gametheory.errors import GameError, UnknownName
from gametheory.generators import contests, markets, networks, potential, random_games, social
from gametheory.generators.draws import Draws
from gametheory.normal_form import NormalForm

_GAMUT = "Nudelman et al., Run the GAMUT, AAMAS 2004"


@dataclass(frozen=True)
class Family:
    """A generator: how it draws a game, and where the game comes from."""

    build: Callable[..., NormalForm]
    """``build(draws, **parameters)``; its docstring says what comes out."""
    source: str

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (self.build.__doc__ or "").strip().splitlines()[0].replace("``", "")

    @property
    def defaults(self) -> Mapping[str, Any]:
        """Parameter to default."""
        return {name: parameter.default for name, parameter in keywords(self.build).items()}


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "bertrand": Family(markets.bertrand, "Bertrand 1883; " + _GAMUT),
        "blotto": Family(contests.blotto, "Borel, La théorie du jeu, 1921"),
        "common-interest": Family(
            random_games.common_interest, "Marschak & Radner, Economic Theory of Teams, 1972"
        ),
        "congestion": Family(
            potential.congestion, "Rosenthal, A class of games possessing pure-strategy Nash equilibria, 1973"
        ),
        "coordination": Family(social.coordination, _GAMUT),
        "covariant": Family(
            random_games.covariant,
            "Rinott & Scarsini, On the number of pure strategy Nash equilibria in random games, 2000",
        ),
        "dispersion": Family(potential.dispersion, "Grenager, Powers & Shoham, Dispersion games, AAAI 2002"),
        "graphical": Family(
            networks.graphical, "Kearns, Littman & Singh, Graphical models for game theory, UAI 2001"
        ),
        "location": Family(markets.location, "Hotelling, Stability in competition, 1929; " + _GAMUT),
        "majority-voting": Family(contests.majority_voting, _GAMUT),
        "minimum-effort": Family(social.minimum_effort, "Van Huyck, Battalio & Beil 1990; " + _GAMUT),
        "polymatrix": Family(networks.polymatrix, "Yanovskaya 1968; " + _GAMUT),
        "potential": Family(potential.potential, "Monderer & Shapley, Potential games, 1996"),
        "prisoners-dilemma": Family(social.prisoners_dilemma, "Hamburger, N-person prisoner's dilemma, 1973"),
        "random-integer": Family(random_games.random_integer, _GAMUT),
        "random-normal": Family(random_games.random_normal, _GAMUT),
        "random-uniform": Family(random_games.random_uniform, _GAMUT),
        "symmetric": Family(random_games.symmetric, _GAMUT),
        "travellers-dilemma": Family(social.travellers_dilemma, "Basu, The traveler's dilemma, 1994"),
        "war-of-attrition": Family(
            contests.war_of_attrition,
            "Maynard Smith, The theory of games and the evolution of animal conflicts, 1974",
        ),
        "zero-sum": Family(random_games.zero_sum, "von Neumann 1928"),
    }
)


def names() -> tuple[str, ...]:
    """All families, sorted."""
    return tuple(sorted(FAMILIES))


def family(name: str) -> Family:
    """The family of that name.

    Raises:
        UnknownName: no such family; the message offers the nearest names.
    """
    if name not in FAMILIES:
        raise UnknownName("generator", name, FAMILIES)
    return FAMILIES[name]


def generate(name: str, *, seed: int = 0, index: int = 0, **parameters: Any) -> NormalForm:
    """Game ``index`` of the family with that seed: the same however many others are made.

    Args:
        name: one of ``names()``.
        seed: any integer.
        index: at least 0.
        parameters: the family's own; its defaults otherwise.

    Raises:
        UnknownName: no such family or parameter; the message offers the nearest names.
        GameError: a parameter out of range.
    """
    chosen = family(name)
    for parameter in parameters:
        check_name(parameter, chosen.defaults, f"parameter of {name}")
    for what, value, least in (("seed", seed, None), ("index", index, 0)):
        if type(value) is not int or (least is not None and value < least):
            raise GameError(
                f"{what} is {value!r}; it must be an integer{', at least 0' if least == 0 else ''}"
            )
    game = chosen.build(Draws(seed, index), **parameters)
    given = "".join(f", {key} {value}" for key, value in parameters.items())
    return replace(game, title=f"{name}{given}, seed {seed}, game {index}", comment=chosen.source)


__all__ = ["FAMILIES", "Draws", "Family", "family", "generate", "names"]
