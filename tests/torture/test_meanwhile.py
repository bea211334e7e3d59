"""Decisions that are made while a build runs: it may run for hours, and loses none of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from films import Place, film

from fvbuild.engine.action import Money
from fvbuild.engine.events import Event, NodeStarted
from fvbuild.engine.lock_line import LockLine, LockTake, with_status
from fvbuild.engine.lock_meanwhile import kept
from fvbuild.project import BuildOptions, Project

ANCHOR, OTHER = "s0/a0/anchor", "s1/a1/anchor"


@pytest.fixture
def place(folder: Path) -> Place:
    """A film with three takes of an anchor; another shot was edited, and is to be built."""
    place = Place(folder / "film", film(4))
    place.build()
    place.project().draw(ANCHOR, 2)
    place.shot(1, 1)["action"] = "somebody runs"
    place.save()
    return place


def _build_while(place: Place, work: Callable[[Project], object], *goals: str) -> None:
    """Build; somebody does something in another window while the first node is made."""
    done: list[object] = []

    def listen(event: Event) -> None:
        if isinstance(event, NodeStarted) and not done:
            done.append(True)
            other = place.project()
            work(other)
            other.state.close()

    project = place.project()
    project.build(goals, BuildOptions(jobs=1), listen)
    project.state.close()
    assert done


def _line(place: Place, node: str = ANCHOR) -> LockLine:
    line = place.project().lock_line(node)
    assert line is not None
    return line


@pytest.mark.parametrize("goals", [(), (OTHER,)])
def test_an_approval_stays(place: Place, goals: tuple[str, ...]) -> None:
    _build_while(place, lambda project: project.approve([ANCHOR]), *goals)
    assert _line(place).status == "approved"
    place.build()
    assert _line(place).status == "approved"


def test_a_choice_stays_and_is_shown_by_the_next_build(place: Place) -> None:
    _build_while(place, lambda project: project.select(ANCHOR, 3))
    assert (_line(place).chosen, _line(place).status) == (3, "chosen")
    place.build()
    project = place.project()
    chosen = project.takes(ANCHOR)[0].takes[2].path
    assert chosen is not None
    assert place.tree()[f"{ANCHOR}.png"] == chosen.read_bytes()


def test_a_rejection_stays(place: Place) -> None:
    _build_while(place, lambda project: project.reject([ANCHOR], 1))
    assert _line(place).chosen == 2
    place.build()
    assert [take.status for take in _line(place).takes] == ["rejected", "made", "made"]


def test_takes_that_were_drawn_stay_in_the_lock(place: Place) -> None:
    _build_while(place, lambda project: project.draw(ANCHOR, 2))
    assert [take.n for take in _line(place).takes] == [1, 2, 3, 4, 5]


def test_an_adopted_file_stays(place: Place) -> None:
    given = place.folder / "mine.png"
    given.write_bytes(place.tree()[f"{OTHER}.png"])
    _build_while(place, lambda project: project.adopt(ANCHOR, given))
    assert _line(place).status == "adopted"
    place.build()
    assert place.tree()[f"{ANCHOR}.png"] == given.read_bytes()


# --- line by line ---------------------------------------------------------------------------------


def _takes(*artifacts: str) -> tuple[LockTake, ...]:
    cost = Money(1.0)
    return tuple(LockTake(n, a * 64, "veo", cost) for n, a in enumerate(artifacts, 1))


JUDGED = LockLine("a", "clip", "1" * 32, 1, "made", _takes("a", "b"))
DRAWN = LockLine("a", "clip", "1" * 32, 1, "made", _takes("a", "b", "c"))
EDITED = LockLine("a", "clip", "2" * 32, 1, "made", _takes("d"))


def test_nothing_was_written_meanwhile() -> None:
    for judged in (None, JUDGED):
        assert kept(judged, judged, DRAWN) == DRAWN
        assert kept(judged, DRAWN, DRAWN) == DRAWN


def test_a_decision_made_meanwhile_counts_beside_what_the_build_drew() -> None:
    now = with_status(JUDGED, 2, "approved")
    found = kept(JUDGED, now, DRAWN)
    assert (found.chosen, found.status, len(found.takes)) == (2, "approved", 3)


def test_a_take_drawn_meanwhile_is_listed_beside_what_the_build_decided() -> None:
    ours = with_status(JUDGED, 2, "made")
    found = kept(JUDGED, DRAWN, ours)
    assert (found.chosen, found.status, len(found.takes)) == (2, "made", 3)


def test_a_hold_counts_also_where_it_is_of_another_recipe() -> None:
    held = with_status(JUDGED, 2, "approved")
    assert kept(JUDGED, held, EDITED) == held
    assert kept(JUDGED, with_status(JUDGED, 2, "chosen"), EDITED) == EDITED


def test_a_take_that_the_build_made_again_takes_the_place_of_the_lost_one() -> None:
    ours = LockLine("a", "clip", "1" * 32, 1, "made", _takes("e", "b"))
    found = kept(JUDGED, with_status(JUDGED, 2, "approved"), ours)
    assert [(take.n, take.artifact[0]) for take in found.takes] == [(1, "e"), (2, "b")]
    assert (found.chosen, found.status) == (2, "approved")
