"""Asking a shared store for takes: many at once, each checked, and only those that count.

A take counts if its record is sound, is of the very recipe and number that were asked for, is
believed (:class:`~fvbuild.engine.shared.Trust`), and every artifact of it is there. The first
request that fails ends the asking: nobody waits for a store that is down a thousand times.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from fvbuild.engine.shared import Shared, Trust, blob_name, exact_name, first_name
from fvbuild.engine.shared_record import Record, parse
from fvbuild.errors import RemoteError

_AT_ONCE = 32

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Want:
    """A take to be asked for. ``artifact``: this very one; None: whatever was made first.

    drawn: the number it was recorded under, which a merge of locks may have changed to ``n``.
    """

    key: str
    n: int
    artifact: str | None = None
    drawn: int = 0

    @property
    def name(self) -> str:
        """The name of its record."""
        number = self.drawn or self.n
        if self.artifact is None:
            return first_name(self.key, number)
        return exact_name(self.key, number, self.artifact)

    def fits(self, record: Record) -> bool:
        """Whether a record is of what was asked for."""
        return (
            record.trace.key == self.key
            and record.take.n == (self.drawn or self.n)
            and self.artifact in (None, record.artifact)
        )


class Looker:
    """Asks one shared store for takes. Safe from several threads.

    ``known`` tells whether an artifact is known to be in the store, so that it need not be asked.
    ``damaged`` are artifacts that lie there with other bytes. ``refused`` are takes that were not
    believed, by the names of their records, with the reason; ``down`` is why nothing more is asked.
    """

    def __init__(self, shared: Shared, trust: Trust, known: Callable[[str], bool]) -> None:
        self._shared = shared
        self.trust = trust
        self._known = known
        self._present: set[str] = set()
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self.damaged: set[str] = set()
        self.refused: dict[str, str] = {}
        self.down: RemoteError | None = None

    def close(self) -> None:
        """End the threads."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def unasked(self, wants: Iterable[Want]) -> list[Want]:
        """Those of some takes that were not asked for yet; from now on they were."""
        if self.down is not None:
            return []
        fresh = []
        with self._lock:
            for want in wants:
                if want.name not in self._asked:
                    self._asked.add(want.name)
                    fresh.append(want)
        return fresh

    def look(self, wants: Sequence[Want]) -> list[tuple[Want, Record]]:
        """The takes that the store has, and that count. Nothing is raised: see ``down``."""
        answers = self._each(self._record, wants)
        found = [(want, answer) for want, answer in zip(wants, answers, strict=True) if answer]
        blobs = dict.fromkeys(d for _, record in found for d in record.blobs)
        unknown = [d for d in blobs if d not in self.damaged and not self._is_there(d)]
        there = self._each(self._has, unknown)
        with self._lock:
            self._present |= {d for d, is_there in zip(unknown, there, strict=True) if is_there}
        return [(w, r) for w, r in found if all(self._is_there(d) for d in r.blobs)]

    def forget(self, digest: str) -> None:
        """An artifact turned out not to be there."""
        with self._lock:
            self._present.discard(digest)

    def _is_there(self, digest: str) -> bool:
        if digest in self.damaged:
            return False
        return digest in self._present or self._known(digest)

    def _record(self, want: Want) -> Record | None:
        text = self._shared.read(want.name)
        record = None if text is None else parse(text)
        if record is None or not want.fits(record):
            return None
        refusal = self.trust.refusal(record)
        if refusal is not None:
            with self._lock:
                self.refused[want.name] = refusal
            return None
        return record

    def _has(self, digest: str) -> bool:
        return self._shared.has(blob_name(digest))

    def _each(
        self, ask: Callable[[Item], Answer | None], items: Sequence[Item]
    ) -> list[Answer | None]:
        """The answers, in order; None for what could not be asked any more."""

        def guarded(item: Item) -> Answer | None:
            if self.down is not None:
                return None
            try:
                return ask(item)
            except RemoteError as error:
                self.down = self.down or error
                return None

        if len(items) <= 1:
            return [guarded(item) for item in items]
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_AT_ONCE, "fvbuild-look")
        return list(self._threads.map(guarded, items))
