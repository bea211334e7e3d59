"""Garbage collection: what no lock, at any git revision, and no current node needs any more.

A dry run unless told otherwise. What was paid for is named with its price, and the ledger and the
diary are never touched.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine import assembly
from fvbuild.engine.action import Money
from fvbuild.engine.lock import Lock
from fvbuild.engine.sniff import ASSEMBLY
from fvbuild.engine.state import State
from fvbuild.engine.store import DiskStore, Health
from fvbuild.engine.takes import Take
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


def locks_in_git(folder: Path) -> Iterator[bytes]:
    """Every version of every lock that some git ref holds, in the repository of ``folder``.

    Nothing outside a work tree. Raises StateError when git fails inside one: then nothing can be
    known to be garbage.
    """
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return
    refs = _git(folder, "for-each-ref", "--format=%(objectname)").split()
    head = _git(folder, "rev-list", "--max-count=1", "HEAD", "--").split() if refs else []
    seen: set[bytes] = set()
    for commit in dict.fromkeys([*refs, *head]):
        # NUL between rows: otherwise git writes names that are not ASCII in its own way.
        rows = _git(folder, "ls-tree", "-r", "-z", "--full-tree", commit.decode(), missing_ok=True)
        for row in rows.split(b"\0"):
            meta, _, path = row.partition(b"\t")
            if path.endswith(b".lock") and (blob := meta.split()[2]) not in seen:
                seen.add(blob)
                yield _git(folder, "cat-file", "blob", blob.decode())


def _git(folder: Path, *words: str, missing_ok: bool = False) -> bytes:
    try:
        found = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True, timeout=_GIT_TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StateError(f"git cannot be asked for the locks: {error}", hint=_GIT_HINT) from error
    if found.returncode and not missing_ok:
        message = found.stderr.decode(errors="replace").strip()
        if "unknown revision" in message or "bad revision" in message:
            return b""
        raise StateError(f"git failed: {message[:200]}", hint=_GIT_HINT)
    return found.stdout


_GIT_HINT = "what is needed elsewhere cannot be known without it; nothing was removed"


def roots(folder: Path) -> tuple[set[str], set[str]]:
    """Keys and artifacts that locks name: in the working tree below ``folder``, at every git ref.

    A lock of the working tree that cannot be read stops everything (StateError). Of old revisions
    whatever looks like a key or an artifact counts: those may be from any version of this program.
    """
    keys: set[str] = set()
    artifacts: set[str] = set()
    for path in folder.rglob("*.lock"):
        if path.is_file() and _ours(path):
            for line in Lock.read(path).lines.values():
                keys.add(line.key)
                artifacts |= {take.artifact for take in line.takes}
    for text in locks_in_git(folder):
        keys |= {found.decode() for found in _KEY.findall(text)}
        artifacts |= {found.decode() for found in _ARTIFACT.findall(text)}
    return keys, artifacts


_KEY = re.compile(rb'"key":\s*"([0-9a-f]{32})"')
_ARTIFACT = re.compile(rb'"artifact":\s*"([0-9a-f]{64})"')


def _ours(path: Path) -> bool:
    """Other programs have locks too: ours lies beside its film, or reads like one."""
    parts = path.name.split(".")[:-1]
    films = (".".join(parts[:end]) + ".yaml" for end in range(1, len(parts) + 1))
    if any(path.with_name(film).exists() for film in films):
        return True
    try:
        return b'{"node":' in path.read_bytes()
    except OSError as error:
        raise StateError(
            f"the lock cannot be read: {error}", place=str(path), hint=_GIT_HINT
        ) from error


def collect(
    store: DiskStore,
    state: State,
    folder: Path,
    live_keys: Iterable[str],
    *,
    apply: bool,
    others: Iterable[Path] = (),
) -> GcReport:
    """Find, and with ``apply`` remove, the artifacts that nothing needs.

    Roots: lock lines (working tree below ``folder`` and ``others``, and all git refs there), and
    the last keys of every film that used this state. A damaged file of what the shared store has
    is of no use to anybody.
    """
    keys, needed = roots(folder)
    keys |= set(live_keys)
    for other in others:
        of_other = roots(other)
        keys |= of_other[0]
        needed |= of_other[1]
    takes = list(state.all_takes())
    for key, take in takes:
        if key in keys:
            needed |= {output.digest for output in take.outputs}
    needed |= _pieces(store, takes, needed)
    makers = {output.digest: (key, take) for key, take in takes for output in take.outputs}
    items, kept = [], 0
    for digest, path in store.digests():
        if digest in needed and store.health(digest) is not Health.AWAY:
            kept += 1
        else:
            items.append(_item(digest, path, makers.get(digest), state.diary.node_of(digest)))
    if apply:
        _remove(store, state, items, takes, needed)
    items.sort(key=lambda item: (item.cost is None, -item.size_bytes))
    return GcReport(tuple(items), sum(i.size_bytes for i in items), kept, apply)


def _pieces(store: DiskStore, takes: list[tuple[str, Take]], needed: set[str]) -> set[str]:
    """What needed assemblies are made of."""
    found: set[str] = set()
    for _, take in takes:
        for output in take.outputs:
            if output.media_type == ASSEMBLY and output.digest in needed:
                try:
                    found.update(assembly.parse(store.read(output.digest)).artifacts)
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
    store: DiskStore,
    state: State,
    items: list[GcItem],
    takes: list[tuple[str, Take]],
    needed: set[str],
) -> None:
    gone = {item.digest for item in items}
    lost = gone - needed
    forgotten = [
        (key, take.n) for key, take in takes if any(o.digest in lost for o in take.outputs)
    ]
    # Traces first: a trace without its artifact would be a loss to report, not garbage.
    with state.transaction():
        state.forget_takes(forgotten)
        state.stats.forget_artifacts(gone)
    store.remove(gone)
