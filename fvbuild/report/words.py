"""Says in words what the engine says in codes: reasons, changes, prices, sizes, times."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from fvbuild.engine.digest import Json
from fvbuild.engine.events import Act, Change, Reason, Step
from fvbuild.engine.target import Price

Causes: TypeAlias = Callable[[Step], Sequence[tuple[Step, Change]]]
"""The root causes of a step: the steps where a field was changed, and the changes."""

_SAMPLES_PER_S = 48_000
_VALUE_LENGTH = 36
_CHANGES_SHOWN = 2
_DIGEST = re.compile(r"[0-9a-f]{32,64}")

_PLAIN = {
    Reason.UP_TO_DATE: "up to date",
    Reason.NO_TAKE: "not made yet",
    Reason.REQUESTED: "asked for",
    Reason.REJECTED: "its take was rejected",
    Reason.CHECK_FAILED: "its take did not pass a check",
    Reason.ARTIFACT_LOST: "its file is gone from the store",
    Reason.ARTIFACT_CORRUPT: "its stored file is damaged",
    Reason.OVER_BUDGET: "over the budget",
}

_FIELDS = {
    "canvas": "picture size",
    "frames": "length",
    "samples": "sound length",
    "version": "fvbuild's own rule",
    "kind_version": "fvbuild's own rule",
    "rule": "fvbuild's own rule",
    "gain": "level",
    "characters": "character",
    "props": "prop",
    "start": "start picture",
    "end": "end picture",
    "given": "given picture",
}


# --- amounts --------------------------------------------------------------------------------------


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 shot``, ``1,200 shots``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def seconds(value: float) -> str:
    """A time as a person says it: ``0.4 s``, ``12 s``, ``3 min 05 s``, ``1 h 04 min``."""
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def size(size_bytes: int) -> str:
    """``512 B``, ``1.4 MB``."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def money(amount: float, currency: str) -> str:
    """``1.20 USD``; cents are cut only when there are none to lose (``0.0035 USD``)."""
    digits = 2 if round(amount, 2) == round(amount, 6) else 4
    return f"{amount:.{digits}f} {currency}"


def price(cost: Price) -> str:
    """A range of money: ``nothing``, ``1.20 USD``, ``about 1.20 USD, at most 2.40 USD``."""
    if not cost.max:
        return "nothing"
    if cost.min == cost.max:
        return money(cost.max, cost.currency)
    return f"about {money(cost.likely, cost.currency)}, at most {money(cost.max, cost.currency)}"


def moment(at: str) -> str:
    """A stored moment (ISO 8601) as a person reads it, in local time: ``2026-11-20 23:59:01``."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return at


def place(loc: str | None) -> str:
    """``film.yaml:52`` of ``film.yaml:52:9``: what an editor jumps to, without the column."""
    if not loc:
        return ""
    match = re.fullmatch(r"(.*?:\d+):\d+", loc)
    return match[1] if match else loc


def some(names: Sequence[str], shown: int = 3) -> str:
    """``a, b and 4 more``."""
    if len(names) <= shown + 1:
        return ", ".join(names)
    return f"{', '.join(names[:shown])} and {len(names) - shown:,} more"


def either(names: Sequence[str], shown: int = 3) -> str:
    """``a``, ``a or b``, ``a, b, c or 4 more``."""
    if len(names) < 2:
        return "".join(names)
    if len(names) <= shown + 1:
        return f"{', '.join(names[:-1])} or {names[-1]}"
    return f"{', '.join(names[:shown])} or {len(names) - shown:,} more"


# --- changes --------------------------------------------------------------------------------------


def field(path: str) -> str:
    """A field as the film's author knows it: ``size`` of ``composition.size``."""
    parts = [part for part in re.split(r"[.\[\]]+", path) if part and not part.isdigit()]
    if parts and parts[0] in ("params", "composition", "move", "inputs"):
        parts = parts[1:] or parts
    if not parts:
        return path
    return " ".join(_FIELDS.get(part, part).replace("_", " ") for part in parts)


def _value(value: Json, name: str = "") -> str:
    """A value in a few characters, in the unit of the field it belongs to."""
    if name == "length" and isinstance(value, int):
        return count(value, "frame")
    if name == "sound length" and isinstance(value, int):
        return seconds(value / _SAMPLES_PER_S)
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and len(value) == 2 and all(type(v) is int for v in value):
        return f"{value[0]}x{value[1]}"
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return ", ".join(map(str, value)) or "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split())


