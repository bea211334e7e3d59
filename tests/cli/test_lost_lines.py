"""A lock that was cut at the end of a line is told; a branch with another lock is not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from telling import Edit, Tell

from fvbuild.errors import Exit

_SEGMENT = "pier/two/segment"


def _cut(film: Path, node: str) -> None:
    """Leave what stands before a node's line."""
    lock = film / "film.lock"
    rows = lock.read_text().splitlines(keepends=True)
    at = next(n for n, row in enumerate(rows) if f'"node": "{node}"' in row)
    lock.write_text("".join(rows[:at]))


@pytest.fixture
def decided(film: Path, tell: Tell) -> Path:
    """The film, built, with an approval in the last line of its lock."""
    assert tell("build").code == Exit.DONE
    assert tell("approve", _SEGMENT).code == Exit.DONE
    assert tell("build").code == Exit.DONE
    return film


def test_a_lock_cut_at_a_line_end_is_told_and_mended(decided: Path, tell: Tell) -> None:
    whole = (decided / "film.lock").read_bytes()
    _cut(decided, _SEGMENT)
    for verb in ("plan", "build"):
        told = tell(verb)
        assert told.code == Exit.DONE
        assert "film.lock has lost a decision" in told.out + told.err
        assert f"{_SEGMENT} approved" in told.out + told.err
    assert (decided / "film.lock").read_bytes() == whole
    assert "has lost" not in "".join(tell("plan")[1:])


def test_an_approval_that_an_edit_would_lose_is_told_by_the_plan(
    decided: Path, tell: Tell, edit: Edit
) -> None:
    _cut(decided, _SEGMENT)
    edit("action: a gull", "action: two gulls")
    told = tell("plan")
    assert "has lost a decision" in told.out + told.err and "git checkout" in told.out + told.err


def test_lines_that_decide_nothing_are_no_loss(film: Path, tell: Tell) -> None:
    assert tell("build").code == Exit.DONE
    (film / "film.lock").unlink()
    assert "has lost" not in "".join(tell("plan")[1:])


def test_another_branch_with_another_lock_is_no_loss(
    film: Path, tell: Tell, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    git: Callable[..., object] = lambda *words: subprocess.run(  # noqa: E731
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
        cwd=film, check=True, capture_output=True,
    )  # fmt: skip
    (film / ".gitignore").write_text("/out/\n/cache/\n")
    git("init", "-q", "-b", "main")
    assert tell("build").code == Exit.DONE
    git("add", "-A")
    git("commit", "-qm", "first")
    git("checkout", "-qb", "other")
    text = (film / "film.yaml").read_text()
    shot = "      - {id: zulu, action: a storm, duration: 1s}\n"
    (film / "film.yaml").write_text(text + shot)
    edit("action: a gull", "action: two gulls")
    assert tell("build").code == Exit.DONE
    for node in ("pier/zulu/segment", _SEGMENT, "pier/one/anchor"):
        assert tell("approve", node).code == Exit.DONE
    assert tell("build").code == Exit.DONE
    git("add", "-A")
    git("commit", "-qm", "second")
    for branch in ("main", "other", "main"):
        git("checkout", "-q", branch)
        for verb in ("plan", "build", "plan"):
            told = tell(verb)
            assert told.code == Exit.DONE and "has lost" not in told.out + told.err, (branch, verb)
