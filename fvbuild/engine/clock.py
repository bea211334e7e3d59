"""The clock, as an interface, so that tests can own time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the engine gets its times from."""

    def now_ns(self) -> int:
        """Wall time in nanoseconds since the epoch, comparable with file times."""
        ...

    def ticks_s(self) -> float:
        """Monotonic seconds, for durations."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ns(self) -> int:
        """Wall time in nanoseconds."""
        return time.time_ns()

    def ticks_s(self) -> float:
        """Monotonic seconds."""
        return time.perf_counter()


class FakeClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now_ns: int = 1_700_000_000_000_000_000) -> None:
        self._now_ns = now_ns

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now_ns += int(seconds * 1e9)

    def now_ns(self) -> int:
        """Wall time in nanoseconds."""
        return self._now_ns

    def ticks_s(self) -> float:
        """The same time, in seconds."""
        return self._now_ns / 1e9


def iso(now_ns: int) -> str:
    """A time as people and logs read it: UTC, to the second."""
    return datetime.fromtimestamp(now_ns / 1e9, UTC).isoformat(timespec="seconds")
