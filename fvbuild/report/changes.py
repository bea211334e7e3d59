"""Says in film words what changed in recipes: ``camera changed (dolly in -> pan left)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from fvbuild.engine.digest import Json
from fvbuild.engine.events import Change, Step
from fvbuild.report import words
from fvbuild.report.film_words import Field, field, parts_of, value

_VALUE_LENGTH = 36
_CHANGES_SHOWN = 2
_DIGEST = re.compile(r"[0-9a-f]{32,64}")
_SIDES = {"0": "width", "1": "height"}
_SAID_AS = {"location": "look"}
"""A field which is the bare text of what other recipes have as a part of it."""
_TWO_SIDED = frozenset({"size", "canvas"})


def all_changes(roots: Sequence[tuple[Step, Change]], paths: Sequence[str] = ()) -> str:
    """The changes of several steps in one phrase; of many, the first ones and their number."""
    if not roots:
        names = list(dict.fromkeys(field(path).name for path in paths))
        return f"{words.some(names)} changed" if names else "changed"
    of_step: dict[tuple[str, str], list[Change]] = {}
    for step, one in _without_echoes(roots):
        of_step.setdefault((step.kind, step.node), []).append(one)
    said = [told for (kind, _), found in of_step.items() for told in phrases(kind, found)]
    said = list(dict.fromkeys(said))
    if len(said) > _CHANGES_SHOWN:
        return f"{', '.join(said[:_CHANGES_SHOWN])} and {len(said) - _CHANGES_SHOWN} more"
    return ", ".join(said)


def _without_echoes(roots: Sequence[tuple[Step, Change]]) -> list[tuple[Step, Change]]:
    """One edit reaches several recipes by several paths: of equal changes the fullest name."""
    fullest: dict[tuple[str, str, str], tuple[Step, Change]] = {}
    for step, one in roots:
        echo = echo_of(one)
        first = fullest.setdefault(echo, (step, one))[1]
        if len(field(one.path).name) > len(field(first.path).name):
            fullest[echo] = (step, one)
    return list(fullest.values())


def echo_of(change: Change) -> tuple[str, str, str]:
    """What is equal for one edit wherever it arrives: the field's last name, and both values."""
    parts = parts_of(change.path) or [change.path]
    names = [at for at, part in enumerate(parts) if not part.isdigit()]
    last = ".".join(parts[names[-1] if names else 0 :])
    return (_SAID_AS.get(last, last), repr(change.old), repr(change.new))


# --- the changes of one node ----------------------------------------------------------------------


def phrases(kind: str, changes: Sequence[Change]) -> list[str]:
    """The changes of one node of a kind, those that belong together as one."""
    leading = [one for one in changes if not field(one.path, kind).follows] or changes
    fields: dict[str, list[Change]] = {}
    for one in leading:
        fields.setdefault((parts_of(one.path) or [""])[0], []).append(one)
    told = [phrase for found in fields.values() for phrase in _of_field(kind, found)]
    return list(dict.fromkeys(told))


def _of_field(kind: str, changes: Sequence[Change]) -> Iterator[str]:
    """The changes within one field, which may hold many entries."""
    changes = [one for one in changes if not _is_content(one.new)] or changes
    entries = [one for one in changes if _is_entry(one) and None in (one.old, one.new)]
    if entries and len(changes) > 1:
        # What comes behind an entry has moved up or down: that is no change of its own.
        name = field(entries[0].path, kind).name
        verb = "added" if entries[0].old is None else "removed"
        yield f"{words.count(len(entries), name)} {verb}"
        return
    if _is_reordered(changes):
        yield f"order of the {field(parts_of(changes[0].path)[0], kind).name}s changed"
        return
    if both := _sides(kind, changes):
        yield both
        return
    moved: dict[Field, list[tuple[int, int]]] = {}
    others: list[Change] = []
    for one in changes:
        found = field(one.path, kind)
        if found.shift is not None and isinstance(one.old, int) and isinstance(one.new, int):
            moved.setdefault(found, []).append((one.old, one.new))
        else:
            others.append(one)
    yield from (_moves(found, spans) for found, spans in moved.items())
    yield from (change(one, kind) for one in others)


def _is_entry(change: Change) -> bool:
    parts = parts_of(change.path)
    return len(parts) == 2 and parts[1].isdigit()


