"""The state file: damaged in any way, it costs work and never a decision or an artifact."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

import pytest
from disks import Disk
from faults import in_child
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import Toy, decide, oracle

from fvbuild.engine.action import Artifact, Money
from fvbuild.engine.database import Database
from fvbuild.engine.plan import Wishes
from fvbuild.engine.state import State
from fvbuild.engine.takes import Choice, Take, Trace
from fvbuild.errors import FilmBuildError, StateError

FILM = {
    "a": Toy("picture", {"look": "red"}),
    "b": Toy("clip", {}, (("start", "a", None), ("voice", "a", "seconds"))),
    "cut": Toy("joined", {}, (("clip", "b", None),)),
}


def _decided(folder: Path) -> Disk:
    """A film of which take 2 of ``a`` was approved."""
    disk = Disk(folder)
    disk.target.random = True
    disk.build(FILM)
    disk.build(FILM, ["a"], Wishes(draws={"a": 1}))
    with disk.opened() as world:
        decide(world, "a", "approved", 2)
        world.lock.write()
    disk.build(FILM)
    return disk


def _replayed(disk: Disk, shown: dict[str, str]) -> None:
    asked = list(disk.target.asked)
    disk.build(FILM)
    assert disk.target.asked == asked, "nothing was generated"
    assert disk.texts() == shown


@pytest.mark.parametrize("how", ["gone", "empty", "garbage", "half", "page", "text", "folder-less"])
def test_the_film_replays_from_lock_and_store(tmp_path: Path, how: str) -> None:
    disk = _decided(tmp_path)
    shown = disk.texts()
    path = disk.cache / "state.sqlite3"
    data = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "folder-less":
        for found in disk.cache.glob("state*"):
            found.unlink()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "garbage": bytes(range(256)) * 64,
                "half": data[: len(data) // 2],
                "page": data[:4096],
                "text": b"this is not a database",
            }[how]
        )
    _replayed(disk, shown)
    if how in ("garbage", "half", "page", "text"):
        assert any("moved to" in note for note in disk.notes) or list(
            disk.cache.glob("state.sqlite3.damaged*")
        )


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    for text in (b"first, which is no database", b"second, which is no database"):
        path.write_bytes(text)
        State(path).close()
    kept = sorted(file.read_bytes() for file in tmp_path.glob("*.damaged*") if "-" not in file.name)
    assert [data[:5] for data in kept] == [b"first", b"secon"]


def test_a_newer_state_is_an_error_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE takes(x)")
    db.execute("PRAGMA user_version=99")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="newer fvbuild") as caught:
        State(path)
    assert caught.value.place == str(path) and caught.value.hint
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["state.sqlite3"]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=40)),
        min_size=1,
        max_size=6,
    )
)
def test_mutated_bytes_never_give_anything_but_our_errors(
    changes: list[tuple[float, bytes]],
) -> None:
    data = bytearray(_whole_state())
    for share, added in changes:
        at = int(share * len(data))
        data[at : at + len(added)] = added
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.sqlite3"
        path.write_bytes(data)
        try:
            _use(State(path))
        except FilmBuildError as error:
            assert error.hint
            # Told once; the next command begins anew, or with what is left.
            _use_twice(path)


def _use_twice(path: Path) -> None:
    for _ in range(3):
        try:
            return _use(State(path))
        except FilmBuildError:
            continue
    return None


def _use(state: State) -> None:
    try:
        state.takes("k1")
        state.last_takes("film")
        list(state.all_takes())
        state.recipe("k1")
        state.choice("k1")
        state.last_keys("film")
        state.last_rows("film", ["a", "b"])
        state.last_below("film", "a")
        state.all_last_keys()
        state.key_before("film", "a")
        state.stats.artifact_stats()
        state.stats.file_digest("/file")
        state.stats.shown("film")
        state.diary.read("film", 5)
        state.diary.node_of("d" * 64)
        with state.transaction():
            state.record([_trace("k9", 1)])
            state.choose([("k9", Choice(1, "made"))])
            state.set_last("film", [("z", "k9", ())])
    finally:
        state.close()


def _trace(key: str, n: int) -> Trace:
    artifact = Artifact(f"{n:064x}", 3, "text/plain", "", {"seconds": 1.5})
    return Trace(key, '{"kind":"a"}', Take(n, (artifact,), "toy", Money(1.0), provenance={"a": 1}))


_kept: list[bytes] = []


def _whole_state() -> bytes:
    if not _kept:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.sqlite3"
            state = State(path)
            with state.transaction():
                state.record([_trace(f"k{n}", n) for n in range(1, 40)])
                state.choose((f"k{n}", Choice(n, "chosen", frozenset({1}))) for n in range(1, 40))
                state.set_last("film", [(f"{c}", f"k{n}", ()) for n, c in enumerate("abcdef", 1)])
            state.close()
            _kept.append(path.read_bytes())
    return _kept[0]


def test_a_transaction_is_all_or_nothing() -> None:
    state = State(None)
    with pytest.raises(ZeroDivisionError), state.transaction():
        state.record([_trace("k", 1)])
        raise ZeroDivisionError
    assert state.takes("k") == {}
    with state.transaction():
        state.record([_trace("k", 1), _trace("k", 2)])
    assert list(state.takes("k")) == [1, 2]


def test_what_is_recorded_is_read_again() -> None:
    state = State(None)
    trace = _trace("k", 3)
    with state.transaction():
        state.record([trace])
        state.choose([("k", Choice(3, "chosen", frozenset({1, 2})))])
        state.set_last("film", [("a", "k", trace.take.outputs)])
        state.set_last("film", [("a", "l", ())])
    assert state.takes("k") == {3: trace.take}
    assert list(state.all_takes()) == [("k", trace.take)]
    assert state.choice("k") == Choice(3, "chosen", frozenset({1, 2}))
    assert state.choice("other") is None and state.recipe("k") == trace.recipe
    assert (state.last_key("film", "a"), state.key_before("film", "a")) == ("l", "k")
    assert state.last_keys("other film") == {}


def test_a_state_without_decisions_shows_first_takes(tmp_path: Path) -> None:
    """Lock and state both gone: the store alone still spares nothing, but nothing breaks."""
    disk = Disk(tmp_path)
    disk.build(FILM)
    (disk.cache / "state.sqlite3").unlink()
    disk.lock_path.unlink()
    disk.build(FILM)
    assert disk.texts() == oracle(FILM, {})


def test_a_state_that_can_only_be_read_is_read(tmp_path: Path) -> None:
    """As a user who may read and not write: root may always write."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    path = tmp_path / "state.sqlite3"
    made = State(path)
    with made.transaction():
        made.set_last("film", [("a", "k", ())])
    made.close()
    for folder in tmp_path.parents:
        if folder.name.startswith(("pytest", "popen")):
            folder.chmod(0o755)
    tmp_path.chmod(0o755)

    def look() -> None:
        os.setgid(65534)
        os.setuid(65534)
        state = State(path)
        assert state.read_only
        assert state.last_key("film", "a") == "k"
        with pytest.raises(StateError, match="only be read"), state.transaction():
            raise AssertionError("nothing is written")

    assert in_child(look) == 0


def test_a_state_that_others_begin_at_the_same_time_waits_for_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite refuses without waiting where two would wait for each other."""
    execute = Database.execute
    refused: list[str] = []

    def refusing(db: Database, *arguments: str) -> object:
        if "journal_mode" in arguments[0] and len(refused) < 3:
            refused.append(arguments[0])
            raise sqlite3.OperationalError("database is locked")
        return execute(db, *arguments)

    monkeypatch.setattr(Database, "execute", refusing)
    State(tmp_path / "state.sqlite3").close()
    assert len(refused) == 3
