"""Decisions about takes, as the commands carry them out on a film that is edited meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from films import Place, film, made

from fvbuild.errors import UsageError

ANCHOR = "s0/a0/anchor"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path / "film", film(4))
    found.build()
    found.project().draw(ANCHOR, 2)
    return found


def _edit(place: Place, text: str = "somebody runs") -> None:
    place.shot(0, 0)["action"] = text
    place.save()


def test_a_choice_among_takes_of_another_recipe_is_refused(place: Place) -> None:
    _edit(place)
    with pytest.raises(UsageError, match="was edited") as refused:
        place.project().select(ANCHOR, 2)
    assert "fvbuild build" in (refused.value.hint or "")
    line = place.project().lock_line(ANCHOR)
    assert line is not None
    assert line.chosen == 1


def test_choosing_another_take_of_what_is_held_keeps_it_held(place: Place) -> None:
    place.project().approve([ANCHOR])
    _edit(place)
    place.build()
    chosen = place.project().select(ANCHOR, 3)
    assert (chosen.chosen, chosen.status) == (3, "approved")
    assert ANCHOR not in made(place.build())


def test_an_approval_outlives_a_new_id_and_a_new_text_at_once(place: Place) -> None:
    place.project().approve([ANCHOR])
    place.shot(0, 0)["id"] = "z"
    _edit(place)
    report = place.build()
    assert any(ANCHOR in note for note in report.notes)
    line = place.project().lock_line(ANCHOR)
    assert line is not None
    assert line.status == "approved"
    place.shot(0, 0)["id"] = "a0"
    _edit(place, "somebody waits for time 0.0")
    assert made(place.build()) <= {"cut"}
    assert place.project().takes(ANCHOR)[0].status == "approved"


def test_a_rename_takes_the_approval_along(place: Place) -> None:
    place.project().approve([ANCHOR])
    place.shot(0, 0)["id"] = "z"
    place.save()
    report = place.build()
    assert not report.notes
    assert place.project().lock_line(ANCHOR) is None
    line = place.project().lock_line("s0/z/anchor")
    assert line is not None
    assert line.status == "approved"


def test_the_diary_has_a_line_for_every_take(place: Place) -> None:
    numbers = [entry.take for entry in place.project().log(node=ANCHOR)]
    assert sorted(n for n in numbers if n is not None) == [1, 2, 3]


def test_release_ends_only_what_was_held(place: Place) -> None:
    place.project().approve([ANCHOR])
    _edit(place)
    released = place.project().release(["s0/a0"])
    assert [each.node for each in released] == [ANCHOR]
