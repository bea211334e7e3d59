"""A film whose clips are finished: built, edited, and told what is odd."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from telling import Edit, Tell

from fvbuild.errors import Exit

_STEPS = ("match", "stabilize", "interpolate", "grade")
_TABLE = "LUT_1D_SIZE 3\n0 0 0\n0.4 0.5 0.6\n1 1 1\n"


@pytest.fixture
def finished(film: Path) -> Path:
    """The film at 30 fps with every step that needs no model."""
    text = (film / "film.yaml").read_text()
    text = text.replace("size: 320x180}", "size: 320x180, fps: 30}")
    text += "finish: {match: anchor, stabilize: true, interpolate: true, grade: luts/dusk.cube}\n"
    (film / "film.yaml").write_text(text)
    (film / "luts").mkdir()
    (film / "luts" / "dusk.cube").write_text(_TABLE)
    return film


def _built(tell: Tell) -> set[str]:
    told = tell("build", "--json")
    assert told.code == Exit.DONE, told.err
    steps = json.loads(told.out)["steps"]
    return {step["node"] for step in steps if step["action"] == "built"}


def test_every_step_is_made_here_and_edits_reach_what_they_must(
    finished: Path, tell: Tell, edit: Edit
) -> None:
    built = _built(tell)
    assert {f"pier/{shot}/{step}" for shot in ("one", "two") for step in _STEPS} <= built
    from fvbuild.media.clip import probe

    found = probe(finished / "out" / "tiny.mp4")
    assert (found.frames, float(found.fps)) == (60, 30.0)
    assert _built(tell) == set()
    (finished / "luts" / "dusk.cube").write_text(_TABLE.replace("0.4", "0.3"))
    again = _built(tell)
    assert {node.rpartition("/")[2] for node in again} <= {"grade", "conform", "cut"}
    assert {"pier/one/grade", "pier/two/grade", "cut"} <= again
    edit("fps: 30", "fps: 25")
    again = _built(tell)
    assert {node.rpartition("/")[2] for node in again} <= {"interpolate", "grade", "conform", "cut"}
    assert probe(finished / "out" / "tiny.mp4").fps == 25


def test_a_finished_clip_can_be_looked_at(finished: Path, tell: Tell) -> None:
    assert tell("build").code == Exit.DONE
    from fvbuild.media.clip import probe

    assert probe(finished / "out/pier/one/grade.mp4").frames == 24
    assert not (finished / "out/pier/one/match.mp4").exists()
    assert "out/pier/one/grade.mp4" in tell("build", "pier/one/grade").out
    assert "out/pier/one/grade.mp4" in tell("why", "pier/one/grade").out
    kept = tell("build", "pier/one/match", "-q").out.strip()
    assert probe(Path(kept)).frames > 0
    assert f"file    {kept}" in tell("why", "pier/one/match").out


@pytest.mark.parametrize("verb", ["check", "plan", "build"])
def test_a_table_that_is_none_is_told_where_the_film_names_it(
    finished: Path, tell: Tell, verb: str
) -> None:
    (finished / "luts" / "dusk.cube").write_text("LUT_3D_SIZE 33\n0 0 zero\n")
    told = tell(verb)
    assert told.code == Exit.USAGE
    line = len((finished / "film.yaml").read_text().splitlines())
    assert f"film.yaml:{line}:" in told.err
    assert "dusk.cube:2" in told.err and "'zero' is no number" in told.err


def test_what_nothing_does_is_told_with_what_to_do(film: Path, tell: Tell) -> None:
    with (film / "film.yaml").open("a") as file:
        file.write("finish: {upscale: true, lipsync: true}\n")
    plan = tell("plan")
    assert "`use: {upscale: TARGET}`" in plan.out and "finish.lipsync" in plan.out
    told = tell("check")
    assert told.code == Exit.DONE
    assert "use: {upscale: TARGET}" in told.err and "finish.lipsync" in told.err
    with (film / "film.yaml").open("a") as file:
        file.write("\n")
    text = (film / "film.yaml").read_text()
    (film / "film.yaml").write_text(text.replace("speech: placeholder", "upscale: placeholder"))
    assert "target 'placeholder' makes no upscale" in tell("plan").out


def test_steps_with_nothing_to_do_are_told(film: Path, tell: Tell) -> None:
    with (film / "film.yaml").open("a") as file:
        file.write("finish: {interpolate: true}\n")
    told = tell("check")
    assert told.code == Exit.DONE and "`interpolate: true` does nothing" in told.err
    text = (film / "film.yaml").read_text()
    (film / "film.yaml").write_text(text.replace("size: 320x180}", "size: 320x180, fps: 30}"))
    assert "does nothing" not in tell("check").err


@pytest.mark.parametrize(
    ("said", "told", "hint"),
    [
        ("grade: luts/dusk.png", "'luts/dusk.png' is no .cube table", "give a .cube file"),
        ("grade: luts/gone.cube", "there is no colour table 'luts/gone.cube'", "looked for in"),
        ("match: true", "'true' is not known as 'match'", "known here: anchor"),
    ],
)
def test_one_mistake_is_one_error_in_the_words_of_yaml(
    finished: Path, tell: Tell, said: str, told: str, hint: str
) -> None:
    film = finished / "film.yaml"
    lines = [line for line in film.read_text().splitlines() if not line.startswith("finish:")]
    film.write_text("\n".join([*lines, f"finish: {{{said}}}", ""]))
    found = tell("check")
    assert found.code == Exit.USAGE
    assert told in found.err and hint in found.err and found.err.count(": error:") == 1
