"""What the fields of recipes are called in film words, and in which unit their values are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from fvbuild.engine.digest import Json
from fvbuild.report import words
from fvbuild.timecode import parse_rate
from fvbuild.values import dataclass

Say: TypeAlias = Callable[[Json], str]

_SAMPLES_PER_S = 48_000
_MS_PER_S = 1000


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its film name. ``say`` puts a value in words.

    shift: for a place in the film, which moves rather than changes: a difference in words.
    follows: it changes only because something else did, which is told instead where it is known.
    """

    name: str
    say: Say
    shift: Say | None = None
    follows: bool = False


# --- values ---------------------------------------------------------------------------------------


def value(found: Json) -> str:
    """Any value, without knowing what it stands for."""
    match found:
        case None:
            return "none"
        case bool():
            return "yes" if found else "no"
        case float():
            return f"{found:g}"
        case dict():
            return _of_mapping(found)
        case [int(), int()] if not any(isinstance(one, bool) for one in found):
            return f"{found[0]}x{found[1]}"
        case list():
            return ", ".join(map(value, found)) or "none"
        case _:
            return " ".join(str(found).split())


def _of_mapping(found: Mapping[str, Json]) -> str:
    """Who or what is described, where it is that; else every field."""
    if isinstance(found.get("look"), str):
        outfit = found.get("outfit")
        return value(found["look"]) + (f" in {value(outfit)}" if outfit else "")
    return ", ".join(f"{name} {value(one)}" for name, one in found.items() if one is not None)


def _number(found: Json) -> float | None:
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _in(unit: str) -> Say:
    def say(found: Json) -> str:
        number = _number(found)
        return value(found) if number is None else f"{number:g} {unit}"

    return say


def _lasting(per_s: int) -> Say:
    def say(found: Json) -> str:
        number = _number(found)
        if number is None:
            return value(found)
        seconds = number / per_s
        return words.exact_seconds(seconds)

    return say


def _frames(found: Json) -> str:
    return words.count(found, "frame") if isinstance(found, int) else value(found)


def _moment(name: str, per_s: int, *, follows: bool = False) -> Field:
    """A place in time, of which so many units make a second."""

    def say(found: Json) -> str:
        number = _number(found)
        return value(found) if number is None else words.timecode(number / per_s)

    return Field(name, say, _lasting(per_s), follows)


def _frame(name: str, *, follows: bool = False) -> Field:
    """A place that is counted in frames."""

    def say(found: Json) -> str:
        return f"frame {found:,}" if isinstance(found, int) else value(found)

    return Field(name, say, _frames, follows)


def _after_shot(found: Json) -> str:
    return f"after shot {found + 1}" if isinstance(found, int) else value(found)


def _shots(found: Json) -> str:
    return words.count(found, "shot") if isinstance(found, int) else value(found)


def _rate(found: Json) -> str:
    """``24``, ``23.976``."""
    if not isinstance(found, str | int):
        return value(found)
    try:
        return f"{float(parse_rate(found)):.5g}"
    except ValueError:
        return value(found)


def _rate_fps(found: Json) -> str:
    return f"{_rate(found)} fps"


def _entry(at: int | str) -> Say:
    """The value of one place of a list or mapping, which names the whole."""

    def say(found: Json) -> str:
        if isinstance(found, list) and isinstance(at, int) and at < len(found):
            return value(found[at])
        if isinstance(found, dict) and isinstance(at, str) and at in found:
            return value(found[at])
        return value(found)

    return say


# --- fields ---------------------------------------------------------------------------------------

_OWN_RULE = "fvbuild's own rule"

