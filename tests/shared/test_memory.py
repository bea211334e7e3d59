"""The fake keeps the promises of the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from fvbuild.engine.shared import Shared
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.errors import RemoteError


def test_what_is_written_is_read(tmp_path: Path) -> None:
    shared: Shared = MemoryShared()
    assert shared.read("ac/a") is None and not shared.has("ac/a")
    shared.write("ac/a", b"one")
    (tmp_path / "file").write_bytes(b"x" * 200_000)
    shared.write_file("cas/b", tmp_path / "file")
    assert shared.read("ac/a") == b"one" and shared.has("cas/b")
    with shared.stream("cas/b") as pieces:
        assert pieces is not None and b"".join(pieces) == b"x" * 200_000
    with shared.stream("cas/c") as pieces:
        assert pieces is None
    assert shared.read("cas/b", 1000) == b""


def test_creating_tells_who_was_first() -> None:
    shared = MemoryShared()
    assert shared.create("claims/a", b"mine")
    assert not shared.create("claims/a", b"yours")
    assert shared.read("claims/a") == b"mine"


def test_listing_and_deleting() -> None:
    shared = MemoryShared()
    for name in ("cas/a", "cas/b", "ac/a"):
        shared.write(name, name.encode())
    assert [found.name for found in shared.list("cas/")] == ["cas/a", "cas/b"]
    shared.delete(["cas/a", "cas/gone"])
    assert [found.name for found in shared.list("cas/")] == ["cas/b"]


def test_faults_on_request() -> None:
    shared = MemoryShared()

    def lost(verb: str, name: str) -> None:
        raise RemoteError(f"{verb} {name}")

    shared.after = lost
    with pytest.raises(RemoteError):
        shared.write("ac/a", b"one")
    assert shared.objects == {"ac/a": b"one"}, "the reply was lost, not the request"
    shared.before = lost
    with pytest.raises(RemoteError):
        shared.write("ac/b", b"two")
    assert "ac/b" not in shared.objects
