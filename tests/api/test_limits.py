"""Limits: shared by processes, given back by the dead, free of charge when nothing is limited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fvbuild.errors import Interrupted
from fvbuild.targets.api.limits import Gate, RestingError, gate
from fvbuild.targets.api.waiting import FakeWaiting, RealWaiting

HOLDER = """
import sys, time
from pathlib import Path
from fvbuild.targets.api.limits import gate
limits = gate(Path(sys.argv[1]), "acme", int(sys.argv[2]), None)
with limits.slot():
    print("held", flush=True)
    time.sleep(60)
"""


def made(folder: Path, concurrency: int, per_minute: int | None = None) -> tuple[Gate, FakeWaiting]:
    """A gate with time of its own, on a file of its own."""
    waiting = FakeWaiting()
    found = Gate(folder / "acme", waiting)
    found.configure(concurrency, per_minute)
    return found, waiting


def holder(folder: Path, concurrency: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), str(concurrency)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_no_more_at_once_than_allowed(tmp_path: Path) -> None:
    limits = gate(tmp_path, "acme", 3, None)
    now, most, guard = [0], [0], threading.Lock()

    def work() -> None:
        with limits.slot():
            with guard:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.02)
            with guard:
                now[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [3]


def test_another_process_holds_a_slot_until_it_dies(tmp_path: Path) -> None:
    process = holder(tmp_path, 1)
    limits = gate(tmp_path, "acme", 1, None)
    waited: list[str] = []
    began = time.monotonic()
    threading.Timer(0.3, lambda: os.kill(process.pid, signal.SIGKILL)).start()
    with limits.slot(told=lambda: waited.append("waits")):
        assert time.monotonic() - began >= 0.25
    process.wait()
    assert waited == ["waits"]


def test_a_wait_for_a_slot_ends_when_the_build_does(tmp_path: Path) -> None:
    process = holder(tmp_path, 1)
    try:
        limits = gate(tmp_path, "acme", 1, None)
        stopped = threading.Event()
        threading.Timer(0.2, stopped.set).start()
        began = time.monotonic()
        with pytest.raises(Interrupted), limits.slot(stopped.is_set):
            raise AssertionError("there is no slot")
        assert time.monotonic() - began < 0.2 + 20, "it is held for a minute"
    finally:
        process.kill()
        process.wait()


def test_no_more_than_so_many_begin_within_any_minute(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 4, per_minute=3)
    began = waiting.ticks_s()
    times = []
    for _ in range(10):
        limits.turn()
        times.append(waiting.ticks_s() - began)
    assert times[:3] == [0, 0, 0]
    assert all(later - earlier >= 60 for earlier, later in zip(times, times[3:], strict=False))


def test_the_minute_is_shared(tmp_path: Path) -> None:
    first, _ = made(tmp_path, 4, per_minute=2)
    second, waiting = made(tmp_path, 4, per_minute=2)
    first.turn()
    first.turn()
    second.turn()
    assert waiting.waits == [60.0]


def test_what_does_not_count_does_not_wait(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 4, per_minute=1)
    limits.turn()
    limits.turn(counts=False)
    assert waiting.waits == []


def test_another_rate_begins_anew(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 4, per_minute=1)
    limits.turn()
    limits.configure(4, 2)
    limits.turn()
    assert waiting.waits == []


def test_too_many_halves_and_success_adds(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 8)
    limits.slow_down()
    assert limits.window == 4
    limits.slow_down()
    assert limits.window == 4, "a flood of complaints is one"
    waiting.sleep(5)
    limits.slow_down()
    assert limits.window == 2
    for _ in range(40):
        limits.went_well()
    assert limits.window == 8


def test_one_always_goes_on(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 2)
    for _ in range(5):
        limits.slow_down()
        waiting.sleep(5)
    assert limits.window == 1
    with limits.slot():
        pass


def test_all_wait_when_the_provider_names_a_time(tmp_path: Path) -> None:
    first, _ = made(tmp_path, 4)
    second, waiting = made(tmp_path, 4)
    first.slow_down(30.0)
    second.turn()
    assert waiting.waits == [30.0]


def test_a_rest_that_is_too_long_is_told_and_not_waited_for(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 4)
    limits.slow_down(86_400.0)
    with pytest.raises(RestingError, match="60 min"):
        limits.turn(patience_s=900)
    assert waiting.waits == []
    waiting.sleep(3000)
    limits.turn(patience_s=900)


def test_a_build_that_ends_while_it_waits_takes_no_turn_of_the_next(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 4, per_minute=1)
    limits.turn()
    for _ in range(5):
        with pytest.raises(Interrupted):
            limits.turn(lambda: True)
    told: list[float] = []
    limits.turn(told=told.append)
    assert waiting.waits == told == [60.0]


def test_slowness_is_forgotten(tmp_path: Path) -> None:
    limits, waiting = made(tmp_path, 8)
    limits.slow_down()
    waiting.sleep(601)
    assert limits.window == 8


@pytest.mark.parametrize("junk", [b"", b"x" * 7, b"\xff" * 4096, b"fvl1" + b"\0" * 60])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "acme").write_bytes(junk)
    limits, waiting = made(tmp_path, 4, per_minute=5)
    limits.turn()
    assert (limits.window, waiting.waits) == (4, [])


def test_without_a_folder_a_process_keeps_to_its_own(tmp_path: Path) -> None:
    locked = tmp_path / "file"
    locked.write_text("no folder")
    limits = Gate(locked / "acme", FakeWaiting())
    limits.configure(2, 1)
    with limits.slot(), limits.slot():
        limits.turn()


def test_a_free_slot_costs_nothing_to_speak_of(tmp_path: Path) -> None:
    limits = Gate(tmp_path / "acme", RealWaiting())
    limits.configure(20, 100_000)
    began = time.perf_counter()
    for _ in range(500):
        with limits.slot():
            limits.turn()
    each_s = (time.perf_counter() - began) / 500
    assert each_s < 0.02, f"{each_s * 1e6:.0f} us"
