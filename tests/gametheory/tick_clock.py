"""A clock for tests whose limit is a number of ticks: the same however busy the machine is."""

from gametheory.errors import LimitReached
from gametheory.solvers.clock import Clock, Progress


class TickClock(Clock):
    """Raises at every tick after the first ``ticks``."""

    def __init__(self, ticks: int, progress: Progress | None = None) -> None:
        super().__init__(progress=progress)
        self.ticks = self.left = ticks

    def tick(self, done: int = 0, total: int = 0, note: str = "") -> None:
        super().tick(done, total, note)
        self.left -= 1
        if self.left < 0:
            raise LimitReached(f"the time limit of {self.ticks} ticks was reached")
