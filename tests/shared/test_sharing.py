"""A film on several machines with one store: what one made, no other makes; failures cost work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from machines import Machine, Studio, made

from fvbuild.engine.digest import content
from fvbuild.engine.events import (
    Act,
    Event,
    NodeStarted,
    Report,
    Transfer,
)
from fvbuild.engine.shared import blob_name
from fvbuild.engine.shared_record import parse
from fvbuild.errors import RemoteError
from fvbuild.project.unchanged import try_quick_build


def warnings(report: Report) -> list[str]:
    return report.notes


def test_a_clone_replays_the_film_and_makes_nothing(studio: Studio) -> None:
    made(studio.first.build())
    clone, heard = studio.first.clone("clone"), list[Event]()
    report = clone.build(heard=heard)
    assert made(report) == set() and not report.notes
    assert [e for e in heard if isinstance(e, NodeStarted)] == [], "no maker was ever called"
    assert clone.lock() == studio.first.lock()
    assert made(clone.build(materialize="all")) == set()
    assert clone.shown() == studio.first.shown()


def test_without_a_lock_what_others_made_is_found_as_well(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone", lock=False)
    assert made(clone.build(materialize="all")) == set()
    assert clone.shown() == studio.first.shown()
    assert clone.lock() == studio.first.lock()


def test_only_what_is_shown_and_needed_is_brought(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    assert made(clone.build(materialize="none")) == set()
    assert clone.shown() == {}
    clone.build()
    final = clone.shown().keys()
    assert "toy.mp4" in final and "pier/a0/anchor.png" not in final
    clone.build(materialize="review")
    assert "pier/a0/anchor.png" in clone.shown()
    clone.build(materialize="all")
    assert clone.shown() == studio.first.shown()
    others = studio.first.clone("others")
    others.build("pier/a1/anchor")
    assert others.shown().keys() == {"pier/a1/anchor.png"}


def test_a_plan_knows_what_the_store_has(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone", lock=False)
    plan = clone.plan()
    assert {s.action for s in plan.steps} == {Act.REUSE}, "texts are those of the takes there"
    assert clone.artifacts() == set(), "a plan brings nothing"


def test_an_edit_made_elsewhere_is_not_made_here(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build()
    for machine in (studio.first, clone):
        machine.shot(1)["action"] = "she turns"
        machine.save()
    assert "pier/a1/segment" in made(clone.build())
    assert made(studio.first.build()) == set()
    assert clone.lock() == studio.first.lock()
    assert studio.first.shown()["toy.mp4"] == clone.shown()["toy.mp4"]


def test_what_is_away_is_brought_when_something_is_made_from_it(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="none")
    clone.film["film"]["size"] = "128x72"
    clone.save()
    report = clone.build()
    assert "pier/a0/conform" in made(report)
    assert "toy.mp4" in clone.shown()


def test_a_second_build_asks_nothing_and_is_quick(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build()
    before = len(studio.shared.asked)
    assert try_quick_build(["-q", "-f", str(clone.folder), "build"]) == 0
    assert made(clone.build(every_node=True)) == set()
    assert len(studio.shared.asked) == before


def test_takes_are_sent_behind_the_build_and_told(studio: Studio) -> None:
    heard: list[Event] = []
    studio.first.build(heard=heard)
    last = [event for event in heard if isinstance(event, Transfer)][-1]
    assert last.verb == "sent to" and last.done == last.total > 10 and last.size_bytes > 0
    records = [parse(data) for name, data in studio.shared.objects.items() if name[:3] == "ac/"]
    assert all(record is not None for record in records)
    kinds = {record.node.rpartition("/")[2] for record in records if record is not None}
    assert kinds >= {"anchor", "segment", "conform", "cut"} and not kinds & {"caption", "motion"}
    for name, data in studio.shared.objects.items():
        if name.startswith("cas/"):
            assert name == blob_name(content(data))


# --- when things go wrong -------------------------------------------------------------------------


def down(_verb: str, _name: str) -> None:
    raise RemoteError("the shared store s3://films cannot be reached")


def test_a_store_that_is_down_costs_one_warning(studio: Studio) -> None:
    studio.shared.before = down
    report = studio.first.build()
    assert "cut" in made(report)
    assert len(report.notes) == 1, report.notes
    assert "cannot be reached" in report.notes[0] and "fvbuild push" in report.notes[0]
    assert len(studio.shared.asked) < 20, "nobody asks a thousand times"
    studio.shared.before = lambda _verb, _name: None
    sent = studio.first.push()
    assert sent.count > 10 and sent.size_bytes > 0
    assert made(studio.first.clone("clone").build()) == set()


def test_a_plan_tells_that_the_store_is_down(studio: Studio) -> None:
    studio.shared.before = down
    plan = studio.first.plan()
    assert len(plan.notes) == 1 and "cannot be reached" in plan.notes[0]


def test_the_next_build_sends_what_was_left(studio: Studio) -> None:
    studio.shared.before = down
    studio.first.build()
    studio.shared.before = lambda _verb, _name: None
    assert made(studio.first.build()) == set()
    assert made(studio.first.clone("clone").build()) == set()


@pytest.mark.parametrize("verb", ["write", "create", "has"])
def test_a_lost_reply_while_sending_loses_nothing(studio: Studio, verb: str) -> None:
    failing = iter([False, False, True])

    def lose(asked: str, _name: str) -> None:
        if asked == verb and next(failing, False):
            raise RemoteError("the reply was lost")

    studio.shared.after = lose
    report = studio.first.build()
    assert "cut" in made(report) and len(report.notes) == 1
    studio.first.push()
    assert made(studio.first.clone("clone").build()) == set()


def test_a_build_that_is_stopped_leaves_the_rest_for_a_push(studio: Studio) -> None:
    cancel, sent = threading.Event(), threading.Event()

    def stop(verb: str, _name: str) -> None:
        if verb == "create":
            cancel.set()
            sent.wait(5)

    studio.shared.before = stop
    report = studio.first.build(cancel=cancel)
    sent.set()
    assert report.interrupted or report.notes
    studio.shared.before = lambda _verb, _name: None
    studio.first.build()
    assert made(studio.first.clone("clone").build()) == set()


def test_a_take_of_which_something_was_dropped_does_not_count(studio: Studio) -> None:
    studio.first.build()
    anchor = content(studio.first.shown()["pier/a0/anchor.png"])
    studio.shared.lose(blob_name(anchor))
    clone = studio.first.clone("clone")
    assert made(clone.build()) == {"pier/a0/anchor"}
    assert clone.shown()["toy.mp4"] == studio.first.shown()["toy.mp4"]


@pytest.mark.parametrize("text", [b"", b"{}", b"\xff" * 100, b"[" * 10_000])
def test_records_that_make_no_sense_do_not_count(studio: Studio, text: bytes) -> None:
    studio.first.build()
    for name in studio.shared.objects:
        if name.startswith("ac/"):
            studio.shared.objects[name] = text
    clone = studio.first.clone("clone")
    assert "cut" in made(clone.build())


def test_records_of_other_recipes_do_not_count(studio: Studio) -> None:
    studio.first.build()
    names = [name for name in studio.shared.objects if name.startswith("ac/")]
    swapped = dict(
        zip(names, [studio.shared.objects[n] for n in names[2:] + names[:2]], strict=True)
    )
    studio.shared.objects.update(swapped)
    clone = studio.first.clone("clone")
    assert len(made(clone.build())) > 10
    assert clone.lock() == studio.first.lock()


# --- what is here and what is there ---------------------------------------------------------------


def test_what_was_lost_here_comes_back_from_there(studio: Studio) -> None:
    studio.first.build()
    shown = studio.first.shown()
    for path in (studio.first.folder / "cache" / "artifacts").glob("*/*"):
        path.unlink()
    assert {s.action for s in studio.first.plan().steps} == {Act.REUSE}
    assert made(studio.first.build(materialize="all")) == set()
    assert studio.first.shown() == shown


def test_an_old_result_is_not_shown_for_a_new_one_that_is_away(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="all")
    for machine in (studio.first, clone):
        machine.shot(0)["action"] = "she turns"
        machine.save()
    studio.first.build()
    (clone.folder / "film.lock").write_text(studio.first.lock())
    clone.build(materialize="none")
    assert "toy.mp4" not in clone.shown() and "pier/a0/anchor.png" not in clone.shown()
    clone.build()
    assert clone.shown()["toy.mp4"] == studio.first.shown()["toy.mp4"]


def test_what_is_shown_already_is_kept_up_to_date(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="all")
    for machine in (studio.first, clone):
        machine.shot(0)["action"] = "she turns"
        machine.save()
    studio.first.build()
    clone.build()
    assert clone.shown() == studio.first.shown()


def test_adopted_pictures_travel_with_the_lock_alone(studio: Studio, tmp_path: Path) -> None:
    studio.first.build()
    picture = tmp_path / "mine.png"
    picture.write_bytes(studio.first.shown()["pier/a3/anchor.png"])
    with studio.first.opened() as project:
        project.adopt("pier/a0/anchor", picture)
    studio.first.build()
    clone = studio.first.clone("clone")
    assert made(clone.build(materialize="all")) == set()
    assert clone.shown() == studio.first.shown()
    stranger = studio.first.clone("stranger", lock=False)
    stranger.build(materialize="all")
    assert stranger.shown()["pier/a0/anchor.png"] != picture.read_bytes()


def test_chosen_takes_travel_with_the_lock(studio: Studio) -> None:
    studio.first.build()
    with studio.first.opened() as project:
        project.draw("pier/a0/anchor", 2)
    with studio.first.opened() as project:
        project.select("pier/a0/anchor", 3)
    studio.first.build()
    clone = studio.first.clone("clone")
    assert made(clone.build(materialize="all")) == set()
    assert clone.shown() == studio.first.shown()


def test_a_store_that_is_not_to_be_written_is_not(studio: Studio) -> None:
    studio.first.say(remote="s3://films", write=False)
    report = studio.first.build()
    assert "cut" in made(report) and not report.notes
    assert studio.shared.objects == {}


def test_a_store_that_is_not_to_be_read_is_not(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.say(remote="s3://films", read=False)
    assert "cut" in made(clone.build())


def test_pull_brings_everything_and_makes_nothing(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    done = clone.pull()
    assert done.count > 10
    assert {node.rpartition("/")[2] for node in done.absent} <= {"caption", "motion"}
    assert clone.shown() == studio.first.shown()
    studio.shared.before = down
    assert made(clone.build()) == set(), "it works without a network from now on"


def test_pull_tells_what_is_nowhere(studio: Studio) -> None:
    studio.first.build("pier/a0")
    clone = studio.first.clone("clone")
    done = clone.pull()
    assert "pier/a1/anchor" in done.absent and "pier/a0/anchor" not in done.absent


def test_two_machines_at_once_end_alike(studio: Studio) -> None:
    other = Machine(studio.first.folder.with_name("other"), studio.first.film, studio.first.store)
    with ThreadPoolExecutor(2) as threads:  # as long as it takes; what fails there fails here
        builds = [threads.submit(machine.build) for machine in (studio.first, other)]
    assert all(build.result() for build in builds)
    assert studio.first.shown() == other.shown() and studio.first.lock() == other.lock()
