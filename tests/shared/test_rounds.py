"""What turns out to be lost in the shared store is made again in the same build, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from machines import Studio, made

from fvbuild.engine.action import Action, Money, Outcome
from fvbuild.engine.digest import content
from fvbuild.engine.events import (
    BuildStarted,
    Did,
    Event,
    NodeFinished,
    Reason,
    Report,
    Result,
)
from fvbuild.engine.shared import blob_name
from fvbuild.errors import RemoteError, TargetError
from fvbuild.project.rounds import joined
from fvbuild.targets.placeholder import Placeholder


def test_what_was_dropped_after_it_was_found_is_made_again(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="none")
    film = content(studio.first.shown()["pier/a0/segment.mp4"])
    studio.shared.lose(blob_name(film))
    report = clone.build()
    assert "pier/a0/segment" in made(report)
    assert [note for note in report.notes if "has lost, or does not give out, 1 artifact" in note]
    assert clone.shown()["toy.mp4"] == studio.first.shown()["toy.mp4"]
    assert studio.shared.has(blob_name(film)), "what was made again is sent"


def test_what_was_dropped_and_is_needed_for_an_edit_is_made_again(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build()
    anchor = content(studio.first.shown()["pier/a1/anchor.png"])
    studio.shared.lose(blob_name(anchor))
    clone.shot(1)["camera"] = "pan left"
    clone.save()
    heard: list[Event] = []
    report = clone.build(heard=heard)
    assert {"pier/a1/anchor", "pier/a1/segment", "cut"} <= made(report)
    assert len([e for e in heard if isinstance(e, BuildStarted)]) == 2
    assert not [e for e in heard if isinstance(e, NodeFinished) and e.result.action is Did.FAILED]
    assert made(clone.build()) == set()


def test_all_that_is_lost_is_found_in_one_build(studio: Studio) -> None:
    """One thing after the other: the film, then what it is made of, then what that is made from."""
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="none")
    for name in [name for name in studio.shared.objects if name.startswith("cas/")]:
        studio.shared.lose(name)
    report = clone.build(materialize="all")
    assert {"pier/a0/anchor", "pier/a3/segment", "cut"} <= made(report)
    assert clone.shown() == studio.first.shown()
    assert made(clone.build()) == set()


def test_what_failed_for_another_reason_is_not_tried_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="none")
    studio.shared.lose(blob_name(content(studio.first.shown()["pier/a0/segment.mp4"])))
    clone.shot(1)["action"] = "she turns"
    clone.save()
    make, tried = Placeholder.make, list[str]()

    def failing(self: Placeholder, action: Action) -> Outcome:
        tried.append(action.node)
        if action.node == "pier/a1/segment":
            raise TargetError("no camera")
        return make(self, action)

    monkeypatch.setattr(Placeholder, "make", failing)
    report = clone.build(materialize="all")
    assert tried == ["pier/a1/anchor", "pier/a1/segment", "pier/a0/segment"]
    did = {r.node: r for r in report.results}
    assert did["pier/a1/segment"].action is Did.FAILED
    assert "no camera" in did["pier/a1/segment"].message
    assert did["pier/a1/anchor"].action is did["pier/a0/segment"].action is Did.BUILT
    assert (did["cut"].action, did["cut"].reason) == (Did.SKIPPED, Reason.UPSTREAM_FAILED)
    monkeypatch.undo()


def test_two_rounds_are_told_as_one_build() -> None:
    def result(node: str, action: Did, cost: float = 0.0, **more: Any) -> Result:
        money = Money(cost) if cost else None
        return Result(node, "anchor", action, Reason.NO_TAKE, cost=money, seconds=1.0, **more)

    first = Report(
        "Toy", None,
        [
            result("built", Did.BUILT, 0.5),
            result("failed", Did.FAILED, 0.25, message="no camera"),
            result("lost", Did.SKIPPED),
            result("twice", Did.BUILT, 0.5),
        ],
        seconds=2.0, notes=["one"],
    )  # fmt: skip
    again = Report(
        "Toy", None,
        [
            result("built", Did.REUSED),
            result("failed", Did.SKIPPED, message="withheld"),
            result("lost", Did.BUILT),
            result("twice", Did.BUILT, 0.25),
            result("more", Did.REUSED),
        ],
        seconds=1.0, notes=["two"],
    )  # fmt: skip
    found = joined(first, again, {"failed"})
    told = {r.node: (r.action, r.cost.amount if r.cost else None) for r in found.results}
    assert told == {
        "built": (Did.BUILT, 0.5),
        "failed": (Did.FAILED, 0.25),
        "lost": (Did.BUILT, None),
        "twice": (Did.BUILT, 0.75),
        "more": (Did.REUSED, None),
    }
    assert (found.seconds, found.notes) == (3.0, ["one", "two"])


def test_a_store_that_is_down_as_well_is_not_asked_for_ever(studio: Studio) -> None:
    studio.first.build()
    clone = studio.first.clone("clone")
    clone.build(materialize="none")
    studio.shared.lose(blob_name(content(studio.first.shown()["pier/a0/segment.mp4"])))

    def down_for_streams(verb: str, _name: str) -> None:
        if verb == "stream" and len(studio.shared.asked) > before + 1:
            raise RemoteError("the shared store s3://films cannot be reached")

    before = len(studio.shared.asked)
    studio.shared.before = down_for_streams
    report = clone.build()
    assert [r.node for r in report.results if r.action is Did.FAILED] == ["cut"]
    studio.shared.before = lambda _verb, _name: None
    clone.build()
    assert clone.shown()["toy.mp4"] == studio.first.shown()["toy.mp4"]


def test_other_bytes_under_an_artifacts_name_are_never_served(studio: Studio) -> None:
    studio.first.build()
    name = blob_name(content(studio.first.shown()["pier/a0/anchor.png"]))
    studio.shared.objects[name] = studio.shared.objects[name][:-1] + b"x"
    clone = studio.first.clone("clone")
    report = clone.build("pier/a0/anchor")
    assert made(report) == {"pier/a0/anchor"}
    assert content(clone.shown()["pier/a0/anchor.png"]) == name.removeprefix("cas/")
    healed = studio.shared.objects[name]
    assert content(healed) == name.removeprefix("cas/"), "what was made again is sent over it"
    assert not clone.build("pier/a0/anchor", every_node=True).notes
