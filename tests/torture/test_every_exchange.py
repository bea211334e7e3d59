"""Every touch of the wire to a provider meets every trouble; then a normal build.

A take is bought over HTTP: asked for, looked at, fetched. What is recorded and disturbed are the
calls below the HTTP library: each connection, each piece sent, each piece received.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpcore
import pytest
from acme import CANARY, DESCRIPTION, Acme, png
from boundaries import KILLED, Point
from faults import in_child
from httpcore._backends.sync import SyncBackend, SyncStream
from odd_server import Got, Say
from runs import TOLD

from fvbuild.engine.events import Did, Report
from fvbuild.errors import Exit, FilmBuildError
from fvbuild.project import Project, building
from fvbuild.targets.api import connect, http
from fvbuild.targets.api.waiting import RealWaiting

assert building and connect and http, "imported once, before anything is forked"

GOAL = "main/one/anchor"
_STEP = 5


class Trouble(StrEnum):
    """What becomes of a touch."""

    REFUSED = "refused"
    TORN = "half of it, then the line is dead"
    LOST = "all of it, then the line is dead"
    BEFORE = "killed before"
    AFTER = "killed after"


_ERRORS = {"connect": httpcore.ConnectError, "send": httpcore.WriteError,
           "receive": httpcore.ReadError}  # fmt: skip
TROUBLES = {
    "connect": (Trouble.REFUSED, Trouble.LOST, Trouble.BEFORE, Trouble.AFTER),
    # The system never takes all of it and tells an error.
    "send": (Trouble.REFUSED, Trouble.TORN, Trouble.BEFORE, Trouble.AFTER),
    "receive": tuple(Trouble),
}
_KILLS = (Trouble.BEFORE, Trouble.AFTER)


class Wire:
    """Counts the touches; one of them meets trouble."""

    def __init__(
        self, point: Point | None, trouble: Trouble | None, hit: Callable[[], None]
    ) -> None:
        self.calls: list[Point] = []
        self._point = point
        self._trouble = trouble
        self._hit = hit
        self._counts: Counter[str] = Counter()

    def touch(
        self,
        kind: str,
        do: Callable[[], Any],
        half: Callable[[], Any] = lambda: None,
        cut: Callable[[], None] = lambda: None,
    ) -> Any:
        """One touch; ``half`` is what is left of it when the line breaks, ``cut`` breaks it."""
        self._counts[kind] += 1
        call = Point(kind, kind, "", self._counts[kind])
        self.calls.append(call)
        trouble = self._trouble if call == self._point else None
        if trouble is not None:
            self._hit()
        if trouble is Trouble.REFUSED:
            cut()
            raise _ERRORS[kind]("the line is dead")
        if trouble is Trouble.BEFORE:
            os._exit(KILLED)
        done = half() if trouble is Trouble.TORN else do()
        if trouble is Trouble.AFTER:
            os._exit(KILLED)
        if trouble in (Trouble.TORN, Trouble.LOST):
            cut()
            raise _ERRORS[kind]("the line is dead")
        return done


@contextlib.contextmanager
def _wired(wire: Wire) -> Iterator[None]:
    opened, read, write = SyncBackend.connect_tcp, SyncStream.read, SyncStream.write

    def cut(stream: SyncStream) -> None:
        with contextlib.suppress(OSError):
            stream._sock.shutdown(socket.SHUT_RDWR)

    def connecting(*words: Any, **more: Any) -> Any:
        return wire.touch("connect", lambda: opened(*words, **more))

    def sending(stream: SyncStream, data: bytes, timeout: float | None = None) -> None:
        if not data:  # the end of a request, of which nothing goes over the wire
            return
        wire.touch(
            "send",
            lambda: write(stream, data, timeout),
            lambda: write(stream, data[: len(data) // 2], timeout),
            lambda: cut(stream),
        )

    def receiving(stream: SyncStream, most: int, timeout: float | None = None) -> Any:
        def do() -> bytes:
            return read(stream, most, timeout)

        return wire.touch("receive", do, do, lambda: cut(stream))

    with (
        patch.object(SyncBackend, "connect_tcp", connecting),
        patch.object(SyncStream, "write", sending),
        patch.object(SyncStream, "read", receiving),
        patch.object(RealWaiting, "sleep", lambda *_words: None),
    ):
        yield


class Buying:
    """A film of one hosted picture."""

    def __init__(self, folder: Path, acme: Acme) -> None:
        self.folder = folder
        self.acme = acme
        folder.mkdir(parents=True)
        place = {"base_url": f"{acme.server.url}/v1", "poll_every_s": 0.01}
        film = {
            "film": {"title": "Bought", "size": "320x180"},
            "targets": {"hosted": {"provider": "./acme.yaml", "model": "m"}},
            "use": {"anchor": "hosted"},
            "shots": [{"id": "one", "action": "a keeper climbs"}],
        }
        (folder / "film.yaml").write_text(json.dumps(film))
        (folder / "acme.yaml").write_text(json.dumps({**DESCRIPTION}))
        (folder / "fvbuild.yaml").write_text(json.dumps({"providers": {"acme": place}}))

    def build(self) -> Report:
        """Build the picture."""
        project = Project.open(self.folder)
        try:
            return project.build([GOAL])
        finally:
            project.state.close()

    def disturbed(self, point: Point | None, trouble: Trouble | None) -> None:
        """Build it over a wire that meets trouble; in a process of its own."""
        wire = Wire(point, trouble, (self.folder / "hit").touch)
        try:
            with _wired(wire):
                self.build()
        except FilmBuildError as error:
            os._exit(TOLD if error.hint else 1)
        (self.folder / "calls").write_bytes(pickle.dumps(wire.calls))

    def go_on(self) -> None:
        """Normal builds, and what a person would say; in a process of its own."""
        try:
            with patch.object(RealWaiting, "sleep", lambda *_words: None):
                self._go_on()
        except BaseException:
            (self.folder / "trace").write_text(traceback.format_exc())
            raise

    def _go_on(self) -> None:
        report = self.build()
        if any(result.exit is Exit.UNRESOLVED for result in report.results):
            (self.folder / "asked").touch()
            project = Project.open(self.folder)
            project.resolve(GOAL, retry=True)
            project.state.close()
            report = self.build()
        assert not [r for r in report.results if r.action in (Did.FAILED, Did.SKIPPED)], report
        assert (self.folder / f"out/{GOAL}.png").read_bytes() == png()
        assert not [r for r in self.build().results if r.action is not Did.REUSED]


def _acme() -> Acme:
    """A provider that knows half a request from a whole one."""
    acme = Acme()
    answer = acme.server.handler

    def whole(got: Got) -> Say:
        is_whole = len(got.body) == int(got.headers.get("content-length", "0"))
        return answer(got) if is_whole else Say(400)

    acme.server.handler = whole
    return acme


@pytest.fixture
def _key(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("ACME_KEY", CANARY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "home"))


@pytest.mark.usefixtures("_key")
def test_every_touch_of_the_wire_meets_its_troubles(folder: Path, thorough: bool) -> None:
    reference = Buying(folder / "reference", Acme())
    assert in_child(partial(reference.disturbed, None, None)) == 0
    calls: list[Point] = pickle.loads((reference.folder / "calls").read_bytes())
    assert {call.kind for call in calls} == set(TROUBLES)
    cases = [(call, trouble) for call in calls for trouble in TROUBLES[call.kind]]
    asked = reached = 0
    tried = cases if thorough else cases[::_STEP]
    for point, trouble in tried:
        acme = _acme()
        buying = Buying(folder / "film", acme)
        status = in_child(partial(buying.disturbed, point, trouble))
        told = f"{trouble.value} at {point.kind} {point.number}, which ended with {status}"
        if not (buying.folder / "hit").exists():
            # How many pieces an answer comes in is for the system to say.
            assert point.kind == "receive", f"it was never reached: {told}"
            shutil.rmtree(buying.folder)
            continue
        assert status == KILLED if trouble in _KILLS else status in (0, TOLD), told
        assert len(acme.bill) <= 1, f"bought twice by one build: {told}"
        ended = in_child(buying.go_on)
        trace = buying.folder / "trace"
        assert ended == 0, f"{told}\n{trace.read_text() if trace.exists() else ''}"
        said = (buying.folder / "asked").exists()
        asked, reached = asked + said, reached + 1
        assert 1 <= len(acme.bill) <= 1 + said, f"bought twice: {told}"
        acme.server.close()
        shutil.rmtree(buying.folder)
    assert asked, "of some requests nobody can know"
    assert reached >= 8
    print(f"the wire: {len(calls)} touches, {reached} runs, {asked} times a person was asked")