def _is_content(value: Json) -> bool:
    """True for digests, which tell a person nothing."""
    if isinstance(value, list):
        return bool(value) and all(map(_is_content, value))
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def identity(fields: Mapping[str, Json]) -> str:
    """A model's identity in one line, its digests shortened."""
    told = []
    for name, value in fields.items():
        short = str(value)[:8] if _is_content(value) else _value(value)
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
        return _cut(("… " if head else "") + inner) + (" …" if tail else "")

    return middle(a), middle(b)


def change(changed: Change) -> str:
    """``camera changed (dolly in -> pan left)``."""
    name = field(changed.path)
    old, new = changed.old, changed.new
    if old == new or _is_content(old) or _is_content(new):
        return f"{name} changed"
    if old is None or old in ("", [], {}):
        return f"{name} added ({_cut(_value(new, name))})"
    if new is None or new in ("", [], {}):
        return f"{name} removed (was {_cut(_value(old, name))})"
    before, after = _value(old, name), _value(new, name)
    if max(len(before), len(after)) > _VALUE_LENGTH:
        before, after = _differing(before, after)
    return f"{name} changed ({before} -> {after})"


# --- reasons --------------------------------------------------------------------------------------


def _without_echoes(changes: Sequence[Change]) -> list[Change]:
    """One edit reaches several recipes by several paths: of equal changes the fullest name."""
    fullest: dict[tuple[str, str, str], Change] = {}
    for one in changes:
        echo = (one.path.rpartition(".")[2], repr(one.old), repr(one.new))
        if len(field(one.path)) > len(field(fullest.setdefault(echo, one).path)):
            fullest[echo] = one
    return list(fullest.values())


def all_changes(changes: Sequence[Change], paths: Sequence[str] = ()) -> str:
    """Several changes in one phrase; of many, the first ones and their number."""
    if not changes:
        names = list(dict.fromkeys(field(path) for path in paths))
        return f"{some(names)} changed" if names else "changed"
    told = list(dict.fromkeys(change(one) for one in _without_echoes(changes)))
    if len(told) > _CHANGES_SHOWN:
        return f"{', '.join(told[:_CHANGES_SHOWN])} and {len(told) - _CHANGES_SHOWN} more"
    return ", ".join(told)


def reason(step: Step, roots: Sequence[tuple[Step, Change]] = ()) -> str:
    """Why a step has its verdict, in words. ``roots`` are its root causes, when they are known."""
    if step.action is Act.BLOCKED or step.reason in (
        Reason.UNSUPPORTED,
        Reason.WAITS_FOR_APPROVAL,
        Reason.HELD_APPROVED,
    ):
        return _standing(step, roots)
    changes = [changed for _root, changed in roots] or list(step.changes)
    if step.action is Act.MAYBE and not step.changes:
        return f"if {either(step.because) or 'its input'} comes out different"
    match step.reason:
        case Reason.RECIPE_CHANGED | Reason.MODEL_CHANGED:
            return all_changes(changes, step.paths)
        case Reason.INPUT_CHANGED:
            if changes:
                return all_changes(changes, step.paths)
            return f"made from {some(step.because, 2) or some(step.paths)}, which changed"
        case Reason.UPSTREAM_FAILED:
            return f"needs {some(step.because, 2) or 'something'}, which failed"
        case _:
            return step.message or _PLAIN.get(step.reason, step.reason.replace("_", " "))


def _standing(step: Step, roots: Sequence[tuple[Step, Change]]) -> str:
    """Why a step is held or blocked."""
    match step.reason:
        case Reason.HELD_APPROVED:
            changes = [changed for _root, changed in roots] or list(step.changes)
            if changes or step.paths:
                return f"approved, so kept although {all_changes(changes, step.paths)}"
            return step.message or "approved, so kept although its recipe changed"
        case Reason.WAITS_FOR_APPROVAL:
            return step.message or f"waits for approval of {some(step.because, 2)}"
        case _:
            return step.message or _PLAIN.get(step.reason, step.reason.replace("_", " "))


def root_place(step: Step, roots: Sequence[tuple[Step, Change]]) -> str:
    """The line to look at: where the cause stands, else where the node does."""
    places = [place(root.loc) for root, _changed in roots if root.loc]
    return places[0] if places else place(step.loc)
