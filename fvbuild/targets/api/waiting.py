"""Time, as the exchange sees it: to look at, to wait in, and to leave to chance; tests own it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Protocol

from fvbuild.errors import Interrupted

Cancelled = Callable[[], bool]

_LOOK_EVERY_S = 0.15
"""How soon a wait notices that the build is being stopped."""


def never() -> bool:
    """Nobody stops it."""
    return False


class Waiting(Protocol):
    """Clock, sleep and dice."""

    def ticks_s(self) -> float:
        """Monotonic seconds, the same for all processes of this machine."""
        ...

    def wall_s(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float, cancelled: Cancelled = never) -> None:
        """Wait. Raises Interrupted soon after the build is stopped."""
        ...

    def chance(self) -> float:
        """A number in [0, 1)."""
        ...


class RealWaiting:
    """The machine's time."""

    def __init__(self) -> None:
        self._dice = random.Random()

    def ticks_s(self) -> float:
        """Monotonic seconds since the machine was started."""
        return time.monotonic()

    def wall_s(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float, cancelled: Cancelled = never) -> None:
        """Wait in slices, so that a stop is noticed; the slices cost some microseconds each."""
        ends_s = time.monotonic() + seconds
        while True:
            if cancelled():
                raise Interrupted("stopped")
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                return
            time.sleep(min(left_s, _LOOK_EVERY_S))

    def chance(self) -> float:
        """A number in [0, 1)."""
        return self._dice.random()


class FakeWaiting:
    """Time that passes only by waiting for it; dice that always fall the same. For tests."""

    def __init__(self, chance: float = 0.5, ticks_s: float = 1000.0) -> None:
        self.waits: list[float] = []
        self._chance = chance
        self._ticks_s = ticks_s

    def ticks_s(self) -> float:
        """What has passed."""
        return self._ticks_s

    def wall_s(self) -> float:
        """The same, some time in 2026."""
        return 1_790_000_000 + self._ticks_s

    def sleep(self, seconds: float, cancelled: Cancelled = never) -> None:
        """Let it pass."""
        if cancelled():
            raise Interrupted("stopped")
        self.waits.append(seconds)
        self._ticks_s += max(0.0, seconds)

    def chance(self) -> float:
        """Always the same number."""
        return self._chance
