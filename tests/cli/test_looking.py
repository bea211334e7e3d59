"""What ``status``, ``why``, ``log`` and ``takes`` say of a film, and of its edits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from telling import Edit, Tell

from fvbuild.errors import Exit


@pytest.fixture
def held(tell: Tell, edit: Edit) -> None:
    """The film built, an anchor approved, and then edited."""
    assert tell("build", "-q").code == Exit.DONE
    tell("approve", "pier/two/anchor")
    edit("a rock", "a lighthouse")


HELD = "held: approved, so kept although first frame changed (a rock -> a lighthouse)"


@pytest.mark.usefixtures("held")
def test_status_lists_just_the_nodes_that_are_asked_for(tell: Tell) -> None:
    nodes = json.loads(tell("status", "status:held", "--json").out)["nodes"]
    assert [node["node"] for node in nodes] == ["pier/two/anchor"]
    assert tell("status", "status:held").out.count("pier/") == 1
    shot = json.loads(tell("status", "pier/two", "--json").out)["nodes"]
    assert {node["node"].rpartition("/")[0] for node in shot} == {"pier/two"}
    assert "characters/ann/red" in tell("status").out


@pytest.mark.usefixtures("held")
def test_plan_status_and_why_have_one_wording_for_what_is_held(tell: Tell) -> None:
    for words in (["plan"], ["status"], ["why", "pier/two/anchor"], ["status", "-q"]):
        assert HELD in tell(*words).out, words


@pytest.mark.usefixtures("held")
def test_a_quiet_status_tells_only_what_needs_attention(tell: Tell) -> None:
    told = tell("status", "-q").out.splitlines()
    assert [line.split()[0] for line in told] == ["pier/two/caption", "pier/two/anchor"]
    tell("release", "pier/two/anchor")
    tell("build", "-q")
    assert tell("status", "-q") == (Exit.DONE, "", "")


def test_one_node_is_up_to_date_and_many_are(tell: Tell) -> None:
    tell("build", "-q")
    assert tell("status", "pier/two/anchor").out.splitlines()[-1] == "Up to date."
    assert tell("status", "pier/two").out.splitlines()[-1].endswith(" nodes are up to date.")


def test_log_has_the_words_of_the_plan(tell: Tell, edit: Edit) -> None:
    tell("build", "-q")
    assert "not made yet" in tell("log").out
    edit("pan left", "dolly in")
    tell("build", "-q")
    tell("take", "pier/one/anchor", "-q")
    log = tell("log", "pier/one/motion").out
    assert log.splitlines()[-1].endswith("camera changed")
    assert tell("log", "pier/one/anchor").out.splitlines()[-1].endswith("asked for")


def test_log_of_nothing_known_says_so(tell: Tell) -> None:
    assert "nothing was made yet" in tell("log", "pier/one/anchor").err
    wrong = tell("log", "pier/one/ancor")
    assert (wrong.code, wrong.out) == (Exit.USAGE, "")
    assert "did you mean" in wrong.err


def test_why_tells_an_edit_once_at_the_line_of_its_field(tell: Tell, edit: Edit) -> None:
    # The sketch is told the camera by the motion's text and by a field of its own.
    edit("segment: placeholder", "segment: sketch")
    tell("build", "-q")
    edit("pan left", "dolly in")
    why = tell("why", "pier/one/segment").out
    changed = "camera changed (pan left -> dolly in)"
    assert re.findall(rf"  film.yaml:9  {re.escape(changed)}.*", why) == [
        f"  film.yaml:9  {changed}  by pier/one/motion"
    ]
    assert len(json.loads(tell("why", "pier/one/segment", "--json").out)["causes"]) == 1


def test_why_says_why_the_film_was_made_last(tell: Tell, edit: Edit) -> None:
    tell("build", "-q")
    assert "made last because there was none of it before" in tell("why", "cut").out
    edit("a boat, camera: pan left, duration: 1s", "a boat, camera: pan left, duration: 2s")
    tell("build", "-q")
    because = "because length changed (24 -> 48 frames)"
    assert f"made last {because}" in tell("why", "cut").out
    tell("build", "-q", "--refresh", "cut")
    told = tell("why", "cut").out
    assert "made last because it was asked for" in told
    assert "length changed" not in told
    edit("a boat, camera: pan left, duration: 2s", "a boat, camera: pan left, duration: 1s")
    tell("build", "-q")
    told = tell("why", "pier/one/segment").out
    assert "back to what was made before, because length changed (48 -> 24 frames)" in told


def test_the_input_that_came_is_the_reason(tell: Tell, edit: Edit) -> None:
    tell("build", "-q")
    edit("    shots:\n", "    shots:\n      - {id: new, action: a wave, duration: 2s}\n")
    tell("build", "-q")
    data = json.loads(tell("why", "cut", "--json").out)
    assert data["because"] == ["pier/new/conform", "sound/mix"]
    assert "made last because 1 clip added" in tell("why", "cut").out


def test_an_option_that_a_command_would_ignore_is_refused(tell: Tell) -> None:
    assert "'take' has no option '--refresh'" in tell("take", "pier/one", "--refresh").err


def test_a_status_that_no_node_has_is_an_answer_and_a_wrong_one_a_mistake(tell: Tell) -> None:
    assert tell("status", "status:held") == (Exit.DONE, "", "no node is held now\n")
    assert tell("status", "status:held", "-q") == (Exit.DONE, "", "")
    assert json.loads(tell("status", "status:held", "--json").out)["nodes"] == []
    none = tell("approve", "status:held")
    assert (none.code, none.err) == (Exit.USAGE, "error: no node is held now\n")
    for goal, hint in (
        ("status:hold", "did you mean status:held?"),
        ("kind:anchr", "did you mean kind:anchor?"),
        ("kind:zzz", "there are anchor, caption"),
        ("pier/*", "'**' does not: try 'pier/**'"),
    ):
        wrong = tell("status", goal)
        assert wrong.code == Exit.USAGE
        assert hint in wrong.err


def test_a_file_of_another_medium_is_refused_in_one_breath(tell: Tell) -> None:
    refused = tell("adopt", "pier/one/anchor", "film.yaml")
    assert refused.code == Exit.USAGE
    assert refused.err.count("hint:") == 1
    assert "error: film.yaml: cannot be used for a node of the kind anchor" in refused.err


def test_every_take_tells_its_own_seconds(tell: Tell) -> None:
    tell("build", "-q")
    assert (
        len(
            re.findall(
                r"take \d  made  seed \d  placeholder  0\.0 s", tell("takes", "pier/one/anchor").out
            )
        )
        == 2
    )


def test_a_take_that_is_to_be_drawn_is_told_as_such(tell: Tell) -> None:
    tell("build", "-q")
    tell("reject", "pier/two/anchor")
    assert "take    2, to be drawn" in tell("why", "pier/two/anchor").out


def test_what_programs_read_is_utf8_in_every_locale(film: Path, edit: Edit) -> None:
    edit("title: Tiny", 'title: "Tïny ✓"')
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}

    def told(*words: str) -> bytes:
        command = [sys.executable, "-m", "fvbuild.cli.main", *words]
        return subprocess.run(command, cwd=film, capture_output=True, env=ascii_only).stdout

    assert json.loads(told("plan", "--json"))["film"] == "Tïny ✓"
    assert told("build", "-q").decode() == "out/tïny.mp4\n"
    assert told("build", "-q").decode() == "out/tïny.mp4\n"
    assert told("plan").startswith(b"T?ny ?\n")


@pytest.mark.parametrize("words", [["-j", "0"], ["--budget", "-3"], ["--jobs=many"]])
def test_a_wrong_option_is_told_also_when_there_is_nothing_to_build(
    tell: Tell, words: list[str]
) -> None:
    tell("build", "-q")
    assert tell("build", *words).code == Exit.USAGE
    assert tell("build", "-j", "2", "--budget", "12 USD", "-q").out == "out/tiny.mp4\n"


def test_why_answers_for_every_node_of_a_film(film: Path, tell: Tell) -> None:
    path = film / "film.yaml"
    path.write_text(
        path.read_text() + "outputs: {master: {subtitles: [en]}, stills: {sheet: 2x2}}\n"
    )
    for made in (False, True):
        nodes = json.loads(tell("plan", "--json").out)["steps"]
        kinds = {step["kind"]: step["node"] for step in nodes}
        assert {"caption", "motion", "anchor", "conform", "cut", "sheet"} <= kinds.keys()
        for node in kinds.values():
            why = tell("why", node)
            assert why.code == Exit.DONE and not why.err, (node, why)
            assert ("up to date" in why.out) is made, why.out
            assert json.loads(tell("why", node, "--json").out)["node"] == node
        if not made:
            assert tell("build").code == Exit.DONE


def test_a_take_that_came_out_the_same_as_another_says_so(tell: Tell, edit: Edit) -> None:
    edit("segment: placeholder", "segment: sketch")
    drawn = tell("take", "pier/two/segment", "-n", "2").out
    assert re.search(r"take 2 .* came out the same as take 1\n", drawn)
    assert drawn.count("came out the same") == 1
    assert "came out the same" not in tell("take", "pier/two/anchor").out
