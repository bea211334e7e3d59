"""A build after an edit equals a clean one, also where only the edited part was looked at."""

from __future__ import annotations

import contextlib
import copy
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from films import Place, film, made
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fvbuild.cli.main import entry
from fvbuild.project import settled

Edit = Callable[[dict[str, Any], st.DrawFn], None]


def _shot(data: dict[str, Any], draw: st.DrawFn) -> dict[str, Any]:
    scene = draw(st.sampled_from(data["scenes"]))
    found: dict[str, Any] = draw(st.sampled_from(scene["shots"]))
    return found


def _word(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["waits", "runs", "sings", "sleeps"]))


def _action(data: dict[str, Any], draw: st.DrawFn) -> None:
    _shot(data, draw)["action"] = f"somebody {_word(draw)}"


def _size(data: dict[str, Any], draw: st.DrawFn) -> None:
    _shot(data, draw)["size"] = draw(st.sampled_from(["wide", "close-up", "full"]))


def _camera(data: dict[str, Any], draw: st.DrawFn) -> None:
    _shot(data, draw)["camera"] = draw(st.sampled_from(["pan left", "static", "dolly in"]))


def _duration(data: dict[str, Any], draw: st.DrawFn) -> None:
    _shot(data, draw)["duration"] = f"{draw(st.integers(4, 9))}f"


def _line(data: dict[str, Any], draw: st.DrawFn) -> None:
    shot = _shot(data, draw)
    shot["characters"] = ["ann"]
    shot["dialogue"] = [{"speaker": "ann", "line": f"She {_word(draw)}."}]


def _silence(data: dict[str, Any], draw: st.DrawFn) -> None:
    _shot(data, draw).pop("dialogue", None)


def _insert(data: dict[str, Any], draw: st.DrawFn) -> None:
    shots = draw(st.sampled_from(data["scenes"]))["shots"]
    names = {shot["id"] for shot in shots}
    name = next(f"n{n}" for n in range(99) if f"n{n}" not in names)
    new = {"id": name, "duration": "5f", "action": f"somebody {_word(draw)} anew"}
    shots.insert(draw(st.integers(0, len(shots))), new)


def _remove(data: dict[str, Any], draw: st.DrawFn) -> None:
    shots = draw(st.sampled_from(data["scenes"]))["shots"]
    if len(shots) > 1:
        shots.pop(draw(st.integers(0, len(shots) - 1)))


def _move(data: dict[str, Any], draw: st.DrawFn) -> None:
    shots = draw(st.sampled_from(data["scenes"]))["shots"]
    shots.insert(draw(st.integers(0, len(shots) - 1)), shots.pop())


def _rename(data: dict[str, Any], draw: st.DrawFn) -> None:
    shots = draw(st.sampled_from(data["scenes"]))["shots"]
    names = {shot["id"] for shot in shots}
    draw(st.sampled_from(shots))["id"] = next(f"r{n}" for n in range(99) if f"r{n}" not in names)


def _outfit(data: dict[str, Any], draw: st.DrawFn) -> None:
    draw(st.sampled_from(data["scenes"]))["wardrobe"] = {
        "ann": draw(st.sampled_from(["coat", "dress"]))
    }


def _look(data: dict[str, Any], draw: st.DrawFn) -> None:
    data["characters"]["ben"]["look"] = f"man who {_word(draw)}"


def _transition(data: dict[str, Any], draw: st.DrawFn) -> None:
    shot = _shot(data, draw)
    if "transition" in shot:
        del shot["transition"]
    elif draw(st.sampled_from(data["scenes"]))["shots"][-1] is not shot:
        shot["transition"] = "dissolve 2f"


def _heading(data: dict[str, Any], draw: st.DrawFn) -> None:
    draw(st.sampled_from(data["scenes"]))["heading"] = f"INT. {_word(draw)}"


_EDITS: list[Edit] = [
    _action, _action, _size, _camera, _duration, _line, _silence, _insert, _remove, _move, _rename,
    _outfit, _look, _transition, _heading,
]  # fmt: skip


