"""Garbage collection removes what nothing needs, and verify names what is damaged."""

from __future__ import annotations

import json
import subprocess
from array import array
from pathlib import Path

import pytest
from disks import Disk
from toys import FILM as NAME
from toys import Toy, made, oracle

from fvbuild.engine.gc import GcReport, collect
from fvbuild.engine.store import DiskStore
from fvbuild.engine.verify import VerifyReport, verify
from fvbuild.errors import StateError

ONE = {"a": Toy("picture", {"n": 1}), "cut": Toy("joined", {}, (("clip", "a", None),))}
TWO = {**ONE, "a": Toy("picture", {"n": 2})}
THREE = {**ONE, "a": Toy("picture", {"n": 3})}


def _gc(disk: Disk, *, apply: bool = False) -> GcReport:
    with disk.opened() as world:
        assert isinstance(world.store, DiskStore)
        live = world.state.all_last_keys()
        return collect(world.store, world.state, disk.folder, live, apply=apply)


def _verify(disk: Disk) -> VerifyReport:
    with disk.opened() as world:
        assert isinstance(world.store, DiskStore)
        return verify(world.store, world.state, world.lock, world.state.last_keys(NAME))


def _git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


def _commit(disk: Disk, *words: str) -> None:
    _git(disk.folder, "add", "-f", *[path.name for path in disk.folder.glob("*.lock")])
    _git(disk.folder, "commit", "-q", "-m", "film", *words)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk(tmp_path / "film")
    disk.target.cost = 0.5
    return disk


def test_nothing_is_removed_unless_asked(disk: Disk) -> None:
    disk.build(ONE)
    disk.build(TWO)
    before = sorted(path for path in disk.cache.rglob("*") if path.is_file())
    report = _gc(disk)
    assert not report.applied and len(report.items) == 2 and report.kept == 2
    assert sorted(path for path in disk.cache.rglob("*") if path.is_file()) == before
    assert made(disk.build(ONE)) == set(), "an undo still finds it"


def test_what_was_paid_is_named_with_its_price_and_comes_first(disk: Disk) -> None:
    disk.build(ONE)
    disk.build(TWO)
    first, second = _gc(disk).items
    assert first.node == "a" and first.cost is not None and first.cost.amount == 0.5
    assert second.node == "cut" and second.cost is None
    assert first.made_at and first.size_bytes > 0


def test_what_is_current_survives_and_what_is_removed_is_forgotten(disk: Disk) -> None:
    for film in (ONE, TWO, THREE):
        disk.build(film)
    report = _gc(disk, apply=True)
    assert report.applied and len(report.items) == 4
    assert made(disk.build(THREE)) == set()
    assert _gc(disk).items == ()
    assert _verify(disk).problems == ()
    assert disk.plan(TWO)["a"].missing == (1,), "it is to be made, and not lost"
    disk.build(TWO)
    assert disk.texts() == oracle(TWO, {})


def test_locks_of_every_branch_tag_and_detached_head_are_roots(disk: Disk) -> None:
    _git_films = {"branch": ONE, "tag": TWO, "here": THREE}
    disk.folder.mkdir(exist_ok=True)
    _git(disk.folder, "init", "-q")
    for name, film in _git_films.items():
        disk.build(film)
        _commit(disk, "--allow-empty")
        if name == "branch":
            _git(disk.folder, "branch", "old")
        if name == "tag":
            _git(disk.folder, "tag", "-a", "v1", "-m", "first")
    _git(disk.folder, "checkout", "-q", "--detach")
    disk.lock_path.unlink()
    report = _gc(disk, apply=True)
    kept = {item.node for item in report.items}
    assert "a" not in kept, "every generated take is in some lock"
    for film in _git_films.values():
        assert "a" not in made(disk.build(film))


