"""One line of a lock: what was decided for one generated node, as text and back.

Lines may come from merges, other branches and people's editors: nothing is believed unchecked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from fvbuild.engine.action import Money
from fvbuild.engine.digest import Json
from fvbuild.errors import StateError
from fvbuild.values import dataclass

STATUSES = frozenset({"made", "chosen", "approved", "rejected", "adopted"})
HOLDING = frozenset({"approved", "adopted"})
_CONFLICT_MARKS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_NODE = re.compile(r'\{"node": "([^"\\]+)"')
RESTORE = "restore it from git: git checkout -- FILE; takes that were made stay in the store"


@dataclass(frozen=True, slots=True)
class LockTake:
    """One take of the current key. ``facts`` are kept where other nodes depend on them.

    drawn: the number it was drawn under, where a merge had to give it another; 0: it is ``n``.
    """

    n: int
    artifact: str
    origin: str
    cost: Money | None = None
    status: str = "made"
    facts: Mapping[str, Json] = field(default_factory=dict)
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class LockLine:
    """What was decided for one node. An empty ``key`` (adopted early) fits any."""

    node: str
    kind: str
    key: str
    chosen: int
    status: str
    takes: tuple[LockTake, ...]

    def take(self, n: int) -> LockTake | None:
        """The take of a number."""
        return next((take for take in self.takes if take.n == n), None)

    @property
    def holding(self) -> bool:
        """True when the result stays although its recipe changes."""
        return self.status in HOLDING

    def text(self) -> str:
        """The line as it is written, without its newline."""
        takes = []
        for take in self.takes:
            entry: dict[str, object] = {
                "n": take.n,
                "artifact": take.artifact,
                "origin": take.origin,
                "cost": None
                if take.cost is None
                else {"amount": take.cost.amount, "currency": take.cost.currency},
                "status": take.status,
            }
            if take.drawn not in (0, take.n):
                entry["drawn"] = take.drawn
            if take.facts:
                entry["facts"] = dict(take.facts)
            takes.append(entry)
        line = {
            "node": self.node,
            "kind": self.kind,
            "key": self.key,
            "chosen": self.chosen,
            "status": self.status,
            "takes": takes,
        }
        return json.dumps(line, ensure_ascii=False)


def parse(text: str, place: str) -> list[LockLine]:
    """The lines of a lock's text. Raises StateError with the place of the first bad one."""
    lines: dict[str, LockLine] = {}
    # Not splitlines: JSON text may hold other line ends (U+2028) as they are.
    for number, row in enumerate(text.split("\n"), 1):
        if not row.strip():
            continue
        here = f"{place}:{number}:1"
        if row.startswith(_CONFLICT_MARKS):
            raise StateError(
                f"the lock holds the marks of a merge conflict{_about(text)}",
                place=here,
                hint="fvbuild merge-lock merges what can be, and tells how to settle the rest",
            )
        line = line_of_text(row, here)
        if line.node in lines:
            raise StateError(
                f"'{line.node}' has two lines",
                place=here,
                hint="a merge kept both: delete the line whose take you do not want",
            )
        lines[line.node] = line
    return list(lines.values())


def _about(text: str) -> str:
    """The nodes that stand between marks, as far as they can be told."""
    nodes: dict[str, None] = {}
    inside = False
    for row in text.split("\n"):
        inside = (inside or row.startswith("<<<<<<<")) and not row.startswith(">>>>>>>")
        if inside and (found := _NODE.match(row)):
            nodes[found[1]] = None
    names = ", ".join(list(nodes)[:3]) + (" ..." if len(nodes) > 3 else "")
    return f" about {names}" if nodes else ""


def line_of_text(row: str, place: str) -> LockLine:
    """One line. Raises StateError with its place when it is none."""
    try:
        data = json.loads(row)
        line = LockLine(
            node=_text(data["node"]),
            kind=_text(data["kind"]),
            key=_key(data["key"]),
            chosen=_number(data["chosen"]),
            status=_text(data["status"]),
            takes=_takes(data["takes"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise StateError(
            f"this is not a line of a lock ({_why(error)})", place=place, hint=RESTORE
        ) from error
    statuses = {line.status, *(take.status for take in line.takes)}
    if unknown := statuses - STATUSES:
        raise StateError(
            f"the status '{min(unknown)}' is not known",
            place=place,
            hint="was it written by a newer fvbuild? update, or correct the line",
        )
    if line.take(line.chosen) is None:
        raise StateError(f"take {line.chosen} is chosen but not listed", place=place, hint=RESTORE)
    return line


def _takes(data: Any) -> tuple[LockTake, ...]:
    if not isinstance(data, list):
        raise TypeError("takes are a list")
    takes = tuple(_take(entry) for entry in data)
    if len({take.n for take in takes}) < len(takes):
        raise ValueError("two takes have one number")
    return takes


def _take(data: Any) -> LockTake:
    if not isinstance(data, dict):
        raise TypeError("a take is a mapping")
    cost = data.get("cost")
    facts = data.get("facts", {})
    if not isinstance(facts, dict):
        raise TypeError("facts are a mapping")
    json.dumps(facts, ensure_ascii=False).encode()  # half a surrogate pair could not be written
    n = _number(data["n"])
    return LockTake(
        n=n,
        artifact=_hex(data["artifact"], 64, "an artifact"),
        origin=_text(data["origin"]),
        cost=None if cost is None else _money(cost),
        status=_text(data["status"]),
        facts=facts,
        drawn=0 if data.get("drawn", n) == n else _number(data["drawn"]),
    )


def _money(data: Any) -> Money:
    if not isinstance(data, dict) or isinstance(data["amount"], str):
        raise TypeError("a cost is an amount and a currency")
    amount = float(data["amount"])
    if not 0 <= amount < float("inf"):
        raise ValueError(f"{amount} is not an amount")
    return Money(amount, _text(data["currency"]))


def _key(value: Any) -> str:
    return "" if value == "" else _hex(value, 32, "a key")


def _hex(value: Any, digits: int, what: str) -> str:
    if len(_text(value)) != digits or not set(value) <= set("0123456789abcdef"):
        raise ValueError(f"{what} is named by {digits} hex digits")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is not text")
    value.encode()  # half a surrogate pair could not be written again
    return value


_MOST_TAKES = 1_000_000


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_TAKES:
        raise TypeError(f"{value!r:.40} is not a take's number")
    return value


def _why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)[:80]


def with_status(line: LockLine, n: int, status: str) -> LockLine:
    """The line with take ``n`` chosen under a status."""
    takes = tuple(
        replace(take, status=status if take.n == n else _unchosen(take.status))
        for take in line.takes
    )
    return replace(line, chosen=n, status=status, takes=takes)


def _unchosen(status: str) -> str:
    return status if status == "rejected" else "made"
