"""``mix``: everything that sounds, as one continuous track of exactly the film's length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fvbuild.engine.action import Action, InputFile, Made, Outcome
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.graph import Kind, Node
from fvbuild.errors import MediaError
from fvbuild.media.mix_identity import mix_identity
from fvbuild.rules.making import path_of
from fvbuild.rules.rule import Rule
from fvbuild.rules.score import begins, cues, placed, samples, settled_layout
from fvbuild.rules.stage import Stage
from fvbuild.rules.timeline import Layout
from fvbuild.timecode import samples_at


def _of_film(stage: Stage) -> Iterable[Node]:
    entries, inputs = cues(stage)
    timeline = stage.timeline
    params: dict[str, Any] = {"cues": entries, "encoder": of_value(mix_identity())}
    if entries:
        params["loudness_lufs"] = stage.film.sound.loudness_lufs
    if timeline.known:
        params.update(_laid(params, timeline.layout))
    else:
        params["timeline"] = timeline.written()
        inputs = [*inputs, *stage.lengths(*stage.views)]
    yield Node(
        stage.of_film("sound/mix"),
        "mix",
        params,
        tuple(inputs),
        loc=str(stage.film.sound.loc),
        title="the film's sound",
    )


def _laid(params: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    total = samples_at(layout.total, layout.fps)
    return {"cues": placed(params["cues"], layout), "samples": total}


def _settle(
    params: Mapping[str, Json], facts: Mapping[str, tuple[Json, ...]]
) -> Mapping[str, Json]:
    layout = settled_layout(params, facts)
    if layout is None:
        return params
    rest = {name: value for name, value in params.items() if name != "timeline"}
    return {**rest, **_laid(params, layout)}


def _make(action: Action) -> Outcome:
    from fvbuild.media.mix import mix_film

    params: Mapping[str, Any] = action.params
    path = action.folder / "mix.m4a"
    scratch = action.folder / "stems"
    scratch.mkdir()
    previous = action.previous[0].path if action.previous else None
    facts = mix_film(
        _cues(action, params["cues"]),
        params["samples"],
        params.get("loudness_lufs"),
        path,
        previous=previous,
        scratch=scratch,
        check_cancelled=action.check_cancelled,
        progress=lambda done: action.progress(done, "mixing"),
    )
    known: dict[str, Json] = {"samples": facts.samples, "seconds": facts.seconds}
    return Outcome((Made("audio/mp4", path, facts=known),))


def _cues(action: Action, entries: list[dict[str, Any]]) -> list[Any]:
    """The cues with the sounds they play; the next sound of a role belongs to its next cue."""
    from fvbuild.media.mix import Cue

    taken: dict[str, int] = {}
    sounds: list[InputFile] = []
    for entry in entries:
        role = entry["role"]
        at = taken.get(role, 0)
        taken[role] = at + 1
        found = action.inputs.get(role, ())
        if at >= len(found):
            raise MediaError(f"{action.node}: a sound is missing: {role} {at + 1}")
        sounds.append(found[at])
    lengths = [_samples_of(action, sound) for sound in sounds]
    return [
        Cue(
            path_of(action, sound, entry["role"]),
            sound.digest,
            at,
            entry.get("length"),
            gain_db=entry.get("gain_db", 0.0),
            fade_in=entry.get("fade", 0),
            fade_out=entry.get("fade", 0),
            loop=entry.get("loop", False),
            duck_db=entry.get("duck_db", 0.0),
            speech=entry["role"] == "speech",
        )
        for entry, sound, at in zip(entries, sounds, begins(entries, lengths), strict=True)
    ]


def _samples_of(action: Action, sound: InputFile) -> int:
    if "seconds" in sound.facts:
        return samples(sound.facts["seconds"])
    from fvbuild.media.sound import probe_sound

    return probe_sound(path_of(action, sound, sound.role)).samples


RULES = (Rule(Kind("mix", make=_make, settle=_settle, beside_store=True), of_film=_of_film),)
