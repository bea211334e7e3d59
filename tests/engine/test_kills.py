"""Killed at any moment, refused by the disk at any operation: the next build goes on."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from disks import Disk
from faults import KILLED, at_operation, in_child
from toys import Toy, decide, made, oracle

from fvbuild.engine.digest import content_of_file
from fvbuild.engine.events import Did
from fvbuild.engine.lock import Lock
from fvbuild.errors import FilmBuildError, StateError, StoreError

FILM = {
    "a": Toy("picture", {"look": "red"}, takes=2),
    "b": Toy("clip", {}, (("start", "a", None),)),
    "cut": Toy("joined", {}, (("clip", "b", None),)),
}
EDITED = {**FILM, "b": Toy("clip", {"n": 1}, (("start", "a", None),))}


def _die(_name: str) -> None:
    os._exit(KILLED)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that was built, with a take approved and a file of the user's under ``out/``."""
    disk = Disk(tmp_path_factory.mktemp("prepared"))
    disk.build({"a": FILM["a"]})
    with disk.opened() as world:
        decide(world, "a", "approved", 2)
        world.lock.write()
    (disk.out / "a.txt").chmod(0o644)
    (disk.out / "a.txt").write_text("mine")
    return disk.folder


def _copy(prepared: Path, folder: Path) -> Disk:
    shutil.copytree(prepared, folder)
    return Disk(folder)


def _committed(disk: Disk) -> dict[tuple[str, int], str]:
    with disk.opened() as world:
        return {(key, t.n): t.outputs[0].digest for key, t in world.state.all_takes() if t.outputs}


def _check(disk: Disk) -> None:
    """The next build completes, equals a clean one, and nothing decided or committed is lost."""
    before = _committed(disk)
    line = Lock.read(disk.lock_path).get("a")
    assert line is not None and (line.chosen, line.status) == (2, "approved")
    disk.build(EDITED)
    truth = oracle(EDITED, {}, chosen={"a": 2})
    texts = disk.texts()
    assert {name: texts[name] for name in truth} == truth
    assert "mine" in texts.values()
    after = _committed(disk)
    assert before.items() <= after.items()
    assert made(disk.build(EDITED)) == set()
    for path in (disk.cache / "artifacts").rglob("*"):
        if path.is_file():
            assert content_of_file(path) == path.parent.name + path.name


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_every_operation(prepared: Path, tmp_path: Path, after: bool) -> None:
    for nth in range(1, 500):
        disk = _copy(prepared, tmp_path / f"{nth}")

        def build(disk: Disk = disk, nth: int = nth) -> None:
            with at_operation(nth, _die, after=after):
                disk.build(EDITED)

        status = in_child(build)
        assert status in (0, KILLED)
        _check(disk)
        if status == 0:
            assert nth > 15
            return
    raise AssertionError("it never came to an end")


def test_killed_at_random_moments(prepared: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    for nth in range(12):
        disk = _copy(prepared, tmp_path / f"{nth}")
        child = os.fork()
        if not child:
            try:
                disk.build(EDITED)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _check(disk)


@pytest.mark.parametrize(
    ("number", "again"),
    [(errno.ENOSPC, False), (errno.EIO, False), (errno.EROFS, True)],
    ids=["full-once", "failing-once", "read-only-from-then-on"],
)
def test_refused_at_every_operation(
    prepared: Path, tmp_path: Path, number: int, again: bool
) -> None:
    def refuse(name: str) -> None:
        if name == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        raise OSError(number, os.strerror(number))

    told = 0
    for nth in range(1, 500):
        disk = _copy(prepared, tmp_path / f"{nth}")
        with at_operation(nth, refuse, again=again) as counter:
            try:
                report = disk.build(EDITED)
            except (StoreError, StateError) as error:
                assert error.hint
                told += 1
            else:
                failed = [r for r in report.results if r.action is Did.FAILED]
                assert all("bug" not in r.message for r in failed), failed
                told += bool(failed)
        _check(disk)
        if not counter.reached():
            assert told > 10
            return
    raise AssertionError("it never came to an end")


def test_a_build_without_the_right_to_write_says_so(prepared: Path, tmp_path: Path) -> None:
    """As a user who may not write: root may always, so a child gives its rights away first."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    disk = _copy(prepared, tmp_path / "film")
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.getuid() and folder.name.startswith(("pytest", "popen")):
            folder.chmod(0o755)
    tmp_path.chmod(0o755)
    words = tmp_path / "said.txt"
    words.touch()
    words.chmod(0o666)

    def build() -> None:
        os.setgid(65534)
        os.setuid(65534)
        try:
            disk.build(EDITED)
            words.write_text("nothing")
        except FilmBuildError as error:
            words.write_text(f"{type(error).__name__} {error}")

    assert in_child(build) == 0
    assert words.read_text().startswith(("StateError", "StoreError")), words.read_text()
    assert "writable" in words.read_text()
    _check(disk)
