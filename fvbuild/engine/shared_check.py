"""Reading a shared store again: what of the takes that a film needs is missing there, or damaged.

A build notices that only of what it brings. Here every record is read, and every artifact digested.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum

from fvbuild.engine.action import Money
from fvbuild.engine.shared import Shared, Trust, blob_name
from fvbuild.engine.shared_look import Want
from fvbuild.engine.shared_outbox import Progress, unheard
from fvbuild.engine.shared_record import Record, parse

_AT_ONCE = 16


class Fault(StrEnum):
    """What is wrong with an artifact in a shared store."""

    MISSING = "missing"
    DAMAGED = "damaged"
    UNNAMED = "unnamed"
    """No record names it that can be read, so nobody finds it."""
    UNTRUSTED = "untrusted"
    """Its record is by nobody whose takes count here."""


@dataclass(frozen=True, slots=True)
class Need:
    """A take that the store should have: for a node, under a record, with artifacts."""

    node: str
    want: Want
    digests: tuple[str, ...]
    cost: Money | None = None


@dataclass(slots=True)
class SharedProblem:
    """An artifact that a clone would not get. ``cost`` is what it cost."""

    digest: str
    fault: Fault
    nodes: list[str] = field(default_factory=list)
    cost: Money | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """How many takes and artifacts were looked at, and what is wrong. ``whole`` are the artifacts
    whose bytes are what their names say."""

    takes: int
    whole: frozenset[str]
    problems: tuple[SharedProblem, ...]
    size_bytes: int

    def of(self, fault: Fault) -> frozenset[str]:
        """The artifacts with this fault."""
        return frozenset(problem.digest for problem in self.problems if problem.fault is fault)


class Checker:
    """Checks one shared store. ``told`` hears of how many artifacts how many were read, and their
    bytes; ``stop`` ends the reading."""

    def __init__(
        self,
        shared: Shared,
        trust: Trust,
        told: Progress = unheard,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._shared = shared
        self._trust = trust
        self._told = told
        self._stop = stop
        self._lock = threading.Lock()
        self._size_bytes = 0
        self._done = 0

    def check(self, needs: Iterable[Need]) -> Checked:
        """Read all that the needs name. Raises RemoteError when the store fails."""
        needs = list({need.want.name: need for need in needs}.values())
        with ThreadPoolExecutor(_AT_ONCE, "fvbuild-check") as threads:
            records = list(threads.map(lambda need: self._record(need.want), needs))
            nodes: dict[str, list[Need]] = {}
            for need, record in zip(needs, records, strict=True):
                pieces = record.blobs if isinstance(record, Record) else ()
                for digest in dict.fromkeys((*need.digests, *pieces)):
                    nodes.setdefault(digest, []).append(need)
            total = len(nodes)
            faults = list(threads.map(lambda digest: self._read(digest, total), nodes))
        found = dict(zip(nodes, faults, strict=True))
        problems = {
            digest: _problem(digest, fault, nodes[digest])
            for digest, fault in found.items()
            if fault is not None
        }
        for need, record in zip(needs, records, strict=True):
            first = need.digests[0]
            if isinstance(record, Fault) and first not in problems:
                problems[first] = _problem(first, record, nodes[first])
        whole = frozenset(digest for digest, fault in found.items() if fault is None)
        ordered = sorted(problems.values(), key=lambda each: (each.cost is None, each.nodes))
        return Checked(len(needs), whole, tuple(ordered), self._size_bytes)

    def _record(self, want: Want) -> Record | Fault | None:
        """A take's record, or what is wrong with it; None when that was not looked at any more."""
        if self._stop():
            return None
        text = self._shared.read(want.name)
        record = parse(text) if text is not None else None
        if record is None or not want.fits(record):
            return Fault.UNNAMED
        return Fault.UNTRUSTED if self._trust.refusal(record) is not None else record

    def _read(self, digest: str, total: int) -> Fault | None:
        if self._stop():
            return None
        # Damaged on their way, perhaps: what lies there is so only if it comes so twice.
        found = self._digested(digest)
        if found is not None and found != digest:
            found = self._digested(digest)
        with self._lock:
            self._done += 1
            self._told(total, self._done, self._size_bytes)
        if found is None:
            return Fault.MISSING
        return None if found == digest else Fault.DAMAGED

    def _digested(self, digest: str) -> str | None:
        """What the bytes under an artifact's name give; None when there are none."""
        sha, size_bytes = hashlib.sha256(), 0
        with self._shared.stream(blob_name(digest)) as pieces:
            if pieces is None:
                return None
            for piece in pieces:
                sha.update(piece)
                size_bytes += memoryview(piece).nbytes
        with self._lock:
            self._size_bytes += size_bytes
        return sha.hexdigest()


def _problem(digest: str, fault: Fault, needs: Sequence[Need]) -> SharedProblem:
    nodes = sorted({need.node for need in needs})
    cost = next((need.cost for need in needs if need.cost and digest in need.digests), None)
    return SharedProblem(digest, fault, nodes, cost)
