"""What no build tool that was measured notices all of: changed, lost and damaged files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from disks import Disk
from toys import Toy, made, oracle

from fvbuild.engine.events import Act, Reason
from fvbuild.engine.lock import Lock
from fvbuild.errors import StateError

FILM = {
    "a": Toy("picture", {"look": "red"}),
    "b": Toy("clip", {}, (("start", "a", None),)),
    "cut": Toy("joined", {}, (("clip", "b", None),)),
}


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path)
    assert made(disk.build(FILM)) == set(FILM)
    assert made(disk.build(FILM)) == set()
    return disk


def _put_back_mtime(path: Path, data: bytes) -> None:
    """Change a file's bytes and make its mtime what it was, as careless tools do."""
    before = path.stat()
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    path.chmod(0o444)


def test_a_deleted_artifact_is_made_again_and_nothing_after_it(disk: Disk) -> None:
    disk.artifact("a").unlink()
    plan = disk.plan(FILM)
    assert (plan["a"].action, plan["a"].reason) == (Act.BUILD, Reason.ARTIFACT_LOST)
    assert plan["b"].action is Act.MAYBE
    assert made(disk.build(FILM)) == {"a"}
    assert disk.artifact("a").read_text() == oracle(FILM, {})["a"]
    assert made(disk.build(FILM)) == set()


@pytest.mark.parametrize("size", ["same", "other", "empty"])
def test_an_artifact_damaged_in_place_is_noticed(disk: Disk, size: str) -> None:
    path = disk.artifact("a")
    good = path.read_bytes()
    bad = {"same": good[:-1] + b"?", "other": good + b"?", "empty": b""}[size]
    _put_back_mtime(path, bad)
    plan = disk.plan(FILM)
    assert (plan["a"].action, plan["a"].reason) == (Act.BUILD, Reason.ARTIFACT_CORRUPT)
    assert made(disk.build(FILM)) == {"a"}
    assert path.read_bytes() == good


def test_a_touched_artifact_is_read_again_and_believed(disk: Disk) -> None:
    os.utime(disk.artifact("a"))
    assert made(disk.build(FILM)) == set()
    assert disk.target.asked == [("a", 1), ("b", 1)]


@pytest.mark.parametrize("damage", ["lost", "corrupt"])
def test_a_paid_artifact_is_priced_and_never_silently_made_again(
    tmp_path: Path, damage: str
) -> None:
    disk = Disk(tmp_path)
    disk.target.cost = 2.5
    disk.build(FILM)
    path = disk.artifact("a")
    good = path.read_bytes()
    path.chmod(0o644)
    path.unlink() if damage == "lost" else path.write_bytes(b"x")
    plan = disk.plan(FILM)
    assert plan["a"].action is Act.BLOCKED and "2.5 USD" in plan["a"].message
    assert plan["b"].action is Act.REUSE, "what it made is still there"
    asked = list(disk.target.asked)
    disk.build(FILM)
    assert disk.target.asked == asked
    changed = {**FILM, "b": Toy("clip", {"n": 1}, (("start", "a", None),))}
    assert disk.plan(changed)["b"].reason is Reason.ARTIFACT_LOST
    disk.build(changed)
    assert disk.target.asked == asked
    path.unlink(missing_ok=True)
    path.write_bytes(good)
    assert made(disk.build(changed)) == {"b", "cut"}


def test_a_file_under_out_comes_back_when_deleted(disk: Disk) -> None:
    (disk.out / "cut.txt").unlink()
    assert made(disk.build(FILM)) == set()
    assert disk.texts() == oracle(FILM, {})


@pytest.mark.parametrize("hand", [b"mine", b""])
def test_what_is_edited_under_out_is_kept_beside_and_never_lost(disk: Disk, hand: bytes) -> None:
    shown = disk.out / "a.txt"
    _put_back_mtime(shown, hand)
    assert made(disk.build(FILM)) == set()
    assert (disk.out / "a.kept.txt").read_bytes() == hand
    assert shown.read_text() == oracle(FILM, {})["a"]
    assert any("a.kept.txt" in note for note in disk.notes)
    shown.chmod(0o644)
    shown.write_bytes(b"again")
    edited = {**FILM, "a": Toy("picture", {"look": "blue"})}
    disk.build(edited)
    assert (disk.out / "a.kept.txt").read_bytes() == hand
    assert (disk.out / "a.kept2.txt").read_bytes() == b"again"
    assert shown.read_text() == oracle(edited, {})["a"]


def test_files_that_no_node_shows_any_more_go_unless_they_were_edited(disk: Disk) -> None:
    small = {"a": FILM["a"]}
    (disk.out / "cut.txt").chmod(0o644)
    (disk.out / "cut.txt").write_text("mine")
    disk.build(small)
    assert disk.texts() == {"a": oracle(FILM, {})["a"], "cut": "mine"}
    assert made(disk.build(FILM)) == set()
    assert (disk.out / "cut.kept.txt").read_text() == "mine"


def test_a_rename_renames_the_file(disk: Disk) -> None:
    new = {"z": FILM["a"], "b": Toy("clip", {}, (("start", "z", None),)), "cut": FILM["cut"]}
    assert made(disk.build(new)) == set()
    assert disk.texts() == oracle(new, {})


def test_a_file_in_the_way_that_was_never_ours_is_kept(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.out.mkdir()
    (disk.out / "a.txt").write_text("not yours")
    disk.build(FILM)
    assert (disk.out / "a.kept.txt").read_text() == "not yours"


def test_ten_quick_edits_in_a_row_are_all_seen(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    for n in range(10):
        film = {**FILM, "a": Toy("picture", {"n": n})}
        disk.build(film)
        assert disk.texts() == oracle(film, {})


def test_no_hard_link_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_words: object, **_more: object) -> None:
        raise AssertionError("a hard link")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    disk = Disk(tmp_path)
    disk.build(FILM)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and all(path.stat().st_nlink == 1 for path in files)


def test_leftovers_of_a_killed_build_are_swept(disk: Disk) -> None:
    work = disk.cache / "work"
    gone, mine = work / "4194305-slot-1", work / f"{os.getpid()}-slot-x"
    for folder in (gone, mine):
        folder.mkdir(parents=True)
        (folder / "half.mp4").write_bytes(b"half")
    (work / "4194305-abc").write_bytes(b"half")
    disk.build(FILM)
    assert not gone.exists() and not (work / "4194305-abc").exists()
    assert mine.exists(), "another build may be using it"


def test_a_clone_with_lock_and_store_generates_nothing(disk: Disk) -> None:
    (disk.cache / "state.sqlite3").unlink()
    asked = list(disk.target.asked)
    lock = disk.lock_path.read_bytes()
    assert made(disk.build(FILM)) == {"cut"}
    assert disk.target.asked == asked
    assert disk.lock_path.read_bytes() == lock
    assert disk.texts() == oracle(FILM, {})


def test_a_damaged_lock_stops_the_build_and_stays_as_it_is(disk: Disk) -> None:
    disk.lock_path.write_bytes(disk.lock_path.read_bytes()[:-7])
    before = disk.lock_path.read_bytes()
    with pytest.raises(StateError):
        disk.build(FILM)
    assert disk.lock_path.read_bytes() == before


def test_artifacts_are_read_only_and_named_by_their_bytes(disk: Disk) -> None:
    from fvbuild.engine.digest import content_of_file

    files = [path for path in (disk.cache / "artifacts").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert path.parent.name + path.name == content_of_file(path)
        assert path.stat().st_mode & 0o777 == 0o444
    assert Lock.read(disk.lock_path).nodes()
