"""What is in the shared store alone: no problem, to be looked at, and what mends damage here."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from machines import Machine, Studio, film

from fvbuild.cli.main import entry
from fvbuild.engine.events import Did
from fvbuild.engine.stats import stat_of
from fvbuild.engine.verify import VerifyReport
from fvbuild.errors import Exit, RemoteError

ANCHOR, SEGMENT = "pier/a0/anchor", "pier/a0/segment"
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """A command on a machine: its exit code and what it printed."""

    def run(machine: Machine, *words: str) -> tuple[int, str]:
        monkeypatch.chdir(machine.folder)
        capsys.readouterr()
        code = int(entry(list(words)))
        return code, capsys.readouterr().out

    return run


@pytest.fixture
def first(studio: Studio) -> Machine:
    """A machine that made a film, with three takes of an anchor."""
    studio.first.film = film(2)
    studio.first.save()
    studio.first.build()
    with studio.first.opened() as project:
        project.draw(ANCHOR, 2)
    return studio.first


def verified(machine: Machine) -> VerifyReport:
    with machine.opened() as project:
        return project.verify()


def artifact(machine: Machine, node: str, n: int = 1) -> str:
    with machine.opened() as project:
        return project.takes(node)[0].takes[n - 1].artifact


def path_of(machine: Machine, digest: str) -> Path:
    return machine.folder / "cache" / "artifacts" / digest[:2] / digest[2:]


def damage(machine: Machine, digest: str) -> None:
    path = path_of(machine, digest)
    path.chmod(0o644)
    path.write_bytes(b"other bytes")


# --- verify ---------------------------------------------------------------------------------------


def test_what_is_away_is_no_problem_in_a_fresh_clone_nor_later(first: Machine, say: Say) -> None:
    clone = first.clone("clone")
    code, told = say(clone, "verify")
    assert (code, told) == (0, "0 artifacts checked, all whole; 6 away, in the shared store.\n")
    clone.build()
    code, told = say(clone, "verify")
    assert code == 0 and "all whole;" in told and "away, in the shared store" in told


def test_what_cannot_be_brought_fails_what_needs_it_and_says_when_to_try_again(
    studio: Studio, first: Machine
) -> None:
    clone = first.clone("clone")
    clone.build(materialize="none")
    clone.shot(0)["camera"] = "pan left"
    clone.save()

    def refuse(verb: str, _name: str) -> None:
        if verb == "stream":
            raise RemoteError("it cannot be reached", hint="builds go on without it")

    studio.shared.before = refuse
    report = clone.build()
    (failed,) = [each for each in report.results if each.action is Did.FAILED]
    assert failed.node == SEGMENT
    assert "it cannot be reached" in failed.message
    assert "try again once the store can be read" in failed.message
    assert "builds go on" not in failed.message
    studio.shared.before = lambda _verb, _name: None
    assert not [each for each in clone.build().results if each.action is Did.FAILED]


def test_what_is_neither_here_nor_there_is_missing(studio: Studio, first: Machine) -> None:
    lost = artifact(first, ANCHOR, 2)
    studio.shared.lose(f"cas/{lost}")
    report = verified(first.clone("clone"))
    assert [(p.digest, p.problem, p.nodes) for p in report.problems] == [
        (lost, "missing", (ANCHOR,))
    ]
    assert report.away == 5


# --- damage here ----------------------------------------------------------------------------------


def test_a_build_mends_what_is_damaged_here_and_whole_there(first: Machine, say: Say) -> None:
    shown = first.shown()
    assert f"{SEGMENT}.mp4" in shown
    damage(first, artifact(first, SEGMENT))
    code, told = say(first, "verify")
    assert code == Exit.NODE_FAILED and f"{SEGMENT}\n" in told
    assert "Next: fvbuild pull pier/a0/conform pier/a0/segment brings it again" in told
    shutil.rmtree(first.folder / "out")
    first.build()
    assert first.shown() == shown
    assert verified(first).problems == ()


def test_the_hint_for_a_take_that_is_not_chosen_mends_it(first: Machine, say: Say) -> None:
    damage(first, artifact(first, ANCHOR, 2))
    assert f"Next: fvbuild pull {ANCHOR} brings" in say(first, "verify")[1]
    with first.opened() as project:
        take = project.takes(ANCHOR)[0].takes[1]
    assert take.path is None and take.away, "a damaged file is not shown"
    assert say(first, "pull", ANCHOR)[0] == 0
    assert say(first, "verify")[0] == 0


def test_rot_that_changes_no_stat_is_mended_once_it_was_found(first: Machine, say: Say) -> None:
    shown, digest = first.shown(), artifact(first, SEGMENT)
    first.build()
    damage(first, digest)
    rotten = stat_of(str(path_of(first, digest)))
    assert rotten is not None
    with first.opened() as project, project.state.transaction():
        project.state.stats.set_artifact_stats([(digest, rotten)])
    assert say(first, "verify")[0] == Exit.NODE_FAILED
    shutil.rmtree(first.folder / "out")
    first.build()
    assert first.shown() == shown and say(first, "verify")[0] == 0


@pytest.mark.parametrize("is_shared", [True, False])
def test_gc_mends_what_is_damaged_and_of_no_node(first: Machine, say: Say, is_shared: bool) -> None:
    old = artifact(first, SEGMENT)
    first.shot(0)["action"] = "somebody runs"
    first.save()
    first.build()
    if not is_shared:
        (first.folder / "fvbuild.yaml").write_text("{}")
    damage(first, old)
    code, told = say(first, "verify")
    assert code == Exit.NODE_FAILED and "(of no node)" in told
    assert "Next: fvbuild gc --apply removes" in told and "fvbuild build" not in told
    assert say(first, "gc", "--apply")[0] == 0
    assert say(first, "verify")[0] == 0


def test_without_a_store_a_take_that_is_not_chosen_is_made_again_when_it_is(
    first: Machine, say: Say
) -> None:
    (first.folder / "fvbuild.yaml").write_text("{}")
    damage(first, artifact(first, ANCHOR, 2))
    told = say(first, "verify")[1]
    assert "Next: fvbuild select NODE N and a build" in told and "fvbuild build" not in told
    assert say(first, "select", ANCHOR, "2")[0] == say(first, "build")[0] == 0
    assert say(first, "verify")[0] == 0


# --- other takes ----------------------------------------------------------------------------------


def test_the_other_takes_of_a_clone_can_be_looked_at(first: Machine, say: Say) -> None:
    clone = first.clone("clone")
    clone.build()
    told = say(clone, "takes", ANCHOR)[1]
    assert told.count(f"in the shared store: fvbuild pull {ANCHOR}") == 3
    assert say(clone, "pull", ANCHOR)[0] == 0
    with first.opened() as made, clone.opened() as project:
        expected, found = made.takes(ANCHOR)[0], project.takes(ANCHOR)[0]
    assert [t.n for t in found.takes] == [1, 2, 3] and not any(t.away for t in found.takes)
    for take, brought in zip(expected.takes, found.takes, strict=True):
        assert take.path is not None and brought.path is not None
        assert brought.path.read_bytes() == take.path.read_bytes()
        assert (brought.seconds, brought.made_at) == (take.seconds, take.made_at)
    assert "in the shared store" not in say(clone, "takes", ANCHOR)[1]


def test_seconds_that_nobody_knows_are_not_told(studio: Studio, first: Machine, say: Say) -> None:
    clone = first.clone("clone")
    clone.build()
    for name in list(studio.shared.objects):
        studio.shared.lose(name)
    lines = say(clone, "takes", ANCHOR)[1].splitlines()
    second = next(number for number, line in enumerate(lines) if "take 2" in line)
    assert lines[second].strip() == "take 2  made  seed 2  placeholder"
    assert lines[second + 1].strip() == "not here"
