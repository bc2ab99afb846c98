"""Everything this project can say about what kind of game a game is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gametheory.classify.affine import affine_zero_sum, constant_sum, general_sum, identical_interest
from gametheory.classify.dominance import dominance_solvable
from gametheory.classify.finding import Finding, Table
from gametheory.classify.ordinal import ordinal_potential
from gametheory.classify.potential import exact_potential, weighted_potential
from gametheory.classify.settings import reward_settings
from gametheory.classify.symmetry import symmetric, team_zero_sum
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import to_fractions


@dataclass(frozen=True)
class Classification:
    """The reward settings in all their readings, and the finer classes."""

    settings: Mapping[str, Mapping[str, Finding]]
    """Setting to reading: "literal", or "uniform" and "pointwise" in k, "…_same_agent" with i = j."""
    classes: Mapping[str, Finding]

    def document(self) -> dict[str, Any]:
        """Plain dicts and lists with exact numbers left as ``Fraction``."""
        return {
            "settings": {
                name: {
                    reading: {"holds": finding.holds, "witness": dict(finding.witness)}
                    for reading, finding in readings.items()
                }
                for name, readings in self.settings.items()
            },
            "classes": {name: finding.document() for name, finding in self.classes.items()},
        }


def classify(game: NormalForm) -> Classification:
    """Judge a game in normal form, exactly: floats count as the binary rationals they are.

    All joint actions count, and rewards are what the payoff tensor says. Every answer carries a
    witness that can be checked by hand.

    Raises:
        GameError: not a game in normal form.
    """
    if not isinstance(game, NormalForm):
        raise GameError(f"cannot classify a {type(game).__name__}; give a NormalForm")
    table = Table.of(game)
    rewards = to_fractions(game.payoffs).reshape(len(game.agents), -1)
    places = [table.joint(cell) for cell in range(rewards.shape[1])]
    zero, identical = affine_zero_sum(table), identical_interest(table)
    return Classification(
        settings=reward_settings(rewards, places, game.agents),
        classes={
            "constant-sum": constant_sum(table),
            "zero-sum up to positive affine maps": zero,
            "identical-interest up to positive affine maps": identical,
            "exact potential": exact_potential(table),
            "weighted potential": weighted_potential(table),
            "ordinal potential": ordinal_potential(table),
            "symmetric": symmetric(table),
            "dominance-solvable": dominance_solvable(table),
            "team-against-team zero-sum": team_zero_sum(table),
            "general-sum": general_sum(zero, identical),
        },
    )
