"""The quick answer: given only while every recorded stat is the same, and never on a doubt."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fvbuild.project.unchanged import Request, request_of, try_quick_build
from fvbuild.project.unchanged_record import save, stat_of_folder


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("film.yaml", "film.lock", "out/a.png", "out/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    _save(tmp_path)
    (tmp_path / "cache/state.sqlite3").write_text("a state")
    assert try_quick_build(["build"]) == 0
    return tmp_path


def _save(folder: Path) -> None:
    files: list[tuple[str, Sequence[int] | None]] = [
        (str(folder / name), stat_of_folder(str(folder / name)))
        for name in ("film.yaml", "film.lock", "out/a.png", "out/b.png")
    ]
    files.append((str(folder / "fvbuild.yaml"), None))
    assert save(_request(folder), files, "The Film", [str(folder / "out/a.png")]) is not None


def _request(folder: Path) -> Request:
    return Request(str(folder / "film.yaml"), "", (), False)


def _record(folder: Path) -> Path:
    (record,) = (folder / "cache" / "unchanged").iterdir()
    return record


def test_it_tells_the_title_and_the_files_to_open(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert try_quick_build(["build"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["The Film is up to date", "  out/a.png"]
    assert try_quick_build(["build", "-q"]) == 0
    assert capsys.readouterr().out == "out/a.png\n"


def test_a_state_that_is_lost_ends_it(film: Path) -> None:
    (film / "cache/state.sqlite3").write_text("")
    assert try_quick_build(["build"]) is None
    (film / "cache/state.sqlite3").unlink()
    assert try_quick_build(["build"]) is None


@pytest.mark.parametrize("name", ["film.yaml", "film.lock", "out/a.png", "out/b.png"])
@pytest.mark.parametrize(
    "how", ["touched", "same size", "put back", "deleted", "replaced", "older"]
)
def test_any_change_of_any_file_ends_it(film: Path, name: str, how: str) -> None:
    path = film / name
    before = path.stat()
    if how == "touched":
        os.utime(path)
    elif how == "same size":
        path.write_bytes(path.read_bytes()[::-1])
    elif how == "put back":
        path.write_bytes(path.read_bytes()[::-1])
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    elif how == "deleted":
        path.unlink()
    elif how == "moved":
        other = film / "other"
        other.write_bytes(path.read_bytes())
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(path)
    else:
        os.utime(path, (1, 1))
    assert try_quick_build(["build"]) is None


def test_a_file_that_appears_ends_it(film: Path) -> None:
    (film / "fvbuild.yaml").touch()
    assert try_quick_build(["build"]) is None


@pytest.mark.parametrize(
    "words",
    [
        ["plan"], ["build", "--json"], ["build", "--dry-run"], ["build", "--refresh"], [], ["-v"],
        ["build", "a"], ["build", "--profile", "draft"], ["build", "-f", "elsewhere"],
        ["build", "--events", "x"], ["--help"], ["build", "-v"], ["build", "--profile=draft"],
    ],
)  # fmt: skip
def test_what_it_cannot_answer_goes_the_long_way(film: Path, words: list[str]) -> None:
    assert try_quick_build(words) is None


@pytest.mark.parametrize(
    "words",
    [
        ["build"], ["build", "-f", "film.yaml"], ["-f", ".", "build"], ["build", "--jobs", "3"],
        ["build", "--film=film.yaml"], ["build", "--keep-going", "--no-color"], ["build", "-q"],
        ["build", "--events", "told.jsonl"], ["build", "--json"], ["build", "--events=told", "-v"],
    ],
)  # fmt: skip
def test_what_changes_no_outcome_is_the_same_request(film: Path, words: list[str]) -> None:
    request = request_of(words)
    assert request is not None and request.name() == _request(film).name()


def test_every_word_that_decides_has_a_record_of_its_own() -> None:
    names = {
        request.name()
        for words in (
            ["build"], ["build", "a"], ["build", "b"], ["build", "a", "b"], ["build", "ab"],
            ["build", "--profile", "a"], ["build", "--profile", "b"], ["build", "-f", "x.yaml"],
        )
        if (request := request_of(words)) is not None
    }  # fmt: skip
    assert len(names) == 8


def test_a_record_cut_short_anywhere_is_no_answer(film: Path) -> None:
    record = _record(film)
    data = record.read_bytes()
    for size in range(len(data)):
        record.write_bytes(data[:size])
        assert try_quick_build(["build"]) is None, size


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 9), st.binary(max_size=9)),
        min_size=1,
        max_size=3,
    )
)
def test_a_hostile_record_never_raises(film: Path, changes: list[tuple[float, int, bytes]]) -> None:
    record = _record(film)
    good = record.read_bytes()
    data = good
    for share, removed, added in changes:
        at = int(share * len(data))
        data = data[:at] + added + data[at + removed :]
    record.write_bytes(data)
    # A title that is no text any more cannot be sent to who runs the tests.
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(said):
            assert try_quick_build(["build"]) in (None, 0)
    finally:
        record.write_bytes(good)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n", b"1 0 0\n", b"x y z\n", b"1 -1 -1\n", b"1 99999999999999999999 1\n", b"9 0 0\n",
        b"1 1 1\n", b"1 0 -5\n\0\0\0", b"1 " + b"9" * 5000 + b" 1\n", bytes(range(256)),
    ],
)  # fmt: skip
def test_nonsense_is_no_answer(film: Path, data: bytes) -> None:
    _record(film).write_bytes(data)
    assert try_quick_build(["build"]) is None


def test_a_name_that_cannot_be_printed_goes_the_long_way(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    monkeypatch.setattr("sys.stdout", strict)
    record = _record(film)
    record.write_bytes(record.read_bytes().replace(b"The Film", b"The \xffilm"))
    assert try_quick_build(["build"]) is None


def test_a_record_that_is_a_folder_or_cannot_be_written_is_no_matter(film: Path) -> None:
    record = _record(film)
    record.unlink()
    record.mkdir()
    assert try_quick_build(["build"]) is None
    assert save(_request(film), [], "t", []) is None
