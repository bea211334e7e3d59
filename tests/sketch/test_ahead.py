"""Drawing ahead changes when a frame is drawn, and nothing else."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from fvbuild.targets.processors import processors as usable
from fvbuild.targets.sketch import ahead as module
from fvbuild.targets.sketch.ahead import ahead


@pytest.fixture(params=[1, 2])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    found: int = request.param
    monkeypatch.setattr(module, "processors", lambda: found)
    return found


def numbers(count: int, threads: set[str]) -> Iterator[int]:
    for number in range(count):
        threads.add(threading.current_thread().name)
        yield number


def test_all_come_in_order_and_another_thread_draws_where_one_is_free(processors: int) -> None:
    threads: set[str] = set()
    assert list(ahead(numbers(50, threads))) == list(range(50))
    assert threads == ({"MainThread"} if processors == 1 else {"drawing_0"})


def test_two_clips_on_two_processors_draw_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "processors", lambda: 2)
    threads: set[str] = set()
    one, other = ahead(numbers(9, threads)), ahead(numbers(9, threads))
    assert next(one) == 0  # alone
    assert "drawing_0" in threads
    assert next(other) == 0
    for number in range(1, 9):
        assert next(one) == number
        assert next(other) == number
    assert "MainThread" in threads
    assert list(one) == list(other) == []
    assert module._clips_in_work == 0


def test_few_are_drawn_before_they_are_wanted(processors: int) -> None:
    drawn = itertools.count()
    frames = ahead(drawn)
    assert next(frames) == 0
    frames.close()
    assert next(drawn) <= module._MOST_AHEAD
    assert module._clips_in_work == 0


def test_what_goes_wrong_is_raised_where_the_frame_is_wanted(processors: int) -> None:
    def broken() -> Iterator[int]:
        yield 0
        raise ValueError("no more paper")

    frames = ahead(broken())
    assert next(frames) == 0
    with pytest.raises(ValueError, match="no more paper"):
        next(frames)
    assert module._clips_in_work == 0


def test_who_shares_a_machine_says_how_many_processors_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert usable() == 1
    for said in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        assert usable() >= 1
