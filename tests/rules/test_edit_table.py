"""The edit table, a contract: what an edit makes again, and nothing else.

Every row is an edit of a film's text (old, new) and the nodes that have no result afterwards. A
shot's ``clip`` is its segment and what finishes and joins it.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

import pytest
from edit_row import Edit
from naive_build import FILMS, drawing, graph_of, made_again, targets
from table_of_finishing import FINISHING
from table_of_other_films import COMMERCIAL, LIGHTHOUSE
from table_of_pictures import PICTURES
from table_of_words_and_times import WORDS_AND_TIMES

from fvbuild.engine.target import Target

EDITS = [*WORDS_AND_TIMES, *PICTURES, *LIGHTHOUSE, *COMMERCIAL, *FINISHING]


def apply(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    """The edited text; every change must find what it replaces."""
    for old, new in changes:
        assert old in text, f"the film says nothing of {old!r}"
        text = text.replace(old, new)
    return text


@pytest.fixture(autouse=True)
def _colour_tables(tmp_path: Path) -> None:
    shutil.copytree(FILMS / "luts", tmp_path / "luts")


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.film}: {edit.name}")
def test_an_edit_makes_exactly_this_again(edit: Edit, tmp_path: Path) -> None:
    text = (FILMS / f"{edit.film}.yaml").read_text(encoding="utf-8")
    before = graph_of(text, tmp_path)
    after = graph_of(apply(text, edit.changes), tmp_path)
    again = made_again(before, after)
    missed = {glob for glob in edit.again if not any(fnmatchcase(node, glob) for node in again)}
    surplus = {node for node in again if not any(fnmatchcase(node, glob) for glob in edit.again)}
    assert (missed, surplus) == (set(), set())


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit.film}: {edit.name}")
def test_undoing_an_edit_makes_nothing(edit: Edit, tmp_path: Path) -> None:
    text = (FILMS / f"{edit.film}.yaml").read_text(encoding="utf-8")
    before = graph_of(text, tmp_path)
    graph_of(apply(text, edit.changes), tmp_path)
    assert made_again(before, graph_of(text, tmp_path)) == set()


def test_globs_of_the_table_name_nodes_one_by_one() -> None:
    """A glob with two stars in a row would hide what it should tell."""
    for edit in EDITS:
        for glob in edit.again:
            assert not any(a == b == "*" for a, b in pairwise(glob)), edit.name


def test_the_name_of_a_target_and_how_busy_it_may_be_make_nothing_again(tmp_path: Path) -> None:
    film = "film: T\n%sshots: [{id: a, action: rain}]\n"
    pencil: dict[str, object] = {**targets(), "pencil": replace(drawing(), pool="gpu")}
    both: dict[str, Target] = pencil  # type: ignore[assignment]  # Painter makes nothing
    before = graph_of(film % "use: {anchor: sketch}\n", tmp_path, both)
    after = graph_of(film % "use: {anchor: [pencil, sketch]}\n", tmp_path, both)
    use = after["main/a/anchor"].target
    assert use is not None and (use.name, use.pool, use.fallbacks) == ("pencil", "gpu", ("sketch",))
    assert made_again(before, after) == set()