def test_a_lock_with_a_name_that_is_not_ascii_is_found_in_git(disk: Disk) -> None:
    disk.folder.mkdir(exist_ok=True)
    _git(disk.folder, "init", "-q")
    disk.build(ONE)
    strange = disk.folder / "été à la mer.lock"
    strange.write_bytes(disk.lock_path.read_bytes())
    _git(disk.folder, "add", "-f", strange.name)
    _git(disk.folder, "commit", "-q", "-m", "film")
    strange.unlink()
    disk.build(TWO)
    assert all(item.node != "a" for item in _gc(disk).items)


def test_old_locks_with_conflict_marks_or_of_newer_versions_still_count(disk: Disk) -> None:
    disk.folder.mkdir(exist_ok=True)
    _git(disk.folder, "init", "-q")
    disk.build(ONE)
    text = disk.lock_path.read_text().replace('"made"', '"blessed"')
    disk.lock_path.write_text(f"<<<<<<< ours\n{text}=======\n\xff>>>>>>> theirs\n")
    _commit(disk)
    disk.lock_path.unlink()
    disk.build(TWO)
    assert all(item.node != "a" for item in _gc(disk).items)


def test_locks_of_other_films_and_profiles_below_the_folder_are_roots(disk: Disk) -> None:
    disk.build(ONE)
    other = disk.folder / "shorts"
    other.mkdir()
    (other / "film.draft.lock").write_bytes(disk.lock_path.read_bytes())
    (other / "uv.lock").write_text('version = 1\n[[package]]\nname = "x"\n')
    disk.lock_path.unlink()
    disk.build(TWO)
    assert all(item.node != "a" for item in _gc(disk).items)


def test_a_lock_that_cannot_be_read_stops_everything(disk: Disk) -> None:
    disk.build(ONE)
    disk.build(TWO)
    (disk.folder / "film.yaml").touch()
    disk.lock_path.write_text("<<<<<<< ours\n")
    with pytest.raises(StateError):
        _gc(disk, apply=True)
    assert len(list(disk.cache.rglob("artifacts/*/*"))) == 4


def test_a_broken_repository_stops_everything(disk: Disk) -> None:
    disk.build(ONE)
    disk.build(TWO)
    (disk.folder / ".git").mkdir()
    with pytest.raises(StateError, match="git"):
        _gc(disk, apply=True)
    assert len(list(disk.cache.rglob("artifacts/*/*"))) == 4


def test_the_pieces_of_a_needed_assembly_are_needed(disk: Disk) -> None:
    from fvbuild.engine.action import Artifact
    from fvbuild.engine.sniff import ASSEMBLY
    from fvbuild.engine.takes import Take, Trace

    with disk.opened() as world:
        piece, size = world.store.add_bytes(b"a piece that nothing else needs")
        line = {"version": 2, "media_type": "video/mp4", "size": size, "artifacts": [piece]}
        text = json.dumps({**line, "head": 0, "ranges": 1, "notes": 0}) + "\n"
        ranges = array("Q", [0, 0, size]).tobytes()
        whole, _ = world.store.add_bytes(text.encode() + ranges)
        world.store.flush()
        take = Take(1, (Artifact(whole, len(text), ASSEMBLY),), "fvbuild")
        with world.state.transaction():
            world.state.record([Trace("k", "{}", take)])
            world.state.set_last(NAME, [("cut", "k", take.outputs)])
    assert _gc(disk).items == ()


def test_verify_names_what_is_damaged_and_whose_it_is(disk: Disk) -> None:
    disk.build(ONE)
    assert _verify(disk).problems == () and _verify(disk).checked == 2
    lost = disk.artifact("a")
    with disk.opened() as world:
        key = world.state.last_key(NAME, "cut") or ""
        shown = world.state.takes(key)[1].outputs[0].digest
        broken = world.store.path(shown)
    lost.unlink()
    broken.chmod(0o644)
    broken.write_bytes(b"x")
    found = {p.problem: p for p in _verify(disk).problems}
    assert found["missing"].nodes == ("a",) and found["missing"].path == lost
    assert found["missing"].cost is not None and found["missing"].cost.amount == 0.5
    assert found["corrupt"].nodes == ("cut",) and found["corrupt"].digest == shown
