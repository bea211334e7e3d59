"""Garbage collection of the shared store: what no lock at any ref needs, and nothing dear."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from machines import Studio, made

from fvbuild.engine.action import Money
from fvbuild.engine.digest import content
from fvbuild.engine.shared import Shared, blob_name
from fvbuild.engine.shared_gc import RemoteReport
from fvbuild.engine.shared_record import parse
from fvbuild.errors import StateError, UsageError
from fvbuild.project import Project, transferring


@pytest.fixture
def studio(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """The studio's first machine has its film in git, built."""
    shared: Shared = studio.shared
    monkeypatch.setattr(transferring, "connected", lambda _place, **_: shared)
    # The placeholder's clips of one length are all alike: this shot's is its own.
    studio.first.shot(0)["duration"] = "8f"
    studio.first.save()
    studio.first.build()
    git(studio.first.folder, "init", "-q", "-b", "main")
    commit(studio.first.folder)
    return studio


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "film.yaml", "film.lock", "fvbuild.yaml")
    git(folder, "commit", "-q", "-m", "a film")


def edit(studio: Studio, action: str) -> None:
    studio.first.shot(0).update({"action": action, "duration": "9f"})
    studio.first.save()
    studio.first.build()


def collect(
    studio: Studio, *, apply: bool = False, paid: bool = False, days: float = 0.0
) -> RemoteReport:
    with studio.first.opened() as project:
        return project.gc_remote(apply, paid=paid, days=days)


def make_dear(studio: Studio, node: str) -> None:
    """Let the store say that the takes of a node were paid for."""
    for name, data in list(studio.shared.objects.items()):
        record = parse(data) if name.startswith("ac/") else None
        if record is not None and record.node == node:
            take = replace(record.take, cost=Money(1.25))
            dear = replace(record, trace=replace(record.trace, take=take))
            studio.shared.objects[name] = dear.text()


def test_nothing_that_a_lock_names_goes(studio: Studio) -> None:
    before = dict(studio.shared.objects)
    report = collect(studio, apply=True)
    assert report.items == () and report.kept > 10 and report.orphans == 0
    assert studio.shared.objects == before


def test_what_an_edit_left_behind_goes_once_nothing_names_it(studio: Studio) -> None:
    first = studio.first.shown()
    edit(studio, "she turns")
    assert collect(studio).items == (), "the commit before names it"
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    report = collect(studio)
    assert {item.node for item in report.items} == {
        "pier/a0/anchor", "pier/a0/segment", "pier/a0/conform", "cut"
    }, "what is derived from garbage is garbage"  # fmt: skip
    assert not report.applied and report.size_bytes > 0
    assert studio.shared.has(blob_name(content(first["pier/a0/anchor.png"]))), "it was a dry run"
    collect(studio, apply=True)
    assert not studio.shared.has(blob_name(content(first["pier/a0/anchor.png"])))
    assert studio.shared.has(blob_name(content(first["pier/a1/anchor.png"])))
    assert collect(studio, apply=True).items == ()
    assert made(studio.first.clone("clone").build()) == set()


def test_another_branch_keeps_what_it_needs(studio: Studio) -> None:
    git(studio.first.folder, "branch", "other")
    edit(studio, "she turns")
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    assert collect(studio).items == ()
    git(studio.first.folder, "branch", "-D", "other")
    assert len(collect(studio).items) == 4


def test_another_clone_keeps_what_it_needs(studio: Studio) -> None:
    other = studio.first.folder.with_name("elsewhere")
    shutil.copytree(studio.first.folder, other, ignore=shutil.ignore_patterns("cache", "out"))
    edit(studio, "she turns")
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    with studio.first.opened() as project:
        assert len(project.gc_remote(paid=False, days=0).items) == 4
        assert project.gc_remote(paid=False, days=0, others=[other]).items == ()


def test_what_was_paid_for_stays_unless_asked_for(studio: Studio) -> None:
    anchor = blob_name(content(studio.first.shown()["pier/a0/anchor.png"]))
    make_dear(studio, "pier/a0/anchor")
    edit(studio, "she turns")
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    report = collect(studio, apply=True)
    held = [item for item in report.items if item.kept]
    assert [(item.node, item.cost) for item in held] == [("pier/a0/anchor", Money(1.25))]
    assert studio.shared.has(anchor)
    report = collect(studio, apply=True, paid=True)
    assert [item.kept for item in report.items if item.node == "pier/a0/anchor"] == [False]
    assert not studio.shared.has(anchor)


def test_what_is_young_stays(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(studio, "she turns")
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    plain = studio.shared.list
    monkeypatch.setattr(
        studio.shared, "list", lambda p: (replace(f, modified_s=4e9) for f in plain(p))
    )
    report = collect(studio, apply=True, days=14)
    assert report.items == () and report.orphans == 0


def test_bytes_of_no_take_and_old_claims_go(studio: Studio) -> None:
    studio.shared.write(blob_name("0" * 64), b"left by an upload that was never finished")
    studio.shared.write("claims/a/1", b"{}")
    studio.shared.write("ac/" + "1" * 64, b"no record")
    report = collect(studio, apply=True)
    assert (report.orphans, report.aside, report.items) == (2, 1, ())
    assert not {"claims/a/1", "ac/" + "1" * 64, blob_name("0" * 64)} & studio.shared.objects.keys()


def test_where_not_all_can_be_known_nothing_is_removed(studio: Studio, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{studio.first.folder}", str(shallow))
    with studio.first.opened() as project, pytest.raises(StateError, match="shallow"):
        project.gc_remote(True, paid=False, days=0, others=[shallow])
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    with studio.first.opened() as project, pytest.raises(UsageError, match="in no repository"):
        project.gc_remote(True, paid=False, days=0, others=[nowhere])


def test_git_is_looked_for_beside_the_film_wherever_the_workspace_file_lies(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "machine" / "fvbuild.yaml"
    outside.parent.mkdir()
    shutil.copy(studio.first.folder / "fvbuild.yaml", outside)
    monkeypatch.setenv("FVBUILD_WORKSPACE", str(outside))
    edit(studio, "she turns")
    assert collect(studio).items == (), "the commit before names it"
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    assert len(collect(studio).items) == 4


def test_other_films_of_the_repository_keep_what_they_need(studio: Studio) -> None:
    """Also where their locks are not committed yet, and lie beside the film's folder."""
    top = studio.first.folder
    (top / "films").mkdir()
    for name in ("film.yaml", "film.lock", "fvbuild.yaml"):
        shutil.copy(top / name, top / "films" / name)
    edit(studio, "she turns")
    git(top, "add", "film.yaml", "film.lock")
    git(top, "commit", "-q", "--amend", "-m", "another film")
    opened = Project.open(top / "films")
    assert opened.gc_remote(paid=False, days=0).items == ()


def test_the_command_names_shots_and_what_they_cost(
    studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    from fvbuild.cli.guard import guarded

    make_dear(studio, "pier/a0/anchor")
    edit(studio, "she turns")
    git(studio.first.folder, "add", "film.yaml", "film.lock")
    git(studio.first.folder, "commit", "-q", "--amend", "-m", "another film")
    words = ["-f", str(studio.first.folder), "gc", "--remote", "--older-than", "0"]
    assert guarded(words) == 0
    told = capsys.readouterr().out
    assert "pier/a0/segment" in told and "Would free" in told and "Nothing was deleted" in told
    assert "1 take that no lock names was paid for, and kept" in told and "1.25" in told
    assert guarded([*words, "--json", "--apply"]) == 0
    assert '"applied": true' in capsys.readouterr().out
