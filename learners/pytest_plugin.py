"""``pytest --lab small``: a suite of games with known answers as tests of a learner.

    pytest --lab small --lab-learner my_package.my_module:MyLearner

runs the suite and nothing else; with paths given, those tests too. Each game is one test: the learner
must do there what theory expects of it (``learners.testing.assert_agrees_with_theory``). Without
``--lab`` the plugin does nothing, and it imports nothing before a test runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from learners.suites import SuiteGame


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the lab."""
    group = parser.getgroup("lab", "learning algorithms held against games with known answers")
    group.addoption("--lab", metavar="SUITE", help="run a suite: small, standard or full")
    group.addoption(
        "--lab-learner",
        action="append",
        metavar="LEARNER",
        help="a name, or module:attribute; may be repeated (soft-matd4)",
    )
    group.addoption(
        "--lab-family",
        choices=("gradient", "magnet", "average"),
        default="gradient",
        help="what theory is asked about: learners that follow their own gradient, are also pulled to an "
        "anchor, or average their play",
    )
    group.addoption("--lab-seeds", type=int, default=5, metavar="N", help="the most seeds per game (5)")
    group.addoption("--lab-confidence", type=float, default=0.95, metavar="C", help="of a verdict (0.95)")


def pytest_configure(config: pytest.Config) -> None:
    """Where the suite alone was asked for, no other test is looked for."""
    asked_for_paths = config.args_source is pytest.Config.ArgsSource.ARGS
    if config.getoption("--lab") and not asked_for_paths:
        config.args = []


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add a test per learner and game."""
    name = config.getoption("--lab")
    if not name:
        return
    from gametheory.errors import GameError
    from learners.suites import suite

    try:
        games = suite(name)
        _check_provable(config.getoption("--lab-seeds"), config.getoption("--lab-confidence"))
    except GameError as error:
        raise pytest.UsageError(f"--lab: {error}") from None
    for learner in config.getoption("--lab-learner") or ["soft-matd4"]:
        for game in games:
            title = f"lab-{name}[{learner}-{game.label}]"
            items.append(LabItem.from_parent(session, name=title, game=game, learner=learner))


def _check_provable(seeds: int, confidence: float) -> None:
    """Tests that run nothing, because so few seeds prove nothing, would be passed by every learner."""
    from learners.judge.evidence import Evidence

    Evidence(confidence).check_enough(seeds)


class LabItem(pytest.Item):
    """One learner in one game."""

    def __init__(self, *, game: SuiteGame, learner: str, **given: Any) -> None:
        super().__init__(**given)
        self.game, self.learner = game, learner

    def runtest(self) -> None:
        from learners.testing import assert_agrees_with_theory

        assert_agrees_with_theory(
            self.learner,
            self.game,
            family=self.config.getoption("--lab-family"),
            seeds=self.config.getoption("--lab-seeds"),
            confidence=self.config.getoption("--lab-confidence"),
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from gametheory.errors import GameError

        if isinstance(excinfo.value, AssertionError | GameError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        return self.path, None, self.name
