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
from fvbuild.executors.shelf import Shelf, StoreThere

DATA = b"an artifact"
DIGEST = hashlib.sha256(DATA).hexdigest()
ASKED: list[str] = []
KEPT: list[str] = []


class There:
    """A store that has the artifact, and takes more."""

    pieces: tuple[bytes, ...] | None = (DATA[:3], DATA[3:])

    @contextmanager
    def fetch(self, digest: str) -> Iterator[Iterator[bytes] | None]:
        ASKED.append(digest)
        yield iter(self.pieces) if self.pieces is not None else None

    def keep(self, digest: str, path: Path) -> None:
        assert path.read_bytes() == DATA
        KEPT.append(digest)


class Gone(There):
    pieces = None


class Damaged(There):
    pieces = (b"something else",)


class ReadOnly(There):
    def keep(self, digest: str, path: Path) -> None:
        KEPT.append(digest)
        raise RemoteError("it may not be written")


class Unreachable(There):
    @contextmanager
    def fetch(self, digest: str) -> Iterator[Iterator[bytes] | None]:
        ASKED.append(digest)
        raise RemoteError("nobody answers")
        yield None


def _shelf(root: Path, store: StoreThere | None = None) -> Shelf:
    ASKED.clear()
    KEPT.clear()
    return Shelf("build", pickle.dumps(store) if store is not None else None, root)


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
    shelf = _shelf(tmp_path, There())
    assert shelf.path(DIGEST) is None
    assert ASKED == []
    for _ in range(2):
        path = shelf.path(DIGEST, shared=True)
        assert path is not None
        assert path.read_bytes() == DATA
    assert ASKED == [DIGEST]


@pytest.mark.parametrize("store", [Gone(), Damaged()])
def test_what_the_shared_store_has_not_must_be_sent(tmp_path: Path, store: StoreThere) -> None:
    shelf = _shelf(tmp_path, store)
    assert shelf.path(DIGEST, shared=True) is None
    shelf.take_in(DIGEST, [DATA])
    assert shelf.path(DIGEST, shared=True) is not None


def test_a_store_that_cannot_be_reached_is_asked_once(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path, Unreachable())
    assert shelf.path(DIGEST, shared=True) is None
    assert shelf.trouble == "nobody answers; files come from the build itself"
    assert shelf.path(DIGEST, shared=True) is None
    assert ASKED == [DIGEST]
    made = tmp_path / "made"
    made.write_bytes(DATA)
    assert not shelf.keep(DIGEST, made)
    assert KEPT == []


def _made(folder: Path) -> Path:
    path = folder / "made"
    path.write_bytes(DATA)
    return path


def test_what_was_made_goes_to_the_shared_store(tmp_path: Path) -> None:
    assert not _shelf(tmp_path).keep(DIGEST, _made(tmp_path))
    shelf = _shelf(tmp_path, There())
    for _ in range(2):
        assert shelf.keep(DIGEST, _made(tmp_path))
    assert KEPT == [DIGEST, DIGEST]
    assert shelf.trouble == ""


def test_a_store_that_is_not_written_from_there_is_tried_once_and_read_on(tmp_path: Path) -> None:
    shelf = _shelf(tmp_path, ReadOnly())
    for _ in range(2):
        assert not shelf.keep(DIGEST, _made(tmp_path))
    assert KEPT == [DIGEST]
    assert shelf.trouble == "it may not be written; files go to the build itself"
    assert shelf.path(DIGEST, shared=True) is not None


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
