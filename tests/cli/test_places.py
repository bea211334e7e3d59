"""Films in places where something cannot be written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from telling import Tell

from fvbuild.errors import Exit


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Make a folder one that may only be read, also for root."""

    def read_only(folder: Path) -> None:
        real = os.access

        def access(path: Path, mode: int) -> bool:
            return Path(path) != folder and real(path, mode)

        monkeypatch.setattr(os, "access", access)

    return read_only


def test_a_lock_that_cannot_be_written_is_noticed_before_anything_is_made(
    tell: Tell, film: Path, read_only: Callable[[Path], None]
) -> None:
    (film / "cache").mkdir()
    read_only(film)
    for words in (["build"], ["build", "pier/one/anchor"], ["take", "pier/one/anchor"]):
        done = tell(*words)
        assert (done.code, done.out) == (Exit.USAGE, "")
        assert f"error: {film}: film.lock cannot be written here, so nothing was made" in done.err
        assert "hint: make the folder writable" in done.err
    assert not (film / "out").exists()
    assert tell("plan").code == Exit.DONE


def test_a_film_that_is_built_needs_no_writing(
    tell: Tell, film: Path, read_only: Callable[[Path], None]
) -> None:
    tell("build", "-q")
    read_only(film)
    assert tell("build", "--jobs", "1", "--json").code == Exit.DONE
    assert tell("build", "--refresh", "cut").code == Exit.DONE  # it has no line in the lock
    read_only(film / "out")
    refused = tell("build", "--refresh", "cut")
    assert refused.code == Exit.USAGE
    assert "out cannot be written here" in refused.err


def test_a_film_can_be_looked_at_where_nothing_can_be_kept(
    tell: Tell, film: Path, read_only: Callable[[Path], None]
) -> None:
    read_only(film)
    for words in (["plan"], ["status"], ["why", "cut"], ["log"], ["graph"], ["takes", "pier"]):
        assert tell(*words).code == Exit.DONE


@pytest.mark.parametrize("verb", ["plan", "build", "status", "log"])
def test_a_file_in_the_place_of_the_store_is_named(tell: Tell, film: Path, verb: str) -> None:
    (film / "cache").write_text("mine")
    done = tell(verb)
    assert done.code == Exit.NODE_FAILED
    assert f"error: {film}/cache: the store is a folder, but this is a file" in done.err
    assert "hint: move the file away" in done.err
    assert (film / "cache").read_text() == "mine"


def test_a_folder_whose_name_is_no_text_is_refused(
    tell: Tell, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = os.fsdecode(os.fsencode(film) + b"-\xe9")
    film.rename(odd)
    monkeypatch.chdir(odd)
    for words in (["plan"], ["build", "-f", odd], ["check"]):
        done = tell(*words)
        assert done.code == Exit.USAGE
        assert "is not UTF-8 text" in done.err
        assert "hint: rename the folder" in done.err


def test_a_folder_of_any_name_is_built(tell: Tell, film: Path) -> None:
    name = film.with_name("Ein Film: «é» 🎬 'x' -q")
    film.rename(name)
    assert tell("build", "-f", str(name)).code == Exit.DONE
    assert tell("build", "-f", str(name), "-q").out == "out/tiny.mp4\n"
    assert tell("verify", "-f", str(name)).code == Exit.DONE
