"""One purchase as the ledger keeps it, in the state file and in a file of its own while it is open.

Amounts are in ``currency``; None means that nobody said. ``cost`` is what was paid, by a receipt
(``receipt``) or by the rate card.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field, fields
from typing import Any

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.engine.purchase import OPEN, Stage
from fvbuild.values import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """What a purchase is for: a take of a key, by one maker (the digest of a target's identity), in
    the node's own words (``wording`` 0) or in other ones."""

    node: str
    kind: str
    key: str
    take: int
    target: str
    provider: str
    maker: str
    wording: int = 0

    @property
    def lease(self) -> str:
        """What a build holds while it makes this take."""
        return f"{self.key}:{self.take}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A purchase. ``reserved`` is the most it may cost, ``likely`` what the rate card says.

    concluded: its take was made, or given up and reported; a later build counts from the start.
    """

    id: str
    film: str
    profile: str
    node: str
    kind: str
    key: str
    take: int
    target: str
    provider: str
    maker: str
    wording: int
    model: str
    build: str
    resubmit_safe: bool
    stage: Stage
    reserved: float | None
    likely: float | None
    currency: str
    began_at: str
    changed_at: str
    cost: float | None = None
    receipt: bool = False
    flagged: bool = False
    concluded: bool = False
    message: str = ""
    note: Mapping[str, Json] = field(default_factory=dict)
    job: Mapping[str, Json] | None = None

    @property
    def open(self) -> bool:
        """True while a build or a person must still do something about it."""
        return self.stage in OPEN

    @property
    def lease(self) -> str:
        """What a build holds while it makes this take."""
        return f"{self.key}:{self.take}"

    @property
    def paid(self) -> Money | None:
        """What it cost, where that is known."""
        return None if self.cost is None else Money(self.cost, self.currency)

    @property
    def free(self) -> bool:
        """True when it cannot have cost anything."""
        return self.reserved == 0.0

    @property
    def held(self) -> float:
        """What counts against a budget: a reservation while it is open or may have been bought; a
        receipt where there is one, and else the most that the rate card allows."""
        if self.stage in (Stage.NOT_ACCEPTED, Stage.FORGOTTEN):
            return 0.0
        if self.receipt:
            return self.cost or 0.0
        if self.stage in (Stage.REFUSED, Stage.FAILED):
            return self.cost or 0.0
        return self.reserved or 0.0


COLUMNS = tuple(f.name for f in fields(Entry))
_JSON = ("note", "job")
_BOOLS = ("resubmit_safe", "receipt", "flagged", "concluded")


def row_of(entry: Entry) -> tuple[Any, ...]:
    """An entry as a row of the state file."""
    values = (getattr(entry, name) for name in COLUMNS)
    return tuple(
        json.dumps(value, separators=(",", ":"))
        if name in _JSON
        else int(value)
        if name in _BOOLS
        else value
        for name, value in zip(COLUMNS, values, strict=True)
    )


def entry_of(row: Sequence[Any]) -> Entry:
    """The reverse. Raises ValueError or TypeError for a row that is none."""
    values = dict(zip(COLUMNS, row, strict=True))
    for name in _JSON:
        values[name] = json.loads(values[name])
    return _from(values)


def text_of(entry: Entry) -> str:
    """An entry as one line of JSON."""
    return json.dumps(asdict(entry), separators=(",", ":"), ensure_ascii=False)


def entry_from(text: str) -> Entry:
    """The reverse; fields of a newer version are left out. Raises ValueError or TypeError."""
    found = json.loads(text)
    return _from({name: found[name] for name in COLUMNS if name in found})


def _from(values: dict[str, Any]) -> Entry:
    for name in _BOOLS:
        values[name] = bool(values.get(name, False))
    values["stage"] = Stage(values["stage"])
    return Entry(**values)
