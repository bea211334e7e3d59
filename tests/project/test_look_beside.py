"""A look at a film's files by a child process finds what a look by oneself finds."""

from __future__ import annotations

import os
import signal
import threading
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from films import Place, film, made

from fvbuild.cli.main import entry
from fvbuild.project import Project, looking, settled
from fvbuild.project.looking import MOST_FILES, Look
from fvbuild.project.unchanged import Record, differing
from fvbuild.project.unchanged_record import stat_of_folder


@pytest.fixture(autouse=True)
def no_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs the tests may have some."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    looking.forget()


def record_of(folder: Path, count: int = 100) -> Record:
    """A record of files, the first of them called ``film.lock``."""
    names, stats = [], array("q")
    for number in range(count):
        path = folder / (f"file-{number:04}" if number else "film.lock")
        path.write_text("as it was")
        names.append(str(path))
        stats.extend(stat_of_folder(str(path)) or ())
    return Record(b"", names, stats, "Toy", [])


def test_it_finds_what_differs_and_what_is_gone(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    Path(record.names[7]).write_text("edited")
    Path(record.names[9]).unlink()
    found = Look("a film", record).differing()
    assert found == [record.names[7], record.names[9]]
    assert found == differing(record.names, record.stats, MOST_FILES)


def test_nothing_differs_or_too_much_does(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    assert Look("a film", record).differing() == []
    for name in record.names[:-5]:
        Path(name).unlink()
    assert Look("a film", record).differing() is None


def test_a_lock_written_after_the_look_is_found(tmp_path: Path) -> None:
    record = record_of(tmp_path)
    look = Look("a film", record)
    os.waitid(os.P_PID, look._child, os.WEXITED | os.WNOWAIT)
    Path(record.names[0]).write_text("decided otherwise meanwhile")
    assert look.differing() == [record.names[0]]


def test_a_child_that_was_killed_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_of: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    record = record_of(tmp_path)
    Path(record.names[3]).unlink()
    with monkeypatch.context() as patched:
        patched.setattr(looking, "differing", killed)
        look = Look("a film", record)
    assert look.differing() == [record.names[3]]


def test_a_look_is_had_once_and_by_its_name(tmp_path: Path) -> None:
    record = record_of(tmp_path, looking._WORTH_A_CHILD)
    looking.begin("a film", record)
    assert looking.begun("another film") is None
    look = looking.begun("a film")
    assert look is not None and look.differing() == []
    assert looking.begun("a film") is None


def test_few_files_are_worth_no_child(tmp_path: Path) -> None:
    looking.begin("a film", record_of(tmp_path))
    assert looking.begun("a film") is None


@pytest.mark.parametrize("harm", ["nothing", "artifact", "shown"])
def test_an_edit_gives_the_same_with_a_child(
    harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_WORTH_A_CHILD", 0)
    looks: list[list[str] | None] = []
    parts: list[settled.Part | None] = []
    look_at, part_of = Look.differing, settled.part_of

    def seen(look: Look) -> list[str] | None:
        looks.append(look_at(look))
        return looks[-1]

    def taken(project: Project, goals: Sequence[str]) -> settled.Part | None:
        parts.append(part_of(project, goals))
        return parts[-1]

    monkeypatch.setattr(Look, "differing", seen)
    monkeypatch.setattr("fvbuild.project.scope.part_of", taken)
    place = Place(tmp_path / "film", film(48))
    place.build()
    place.build()
    place.shot(1, 3)["action"] = "somebody sings"
    place.save()
    if harm == "artifact":
        for path in sorted((place.folder / "cache/artifacts").rglob("*"))[:20]:
            if path.is_file():
                path.unlink()
    elif harm == "shown":
        (place.folder / "out/s0/a2/anchor.png").write_bytes(b"drawn over")
    assert entry(["build", "-f", str(place.folder), "-q"]) == 0
    assert len(looks) == 1
    assert (parts[-1] is None) == (harm == "artifact")
    quick = place.tree()
    assert made(place.build(whole=True)) == set()
    assert place.tree() == quick
    clean = Place(tmp_path / "clean", place.film)
    clean.build()
    assert {name: data for name, data in quick.items() if "kept" not in name} == clean.tree()