def _is_reordered(changes: Sequence[Change]) -> bool:
    """Whether the entries of a list are the same as before, in other places."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for one in changes:
        _list, at, *rest = [*parts_of(one.path), ""]
        if not at.isdigit() or not isinstance(one.old, str) or not isinstance(one.new, str):
            return False
        before.setdefault(".".join(rest), []).append(one.old)
        after.setdefault(".".join(rest), []).append(one.new)
    return all(sorted(before[part]) == sorted(after[part]) for part in before)


def _sides(kind: str, changes: Sequence[Change]) -> str:
    """Width and height as one size."""
    sides = {parts_of(one.path)[-1]: one for one in changes}
    parts = parts_of(changes[0].path)
    if len(parts) != 2 or parts[0] not in _TWO_SIDED or not sides.keys() <= _SIDES.keys():
        return ""
    if len(sides) == 1:
        ((at, one),) = sides.items()
        return f"{_SIDES[at]} changed ({one.old} -> {one.new})"
    across, down = sides["0"], sides["1"]
    name = field(parts[0], kind).name
    return f"{name} changed ({across.old}x{down.old} -> {across.new}x{down.new})"


def _moves(found: Field, spans: Sequence[tuple[int, int]]) -> str:
    """``subtitle moved from 00:08.0 to 00:06.0``, ``8 sounds come 2.0 s earlier``."""
    old, new = spans[0]
    if len(spans) == 1:
        return f"{found.name} moved from {found.say(old)} to {found.say(new)}"
    many = words.count(len(spans), found.name)
    if found.shift is None or any(b - a != new - old for a, b in spans):
        return f"{many} moved"
    return f"{many} come {found.shift(abs(new - old))} {'later' if new > old else 'earlier'}"


# --- one change -----------------------------------------------------------------------------------


def change(changed: Change, kind: str = "") -> str:
    """``camera changed (dolly in -> pan left)``."""
    found = field(changed.path, kind)
    name, old, new = found.name, changed.old, changed.new
    if _is_content(old) or _is_content(new):
        return _of_contents(name, old, new)
    if old == new:
        return f"{name} changed"
    if old is None or old in ("", [], {}):
        return f"{name} added ({_cut(found.say(new))})"
    if new is None or new in ("", [], {}):
        return f"{name} removed (was {_cut(found.say(old))})"
    before, after = found.say(old), found.say(new)
    if before == after:
        return f"{name} changed"
    if max(len(before), len(after)) > _VALUE_LENGTH:
        before, after = _differing(before, after)
    elif found.say is not value:
        before = _without_unit(before, after)
    return f"{name} changed ({before} -> {after})"


def _without_unit(before: str, after: str) -> str:
    """``24`` of ``24 fps`` beside ``25 fps``."""
    number, _, unit = before.partition(" ")
    return number if unit and unit == after.partition(" ")[2] else before


def _is_content(value: Json) -> bool:
    """True for digests, which tell a person nothing."""
    if isinstance(value, list):
        return bool(value) and all(map(_is_content, value))
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _of_contents(name: str, old: Json, new: Json) -> str:
    """Inputs are lists of digests: how many came or went can be told, and that they changed."""
    before, after = (found if isinstance(found, list) else [] for found in (old, new))
    more = len(after) - len(before)
    if more and isinstance(old, list | None) and isinstance(new, list | None):
        return f"{words.count(abs(more), name)} {'added' if more > 0 else 'removed'}"
    if before and sorted(map(str, before)) == sorted(map(str, after)):
        return f"order of the {name}s changed"
    return f"{name} changed"


def identity(fields: Mapping[str, Json]) -> str:
    """A model's identity in one line, its digests shortened."""
    told = []
    for name, found in fields.items():
        short = str(found)[:8] if _is_content(found) else value(found)
        told.append(f"{name.replace('_', ' ')} {_cut(short)}")
    return ", ".join(told)


def _cut(text: str) -> str:
    return text if len(text) <= _VALUE_LENGTH else text[: _VALUE_LENGTH - 1].rstrip() + "…"


def _differing(old: str, new: str) -> tuple[str, str]:
    """Two long texts, reduced to the words that differ: ``… walks …``, ``… runs …``."""
    a, b = old.split(), new.split()
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    head, tail = max(0, head - 1), max(0, tail - 1)  # one word of what is common, for orientation

    def middle(words: list[str]) -> str:
        inner = " ".join(words[head : len(words) - tail])
        told = _cut(("… " if head else "") + inner)
        return told + (" …" if tail and not told.endswith("…") else "")

    return middle(a), middle(b)
