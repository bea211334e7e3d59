"""Garbage collection: what no lock, at any git revision, and no current node needs any more.

A dry run unless told otherwise. What was paid for is named with its price, and the ledger and the
diary are never touched.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine import assembly
from fvbuild.engine.action import Money
from fvbuild.engine.lock import Lock, LockLine, parse
from fvbuild.engine.sniff import ASSEMBLY
from fvbuild.engine.state import State, Take
from fvbuild.engine.store import DiskStore
from fvbuild.errors import ArtifactError, StateError

_GIT_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class GcItem:
    """An artifact that nothing needs: what it was and what it would cost to make again."""

    digest: str
    size_bytes: int
    node: str | None
    cost: Money | None
    made_at: str


@dataclass(frozen=True, slots=True)
class GcReport:
    """What was, or would be, removed."""

    items: tuple[GcItem, ...]
    size_bytes: int
    kept: int
    applied: bool


def locks_in_git(folder: Path) -> Iterator[tuple[str, str]]:
    """Every version of every lock below ``folder`` that some git ref holds, with its place.

    Nothing outside a work tree. Raises StateError when git fails inside one: then nothing can be
    known to be garbage.
    """
    if not _in_work_tree(folder):
        return
    refs = _git(folder, "for-each-ref", "--format=%(objectname)").split()
    head = _git(folder, "rev-list", "--max-count=1", "HEAD", "--").split() if refs else []
    seen: set[str] = set()
    for commit in dict.fromkeys([*refs, *head]):
        listing = _git(folder, "ls-tree", "-r", "--full-tree", commit, missing_ok=True)
        for row in listing.splitlines():
            meta, _, path = row.partition("\t")
            blob = meta.split()[2]
            if path.endswith(".lock") and blob not in seen:
                seen.add(blob)
                yield f"{commit[:10]}:{path}", _git(folder, "cat-file", "blob", blob)


def _in_work_tree(folder: Path) -> bool:
    try:
        found = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--is-inside-work-tree"],
            capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return any((parent / ".git").exists() for parent in (folder, *folder.parents))
    return found.returncode == 0


def _git(folder: Path, *words: str, missing_ok: bool = False) -> str:
    try:
        found = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StateError(f"git cannot be asked for the locks: {error}", hint=_GIT_HINT) from error
    if found.returncode and not missing_ok:
        if "unknown revision" in found.stderr or "bad revision" in found.stderr:
            return ""
        raise StateError(f"git failed: {found.stderr.strip()[:200]}", hint=_GIT_HINT)
    return found.stdout


_GIT_HINT = "what other revisions need cannot be known without git; nothing was removed"


def lock_lines(folder: Path) -> Iterator[LockLine]:
    """Lines of every lock in the working tree below ``folder`` and at every git ref.

    A lock of the working tree that cannot be read stops everything (StateError); an old revision's
    that is not a lock of ours is passed over.
    """
    for path in folder.rglob("*.lock"):
        if path.with_name(f"{path.name.partition('.')[0]}.yaml").exists() or _looks_like_ours(path):
            yield from Lock.read(path).lines.values()
    for place, text in locks_in_git(folder):
        if text.startswith('{"node"'):
            yield from parse(text, place)


def _looks_like_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(8) == b'{"node":'
    except OSError:
        return False


def collect(
    store: DiskStore, state: State, folder: Path, live_keys: Iterable[str], *, apply: bool
) -> GcReport:
    """Find, and with ``apply`` remove, the artifacts that nothing needs.

    Roots: lock lines (working tree below ``folder`` and all git refs), and the last keys of every
    film that used this state.
    """
    keys = set(live_keys)
    needed: set[str] = set()
    for line in lock_lines(folder):
        keys.add(line.key)
        needed |= {take.artifact for take in line.takes}
    takes = list(state.all_takes())
    for key, take in takes:
        if key in keys:
            needed |= {output.digest for output in take.outputs}
    needed |= _pieces(store, takes, needed)
    makers = {output.digest: (key, take) for key, take in takes for output in take.outputs}
    items, kept = [], 0
    for digest, path in store.digests():
        if digest in needed:
            kept += 1
        else:
            items.append(_item(digest, path, makers.get(digest), state.diary.node_of(digest)))
    if apply:
        _remove(store, state, items, takes)
    items.sort(key=lambda item: (item.cost is None, -item.size_bytes))
    return GcReport(tuple(items), sum(i.size_bytes for i in items), kept, apply)


def _pieces(store: DiskStore, takes: list[tuple[str, Take]], needed: set[str]) -> set[str]:
    """What needed assemblies are made of."""
    found: set[str] = set()
    for _, take in takes:
        for output in take.outputs:
            if output.media_type == ASSEMBLY and output.digest in needed:
                try:
                    found |= assembly.parse(store.read(output.digest)).artifacts
                except ArtifactError:
                    continue
    return found


def _item(digest: str, path: Path, maker: tuple[str, Take] | None, node: str | None) -> GcItem:
    take = maker[1] if maker else None
    return GcItem(
        digest=digest,
        size_bytes=path.stat().st_size,
        node=node,
        cost=take.cost if take else None,
        made_at=take.made_at if take else "",
    )


def _remove(
    store: DiskStore, state: State, items: list[GcItem], takes: list[tuple[str, Take]]
) -> None:
    gone = {item.digest for item in items}
    forgotten = [
        (key, take.n) for key, take in takes if any(o.digest in gone for o in take.outputs)
    ]
    # Traces first: a trace without its artifact would be a loss to report, not garbage.
    with state.transaction():
        state.forget_takes(forgotten)
        state.stats.forget_artifacts(gone)
    store.remove(gone)
