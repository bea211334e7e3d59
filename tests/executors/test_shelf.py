"""What machines keep of what they were sent."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fvbuild.errors import ExecutorError, RemoteError
from fvbuild.executors.shelf import Shelf

DATA = b"an artifact"
DIGEST = hashlib.sha256(DATA).hexdigest()
ASKED: list[str] = []


@contextmanager
def _there(digest: str) -> Iterator[Iterator[bytes] | None]:
    ASKED.append(digest)
    yield iter([DATA[:3], DATA[3:]])


@contextmanager
def _gone(_digest: str) -> Iterator[Iterator[bytes] | None]:
    yield None


@contextmanager
def _damaged(_digest: str) -> Iterator[Iterator[bytes] | None]:
    yield iter([b"something else"])


@contextmanager
def _unreachable(digest: str) -> Iterator[Iterator[bytes] | None]:
    ASKED.append(digest)
    raise RemoteError("nobody answers")
    yield None


def _shelf(root: Path, fetch: object = None) -> Shelf:
    ASKED.clear()
    return Shelf("build", pickle.dumps(fetch) if fetch is not None else None, root)


def test_what_was_sent_is_kept(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path)
    assert shelf.path(DIGEST) is None
    shelf.take_in(DIGEST, [DATA])
    path = shelf.path(DIGEST)
    assert path is not None
    assert path.read_bytes() == DATA
    assert not path.stat().st_mode & 0o222
    shelf.take_in(DIGEST, [DATA])  # by two workers at once


def test_what_is_damaged_is_not_kept(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path)
    with pytest.raises(ExecutorError, match="arrived damaged"):
        shelf.take_in(DIGEST, [DATA, b"more"])
    assert shelf.path(DIGEST) is None
    assert [each.name for each in (tmp_path / "build" / "files").iterdir()] == []


def test_the_shared_store_is_asked_for_what_it_is_known_to_have(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path, _there)
    assert shelf.path(DIGEST) is None
    assert ASKED == []
    for _ in range(2):
        path = shelf.path(DIGEST, shared=True)
        assert path is not None
        assert path.read_bytes() == DATA
    assert ASKED == [DIGEST]


@pytest.mark.parametrize("fetch", [_gone, _damaged])
def test_what_the_shared_store_has_not_must_be_sent(tmp_path: Path, fetch: object) -> None:
    shelf = _shelf(tmp_path, fetch)
    assert shelf.path(DIGEST, shared=True) is None
    shelf.take_in(DIGEST, [DATA])
    assert shelf.path(DIGEST, shared=True) is not None


def test_a_store_that_cannot_be_reached_is_asked_once(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path, _unreachable)
    assert shelf.path(DIGEST, shared=True) is None
    assert shelf.trouble == "nobody answers; files come from the build itself"
    assert shelf.path(DIGEST, shared=True) is None
    assert ASKED == [DIGEST]


def test_the_last_one_clears_away(tmp_path: Path) -> None:
    """Of several workers that leave at once, too."""
    code = f"""
import sys
from pathlib import Path
from fvbuild.executors.shelf import Shelf
shelf = Shelf("build", None, Path({str(tmp_path)!r}))
print("there", flush=True)
sys.stdin.read()
shelf.leave()
"""
    others = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for other in others:
        assert other.stdout is not None
        assert other.stdout.readline() == b"there\n"
    shelf = _shelf(tmp_path)
    shelf.take_in(DIGEST, [DATA])
    assert (tmp_path / "build").exists()
    for other in others:
        other.communicate()
        assert other.returncode == 0
    assert shelf.path(DIGEST) is not None  # this one still works with it
    shelf.leave()
    assert list(tmp_path.iterdir()) == []


def test_what_killed_workers_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / "killed"
    left.mkdir()
    (left / "alive").touch()
    (left / "files").mkdir()
    held = Shelf("alive", None, tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["alive"]
    Shelf("other", None, tmp_path).leave()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["alive"]
    held.leave()


def test_it_is_its_users_alone(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path / "root")
    assert (tmp_path / "root").stat().st_mode & 0o077 == 0
    assert shelf.folder.stat().st_uid == os.getuid()
