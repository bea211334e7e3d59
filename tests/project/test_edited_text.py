"""Edits of a film's text in an editor: one shot after the other, back and forth, in two places."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from films import SETTLED_S, Place, film, made

HEAD = """\
film: {title: Toy, size: 64x36, fps: 24}
use: {anchor: placeholder, segment: placeholder}
include: [one.yaml, two.yaml]
"""


def _scene(name: str, deeds: list[str]) -> str:
    lines = ["scenes:", f"  - id: {name}", "    shots:"]
    for number, deed in enumerate(deeds):
        lines += [f"      - id: a{number}", "        duration: 6f", f"        action: {deed}"]
    return "\n".join(lines) + "\n"


class Pages(Place):
    """A film in block style, two scenes in files of their own."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, film(2))
        self.deeds = {
            name: [f"somebody waits for {name} {n}" for n in range(20)] for name in ("one", "two")
        }
        (folder / "film.yaml").write_text(HEAD)
        self.type()

    def type(self) -> None:
        """Save what differs, and wait until no change could hide in its clock tick."""
        for name, deeds in self.deeds.items():
            path, text = self.folder / f"{name}.yaml", _scene(name, deeds)
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
        time.sleep(SETTLED_S)

    def check(self, *edited: str) -> None:
        """Build; the edited shots are made, and a look at all nodes finds nothing left to do."""
        report = self.build()
        assert {node for node in made(report) if node.endswith("/segment")} == {
            f"{shot}/segment" for shot in edited
        }
        assert report.untouched
        quick = self.tree()
        assert made(self.build(whole=True)) == set()
        assert self.tree() == quick


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    place = Pages(tmp_path / "film")
    place.build()
    place.build()
    return place


def test_the_edited_shot_is_known_without_comparing_films(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_films: object) -> None:
        raise AssertionError("the films were compared")

    monkeypatch.setattr("fvbuild.film.difference.changed_shots", never)
    for number, deed in ((3, "everyone sings"), (4, "nobody\n          sings"), (3, "a boat")):
        pages.deeds["one"][number] = deed
        pages.type()
        pages.check(f"one/a{number}")


def test_edits_that_were_looked_at_between_builds_are_all_made(pages: Pages) -> None:
    """Each load splices one edit; the film that the last build made is two edits ago."""
    pages.deeds["one"][3] = "everyone sings"
    pages.type()
    pages.project().state.close()
    pages.deeds["two"][5] = "everyone runs"
    pages.type()
    assert pages.project().loaded.edited is not None
    pages.check("one/a3", "two/a5")


def test_an_edit_that_was_looked_at_and_undone_is_not_made(pages: Pages) -> None:
    before = pages.deeds["one"][3]
    pages.deeds["one"][3] = "everyone sings"
    pages.type()
    pages.project().state.close()
    pages.deeds["one"][3] = before
    pages.type()
    pages.project().state.close()
    pages.check()


def test_an_edit_after_a_goal_was_built_leaves_none_of_both_out(pages: Pages) -> None:
    pages.deeds["one"][3] = "everyone sings"
    pages.type()
    assert "one/a3/segment" in made(pages.build("one/a3"))
    pages.deeds["two"][5] = "everyone runs"
    pages.type()
    pages.check("two/a5")
    pages.deeds["one"][3] = "a boat comes in"
    pages.deeds["two"][5] = "a boat leaves"
    pages.type()
    pages.check("one/a3", "two/a5")
