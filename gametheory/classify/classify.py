"""Everything this project can say about what kind of game a game is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gametheory.classify.affine import affine_zero_sum, constant_sum, general_sum, identical_interest
from gametheory.classify.dominance import dominance_solvable
from gametheory.classify.finding import JOINT_ACTIONS, Finding, Table
from gametheory.classify.ordinal import ordinal_potential
from gametheory.classify.potential import exact_potential, weighted_potential
from gametheory.classify.settings import reward_settings
from gametheory.classify.symmetry import symmetric, team_zero_sum
from gametheory.errors import GameError
from gametheory.normal_form import NormalForm
from gametheory.numerics import to_fractions

if TYPE_CHECKING:
    from gametheory.aecg import AECG
    from gametheory.classify.triples import How, Which
    from gametheory.posg import POSG


@dataclass(frozen=True)
class Classification:
    """The reward settings in all their readings, and the finer classes."""

    settings: Mapping[str, Mapping[str, Finding]]
    """Setting to reading: "literal", or "uniform" and "pointwise" in k, "…_same_agent" with i = j."""
    classes: Mapping[str, Finding]
    judged_on: str = JOINT_ACTIONS
    """What the settings were judged over."""

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
            "judged_on": self.judged_on,
            "classes": {name: finding.document() for name, finding in self.classes.items()},
        }


def classify(
    game: NormalForm | POSG | AECG, rewards: How = "expected", triples: Which = "reachable"
) -> Classification:
    """Judge a game, exactly: floats count as the binary rationals they are.

    Of a normal form all joint actions count, and rewards are what the payoff tensor says. Of a POSG
    or AECG the settings are judged over triples (s, a, s'), the affine-aware classes over what a
    POSG step (a round of an AECG) pays, and potential, symmetry and dominance over its stage games.
    Every answer carries a witness that can be checked by hand, and says what it was judged on.

    Args:
        game: a ``NormalForm``, ``POSG`` or ``AECG``.
        rewards: ``expected``: a triple's mean rewards; ``sure``: every joint draw.
        triples: ``reachable`` by legal play with positive probability, or ``all`` that the game
            gives.

    Raises:
        GameError: another kind of game.
    """
    if not isinstance(game, NormalForm):
        return _sequential(game, rewards, triples)
    table = Table.of(game)
    payoffs = to_fractions(game.payoffs).reshape(len(game.agents), -1)
    places = [table.joint(cell) for cell in range(payoffs.shape[1])]
    zero, identical = affine_zero_sum(table), identical_interest(table)
    return Classification(
        settings=reward_settings(payoffs, places, game.agents),
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


def _sequential(game: POSG | AECG, rewards: How, triples: Which) -> Classification:
    from gametheory.aecg import AECG
    from gametheory.posg import POSG

    if not isinstance(game, POSG | AECG):
        raise GameError(f"cannot classify a {type(game).__name__}; give a NormalForm, POSG or AECG")
    from gametheory.classify.posg import stage_classes, step_classes
    from gametheory.classify.triples import triples_of

    found = triples_of(game, triples, rewards)
    return Classification(
        settings=reward_settings(*found.distinct(), game.agents),
        classes=step_classes(game, found) | stage_classes(game),
        judged_on=found.judged_on,
    )
