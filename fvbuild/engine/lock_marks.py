"""A lock with open choices as text, and back: the marks are those of git, so that every tool of git
knows that something is open."""

from __future__ import annotations

from dataclasses import dataclass, field

from fvbuild.engine.lock_line import LockLine, parse
from fvbuild.engine.lock_merge import Conflict, Merged
from fvbuild.errors import StateError

_OURS, _BASE, _MIDDLE, _THEIRS = "<<<<<<<", "|||||||", "=======", ">>>>>>>"
_BY_US = f"{_OURS} ours: "


def text_of(merged: Merged) -> str:
    """The file: settled lines and open choices, sorted by node."""
    rows = [(line.node, f"{line.text()}\n") for line in merged.lines]
    rows += [(each.node, _marked(each)) for each in merged.conflicts]
    return "".join(text for _, text in sorted(rows))


def _marked(conflict: Conflict) -> str:
    ours, theirs = conflict.ours, conflict.theirs
    return (
        f"{_BY_US}{told(ours)}\n{ours.text()}\n{_MIDDLE}\n"
        f"{theirs.text()}\n{_THEIRS} theirs: {told(theirs)}\n"
    )


def told(line: LockLine) -> str:
    """A line's decision in words: ``take 2 approved``."""
    refused = sorted(take.n for take in line.takes if take.status == "rejected")
    also = f", {', '.join(map(str, refused))} rejected" if refused else ""
    return f"take {line.chosen} {'shown' if line.status == 'made' else line.status}{also}"


@dataclass(slots=True)
class Sides:
    """The three versions that a text with marks was made from, as far as it shows them."""

    base: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    has_base: bool = True

    def parsed(self, place: str) -> tuple[list[LockLine], list[LockLine], list[LockLine]]:
        """Their lines. Raises StateError."""
        base, ours, theirs = ("\n".join(rows) for rows in (self.base, self.ours, self.theirs))
        return (parse(base, place), parse(ours, place), parse(theirs, place))


def is_marked(text: str) -> bool:
    """True when something is open in a lock's text."""
    return any(row.startswith(_OURS) for row in text.split("\n"))


def is_marked_by_git(text: str) -> bool:
    """True when git merged a lock line by line, so that what is open may be no choice at all."""
    return any(row.startswith(_OURS) and not row.startswith(_BY_US) for row in text.split("\n"))


def sides_of(text: str, place: str) -> Sides:
    """Take a text with marks apart. Raises StateError when the marks do not fit together."""
    sides = Sides()
    part = ""
    for number, row in enumerate(text.split("\n"), 1):
        mark = row[: len(_OURS)]
        if mark in _NEXT:
            if part not in _NEXT[mark]:
                raise StateError(
                    "the marks of a merge conflict do not fit together",
                    place=f"{place}:{number}:1",
                    hint="git checkout --merge -- FILE writes the conflict again",
                )
            if mark == _MIDDLE and part == _OURS:
                sides.has_base = False
            part = "" if mark == _THEIRS else mark
            continue
        for name, rows in ((_OURS, sides.ours), (_BASE, sides.base), (_MIDDLE, sides.theirs)):
            if part in ("", name):
                rows.append(row)
    if part:
        raise StateError(
            "a merge conflict in the lock has no end",
            place=place,
            hint="git checkout --merge -- FILE writes the conflict again",
        )
    return sides


# Which parts a mark may end.
_NEXT = {_OURS: ("",), _BASE: (_OURS,), _MIDDLE: (_OURS, _BASE), _THEIRS: (_MIDDLE,)}
