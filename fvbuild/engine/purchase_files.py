"""The folders of open purchases, and a written record beside the state file.

Every open purchase has ``cache/purchases/<id>/`` with ``purchase.json`` (its entry) and ``answer/``
(what came back). The file is there before the request is made; a folder without it belongs to a
purchase that never left this machine. ``closed.jsonl`` lists what is over. From these the ledger is
made again when the state file is lost.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from fvbuild.engine.disk import writing
from fvbuild.engine.entry import Entry, entry_from, text_of

_RECORD = "purchase.json"
_CLOSED = "closed.jsonl"


class PurchaseFiles:
    """``cache/purchases``. Raises StoreError where the disk refuses."""

    def __init__(self, cache: Path) -> None:
        self.root = cache / "purchases"

    def exist(self) -> bool:
        """True once anything was ever bought here."""
        return os.path.isdir(self.root)  # noqa: PTH112 - hot path: asked for every take

    def answer(self, purchase_id: str) -> Path:
        """Where a purchase's answer is kept."""
        return self.root / purchase_id / "answer"

    def make_root(self) -> None:
        """Make the folder of all purchases."""
        with writing(self.root):
            self.root.mkdir(parents=True, exist_ok=True)

    def make(self, purchase_id: str) -> Path:
        """Make the folders of a purchase; where its answer is kept."""
        answer = self.answer(purchase_id)
        with writing(self.root):
            answer.mkdir(parents=True, exist_ok=True)
        return answer

    def write(self, entry: Entry) -> None:
        """Write down an entry, whole or not at all, durably."""
        folder = self.root / entry.id
        with writing(self.root):
            is_new = not (folder / _RECORD).exists()
            temporary = folder / f"{_RECORD}.new"
            temporary.write_bytes(text_of(entry).encode())
            _flush(temporary)
            temporary.replace(folder / _RECORD)
            _flush(folder)
            if is_new:
                _flush(self.root)

    def flush_answer(self, purchase_id: str) -> None:
        """Make all that lies in the answer's folder durable."""
        folder = self.answer(purchase_id)
        with writing(self.root):
            for path in [*folder.rglob("*"), folder]:
                _flush(path)

    def read(self, purchase_id: str) -> Entry | None:
        """The written entry of a purchase; None when there is none that can be read."""
        try:
            return entry_from((self.root / purchase_id / _RECORD).read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def is_written(self, purchase_id: str) -> bool:
        """True when a purchase has a record, be it one that cannot be read."""
        return self.record(purchase_id).exists()

    def record(self, purchase_id: str) -> Path:
        """Where a purchase's entry is written."""
        return self.root / purchase_id / _RECORD

    def ids(self) -> list[str]:
        """The purchases that have a folder."""
        try:
            with os.scandir(self.root) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir())
        except OSError:
            return []

    def close(self, entries: Iterable[Entry]) -> None:
        """List entries as over and remove their folders; what the disk refuses is done later."""
        lines = [(entry.id, text_of(entry) + "\n") for entry in entries]
        with contextlib.suppress(OSError):
            with (self.root / _CLOSED).open("ab") as file:
                file.write("".join(line for _, line in lines).encode())
            for purchase_id, _ in lines:
                self.remove(purchase_id)

    def remove(self, purchase_id: str) -> None:
        """Remove a purchase's folder, its record last: half a folder must not look unsent."""
        folder = self.root / purchase_id
        with contextlib.suppress(OSError):
            shutil.rmtree(self.answer(purchase_id), ignore_errors=True)
            shutil.rmtree(folder)

    def all(self) -> list[Entry]:
        """All that was ever written down: what is over, then what is open."""
        found = {entry.id: entry for entry in self._closed()}
        for purchase_id in self.ids():
            written = self.read(purchase_id)
            if written is not None:
                found.setdefault(purchase_id, written)
        return list(found.values())

    def _closed(self) -> Iterator[Entry]:
        try:
            data = (self.root / _CLOSED).read_bytes()
        except OSError:
            return
        for line in data.splitlines():
            # The last line may be torn.
            with contextlib.suppress(ValueError, TypeError, KeyError):
                yield entry_from(line.decode())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