@st.composite
def _histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = [film(16)]
    for _ in range(draw(st.integers(1, 4))):
        data = copy.deepcopy(found[-1])
        draw(st.sampled_from(_EDITS))(data, draw)
        found.append(data)
    return found


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first version of the film, built; every example goes on from a copy."""
    place = Place(tmp_path_factory.mktemp("start"), film(16))
    place.build()
    place.build()
    return place.folder


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(history=_histories())
def test_every_edit_leaves_what_a_clean_build_makes(
    history: list[dict[str, Any]], start: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = Place(start, history[0])
    place.build()
    for data in history[1:]:
        place.write(data)
        place.build()
        quick = place.tree()
        assert made(place.build(whole=True)) == set(), "looking at every node finds nothing to do"
        assert place.tree() == quick
    for data in reversed(history):
        place.write(data)
        again = made(place.build())
        assert {name for name in again if not name.startswith(("cut", "sound"))} == set()
    clean = Place(tmp_path_factory.mktemp("clean"), history[-1])
    clean.build()
    place.write(history[-1])
    place.build()
    assert _without_references(place.tree()) == _without_references(clean.tree())


def _without_references(tree: dict[str, bytes]) -> dict[str, bytes]:
    """What was once worn may go on being shown: it is in the film, though nothing needs it."""
    return {name: data for name, data in tree.items() if not name.startswith("characters/")}


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each build looked at a part of the film."""
    found: list[bool] = []

    def heard(*words: Any) -> Any:
        part = settled.part_of(*words)
        found.append(part is not None)
        return part

    monkeypatch.setattr("fvbuild.project.scope.part_of", heard)
    return found


def _spoken(shots: int = 16) -> dict[str, Any]:
    data = film(shots)
    data["scenes"][0]["shots"][0]["characters"] = ["ann"]
    data["scenes"][0]["shots"][0]["dialogue"] = [{"speaker": "ann", "line": "You came back."}]
    return data


def test_an_edit_elsewhere_after_a_selection_shows_the_selected_take(tmp_path: Path) -> None:
    place = Place(tmp_path, _spoken())
    place.build()
    project = place.project()
    project.draw("s0/a0/speech", 1)
    project.select("s0/a0/speech", 2)
    project.state.close()
    place.build()
    place.build()
    place.shot(1, 3)["duration"] = "8f"
    place.save()
    report = place.build()
    assert "s1/a3/conform" in made(report)
    quick = place.tree()
    assert made(place.build(whole=True)) == set()
    assert place.tree() == quick


def test_a_small_edit_of_a_long_film_looks_at_a_part_of_it(tmp_path: Path) -> None:
    place = Place(tmp_path, film(30))
    place.build()
    place.build()
    place.shot(1, 3)["action"] = "everyone sings"
    place.save()
    report = place.build()
    assert report.untouched > 50
    assert "s1/a3/anchor" in made(report)
    assert made(place.build(whole=True)) == set()


