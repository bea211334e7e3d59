"""Two branches that each draw takes and decide, merged by git itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from telling import Tell

from fvbuild.engine.action import Action
from fvbuild.engine.lock import Lock, LockLine
from fvbuild.errors import Exit
from fvbuild.targets import placeholder
from fvbuild.targets.base import recipe_digest

ANCHOR = "pier/one/anchor"


@pytest.fixture
def git(film: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """The film's folder as a repository, with its own git settings and nobody else's."""
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    git = Git(film)
    git("init", "-q", "-b", "main")
    git("config", "user.email", "ann@example.org")
    git("config", "user.name", "Ann")
    (film / ".gitignore").write_text("/out/\n/cache/\n")
    return git


class Git:
    """git in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def commit(self, message: str) -> None:
        self("add", "-A")
        self("commit", "-q", "-m", message)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Lets the placeholder draw other takes for the same recipe, as every model does."""
    return Machine(monkeypatch)


class Machine:
    """Which machine draws."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = recipe_digest
        self.name = ""
        monkeypatch.setattr(
            placeholder, "recipe_digest", lambda action: self._other(real(action), action)
        )

    def _other(self, digest: str, action: Action) -> str:
        mark = int(self.name or "0", 16)
        return f"{mark:02x}{digest[2:]}" if mark and action.kind == "anchor" else digest


def _line(film: Path, node: str = ANCHOR) -> LockLine:
    found = Lock.read(film / "film.lock").get(node)
    assert found is not None
    return found


def _two_branches(film: Path, git: Git, tell: Tell, machine: Machine, *, choose: bool) -> None:
    """``theirs`` and ``main`` draw two takes each of one anchor; with ``choose`` both decide."""
    assert tell("build").code == Exit.DONE
    git.commit("first")
    git("branch", "theirs")
    for branch, name in (("theirs", "a"), ("main", "b")):
        git("checkout", "-q", branch)
        machine.name = name
        assert tell("take", ANCHOR, "-n", "2").code == Exit.DONE
        if choose:
            assert tell("select", ANCHOR, "3" if name == "a" else "4").code == Exit.DONE
            assert tell("approve", ANCHOR).code == Exit.DONE
        git.commit(branch)


def test_takes_of_both_branches_stay(film: Path, git: Git, tell: Tell, machine: Machine) -> None:
    assert tell("merge-lock", "--install").code == Exit.DONE
    _two_branches(film, git, tell, machine, choose=False)
    here = _line(film)
    git("merge", "-q", "--no-edit", "theirs")
    merged = _line(film)
    theirs = Lock(_parse(git("show", "theirs:film.lock"))).lines[ANCHOR]
    artifacts = {take.artifact for take in merged.takes}
    assert artifacts == {take.artifact for line in (here, theirs) for take in line.takes}
    assert len(artifacts) == 6
    plan = tell("plan")
    assert "Nothing to do" in plan.out, plan.out
    assert tell("build").code == Exit.DONE
    assert len(_line(film).takes) == 6


def _parse(text: str) -> list[LockLine]:
    from fvbuild.engine.lock import parse

    return parse(text, "film.lock")


def test_two_approvals_are_a_conflict_and_either_way_out_keeps_every_take(
    film: Path, git: Git, tell: Tell, machine: Machine
) -> None:
    assert tell("merge-lock", "--install").code == Exit.DONE
    _two_branches(film, git, tell, machine, choose=True)
    told = git("merge", "--no-edit", "theirs", code=1)
    assert ANCHOR in told and "1 choice is open" in told
    assert "film.lock" in git("diff", "--name-only", "--diff-filter=U")
    conflict = (film / "film.lock").read_text()
    assert conflict.count("<<<<<<<") == 1

    build = tell("build")
    assert build.code == Exit.USAGE and ANCHOR in build.err and "merge-lock" in build.err
    listed = tell("merge-lock")
    assert listed.code == 1 and f"merge-lock --ours {ANCHOR}" in listed.out
    assert (film / "film.lock").read_text() == conflict

    assert tell("merge-lock", "--ours", "pier/two/anchor").code == Exit.USAGE
    settled = tell("merge-lock", "--theirs", ANCHOR)
    assert settled.code == Exit.DONE and "Nothing is open" in settled.out
    theirs = _parse(git("show", "theirs:film.lock"))
    wanted = next(line for line in theirs if line.node == ANCHOR)
    found = _line(film)
    chosen, meant = found.take(found.chosen), wanted.take(wanted.chosen)
    assert chosen is not None and meant is not None and chosen.artifact == meant.artifact
    assert found.status == "approved" and len(found.takes) == 6
    git.commit("merged")
    assert tell("build").code == Exit.DONE
    assert _line(film) == found
    assert tell("select", ANCHOR, "1").code == Exit.DONE


def test_nothing_in_the_repository_is_run(
    film: Path, git: Git, tell: Tell, machine: Machine
) -> None:
    """git calls the driver in the work tree, which may be that of a branch from anywhere."""
    assert tell("merge-lock", "--install").code == Exit.DONE
    _two_branches(film, git, tell, machine, choose=False)
    for name in ("fvbuild", "argparse"):
        (film / f"{name}.py").write_text(f"open('{name} ran', 'w')\nraise SystemExit(1)\n")
    git("merge", "-q", "--no-edit", "theirs")
    assert not list(film.glob("* ran"))


