"""What sounds when: the cues of a film, in samples at 48 kHz.

A cue's place is a *spot* of the timeline until the timeline is known, then a sample (``at``); a
line that has no time of its own comes ``after`` so many samples behind the end of the cue before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from fvbuild.engine.digest import Json
from fvbuild.engine.graph import Input
from fvbuild.film.resolved import Line, Sound
from fvbuild.rules.stage import Stage, numbered
from fvbuild.rules.timeline import LEAD_S, PAUSE_S, SAMPLE_RATE, Layout, read_layout

_USUAL_GAIN_DB = {"ambience": -14.0, "effect": -3.0, "music": -8.0}
_FADE_SAMPLES = {"ambience": SAMPLE_RATE // 2, "effect": 0, "music": SAMPLE_RATE}
_PAUSE_SAMPLES = int(PAUSE_S * SAMPLE_RATE)


class Said(NamedTuple):
    """A line, the node that speaks it, and its place."""

    line: Line
    node: str
    place: dict[str, Json]


def said(stage: Stage) -> list[Said]:
    """Every line of the film: dialogue in the order of the shots, then narration."""
    found: list[Said] = []
    for view in stage.views:
        for at, line in enumerate(view.shot.dialogue):
            place = _place(stage, line, at, {"shot": view.number, "plus": str(LEAD_S)})
            found.append(Said(line, stage.speech(view.shot, at), place))
    for at, line in enumerate(stage.film.sound.narration):
        node = stage.of_film(f"sound/{numbered('narration', at)}")
        found.append(Said(line, node, _place(stage, line, at, {"plus": str(LEAD_S)})))
    return found


def _place(stage: Stage, line: Line, at: int, first: dict[str, Json]) -> dict[str, Json]:
    if line.at is not None:
        return {"spot": stage.timeline.spot(line.at)}
    return {"spot": first} if at == 0 else {"after": _PAUSE_SAMPLES}


def cues(stage: Stage) -> tuple[list[dict[str, Any]], list[Input]]:
    """All cues of the film, and the sounds they play: cue i plays input i."""
    found: list[dict[str, Any]] = []
    inputs: list[Input] = []
    for one in said(stage):
        cue: dict[str, Any] = {"role": "speech", **one.place}
        if one.line.gain_db:
            cue["gain_db"] = one.line.gain_db
        found.append(cue)
        inputs.append(Input("speech", one.node))
    for role, name, sound, first, last in _laid(stage):
        found.append(_cue(stage, role, sound, first, last))
        node = stage.files.add(sound.file, str(sound.loc)) if sound.file else stage.of_film(name)
        inputs.append(Input(role, node))
    return found, inputs


def _laid(stage: Stage) -> Iterable[tuple[str, str, Sound, int, int]]:
    """Role, name, sound, and the numbers of the first and last shot that it lies under."""
    number = 0
    for scene in stage.film.scenes:
        end = number + len(scene.shots) - 1
        if scene.ambience is not None:
            yield "ambience", f"{scene.id}/ambience", scene.ambience, number, end
        number = end + 1
    for at, sound in enumerate(stage.film.sound.effects):
        yield "effect", f"sound/{numbered('effect', at)}", sound, 0, number - 1
    for at, sound in enumerate(stage.film.sound.music):
        yield "music", f"sound/{numbered('music', at)}", sound, 0, number - 1


def _cue(stage: Stage, role: str, sound: Sound, first: int, last: int) -> dict[str, Any]:
    if sound.over is not None:
        first, last = (stage.timeline.number(*shot) for shot in sound.over)
    gain_db = _USUAL_GAIN_DB[role] if sound.gain_db is None else sound.gain_db
    cue: dict[str, Any] = {"role": role, "gain_db": gain_db}
    if sound.duck_db:
        cue["duck_db"] = sound.duck_db
    if role == "effect":
        cue["spot"] = stage.timeline.spot(sound.at) if sound.at is not None else {}
        if sound.length is not None:
            cue["length"] = int(sound.length.in_seconds(stage.film.fps) * SAMPLE_RATE)
        return cue
    fade = _FADE_SAMPLES[role]
    cue.update(spot={"shot": first}, until={"shot": last, "end": True}, fade=fade, loop=True)
    if sound.at is not None:
        cue["spot"] = stage.timeline.spot(sound.at)
    return cue


def placed(entries: Sequence[Mapping[str, Any]], layout: Layout) -> list[dict[str, Any]]:
    """Cues with their spots as samples of the film."""
    found = []
    for entry in entries:
        cue = {name: value for name, value in entry.items() if name not in ("spot", "until")}
        if "spot" in entry:
            cue["at"] = layout.sample(entry["spot"])
        if "until" in entry:
            cue["length"] = max(0, layout.sample(entry["until"]) - cue["at"])
        found.append(cue)
    return found


def settled_layout(
    params: Mapping[str, Any], facts: Mapping[str, tuple[Json, ...]]
) -> Layout | None:
    """The layout that params wait for (``timeline``); None where they wait for none."""
    written = params.get("timeline")
    return None if written is None else read_layout(written, facts.get("length", ()))


def begins(entries: Sequence[Mapping[str, Any]], lengths: Sequence[int]) -> list[int]:
    """The sample at which each placed cue begins; ``lengths`` are the sounds' in samples."""
    found, end = [], 0
    for entry, length in zip(entries, lengths, strict=True):
        at = entry["at"] if "at" in entry else end + entry["after"]
        found.append(at)
        end = at + length
    return found


def samples(seconds: Json) -> int:
    """A measured length in samples."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{seconds!r} is not a length in seconds")
    return round(Fraction(seconds) * SAMPLE_RATE)
