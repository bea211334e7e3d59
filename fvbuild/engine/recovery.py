"""What became of purchases whose build is gone, by what it had written down.

| written                               | so                                                |
|---------------------------------------|---------------------------------------------------|
| a row, no file                        | nothing was sent: not accepted                    |
| a row, a file that cannot be read     | as the row says                                   |
| no row, a file that cannot be read    | nobody knows what it was: a person must look      |
| intended, may be sent again           | sent again, under the same id                     |
| intended, would cost nothing          | not accepted                                      |
| intended, otherwise                   | unknown: a person must say                        |
| submitted                             | gone on with                                      |
| received                              | gone on with; if the answer is gone, as before it |
| a file, no row (the state was lost)   | as the file says                                  |
"""

from __future__ import annotations

from dataclasses import replace

from fvbuild.engine.entry import Entry
from fvbuild.engine.leases import Leases
from fvbuild.engine.purchase import Stage
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.purchase_table import PurchaseTable
from fvbuild.errors import UnresolvedError

_ORDER = (Stage.INTENDED, Stage.SUBMITTED, Stage.RECEIVED)
ANSWER_LOST = "it was bought, and what came back is gone from cache/purchases"
UNANSWERED = "the program was stopped before the provider answered the request"


def recovered(
    table: PurchaseTable, files: PurchaseFiles, leases: Leases | None, at: str
) -> tuple[list[Entry], list[Entry]]:
    """Bring the table up to date, inside a transaction: what is open, and what is over.

    Purchases whose lease another build holds are left as they are, and out. Raises UnresolvedError
    for one that was written down, and of which nothing can be read.
    """
    rows = {entry.id: entry for entry in table.open()}
    over: list[Entry] = []
    folders = files.ids()
    for purchase_id in folders:
        if purchase_id in rows:
            continue
        known = table.one(purchase_id)
        written = files.read(purchase_id)
        if known is None and written is not None:
            rows[purchase_id] = written
        elif known is None and files.is_written(purchase_id):
            raise _unreadable(purchase_id, files)
        else:
            # Closed already, or its build was killed before it was written down at all.
            files.remove(purchase_id)
    open_: list[Entry] = []
    changed: list[Entry] = []
    for entry in rows.values():
        if leases is not None and not _abandoned(entry, leases):
            continue
        now = brought_up_to_date(entry, files, at)
        changed.append(now)
        (open_ if now.open else over).append(now)
    table.put(changed)
    return open_, over


def _unreadable(purchase_id: str, files: PurchaseFiles) -> UnresolvedError:
    record = files.record(purchase_id)
    return UnresolvedError(
        "something was bought, or about to be, and its record is damaged",
        place=str(record),
        hint="see at the provider what was made last; to go on without it, which may buy it again, "
        f"delete the folder {record.parent}",
    )


def _abandoned(entry: Entry, leases: Leases) -> bool:
    """True when no other build works on it. (This one has not begun: it holds no lease.)"""
    if not leases.take(entry.lease):
        return False
    leases.give_back(entry.lease)
    return True


def brought_up_to_date(entry: Entry, files: PurchaseFiles, at: str) -> Entry:
    """An open entry as it is now that the build which began it is gone."""
    written = files.read(entry.id)
    never = written is None and not files.is_written(entry.id)
    if entry.stage is Stage.INTENDED and never and files.answer(entry.id).is_dir():
        return replace(entry, stage=Stage.NOT_ACCEPTED, message="it was not sent", changed_at=at)
    if written is not None:
        entry = _further(entry, written)
    if entry.stage is Stage.RECEIVED and not files.answer(entry.id).is_dir():
        stage = Stage.UNKNOWN if entry.job is None else Stage.SUBMITTED
        return replace(entry, stage=stage, message=ANSWER_LOST, changed_at=at)
    if entry.stage is not Stage.INTENDED or entry.resubmit_safe:
        return entry
    stage = Stage.NOT_ACCEPTED if entry.free else Stage.UNKNOWN
    return replace(entry, stage=stage, message=UNANSWERED, changed_at=at)


def _further(one: Entry, other: Entry) -> Entry:
    """Of two records of a purchase the one that is further."""
    if one.stage in _ORDER and other.stage in _ORDER:
        return other if _ORDER.index(other.stage) > _ORDER.index(one.stage) else one
    return other if one.stage in _ORDER and other.stage is Stage.UNKNOWN else one