def test_without_the_driver_git_merges_different_lines_and_the_rest_is_merged_after(
    film: Path, git: Git, tell: Tell, machine: Machine
) -> None:
    assert tell("build").code == Exit.DONE
    (film / ".gitattributes").write_text("/film.lock merge=fvbuild\n")  # nobody told this clone how
    git.commit("first")
    git("branch", "theirs")
    assert tell("approve", "pier/two/segment").code == Exit.DONE
    git.commit("ours")
    git("checkout", "-q", "theirs")
    assert tell("approve", "characters/ann/red").code == Exit.DONE
    git.commit("theirs")
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-edit", "theirs")
    assert _line(film, "pier/two/segment").status == "approved"
    assert _line(film, "characters/ann/red").status == "approved"
    assert "Nothing to do" in tell("plan").out


def test_what_git_merged_line_by_line_is_merged_again_by_the_rules(
    film: Path, git: Git, tell: Tell, machine: Machine
) -> None:
    _two_branches(film, git, tell, machine, choose=False)
    git("merge", "--no-edit", "theirs", code=1)
    assert tell("plan").code == Exit.USAGE
    merged = tell("merge-lock")
    assert merged.code == Exit.DONE and "git add" in merged.err
    assert len(_line(film).takes) == 6
    assert "Nothing to do" in tell("plan").out


def test_an_undo_after_a_merge_finds_the_takes_of_both(
    film: Path, git: Git, tell: Tell, machine: Machine
) -> None:
    assert tell("merge-lock", "--install").code == Exit.DONE
    _two_branches(film, git, tell, machine, choose=False)
    git("merge", "-q", "--no-edit", "theirs")
    assert tell("select", ANCHOR, "5").code == Exit.DONE
    before = _line(film)
    text = (film / "film.yaml").read_text()
    (film / "film.yaml").write_text(text.replace("a boat", "a ship"))
    assert tell("build").code == Exit.DONE
    assert _line(film).key != before.key
    (film / "film.yaml").write_text(text)
    assert tell("build").code == Exit.DONE
    assert _line(film) == before


def test_installing_twice_changes_nothing(film: Path, git: Git, tell: Tell) -> None:
    (film / ".gitattributes").write_text("*.png binary")
    assert "commit it" in tell("merge-lock", "--install").out
    written = (film / ".gitattributes").read_text()
    assert written.splitlines() == [
        "*.png binary", "/film.lock merge=fvbuild", "/film.*.lock merge=fvbuild",
    ]  # fmt: skip
    config = git("config", "--local", "--list")
    assert "merge.fvbuild.driver=" in config
    assert "already" in tell("merge-lock", "--install").out
    assert (film / ".gitattributes").read_text() == written
    assert git("config", "--local", "--list") == config
    for name, merged in (("film.lock", True), ("film.draft.lock", True), ("poetry.lock", False)):
        assert ("fvbuild" in git("check-attr", "merge", name)) == merged


def test_outside_a_repository_there_is_nothing_to_tell(film: Path, tell: Tell) -> None:
    told = tell("merge-lock", "--install")
    assert told.code == Exit.USAGE and "no git repository" in told.err


def test_without_a_conflict_there_is_nothing_to_settle(film: Path, tell: Tell) -> None:
    assert tell("merge-lock").code == Exit.USAGE  # no lock yet
    assert tell("build").code == Exit.DONE
    before = (film / "film.lock").read_bytes()
    told = tell("merge-lock")
    assert told.code == Exit.DONE and "Nothing is open" in told.out
    assert (film / "film.lock").read_bytes() == before
    assert tell("merge-lock", "a", "b").code == Exit.USAGE
    assert tell("merge-lock", "a", "b", "c").code == Exit.USAGE


def test_a_lock_of_a_newer_version_is_merged_line_by_line(
    film: Path, git: Git, tell: Tell, tmp_path: Path
) -> None:
    versions = {"base": ["a", "b", "c"], "ours": ["a2", "b", "c"], "theirs": ["a", "b", "c2"]}
    for name, rows in versions.items():
        (tmp_path / name).write_text("".join(f'{{"newer": "{row}"}}\n' for row in rows))
    files = [str(tmp_path / name) for name in versions]
    told = tell("merge-lock", *files, "film.lock")
    assert told.code == Exit.DONE and "line by line" in told.err
    assert (tmp_path / "ours").read_text().count("2") == 2
    (tmp_path / "theirs").write_text('{"newer": "a3"}\n')
    assert tell("merge-lock", *files, "film.lock").code == 1
    assert "<<<<<<<" in (tmp_path / "ours").read_text()


def test_the_driver_is_quick_to_start() -> None:
    code = (
        "import sys; from fvbuild.cli.main import entry; entry(['merge-lock', '--help']);"
        "bad = {'pydantic', 'av', 'numpy', 'ruamel.yaml'} & set(sys.modules); assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
