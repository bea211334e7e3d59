"""``cut``: the film, put together from conformed clips without decoding any of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.action import Action, InputFile, Made, Outcome
from fvbuild.engine.graph import Input, Kind, Node
from fvbuild.film.resolved import Output
from fvbuild.media.profile import JoiningProfile
from fvbuild.rules.making import form, path_of, profile_of, text_of
from fvbuild.rules.rule import Rule
from fvbuild.rules.stage import Stage, is_film

if TYPE_CHECKING:
    from fvbuild.media.mp4.assembly import Chapter, Footage, Subtitles

ASSEMBLY = "application/x-fvbuild-assembly"
"""Media type of a film that is described, not copied: the store writes the real file from it."""

_REMUXED = {"mkv": "video/x-matroska", "mov": "video/quicktime"}


def _of_output(stage: Stage, output: Output) -> Iterable[Node]:
    if not is_film(output):
        return
    film, timeline = stage.film, stage.timeline
    inputs = [Input("clip", clip) for clip in stage.clips(output)]
    joins, after = [], []
    for view in stage.views:
        join = timeline.joins[view.number]
        if join is None:
            continue
        joins.append([view.number, *join])
        if stage.is_joined(view):
            after.append(view.number)
            inputs.append(Input("transition", stage.join(output, view)))
    inputs.append(Input("mix", stage.of_film("sound/mix")))
    inputs.extend(
        [Input("subtitles", stage.of_film(f"sound/subtitles/{lang}")) for lang in output.subtitles]
    )
    inputs.append(Input("titles", stage.of_film("cut/titles")))
    params: dict[str, Any] = {"container": output.container, "language": film.lang}
    params.update(form(output.size or film.size, film.fps))
    if joins:
        params.update(joins=joins, after=after)
    if output.subtitles:
        params["subtitles"] = list(output.subtitles)
    yield Node(
        stage.of_output(output),
        "cut",
        params,
        tuple(inputs),
        out=stage.delivered(output),
        blocked=_blocked(output),
        loc=str(output.loc),
        title=film.title.text,
    )


def _blocked(output: Output) -> str | None:
    if output.container == "mp4" or output.container in _REMUXED:
        return None
    return (
        f"a film cannot be put into {output.container} without encoding it again, which nothing "
        f"does yet: set `outputs.{output.name}.container` to mp4, mov or mkv"
    )


def _make(action: Action) -> Outcome:
    from fvbuild.media.mp4.assembly import Sound, assemble

    params: Mapping[str, Any] = action.params
    profile = profile_of(params)
    mix, titles = action.one("mix"), action.one("titles")
    known: dict[str, Any] = json.loads(text_of(titles)) if titles is not None else {}
    document = assemble(
        _footage(action, params, profile),
        profile,
        sound=Sound(path_of(action, mix, "mix"), mix.digest, params["language"]) if mix else None,
        subtitles=_subtitles(action, params.get("subtitles", ())),
        chapters=_chapters(known.get("chapters", ())),
        title=known.get("title", ""),
        previous=_previous(action),
    )
    container = params["container"]
    if container in _REMUXED:
        made = _remuxed(action, document, container)
    else:
        path = action.folder / "assembly"
        path.write_bytes(document)
        made = Made(ASSEMBLY, path)
    return Outcome((made,))


def _previous(action: Action) -> bytes | None:
    """The document of the last cut, if it was one: what it knows of equal clips is copied."""
    last = action.previous[0] if action.previous else None
    if last is None or last.path is None or last.media_type != ASSEMBLY:
        return None
    return last.path.read_bytes()


def _footage(action: Action, params: Mapping[str, Any], profile: JoiningProfile) -> list[Footage]:
    """The pieces of the film in order: whole groups of pictures, and transitions between them."""
    from fvbuild.media.mp4.assembly import Footage
    from fvbuild.media.transition import Join, Mix, fit_transitions, plan_pieces

    clips = action.inputs.get("clip", ())
    made = dict(zip(params.get("after", ()), action.inputs.get("transition", ()), strict=True))
    joins: list[Join | None] = [None] * len(clips)
    for number, kind, frames in params.get("joins", ()):
        joins[number] = Join(kind, frames)
    lengths = [_frames(action, clip) for clip in clips]
    footage = []
    for piece in plan_pieces(lengths, fit_transitions(lengths, joins), profile.gop):
        if isinstance(piece, Mix):
            join = made[piece.shot]
            footage.append(Footage(path_of(action, join, "transition"), join.digest))
        else:
            clip = clips[piece.shot]
            path = path_of(action, clip, "clip")
            footage.append(Footage(path, clip.digest, piece.start, piece.stop))
    return footage


def _frames(action: Action, clip: InputFile) -> int:
    frames = clip.facts.get("frames")
    if isinstance(frames, int):
        return frames
    from fvbuild.media.clip import probe

    return probe(path_of(action, clip, "clip")).frames


def _subtitles(action: Action, languages: Iterable[str]) -> list[Subtitles]:
    from fvbuild.media.mp4.assembly import Subtitles

    given = action.inputs.get("subtitles", ())
    return [
        Subtitles(lang, tuple(_cues(text_of(one))))
        for lang, one in zip(languages, given, strict=True)
    ]


_TIME = re.compile(r"(\d+):(\d\d):(\d\d),(\d{3})")


def _cues(srt: str) -> list[Any]:
    """The cues of a SubRip text as the ``subtitles`` kind writes it."""
    from fvbuild.media.subtitles import Cue

    cues = []
    for block in srt.strip().split("\n\n") if srt.strip() else ():
        lines = block.split("\n")
        start, end = (_seconds(time) for time in lines[1].split(" --> "))
        cues.append(Cue(start, end, "\n".join(lines[2:])))
    return cues


def _seconds(text: str) -> Fraction:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a time of SubRip")
    hours, minutes, seconds, thousandths = map(int, match.groups())
    return hours * 3600 + minutes * 60 + seconds + Fraction(thousandths, 1000)


def _chapters(chapters: Iterable[Any]) -> list[Chapter]:
    from fvbuild.media.mp4.assembly import Chapter

    return [Chapter(frame, title) for frame, title in chapters]


def _remuxed(action: Action, document: bytes, container: str) -> Made:
    from fvbuild.media.mp4.assembly import write_assembly
    from fvbuild.media.remux import remux

    paths: dict[str, Path] = {
        given.digest: given.path
        for found in action.inputs.values()
        for given in found
        if given.path is not None
    }
    whole, path = action.folder / "whole.mp4", action.folder / f"film.{container}"
    write_assembly(document, paths.__getitem__, whole)
    remux(whole, path)
    whole.unlink()
    return Made(_REMUXED[container], path)


RULES = (Rule(Kind("cut", version=2, make=_make, beside_store=True), of_output=_of_output),)