def test_the_json_of_a_build_lists_every_node_after_an_edit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path / "film", film(16))
    place.build()
    place.build()
    place.shot(0, 1)["action"] = "somebody runs"
    place.save()
    assert entry(["-f", str(place.folder), "build", "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    ids = [node.id for node in place.project().graph]
    goals = place.project().graph.closure(["cut"])
    assert [step["node"] for step in steps] == [name for name in ids if name in goals]
    assert {step["node"] for step in steps if step["action"] == "built"} >= {"s0/a1/segment", "cut"}


def test_a_goal_of_an_edited_film_looks_at_a_part_and_the_build_after_it_too(
    tmp_path: Path, parts: list[bool]
) -> None:
    place = Place(tmp_path, film(30))
    place.build()
    place.build()
    place.shot(1, 3)["action"] = "everyone sings"
    place.save()
    report = place.build("s1/a3")
    assert parts[2:] == [True]
    shot = [f"s1/a3/{kind}" for kind in ("caption", "anchor", "motion", "segment", "conform")]
    needed = {"characters/ben/default", "locations/square"}
    assert made(report) == set(shot) and {r.node for r in report.results} == {*shot, *needed}
    report = place.build()
    assert parts[2:] == [True, True]
    assert report.untouched > 50 and made(report) == {"cut"}
    quick = place.tree()
    assert made(place.build(whole=True)) == set()
    assert place.tree() == quick


@pytest.mark.parametrize("goal", ["s1/a3/segment", "s0/a0", "s1/a3", "s1/a3/anchor"])
def test_a_goal_gives_the_same_report_whichever_way_it_goes(tmp_path: Path, goal: str) -> None:
    reports = []
    for name in ("part", "whole"):
        place = Place(tmp_path / name, film(30))
        place.build()
        place.build()
        place.shot(1, 3)["size"] = "close-up"
        place.save()
        report = place.build(goal, whole=name == "whole")
        reports.append([(r.node, r.action, r.reason, r.artifact, r.loc) for r in report.results])
        assert report.untouched == 0
    assert reports[0] == reports[1]


def test_goals_that_need_other_shots_look_at_the_whole_film(
    tmp_path: Path, parts: list[bool]
) -> None:
    data = film(16)
    data["scenes"][0]["shots"][3]["mode"] = "chain"
    place = Place(tmp_path, data)
    place.build()
    place.build()
    place.shot(1, 3)["action"] = "everyone sings"
    place.save()
    place.build("s0/a3")
    for goal in ("cut", "kind:anchor", "s1/*/anchor", "s1", "s1/a3+"):
        place.build(goal)
    assert len(parts) == 8 and not any(parts[2:])


def test_what_a_goal_made_of_an_undone_edit_is_not_taken_for_the_film(tmp_path: Path) -> None:
    """The record of the whole film says what a shot is, not what was made of it last."""
    place = Place(tmp_path, film(30))
    place.build()
    place.build()
    before = place.film
    place.shot(0, 4)["action"] = "everyone runs"
    place.save()
    place.build("s0/a4")
    place.write(before)
    place.shot(1, 5)["action"] = "everyone sings"
    place.save()
    assert place.build().untouched > 50
    quick = place.tree()
    assert made(place.build(whole=True)) == set()
    assert place.tree() == quick


def test_a_selection_in_one_shot_looks_at_a_part_of_the_film(tmp_path: Path) -> None:
    place = Place(tmp_path, _spoken(30))
    place.build()
    project = place.project()
    project.draw("s0/a0/speech", 1)
    project.draw("s0/a2/anchor", 1)
    project.state.close()
    place.build()
    place.build()
    for node in ("s0/a0/speech", "s0/a2/anchor"):
        project = place.project()
        project.select(node, 2)
        project.state.close()
        report = place.build()
        assert report.untouched > 50, node
        quick = place.tree()
        assert made(place.build(whole=True)) == set()
        assert place.tree() == quick


def test_a_selection_for_all_shots_looks_at_all_of_them(tmp_path: Path) -> None:
    place = Place(tmp_path, film(30))
    place.build()
    project = place.project()
    project.draw("characters/ben/default", 1)
    project.state.close()
    place.build()
    place.build()
    project = place.project()
    project.select("characters/ben/default", 2)
    project.state.close()
    report = place.build()
    assert report.untouched == 0 and len(made(report)) > 20
    assert made(place.build(whole=True)) == set()


def test_an_approval_whose_shot_is_gone_goes_to_the_shot_that_takes_its_place(
    tmp_path: Path,
) -> None:
    data = film(30)
    data["scenes"][0]["shots"][4]["action"] = "everyone sings"
    place = Place(tmp_path, data)
    place.build()
    project = place.project()
    project.draw("s0/a4/anchor", 1)
    project.select("s0/a4/anchor", 2)
    project.approve(["s0/a4/anchor"])
    project.state.close()
    place.build()
    place.film["scenes"][0]["shots"].pop(4)
    place.save()
    place.build()
    place.build()
    with contextlib.closing(sqlite3.connect(place.folder / "cache/state.sqlite3")) as state, state:
        state.execute("DELETE FROM choices")  # as on another machine: the lock alone remembers
    place.shot(0, 5)["action"] = "everyone sings"
    place.save()
    place.build()
    project = place.project()
    line = project.lock_line("s0/a6/anchor")
    project.state.close()
    assert line is not None and (line.chosen, line.status) == (2, "approved")


def test_a_result_that_was_changed_by_hand_is_found_beside_an_edit(tmp_path: Path) -> None:
    place = Place(tmp_path, film(30))
    place.build()
    place.build()
    for scene, number in ((1, 3), (0, 9)):
        path = place.folder / f"out/s{scene}/a{number}/anchor.png"
        path.chmod(0o644)
        path.write_bytes(b"painted over")
        place.shot(1, 3)["action"] = f"everyone sings {scene}"
        place.save()
        report = place.build()
        assert any("changed by hand" in note for note in report.notes) or scene == 1
        assert path.read_bytes() != b"painted over"
