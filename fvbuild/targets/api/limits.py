"""How many requests a provider gets at once and a minute, from all builds on this machine together.

A provider has a small file. A slot is a lock on one of its bytes, which the system takes back when
a process dies, however it dies; the same file says what was asked within the last minute, and how
far a provider that answered "too many" was slowed down.

That is additive increase, multiplicative decrease (AIMD: Chiu and Jain, 1989): every "too many"
halves how many are in flight, every success adds a part of one, up to what was configured.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from fvbuild.errors import Interrupted
from fvbuild.targets.api.waiting import Cancelled, RealWaiting, Waiting, never

_HEAD = struct.Struct("<8sdddII")
_TIME = struct.Struct("<d")
_RING_AT = 64
_MUTEX_AT = 1 << 30
_SLOTS_AT = _MUTEX_AT + 1
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MINUTE_S = 60.0
# One flood of "too many" is one message, not many.
_ONE_CUT_S = 2.0
_FORGET_S = 600.0
_MAX_REST_S = 3600.0
_LOOK_EVERY_S = 0.15


class RestingError(Exception):
    """The provider said when to come back, and that is too far away to wait for."""

    def __init__(self, rest_s: float) -> None:
        super().__init__(f"it asked to be left alone for {max(1, round(rest_s / 60))} min more")


@dataclass(frozen=True, slots=True)
class _State:
    """What the file holds. Times are monotonic seconds, which all processes share."""

    window: float
    cut_s: float = 0.0
    not_before_s: float = 0.0
    per_minute: int = 0
    next: int = 0


class Gate:
    """One provider's limits. Made by :func:`gate`, one for a file in a process."""

    def __init__(self, path: Path | None, waiting: Waiting) -> None:
        self._waiting = waiting
        self._file = _open(path)
        self._memory = bytearray()
        self._changed = threading.Condition()
        self._held: set[int] = set()
        self.concurrency = 1
        self.per_minute = 0

    def configure(self, concurrency: int, per_minute: int | None) -> None:
        """Set what is allowed: jobs in flight, and starts a minute (None: any number)."""
        self.concurrency = max(1, concurrency)
        self.per_minute = per_minute or 0

    @contextmanager
    def slot(
        self, cancelled: Cancelled = never, told: Callable[[], None] = lambda: None
    ) -> Iterator[None]:
        """Hold one of the slots. ``told`` is called once if it has to be waited for.

        Raises Interrupted when the build is stopped meanwhile.
        """
        number = self._take()
        if number is None:
            told()
        while number is None:
            if cancelled():
                raise Interrupted("stopped")
            with self._changed:
                self._changed.wait(_LOOK_EVERY_S * (0.7 + 0.6 * self._waiting.chance()))
            number = self._take()
        try:
            yield
        finally:
            self._give_back(number)

    def turn(
        self,
        cancelled: Cancelled = never,
        told: Callable[[float], None] = lambda _s: None,
        *,
        counts: bool = True,
        patience_s: float = math.inf,
    ) -> None:
        """Wait until a request may go out; ``counts``: it is one of those counted a minute.

        ``told`` is called with the seconds of every wait. What is counted is counted when it goes
        out, so that a build which ends while it waits leaves no gap for those that come after it.

        Raises RestingError where the provider wants a longer rest than ``patience_s``, and
        Interrupted when the build is stopped meanwhile.
        """
        while (wait_s := self._wait_s(counts, patience_s)) > 0.0:
            told(wait_s)
            self._waiting.sleep(wait_s, cancelled)

    def _wait_s(self, counts: bool, patience_s: float) -> float:
        """How long to wait before asking again whether it may go out; 0: now, and it is counted."""
        with self._locked() as state:
            now_s = self._waiting.ticks_s()
            rest_s = state.not_before_s - now_s
            if rest_s > patience_s:
                raise RestingError(rest_s)
            wait_s = max(0.0, rest_s)
            if counts and self.per_minute:
                wait_s = max(wait_s, self._full_until_s(state) - now_s)
                if wait_s <= 0.0:
                    self._count(state, now_s)
            return wait_s

    def slow_down(self, retry_after_s: float | None = None) -> None:
        """The provider said "too many": halve what is in flight, and let it rest if it says so."""
        with self._locked() as state:
            now_s = self._waiting.ticks_s()
            rest_s = max(state.not_before_s, now_s + min(retry_after_s or 0.0, _MAX_REST_S))
            changed = replace(state, not_before_s=rest_s)
            if now_s - state.cut_s >= _ONE_CUT_S or not state.cut_s:
                changed = replace(changed, window=max(1.0, state.window / 2), cut_s=now_s)
            self._write(changed)

    def went_well(self) -> None:
        """A request was accepted: allow a little more again."""
        with self._locked() as state:
            if state.window < self.concurrency:
                window = min(float(self.concurrency), state.window + 1 / state.window)
                self._write(replace(state, window=window))

    @property
    def window(self) -> float:
        """How many are allowed in flight now."""
        with self._locked() as state:
            return state.window

    # --- slots ------------------------------------------------------------------------------------

    def _take(self) -> int | None:
        with self._locked() as state:
            for number in range(max(1, int(state.window))):
                if number not in self._held and self._lock_byte(_SLOTS_AT + number):
                    self._held.add(number)
                    return number
        return None

    def _give_back(self, number: int) -> None:
        with self._changed:
            self._held.discard(number)
            if self._file is not None:
                with contextlib.suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _SLOTS_AT + number)
            self._changed.notify()

    def _lock_byte(self, at: int) -> bool:
        if self._file is None:
            return True
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            return True  # no locks here: this process at least keeps to its own
        return True

    # --- the minute -------------------------------------------------------------------------------

    def _full_until_s(self, state: _State) -> float:
        """When the oldest of the last ``per_minute`` starts is a minute ago."""
        (oldest_s,) = _TIME.unpack(self._read_bytes(self._place(state), _TIME.size))
        return float(oldest_s + _MINUTE_S) if oldest_s else 0.0

    def _count(self, state: _State, now_s: float) -> None:
        self._write_bytes(self._place(state), _TIME.pack(now_s))
        self._write(replace(state, next=(state.next + 1) % self.per_minute))

    def _place(self, state: _State) -> int:
        return _RING_AT + state.next * _TIME.size

    # --- the file ---------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[_State]:
        """The state, while no other thread or process changes it."""
        with self._changed:
            if self._file is not None:
                with contextlib.suppress(OSError):
                    fcntl.lockf(self._file, fcntl.LOCK_EX, 1, _MUTEX_AT)
            try:
                yield self._read()
            finally:
                if self._file is not None:
                    with contextlib.suppress(OSError):
                        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _MUTEX_AT)

    def _read(self) -> _State:
        full = _State(float(self.concurrency), per_minute=self.per_minute)
        magic, *values = _HEAD.unpack(self._read_bytes(0, _HEAD.size))
        state = _State(*values)
        now_s = self._waiting.ticks_s()
        fresh = magic == _magic() and state.per_minute == self.per_minute
        if not fresh or state.next >= max(1, state.per_minute):
            state = full
            self._write_bytes(_RING_AT, b"\0" * (_TIME.size * self.per_minute))
            self._write(state)
        if not state.cut_s or now_s - state.cut_s > _FORGET_S:
            state = replace(state, window=full.window, cut_s=0.0)
        return replace(state, window=min(max(1.0, state.window), full.window))

    def _write(self, state: _State) -> None:
        head = (state.window, state.cut_s, state.not_before_s, state.per_minute, state.next)
        self._write_bytes(0, _HEAD.pack(_magic(), *head))

    def _read_bytes(self, at: int, count: int) -> bytes:
        if self._file is None:
            found = bytes(self._memory[at : at + count])
        else:
            found = os.pread(self._file, count, at)
        return found.ljust(count, b"\0")

    def _write_bytes(self, at: int, data: bytes) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk must not stop a build here
                os.pwrite(self._file, data, at)
            return
        self._memory.extend(b"\0" * (at + len(data) - len(self._memory)))
        self._memory[at : at + len(data)] = data


@cache
def _magic() -> bytes:
    """What the file is, and of which boot of the machine: its times mean nothing in another."""
    try:
        boot = _BOOT.read_bytes()
    except OSError:
        boot = b""
    return b"fvl1" + struct.pack("<I", zlib.crc32(boot))


def _open(path: Path | None) -> int | None:
    """The file, never closed again: closing any descriptor of a file drops all locks on it.

    None where it cannot be written; the limits then hold for this process alone.
    """
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


_gates: dict[Path, Gate] = {}
_gates_guard = threading.Lock()


def gate(
    folder: Path | None,
    name: str,
    concurrency: int,
    per_minute: int | None,
    waiting: Waiting | None = None,
) -> Gate:
    """The limits called ``name``, the same object for the same file.

    ``folder`` is shared by all builds of a user; None: this process alone is limited.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    path = (folder / safe).resolve() if folder is not None else None
    with _gates_guard:
        found = _gates.get(path) if path is not None else None
        if found is None:
            found = Gate(path, waiting or RealWaiting())
            if path is not None:
                _gates[path] = found
        found.configure(concurrency, per_minute)
        return found
