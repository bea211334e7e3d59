"""Of several machines that would buy a take, one buys it; the dead are not waited for for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from fvbuild.engine.claims import Claim, Claims, parse
from fvbuild.engine.shared import claim_name
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.errors import Interrupted

KEY = "0" * 32


def claims(shared: MemoryShared, who: str, told: list[str] | None = None, **times: float) -> Claims:
    times = {"beat_s": 0.02, "expiry_s": 0.5, "poll_s": 0.01, **times}
    heard = told.append if told is not None else lambda _message: None
    return Claims(shared, Claim(who, who, "today"), heard, **times)


def never() -> bool:
    return False


def test_the_second_waits_until_the_take_is_there() -> None:
    shared, made, told = MemoryShared(), threading.Event(), list[str]()
    ann, ben = claims(shared, "ann"), claims(shared, "ben", told)
    assert ann.take(KEY, 1, made.is_set, never)
    answers: list[bool] = []
    waiting = threading.Thread(
        target=lambda: answers.append(ben.take(KEY, 1, made.is_set, never, "pier/segment"))
    )
    waiting.start()
    waiting.join(0.8)  # longer than the expiry: ann's heart beats
    assert waiting.is_alive() and not answers
    made.set()
    waiting.join(5)
    assert answers == [False]
    assert told == ["pier/segment: waits for ann, who makes this take"]


def test_what_was_let_go_without_a_take_can_be_claimed_again() -> None:
    shared = MemoryShared()
    ann, ben = claims(shared, "ann"), claims(shared, "ben")
    assert ann.take(KEY, 1, never, never)
    ann.release(KEY, 1)
    assert ben.take(KEY, 1, never, never)
    assert parse(shared.objects[claim_name(KEY, 1, 2)]) == Claim("ben", "ben", "today")


def test_a_take_that_came_before_the_claim_was_let_go_is_not_made_again() -> None:
    shared = MemoryShared()
    ann, ben = claims(shared, "ann"), claims(shared, "ben")
    assert ann.take(KEY, 1, never, never)
    ann.release(KEY, 1)
    assert not ben.take(KEY, 1, lambda: True, never)


def test_the_dead_expire_and_that_is_told() -> None:
    shared, told = MemoryShared(), list[str]()
    dead = claims(shared, "dead")
    assert dead.take(KEY, 1, never, never)
    dead.close()
    assert claims(shared, "ben", told, expiry_s=0.1).take(KEY, 1, never, never, "pier")
    assert "waits for dead" in told[0] and "not heard of since" in told[1]


def test_one_who_was_killed_and_comes_back_has_their_claim_still() -> None:
    shared = MemoryShared()
    assert claims(shared, "ann").take(KEY, 1, never, never)
    assert claims(shared, "ann").take(KEY, 1, never, never)


def test_a_build_that_is_stopped_waits_no_longer() -> None:
    shared = MemoryShared()
    assert claims(shared, "ann").take(KEY, 1, never, never)
    with pytest.raises(Interrupted):
        claims(shared, "ben").take(KEY, 1, never, lambda: True)


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b'{"holder": 1}', b"[" * 4000])
def test_a_claim_that_makes_no_sense_holds_nobody(text: bytes) -> None:
    shared = MemoryShared()
    shared.write(claim_name(KEY, 1, 1), text)
    assert claims(shared, "ann").take(KEY, 1, never, never)


def test_of_many_at_once_one_gets_it() -> None:
    shared, made = MemoryShared(), threading.Event()
    bought: list[str] = []

    def buy(who: str) -> Callable[[], None]:
        def go() -> None:
            mine = claims(shared, who)
            if mine.take(KEY, 1, made.is_set, never):
                bought.append(who)
                made.set()
                mine.release(KEY, 1)

        return go

    buyers = [threading.Thread(target=buy(f"m{number}")) for number in range(12)]
    for each in buyers:
        each.start()
    for each in buyers:
        each.join(10)
    assert len(bought) == 1
