"""The retry policy: full jitter, bounds, and the server's own word."""

from __future__ import annotations

import pytest

from fvbuild.errors import Interrupted
from fvbuild.targets.api.retry import BOUGHT, RATE_LIMITED, TRANSIENT, Policy, Retry
from fvbuild.targets.api.waiting import FakeWaiting, RealWaiting

QUICK = Policy(tries=4, base_s=1.0, cap_s=3.0, patience_s=100.0)


def test_the_bound_doubles_up_to_a_cap_and_chance_chooses_below_it() -> None:
    waiting = FakeWaiting(chance=0.999)
    retry = Retry(waiting)
    while retry.again(QUICK):
        pass
    assert waiting.waits == pytest.approx([0.999, 1.998, 2.997])
    assert Retry(FakeWaiting(chance=0.0)).delay_s(QUICK, 5, None) == 0.0


def test_the_last_try_is_not_waited_for() -> None:
    waiting = FakeWaiting()
    assert not Retry(waiting).again(Policy(tries=1, base_s=1, cap_s=1, patience_s=10))
    assert waiting.waits == []


def test_retry_after_is_kept_and_spread_a_little() -> None:
    early, late = FakeWaiting(chance=0.0), FakeWaiting(chance=0.99)
    Retry(early).again(RATE_LIMITED, 20.0)
    Retry(late).again(RATE_LIMITED, 20.0)
    assert early.waits == [20.0]
    assert 20.0 < late.waits[0] <= 21.0


def test_patience_ends() -> None:
    waiting = FakeWaiting()
    retry = Retry(waiting)
    assert not retry.again(RATE_LIMITED, RATE_LIMITED.patience_s + 1)
    assert waiting.waits == []


def test_each_class_of_error_has_its_own_tries() -> None:
    retry = Retry(FakeWaiting())
    for _ in range(TRANSIENT.tries - 1):
        assert retry.again(TRANSIENT)
    assert not retry.again(TRANSIENT)
    assert retry.again(RATE_LIMITED)


def test_more_patience_with_what_is_paid_for() -> None:
    assert BOUGHT.tries > TRANSIENT.tries
    assert BOUGHT.patience_s > TRANSIENT.patience_s


def test_a_stopped_build_does_not_wait() -> None:
    with pytest.raises(Interrupted):
        Retry(FakeWaiting(), lambda: True).again(QUICK)
    with pytest.raises(Interrupted):
        RealWaiting().sleep(30, lambda: True)
