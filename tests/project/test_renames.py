"""Approvals of shots that are renamed and edited in the same breath."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import Place, film, made

from fvbuild.engine.events import Act, Did

OLD, NEW = "s0/a0/anchor", "s0/z/anchor"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    data = film(4)
    for shot in data["scenes"][0]["shots"]:
        shot["first_frame"] = "somebody stands"
    found = Place(tmp_path / "film", data)
    found.build()
    found.project().approve([OLD])
    return found


def _rename(place: Place, **fields: str) -> None:
    place.shot(0, 0).update(id="z", **fields)
    place.save()


def test_what_stays_of_a_shot_shows_that_it_was_renamed(place: Place) -> None:
    picture = place.tree()["s0/a0/anchor.png"]
    _rename(place, first_frame="somebody kneels")
    plan = place.project().plan()
    assert {step.node: step.action for step in plan.steps}[NEW] is Act.HELD
    told = f"{OLD} is {NEW} now: its approved take 1 is kept"
    assert told in plan.notes
    report = place.build()
    assert {r.node: r.action for r in report.results}[NEW] is Did.HELD
    assert told in report.notes
    assert not any("no such node" in note for note in report.notes)
    assert place.tree()["s0/z/anchor.png"] == picture
    lock = place.project().lock
    assert lock.get(OLD) is None
    line = lock.get(NEW)
    assert line is not None
    assert line.status == "approved"
    again = place.build()
    assert (made(again), again.notes) == (set(), [])


def test_a_renamed_scene_brings_its_approvals_along(place: Place) -> None:
    place.film["scenes"][0]["id"] = "y"
    place.shot(0, 0)["first_frame"] = "somebody kneels"
    place.save()
    assert {r.node: r.action for r in place.build().results}["y/a0/anchor"] is Did.HELD


def test_where_nothing_stays_the_same_nothing_is_guessed(place: Place) -> None:
    _rename(place, first_frame="somebody kneels", action="somebody runs")
    report = place.build()
    assert NEW in made(report)
    assert any(OLD in note and "no such node" in note for note in report.notes)
    assert place.project().lock.get(OLD) is not None


def test_where_two_shots_may_be_meant_nothing_is_guessed(place: Place) -> None:
    _rename(place, first_frame="somebody kneels")
    twin = {**place.shot(0, 0), "id": "y"}
    place.film["scenes"][0]["shots"].append(twin)
    place.save()
    report = place.build()
    assert {NEW, "s0/y/anchor"} & made(report)
    assert not any(r.action is Did.HELD for r in report.results)
    assert place.project().lock.get(OLD) is not None
