"""A real film on disk, changed, lost and damaged in the ways that build tools do not notice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from films import SETTLED_S, Place, film, made
from PIL import Image

from fvbuild.engine.events import Did, NodeFinished
from fvbuild.errors import Exit, StateError


def _small() -> dict[str, Any]:
    data = film(4)
    data["characters"]["ben"]["references"] = ["art/ben.png"]
    data["scenes"][0]["shots"][0]["characters"] = ["ann"]
    data["scenes"][0]["shots"][0]["dialogue"] = [{"speaker": "ann", "line": "You came back."}]
    return data


def _picture(path: Path, colour: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 32), colour).save(path, compress_level=0)  # so that all are equally large


@pytest.fixture
def place(tmp_path: Path) -> Place:
    _picture(tmp_path / "art/ben.png", "red")
    place = Place(tmp_path, _small())
    assert made(place.build())
    assert made(place.build()) == set()
    return place


def _artifact(place: Place, node: str) -> Path:
    project = place.project()
    try:
        (rows,) = project.takes(node)
        path = rows.takes[rows.chosen - 1].path
        assert path is not None
        return path
    finally:
        project.state.close()


def _quick(place: Place) -> bool:
    """True when the program answers from its record of stats, without a look at the film."""
    from fvbuild.project.unchanged import try_quick_build

    return try_quick_build(["build", "-q", "-f", str(place.folder / "film.yaml")]) == 0


def _put_back_mtime(path: Path, data: bytes) -> None:
    before = path.stat()
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_second_build_is_answered_from_stats(place: Place) -> None:
    time.sleep(SETTLED_S)
    place.build()
    assert _quick(place)


@pytest.mark.parametrize("node", ["s0/a0/anchor", "s0/a1/segment", "characters/ann/coat"])
def test_a_deleted_artifact_is_noticed(place: Place, node: str) -> None:
    before = place.tree()
    _artifact(place, node).unlink()
    assert not _quick(place)
    assert node in made(place.build())
    assert place.tree() == before
    assert made(place.build(whole=True)) == set()


def test_an_artifact_damaged_in_place_with_its_mtime_put_back_is_noticed(place: Place) -> None:
    before = place.tree()
    path = _artifact(place, "s0/a0/segment")
    good = path.read_bytes()
    _put_back_mtime(path, good[:-1] + bytes([good[-1] ^ 1]))
    assert not _quick(place)
    assert "s0/a0/segment" in made(place.build())
    assert path.read_bytes() == good and place.tree() == before


@pytest.mark.parametrize("name", ["toy.mp4", "s0/a0/anchor.png", "s1/a1/segment.mp4"])
@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_a_file_under_out_is_shown_again(place: Place, name: str, how: str) -> None:
    before = place.tree()
    path = place.folder / "out" / name
    if how == "deleted":
        path.unlink()
    else:
        _put_back_mtime(path, b"x" * path.stat().st_size)
    assert not _quick(place)
    assert made(place.build()) == set()
    tree = place.tree()
    kept = {file for file in tree if ".kept" in file}
    assert len(kept) == (how == "damaged")
    assert {file: data for file, data in tree.items() if file not in kept} == before


def test_an_input_replaced_by_an_older_file_is_noticed(place: Place) -> None:
    older = place.folder / "older.png"
    _picture(older, "blue")
    os.utime(older, (1, 1))
    older.replace(place.folder / "art/ben.png")
    assert not _quick(place)
    assert "characters/ben/default" in made(place.build())


def test_an_input_of_the_same_size_with_its_mtime_put_back_is_noticed(place: Place) -> None:
    path = place.folder / "art/ben.png"
    other = place.folder / "other.png"
    _picture(other, "lime")
    data = other.read_bytes()
    assert len(data) == path.stat().st_size
    _put_back_mtime(path, data)
    assert not _quick(place)
    assert "characters/ben/default" in made(place.build())


def test_ten_quick_edits_in_a_row(place: Place) -> None:
    for number in range(10):
        place.film["scenes"][0]["shots"][0]["action"] = f"somebody counts to {number}"
        (place.folder / "film.yaml").write_text(json.dumps(place.film))
        assert not _quick(place)
        assert "s0/a0/anchor" in made(place.build())
    assert made(place.build(whole=True)) == set()


def test_the_film_replays_without_its_state(place: Place) -> None:
    project = place.project()
    project.draw("s0/a0/anchor", 1)
    project.select("s0/a0/anchor", 2)
    project.approve(["s0/a1/anchor"])
    project.state.close()
    place.build()
    lock = (place.folder / "film.lock").read_bytes()
    before = place.tree()
    (place.folder / "cache/state.sqlite3").write_bytes(b"no database")
    report = place.build(whole=True)
    kinds = {r.kind for r in report.results if r.action is Did.BUILT}
    assert not kinds & {"anchor", "segment", "speech", "reference", "plate"}
    assert place.tree() == before
    assert (place.folder / "film.lock").read_bytes() == lock


def test_after_the_state_was_begun_anew_nothing_is_left_to_plan(place: Place) -> None:
    (place.folder / "cache/state.sqlite3").write_bytes(b"no database")
    with (place.folder / "film.lock").open("a") as lock:
        lock.write("\n")
    assert place.build().notes
    assert not place.project().plan().changes


def test_what_a_clone_knows_from_the_lock_alone_is_enough_for_a_new_dependency(
    place: Place,
) -> None:
    """A shot that becomes as long as its speech, in a clone whose lock says nothing of seconds."""
    path = place.folder / "film.lock"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        for take in line["takes"]:
            take.pop("facts", None)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (place.folder / "cache/state.sqlite3").unlink()
    place.shot(0, 0)["duration"] = "dialogue"
    place.save()
    report = place.build()
    assert "s0/a0/speech" not in made(report)
    assert "s0/a0/segment" in made(report)


def test_an_approved_take_is_held_through_edits(place: Place) -> None:
    project = place.project()
    project.approve(["s0/a0/anchor"])
    project.state.close()
    approved = place.tree()["s0/a0/anchor.png"]
    for word in ("runs", "sings"):
        place.shot(0, 0)["action"] = f"somebody {word}"
        place.shot(0, 0)["size"] = "close-up"
        place.save()
        report = place.build()
        assert {r.node: r.action for r in report.results}["s0/a0/anchor"] is Did.HELD
        assert place.tree()["s0/a0/anchor.png"] == approved


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", '{"node": "a"', "\x00"])
def test_a_damaged_lock_is_an_error_and_stays_as_it_is(place: Place, text: str) -> None:
    path = place.folder / "film.lock"
    path.write_text(text)
    assert not _quick(place)
    for _ in range(2):
        with pytest.raises(StateError) as caught:
            place.build()
        assert str(path) in (caught.value.place or "")
    assert path.read_text() == text


# --- processes ------------------------------------------------------------------------------------


def _start(place: Place, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fvbuild.cli.main", *words, "-f", str(place.folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_builds_at_once_share_the_work(tmp_path: Path) -> None:
    _picture(tmp_path / "one/art/ben.png", "red")
    place = Place(tmp_path / "one", _small())
    builds = [_start(place, "build", "--json") for _ in range(2)]
    told = [build.communicate(timeout=120) for build in builds]
    assert [build.returncode for build in builds] == [0, 0], told
    steps = [json.loads(out)["steps"] for out, _ in told]
    built = [{s["node"] for s in found if s["action"] == "built"} for found in steps]
    generated = ("anchor", "segment", "speech", "plate", "coat", "default")
    assert not {n for n in built[0] & built[1] if n.endswith(generated)}, "made twice"
    assert made(place.build(whole=True)) == set()
    _picture(tmp_path / "clean/art/ben.png", "red")
    clean = Place(tmp_path / "clean", _small())
    clean.build()
    assert place.tree() == clean.tree()


def test_a_killed_build_goes_on_where_it_stopped(tmp_path: Path) -> None:
    _picture(tmp_path / "art/ben.png", "red")
    place = Place(tmp_path, _small())
    for delay in (0.5, 0.8, 1.2):
        build = _start(place, "build")
        time.sleep(delay)
        build.kill()
        build.communicate()
    place.build()
    assert made(place.build(whole=True)) == set()
    _picture(tmp_path / "clean/art/ben.png", "red")
    clean = Place(tmp_path / "clean", _small())
    clean.build()
    assert place.tree() == clean.tree()


def test_an_interrupted_build_keeps_what_was_finished(tmp_path: Path) -> None:
    _picture(tmp_path / "art/ben.png", "red")
    place = Place(tmp_path, _small())
    project, cancel = place.project(), threading.Event()
    report = project.build(
        (), listener=lambda e: cancel.set() if isinstance(e, NodeFinished) else None, cancel=cancel
    )
    assert report.interrupted and project.exit_code(report) is Exit.INTERRUPTED
    project.state.close()
    done = made(report)
    assert done
    assert not done & made(place.build())


def test_ctrl_c_ends_with_its_own_code(tmp_path: Path) -> None:
    _picture(tmp_path / "art/ben.png", "red")
    data = film(40)
    place = Place(tmp_path, data)
    build = _start(place, "build")
    time.sleep(1.0)
    build.send_signal(signal.SIGINT)
    _, told = build.communicate(timeout=60)
    assert build.returncode in (Exit.INTERRUPTED, Exit.DONE), told
    assert "Traceback" not in told
    assert made(place.build()) or build.returncode == Exit.DONE
    assert made(place.build(whole=True)) == set()
