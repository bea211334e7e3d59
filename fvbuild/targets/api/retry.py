"""The one retry policy: how long to wait before asking again, and when to stop asking.

Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS 2015): a
random time up to a bound that doubles, so that many who failed together do not come back together.
What the server says about when to come back counts more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fvbuild.targets.api.waiting import Cancelled, RealWaiting, Waiting, never


@dataclass(frozen=True, slots=True)
class Policy:
    """Bounds of one class of errors, in seconds; ``tries`` counts the first one too.

    ``patience_s``: no new attempt begins later than this after the first.
    """

    tries: int
    base_s: float
    cap_s: float
    patience_s: float


TRANSIENT = Policy(tries=6, base_s=0.5, cap_s=30.0, patience_s=180.0)
RATE_LIMITED = Policy(tries=30, base_s=2.0, cap_s=60.0, patience_s=900.0)
BOUGHT = Policy(tries=40, base_s=1.0, cap_s=60.0, patience_s=1800.0)
"""Asking for what is already paid for: much more patience."""


@dataclass(slots=True)
class Retry:
    """The attempts at one thing. Ask :meth:`again` after each failure."""

    waiting: Waiting = field(default_factory=RealWaiting)
    cancelled: Cancelled = never
    _failed: dict[Policy, int] = field(default_factory=dict, init=False)
    _began_s: float = field(default=-1.0, init=False)

    def __post_init__(self) -> None:
        self._began_s = self.waiting.ticks_s()

    def again(self, policy: Policy, retry_after_s: float | None = None) -> bool:
        """Wait and return True, or return False where it is enough.

        Raises Interrupted when the build is stopped meanwhile.
        """
        failed = self._failed[policy] = self._failed.get(policy, 0) + 1
        wait_s = self.delay_s(policy, failed, retry_after_s)
        spent_s = self.waiting.ticks_s() - self._began_s
        if failed >= policy.tries or spent_s + wait_s > policy.patience_s:
            return False
        self.waiting.sleep(wait_s, self.cancelled)
        return True

    def delay_s(self, policy: Policy, failed: int, retry_after_s: float | None) -> float:
        """How long to wait after the n-th failure (from 1)."""
        chance = self.waiting.chance()
        if retry_after_s is not None:
            # Not all at the same moment, and never before it.
            return retry_after_s + chance * min(1.0, policy.base_s + retry_after_s / 10)
        bound_s = min(policy.cap_s, policy.base_s * 2.0 ** min(failed - 1, 30))
        return float(chance * bound_s)
