import time
from dataclasses import dataclass, field


class DeadlinePassed(Exception):
    """The run's time is up. Raised by Deadline.check() within a batch: the batch is rolled back, and is no failure."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a run's time guard, `seconds` from its making. Measured on the monotonic clock, which no one sets."""

    seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds."""
        return time.monotonic() - self._started

    @property
    def left(self) -> float:
        """Seconds; 0 when it has passed."""
        return max(0.0, self.seconds - self.elapsed)

    @property
    def passed(self) -> bool:
        return self.elapsed >= self.seconds

    def check(self) -> None:
        """Raises DeadlinePassed."""
        if self.passed:
            raise DeadlinePassed(f"{self.seconds:g} s are over")
