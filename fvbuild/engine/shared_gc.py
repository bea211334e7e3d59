"""Garbage collection of a shared store: what no lock, at any git ref, needs any more.

A generated take is needed while a lock names its key or its artifact. What is derived from takes
(clips made ready, mixes, films) is needed while nothing that it is made from is garbage. Nothing
young is touched: somebody may have made it and not yet pushed the lock that names it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fvbuild.engine.action import Money
from fvbuild.engine.gc import roots
from fvbuild.engine.shared import QUARANTINES, Found, Shared, blob_name
from fvbuild.engine.shared_record import Record, parse
from fvbuild.errors import StateError, UsageError

_AT_ONCE = 32
_GIT_TIMEOUT_S = 60
_ASIDE = ("claims/", QUARANTINES)
_RECORDS, _BLOBS = "ac/", "cas/"


@dataclass(frozen=True, slots=True)
class RemoteItem:
    """A take that nothing needs: what it was made for, and what it would cost to make again.

    ``size_bytes`` are those of its artifacts that nothing else needs. ``kept``: it was paid for,
    and is not removed without being asked for by name.
    """

    node: str
    n: int
    artifact: str
    origin: str
    cost: Money | None
    made_at: str
    size_bytes: int
    kept: bool


@dataclass(frozen=True, slots=True)
class RemoteReport:
    """What was, or would be, removed from a shared store.

    orphans: artifacts that no record names; aside: old claims and quarantines. kept: takes that are
    needed, or young.
    """

    place: str
    items: tuple[RemoteItem, ...]
    orphans: int
    aside: int
    size_bytes: int
    kept: int
    applied: bool


@dataclass(slots=True)
class _Known:
    """A take of the store, under all its names."""

    record: Record
    names: list[str]
    modified_s: float


def locked(films: Iterable[Path], beside: Iterable[Path] = ()) -> tuple[set[str], set[str]]:
    """Keys and artifacts of all locks of the repositories that ``films`` lie in: in their work
    trees and at every ref. ``beside`` are further folders, in a repository or not.

    Raises UsageError where a film lies in no repository, and StateError where a clone is shallow:
    then what others need cannot be known.
    """
    folders = {_repository(film.resolve()): None for film in films}
    for folder in beside:
        below = folder.resolve()
        if not any(below.is_relative_to(other) for other in folders):
            folders[below] = None
    keys: set[str] = set()
    artifacts: set[str] = set()
    for folder in folders:
        more_keys, more_artifacts = roots(folder)
        keys |= more_keys
        artifacts |= more_artifacts
    return keys, artifacts


def _repository(film: Path) -> Path:
    """The work tree that a film lies in, which must be of a whole clone."""
    folder = next((each for each in (film, *film.parents) if (each / ".git").exists()), None)
    if folder is None:
        raise UsageError(
            "what others need is known from the locks in git, and this film is in no repository",
            place=str(film),
            hint="run it in a full clone of the film's repository, after 'git fetch --all'",
        )
    _must_be_whole(folder)
    return folder


def _must_be_whole(folder: Path) -> None:
    words = ["git", "-C", str(folder), "rev-parse", "--is-shallow-repository"]
    try:
        found = subprocess.run(words, capture_output=True, timeout=_GIT_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StateError(f"git cannot be asked: {error}") from error
    if found.stdout.strip() != b"false":
        raise StateError(
            "this clone is shallow, so that branches and their locks may be missing",
            place=str(folder),
            hint="git fetch --unshallow, then git fetch --all",
        )


def collect_remote(
    shared: Shared,
    keys: set[str],
    artifacts: set[str],
    *,
    before_s: float,
    apply: bool,
    paid: bool,
) -> RemoteReport:
    """Find, and with ``apply`` remove, what was written before ``before_s`` (seconds since the
    epoch) and is not needed; takes that were paid for only with ``paid``. Raises RemoteError."""
    records = list(shared.list(_RECORDS))
    blobs = {found.name: found for found in shared.list(_BLOBS)}
    known, senseless = _read(shared, records)
    garbage = _garbage(known, keys, artifacts)
    old = [take for take in garbage if take.modified_s < before_s]
    goes = [take for take in old if paid or not _was_paid(take.record)]
    going = {id(take) for take in goes}
    stays = [take for take in known if id(take) not in going]
    needed = {blob_name(digest) for take in stays for digest in take.record.blobs}
    dead = {
        name: found
        for name, found in blobs.items()
        if name not in needed and found.modified_s < before_s
    }
    named = {blob_name(digest) for take in goes for digest in take.record.blobs}
    aside = [f for prefix in _ASIDE for f in shared.list(prefix) if f.modified_s < before_s]
    wrong = [found for found in senseless if found.modified_s < before_s]
    report = RemoteReport(
        shared.place,
        _items(old, going, dead),
        sum(name not in named for name in dead) + len(wrong),
        len(aside),
        sum(found.size_bytes for found in dead.values()),
        len(known) - len(goes),
        apply,
    )
    if apply:
        # Records first: one without its artifacts would be asked for in vain.
        shared.delete([*(n for take in goes for n in take.names), *(f.name for f in wrong)])
        shared.delete([*dead, *(found.name for found in aside)])
    return report


def _read(shared: Shared, records: Sequence[Found]) -> tuple[list[_Known], list[Found]]:
    """The takes of a store, and what lies among the records and is none."""
    with ThreadPoolExecutor(_AT_ONCE, "fvbuild-gc") as threads:
        texts = list(threads.map(lambda found: shared.read(found.name), records))
    known: dict[str, _Known] = {}
    senseless: list[Found] = []
    for found, text in zip(records, texts, strict=True):
        record = parse(text) if text is not None else None
        if record is None:
            senseless.append(found)
            continue
        take = known.setdefault(record.names[0], _Known(record, [], 0.0))
        take.names.append(found.name)
        take.modified_s = max(take.modified_s, found.modified_s)
    return list(known.values()), senseless


def _garbage(known: Sequence[_Known], keys: set[str], artifacts: set[str]) -> list[_Known]:
    """The takes that nothing needs."""
    recipes = {id(take): _recipe(take.record) for take in known}
    makers: dict[str, list[_Known]] = {}
    for take in known:
        content = take.record.take.content
        # What passes an input on as it is does not make it.
        if content not in _inputs(recipes[id(take)]):
            makers.setdefault(content, []).append(take)
    dead = {
        id(take)
        for take in known
        if _is_generated(take.record, recipes[id(take)])
        and take.record.trace.key not in keys
        and take.record.artifact not in artifacts
    }
    changed = True
    while changed:
        changed = False
        for take in known:
            recipe = recipes[id(take)]
            if id(take) in dead or _is_generated(take.record, recipe):
                continue
            if any(
                (made := makers.get(content)) and all(id(maker) in dead for maker in made)
                for content in _inputs(recipe)
            ):
                dead.add(id(take))
                changed = True
    return [take for take in known if id(take) in dead]


def _recipe(record: Record) -> Mapping[str, object]:
    try:
        found = json.loads(record.trace.recipe)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_generated(record: Record, recipe: Mapping[str, object]) -> bool:
    """Takes and adopted files are in locks; what is derived from them is not."""
    return "target" in recipe or record.take.origin == "adopted"


def _inputs(recipe: Mapping[str, object]) -> list[str]:
    inputs = recipe.get("inputs")
    roles = inputs.values() if isinstance(inputs, dict) else ()
    return [
        each for role in roles if isinstance(role, list) for each in role if isinstance(each, str)
    ]


def _was_paid(record: Record) -> bool:
    cost = record.take.cost
    return record.take.origin == "adopted" or (cost is not None and cost.amount > 0)


def _items(
    old: Sequence[_Known], going: set[int], dead: Mapping[str, Found]
) -> tuple[RemoteItem, ...]:
    """What is told of garbage: what was paid for first, then the largest."""
    items, counted = [], set[str]()
    for known in old:
        record = known.record
        own = {blob_name(d) for d in record.blobs} & dead.keys() - counted
        counted |= own if id(known) in going else set()
        items.append(
            RemoteItem(
                record.node,
                record.take.n,
                record.artifact,
                record.take.origin,
                record.take.cost,
                record.take.made_at,
                sum(dead[name].size_bytes for name in own),
                kept=id(known) not in going,
            )
        )
    return tuple(sorted(items, key=lambda i: (not i.kept, i.cost is None, -i.size_bytes, i.node)))
