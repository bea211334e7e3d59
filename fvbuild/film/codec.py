"""Resolved films as plain nested values and back, for the parse cache.

An object becomes a tuple that begins with the number of its class; a tuple becomes a list; all
else stays. Shots are by far the most, so their rows are written out field by field, and values
that many shots share (outfits, controls, lengths) are decoded once.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, make_dataclass
from fractions import Fraction
from operator import attrgetter
from typing import Any, cast

from fvbuild.film import resolved
from fvbuild.film.diagnostics import Diagnostic
from fvbuild.film.inherit import Inherited
from fvbuild.film.place import Place
from fvbuild.film.resolved_shot import Shot
from fvbuild.film.vocabulary import Word
from fvbuild.timecode import Length

_CLASSES: tuple[type[Any], ...] = (
    Fraction,
    Place,
    Length,
    resolved.Act,
    resolved.Budget,
    resolved.Character,
    resolved.Checks,
    resolved.Controls,
    resolved.Film,
    resolved.Finish,
    resolved.Frame,
    resolved.Line,
    resolved.Location,
    resolved.Moment,
    resolved.Output,
    resolved.Outfit,
    resolved.Prop,
    resolved.Scene,
    resolved.Sound,
    resolved.Soundtrack,
    resolved.Style,
    resolved.TargetSettings,
    resolved.Transition,
    resolved.Voice,
    resolved.Words,
    resolved.Worn,
    Diagnostic,
    Inherited,
    Word,
    Shot,
)
_NUMBER = {kind: number for number, kind in enumerate(_CLASSES)}
_FRACTION, _PLACE, _SHOT = _NUMBER[Fraction], _NUMBER[Place], _NUMBER[Shot]
# Settings are JSON as the film wrote it, lists and all.
_RAW = frozenset({resolved.TargetSettings, resolved.Voice})
_JSON = -1
_NAMES = {
    kind: tuple(field.name for field in fields(kind)) for kind in _CLASSES if is_dataclass(kind)
}
_SHOT_NAMES = _NAMES[Shot]
_shot_row = attrgetter(*_SHOT_NAMES)
# Fields of a shot that hold objects; the others are plain values already.
_NESTED = tuple(
    _SHOT_NAMES.index(name)
    for name in (
        "duration",
        "characters",
        "first_frame",
        "last_frame",
        "dialogue",
        "transition",
        "controls",
    )
)
_NESTED_IN_ROW = tuple(index + 1 for index in _NESTED)
_UnfrozenShot = make_dataclass("_UnfrozenShot", _SHOT_NAMES, slots=True)
# Classes whose fields are all plain values.
_FLAT = frozenset(
    _NUMBER[kind]
    for kind in (
        Fraction,
        Place,
        resolved.Controls,
        resolved.Frame,
        resolved.Transition,
        resolved.Worn,
    )
)
ROW_FILE, ROW_LINE, ROW_ID, ROW_DIALOGUE = (
    1 + _SHOT_NAMES.index(name) for name in ("file", "line", "id", "dialogue")
)
"""Where a packed shot keeps these fields."""


def number_of(kind: type[Any]) -> int:
    """What a packed value of this class begins with."""
    return _NUMBER[kind]


class Packer:
    """Packs values; equal parts of shots that are one object stay one object."""

    def __init__(self) -> None:
        self._shared: dict[int, Any] = {}
        self._alive: list[Any] = []

    def pack(self, value: Any) -> Any:
        """The plain form of a value."""
        kind = type(value)
        if kind is tuple:
            return [self.pack(item) for item in value]
        if kind is dict:
            return {key: self.pack(item) for key, item in value.items()}
        if kind is list:
            raise TypeError("resolved values hold no lists")
        number = _NUMBER.get(kind)
        if number is None:
            return value
        if kind is Shot:
            return self.shot(value)
        if kind is Fraction:
            return (number, value.numerator, value.denominator)
        if kind in _RAW:
            return (number, *(self._field(value, name) for name in _NAMES[kind]))
        if kind in _NAMES:
            return (number, *(self.pack(getattr(value, name)) for name in _NAMES[kind]))
        return (number, *(self.pack(item) for item in value))

    def shot(self, shot: Shot) -> tuple[Any, ...]:
        """The row of a shot."""
        row = [_SHOT, *_shot_row(shot)]
        for index in _NESTED:
            value = row[index + 1]
            if value:
                row[index + 1] = self._once(value)
        return tuple(row)

    def _field(self, value: Any, name: str) -> Any:
        part = getattr(value, name)
        return (_JSON, part) if name == "settings" else self.pack(part)

    def _once(self, value: Any) -> Any:
        packed = self._shared.get(id(value))
        if packed is None:
            packed = self._shared[id(value)] = self.pack(value)
            self._alive.append(value)
        return packed


class Unpacker:
    """The reverse. The packed value must live as long as its unpacker."""

    def __init__(self) -> None:
        self._done: dict[int, Any] = {}

    def unpack(self, value: Any) -> Any:
        """The value of a plain form."""
        kind = type(value)
        if kind is list:
            return tuple([self.unpack(item) for item in value])
        if kind is dict:
            return {key: self.unpack(item) for key, item in value.items()}
        if kind is not tuple:
            return value
        number = value[0]
        if number == _SHOT:
            return self.shot(value)
        if number in _FLAT:
            return _CLASSES[number](*value[1:])
        if number == _JSON:
            return value[1]
        return _CLASSES[number](*[self.unpack(item) for item in value[1:]])

    def shot(self, row: tuple[Any, ...]) -> Shot:
        """The shot of a row."""
        values = list(row)
        done = self._done
        for index in _NESTED_IN_ROW:
            packed = values[index]
            if packed:
                found = done.get(id(packed))
                if found is None:
                    found = done[id(packed)] = self.unpack(packed)
                values[index] = found
        # A frozen class sets its fields one call each: ten times slower than its unfrozen twin.
        shot = _UnfrozenShot(*values[1:])
        object.__setattr__(shot, "__class__", Shot)
        return cast(Shot, shot)


def shifted(value: Any, file: str, after: int, by: int) -> Any:
    """A packed value with every place of a file that lies behind a line moved by some lines."""
    kind = type(value)
    if kind is list:
        return [shifted(item, file, after, by) for item in value]
    if kind is dict:
        return {key: shifted(item, file, after, by) for key, item in value.items()}
    if kind is not tuple:
        return value
    if value[0] == _PLACE:
        number, name, line, column = value
        return (number, name, line + by, column) if name == file and line > after else value
    if value[0] == _SHOT:
        return _shifted_row(value, file, after, by)
    if value[0] == _JSON:
        return value
    return (value[0], *(shifted(item, file, after, by) for item in value[1:]))


def _shifted_row(row: tuple[Any, ...], file: str, after: int, by: int) -> tuple[Any, ...]:
    if row[ROW_FILE] != file or row[ROW_LINE] <= after:
        return row
    values = list(row)
    values[ROW_LINE] += by
    if values[ROW_DIALOGUE]:
        values[ROW_DIALOGUE] = shifted(values[ROW_DIALOGUE], file, after, by)
    return tuple(values)
