"""From a game to certified answers: picks a method, runs it, certifies what it found.

The one place that knows both solvers and certificates. A profile whose certificate does not hold
is dropped, and the outcome says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import comb, prod
from typing import TYPE_CHECKING, Any

from gametheory.certify import Certificate, Kind, certify
from gametheory.continuous.game import ContinuousGame
from gametheory.continuous.lq.model import LinearQuadraticGame
from gametheory.errors import GameError, LimitReached
from gametheory.normal_form import NormalForm
from gametheory.solution import Outcome, Solution
from gametheory.solvers.clock import Clock, Progress
from gametheory.solvers.pure import pure_equilibria
from gametheory.solvers.zero_sum import constant_sum
from gametheory.solving.methods import CONTINUOUS, MATRIX, Method, chosen

if TYPE_CHECKING:
    from gametheory.solving.sequential import SequentialGame

Game = NormalForm | ContinuousGame

SMALL = 6_000_000
"""Games whose best-response polyhedra can have at most so many vertices times dimensions are
enumerated without being asked: up to 15 × 15, which takes about a second."""

MOST_SUPPORTS = 100_000
"""Support profiles beyond which mixed equilibria of more than two agents are not enumerated unasked."""

UNASKED = 5.0
"""Seconds for an enumeration that nobody asked for; degenerate games can take far more than their size says."""

UNFINISHED = (Outcome.TIME_LIMIT, Outcome.ITERATION_LIMIT, Outcome.NOT_FOUND)
"""Outcomes whose profiles are the best so far."""

CORRELATED = ("correlated", "coarse-correlated")

GRACE = 2.0
"""Seconds for certifying what is known when the time limit is reached."""


def solve(
    game: Game | LinearQuadraticGame | SequentialGame,
    concept: str = "nash",
    *,
    all_equilibria: bool = False,
    exact: bool = False,
    method: str | None = None,
    horizon: int | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Solution:
    """Find the game's equilibria, or its agents' maximin strategies, and certify them.

    Small two-agent games are always solved completely; in larger ones a single equilibrium is
    looked for unless ``all_equilibria``. ``Solution.complete`` says which it was, ``Solution.why``
    why this method and what it leaves out.

    A certificate of a ``maximin`` answer reads: ``regrets[i]`` bounds how much more than
    ``values[i]`` agent i could guarantee itself.

    Args:
        game: a ``NormalForm``, ``ContinuousGame``, ``LinearQuadraticGame``, ``POSG``, ``AECG`` or ``Tree``.
        concept: "nash", "maximin", "correlated", …: ``gametheory.solving.methods`` has the tables.
        all_equilibria: list all, however long it takes.
        exact: ``Fraction`` answers for a float game too, its floats being binary rationals.
        method: a method's name; chosen by the game unless given.
        horizon: for a game of several moves, in its own steps; None: until play ends.
        time_limit: seconds; when they are over, what is known by then is returned.
        progress: called as ``progress(done, total, note)``.
        options: the method's own.

    Raises:
        UnknownName: no such concept, no such method for it, or no such option of the method.
        GameError: the concept or the method does not fit the game.
    """
    clock = Clock(time_limit, progress)
    if not isinstance(game, NormalForm | ContinuousGame):
        return _sequential(game, concept, clock, all_equilibria, exact, method, horizon, options)
    if horizon is not None:
        raise GameError("a horizon is for games of several moves; this one is played once")
    name, reason = (method, "as asked") if method else _choose(game, concept, all_equilibria)
    run = _method(game, concept, name)
    try:
        if name == "vertex-enumeration" and concept == "nash" and not (method or all_equilibria):
            found = _enumerated_or_one(game, exact, clock, options)
        else:
            found = run(game, exact, clock, options)
    except LimitReached as limit:
        found = Solution(concept, (), (), Outcome.TIME_LIMIT, complete=False, method=name, why=str(limit))
    if found.outcome is Outcome.TIME_LIMIT:
        found, clock = _with_pure(game, found, exact), Clock(GRACE, progress)
    if all_equilibria and not found.complete and found.outcome is Outcome.SOLVED:
        found = replace(found, outcome=Outcome.PARTIAL)
    return _certified(game, replace(found, why=f"{reason}: {found.why}"), clock)


def _enumerated_or_one(game: Any, exact: bool, clock: Clock, options: Mapping[str, Any]) -> Solution:
    """The complete list if it comes quickly, else one equilibrium."""
    left = clock.remaining
    short = Clock(UNASKED if left is None else max(1e-3, min(UNASKED, left / 2)), clock.progress)
    try:
        found = _method(game, "nash", "vertex-enumeration")(game, exact, short, options)
    except LimitReached:
        if short.remaining:  # somebody interrupted
            raise
    else:
        if found.outcome is not Outcome.TIME_LIMIT or short.remaining:
            return found
    name = "linear-program" if _is_constant_sum(game) else "lemke-howson"
    one = _method(game, "nash", name)(game, exact, clock, {})
    return replace(one, why=f"listing all took too long, all_equilibria insists on it; {one.why}")


def _sequential(
    game: Any,
    concept: str,
    clock: Clock,
    all_equilibria: bool,
    exact: bool,
    method: str | None,
    horizon: int | None,
    options: Mapping[str, Any],
) -> Solution:
    given: dict[str, Any] = {"all_equilibria": all_equilibria, "exact": exact, "method": method}
    given |= {"horizon": horizon, "options": options}
    if isinstance(game, LinearQuadraticGame):
        from gametheory.solving.linear_quadratic import solve_linear_quadratic

        return solve_linear_quadratic(game, concept, clock, **given)
    from gametheory.aecg import AECG
    from gametheory.extensive.tree import Tree
    from gametheory.posg import POSG
    from gametheory.solving.sequential import solve_sequential

    if not isinstance(game, POSG | AECG | Tree):
        raise GameError(
            f"cannot solve a {type(game).__name__}; "
            "give a NormalForm, ContinuousGame, LinearQuadraticGame, POSG, AECG or Tree"
        )
    return solve_sequential(game, concept, clock, **given)


def _method(game: Game, concept: str, name: str) -> Method:
    if isinstance(game, NormalForm):
        return chosen(MATRIX, "games in normal form", concept, name)
    if concept in MATRIX and concept not in CONTINUOUS:
        raise GameError(f'{concept} needs finitely many actions; ask for concept "nash"')
    return chosen(CONTINUOUS, "games with continuous actions", concept, name)


def _choose(game: Game, concept: str, all_equilibria: bool) -> tuple[str, str]:
    """The default method and why it was chosen."""
    if not isinstance(game, NormalForm):
        return "closed-form", "continuous actions"
    if concept == "maximin":
        if all_equilibria:
            return "optimal-faces", "all extreme maximin strategies asked for"
        return "linear-program", "maximin is a linear program"
    if concept in CORRELATED:
        if all_equilibria:
            return "vertex-enumeration", "all extreme ones asked for"
        return "linear-program", f"{concept} equilibria are a polytope"
    if len(game.agents) == 1:
        return "pure", "a single agent"
    if len(game.agents) > 2:
        if all_equilibria and prod(2**count - 1 for count in game.shape) <= MOST_SUPPORTS:
            return "support-enumeration", f"{len(game.agents)} agents, all equilibria asked for"
        return ("pure" if all_equilibria else "multi-start"), f"{len(game.agents)} agents"
    size = " × ".join(map(str, game.shape))
    if _enumeration_cost(game.shape) <= SMALL:
        return "vertex-enumeration", f"two agents, {size} actions"
    if all_equilibria:
        return "vertex-enumeration", "two agents, all equilibria asked for"
    if _is_constant_sum(game):
        return "linear-program", f"constant-sum, {size} actions"
    return "lemke-howson", f"two agents, {size} actions, too many to list all equilibria unasked"


def _enumeration_cost(shape: tuple[int, ...]) -> int:
    """Most vertices a best-response polytope can have (McMullen 1970), times its dimension."""
    facets = sum(shape)
    costs = []
    for d in shape:
        half, rest = d // 2, d - d // 2
        costs.append(d * (comb(facets - rest, half) + comb(facets - half - 1, rest - 1)))
    return max(costs)


def _is_constant_sum(game: NormalForm) -> bool:
    try:
        constant_sum(game)
    except GameError:
        return False
    return True


def _with_pure(game: Game, found: Solution, exact: bool) -> Solution:
    """A list that time cut short, after the pure equilibria, which are seen at once."""
    if found.concept != "nash" or not isinstance(game, NormalForm):
        return found
    quick = pure_equilibria(game, exact)
    seen = {tuple(map(tuple, profile)) for profile in quick.profiles}
    others = [k for k, profile in enumerate(found.profiles) if tuple(map(tuple, profile)) not in seen]
    return replace(
        found,
        profiles=(*quick.profiles, *(found.profiles[k] for k in others)),
        values=(*quick.values, *(found.values[k] for k in others)),
        components=(),
        why=f"{found.why}; all pure equilibria are listed",
    )


def _certified(game: Game, found: Solution, clock: Clock) -> Solution:
    """The same solution with certificates, without the profiles that have none."""
    kept, certificates = [], []
    late = False
    # What a limit ended is shown with the regrets it has; a quantal response equilibrium is no Nash one.
    shown_anyway = found.outcome in UNFINISHED or found.concept == "quantal-response"
    for k, profile in enumerate(found.profiles):
        try:
            clock.tick(k, len(found.profiles), "certifying")
        except LimitReached:
            late = True
            break
        certificate = _grade(game, found, profile)
        if certificate.holds or shown_anyway:
            kept.append(k)
            certificates.append(certificate)
    lost = len(found.profiles) - len(kept)
    if not lost:
        return replace(found, certificates=tuple(certificates))
    left_out = "could not be certified in time" if late else "failed certification"
    outcome = Outcome.TIME_LIMIT if late else Outcome.PARTIAL if kept else Outcome.NOT_FOUND
    return replace(
        found,
        profiles=tuple(found.profiles[k] for k in kept),
        values=tuple(found.values[k] for k in kept),
        certificates=tuple(certificates),
        components=(),
        outcome=outcome,
        complete=False,
        why=f"{found.why}; {lost} of {len(found.profiles)} answers {left_out} and are left out",
    )


def _grade(game: Any, found: Solution, profile: Any) -> Certificate:
    """The certificate of the concept."""
    if found.concept == "maximin":
        return _maximin_certificate(game, found, profile)
    if found.concept in CORRELATED:
        from gametheory.certificates.correlated import certify_correlated

        return certify_correlated(game, profile[0], coarse=found.concept == "coarse-correlated")
    return certify(game, profile)


def _maximin_certificate(game: Any, found: Solution, profile: Any) -> Certificate:
    """Maximin strategy and punishment are an equilibrium of "this agent against the rest"."""
    sides = [
        certify(NormalForm.bimatrix(table), (own, against))
        for table, own, against in zip(
            (game.payoffs[0], game.payoffs[1].T), profile, found.parameters["punishments"], strict=True
        )
    ]
    kinds = [side.kind for side in sides]
    weakest = None if None in kinds else Kind.NUMERIC if Kind.NUMERIC in kinds else Kind.EXACT
    regrets = tuple(side.nash_conv for side in sides)
    return Certificate(
        kind=weakest,
        regrets=regrets,
        values=tuple(side.values[0] - side.regrets[1] for side in sides),
        nash_conv=sum(regrets[1:], regrets[0]),
        epsilon=sides[0].epsilon,
        payoff_ranges=tuple(side.payoff_ranges[0] for side in sides),
    )
