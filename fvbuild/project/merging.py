"""Locks that went different ways: merged for git, settled by a person, and how git is told."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine import lock_marks
from fvbuild.engine.lock_line import LockLine, parse
from fvbuild.engine.lock_merge import Merged, merge, spared
from fvbuild.errors import StateError, StoreError, UsageError

DRIVER = "fvbuild"
_GIT_TIMEOUT_S = 60
_STAGES = ("base", "ours", "theirs")


def merge_files(base: Path, ours: Path, theirs: Path, place: str) -> Merged:
    """Merge three versions, and write the result over ``ours``, as git wants of a merge driver.

    Raises StateError when one of them is no lock; nothing is written then.
    """
    before, here, there = (parse(_read(path), place) for path in (base, ours, theirs))
    merged = merge(before, here, there)
    _write(ours, lock_marks.text_of(merged))
    return merged


def merge_as_text(base: Path, ours: Path, theirs: Path) -> bool:
    """Let git merge line by line what we do not understand; True when nothing is left open."""
    words = ["merge-file", "-L", "ours", "-L", "base", "-L", "theirs"]
    done = _run([*words, str(ours), str(base), str(theirs)], Path())
    if done.returncode < 0 or done.returncode > 127:
        raise StateError(f"git cannot merge the lock: {done.stderr.decode(errors='replace')}")
    return done.returncode == 0


def merge_again(path: Path) -> Merged:
    """Merge what git left in a lock, and write it. What is settled already stays.

    The three versions are git's, where it has them and merged line by line; else they are read
    from between the marks. Raises StateError.
    """
    text = _read(path)
    if not lock_marks.is_marked(text):
        return Merged(tuple(parse(text, str(path))), ())
    staged = _staged(path) if lock_marks.is_marked_by_git(text) else None
    if staged is None:
        sides = lock_marks.sides_of(text, str(path)).parsed(str(path))
    else:
        first, second, third = (parse(each, str(path)) for each in staged)
        sides = first, second, third
    merged = merge(*sides)
    _write(path, lock_marks.text_of(merged))
    return merged


def settle(path: Path, nodes: Collection[str], *, ours: bool) -> tuple[list[LockLine], Merged]:
    """Settle open choices, all or those of ``nodes``, one way; the lines that count now, and what
    is left. Takes of another recipe, which the line that yields lists, are kept as a spare.

    Raises StateError, and UsageError for a node about which nothing is open.
    """
    merged = merge_again(path)
    unknown = set(nodes) - {each.node for each in merged.conflicts}
    if unknown:
        open_nodes = ", ".join(each.node for each in merged.conflicts) or "nothing"
        raise UsageError(
            f"nothing is open about '{min(unknown)}'",
            place=str(path),
            hint=f"open: {open_nodes}",
        )
    chosen: list[LockLine] = []
    lines, left = list(merged.lines), []
    for each in merged.conflicts:
        if nodes and each.node not in nodes:
            left.append(each)
            continue
        kept, yields = (each.ours, each.theirs) if ours else (each.theirs, each.ours)
        chosen.append(kept)
        lines += [kept] if kept.key == yields.key else [kept, spared(yields)]
    lines.sort(key=lambda line: line.node)
    result = Merged(tuple(lines), tuple(left))
    _write(path, lock_marks.text_of(result))
    return chosen, result


# --- telling git ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the driver was written down; what was there already is None."""

    attributes: Path | None
    configured: bool


def attributes_of(film: Path) -> list[str]:
    """The lines of ``.gitattributes`` beside a film: its lock and those of its profiles."""
    name = film.stem.replace(" ", "?")
    return [f"/{name}.lock merge={DRIVER}", f"/{name}.*.lock merge={DRIVER}"]


def install(film: Path) -> Installed:
    """Write the film's locks into ``.gitattributes`` beside it, and the driver into the
    repository's own configuration. Raises UsageError outside a repository, and StoreError."""
    folder = film.parent
    if _git(folder, "rev-parse", "--git-dir", may_fail=True) is None:
        raise UsageError(
            "the film is in no git repository", place=str(folder), hint="git init begins one"
        )
    path = folder / ".gitattributes"
    text = _read(path)
    missing = [line for line in attributes_of(film) if line not in text.splitlines()]
    if missing:
        gap = "" if not text or text.endswith("\n") else "\n"
        _write(path, text + gap + "\n".join(missing) + "\n")
    wanted = {
        f"merge.{DRIVER}.name": "takes of both sides, and only a real choice as a conflict",
        f"merge.{DRIVER}.driver": _driver(),
    }
    stale = {
        name: value
        for name, value in wanted.items()
        if _git(folder, "config", "--local", "--get", name, may_fail=True) != value
    }
    for name, value in stale.items():
        _git(folder, "config", "--local", name, value)
    return Installed(path if missing else None, bool(stale))


def _driver() -> str:
    """What git runs: this very program; where it is gone, what git does without a driver."""
    ours = f"{shlex.quote(sys.executable)} -P -m fvbuild merge-lock %O %A %B %P"
    return (
        f"if test -x {shlex.quote(sys.executable)}; then {ours}; "
        "else git merge-file -L ours -L base -L theirs %A %O %B; fi"
    )


def _staged(path: Path) -> list[str] | None:
    """Git's three versions of a file that it could not merge, the empty text for one that is not
    there; None when git knows nothing of a merge."""
    listed = _git(path.parent, "ls-files", "--unmerged", "-z", "--", path.name, may_fail=True)
    blobs = {}
    for row in (listed or "").split("\0"):
        meta, _, _ = row.partition("\t")
        if meta:
            _, blob, stage = meta.split()
            blobs[int(stage)] = blob
    if not blobs.keys() >= {2, 3}:
        return None
    return [
        _git(path.parent, "cat-file", "blob", blobs[n], strip=False) or "" if n in blobs else ""
        for n in (1, 2, 3)
    ]


def _git(folder: Path, *words: str, may_fail: bool = False, strip: bool = True) -> str | None:
    done = _run(list(words), folder)
    if done.returncode:
        if may_fail:
            return None
        message = done.stderr.decode(errors="replace").strip()[:200]
        raise StateError(f"git {words[0]} failed: {message}", place=str(folder))
    text = done.stdout.decode(errors="replace")
    return text.strip() if strip else text


def _run(words: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, timeout=_GIT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StateError(f"git cannot be run: {error}", hint="is git installed?") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"it cannot be read: {error}", place=str(path)) from error


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        raise StoreError(
            f"it cannot be written: {error.strerror}",
            place=str(path),
            hint="make the folder writable and try again",
        ) from error
