"""What torture has found, each in its smallest form."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from disks import Disk
from toys import Toy, did, result_text

from fvbuild.engine import assembly
from fvbuild.engine.clock import SystemClock
from fvbuild.engine.database import Database
from fvbuild.engine.digest import content
from fvbuild.engine.events import Did
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.shared import blob_name
from fvbuild.engine.shared_bring import Bringer
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore, Health
from fvbuild.errors import GoneError, StateError, StoreError


def test_a_copy_whose_success_is_told_as_an_error_holds_no_byte_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As over a network: the server copied, and its answer was lost."""
    data = os.urandom(300_000)
    (tmp_path / "old").write_bytes(data)
    copy = os.copy_file_range

    def lost(source: int, destination: int, count: int, *places: int) -> int:
        copy(source, destination, min(count, 100_000), *places)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "copy_file_range", lost)
    assembly.clone_or_copy(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == data


def test_an_artifact_that_cannot_be_removed_is_told_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DiskStore(tmp_path, {}, SystemClock())
    digest, _ = store.add_bytes(b"nobody needs it")

    def refuse(*_words: object, **_more: object) -> None:
        raise PermissionError(1, "Operation not permitted", str(store.path(digest)))

    monkeypatch.setattr(os, "unlink", refuse)
    with pytest.raises(StoreError, match="cannot be written") as caught:
        store.remove([digest])
    assert caught.value.hint


def test_a_ledger_that_cannot_be_opened_is_told_in_our_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, files = State(tmp_path / "state.sqlite3"), PurchaseFiles(tmp_path)
    files.make_root()
    ledger = Ledger(state, files, SystemClock(), "film.yaml")

    def refuse(*_words: object, **_more: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(Database, "open", refuse)
    with pytest.raises(StateError, match="unable to open") as caught:
        ledger.recover(None)
    assert caught.value.hint
    state.close()


@pytest.mark.parametrize("lost", [True, False])
def test_what_is_lost_stops_its_node_also_where_it_is_found_while_building(
    tmp_path: Path, lost: bool
) -> None:
    """An input is made again and comes out the same; only then the paid take is looked at."""

    def film(n: int) -> dict[str, Toy]:
        return {
            "a": Toy("joined", {"coarse": True, "n": n}),
            "b": Toy("clip", {}, (("a", "a", None),)),
            "c": Toy("picture", {"n": n}),
        }

    texts = [result_text("joined", {"coarse": True, "n": n}, {}, "here", 0) for n in range(20)]
    disk = Disk(tmp_path)
    disk.target.cost = 1.0
    disk.build(film(0))
    artifact = disk.artifact("b")
    artifact.chmod(0o644)
    artifact.unlink() if lost else artifact.write_text("damaged")
    (disk.out / "b.txt").unlink()
    report = disk.build(film(texts.index(texts[0], 1)))
    assert did(report) == {"a": Did.BUILT, "b": Did.SKIPPED, "c": Did.BUILT}
    assert not (disk.out / "b.txt").exists()
    assert disk.target.asked.count(("b", 1)) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_bytes_that_were_damaged_on_their_way_are_asked_for_again(
    tmp_path: Path, times: int
) -> None:
    """Once is the way's fault; twice it is what lies there, and nobody asks for it any more."""
    shared, store = MemoryShared(), DiskStore(tmp_path, {}, SystemClock())
    digest = content(b"an artifact")
    shared.objects[blob_name(digest)] = b"another one"

    def mend(_verb: str, _name: str) -> None:
        if len(shared.asked) > times:
            shared.objects[blob_name(digest)] = b"an artifact"

    shared.before = mend
    bringer = Bringer(shared, store)
    if times == 1:
        bringer.bring(digest)
        assert store.read(digest) == b"an artifact" and not bringer.damaged
    else:
        with pytest.raises(GoneError):
            bringer.bring(digest)
        assert bringer.damaged == {digest} and store.health(digest) is Health.MISSING


def test_what_a_killed_build_left_half_shown_goes_with_the_next(tmp_path: Path) -> None:
    disk, film = Disk(tmp_path), {"a": Toy("picture"), "b": Toy("picture", {"n": 1})}
    disk.build(film)
    half, mine = disk.out / ".a.txt.4194305", disk.out / ".notes.4194305"
    for path in (half, mine):
        path.write_text("half")
    (disk.out / "a.txt").unlink()
    disk.build(film)
    assert (disk.out / "a.txt").exists() and not half.exists()
    assert mine.exists(), "it was never ours"