_ANYWHERE = {
    "canvas": Field("picture size", value),
    "frames": Field("length", _frames),
    "samples": Field("sound length", _lasting(_SAMPLES_PER_S)),
    "fps": Field("rate", _rate_fps),
    "version": Field(_OWN_RULE, value),
    "kind_version": Field(_OWN_RULE, value),
    "rule": Field(_OWN_RULE, value),
    "gain": Field("level", value),
    "characters": Field("character", value),
    "props": Field("prop", value),
    "labels": Field("label", value),
    "start": Field("start picture", value),
    "end": Field("end picture", value),
    "given": Field("given picture", value),
    "source": Field("clip", value),
    "like": Field("picture it is matched to", value),
    "table": Field("colour table", value),
    "speech": Field("line", value),
    "length.seconds": Field("length of the speech", _lasting(1)),
    "speech.seconds": Field("length of the speech", _lasting(1)),
}

_SHOT_PLACE = _frame("shot", follows=True)
_TRANSITION_PLACE = Field("transition", _after_shot, _shots, follows=True)

_OF_KIND = {
    "mix": {
        "cues": Field("sound", _entry("role")),
        "cues.at": _moment("sound", _SAMPLES_PER_S),
        "cues.after": Field("pause before a line", _lasting(_SAMPLES_PER_S)),
        "cues.length": Field("length of a sound", _lasting(_SAMPLES_PER_S)),
        "cues.fade": Field("fade of a sound", _lasting(_SAMPLES_PER_S)),
        "cues.role": Field("kind of a sound", value),
        "cues.gain_db": Field("level", _in("dB")),
        "cues.duck_db": Field("ducking", _in("dB")),
        "cues.loop": Field("looping", value),
        "loudness_lufs": Field("loudness", _in("LUFS")),
        "samples": Field("length of the film", _lasting(_SAMPLES_PER_S), follows=True),
    },
    "speech": {"text": Field("line", value)},
    "subtitles": {
        "cues": Field("subtitle", _entry(2)),
        "cues.0": _moment("subtitle", _MS_PER_S),
        "cues.1": _moment("end of a subtitle", _MS_PER_S, follows=True),
        "cues.2": Field("subtitle", value),
    },
    "titles": {
        "starts": _SHOT_PLACE,
        "chapters": Field("chapter", _entry(1)),
        "chapters.0": _frame("chapter"),
        "chapters.1": Field("heading", value),
    },
    "transition": {
        "kind": Field("transition", value),
        "length": Field("length", _frames),
        "from": _frame("its begin in the first shot", follows=True),
        "to": _frame("its end in the second shot", follows=True),
    },
    "conform": {"slate.start_frame": _SHOT_PLACE},
    "cut": {
        "joins": Field("transition", _entry(1)),
        "joins.0": _TRANSITION_PLACE,
        "joins.1": Field("transition", value),
        "joins.2": Field("length of a transition", _frames),
        "after": _TRANSITION_PLACE,
        "subtitles": Field("subtitle language", value),
    },
}

_SECTIONS = frozenset({"params", "composition", "move", "inputs"})


def parts_of(path: str) -> list[str]:
    """A path in a recipe as its parts, without the sections that are ours alone."""
    parts = [part for part in path.replace("[", ".").replace("]", ".").split(".") if part]
    return parts[1:] if len(parts) > 1 and parts[0] in _SECTIONS else parts


def field(path: str, kind: str = "") -> Field:
    """A field as the film's author knows it: ``size`` of ``composition.size``."""
    parts = parts_of(path)
    # The number of an entry says nothing, but that of a place within an entry does.
    numbers = [at for at, part in enumerate(parts) if part.isdigit()]
    place = ".".join(part for at, part in enumerate(parts) if at not in numbers[:1])
    known = _OF_KIND.get(kind, {}).get(place) or _ANYWHERE.get(place)
    if known is not None:
        return known
    names = [part for part in parts if not part.isdigit()]
    if not names:
        return Field(path, value)
    said = [_ANYWHERE[part].name if part in _ANYWHERE else part for part in names]
    last = _ANYWHERE.get(names[-1])
    return Field(" ".join(said).replace("_", " "), last.say if last else value)
