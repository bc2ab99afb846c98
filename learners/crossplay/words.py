"""What a cross-play says in words: what the numbers rest on, and how far they may be luck."""

from __future__ import annotations

from collections.abc import Mapping

from learners.crossplay.resampling import Stability
from learners.reports.report import show

TITLES = {
    "mean": "mean payoff",
    "elo": "Elo",
    "alpha_rank": "α-rank",
    "nash_weights": "Nash averaging",
}


def rests_on(exact: bool, plays: int | None, why: str) -> str:
    """What a cell is."""
    if exact:
        return (
            "Every payoff is exact for these policies: no play was sampled. Other seeds would have trained "
            "other policies."
        )
    because = f" ({why})" if why else ""
    return (
        f"Every payoff is a mean over {plays:,} plays, on random numbers that are the same in every "
        f"cell{because}."
    )


def held(stability: Mapping[str, Stability], of_what: str, replicas: int) -> list[str]:
    """How often rankings stayed where ``of_what`` was drawn again."""
    out = []
    for kind, own in stability.items():
        lead = (
            "the same entrant leads in every draw"
            if own.top == 1
            else f"the same entrant leads in {own.top:.0%}"
        )
        order = (
            "the whole order is the same in every draw"
            if own.order == 1
            else f"the whole order is the same in {own.order:.0%}"
        )
        out.append(f"{TITLES[kind]}: {lead}, {order}")
    if out:
        out.insert(0, f"{of_what} drawn again {replicas} times, with replacement:")
    return out


def cycle_note(elo_error: float | None) -> str:
    """What the Elo fit's largest error means."""
    if elo_error is None:
        return ""
    if elo_error < 0.05:
        return f"Ratings explain every score to within {elo_error:.2f}."
    return (
        f"Ratings miss a score by up to {elo_error:.2f}: who beats whom is not a matter of one number each. "
        "Read α-rank and Nash averaging instead."
    )


def amount(value: float | None, unit: float) -> str:
    """A payoff for people; what is nothing beside its range is 0."""
    return show(0 if value is not None and abs(value) < 1e-4 * unit else value)


def rating(value: float | None) -> str:
    """Elo points, whole."""
    return "–" if value is None else f"{round(value) or 0:,}".replace("-", "−")


def weight(value: float | None) -> str:
    """A probability with three digits."""
    return "–" if value is None else f"{value:.3f}"
