"""What is said and heard, with its words, levels and times worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from fvbuild.film import measures
from fvbuild.film.as_written import AsWritten
from fvbuild.film.kinds import KINDS
from fvbuild.film.known import Known
from fvbuild.film.plain import plain
from fvbuild.film.resolved_sound import Line, Sound
from fvbuild.film.resolved_sound import Soundtrack as ResolvedSoundtrack
from fvbuild.film.resolved_world import Voice
from fvbuild.film.timing import Timeline
from fvbuild.film.tree import Map, Seq

if TYPE_CHECKING:
    from fvbuild.film.model_sound import Effect, Music, Narration, Soundtrack
    from fvbuild.film.model_sound import Line as LineModel
    from fvbuild.film.model_sound import Sound as SoundModel
    from fvbuild.film.model_world import Voice as VoiceModel

T = TypeVar("T")


class Part:
    """One mapping of the tree with the place of each field."""

    def __init__(self, known: Known, tree: object, position: int) -> None:
        self.known = known
        self.tree = tree if isinstance(tree, Map) else None
        self.position = position

    def at(self, name: str) -> int:
        """Where a field is written; the part's own place if it is not."""
        mark = self.tree.marks.get(name) if self.tree is not None else None
        return self.position if mark is None else mark[1]

    def inner(self, name: str) -> Part:
        """The part that a field holds."""
        return Part(self.known, self.tree.get(name) if self.tree else None, self.at(name))

    def read(self, parse: Callable[[str], T], text: str | None, name: str, otherwise: T) -> T:
        """A value with a unit, ``otherwise`` where there is none or a faulty one."""
        if text is None:
            return otherwise
        try:
            return parse(text)
        except ValueError as error:
            self.known.sources.error(self.at(name), str(error))
            return otherwise


def parts(known: Known, tree: object, position: int, count: int) -> list[Part]:
    """The parts of a field that holds one mapping, or a list of them, or a text."""
    if isinstance(tree, Seq):
        return [Part(known, item, mark) for item, mark in zip(tree, tree.marks, strict=True)]
    return [Part(known, tree, position)] * count


def resolve_dialogue(known: Known, written: Any, shot: Map | None) -> tuple[Line, ...]:
    """The lines of a shot."""
    if not written:
        return ()
    items = written if isinstance(written, list) else [written]
    tree, at = (shot["dialogue"], shot.marks["dialogue"][1]) if shot is not None else (None, 0)
    lines = []
    for part, item in zip(parts(known, tree, at, len(items)), items, strict=True):
        is_short = isinstance(item, str) or item is None
        lines.append(resolve_line(part, AsWritten({"line": item}) if is_short else item))
    return tuple(lines)


def resolve_line(part: Part, model: LineModel | AsWritten) -> Line:
    """One line, of dialogue or narration."""
    known = part.known
    speaker = model.speaker
    if speaker is not None and not known.refer(
        "character", "characters", speaker, known.characters, part.at("speaker")
    ):
        speaker = None
    words = known.in_languages(model.line, part.at("line"), spoken=True)
    if not words.text.strip():
        known.sources.error(part.at("line"), "the line says nothing", "write what is said")
    return Line(
        words,
        speaker,
        model.delivery or "",
        resolve_voice(part, model.voice),
        part.read(measures.level_db, model.gain, "gain", 0.0),
        None,
        known.sources.place(part.at("line")),
    )


def resolve_voice(part: Part, model: VoiceModel | AsWritten | str | None) -> Voice | None:
    """A voice; the name of a node kind in place of a target means the target that ``use`` names."""
    if model is None:
        return None
    if isinstance(model, str):
        return Voice(None, {"id": part.known.voice(model, part.at("voice"))})
    inner = part.inner("voice")
    settings = {
        key: model.id if key == "id" else plain(value)
        for key, value in (inner.tree or {}).items()
        if key != "target" and value is not None
    }
    target = model.target
    if target is None or target in KINDS:
        if model.id:
            part.known.voice(model.id, inner.at("id"))
        return Voice(None, settings)
    part.known.refer("target", "targets", target, sorted(part.known.targets), inner.at("target"))
    return Voice(target, settings)


_SOUND_SUFFIXES = (".wav", ".mp3", ".m4a", ".flac", ".ogg", ".opus", ".aac", ".aiff")
"""A bare text that ends so is a file, as for pictures; anything else is words."""


def resolve_sound(part: Part, model: SoundModel | str) -> Sound:
    """Ambience, and what all sounds have in common."""
    if isinstance(model, str):
        loc = part.known.sources.place(part.position)
        if model.lower().endswith(_SOUND_SUFFIXES):
            return Sound(file=part.known.file(model, part.position, "sound file"), loc=loc)
        return Sound(make=model, loc=loc)
    if (model.make is None) == (model.file is None):
        part.known.sources.error(
            part.position,
            "a sound is either made or a file",
            "give it one of `make: words` and `file: path`",
        )
    file = part.known.file(model.file, part.at("file"), "sound file") if model.file else ""
    return Sound(
        make=model.make or "",
        file=file,
        gain_db=part.read(measures.level_db, model.gain, "gain", None),
        takes=int(model.takes or 1),
        loc=part.known.sources.place(part.position),
    )


def resolve_soundtrack(
    known: Known, model: Soundtrack, tree: Map, position: int, timeline: Timeline
) -> ResolvedSoundtrack:
    """The sound of the film, tied to its shots."""
    whole = Part(known, tree, position)
    return ResolvedSoundtrack(
        narration=tuple(
            _narration(part, line, timeline)
            for part, line in _each(whole, "narration", model.narration)
        ),
        music=tuple(
            _music(part, piece, timeline) for part, piece in _each(whole, "music", model.music)
        ),
        effects=tuple(
            _effect(part, effect, timeline)
            for part, effect in _each(whole, "effects", model.effects)
        ),
        loudness_lufs=whole.read(measures.loudness_lufs, model.loudness, "loudness", -16.0),
        loc=known.sources.place(whole.position),
    )


def _each(whole: Part, name: str, value: Any) -> list[tuple[Part, Any]]:
    if value is None or whole.tree is None:
        return []
    items = value if isinstance(value, list) else [value]
    found = parts(whole.known, whole.tree[name], whole.at(name), len(items))
    return list(zip(found, items, strict=True))


def _narration(part: Part, model: Narration, timeline: Timeline) -> Line:
    line = resolve_line(part, model)
    moment = timeline.moment(model.at or "0s", part.at("at"))
    return Line(line.words, line.speaker, line.delivery, line.voice, line.gain_db, moment, line.loc)


def _music(part: Part, model: Music | str, timeline: Timeline) -> Sound:
    sound = resolve_sound(part, model)
    if isinstance(model, str):
        return sound
    duck = part.read(measures.level_db, model.duck, "duck", 0.0)
    over = timeline.span(model.over, part.at("over")) if model.over is not None else None
    return Sound(
        sound.make,
        sound.file,
        sound.gain_db,
        duck_db=-abs(duck),
        over=over,
        takes=sound.takes,
        loc=sound.loc,
    )


def _effect(part: Part, model: Effect, timeline: Timeline) -> Sound:
    sound = resolve_sound(part, model)
    return Sound(
        sound.make,
        sound.file,
        sound.gain_db,
        at=timeline.moment(model.at, part.at("at")),
        length=part.read(measures.length, model.length, "length", None),
        takes=sound.takes,
        loc=sound.loc,
    )
